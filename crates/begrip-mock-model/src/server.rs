//! The HTTP side: routes, key, capacity, and the mock's own controls under `/_mock/`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::MODEL_NAME;
use crate::behaviour::{Behaviour, Plan, When};
use crate::chat::{Answer, Ask};
use crate::config::{Excess, MockConfig};
use crate::embed::embeddings;
use crate::log::{Call, CallLog, OpenCall, Outcome};
use crate::steps::{Delivery, Script, error_body};

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    config: MockConfig,
    pub(crate) log: Arc<CallLog>,
    plan: Mutex<Plan>,
    places: Option<Arc<Semaphore>>,
    answers: AtomicU32,
    /// How often what is held back was released.
    pub(crate) released: watch::Sender<u32>,
}

impl Shared {
    pub(crate) fn new(config: MockConfig) -> anyhow::Result<Self> {
        let log = Arc::new(CallLog::new(config.log_file.as_deref())?);
        let places = config.capacity.map(|c| c.at_once.max(1) as usize);
        Ok(Self {
            config,
            log,
            plan: Mutex::default(),
            places: places.map(|places| Arc::new(Semaphore::new(places))),
            answers: AtomicU32::new(0),
            released: watch::Sender::new(0),
        })
    }

    pub(crate) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reset(&self) {
        *self.plan() = Plan::default();
        self.log.clear();
    }

    /// A place in the capacity: `Ok(None)` when there is no limit, `Err` when all are taken.
    async fn place(&self) -> Result<Option<OwnedSemaphorePermit>, ()> {
        let Some(places) = self.places.clone() else {
            return Ok(None);
        };
        let excess = self.config.capacity.map(|capacity| capacity.excess);
        let place = match excess {
            Some(Excess::Refuse) => places.try_acquire_owned().map_err(|_| ())?,
            _ => places.acquire_owned().await.map_err(|_| ())?,
        };
        Ok(Some(place))
    }

    pub(crate) fn key_is_right(&self, headers: &HeaderMap) -> bool {
        let Some(key) = &self.config.api_key else {
            return true;
        };
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
        [bearer, text("api-key")].contains(&Some(key))
    }
}

/// The largest request body that is read, in bytes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/openai/deployments/{name}/chat/completions", post(chat))
        .route("/v1/embeddings", post(embeddings))
        .route("/openai/deployments/{name}/embeddings", post(embeddings))
        .route("/v1/models", get(models))
        .route("/_mock/log", get(log))
        .route("/_mock/behaviour", post(behaviour))
        .route("/_mock/reset", post(reset))
        .route("/_mock/health", get(health))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "model": MODEL_NAME}))
}

async fn log(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"calls": shared.log.all()}))
}

