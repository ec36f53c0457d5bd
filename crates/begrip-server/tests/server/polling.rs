//! Workstations behind a proxy that lets no line of events through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use begrip_app::schema::ConceptGet;
use begrip_app::{App, OpenOptions};
use begrip_sync::Sharing;
use reqwest::StatusCode;

use crate::support::{Site, concept, listening, new, put, wait_for};

/// What stands between a workstation and a server.
#[derive(Clone)]
struct Proxy {
    server: String,
    http: reqwest::Client,
    /// What is answered to whoever asks for events.
    refusal: Arc<AtomicU16>,
    /// How often somebody did.
    refused: Arc<AtomicUsize>,
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    if request.uri().path() == "/v1/sync/events" {
        proxy.refused.fetch_add(1, Ordering::Relaxed);
        let code = proxy.refusal.load(Ordering::Relaxed);
        return StatusCode::from_u16(code).unwrap().into_response();
    }
    pass_on(&proxy.http, &proxy.server, request, |_| ()).await
}

/// Asks the server what was asked, and gives its answer. `seen` gets the body.
pub async fn pass_on(
    http: &reqwest::Client,
    server: &str,
    request: Request,
    seen: impl FnOnce(&[u8]),
) -> Response {
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    // Of this connection and not of the next.
    for name in ["host", "content-length", "connection"] {
        headers.remove(name);
    }
    let address = format!("{server}{}", parts.uri);
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    seen(&body);
    let asked = http.request(parts.method, address).headers(headers);
    let told = asked.body(body).send().await.unwrap();
    let mut response = Response::builder().status(told.status());
    for (name, value) in told.headers() {
        if !["connection", "content-length", "transfer-encoding"].contains(&name.as_str()) {
            response = response.header(name, value);
        }
    }
    response
        .body(Body::from(told.bytes().await.unwrap()))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_line_of_events_comes_through_a_change_comes_by_asking_now_and_then() {
    let site = Site::new();
    let node = site.node();
    let proxy = Proxy {
        server: node.url.clone(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        refusal: Arc::new(AtomicU16::new(503)),
        refused: Arc::default(),
    };
    let router = Router::new().fallback(pass).with_state(proxy.clone());
    let address = listening(router).await;

    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(address);
    options.server.token = Some(site.token("DJI", "reader"));
    options.poll = Duration::from_millis(100);
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    app.keep_in_step();
    let here = |number: u128| {
        let app = app.clone();
        async move {
            let id = concept(number);
            let shown = app.concept_get(ConceptGet { id }).await;
            shown.map_or_else(
                |_| String::new(),
                |view| view.concept.fields.definition.clone(),
            )
        }
    };
    wait_for("the first refusal", || async {
        proxy.refused.load(Ordering::Relaxed) > 0
    })
    .await;

    // What is new, and what changes, whichever way the proxy refuses.
    let author = node.caller(&site.token("OM", "author"));
    author.push(&[new(1, "gebiedsgebod", Sharing::Chain)]).await;
    wait_for("the concept", || async { here(1).await == "tekst" }).await;
    proxy.refusal.store(404, Ordering::Relaxed);
    let changes = serde_json::json!({"definition": ["tekst", "betere tekst"]});
    author.push(&[put(concept(1), 1, changes, None)]).await;
    wait_for("the change", || async { here(1).await == "betere tekst" }).await;
    let status = app.sync_status(()).await.unwrap();
    assert_eq!(status.error, None, "that is no failure to tell");
    assert!(
        proxy.refused.load(Ordering::Relaxed) > 1,
        "it goes on trying"
    );
}
