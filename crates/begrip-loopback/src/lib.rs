//! Serves the screens and the command schema over loopback HTTP, so that a browser test can drive
//! what the window shows. For tests only: a release build of this crate is empty, and no crate
//! that is shipped depends on it.
//!
//! - `GET /…` — the built screens; `index.html` carries the token in a `meta` element.
//! - `POST /api/call/{name}` — a command; its request as JSON in, its answer or error out.
//! - `POST /api/stream/{name}` — a streamed command; lines of JSON out: `{"event":…}` as often as
//!   needed, then one `{"result":…}` or `{"error":…}`.
//!
//! Three walls: it listens on a loopback address only, it answers only to its own `Host` and
//! `Origin`, and a command needs the token of this run in the header `x-begrip-token`.
#![cfg(debug_assertions)]

mod api;
mod gate;
mod policy;
mod screens;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use begrip_app::App;

pub use policy::content_security_policy;

/// What one run of the host needs.
pub struct Host {
    /// The use cases.
    pub app: App,
    /// The folder with the built screens.
    pub screens: PathBuf,
    /// What a caller must show in `x-begrip-token`.
    pub token: String,
    /// The port that it is reached at.
    pub port: u16,
}

/// The routes of a host.
pub fn router(host: Host) -> Router {
    let host = Arc::new(host);
    Router::new()
        .route("/api/call/{name}", post(api::call))
        .route("/api/stream/{name}", post(api::stream))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&host),
            gate::token,
        ))
        .fallback(get(screens::file))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&host),
            gate::host_and_origin,
        ))
        .layer(axum::extract::DefaultBodyLimit::max(8 * 1024 * 1024))
        .with_state(host)
}
