use begrip_domain::{Category, Context};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::JobFile;

/// Has the central server make definitions of the terms of a file.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobCreate {
    /// The file.
    pub file: JobFile,
    /// Names the wish: with the same key and file it is one batch, however often it is asked. Left
    /// out, it is asked this once.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub key: Option<String>,
}

/// How a batch on the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ServerJobState {
    /// Not begun.
    Queued,
    /// Under way.
    Running,
    /// Every row has ended.
    Done,
    /// Stopped for good.
    Cancelled,
}

/// A batch on the server. `queued + running + done + failed = total`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJob {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The model that is asked.
    #[serde(default)]
    pub model: String,
    /// How it stands.
    pub state: ServerJobState,
    /// Whether the user made it, and not somebody else of the organisation.
    #[serde(default)]
    pub own: bool,
    /// Why nothing of it is asked now.
    pub halt: Option<ServerJobTold>,
    /// Why the server itself ended it.
    #[serde(default)]
    pub ended: Option<ServerJobEnded>,
    /// When it was made.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: Timestamp,
    /// Rows.
    pub total: u32,
    /// Rows that wait.
    pub queued: u32,
    /// Rows under way.
    pub running: u32,
    /// Rows with a definition.
    pub done: u32,
    /// Rows with an error; of a batch that was stopped, the rows that were not asked too.
    pub failed: u32,
    /// Different questions among the rows.
    pub questions: u32,
    /// Whole seconds until it is ready, about; none when too little is known.
    pub eta_s: Option<f64>,
}

impl ServerJob {
    /// Whether nothing of it can change any more by itself.
    pub fn is_over(&self) -> bool {
        matches!(self.state, ServerJobState::Done | ServerJobState::Cancelled) && self.running == 0
    }
}

/// What the server says went wrong.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobTold {
    /// The server's name for it.
    #[serde(default)]
    pub error: String,
    /// What went wrong, in Dutch, with what to do.
    pub message: String,
    /// The same in English.
    #[serde(default)]
    pub english: String,
    /// Until when the server waits before it tries again.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub until: Option<Timestamp>,
}

/// Why the server ended a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobEnded {
    /// The server's name for it.
    #[serde(default)]
    pub error: String,
    /// Why, in Dutch.
    pub message: String,
    /// The same in English.
    #[serde(default)]
    pub english: String,
    /// Why nothing of it was asked then.
    #[serde(default)]
    pub last: Option<ServerJobTold>,
}

/// How a row on the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ServerRowState {
    /// Not asked.
    Queued,
    /// Under way.
    Running,
    /// There is a definition.
    Done,
    /// There is an error.
    Failed,
}

impl ServerRowState {
    /// As the server writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Asks for a page of the rows of a batch on the server.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobRows {
    /// The batch's id.
    pub id: String,
    /// Only rows that stand so.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub state: Option<ServerRowState>,
    /// Rows after this number.
    #[serde(default)]
    pub after: u32,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// A page of rows.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobPage {
    /// The rows in the order of the file.
    pub rows: Vec<ServerJobRow>,
    /// After which number the next page begins; none after the last one.
    pub next: Option<u32>,
}

/// A row with what came of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobRow {
    /// Its number in the file.
    pub number: u32,
    /// The earlier row that asked the same: its answer stands here too.
    pub same_as: Option<u32>,
    /// The term.
    pub term: String,
    /// Where it has its meaning.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// How it stands.
    pub state: ServerRowState,
    /// Why there is no definition.
    pub error: Option<ServerJobTold>,
    /// The definition.
    pub draft: Option<ServerJobDraft>,
}

/// A definition that the server made.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobDraft {
    /// What the model wrote.
    pub reply: ServerJobReply,
    /// The outcome of every rule, by the server's rules.
    #[cfg_attr(feature = "typescript", ts(type = "Report"))]
    pub report: serde_json::Value,
    /// Where it comes from.
    pub provenance: ServerJobOrigin,
}

/// What the model wrote of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobReply {
    /// The definition.
    pub definition: String,
}

/// Where a definition of the server comes from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobOrigin {
    /// The model.
    pub model: String,
    /// How the answer came, in the server's word.
    #[serde(default)]
    pub from: String,
}

/// What to do with a batch on the server.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerJobAct {
    /// Its id.
    pub id: String,
    /// What.
    pub action: ServerJobAction,
}

/// What can be done with a batch on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ServerJobAction {
    /// Stop for good; results stay.
    Cancel,
    /// Ask the failed rows again.
    Retry,
}
