//! A job and its rows as a screen or script sees them.

use begrip_store::{ItemState, StoredItem, StoredJob};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

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

    /// A row as it is shown.
    pub(super) fn item_shown(&self, item: StoredItem) -> JobItemView {
        let input = read(&item.input).unwrap_or(DraftInput {
            term: item.term.clone(),
            ..DraftInput::default()
        });
        let draft = item.result.as_deref().and_then(read);
        let draft = draft.map(|draft| self.draft_shown(&input, draft));
        shown(item, input, draft)
    }

    /// A draft is kept with its placeholders; what they stand for is in its own question.
    fn draft_shown(&self, input: &DraftInput, mut draft: Value) -> Value {
        let Ok(reply) = serde_json::from_value(draft["reply"].clone()) else {
            return draft;
        };
        let mut input = input.clone();
        let assumed = serde_json::from_value(draft["assumed"]["category"].clone()).ok();
        input.category = input.category.or(assumed);
        // What can no longer be read as a question is shown as it was kept.
        if let Ok(Some(back)) = self.put_back(&self.pack(), &input, &reply) {
            draft["reply"] = json!(back.reply);
            draft["report"] = json!(back.report);
            draft["put_back"] = json!(back.put_back);
        }
        draft
    }
}

fn shown(item: StoredItem, input: DraftInput, draft: Option<Value>) -> JobItemView {
    JobItemView {
        number: item.number,
        same_as: item.follows,
        input,
        state: match item.state {
            ItemState::Waiting => JobItemState::Waiting,
            ItemState::Running => JobItemState::Running,
            ItemState::Done => JobItemState::Done,
            ItemState::Failed => JobItemState::Failed,
            ItemState::Skipped => JobItemState::Skipped,
        },
        error: item.error.as_deref().and_then(read),
        draft,
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
