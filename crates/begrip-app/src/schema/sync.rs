use begrip_domain::ConceptId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::review::ReviewNews;
use crate::UserError;

/// How sharing with other organisations stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SyncStatus {
    /// True when an address and a token are there.
    pub configured: bool,
    /// The server's address; empty when there is none.
    pub address: String,
    /// For which organisation; empty before the first sync.
    pub organisation: String,
    /// Concepts that are shared.
    pub shared: u32,
    /// Changes that wait for the server.
    pub waiting: u32,
    /// Concepts with changes that the server did not take.
    pub conflicts: u32,
    /// Proposals that wait for the user: to decide upon, or sent back.
    pub to_review: u32,
    /// Whether the user is an administrator of the organisation, as the server last said.
    pub administers: bool,
    /// When a sync last came to its end.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub synced_at: Option<Timestamp>,
    /// When this computer and the server were last found to hold the same, by their checksums.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub equal_at: Option<Timestamp>,
    /// What kept the latest sync of this program from its end.
    pub error: Option<UserError>,
    /// What kept this program from taking over the rules or experiments that the server hands out.
    pub published_error: Option<UserError>,
    /// What became of the user's own proposals and was not seen yet, the latest first.
    pub news: Vec<ReviewNews>,
}

/// A sync.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct SyncRequest {
    /// Compare the checksums of both ends at the end.
    pub compare: bool,
    /// The user has seen that very many concepts are withdrawn at once, and wants it so.
    pub accept_withdrawals: bool,
}

/// What a sync did.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SyncReport {
    /// Changes that got an answer.
    pub pushed: u32,
    /// Of those, the ones that were not taken.
    pub not_taken: u32,
    /// Concepts that the server told.
    pub pulled: u32,
    /// Ranges that were read again because they differed.
    pub repaired: u32,
    /// Whether both ends hold the same; `null` when that was not compared.
    pub equal: Option<bool>,
    /// How it stands now.
    pub status: SyncStatus,
}

/// With whom a concept is shared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum ShareWith {
    /// The own organisation.
    Organisation,
    /// That one and these.
    Named {
        /// Their names.
        organisations: Vec<String>,
    },
    /// Every organisation.
    Chain,
}

/// Shares a concept, or shares it more widely.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ShareConcept {
    /// The concept.
    pub id: ConceptId,
    /// With whom.
    #[serde(flatten)]
    pub with: ShareWith,
}

/// How a concept stands in sharing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptSharing {
    /// True when a server is set up, so that it can be shared.
    pub possible: bool,
    /// With whom; `null` when it is not shared.
    pub with: Option<ShareWith>,
    /// The organisation that shared it first; empty until the server has it.
    pub owner: String,
    /// Who made the latest change that the server told; empty until the server has it.
    pub by: String,
    /// Changes that wait for the server.
    pub waiting: u32,
    /// True when the server did not take a change.
    pub conflict: bool,
}

/// A concept with changes that the server did not take.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SyncConflict {
    /// The concept.
    pub id: ConceptId,
    /// Its term, as the user sees it.
    pub term: String,
    /// Why.
    pub why: ConflictReason,
    /// Who made the text at the server, and for whom; empty when the server has none.
    pub by: String,
    /// The fields in which both texts differ.
    pub fields: Vec<ConflictField>,
}

/// Why a change was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConflictReason {
    /// Somebody else changed the same first.
    Stale,
    /// It builds upon a version that the server does not have.
    MissingBase,
    /// The concept was withdrawn for everybody.
    Deleted,
    /// The role does not allow it, or the concept belongs to another organisation.
    NotAllowed,
    /// It would empty a definition or a term.
    Empties,
    /// The server does not take such a text.
    Invalid,
    /// Very many concepts were withdrawn at once.
    TooManyDeletions,
    /// The text waits for a review or was established.
    UnderReview,
    /// Something that this program does not know.
    Unknown,
}

/// A field in which two texts differ, each side as lines of text.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConflictField {
    /// Its name, as in a concept.
    pub name: String,
    /// What both began from.
    pub base: Vec<String>,
    /// The user's own.
    pub mine: Vec<String>,
    /// The server's.
    pub theirs: Vec<String>,
}

/// One of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The user's own.
    Mine,
    /// The server's.
    Theirs,
}

/// Ends a conflict. What is not chosen stays in the history.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SettleConflict {
    /// The concept.
    pub id: ConceptId,
    /// Which text holds.
    pub take: Side,
    /// Fields for which the other text holds.
    #[serde(default)]
    pub except: Vec<String>,
}

/// Begins to sign in.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct SignInRequest {
    /// Open the page in the system's browser.
    pub open: bool,
}

/// A sign-in that waits for the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignInBegun {
    /// The page where the user signs in.
    pub address: String,
    /// Whether a browser was opened on it.
    pub opened: bool,
}

/// As whom this computer speaks to the central server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AccountView {
    /// Whether a server is set up to sign in at.
    pub server: bool,
    /// By what the server knows the user.
    pub by: AccountBy,
    /// Name, as the issuer says it; empty for a token.
    pub name: String,
    /// Where the user signed in; empty for a token.
    pub issuer: String,
    /// Name of the account on the server; empty before the first answer.
    pub account: String,
    /// For which organisation; empty before the first answer.
    pub organisation: String,
    /// `reader`, `author`, `reviewer` or `administrator`; empty before the first answer.
    pub role: String,
    /// The page where a sign-in that has begun waits for the user.
    pub waits_at: Option<String>,
    /// The sign-in has ended and the user must sign in again.
    pub ended: bool,
    /// The sign-in holds, and the user must sign in again soon: the issuer gave nothing to renew it by.
    pub notice: Option<UserError>,
}

/// By what the server knows the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AccountBy {
    /// By a sign-in.
    SignIn,
    /// By a token that an administrator made.
    Token,
    /// By nothing.
    Nothing,
}
