//! One client for every model that speaks the OpenAI protocol, behind a response cache.
//!
//! A question goes through [`Model::ask`], the texts that are put in order through [`Model::embed`],
//! and nothing else sends a user's text to a model:
//!
//! ```text
//! ask ─ key ─ memory ─ disk ─ flight (joined by everyone who asks the same now)
//!                               └ upstream: prompt limit, breaker, attempts, retry budget
//!                                   └ call: HTTP, event stream, limits, time-outs, cancel
//! ```
//!
//! - [`endpoint`]: where a model is; [`secret`]: keys that cannot be printed.
//! - [`request`], [`key`]: a question, and the key that stands for it.
//! - [`sse`], `reply`, `call`: one HTTP request and its reply.
//! - `upstream`, [`retry`], [`breaker`], `adapt`: all requests that a question takes; `embed`: the
//!   one of texts that are put in order.
//! - [`shared`]: answers and calls that several programs have in common.
//! - `question`: what becomes of one; [`tier`], `cache`, `flight`, [`counters`]: answers kept, questions joined, both counted.
//! - [`observe`]: what the ledger is told of each call. [`mod@probe`]: the settings' test button.
//!
//! The crate knows no database: the tier on disk is a [`DiskTier`] that the program brings along.
//!
//! ```
//! # use std::sync::Arc;
//! use begrip_llm::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = begrip_mock_model::MockModel::start(Default::default()).await?;
//! let model = Model::new(Setup::default());
//! model.configure(Some(Endpoint::new(server.url(), "gpt-4o")))?;
//! let messages = vec![Message::new(Role::User, "Wat is een vonnis?")];
//! let request = Request::new("gpt-4o", messages, CacheScope::default());
//! let accept: Validate = Arc::new(|_text| Ok(()));
//! let cancel = CancellationToken::new();
//! for calls in [1, 0] {
//!     let show = |piece: Piece<'_>| print!("{}", piece.text);
//!     let policy = CachePolicy::Use;
//!     let answer = model.ask(request.clone(), policy, accept.clone(), show, &cancel).await?;
//!     assert_eq!(answer.calls, calls);
//! }
//! # Ok(())
//! # }
//! ```

mod adapt;
pub mod answer;
pub mod breaker;
mod cache;
mod call;
mod client;
pub mod counters;
mod embed;
pub mod endpoint;
pub mod error;
mod flight;
pub mod key;
mod model;
pub mod observe;
pub mod probe;
mod question;
mod refusal;
mod reply;
pub mod request;
pub mod retry;
pub mod secret;
pub mod shared;
pub mod sse;
pub mod tier;
mod upstream;

use std::sync::Arc;

pub use answer::{Answer, CachePolicy, CacheUse, FinishReason, Piece, Refusal, Usage};
pub use begrip_prompt::{Message, Role};
pub use breaker::{BreakerSettings, BreakerState};
pub use cache::CacheSettings;
pub use call::SHOULD_RETRY;
pub use counters::{CacheStats, Counts, Fate};
pub use endpoint::{Endpoint, Flavour, Limits, Proxy, Structured, Timeouts};
pub use error::{BadEndpoint, BadReply, LlmError, Wait};
pub use key::{Key, key_of};
pub use model::{Model, Setup};
pub use observe::{CallObserver, CallPlan, CallReport, Limit, QuestionReport, Ticket};
pub use probe::{ProbeReport, ProbeStep, probe};
pub use request::{CacheScope, DataClass, Request, nfc};
pub use retry::RetrySettings;
pub use secret::Secret;
pub use shared::{Claim, SharedTier, Turn};
pub use tier::{DiskTier, Selector, Stored, Tags, TierError};
pub use tokio_util::sync::CancellationToken;

/// Gives the time.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Counts the tokens of a text, as the model's own encoding does.
pub type CountTokens = Arc<dyn Fn(&str) -> u32 + Send + Sync>;

/// Counts tokens at four bytes each, where nobody brings the model's encoding along.
fn estimate(text: &str) -> u32 {
    u32::try_from(text.len() / 4 + 1).unwrap_or(u32::MAX)
}

/// Tells whether an answer may be kept; the error is the reason why not.
pub type Validate = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;
