//! The model gateway: models of the organisations behind one address of the server.
//!
//! ```text
//! chat ─ question (form, class, versions) ─ begrip_llm::Model of the upstream that has the model
//!          memory ─ flight ─ shared: answers of all nodes, turns ─ ledger: budget ─ call
//! ```
//!
//! Retries, breakers, single flight and what may be kept are those of `begrip-llm`; here is what a
//! server adds: who asks, which upstream, what is shared between nodes, and what may be spent.
//!
//! | file | holds |
//! |---|---|
//! | `plan` | the file that says which models there are |
//! | `question` | what a client asks |
//! | `reply` | what goes back |
//! | `room` | how many ask at one time |
//! | `shared` | answers and turns of all nodes |
//! | `ledger` | what is spent |
//! | `answers` | removing kept answers, for the operator |
//! | `upkeep` | keeping the tables within their bounds |
//! | `usage` | what was spent, for an organisation and for the operator |

pub mod answers;
mod ledger;
mod plan;
mod question;
mod reply;
mod room;
mod shared;
mod upkeep;
pub mod usage;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use begrip_llm::{
    Answer, BreakerState, CacheSettings, CancellationToken, Fate, LlmError, Model, Piece, Request,
    Selector, Setup, key_of,
};
use deadpool_postgres::Pool;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use self::ledger::{Book, Ledger};
use self::plan::Plan;
use self::reply::{Ended, Events, told_of};
use self::room::{Place, Room};
use self::shared::Answers;
use self::upkeep::Bounds;
use crate::health::Part;
use crate::refusal::Refusal;
use crate::routes::{Caller, Node};
use crate::settings::Settings;

pub use self::question::{Composed, Question};
pub use self::reply::{Fault, word_of};

/// Texts of one question for vectors, at most.
const MOST_TEXTS: usize = 512;

/// The largest question that is read, in bytes: read, kept and sent, it takes many times that.
const BODY_BYTES: usize = 1 << 20;

/// How long calls that were broken off have to be written down when the program ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The models of this server; none when no file names any.
pub struct Gateway {
    upstreams: Vec<Upstream>,
    /// Who stands in, and the model that is asked there.
    fallback: Option<(usize, Option<String>)>,
    patience: Duration,
    room: Room,
    /// How large a question may be.
    body_bytes: usize,
    answers: Option<Answers>,
    ledger: Option<Arc<Ledger>>,
    /// Breaks off every question.
    ending: CancellationToken,
}

struct Upstream {
    models: Vec<String>,
    embeddings: Vec<String>,
    model: Model,
    vectors: Vec<(String, Model)>,
}

impl Upstream {
    /// Everything that is asked there.
    fn all(&self) -> impl Iterator<Item = &Model> {
        let vectors = self.vectors.iter().map(|(_, model)| model);
        std::iter::once(&self.model).chain(vectors)
    }
}

impl Gateway {
    /// As the file of the settings says. Errors: a file that cannot be, by name.
    pub fn open(settings: &Arc<Settings>, pool: &Pool, stop: &CancellationToken) -> Result<Self> {
        let none = Self {
            upstreams: Vec::new(),
            fallback: None,
            patience: Duration::ZERO,
            room: Room::new(settings.questions),
            body_bytes: BODY_BYTES.min(settings.body_bytes),
            answers: None,
            ledger: None,
            ending: CancellationToken::new(),
        };
        let Some(path) = &settings.gateway else {
            return Ok(none);
        };
        let plan = Plan::read(path)?;
        let answers = Answers::new(pool.clone(), plan.fresh(), plan.total());
        let ledger = Arc::new(Ledger::new(pool.clone(), plan.prices()));
        let made = plan.upstream.iter().map(|upstream| {
            let setup = || Setup {
                cache: CacheSettings {
                    memory_bytes: plan.memory_bytes(),
                    fresh_general: plan.fresh(),
                    ..CacheSettings::default()
                },
                shared: Some(Arc::new(answers.clone())),
                observer: Arc::new(Book {
                    ledger: Arc::clone(&ledger),
                    upstream: upstream.name.clone(),
                    runtime: Handle::current(),
                }),
                ..Setup::default()
            };
            let model = Model::new(setup());
            let first = upstream.models.first().map_or("", String::as_str);
            model.configure(Some(plan.endpoint(upstream, first)?))?;
            let vectors = upstream.embeddings.iter().map(|name| {
                let model = Model::new(setup());
                model.configure_embeddings(Some(plan.endpoint(upstream, name)?))?;
                Ok((name.clone(), model))
            });
            Ok(Upstream {
                models: upstream.models.clone(),
                embeddings: upstream.embeddings.clone(),
                model,
                vectors: vectors.collect::<Result<_>>()?,
            })
        });
        let upstreams = made.collect::<Result<Vec<_>>>()?;
        let place = |name: &str| plan.upstream.iter().position(|u| u.name == name);
        let fallback = plan.fallback.as_ref();
        let fallback = fallback.and_then(|f| Some((place(&f.upstream)?, f.model.clone())));
        let held: Vec<Model> = upstreams.iter().flat_map(Upstream::all).cloned().collect();
        let forget = move || {
            for model in &held {
                // Memory is all that a node has of its own: that can always be cleared.
                let _ = model.clear(&Selector::All);
            }
        };
        tokio::spawn(
            answers
                .clone()
                .hear(Arc::clone(settings), forget, stop.clone()),
        );
        let bounds = Bounds {
            fresh: plan.fresh(),
            bytes: plan.table_bytes(),
            days: plan.ledger_days(),
        };
        tokio::spawn(upkeep::keep_up(pool.clone(), bounds, stop.clone()));
        tokio::spawn(Arc::clone(&ledger).keep_writing(stop.clone()));
        Ok(Self {
            upstreams,
            fallback,
            // Another node and two upstreams may each take their time.
            patience: plan.total() * 3 + Duration::from_secs(5),
            answers: Some(answers),
            ledger: Some(ledger),
            ..none
        })
    }

