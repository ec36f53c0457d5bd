//! Texts as vectors, for putting passages in order: one call, never tried again. A gateway keeps and joins them as
//! it does answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::Validate;
use crate::answer::{Answer, CachePolicy, FinishReason, Usage};
use crate::call::Call;
use crate::error::{BadReply, LlmError};
use crate::key::{Key, key_of, key_of_vectors};
use crate::model::{Flying, Shared};
use crate::observe::CallPlan;
use crate::request::{Request, nfc};
use crate::upstream::{Reply, Rules, Run, Upstream, id_of, prompt_tokens, usage_of, verdict};

impl Upstream {
    /// A vector for the text of each message, in their order, and the tokens that it took. The ledger is
    /// told of the call as of any other.
    pub(crate) async fn embed(
        &self,
        request: &Request,
        key: &Key,
        rules: &Rules,
        calls: &AtomicU64,
        cancel: &CancellationToken,
    ) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
        let tokens = prompt_tokens(request, &rules.count_tokens);
        if let Some(limit) = rules.prompt_limit.filter(|limit| tokens > *limit) {
            return Err(LlmError::OverBudget { tokens, limit });
        }
        let (client, url) = (self.client()?, self.endpoint.embeddings_url()?);
        let given = request.extra.get("input").and_then(Value::as_array);
        let texts: Vec<_> = match given.filter(|_| request.messages.is_empty()) {
            Some(given) => given.iter().filter_map(Value::as_str).map(nfc).collect(),
            None => request.messages.iter().map(|m| nfc(&m.content)).collect(),
        };
        let mut body = request.extra.clone();
        body.insert("model".to_owned(), json!(request.model));
        body.insert("input".to_owned(), json!(texts));
        let body = Value::Object(body).to_string();
        let request_id = &id_of(request);
        let now = (rules.clock)();
        let breaker = self.breaker(&request.model);
        let permit = match breaker.admit(now) {
            Ok(permit) => permit,
            Err(until) => return Err(LlmError::CircuitOpen { until }),
        };
        let plan = CallPlan::of(request, now, 1, request_id, tokens);
        let ticket = rules.admit(plan).await?;
        let time = request.timeout.unwrap_or(self.endpoint.timeouts.total);
        let deadline = Instant::now() + time;
        let mut call = Call::new(
            &self.endpoint,
            client,
            request,
            request_id,
            cancel,
            deadline,
        );
        let step = tracing::info_span!("call", attempt = 1, task = request.task);
        let headers = self.headers_for(request);
        let bytes = call.fetch(url, &headers, body.into_bytes(), now);
        let bytes = bytes.instrument(step).await;
        calls.fetch_add(1, Ordering::Relaxed);
        let result = bytes.and_then(|bytes| read(&bytes, texts.len()));
        permit.settle(verdict(&result), (rules.clock)());
        let usage = match &result {
            Ok((_, Some(tokens_in))) => Usage {
                tokens_in: *tokens_in,
                ..Usage::default()
            },
            _ => usage_of(&call, &result, tokens, &rules.count_tokens),
        };
        let code = result.as_ref().map_or_else(LlmError::code, |_| "ok");
        let report = call.report(request, (ticket, now, 1), code, usage, *key);
        rules.observe(report).await;
        result.map(|(vectors, _)| (vectors, usage))
    }
}

/// The vectors of a reply in the order of their texts, and the tokens that it says it took.
fn read(bytes: &[u8], texts: usize) -> Result<(Vec<Vec<f32>>, Option<u32>), LlmError> {
    #[derive(Deserialize)]
    struct Reply {
        data: Vec<One>,
        usage: Option<Used>,
    }
    #[derive(Deserialize)]
    struct One {
        index: usize,
        embedding: Vec<f32>,
    }
    #[derive(Deserialize)]
    struct Used {
        prompt_tokens: u32,
    }
    let wrong = || LlmError::BadReply(BadReply::WrongForm);
    let mut reply: Reply = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    reply.data.sort_by_key(|one| one.index);
    let length = reply.data.first().map_or(0, |one| one.embedding.len());
    let each_once = reply.data.iter().enumerate().all(|(at, one)| {
        let fit = one.embedding.len() == length && one.embedding.iter().all(|n| n.is_finite());
        one.index == at && fit
    });
    if reply.data.len() != texts || length == 0 || !each_once {
        return Err(wrong());
    }
    let vectors = reply.data.into_iter().map(|one| one.embedding).collect();
    Ok((vectors, reply.usage.map(|used| used.prompt_tokens)))
}

