//! What is told of each call, for the ledger.

use std::time::Duration;

use jiff::Timestamp;

use crate::answer::Usage;
use crate::key::Key;
use crate::request::CacheScope;

/// Is told of each call when it has ended, whatever its end. Called on the task of the call: it
/// must not block for long.
pub trait CallObserver: Send + Sync {
    /// Takes one report.
    fn observe(&self, report: &CallReport);
}

/// Does nothing with it.
impl CallObserver for () {
    fn observe(&self, _: &CallReport) {}
}

/// One call: one HTTP request.
#[derive(Clone, Debug, PartialEq)]
pub struct CallReport {
    /// When it began.
    pub started_at: Timestamp,
    /// 1 for the first call of a question.
    pub attempt: u32,
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