    /// Breaks off what is still under way, and writes down what that took and what was counted. Called
    /// when nobody is served any more.
    pub async fn close(&self) {
        self.ending.cancel();
        let all_told = async {
            while !self
                .upstreams
                .iter()
                .flat_map(Upstream::all)
                .all(Model::is_idle)
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, all_told).await.is_err() {
            tracing::warn!("a call ended without being written down");
        }
        if let Some(ledger) = &self.ledger {
            ledger.flush().await;
        }
    }

    /// How the models are, as far as the latest questions told; `None` when there are none.
    pub fn part(&self) -> Option<Part> {
        let closed = |upstream: &Upstream| match upstream.model.breaker() {
            Some(BreakerState::Closed { .. }) | None => true,
            Some(BreakerState::Open { .. } | BreakerState::HalfOpen) => false,
        };
        let sound = self.upstreams.iter().all(closed);
        (!self.upstreams.is_empty()).then_some(match sound {
            true => Part::Ok,
            false => Part::Down,
        })
    }

    /// How the answers are that all nodes have in common; `None` when there are no models, or the database says nothing.
    pub async fn cache(&self) -> Option<Part> {
        self.answers.as_ref()?.part().await
    }

    /// The longest that a question may take here.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// How large a question may be, in bytes.
    pub fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    /// Places for what callers ask.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// The model of a job: the one that is asked for, or else the first. None when there is none such.
    pub fn model_for(&self, asked: Option<&str>) -> Option<&str> {
        let mut models = self.upstreams.iter().flat_map(|u| &u.models);
        let model = match asked {
            Some(asked) => models.find(|model| *model == asked),
            None => models.next(),
        };
        model.map(String::as_str)
    }

    /// Asks the upstream that has the model, and who stands in when that one fails.
    pub async fn ask(
        &self,
        question: &Question,
        mut sink: impl FnMut(Piece<'_>) + Send,
        cancel: &CancellationToken,
    ) -> Result<Answer, Fault> {
        if self.upstreams.is_empty() {
            return Err(Fault::NoGateway);
        }
        let asked = &question.request.model;
        let place = self.upstreams.iter().position(|u| u.models.contains(asked));
        let place = place.ok_or(Fault::NoModel)?;
        let other = self.fallback.as_ref().filter(|(other, _)| *other != place);
        let mut request = question.request.clone();
        request.once = other.is_some();
        let mut any = false;
        let noted = |piece: Piece<'_>| {
            any = true;
            sink(piece);
        };
        let (policy, validate) = (question.policy, &question.validate);
        let first = &self.upstreams[place].model;
        let answer = first.ask(request, policy, validate.clone(), noted, cancel);
        match (answer.await, other) {
            (Err(error), Some((other, model))) if !any && error.asks_for_another_server() => {
                tracing::warn!(code = error.code(), "another upstream stands in");
                let mut request = question.request.clone();
                request.model = model.clone().unwrap_or(request.model);
                let other = &self.upstreams[*other].model;
                let answer = other.ask(request, policy, validate.clone(), sink, cancel);
                Ok(answer.await?)
            }
            (answer, _) => Ok(answer?),
        }
    }
}

