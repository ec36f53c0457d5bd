//! Whether the server can work, and its figures.
//!
//! Parts are looked at once a second and not when somebody asks: the answer comes at once, however long a part takes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use deadpool_postgres::{Pool, PoolError, TimeoutType, Timeouts};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::connections;
use crate::refusal::Refusal;
use crate::routes::Node;
use crate::settings::Settings;

/// How often parts are looked at.
const EACH: Duration = Duration::from_secs(1);

/// How long the database has to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// It works.
    Ok,
    /// It works, and everything of it is in use.
    Busy,
    /// It does not work.
    Down,
}

/// Every part, as it was found last.
#[derive(Default)]
pub struct Health(Mutex<BTreeMap<&'static str, Part>>);

impl Health {
    /// Says how a part is.
    pub fn set(&self, name: &'static str, part: Part) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.insert(name, part) != Some(part) {
            tracing::info!(part = name, state = ?part, "a part of the server turned");
        }
    }

    fn parts(&self) -> BTreeMap<&'static str, Part> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Looks at every part until the server stops.
pub async fn watch(node: Arc<Node>) {
    let mut doubted = BTreeSet::new();
    loop {
        let found = database(&node.pool).await;
        node.health.set("database", found);
        match found {
            // Of what stands in it nothing is known while it is away: that stays as it was found last.
            Part::Down => doubted.clear(),
            Part::Ok | Part::Busy => look_inside(&node, &mut doubted).await,
        }
        if let Some(models) = node.gateway.part() {
            node.health.set("model", models);
        }
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = tokio::time::sleep(EACH) => {}
        }
    }
}

/// Looks at the parts that stand in the database. One is down when it was found so twice: the first time the whole database
/// may be going down, and it is that which is told then.
async fn look_inside(node: &Node, doubted: &mut BTreeSet<&'static str>) {
    let events = match node.events.hears() {
        true => Part::Ok,
        false => Part::Down,
    };
    let found = [
        ("events", Some(events)),
        ("cache", node.gateway.cache().await),
    ];
    for (name, part) in found {
        match part {
            None => {}
            Some(Part::Down) if doubted.insert(name) => {}
            Some(Part::Down) => node.health.set(name, Part::Down),
            Some(part) => {
                doubted.remove(name);
                node.health.set(name, part);
            }
        }
    }
}

async fn database(pool: &Pool) -> Part {
    let patience = Timeouts {
        wait: Some(PATIENCE / 2),
        create: Some(PATIENCE),
        recycle: Some(PATIENCE),
    };
    let client = match pool.timeout_get(&patience).await {
        Ok(client) => client,
        // Others are being answered: sending requests elsewhere would not mend that.
        Err(PoolError::Timeout(TimeoutType::Wait)) => return Part::Busy,
        Err(_) => return Part::Down,
    };
    match tokio::time::timeout(PATIENCE, client.query_one("SELECT 1", &[])).await {
        Ok(Ok(_)) => Part::Ok,
        _ => Part::Down,
    }
}

/// Asks the server that listens on this machine whether it is ready: for a container, which has no other program
/// to ask with. Fails when it is not.
#[expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]
pub async fn ask(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let tls = match settings.certificate {
        Some(_) => Some(connections::tls_to_itself()?),
        None => None,
    };
    let asked = async {
        let line = TcpStream::connect(address).await?;
        match tls {
            None => answer(line).await,
            Some(tls) => answer(tls.connect(address.ip().into(), line).await?).await,
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(anyhow::Error::from)
        .and_then(|answer| Ok(answer?))
        .with_context(|| format!("op {address} antwoordt niemand"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    println!("{body}");
    Ok(match head.split(' ').nth(1) {
        Some("200") => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What it answers on this line.
async fn answer(mut line: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<String> {
    line.write_all(b"GET /health/ready HTTP/1.0\r\n\r\n")
        .await?;
    let mut answer = String::new();
    line.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// The program runs. Says nothing of what is around it: starting it again would not mend that.
pub async fn live() -> impl IntoResponse {
    Json(json!({ "live": true }))
}

/// Whether it makes sense to send requests here, and how each part is.
pub async fn ready(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let components = node.health.parts();
    let stopping = node.stop.is_cancelled();
    // Without the others it works on: changes come with the next question, and known answers still do.
    let database = components.get("database");
    let ready = database.is_some_and(|part| *part != Part::Down) && !stopping;
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({
        "ready": ready,
        "stopping": stopping,
        "at": Timestamp::now(),
        "components": components,
    });
    (status, Json(body))
}

/// In the form that Prometheus reads.
pub async fn metrics(State(node): State<Arc<Node>>) -> Result<impl IntoResponse, Refusal> {
    look(&node);
    let text = node.figures.text().map_err(|error| {
        tracing::error!(%error, "the figures cannot be written");
        Refusal::Fault
    })?;
    Ok(([("content-type", prometheus::TEXT_FORMAT)], text))
}

/// The same as JSON.
pub async fn figures(State(node): State<Arc<Node>>) -> impl IntoResponse {
    look(&node);
    Json(node.figures.json())
}

/// Looks at what is not counted as it happens.
fn look(node: &Node) {
    let pool = node.pool.status();
    let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    node.figures.connections.set(signed(pool.size));
    node.figures.waiting.set(signed(pool.waiting));
    node.figures.streams.set(signed(node.events.streams()));
    for (name, part) in node.health.parts() {
        node.figures.component(name, part != Part::Down);
    }
}