async fn reset(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Setting {
    when: When,
    behaviour: Behaviour,
}

async fn behaviour(State(shared): State<Arc<Shared>>, Json(setting): Json<Setting>) -> StatusCode {
    shared.plan().set(setting.when, setting.behaviour);
    StatusCode::NO_CONTENT
}

async fn models(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if !shared.key_is_right(&headers) {
        return wrong_key();
    }
    let model = json!({"id": MODEL_NAME, "object": "model", "owned_by": "begrip-mock-model"});
    Json(json!({"object": "list", "data": [model]})).into_response()
}

async fn not_found(uri: Uri) -> Response {
    let message = format!("Unknown request URL: {}", uri.path());
    refusal(StatusCode::NOT_FOUND, "invalid_request_error", &message)
}

async fn chat(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let ask = Ask::read(&body);
    let term = ask.as_ref().map(Ask::term).unwrap_or_default();
    let mut arrived = Call::arrived(&uri, &headers, body, term.clone());
    if shared.config.forget_bodies {
        arrived.body = Value::Null;
    }
    let mut call = shared.log.begin(arrived);
    if !shared.key_is_right(&headers) {
        return refused(call, wrong_key());
    }
    let ask = match ask {
        Ok(ask) => ask,
        Err(reason) => {
            let bad = refusal(StatusCode::BAD_REQUEST, "invalid_request_error", &reason);
            return refused(call, bad);
        }
    };
    let texts: Vec<&str> = ask.messages.iter().map(|(_, text)| text.as_str()).collect();
    let behaviour = shared.plan().take(&term, &call.call.model, &texts);
    call.call.behaviour = behaviour.name();
    if let Behaviour::Status {
        status,
        retry_after,
    } = &behaviour
    {
        return refused(call, asked_for(*status, retry_after.as_deref()));
    }
    if let Behaviour::SmallContext { tokens } = behaviour
        && ask.tokens_in > tokens
    {
        let message = format!(
            "request ({} tokens) exceeds the available context size ({tokens} tokens), try increasing it",
            ask.tokens_in
        );
        let status = StatusCode::BAD_REQUEST;
        return refused(call, refusal(status, "exceed_context_size_error", &message));
    }
    let Ok(place) = shared.place().await else {
        return refused(call, asked_for(429, Some("1")));
    };
    call.call.tokens_in = ask.tokens_in;
    answer(&shared, call, &ask, &behaviour, place).await
}

async fn answer(
    shared: &Shared,
    call: OpenCall,
    ask: &Ask,
    behaviour: &Behaviour,
    place: Option<OwnedSemaphorePermit>,
) -> Response {
    let number = shared.answers.fetch_add(1, Ordering::Relaxed);
    let reply = Answer::to(ask, behaviour);
    let steps = Script {
        ask,
        answer: &reply,
        behaviour,
        latency: shared.config.latency,
        released: shared.released.subscribe(),
        id: format!("chatcmpl-begrip-demo-{number}"),
        created: Timestamp::now().as_second(),
    }
    .steps();
    let at_the_end = if behaviour.spoils_the_answer() {
        Outcome::Fault
    } else {
        Outcome::Completed
    };
    let request_id = call.call.request_id.clone();
    let mut delivery = Delivery {
        steps,
        call,
        at_the_end,
        place,
    };
    delivery.before_first_byte().await;
    delivery.call.answered_with(200);
    let kind = if ask.stream {
        "text/event-stream; charset=utf-8"
    } else {
        "application/json"
    };
    let mut response = Response::new(delivery.into_body());
    put(&mut response, header::CONTENT_TYPE.as_str(), kind);
    put(
        &mut response,
        "x-request-id",
        &request_id.unwrap_or_default(),
    );
    response
}

pub(crate) fn refused(mut call: OpenCall, response: Response) -> Response {
    call.answered_with(response.status().as_u16());
    call.end(Outcome::Fault);
    response
}

pub(crate) fn wrong_key() -> Response {
    refusal(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "Incorrect API key provided.",
    )
}

pub(crate) fn asked_for(status: u16, retry_after: Option<&str>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (kind, message) = match status.as_u16() {
        429 => (
            "rate_limit_exceeded",
            "Rate limit reached, try again later.",
        ),
        401 => ("invalid_api_key", "Incorrect API key provided."),
        404 => ("model_not_found", "The model does not exist."),
        500.. => ("server_error", "The server had an error, try again later."),
        _ => ("invalid_request_error", "The request was not accepted."),
    };
    let mut response = refusal(status, kind, message);
    if let Some(time) = retry_after {
        put(&mut response, "retry-after", time);
    }
    response
}

pub(crate) fn refusal(status: StatusCode, kind: &str, message: &str) -> Response {
    let mut response = Response::new(Body::from(error_body(kind, message).to_string()));
    *response.status_mut() = status;
    put(
        &mut response,
        header::CONTENT_TYPE.as_str(),
        "application/json",
    );
    response
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    // Neither an empty value nor one that no header can hold is sent.
    if let Ok(value) = value.parse::<HeaderValue>()
        && !value.is_empty()
    {
        response.headers_mut().insert(name, value);
    }
}
