//! What is told of each call and each question, for the ledger; and who may hold a call back.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::answer::Usage;
use crate::counters::Fate;
use crate::error::LlmError;
use crate::key::Key;
use crate::request::{CacheScope, Request};

/// Is asked before each call and told of its end, and told of each question.
///
/// `admit` and `observe` run on threads that may wait for a disk; `question` runs on the way of the
/// answer and must be quick.
pub trait CallObserver: Send + Sync {
    /// Whether this call may be made. The ticket comes back in the report of the call: what was set
    /// aside for it can be settled then. Each attempt is asked for by itself.
    ///
    /// # Errors
    /// [`LlmError::OverLimit`] when a limit leaves no room for it, [`LlmError::LedgerAway`] when
    /// nobody can tell. Nothing is sent then.
    fn admit(&self, _: &CallPlan) -> Result<Ticket, LlmError> {
        Ok(Ticket::default())
    }

    /// Takes the report of a call that has ended, whatever its end.
    fn observe(&self, report: &CallReport);

    /// Takes what became of a question: once for each, also for one that its asker left.
    fn question(&self, _: &QuestionReport<'_>) {}
}

/// Lets every call through and keeps nothing.
impl CallObserver for () {
    fn observe(&self, _: &CallReport) {}
}

/// What [`CallObserver::admit`] gives: a number of its own choice.
pub type Ticket = i64;

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallPlan {
    /// Now.
    pub at: Timestamp,
    /// 1 for the first call of a question.
    pub attempt: u32,
    /// What it is for, see [`Request::task`].
    pub task: &'static str,
    /// The model that is asked.
    pub model: String,
    /// Who asks, see [`Request::account`].
    pub account: String,
    /// The `x-request-id` that goes along.
    pub request_id: String,
    /// Tokens of the prompt.
    pub tokens_in: u32,
    /// The most tokens that the answer may have, if that was said.
    pub tokens_out: Option<u32>,
    /// For whom and under which versions is asked.
    pub scope: CacheScope,
}

impl CallPlan {
    /// The plan of an attempt at a request.
    pub(crate) fn of(
        request: &Request,
        at: Timestamp,
        attempt: u32,
        request_id: &str,
        tokens_in: u32,
    ) -> Self {
        let said = |name: &str| u32::try_from(request.extra.get(name)?.as_u64()?).ok();
        Self {
            at,
            attempt,
            task: request.task,
            model: request.model.clone(),
            account: request.account.clone(),
            request_id: request_id.to_owned(),
            tokens_in,
            tokens_out: request
                .max_tokens
                .or_else(|| said("max_completion_tokens").max(said("max_tokens"))),
            scope: request.scope.clone(),
        }
    }
}

/// A limit that leaves no room for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// What one call may take.
    Call,
    /// What the calls of a day may take together.
    Day,
    /// What the calls of a month may take together.
    Month,
}

/// One call: one HTTP request. A question that is tried again has one for each attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct CallReport {
    /// What [`CallObserver::admit`] gave for it.
    pub ticket: Ticket,
    /// When it began.
    pub started_at: Timestamp,
    /// 1 for the first call of a question.
    pub attempt: u32,
    /// What it was for, see [`Request::task`].
    pub task: &'static str,
    /// From the request to the end of the reply.
    pub latency: Duration,
    /// From the request to the first piece of text.
    pub first_piece: Option<Duration>,
    /// `ok`, or [`crate::LlmError::code`].
    pub outcome: &'static str,
    /// The HTTP status, if there was a reply.
    pub status: Option<u16>,
    /// Tokens, by the reply's word or counted here; also for a reply that broke off.
    pub usage: Usage,
    /// The model that was asked for.
    pub model_asked: String,
    /// The model that answered, by its own word.
    pub model_answered: Option<String>,
    /// The `x-request-id` that was sent, the same for all attempts of a question.
    pub request_id: String,
    /// The `x-request-id` of the reply.
    pub server_request_id: Option<String>,
    /// The server's address, without anything secret.
    pub address: String,
    /// For whom and under which versions was asked.
    pub scope: CacheScope,
    /// The key of the question.
    pub key: Key,
}

/// What became of a question.
#[derive(Clone, Copy, Debug)]
pub struct QuestionReport<'a> {
    /// When it was asked.
    pub at: Timestamp,
    /// The question.
    pub request: &'a Request,
    /// What became of it, as the counters have it.
    pub fate: Fate,
    /// The tokens that a kept or shared answer saved; zero when a call was made for it, or none came.
    pub saved: Usage,
    /// True when it had no answer here and is put to the model that stands ready ([`Request::once`]):
    /// what becomes of it there is what became of it.
    pub passed_on: bool,
}
