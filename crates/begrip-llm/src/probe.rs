//! The test button of the settings: does this endpoint work, and if not, what is wrong?

use std::sync::Arc;
use std::time::Duration;

use begrip_prompt::{Message, Role};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::breaker::BreakerSettings;
use crate::call::Call;
use crate::endpoint::{Endpoint, Structured};
use crate::error::LlmError;
use crate::key::key_of;
use crate::observe::{CallReport, Ticket};
use crate::request::{CacheScope, Request, Wording, body};
use crate::upstream::{Upstream, prompt_tokens, usage_of};
use crate::{CountTokens, adapt, client, refusal};

/// What is tried, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// The settings make sense by themselves.
    Settings,
    /// The server is there, and speaks.
    Address,
    /// The key is accepted.
    Key,
    /// The model exists.
    Model,
    /// A tiny question is answered.
    Answer,
}

/// What a probe has found.
#[derive(Clone, Debug)]
pub struct ProbeReport {
    /// The address without anything secret.
    pub address: String,
    /// The steps that went well.
    pub passed: Vec<ProbeStep>,
    /// The step that did not, and why.
    pub failed: Option<(ProbeStep, LlmError)>,
    /// The models that the server lists; empty when it has no such list.
    pub models: Vec<String>,
    /// Whether the model stands in that list, if there is one. Some servers answer with the model
    /// that they have, whatever is asked for.
    pub model_is_listed: Option<bool>,
    /// The model that answered, by its own word.
    pub model: Option<String>,
    /// From the tiny question to the first piece of its answer.
    pub first_piece: Option<Duration>,
    /// How the server takes the form of a reply. A tiny question with a schema shows it.
    pub structured: Option<Structured>,
    /// True when the key would cross a network unencrypted.
    pub key_travels_in_clear: bool,
    /// The tiny questions that were sent, for the ledger.
    pub calls: Vec<CallReport>,
}

/// Tries an endpoint: one request for the list of models and one or a few tiny questions, with a
/// fixed text in which nothing of the user's stands. Neither cache nor breaker takes part.
pub async fn probe(endpoint: Endpoint, cancel: &CancellationToken) -> ProbeReport {
    let mut report = ProbeReport {
        address: endpoint.display_url(),
        passed: Vec::new(),
        failed: None,
        models: Vec::new(),
        model_is_listed: None,
        model: None,
        first_piece: None,
        structured: None,
        key_travels_in_clear: endpoint.key_travels_in_clear(),
        calls: Vec::new(),
    };
    if let Err((step, error)) = steps(endpoint, cancel, &mut report).await {
        report.failed = Some((step, error));
    }
    report
}

type Step<T> = Result<T, (ProbeStep, LlmError)>;

async fn steps(
    endpoint: Endpoint,
    cancel: &CancellationToken,
    report: &mut ProbeReport,
) -> Step<()> {
    let at = |step| move |error| (step, error);
    let upstream = Upstream::new(endpoint, BreakerSettings::default())
        .and_then(|upstream| upstream.client().map(|_| ()).map(|()| Arc::new(upstream)))
        .map_err(at(ProbeStep::Settings))?;
    report.passed.push(ProbeStep::Settings);
    match models(&upstream, cancel).await {
        Ok(models) => {
            report.passed.extend([ProbeStep::Address, ProbeStep::Key]);
            let listed = |name: &String| *name == upstream.endpoint.model;
            report.model_is_listed = (!models.is_empty()).then(|| models.iter().any(listed));
            report.models = models;
        }
        Err(error @ (LlmError::Unauthorised | LlmError::Forbidden(_))) => {
            report.passed.push(ProbeStep::Address);
            return Err((ProbeStep::Key, error));
        }
        // The list is an extra: servers exist without it. The tiny question tells.
        Err(
            LlmError::PathNotFound
            | LlmError::ModelNotFound(_)
            | LlmError::Refused { .. }
            | LlmError::BadReply(_)
            | LlmError::Server { .. }
            | LlmError::RateLimited { .. },
        ) => {}
        Err(error) => return Err((ProbeStep::Address, error)),
    }
    let answered = tiny_question(&upstream, cancel, report).await;
    let add = |report: &mut ProbeReport, steps: &[ProbeStep]| {
        let new = steps
            .iter()
            .filter(|step| !report.passed.contains(step))
            .copied();
        let new: Vec<_> = new.collect();
        report.passed.extend(new);
    };
    use ProbeStep::{Address, Answer, Key, Model};
    match answered {
        Ok(()) => {
            add(report, &[Address, Key, Model, Answer]);
            Ok(())
        }
        Err(error) => {
            let step = match &error {
                LlmError::Unauthorised | LlmError::Forbidden(_) => Key,
                LlmError::ModelNotFound(_) => Model,
                _ if report.passed.contains(&Address) => Answer,
                LlmError::PathNotFound | LlmError::BadReply(_) | LlmError::Redirected(_) => Address,
                _ => Answer,
            };
            let before = [Address, Key, Model];
            let passed = before.iter().take_while(|one| **one != step).copied();
            add(report, &passed.collect::<Vec<_>>());
            Err((step, error))
        }
    }
}

