//! A job and its rows as a screen or script sees them.

use begrip_store::{ItemState, StoredItem, StoredJob};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::run::goes_on;
use crate::open::Core;
use crate::schema::{DraftInput, JobItemState, JobItemView, JobKind, JobState, JobView};
use crate::{ErrorCode, UserError};

impl Core {
    /// A job as it is shown.
    pub(super) fn job_shown(&self, job: StoredJob) -> JobView {
        let counts = job.counts;
        let halt: Option<UserError> = job.halt.as_deref().and_then(read);
        JobView {
            eta_s: self.jobs.eta(job.id, counts.open_questions),
            id: job.id.to_string(),
            kind: match job.kind {
                begrip_store::JobKind::Batch => JobKind::Batch,
                begrip_store::JobKind::Queue => JobKind::Queue,
            },
            name: job.name,
            state: match job.state {
                begrip_store::JobState::Queued => JobState::Queued,
                begrip_store::JobState::Running if self.job_is_orphaned(job.id) => JobState::Paused,
                begrip_store::JobState::Running => JobState::Running,
                begrip_store::JobState::Paused => JobState::Paused,
                begrip_store::JobState::Done => JobState::Done,
                begrip_store::JobState::Cancelled => JobState::Cancelled,
            },
            goes_on: halt.as_ref().is_some_and(goes_on),
            halt,
            created_at: job.created_at,
            changed_at: job.changed_at,
            total: counts.waiting + counts.running + counts.done + counts.failed + counts.skipped,
            waiting: counts.waiting,
            running: counts.running,
            done: counts.done,
            failed: counts.failed,
            skipped: counts.skipped,
            questions: counts.questions,
        }
    }
}

/// A row as it is shown.
pub(super) fn item(item: StoredItem) -> JobItemView {
    JobItemView {
        number: item.number,
        same_as: item.follows,
        input: read(&item.input).unwrap_or(DraftInput {
            term: item.term,
            ..DraftInput::default()
        }),
        state: match item.state {
            ItemState::Waiting => JobItemState::Waiting,
            ItemState::Running => JobItemState::Running,
            ItemState::Done => JobItemState::Done,
            ItemState::Failed => JobItemState::Failed,
            ItemState::Skipped => JobItemState::Skipped,
        },
        error: item.error.as_deref().and_then(read),
        draft: item.result.as_deref().and_then(read),
        request_id: item.request_id,
        ended_at: item.ended_at,
    }
}

pub(super) fn stored_state(state: JobItemState) -> ItemState {
    match state {
        JobItemState::Waiting => ItemState::Waiting,
        JobItemState::Running => ItemState::Running,
        JobItemState::Done => ItemState::Done,
        JobItemState::Failed => ItemState::Failed,
        JobItemState::Skipped => ItemState::Skipped,
    }
}

/// What this program has written; none when a newer or damaged one cannot be read.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// As JSON for the store.
pub(super) fn written(value: &impl Serialize) -> Result<String, UserError> {
    serde_json::to_string(value)
        .map_err(|error| UserError::new(ErrorCode::StoreFailed, error.to_string()))
}
