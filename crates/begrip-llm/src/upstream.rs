//! All calls that one question takes: retries, breaker, wording, and a report of each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::answer::{FinishReason, Usage};
use crate::breaker::{Breaker, BreakerSettings, Verdict};
use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::error::{LlmError, Wait};
use crate::key::Key;
use crate::observe::{CallObserver, CallPlan, CallReport, Ticket};
use crate::request::{Bounds, Request, Wording, body, tokens_of_bounds};
use crate::retry::{RetryBudget, RetrySettings};
use crate::{Clock, CountTokens};
use crate::{adapt, client, shared};

/// How long a model that is asked too much is waited for while another stands ready: longer than this
/// is longer than that one takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// An endpoint in use, with what has been learned of it.
pub(crate) struct Upstream {
    pub(crate) endpoint: Endpoint,
    breaking: BreakerSettings,
    /// One for each model: that one of them is down tells nothing of the others.
    breakers: Mutex<HashMap<String, Arc<Breaker>>>,
    headers: HeaderMap,
    client: OnceLock<Result<Client, LlmError>>,
    wording: Mutex<Wording>,
}

/// Where an endpoint in use stands, while it can be changed.
#[derive(Default)]
pub(crate) struct Place(RwLock<Option<Arc<Upstream>>>);

impl Place {
    pub(crate) fn get(&self) -> Option<Arc<Upstream>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    /// Error: settings that cannot be used; then the endpoint stays as it was.
    pub(crate) fn put(
        &self,
        endpoint: Option<Endpoint>,
        breaker: BreakerSettings,
    ) -> Result<(), LlmError> {
        let made = endpoint.map(|endpoint| Upstream::new(endpoint, breaker));
        let made = made.transpose()?.map(Arc::new);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(())
    }
}

/// What is shared by all endpoints.
pub(crate) struct Rules {
    pub(crate) retry: RetrySettings,
    pub(crate) budget: RetryBudget,
    pub(crate) observer: Arc<dyn CallObserver>,
    pub(crate) count_tokens: CountTokens,
    pub(crate) clock: Clock,
    pub(crate) prompt_limit: Option<u32>,
}

impl Rules {
    pub(crate) async fn admit(&self, plan: CallPlan) -> Result<Ticket, LlmError> {
        let observer = Arc::clone(&self.observer);
        tokio::task::spawn_blocking(move || observer.admit(&plan))
            .await
            .map_err(|_| LlmError::Interrupted)?
    }

    pub(crate) async fn observe(&self, report: CallReport) {
        let observer = Arc::clone(&self.observer);
        let told = tokio::task::spawn_blocking(move || observer.observe(&report)).await;
        if told.is_err() {
            tracing::error!("a call could not be told");
        }
    }
}

/// A reply that is whole and of use.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) piece_ends: Vec<u32>,
    pub(crate) model: String,
    pub(crate) usage: Usage,
    pub(crate) finish_reason: FinishReason,
}

/// How the calls for one question ended.
pub(crate) struct Run {
    pub(crate) calls: u32,
    pub(crate) result: Result<Reply, LlmError>,
}

impl Upstream {
    /// Checks the settings; makes no connection.
    pub(crate) fn new(endpoint: Endpoint, breaker: BreakerSettings) -> Result<Self, LlmError> {
        let breaker = match endpoint.gateway {
            true => breaker.of_gateway(),
            false => breaker,
        };
        endpoint.chat_url()?;
        let headers = client::headers(&endpoint)?;
        let wording = Mutex::new(Wording::first(endpoint.structured));
        Ok(Self {
            endpoint,
            breaking: breaker,
            breakers: Mutex::default(),
            headers,
            client: OnceLock::new(),
            wording,
        })
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers of a question: our own gateway is told what it may keep, and under which versions.
    pub(crate) fn headers_for(&self, request: &Request) -> HeaderMap {
        let mut headers = self.headers.clone();
        if self.endpoint.gateway {
            let scope = &request.scope;
            for (name, value) in [
                (shared::DATA_CLASS, scope.data_class.as_str()),
                (shared::PROMPT_VERSION, &scope.prompt_version),
                (shared::PACK_VERSION, &scope.pack_version),
                (shared::ARM, &scope.arm),
            ] {
                // A version that no header can hold is left out: then the gateway has one key fewer.
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(name, value);
                }
            }
            if request.anew {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            }
        }
        headers
    }

