//! What goes back: in the form of the OpenAI protocol, errors too.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use begrip_llm::{Answer, Fate, FinishReason, Limit, LlmError, SHOULD_RETRY, Usage};
use serde::Serialize;
use serde_json::json;

use crate::refusal::Refusal;

/// Where an answer comes from: a [`Fate`].
pub const CACHE: HeaderName = HeaderName::from_static("begrip-cache");
/// Its age in seconds.
pub const AGE: HeaderName = HeaderName::from_static("begrip-cache-age");
/// The entry that it has, or would have.
pub const ENTRY: HeaderName = HeaderName::from_static("begrip-cache-entry");

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// What any address of the server may say.
    Server(Refusal),
    /// The question has another form; what about it.
    Form(&'static str),
    /// A field is not there, or has another form.
    Missing(&'static str),
    /// A header of ours says what it cannot say.
    Header(&'static str),
    /// A field asks for what is not handed on.
    Unsupported(&'static str),
    /// No upstream has this model.
    NoModel,
    /// No upstream is set up at all.
    NoGateway,
    /// There is no answer from the model.
    Model(LlmError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Server(refusal)
    }
}

impl From<LlmError> for Fault {
    fn from(error: LlmError) -> Self {
        Self::Model(error)
    }
}

/// Status, type, code, sentence, and after how many seconds it is worth asking again.
struct Told {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    sentence: String,
    later: Option<u32>,
}

impl Fault {
    fn told(&self) -> Told {
        let wrong = |code, sentence: String| Told {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code,
            sentence,
            later: None,
        };
        match self {
            Self::Server(refusal) => {
                let (status, code, sentence, later) = refusal.told();
                let kind = match status.is_client_error() {
                    true => "invalid_request_error",
                    false => "server_error",
                };
                Told {
                    status,
                    kind,
                    code,
                    sentence,
                    later,
                }
            }
            Self::Form(what) => wrong(
                "form",
                format!("De vraag heeft een andere vorm dan de server kent: {what}."),
            ),
            Self::Missing(name) => wrong("form", format!("{name} ontbreekt, of is geen tekst.")),
            Self::Header(name) => wrong(
                "header",
                format!("De kop {name} heeft een waarde die de server niet kent."),
            ),
            Self::Unsupported(name) => wrong(
                "unsupported_parameter",
                format!("De server geeft alleen tekst door; {name} kan hier niet."),
            ),
            Self::NoModel => Told {
                status: StatusCode::NOT_FOUND,
                ..wrong(
                    "model_not_found",
                    "Dit model is er niet. Vraag /v1/models welke er zijn.".to_owned(),
                )
            },
            Self::NoGateway => unavailable(
                "no_model",
                "Op deze server is geen model ingesteld. Vraag uw beheerder.",
                None,
            ),
            Self::Model(error) => of_model(error),
        }
    }
}

fn unavailable(code: &'static str, sentence: &str, later: Option<u32>) -> Told {
    Told {
        status: StatusCode::SERVICE_UNAVAILABLE,
        kind: "server_error",
        code,
        sentence: sentence.to_owned(),
        later,
    }
}

fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1)
}

fn of_model(error: &LlmError) -> Told {
    let upstream = |sentence: &str| Told {
        status: StatusCode::BAD_GATEWAY,
        ..unavailable(error.code(), sentence, None)
    };
    let refused = |status: u16, sentence: String| Told {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
        kind: "invalid_request_error",
        code: error.code(),
        sentence,
        later: None,
    };
    match error {
        LlmError::OverLimit(limit) => {
            let bound = match limit {
                Limit::Month => "deze maand",
                Limit::Day | Limit::Call => "vandaag",
            };
            Told {
                status: StatusCode::TOO_MANY_REQUESTS,
                // By this word clients know that asking again is of no use.
                kind: "insufficient_quota",
                code: "insufficient_quota",
                sentence: format!(
                    "Het budget van uw organisatie voor {bound} is op. Antwoorden die al bekend zijn, \
                     krijgt u nog wel. Vraag uw beheerder om meer."
                ),
                later: None,
            }
        }
        LlmError::RateLimited { retry_after } => Told {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: "rate_limit_error",
            later: Some(retry_after.map_or(5, seconds)),
            ..upstream("Het model krijgt te veel vragen. Probeer het straks opnieuw.")
        },
        LlmError::CircuitOpen { .. } => unavailable(
            error.code(),
            "Het model antwoordt al even niet. Probeer het straks opnieuw.",
            Some(10),
        ),
        LlmError::LedgerAway(_) => unavailable(
            error.code(),
            "Het verbruik kan niet worden bijgehouden. Probeer het straks opnieuw.",
            Some(5),
        ),
        LlmError::Cancelled | LlmError::Interrupted => unavailable(
            error.code(),
            "De vraag is afgebroken. Probeer het opnieuw.",
            Some(1),
        ),
        LlmError::NotConfigured | LlmError::OfflineMiss => unavailable(
            "no_model",
            "Op deze server is geen model ingesteld. Vraag uw beheerder.",
            None,
        ),
        // The model server's own words: clients read in them what to ask otherwise.
        LlmError::Refused { status, detail } => refused(
            *status,
            format!("Het model neemt de vraag niet aan: {detail}"),
        ),
        LlmError::PromptTooLong(detail) => Told {
            code: "context_length_exceeded",
            ..refused(400, format!("De vraag is te lang voor het model: {detail}"))
        },
        LlmError::OverBudget { .. } => Told {
            code: "context_length_exceeded",
            ..refused(400, "De vraag is te lang.".to_owned())
        },
        LlmError::ModelNotFound(_) => Told {
            status: StatusCode::NOT_FOUND,
            ..refused(404, "De modelserver kent dit model niet.".to_owned())
        },
        LlmError::Timeout(_) => Told {
            status: StatusCode::GATEWAY_TIMEOUT,
            ..upstream("Het model antwoordde niet op tijd. Probeer het opnieuw.")
        },
        LlmError::Unauthorised | LlmError::Forbidden(_) | LlmError::QuotaExhausted(_) => upstream(
            "De modelserver laat deze server niet toe, of het tegoed is op. Waarschuw uw beheerder.",
        ),
        _ => upstream("Het model gaf geen bruikbaar antwoord. Probeer het opnieuw."),
    }
}

/// Whether it is of this node alone: in a moment, or at another node, it may be otherwise.
fn asked_nobody(error: &LlmError) -> bool {
    matches!(
        error,
        LlmError::CircuitOpen { .. }
            | LlmError::LedgerAway(_)
            | LlmError::Cancelled
            | LlmError::Interrupted
    )
}

impl Fault {
    /// Stable name and sentence.
    pub fn said(&self) -> (&'static str, String) {
        let told = self.told();
        (told.code, told.sentence)
    }

    fn log(&self) {
        if let Self::Model(error) = self {
            tracing::warn!(code = error.code(), "no answer from the model");
        }
    }

    /// As an event in a stream that began well.
    pub fn event(&self) -> String {
        self.log();
        let told = self.told();
        format!("data: {}\n\n", body(&told))
    }
}

fn body(told: &Told) -> serde_json::Value {
    json!({"error": {"message": told.sentence, "type": told.kind, "param": null, "code": told.code}})
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        self.log();
        let told = self.told();
        let mut response = (told.status, axum::Json(body(&told))).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = told.later {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // That may stand beside the time above, for it says something else. The time is for whoever decides that a
        // new question is worth asking: a person, a batch that waits. This is for the client that would send the
        // same one again of itself. What was worth trying again was tried again here, within one budget for all;
        // each client has a budget of its own, or none, and together they would multiply what a model in trouble
        // is asked. A client that knows this word is to give the answer to whoever asked.
        if matches!(&self, Self::Model(error) if !asked_nobody(error)) {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }
}

/// The tokens of an answer.
#[derive(Serialize)]
struct Used {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: Details,
}

#[derive(Serialize)]
struct Details {
    cached_tokens: u32,
}

impl From<Usage> for Used {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.tokens_in,
            completion_tokens: usage.tokens_out,
            total_tokens: usage.tokens_in.saturating_add(usage.tokens_out),
            prompt_tokens_details: Details {
                cached_tokens: usage.tokens_cached,
            },
        }
    }
}