/// Whether an address waits for a model.
pub fn is_patient(route: &str) -> bool {
    ["/v1/chat/completions", "/v1/embeddings"].contains(&route)
}

/// Reads a body. Error: it is too large or did not come whole.
fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Fault> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge.into(),
        _ => Fault::Form("de vraag kwam niet heel aan"),
    })
}

/// `POST /v1/chat/completions`
pub async fn chat(
    State(node): State<Arc<Node>>,
    caller: Caller,
    place: Place,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    let question = Question::read(&caller.0, &headers, &whole(body)?)?;
    match question.stream {
        true => stream(node, place, question).await,
        false => plain(&node, question).await,
    }
}

fn name_of(request: &Request) -> String {
    let id = request.request_id.as_deref().unwrap_or_default();
    format!("chatcmpl-{id}")
}

async fn plain(node: &Node, question: Question) -> Result<Response, Fault> {
    let mut text = String::new();
    let sink = |piece: Piece<'_>| text.push_str(piece.text);
    // Dropped with this future when the client goes away: that is leaving.
    let cancel = node.gateway.ending.child_token();
    let answered = node.gateway.ask(&question, sink, &cancel).await;
    let id = name_of(&question.request);
    let (ended, fate, age, entry) = match answered {
        Ok(answer) => {
            let (fate, age, entry) = (answer.fate, answer.age, answer.entry);
            (Ended::whole(answer), fate, age, entry)
        }
        Err(Fault::Model(error)) => {
            let ended = Ended::part(error, text, question.request.model.clone())?;
            let entry = key_of(&question.request);
            (ended, Fate::Miss, Duration::ZERO, entry)
        }
        Err(fault) => return Err(fault),
    };
    node.figures.model_answer(fate);
    let mut response = ended.plain(&id).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    told_of(headers, fate, age, &entry);
    Ok(response)
}

/// What a question that is asked aside tells.
enum News {
    Piece(String, bool),
    Ended(Box<Result<Answer, Fault>>),
}

async fn stream(node: Arc<Node>, place: Place, question: Question) -> Result<Response, Fault> {
    let (news, mut heard) = mpsc::unbounded_channel();
    let cancel = node.gateway.ending.child_token();
    // Dropped with the body when the client goes away: that is leaving.
    let leaving = cancel.clone().drop_guard();
    let mut events = Events {
        id: name_of(&question.request),
        model: question.request.model.clone(),
        created: jiff::Timestamp::now().as_second(),
        usage: question.usage,
    };
    let entry = key_of(&question.request);
    let figures = Arc::clone(&node.figures);
    let asking = async move {
        let sink = |piece: Piece<'_>| {
            // Whoever does not listen any more has left.
            let _ = news.send(News::Piece(piece.text.to_owned(), piece.replayed));
        };
        let answered = node.gateway.ask(&question, sink, &cancel).await;
        drop(place);
        let _ = news.send(News::Ended(Box::new(answered)));
    };
    // In the span of the request, so that what is logged bears its number.
    tokio::spawn(asking.in_current_span());
    // Nothing is said before there is something, so that an error has its own status.
    let mut pieces = Vec::new();
    let ended = match heard.recv().await {
        Some(News::Piece(text, replayed)) => {
            pieces.push(text);
            match replayed {
                // What is kept comes at once: all of it is waited for.
                true => loop {
                    match heard.recv().await {
                        Some(News::Piece(text, _)) => pieces.push(text),
                        Some(News::Ended(ended)) => break Some(*ended),
                        None => return Err(LlmError::Interrupted.into()),
                    }
                },
                false => None,
            }
        }
        Some(News::Ended(ended)) => Some(*ended),
        None => return Err(LlmError::Interrupted.into()),
    };
    let mut begun = String::new();
    let (mut fate, mut age) = (Fate::Miss, Duration::ZERO);
    if let Some(Ok(answer)) = &ended {
        (fate, age) = (answer.fate, answer.age);
        events.model.clone_from(&answer.model);
        events.created = answer.answered_at.as_second();
    }
    begun.push_str(&events.begin());
    pieces
        .iter()
        .for_each(|text| begun.push_str(&events.piece(text)));
    let body = match ended {
        Some(answered) => {
            begun.push_str(&last(&events, answered, String::new)?);
            Body::from(begun)
        }
        None => {
            let state = (Some(begun), heard, events, leaving, pieces.concat());
            Body::from_stream(futures_util::stream::unfold(state, following))
        }
    };
    figures.model_answer(fate);
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    told_of(headers, fate, age, &entry);
    Ok(response)
}

