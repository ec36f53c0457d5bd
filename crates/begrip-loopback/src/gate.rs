use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Host;

/// Header with the token of this run.
const TOKEN: &str = "x-begrip-token";

/// Refuses who reaches this host by another name (a page that rebinds its DNS name) and pages of
/// another origin.
pub async fn host_and_origin(
    State(host): State<Arc<Host>>,
    request: Request,
    next: Next,
) -> Response {
    let own = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", host.port));
    let named = text(request.headers(), header::HOST.as_str());
    if !named.is_some_and(|named| own.iter().any(|own| own == named)) {
        return (StatusCode::MISDIRECTED_REQUEST, "host").into_response();
    }
    if request.headers().contains_key(header::ORIGIN) {
        let origin = text(request.headers(), header::ORIGIN.as_str())
            .and_then(|origin| origin.strip_prefix("http://"));
        if !origin.is_some_and(|origin| own.iter().any(|own| own == origin)) {
            return (StatusCode::FORBIDDEN, "origin").into_response();
        }
    }
    next.run(request).await
}

/// Refuses a command without the token of this run.
pub async fn token(State(host): State<Arc<Host>>, request: Request, next: Next) -> Response {
    if text(request.headers(), TOKEN) != Some(host.token.as_str()) {
        return (StatusCode::UNAUTHORIZED, "token").into_response();
    }
    next.run(request).await
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