/// How an answer ended: whole, or as far as it came.
pub struct Ended {
    pub text: String,
    pub model: String,
    pub finish: String,
    pub usage: Option<Usage>,
    pub created: i64,
}

impl Ended {
    /// A whole answer.
    pub fn whole(answer: Answer) -> Self {
        Self {
            finish: match answer.finish_reason {
                FinishReason::Stop => "stop".to_owned(),
                FinishReason::Other(word) => word,
            },
            usage: Some(answer.usage),
            created: answer.answered_at.as_second(),
            model: answer.model,
            text: answer.text,
        }
    }

    /// What came of an answer that is none of use, which is an answer to this protocol all the same.
    /// Error: there is none.
    pub fn part(error: LlmError, text: String, model: String) -> Result<Self, LlmError> {
        let finish = match error {
            LlmError::Truncated => "length",
            LlmError::ContentFilter => "content_filter",
            LlmError::Empty => "stop",
            other => return Err(other),
        };
        Ok(Self {
            text,
            model,
            finish: finish.to_owned(),
            usage: None,
            created: jiff::Timestamp::now().as_second(),
        })
    }

    /// The whole answer as one object.
    pub fn plain(&self, id: &str) -> String {
        #[derive(Serialize)]
        struct Completion<'a> {
            id: &'a str,
            object: &'static str,
            created: i64,
            model: &'a str,
            choices: [Choice<'a>; 1],
            #[serde(skip_serializing_if = "Option::is_none")]
            usage: Option<Used>,
        }
        #[derive(Serialize)]
        struct Choice<'a> {
            index: u32,
            message: Words<'a>,
            logprobs: Option<()>,
            finish_reason: &'a str,
        }
        #[derive(Serialize)]
        struct Words<'a> {
            role: &'static str,
            content: &'a str,
            refusal: Option<()>,
        }
        let completion = Completion {
            id,
            object: "chat.completion",
            created: self.created,
            model: &self.model,
            choices: [Choice {
                index: 0,
                message: Words {
                    role: "assistant",
                    content: &self.text,
                    refusal: None,
                },
                logprobs: None,
                finish_reason: &self.finish,
            }],
            usage: self.usage.map(Used::from),
        };
        serde_json::to_string(&completion).unwrap_or_default()
    }
}

