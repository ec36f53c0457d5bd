use std::path::{Component, Path};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::{Host, content_security_policy};

/// A file of the built screens; `/` is `index.html` with the token of this run.
pub async fn file(State(host): State<Arc<Host>>, uri: Uri) -> Response {
    let relative = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    // Names only: no way up, no absolute path, no escapes that a file system would read.
    let plain = Path::new(relative)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || relative.contains(['%', '\\']) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(mut bytes) = tokio::fs::read(host.screens.join(relative)).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if relative == "index.html" {
        let page = String::from_utf8_lossy(&bytes);
        let meta = format!("<meta name=\"begrip-token\" content=\"{}\">", host.token);
        bytes = page
            .replacen("</head>", &format!("{meta}</head>"), 1)
            .into_bytes();
    }
    let headers = [
        (header::CONTENT_TYPE, kind(relative).to_owned()),
        (header::CONTENT_SECURITY_POLICY, content_security_policy()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        _ => "application/octet-stream",
    }
}
