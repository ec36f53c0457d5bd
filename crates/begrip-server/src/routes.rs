//! The addresses, and what each answers.

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use axum::{Json, Router, middleware};
use begrip_sync::{Catalogue, Hello, PROTOCOL, Push, Pushed, Role, Supported, limits, negotiate};
use deadpool_postgres::Pool;
use futures_util::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::administration::addresses as admin;
use crate::around::{Around, around};
use crate::events::Events;
use crate::figures::Figures;
use crate::gateway::{Fault, Gateway};
use crate::health::Health;
use crate::jobs::Jobs;
use crate::lines::{Kind, Lines, Watch};
use crate::pace::Pace;
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::settings::Settings;
use crate::token::{Holder, Tokens};
use crate::{desk, gateway, health, identity, jobs, openapi, publish, sharing, trail};

/// Says which versions of the protocol the caller speaks: `1` or `1-3`.
const PROTOCOL_HEADER: &str = "begrip-protocol";

/// How often a quiet line of events says that it is still there.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What every request needs. Nothing here would be missed by another node.
pub struct Node {
    pub pool: Pool,
    pub tokens: Arc<Tokens>,
    pub events: Arc<Events>,
    pub figures: Arc<Figures>,
    pub health: Health,
    pub pace: Pace,
    pub lines: Arc<Lines>,
    pub gateway: Gateway,
    pub jobs: Jobs,
    pub rules: Rules,
    pub stop: CancellationToken,
}

/// Who may ask at an address.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// Anybody, without a token.
    Nothing,
    /// Whoever has at least this role.
    Least(Role),
    /// The same, by the protocol of OpenAI: whoever asks need not speak ours.
    Model(Role),
}

impl Need {
    fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "anybody",
            Self::Least(role) | Self::Model(role) => role.as_str(),
        }
    }
}

/// Declares each address once: its router and its row in [`ROUTES`] are the same declaration, and none
/// stands outside the check of who asks.
macro_rules! routes {
    ($( $method:ident $path:literal $need:expr => $handler:path; )*) => {
        /// Method, path and who may ask.
        const ROUTES: &[(&str, &str, Need)] = &[$( (stringify!($method), $path, $need) ),*];

        fn addresses(node: &Arc<Node>) -> Router<Arc<Node>> {
            Router::new()$( .route($path, guarded($method($handler), $need, node)) )*
        }
    };
}

routes! {
    get "/v1/sync/hello" Need::Least(Role::Reader) => hello;
    post "/v1/sync/commands" Need::Least(Role::Author) => commands;
    get "/v1/sync/changes" Need::Least(Role::Reader) => changes;
    get "/v1/sync/ranges/{range}" Need::Least(Role::Reader) => range;
    get "/v1/sync/events" Need::Least(Role::Reader) => events;
    get "/v1/concepts/{concept}/trail" Need::Least(Role::Reader) => concept_trail;
    post "/v1/chat/completions" Need::Model(Role::Author) => gateway::chat;
    post "/v1/embeddings" Need::Model(Role::Author) => gateway::embeddings;
    get "/v1/models" Need::Model(Role::Reader) => gateway::models;
    get "/v1/usage" Need::Model(Role::Reader) => gateway::usage::usage;
    post "/v1/jobs" Need::Least(Role::Author) => jobs::create;
    get "/v1/jobs" Need::Least(Role::Author) => jobs::list;
    get "/v1/jobs/{job}" Need::Least(Role::Author) => jobs::one;
    get "/v1/jobs/{job}/events" Need::Least(Role::Author) => jobs::events;
    get "/v1/jobs/{job}/rows" Need::Least(Role::Author) => jobs::rows;
    get "/v1/jobs/{job}/results" Need::Least(Role::Author) => jobs::results;
    post "/v1/jobs/{job}/cancel" Need::Least(Role::Author) => jobs::cancel;
    post "/v1/jobs/{job}/retry" Need::Least(Role::Author) => jobs::retry;
    get "/v1/published" Need::Least(Role::Reader) => published;
    get "/v1/published/{id}" Need::Least(Role::Reader) => published_file;
    get "/v1/admin/organisations" Need::Least(Role::Administrator) => admin::organisations;
    get "/v1/admin/users" Need::Least(Role::Administrator) => admin::users;
    post "/v1/admin/users" Need::Least(Role::Administrator) => admin::user_add;
    patch "/v1/admin/users/{user}" Need::Least(Role::Administrator) => admin::user_change;
    delete "/v1/admin/users/{user}/sign-in" Need::Least(Role::Administrator) => admin::user_unlink;
    get "/v1/admin/tokens" Need::Least(Role::Administrator) => admin::tokens;
    post "/v1/admin/tokens" Need::Least(Role::Administrator) => admin::token_make;
    delete "/v1/admin/tokens/{token}" Need::Least(Role::Administrator) => admin::token_revoke;
    get "/v1/admin/quota" Need::Least(Role::Administrator) => admin::quota;
    put "/v1/admin/quota" Need::Least(Role::Administrator) => admin::quota_set;
    patch "/v1/admin/quota" Need::Least(Role::Administrator) => admin::quota_change;
    get "/v1/admin/published" Need::Least(Role::Administrator) => admin::published;
    get "/v1/admin/log" Need::Least(Role::Administrator) => admin::log;
    get "/v1/identity" Need::Nothing => identity::tell;
    get "/v1/openapi.json" Need::Nothing => openapi::description;
    get "/health/live" Need::Nothing => health::live;
    get "/health/ready" Need::Nothing => health::ready;
    get "/metrics" Need::Nothing => health::metrics;
    get "/metrics.json" Need::Nothing => health::figures;
}

