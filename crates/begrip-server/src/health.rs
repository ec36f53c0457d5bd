//! Whether the server can work, and its figures.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use crate::routes::Node;

/// How long the database has to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The program runs. Says nothing of what is around it: starting it again would not mend that.
pub async fn live() -> impl IntoResponse {
    Json(json!({ "live": true }))
}

/// Whether it makes sense to send requests here.
pub async fn ready(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let database = database_answers(&node).await;
    let events = node.events.hears();
    let stopping = node.stop.is_cancelled();
    // Without events everything works; changes come with the next question.
    let ready = database && !stopping;
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let state = |good: bool| if good { "ok" } else { "down" };
    let body = json!({
        "ready": ready,
        "stopping": stopping,
        "components": { "database": state(database), "events": state(events) },
    });
    (status, Json(body))
}

async fn database_answers(node: &Node) -> bool {
    let asked = async {
        let client = node.pool.get().await.ok()?;
        client.query_one("SELECT 1", &[]).await.ok()
    };
    matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Some(_)))
}

/// In the form that Prometheus reads.
pub async fn metrics(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let mut out = String::new();
    node.figures.write(&mut out);
    let pool = node.pool.status();
    let gauges = [
        (
            "begrip_database_connections",
            "Connections with the database.",
            pool.size,
        ),
        (
            "begrip_database_waiting",
            "Requests that wait for a connection.",
            pool.waiting,
        ),
        (
            "begrip_events_heard",
            "1 when the database tells of changes.",
            usize::from(node.events.hears()),
        ),
        (
            "begrip_event_streams",
            "Open lines of events.",
            node.events.streams(),
        ),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(
            out,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        );
    }
    ([("content-type", "text/plain; version=0.0.4")], out)
}
