use begrip_domain::{Category, Context};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DraftInput;
use crate::UserError;

/// A file that the user chose.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobFile {
    /// Its name, which becomes the batch's.
    pub name: String,
    /// Its bytes in Base64; at most 10 MB.
    pub content: String,
}

/// What a file of terms holds.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobPreview {
    /// Rows that are not blank.
    pub rows: u32,
    /// Different questions: as many calls at most, and as many repairs.
    pub questions: u32,
    /// Rows with a fault, which are skipped.
    pub faulty: u32,
    /// The first rows, at most 50.
    pub first: Vec<JobPreviewRow>,
    /// The first rows with a fault, at most 50.
    pub faults: Vec<JobPreviewRow>,
    /// Headings of columns that are left out.
    pub unknown: Vec<String>,
    /// What the user must know of how the file was read.
    pub notice: Option<UserError>,
}

/// A row of a file of terms.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobPreviewRow {
    /// Its number in the file; the first row is 1.
    pub number: u32,
    /// The term.
    pub term: String,
    /// Where it has its meaning.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// What is wrong with it, in Dutch.
    pub fault: Option<String>,
    /// An earlier row that asks the same.
    pub same_as: Option<u32>,
}

/// Makes a batch of a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobCreate {
    /// The file.
    pub file: JobFile,
    /// Names the batch, a UUID: when there is one with this id, that one is the answer and nothing is
    /// made. Left out, a new id is given.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub id: Option<String>,
    /// Start at once.
    #[serde(default)]
    pub start: bool,
}

/// Names a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobRef {
    /// Its id.
    pub id: String,
}

/// Names a row of a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobItemRef {
    /// The batch's id.
    pub id: String,
    /// The row's number.
    pub number: u32,
}

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Terms from a file.
    Batch,
    /// Drafts that wait for the network.
    Queue,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Not begun.
    Queued,
    /// Under way.
    Running,
    /// Stopped by the user, or of itself: then `halt` says why.
    Paused,
    /// Every row has ended.
    Done,
    /// Stopped for good.
    Cancelled,
}

/// A batch, and how it stands. `waiting + running + done + failed + skipped = total`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub kind: JobKind,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: JobState,
    /// Why it paused of itself.
    pub halt: Option<UserError>,
    /// Whether it goes on by itself when the cause is gone and the window is open.
    pub goes_on: bool,
    /// When it was made.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: Timestamp,
    /// When its state changed last.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub changed_at: Timestamp,
    /// Rows.
    pub total: u32,
    /// Rows that are to be asked.
    pub waiting: u32,
    /// Rows under way.
    pub running: u32,
    /// Rows with a result.
    pub done: u32,
    /// Rows with an error.
    pub failed: u32,
    /// Rows that are not asked: faulty ones, and the rest of a cancelled batch.
    pub skipped: u32,
    /// Different questions among the rows.
    pub questions: u32,
    /// Seconds until it is ready, about; none when it does not run here or too little is known.
    pub eta_s: Option<u32>,
}

/// Asks for a page of a batch's rows.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobItems {
    /// The batch's id.
    pub id: String,
    /// Only rows that stand so.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub state: Option<JobItemState>,
    /// How many to pass over.
    #[serde(default)]
    pub offset: u32,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// How a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobItemState {
    /// Not asked.
    Waiting,
    /// Under way.
    Running,
    /// There is a result.
    Done,
    /// There is an error.
    Failed,
    /// Not asked, and will not be.
    Skipped,
}

/// A page of rows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobItemPage {
    /// The rows in the order of the file.
    pub items: Vec<JobItemView>,
    /// How many there are in all.
    pub total: u32,
}

/// A row with what came of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobItemView {
    /// Its number in the file.
    pub number: u32,
    /// The earlier row that asked the same: its answer stands here too.
    pub same_as: Option<u32>,
    /// What was asked.
    pub input: DraftInput,
    /// How it stands.
    pub state: JobItemState,
    /// What went wrong.
    pub error: Option<UserError>,
    /// The draft with its findings and where it came from; not kept as a concept.
    #[cfg_attr(feature = "typescript", ts(type = "DefineResult | null"))]
    pub draft: Option<serde_json::Value>,
    /// The request that was made for it.
    pub request_id: Option<String>,
    /// When it ended.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub ended_at: Option<Timestamp>,
}

/// What to do with a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobAct {
    /// Its id.
    pub id: String,
    /// What.
    pub action: JobAction,
}

/// What can be done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobAction {
    /// Begin, or go on.
    Start,
    /// Ask no further rows; those under way are finished.
    Pause,
    /// Stop for good; results stay.
    Cancel,
    /// Ask the failed rows again.
    Retry,
}

/// Asks for a batch as a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobExport {
    /// Its id.
    pub id: String,
    /// The form.
    pub format: JobFormat,
}

/// Forms of a file with results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobFormat {
    /// A table for a spreadsheet, as text.
    Csv,
    /// A workbook.
    Xlsx,
    /// Everything, for programs.
    Json,
}

/// A file to be kept.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct JobFileOut {
    /// A name for it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes in Base64.
    pub content: String,
}
