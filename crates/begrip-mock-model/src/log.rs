//! One record for each call: the independent witness of what a program asked.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use axum::http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::behaviour::Behaviour;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is still being answered.
    Running,
    /// The whole answer was handed over.
    Completed,
    /// The caller closed the connection before the end.
    Cancelled,
    /// A fault that was asked for, or a refusal (400, 401, 429 over capacity).
    Fault,
}

/// One call to the chat endpoint, or for embeddings: the path tells.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// 1 for the first call since the start or the last reset.
    pub sequence: u32,
    /// When the request arrived.
    pub received_at: Timestamp,
    /// The path of the request.
    pub path: String,
    /// The request's `x-request-id` header.
    pub request_id: Option<String>,
    /// Whether an `Authorization` or `api-key` header came along. The key itself is not kept.
    pub authorization: bool,
    /// The model that was asked for.
    pub model: String,
    /// The term that the request is about, as far as it could be read from the messages.
    pub term: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The request's body; null when bodies are not kept.
    pub body: Value,
    /// The behaviour that was chosen, see [`crate::Behaviour::name`].
    pub behaviour: &'static str,
    /// The HTTP status of the answer; 0 while there is none.
    pub status: u16,
    /// Tokens of the prompt that were worked on; 0 for a refused request.
    pub tokens_in: u32,
    /// Tokens of the answer that were handed over.
    pub tokens_out: u32,
    /// Milliseconds from the request to the first token, if there was one.
    pub first_token_ms: Option<f64>,
    /// Milliseconds from the request to its end; 0 while it runs.
    pub total_ms: f64,
    /// How it ended.
    pub outcome: Outcome,
}

impl Call {
    /// A call that has just arrived, about a term as far as that could be read.
    pub(crate) fn arrived(uri: &Uri, headers: &HeaderMap, body: Value, term: String) -> Self {
        let request_id = headers.get("x-request-id");
        Self {
            sequence: 0,
            received_at: Timestamp::now(),
            path: uri.path().to_owned(),
            request_id: request_id.and_then(|id| Some(id.to_str().ok()?.to_owned())),
            authorization: headers.contains_key("authorization") || headers.contains_key("api-key"),
            model: body["model"].as_str().unwrap_or_default().to_owned(),
            term,
            stream: body["stream"] == Value::Bool(true),
            body,
            behaviour: Behaviour::Normal.name(),
            status: 0,
            tokens_in: 0,
            tokens_out: 0,
            first_token_ms: None,
            total_ms: 0.0,
            outcome: Outcome::Running,
        }
    }
}

/// The calls so far, in memory and, when asked for, in a file.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: Mutex<Vec<Call>>,
    file: Option<Mutex<File>>,
}

impl CallLog {
    pub(crate) fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| {
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .with_context(|| format!("cannot open the log file {}", path.display()))
        };
        Ok(Self {
            calls: Mutex::default(),
            file: file.map(open).transpose()?.map(Mutex::new),
        })
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.calls).len()
    }

    pub(crate) fn clear(&self) {
        lock(&self.calls).clear();
    }

    /// Gives `call` its number and keeps it; the guard records how it ends.
    pub(crate) fn begin(self: &Arc<Self>, mut call: Call) -> OpenCall {
        let mut calls = lock(&self.calls);
        call.sequence = u32::try_from(calls.len()).unwrap_or(u32::MAX - 1) + 1;
        calls.push(call.clone());
        drop(calls);
        self.append(&call);
        OpenCall {
            log: Arc::clone(self),
            call,
            began: Instant::now(),
        }
    }

    fn put(&self, call: &Call) {
        let mut calls = lock(&self.calls);
        // After a reset the number may belong to another call: only the same arrival is replaced.
        if let Some(kept) = calls.get_mut(call.sequence as usize - 1)
            && kept.received_at == call.received_at
        {
            *kept = call.clone();
        }
    }

    fn append(&self, call: &Call) {
        if let Some(file) = &self.file
            && let Ok(mut line) = serde_json::to_vec(call)
        {
            line.push(b'\n');
            // A full disk must not turn into a failed call: the log in memory stays whole.
            let _ = lock(file).write_all(&line);
        }
    }
}

/// A call under way. Dropped before [`OpenCall::end`], it counts as cancelled by the caller.
#[derive(Debug)]
pub(crate) struct OpenCall {
    log: Arc<CallLog>,
    pub(crate) call: Call,
    began: Instant,
}

impl OpenCall {
    pub(crate) fn sent(&mut self, tokens: u32) {
        if tokens > 0 {
            self.call.tokens_out += tokens;
            if self.call.first_token_ms.is_none() {
                self.call.first_token_ms = Some(self.elapsed_ms());
            }
            self.log.put(&self.call);
        }
    }

    pub(crate) fn answered_with(&mut self, status: u16) {
        self.call.status = status;
        self.log.put(&self.call);
    }

    pub(crate) fn end(&mut self, outcome: Outcome) {
        if self.call.outcome == Outcome::Running {
            self.call.outcome = outcome;
            self.call.total_ms = self.elapsed_ms();
            self.log.put(&self.call);
            self.log.append(&self.call);
        }
    }

    fn elapsed_ms(&self) -> f64 {
        // Whole microseconds: a longer fraction would not survive a way through JSON.
        (self.began.elapsed().as_secs_f64() * 1_000_000.0).round() / 1_000.0
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The data is plain records: a thread that died while holding it leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
