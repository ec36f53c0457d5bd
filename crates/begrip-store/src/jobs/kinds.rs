//! What a job and an item are, and how they can stand.

use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;

macro_rules! names {
    ($(#[doc = $doc:literal])+ $type:ident { $( #[doc = $each:literal] $name:ident $text:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $( #[doc = $each] $name, )+ }

        impl $type {
            /// The name as it stands in the file.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $text, )+ }
            }

            pub(super) fn read(name: &str) -> Result<Self, StoreError> {
                match name {
                    $( $text => Ok(Self::$name), )+
                    _ => Err(StoreError::Damaged("a job's state is unknown".to_owned())),
                }
            }
        }
    };
}

names! {
    /// What a job is for.
    JobKind {
        /// Terms from a file.
        Batch "batch",
        /// Drafts that wait for the network.
        Queue "queue",
    }
}

names! {
    /// How a job stands.
    JobState {
        /// Not begun.
        Queued "queued",
        /// Under way, or broken off by the end of the program that ran it.
        Running "running",
        /// Stopped by the user, or of itself: then `halt` says why.
        Paused "paused",
        /// Every item has ended.
        Done "done",
        /// Stopped for good.
        Cancelled "cancelled",
    }
}

names! {
    /// How an item stands.
    ItemState {
        /// Not asked.
        Waiting "waiting",
        /// Under way.
        Running "running",
        /// There is a result.
        Done "done",
        /// There is an error.
        Failed "failed",
        /// Not asked, and will not be: the row has a fault, or the job was cancelled.
        Skipped "skipped",
    }
}

/// How many items stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Not asked.
    pub waiting: u32,
    /// Under way.
    pub running: u32,
    /// With a result.
    pub done: u32,
    /// With an error.
    pub failed: u32,
    /// Not to be asked.
    pub skipped: u32,
    /// Different questions among all that are or were to be asked.
    pub questions: u32,
    /// Different questions that wait or are under way.
    pub open_questions: u32,
}

/// Work of all jobs that runs or waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Jobs that run.
    pub jobs_running: u32,
    /// Items of batches that wait.
    pub rows_waiting: u32,
    /// Drafts of the queue that wait, or are under way.
    pub drafts_waiting: u32,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Names it.
    pub id: Uuid,
    /// What it is for.
    pub kind: JobKind,
    /// What the user calls it.
    pub name: String,
    /// How it stands.
    pub state: JobState,
    /// Why it paused of itself: an error as JSON; it goes on when the cause is gone.
    pub halt: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its state changed last.
    pub changed_at: Timestamp,
    /// Its items.
    pub counts: JobCounts,
}

/// An item to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Its number: the row of the file.
    pub number: u32,
    /// The term as it was given.
    pub term: String,
    /// Equal for items that ask the same.
    pub question: String,
    /// What is asked.
    pub input: String,
    /// Why it cannot be asked; then it is skipped.
    pub fault: Option<String>,
}

/// An item as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredItem {
    /// Its number.
    pub number: u32,
    /// The number of the item that asks the same and came first.
    pub follows: Option<u32>,
    /// The term.
    pub term: String,
    /// What is asked.
    pub input: String,
    /// How it stands.
    pub state: ItemState,
    /// What went wrong.
    pub error: Option<String>,
    /// The request that was made for it.
    pub request_id: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// An item that was taken to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedItem {
    /// Its number.
    pub number: u32,
    /// What is asked.
    pub input: String,
}
