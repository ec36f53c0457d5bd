//! The addresses as OpenAPI tells them, for whoever writes a client.

use axum::http::header;
use axum::response::IntoResponse;

/// Every address with what it takes and gives. A test holds it against the addresses and their answers.
const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /v1/openapi.json`
pub async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}