/// Writes the events of a stream.
pub struct Events {
    pub id: String,
    pub model: String,
    pub created: i64,
    /// Whether the tokens were asked for at the end.
    pub usage: bool,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: &'a [Part<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Used>,
}

#[derive(Serialize)]
struct Part<'a> {
    index: u32,
    delta: Delta<'a>,
    finish_reason: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

impl Events {
    fn event(&self, parts: &[Part<'_>], usage: Option<Used>) -> String {
        let chunk = Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices: parts,
            usage,
        };
        let json = serde_json::to_string(&chunk).unwrap_or_default();
        format!("data: {json}\n\n")
    }

    fn delta(&self, delta: Delta<'_>, finish_reason: Option<&str>) -> String {
        let part = Part {
            index: 0,
            delta,
            finish_reason,
        };
        self.event(&[part], None)
    }

    /// The first one.
    pub fn begin(&self) -> String {
        let delta = Delta {
            role: Some("assistant"),
            content: Some(""),
        };
        self.delta(delta, None)
    }

    /// One with a piece of the text.
    pub fn piece(&self, text: &str) -> String {
        let delta = Delta {
            content: Some(text),
            ..Delta::default()
        };
        self.delta(delta, None)
    }

    /// The last ones.
    pub fn end(&self, ended: &Ended) -> String {
        let mut events = self.delta(Delta::default(), Some(&ended.finish));
        if let Some(usage) = ended.usage.filter(|_| self.usage) {
            events.push_str(&self.event(&[], Some(usage.into())));
        }
        events.push_str("data: [DONE]\n\n");
        events
    }
}

/// Says where an answer comes from.
pub fn told_of(headers: &mut HeaderMap, fate: Fate, age: Duration, entry: &[u8; 32]) {
    headers.insert(CACHE, HeaderValue::from_static(word_of(fate)));
    headers.insert(AGE, HeaderValue::from(age.as_secs()));
    let mut text = [0_u8; 64];
    for (byte, pair) in entry.iter().zip(text.chunks_exact_mut(2)) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    if let Ok(value) = HeaderValue::from_bytes(&text) {
        headers.insert(ENTRY, value);
    }
}

/// Where an answer comes from, in a word.
pub fn word_of(fate: Fate) -> &'static str {
    match fate {
        // Not on a disk of this node's own.
        Fate::Disk => "shared",
        other => other.as_str(),
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
