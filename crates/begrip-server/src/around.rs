//! What stands around every request: its number, its time, its figures.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use uuid::Uuid;

use crate::refusal::Refusal;

/// Names a request, from the workstation to the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Upper bounds of the steps in which times are counted, in seconds.
const STEPS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// How often which address answered what, and how long it took.
#[derive(Default)]
pub struct Figures(Mutex<BTreeMap<(String, u16), Times>>);

#[derive(Clone, Default)]
struct Times {
    count: u64,
    seconds: f64,
    steps: [u64; STEPS.len()],
}

impl Figures {
    fn note(&self, route: String, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry((route, status)).or_default();
        times.count += 1;
        times.seconds += seconds;
        for (step, count) in STEPS.iter().zip(&mut times.steps) {
            *count += u64::from(seconds <= *step);
        }
    }

    /// In the form that Prometheus reads.
    pub fn write(&self, out: &mut String) {
        let all = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let name = "begrip_http_request_duration_seconds";
        let _ = writeln!(
            out,
            "# HELP {name} Time from a request to its answer.\n# TYPE {name} histogram"
        );
        for ((route, status), times) in &all {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (step, count) in STEPS.iter().zip(&times.steps) {
                let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{step}\"}} {count}");
            }
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", times.count);
            let _ = writeln!(out, "{name}_sum{{{labels}}} {}", times.seconds);
            let _ = writeln!(out, "{name}_count{{{labels}}} {}", times.count);
        }
    }
}

/// What is around a request.
#[derive(Clone)]
pub struct Around {
    pub figures: Arc<Figures>,
    pub timeout: Duration,
}

/// Names a request, bounds its time, counts it and writes a line about it.
pub async fn around(State(around): State<Around>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    // The pattern and not the path: figures and logs hold no value that a caller chose.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", id);
    let work = tokio::time::timeout(around.timeout, next.run(request)).instrument(span.clone());
    let mut response = match work.await {
        Ok(response) => response,
        Err(_) => Refusal::TooLong.into_response(),
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(%method, route, status, ms, "answered"));
    around.figures.note(route, status, took);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_count_each_request_once_in_every_step_above_its_time() {
        let figures = Figures::default();
        figures.note("/v1/x".to_owned(), 200, Duration::from_millis(30));
        figures.note("/v1/x".to_owned(), 200, Duration::from_secs(60));
        let mut out = String::new();
        figures.write(&mut out);
        for line in [
            "_bucket{route=\"/v1/x\",status=\"200\",le=\"0.025\"} 0",
            "_bucket{route=\"/v1/x\",status=\"200\",le=\"0.05\"} 1",
            "_bucket{route=\"/v1/x\",status=\"200\",le=\"+Inf\"} 2",
            "_count{route=\"/v1/x\",status=\"200\"} 2",
        ] {
            assert!(out.contains(line), "{line}\n{out}");
        }
    }
}
