//! What several programs have in common: answers that are kept for all of them, and a turn at a
//! question, so that one of them calls and the others wait for what it brings. The gateway's nodes
//! have one; a workstation has none.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::key::Key;
use crate::request::Request;
use crate::tier::Stored;

/// The header by which our own gateway is told what kind of text a question holds:
/// [`crate::DataClass::as_str`].
pub const DATA_CLASS: &str = "begrip-data-class";

/// The header with the version of the prompt's wording.
pub const PROMPT_VERSION: &str = "begrip-prompt-version";

/// The header with the version of the rule pack.
pub const PACK_VERSION: &str = "begrip-pack-version";

/// The header with the arm of an experiment.
pub const ARM: &str = "begrip-arm";

/// A tier that programs share. What goes wrong in it never fails a question: then it is asked alone.
pub trait SharedTier: Send + Sync {
    /// Waits for this program's turn at a question: until an answer is kept, or nobody else calls.
    /// Dropping the future is giving up.
    fn turn<'a>(&'a self, key: &'a Key, request: &'a Request) -> BoxFuture<'a, Turn>;
}

/// What a program is to do about a question.
pub enum Turn {
    /// Nothing: here is a fresh answer.
    Kept(Arc<Stored>),
    /// Call; others wait for as long as the claim is held.
    Call(Box<dyn Claim>),
    /// Call; nobody else waits for it.
    Alone,
}

/// The right to call, held until it is dropped.
pub trait Claim: Send + Sync {
    /// Keeps the answer for everybody; returns when the others can read it.
    fn answered(self: Box<Self>, stored: Arc<Stored>) -> BoxFuture<'static, ()>;
}
