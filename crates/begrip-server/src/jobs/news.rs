//! Progress as a line of events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde_json::Value;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::{named, shown};
use crate::lines::{Kind, Place, Watch};
use crate::refusal::Refusal;
use crate::routes::{Caller, KEEP_ALIVE, Node};

/// How long news is gathered before it is told.
const GATHER: Duration = Duration::from_millis(200);

/// How often is looked, beside being told.
const LOOK: Duration = Duration::from_secs(5);

/// A line under way.
struct Line {
    node: Arc<Node>,
    _place: Place,
    watch: Watch,
    caller: Caller,
    job: Uuid,
    news: broadcast::Receiver<Uuid>,
    /// What was told last; the first is what there is.
    told: Option<Value>,
    next: Option<Value>,
}

/// `GET /v1/jobs/{job}/events`: `progress` with the job as it stands, at once and with each change, until
/// it has ended or the token does not hold any more.
pub async fn events(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let job = named(path)?;
    let place = node.lines.place(Kind::Job, &caller.0)?;
    let news = node.events.listen_to_jobs();
    let next = Some(shown(&node, &caller, job).await?);
    let line = Line {
        watch: Watch::new(&node, &caller.0),
        _place: place,
        node,
        caller,
        job,
        news,
        told: None,
        next,
    };
    let events = futures_util::stream::unfold(line, async |mut line| {
        let now = line.news().await?;
        let event = Event::default().event("progress").data(now.to_string());
        line.told = Some(now);
        Some((Ok(event), line))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Line {
    /// The job when it stands otherwise than was told; none after its end, or when the server stops.
    async fn news(&mut self) -> Option<Value> {
        if let Some(first) = self.next.take() {
            return Some(first);
        }
        if self.told.as_ref().is_some_and(is_over) {
            return None;
        }
        loop {
            tokio::select! {
                () = self.watch.over() => return None,
                () = tokio::time::sleep(LOOK) => {}
                () = heard(&mut self.news, self.job) => {
                    tokio::time::sleep(GATHER).await;
                    // What came meanwhile is in what is read now.
                    self.news = self.news.resubscribe();
                }
            }
            match shown(&self.node, &self.caller, self.job).await {
                Ok(now) if self.told.as_ref() != Some(&now) => return Some(now),
                Ok(_) => {}
                // It was removed, or the database is away: whoever listens comes back.
                Err(_) => return None,
            }
        }
    }
}

/// Nothing of it can change any more.
fn is_over(job: &Value) -> bool {
    matches!(job["state"].as_str(), Some("done" | "cancelled")) && job["running"] == 0
}

async fn heard(news: &mut broadcast::Receiver<Uuid>, job: Uuid) {
    loop {
        match news.recv().await {
            // Nobody knows what was missed while the line was away.
            Ok(told) if told == job || told.is_nil() => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
