//! What stands around every request: its number, its time, its figures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use uuid::Uuid;

use crate::figures::Figures;
use crate::gateway::{Fault, is_patient};
use crate::refusal::Refusal;

/// Names a request, from the workstation to the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is around a request.
#[derive(Clone)]
pub struct Around {
    pub figures: Arc<Figures>,
    pub timeout: Duration,
    /// The time for what waits for a model.
    pub patience: Duration,
}

/// Names a request, bounds its time, counts it and writes a line about it.
pub async fn around(State(around): State<Around>, mut request: Request, next: Next) -> Response {
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
    let value = HeaderValue::from_str(&id);
    if let Ok(id) = &value {
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    let limit = match is_patient(&route) {
        true => around.timeout.max(around.patience),
        false => around.timeout,
    };
    // One number from the workstation on: it names the request and everything that was done for it.
    let span = tracing::info_span!(
        "request",
        http.request.id = id,
        trace.id = id,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let work = tokio::time::timeout(limit, next.run(request)).instrument(span.clone());
    let mut response = match work.await {
        Ok(response) => response,
        Err(_) if is_patient(&route) => Fault::from(Refusal::TooLong).into_response(),
        Err(_) => Refusal::TooLong.into_response(),
    };
    if let Ok(id) = value {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    span.record("http.response.status_code", status);
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    let known = method_name(&method);
    span.in_scope(|| {
        tracing::info!(
            http.request.method = known,
            url.path = route,
            event.duration = nanoseconds,
            "answered"
        );
    });
    around.figures.answered(known, &route, status, took);
    response
}

/// A method that some address knows; any other word is the caller's own.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "-",
    }
}