/// Says every address on standard output: method, path, least role.
pub fn tell() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    ROUTES.iter().try_for_each(|(method, path, need)| {
        writeln!(out, "{}\t{path}\t{}", method.to_uppercase(), need.as_str())
    })
}

fn guarded(
    route: MethodRouter<Arc<Node>>,
    need: Need,
    node: &Arc<Node>,
) -> MethodRouter<Arc<Node>> {
    match need {
        Need::Nothing => route,
        Need::Least(least) => {
            let guard = (Arc::clone(node), least);
            route.route_layer(middleware::from_fn_with_state(guard, admit))
        }
        Need::Model(least) => {
            let guard = (Arc::clone(node), least);
            route
                .layer(DefaultBodyLimit::max(node.gateway.body_bytes()))
                .route_layer(middleware::from_fn_with_state(guard, admit_to_model))
        }
    }
}

/// Lets in who speaks the protocol and has what [`known`] asks for.
async fn admit(
    State((node, least)): State<(Arc<Node>, Role)>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    speaks(request.headers())?;
    Ok(next.run(known(&node, least, request).await?).await)
}

/// Lets in who has what [`known`] asks for, or says why not as OpenAI would.
async fn admit_to_model(
    State((node, least)): State<(Arc<Node>, Role)>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    Ok(next.run(known(&node, least, request).await?).await)
}

/// The request with who asks: somebody with a token and the role, who does not ask too often.
async fn known(node: &Node, least: Role, mut request: Request) -> Result<Request, Refusal> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned())
        .ok_or(Refusal::SignIn)?;
    let holder = node.tokens.holder(&node.pool, &token).await?;
    node.pace.admit(&holder, Instant::now())?;
    if holder.role < least {
        return Err(Refusal::Role(holder.role));
    }
    // What is small here may be very large once it is unpacked.
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::Compressed);
    }
    request.extensions_mut().insert(Caller(holder));
    Ok(request)
}

/// Every address, with what stands around each.
pub fn router(node: Arc<Node>, settings: &Settings) -> Router {
    let around_each = Around {
        figures: Arc::clone(&node.figures),
        timeout: settings.timeout,
        patience: node.gateway.patience().max(settings.timeout),
    };
    addresses(&node)
        .method_not_allowed_fallback(async || Refusal::Method)
        .fallback(async || Refusal::NoAddress)
        .layer(DefaultBodyLimit::max(settings.body_bytes))
        // Outside the limits and inside the routes, so that it knows which address was meant.
        .layer(middleware::from_fn_with_state(around_each, around))
        .with_state(node)
}

/// Who asks, as [`known`] found.
#[derive(Clone)]
pub struct Caller(pub Arc<Holder>);

impl FromRequestParts<Arc<Node>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Node>) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().ok_or(Refusal::SignIn)
    }
}

