//! The addresses, and what each answers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use begrip_sync::{Hello, PROTOCOL, Push, Pushed, Role, Supported, limits, negotiate};
use deadpool_postgres::Pool;
use futures_util::Stream;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::around::{Around, Figures, around};
use crate::events::Events;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::token::{Holder, Tokens};
use crate::{desk, health, sharing, trail};

/// Says which versions of the protocol the caller speaks: `1` or `1-3`.
const PROTOCOL_HEADER: &str = "begrip-protocol";

/// How often a quiet line of events says that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What every request needs. Nothing here would be missed by another node.
pub struct Node {
    pub pool: Pool,
    pub tokens: Arc<Tokens>,
    pub events: Arc<Events>,
    pub figures: Arc<Figures>,
    pub stop: CancellationToken,
}

/// Every address.
pub fn router(node: Arc<Node>, settings: &Settings) -> Router {
    let around_each = Around {
        figures: Arc::clone(&node.figures),
        timeout: settings.timeout,
    };
    Router::new()
        .route("/v1/sync/hello", get(hello))
        .route("/v1/sync/commands", post(commands))
        .route("/v1/sync/changes", get(changes))
        .route("/v1/sync/ranges/{range}", get(range))
        .route("/v1/sync/events", get(events))
        .route("/v1/concepts/{concept}/trail", get(concept_trail))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(async || Refusal::Method)
        .fallback(async || Refusal::NoAddress)
        .layer(DefaultBodyLimit::max(settings.body_bytes))
        // Outside the limits and inside the routes, so that it knows which address was meant.
        .layer(middleware::from_fn_with_state(around_each, around))
        .with_state(node)
}

/// Somebody who may at least read, and speaks the protocol.
struct Caller(Arc<Holder>);

impl FromRequestParts<Arc<Node>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, node: &Arc<Node>) -> Result<Self, Refusal> {
        speaks(parts)?;
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(Refusal::SignIn)?;
        let holder = node.tokens.holder(&node.pool, token.trim()).await?;
        Ok(Self(holder))
    }
}

/// Refuses a caller with whom there is no version in common.
fn speaks(parts: &Parts) -> Result<(), Refusal> {
    let said = parts
        .headers
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

async fn commands(
    State(node): State<Arc<Node>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Pushed>, Refusal> {
    if caller.0.role < Role::Author {
        return Err(Refusal::Role(caller.0.role));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Form("de vraag kwam niet heel aan"),
    })?;
    let push: Push =
        serde_json::from_slice(&body).map_err(|_| Refusal::Form("geen lijst van wijzigingen"))?;
    if push.commands.len() > limits::PUSH {
        return Err(Refusal::TooLarge);
    }
    let mut client = node.pool.get().await?;
    Ok(Json(
        desk::push(&mut client, &caller.0, &push.commands).await?,
    ))
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

/// What is JSON already.
fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A line of events: `changed` with the sequence, at once and with each change.
async fn events(
    State(node): State<Arc<Node>>,
    _caller: Caller,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut latest = node.events.listen();
    latest.mark_changed();
    let stop = node.stop.clone();
    let events = futures_util::stream::unfold((latest, stop), async |(mut latest, stop)| {
        tokio::select! {
            () = stop.cancelled() => None,
            changed = latest.changed() => {
                changed.ok()?;
                let sequence = *latest.borrow_and_update();
                let event = Event::default().event("changed").data(sequence.to_string());
                Some((Ok(event), (latest, stop)))
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
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