/// The names of the models that the server lists.
async fn models(upstream: &Upstream, cancel: &CancellationToken) -> Result<Vec<String>, LlmError> {
    const LARGEST: usize = 4 * 1024 * 1024;
    let endpoint = &upstream.endpoint;
    let request = upstream
        .client()?
        .get(endpoint.models_url()?)
        .headers(upstream.headers().clone());
    let work = async {
        let mut response = request
            .send()
            .await
            .map_err(|error| client::transport_error(error, endpoint))?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Ok(Some(piece)) = response.chunk().await {
            bytes.extend_from_slice(&piece);
            if bytes.len() > LARGEST {
                return Err(LlmError::TooLarge { limit: LARGEST });
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if !(200..300).contains(&status) {
            return Err(refusal::from_status(status, &text, None));
        }
        let list: Value = serde_json::from_str(&text)
            .map_err(|_| LlmError::BadReply(crate::BadReply::NotJson))?;
        let entries = list["data"].as_array().into_iter().flatten();
        let names = entries.filter_map(|entry| entry["id"].as_str().map(str::to_owned));
        Ok(names.collect())
    };
    let time = endpoint.timeouts.connect + Duration::from_secs(10);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(LlmError::Cancelled),
        done = tokio::time::timeout(time, work) => {
            done.unwrap_or(Err(LlmError::Timeout(crate::Wait::FirstByte)))
        }
    }
}

/// Asks for one word in the form of a schema.
async fn tiny_question(
    upstream: &Upstream,
    cancel: &CancellationToken,
    report: &mut ProbeReport,
) -> Result<(), LlmError> {
    let text = "Antwoord met JSON: {\"antwoord\": \"ja\"}";
    let endpoint = &upstream.endpoint;
    let messages = vec![Message::new(Role::User, text)];
    let mut request = Request::new(&endpoint.model, messages, CacheScope::default());
    request.task = "probe";
    // Enough for the word, also for a model that writes some thoughts first.
    request.max_tokens = Some(200);
    request.schema = Some(serde_json::json!({
        "type": "object",
        "properties": {"antwoord": {"type": "string"}},
        "required": ["antwoord"],
        "additionalProperties": false,
    }));
    let mut wording = Wording::first(endpoint.structured);
    let deadline = Instant::now() + endpoint.timeouts.total.min(Duration::from_secs(90));
    let id = format!("{:032x}", fastrand::u128(..));
    loop {
        let mut call = Call::new(
            endpoint,
            upstream.client()?,
            &request,
            &id,
            cancel,
            deadline,
        );
        let bytes = body(&request, wording).to_string().into_bytes();
        let now = jiff::Timestamp::now();
        let result = call.run(upstream.headers(), bytes, now, &mut |_| ()).await;
        let count: CountTokens = Arc::new(crate::estimate);
        let prompt_tokens = prompt_tokens(&request, &count);
        let code = result.as_ref().map_or_else(LlmError::code, |_| "ok");
        let usage = usage_of(&call, &result, prompt_tokens, &count);
        let attempt = u32::try_from(report.calls.len()).unwrap_or(u32::MAX) + 1;
        let made = (Ticket::default(), now, attempt);
        report
            .calls
            .push(call.report(&request, made, code, usage, key_of(&request)));
        if let Some(complaint) = &call.complaint
            && let Some(changed) = adapt::next(wording, &request, complaint)
        {
            wording = changed;
            continue;
        }
        report.first_piece = call.first_piece;
        report.model.clone_from(&call.reader.said().model);
        return match result {
            // It speaks: that it would have gone on is no fault.
            Ok(_) | Err(LlmError::Truncated | LlmError::Empty) => {
                report.structured = Some(wording.structured);
                Ok(())
            }
            Err(error) => Err(error),
        };
    }
}