impl crate::Model {
    /// A vector for each of the request's messages, in their order, or for each text of `input` in
    /// [`Request::extra`], for a gateway hands on what it was given: one call, which is not tried
    /// again and ends when it has ended, also when nobody waits for it any more. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// [`LlmError::NotConfigured`] without an endpoint for it; else as for a question.
    pub async fn embed(&self, request: Request) -> Result<Vec<Vec<f32>>, LlmError> {
        let shared = Arc::clone(self.shared());
        let Some(upstream) = shared.embeddings.get() else {
            return Err(LlmError::NotConfigured);
        };
        let flying = Flying::begin(&shared);
        let work = async move {
            let (key, never) = (key_of_vectors(&request), CancellationToken::new());
            let calls = &shared.cache.counters.calls;
            let done = upstream
                .embed(&request, &key, &shared.rules, calls, &never)
                .await;
            drop(flying);
            done.map(|(vectors, _)| vectors)
        };
        let landed = tokio::spawn(work.in_current_span()).await;
        landed.map_err(|_| LlmError::Interrupted)?
    }

    /// The same for a gateway, with where they come from: kept and joined as answers are ([`Model::ask`]), under keys
    /// of their own. `validate` sees them as JSON. Dropping the future is leaving, as `cancel` is.
    ///
    /// # Errors
    /// As for [`Model::embed`].
    ///
    /// [`Model::ask`]: crate::Model::ask
    /// [`Model::embed`]: crate::Model::embed
    pub async fn vectors(
        &self,
        request: Request,
        policy: CachePolicy,
        validate: Validate,
        cancel: &CancellationToken,
    ) -> Result<(Vec<Vec<f32>>, Answer), LlmError> {
        let asked = self.ask_for(Work::Vectors, request, policy, validate, |_| {}, cancel);
        let answer = asked.await?;
        let vectors = serde_json::from_str(&answer.text);
        let vectors = vectors.map_err(|_| LlmError::BadReply(BadReply::WrongForm))?;
        Ok((vectors, answer))
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A text.
    Answer,
    /// Vectors, as the text of their JSON.
    Vectors,
}

impl Work {
    /// The key under which it is kept and joined.
    pub(crate) fn key_of(self, request: &Request) -> Key {
        match self {
            Self::Answer => key_of(request),
            Self::Vectors => key_of_vectors(request),
        }
    }
}

impl Shared {
    /// Asks the endpoint for it; none when there is no endpoint.
    pub(crate) async fn work(
        &self,
        work: Work,
        request: &Request,
        key: &Key,
        cancel: &CancellationToken,
        piece: &mut (dyn FnMut(&str) + Send),
    ) -> Option<Run> {
        let run = match work {
            Work::Answer => {
                let upstream = self.upstream.get()?;
                upstream.run(request, key, &self.rules, cancel, piece).await
            }
            Work::Vectors => {
                let upstream = self.embeddings.get()?;
                let calls = AtomicU64::new(0);
                let made = upstream
                    .embed(request, key, &self.rules, &calls, cancel)
                    .await;
                let result = made.and_then(|(vectors, usage)| {
                    let text = serde_json::to_string(&vectors);
                    Ok(Reply {
                        text: text.map_err(|_| LlmError::BadReply(BadReply::WrongForm))?,
                        // Nobody sees them piece by piece.
                        piece_ends: Vec::new(),
                        model: request.model.clone(),
                        usage,
                        finish_reason: FinishReason::Stop,
                    })
                });
                let calls = u32::from(calls.into_inner() > 0);
                Run { calls, result }
            }
        };
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_in_the_order_of_their_texts_or_not_at_all() {
        let read = |text: &str| read(text.as_bytes(), 2);
        let (vectors, tokens) = read(
            r#"{"data": [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1, 2]}],
                "usage": {"prompt_tokens": 7}}"#,
        )
        .unwrap();
        assert_eq!(vectors, [[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(tokens, Some(7));
        for wrong in [
            "{}",
            "[]",
            r#"{"data": [{"index": 0, "embedding": [1]}]}"#,
            r#"{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}"#,
            r#"{"data": [{"index": 0, "embedding": [1]}, {"index": 2, "embedding": [1]}]}"#,
            r#"{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]}"#,
            r#"{"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]}"#,
            r#"{"data": [{"index": 0, "embedding": [1e99]}, {"index": 1, "embedding": [1]}]}"#,
        ] {
            assert_eq!(
                read(wrong),
                Err(LlmError::BadReply(BadReply::WrongForm)),
                "{wrong}"
            );
        }
    }
}