    /// The HTTP client, made when it is first needed: a start without a question does without.
    pub(crate) fn client(&self) -> Result<&Client, LlmError> {
        let made = self.client.get_or_init(|| client::build(&self.endpoint));
        made.as_ref().map_err(Clone::clone)
    }

    /// The breaker of a model.
    pub(crate) fn breaker(&self, model: &str) -> Arc<Breaker> {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let made = breakers
            .entry(model.to_owned())
            .or_insert_with(|| Breaker::new(self.breaking));
        Arc::clone(made)
    }

    fn wording(&self) -> Wording {
        *self.wording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and asks again where that is of use. Text goes to `piece` as it arrives; once any has,
    /// nothing is asked again.
    pub(crate) async fn run(
        &self,
        request: &Request,
        key: &Key,
        rules: &Rules,
        cancel: &CancellationToken,
        piece: &mut (dyn FnMut(&str) + Send),
    ) -> Run {
        let mut calls = 0;
        let result = self
            .attempts(request, key, rules, cancel, piece, &mut calls)
            .await;
        Run { calls, result }
    }

    /// How the request is worded now, and its tokens: lists are bounded where there is room for that.
    fn worded(&self, request: &Request, tokens: u32, rules: &Rules) -> (Wording, u32) {
        let wording = self.wording();
        let more = tokens_of_bounds(request, wording, &*rules.count_tokens);
        if rules
            .prompt_limit
            .is_some_and(|limit| tokens + more > limit)
        {
            let bounds = Bounds::NotNeeded;
            return (Wording { bounds, ..wording }, tokens);
        }
        (wording, tokens + more)
    }

    async fn attempts(
        &self,
        request: &Request,
        key: &Key,
        rules: &Rules,
        cancel: &CancellationToken,
        piece: &mut (dyn FnMut(&str) + Send),
        calls: &mut u32,
    ) -> Result<Reply, LlmError> {
        let prompt_tokens = prompt_tokens(request, &rules.count_tokens);
        if let Some(limit) = rules.prompt_limit.filter(|limit| prompt_tokens > *limit) {
            return Err(LlmError::OverBudget {
                tokens: prompt_tokens,
                limit,
            });
        }
        let client = self.client()?;
        let request_id = &id_of(request);
        let time = request.timeout.unwrap_or(self.endpoint.timeouts.total);
        let deadline = Instant::now() + time;
        let breaker = self.breaker(&request.model);
        rules.budget.earn();
        let mut failed = 0;
        let mut last: Option<LlmError> = None;
        loop {
            let now = (rules.clock)();
            let permit = match breaker.admit(now) {
                Ok(permit) => permit,
                // What went wrong says more than that nothing more is tried.
                Err(until) => return Err(last.unwrap_or(LlmError::CircuitOpen { until })),
            };
            let (wording, prompt_tokens) = self.worded(request, prompt_tokens, rules);
            let plan = CallPlan::of(request, now, *calls + 1, request_id, prompt_tokens);
            let ticket = match rules.admit(plan).await {
                Ok(ticket) => ticket,
                Err(error) => return Err(last.unwrap_or(error)),
            };
            let bytes = body(request, wording).to_string().into_bytes();
            let mut call = Call::new(
                &self.endpoint,
                client,
                request,
                request_id,
                cancel,
                deadline,
            );
            *calls += 1;
            let step = tracing::info_span!("call", attempt = *calls, task = request.task);
            let headers = self.headers_for(request);
            let result = call.run(&headers, bytes, now, piece);
            let result = result.instrument(step).await;
            permit.settle(verdict(&result), (rules.clock)());
            let usage = usage_of(&call, &result, prompt_tokens, &rules.count_tokens);
            let code = result.as_ref().map_or_else(LlmError::code, |_| "ok");
            let made = (ticket, now, *calls);
            rules
                .observe(call.report(request, made, code, usage, *key))
                .await;
            let error = match result {
                Ok(finish_reason) => {
                    let said = call.reader.into_said();
                    return Ok(Reply {
                        text: said.text,
                        piece_ends: said.piece_ends,
                        model: said.model.unwrap_or_else(|| request.model.clone()),
                        usage,
                        finish_reason,
                    });
                }
                Err(error) => error,
            };
            if let Some(complaint) = &call.complaint
                && let Some(changed) = adapt::next(wording, request, complaint)
            {
                tracing::info!(
                    address = self.endpoint.display_url(),
                    "asking in another wording"
                );
                *self.wording.lock().unwrap_or_else(PoisonError::into_inner) = changed;
                continue;
            }
            // To our own gateway a bounded form would be another question, whose answers are kept apart.
            if !self.endpoint.gateway {
                // What others learned meanwhile stays.
                let mut now = self.wording.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(changed) = adapt::after(*now, request, &error) {
                    *now = changed;
                }
            }
            failed += 1;
            let other_is_ready = request.once
                && match &error {
                    LlmError::Server { .. } => true,
                    LlmError::RateLimited { retry_after } => *retry_after > Some(PATIENCE),
                    _ => false,
                };
            let may = error.may_be_tried_again()
                && !call.is_final
                && !other_is_ready
                && call.first_piece.is_none()
                && failed < rules.retry.attempts
                && Instant::now() < deadline;
            let wait = rules.retry.wait(failed, call.retry_after, fastrand::f64());
            let Some(wait) = wait.filter(|wait| may && Instant::now() + *wait < deadline) else {
                return Err(error);
            };
            if !rules.budget.spend() {
                return Err(error);
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(LlmError::Cancelled),
                () = tokio::time::sleep(wait) => {}
            }
            last = Some(error);
        }
    }
}

/// The request's id; one that no header can hold is replaced, rather than failing the question.
pub(crate) fn id_of(request: &Request) -> String {
    let given = request.request_id.as_deref();
    let fit = given.filter(|id| HeaderValue::from_str(id).is_ok());
    fit.map_or_else(|| format!("{:032x}", fastrand::u128(..)), str::to_owned)
}

pub(crate) fn verdict<T>(result: &Result<T, LlmError>) -> Verdict {
    match result {
        Err(LlmError::Cancelled) => Verdict::Unknown,
        Err(error) if error.is_trouble() => Verdict::Bad,
        _ => Verdict::Good,
    }
}

/// By the reply's own word, else counted here, piece by piece: servers stream a token at a time.
/// What was refused or never arrived took no tokens; what arrived and was left unanswered did.
pub(crate) fn usage_of<T>(
    call: &Call<'_>,
    result: &Result<T, LlmError>,
    prompt_tokens: u32,
    count: &CountTokens,
) -> Usage {
    let said = call.reader.said();
    if let Some(usage) = said.usage {
        return usage;
    }
    let was_worked_on = match (call.status, result) {
        (Some(status), _) => (200..300).contains(&status),
        (None, Err(LlmError::Timeout(wait))) => *wait != Wait::Connect,
        (None, Err(LlmError::Cancelled | LlmError::BrokenStream(_))) => true,
        (None, _) => false,
    };
    let mut from = 0;
    let pieces = said.piece_ends.iter().map(|end| {
        let piece = said.text.get(from..*end as usize).unwrap_or_default();
        from = *end as usize;
        count(piece)
    });
    Usage {
        tokens_in: if was_worked_on { prompt_tokens } else { 0 },
        tokens_out: pieces.sum(),
        tokens_cached: 0,
        counted_here: true,
    }
}

pub(crate) fn prompt_tokens(request: &Request, count: &CountTokens) -> u32 {
    // Each message is wrapped in about 3 tokens, and so is the reply's beginning.
    const WRAPPING: u32 = 3;
    request.prompt_tokens.unwrap_or_else(|| {
        let each = request
            .messages
            .iter()
            .map(|m| count(&m.content) + WRAPPING);
        each.fold(WRAPPING, u32::saturating_add)
    })
}