/// A stream under way: what is still to be said first, what comes, how it is written, the wish to
/// hear it, and the text so far.
type Under = (
    Option<String>,
    mpsc::UnboundedReceiver<News>,
    Events,
    tokio_util::sync::DropGuard,
    String,
);

async fn following(state: Under) -> Option<(Result<String, Infallible>, Under)> {
    let (first, mut heard, events, leaving, mut text) = state;
    let said = match first {
        Some(begun) => begun,
        // After the last one the sender is gone.
        None => match heard.recv().await? {
            News::Piece(piece, _) => {
                text.push_str(&piece);
                events.piece(&piece)
            }
            News::Ended(answered) => {
                last(&events, *answered, || text.clone()).unwrap_or_else(|fault| fault.event())
            }
        },
    };
    Some((Ok(said), (None, heard, events, leaving, text)))
}

/// The last events. Error: there is no answer.
fn last(
    events: &Events,
    answered: Result<Answer, Fault>,
    text: impl Fn() -> String,
) -> Result<String, Fault> {
    let ended = match answered {
        Ok(answer) => Ended::whole(answer),
        Err(Fault::Model(error)) => Ended::part(error, text(), events.model.clone())?,
        Err(fault) => return Err(fault),
    };
    Ok(events.end(&ended))
}

/// `GET /v1/models`
pub async fn models(State(node): State<Arc<Node>>) -> Response {
    let upstreams = node.gateway.upstreams.iter();
    let names = upstreams.flat_map(|u| u.models.iter().chain(&u.embeddings));
    let data: Vec<Value> = names
        .map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": "begrip"}))
        .collect();
    axum::Json(json!({"object": "list", "data": data})).into_response()
}

/// `POST /v1/embeddings`: texts as vectors, kept and joined as answers are.
pub async fn embeddings(
    State(node): State<Arc<Node>>,
    caller: Caller,
    _place: Place,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    let mut body = question::object(&whole(body)?)?;
    let name = question::text(&mut body, "model")?;
    let texts = match body.remove("input") {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list
            .into_iter()
            .map(|text| match text {
                Value::String(text) => Ok(text),
                _ => Err(Fault::Missing("input")),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(Fault::Missing("input")),
    };
    if texts.is_empty() || texts.len() > MOST_TEXTS {
        return Err(Fault::Form("input heeft 1 tot en met 512 teksten"));
    }
    let base64 = match body.remove("encoding_format") {
        None | Some(Value::Null) => false,
        Some(Value::String(word)) if word == "float" => false,
        Some(Value::String(word)) if word == "base64" => true,
        _ => return Err(Fault::Form("encoding_format is float of base64")),
    };
    if node.gateway.upstreams.is_empty() {
        return Err(Fault::NoGateway);
    }
    let mut vectors = node.gateway.upstreams.iter().flat_map(|u| &u.vectors);
    let model = vectors.find(|(own, _)| *own == name);
    let (_, model) = model.ok_or(Fault::NoModel)?;
    let tokens = texts.iter().map(|text| text.len() / 4 + 1).sum::<usize>();
    body.insert("input".to_owned(), json!(texts));
    // In the form in which they go upstream: two of one letter are one question.
    if let Some(input) = body.get_mut("input") {
        question::normalise(input);
    }
    let request = question::request(&caller.0, &headers, name.clone(), body, tokens)?;
    let validate = question::vectors_validation(request.scope.data_class);
    let cancel = node.gateway.ending.child_token();
    let asked = model.vectors(request, question::policy(&headers), validate, &cancel);
    let (made, answer) = asked.await?;
    node.figures.model_answer(answer.fate);
    let data: Vec<Value> = made
        .iter()
        .enumerate()
        .map(|(index, vector)| {
            let embedding = match base64 {
                false => json!(vector),
                true => {
                    let bytes: Vec<u8> = vector.iter().flat_map(|n| n.to_le_bytes()).collect();
                    json!(base64::engine::general_purpose::STANDARD.encode(bytes))
                }
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let used = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    let body = json!({"object": "list", "data": data, "model": name, "usage": used});
    let mut response = axum::Json(body).into_response();
    told_of(
        response.headers_mut(),
        answer.fate,
        answer.age,
        &answer.entry,
    );
    Ok(response)
}