/// Refuses a caller with whom there is no version in common.
fn speaks(headers: &HeaderMap) -> Result<(), Refusal> {
    let said = headers
        .get(PROTOCOL_HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(versions)
        .ok_or(Refusal::Protocol(None))?;
    negotiate(said, PROTOCOL)
        .map(drop)
        .map_err(|mismatch| Refusal::Protocol(Some(mismatch)))
}

/// Reads `1` or `1-3`.
fn versions(text: &str) -> Option<Supported> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    Some(Supported {
        min: min.trim().parse().ok()?,
        max: max.trim().parse().ok()?,
    })
}

async fn hello(State(node): State<Arc<Node>>, caller: Caller) -> Result<Json<Hello>, Refusal> {
    let client = node.pool.get().await?;
    Ok(Json(sharing::hello(&client, &caller.0).await?))
}

/// What the body of a request says. Errors: it is too large, did not come whole, or has another form;
/// what it should have been.
pub fn read<T: DeserializeOwned>(
    body: Result<Bytes, BytesRejection>,
    what: &'static str,
) -> Result<T, Refusal> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Form("de vraag kwam niet heel aan"),
    })?;
    serde_json::from_slice(&body).map_err(|_| Refusal::Form(what))
}

async fn commands(
    State(node): State<Arc<Node>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Pushed>, Refusal> {
    let push: Push = read(body, "geen lijst van wijzigingen")?;
    if push.commands.len() > limits::PUSH {
        return Err(Refusal::TooLarge);
    }
    let mut client = node.pool.get().await?;
    let pushed = desk::push(&mut client, &node.rules, &caller.0, &push.commands).await?;
    node.figures.commands(&pushed.answers);
    Ok(Json(pushed))
}

#[derive(Deserialize)]
struct Changes {
    after: u64,
    #[serde(default)]
    closing: bool,
}

async fn changes(
    State(node): State<Arc<Node>>,
    caller: Caller,
    query: Result<Query<Changes>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) = query.map_err(|_| Refusal::Form("after moet een getal zijn"))?;
    let mut client = node.pool.get().await?;
    let page = sharing::changes(&mut client, &caller.0, asked.after, asked.closing).await?;
    Ok(json(page))
}

async fn range(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<u8>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(range) = path.map_err(|_| Refusal::Form("een reeks heeft een nummer"))?;
    let mut client = node.pool.get().await?;
    Ok(json(sharing::range(&mut client, &caller.0, range).await?))
}

async fn concept_trail(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(concept) = path.map_err(|_| Refusal::Form("een begrip heeft een nummer"))?;
    let mut client = node.pool.get().await?;
    Ok(json(
        trail::of_concept(&mut client, &caller.0, concept).await?,
    ))
}

async fn published(
    State(node): State<Arc<Node>>,
    caller: Caller,
) -> Result<Json<Catalogue>, Refusal> {
    let mut client = node.pool.get().await?;
    Ok(Json(publish::catalogue(&mut client, &caller.0).await?))
}

async fn published_file(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(id) = path.map_err(|_| Refusal::Form("een uitgave heeft een nummer"))?;
    let mut client = node.pool.get().await?;
    Ok(json(publish::document(&mut client, &caller.0, id).await?))
}

/// What is JSON already.
fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A line of events: `changed` with the sequence, at once and with each change, for as long as the token holds.
async fn events(
    State(node): State<Arc<Node>>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let place = node.lines.place(Kind::Changes, &caller.0)?;
    let mut latest = node.events.listen();
    latest.mark_changed();
    let line = (latest, Watch::new(&node, &caller.0), place);
    let events = futures_util::stream::unfold(line, async |(mut latest, watch, place)| {
        tokio::select! {
            () = watch.over() => None,
            changed = latest.changed() => {
                changed.ok()?;
                let sequence = *latest.borrow_and_update();
                let event = Event::default().event("changed").data(sequence.to_string());
                Some((Ok(event), (latest, watch, place)))
            }
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_names_one_version_or_a_stretch_of_them() {
        assert_eq!(versions("1"), Some(Supported { min: 1, max: 1 }));
        assert_eq!(versions("1-3"), Some(Supported { min: 1, max: 3 }));
        assert_eq!(versions("een"), None);
        assert_eq!(versions("1-"), None);
    }
}
