//! Workstations behind a proxy that does not let everything through.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use begrip_app::schema::{ConceptGet, SyncRequest};
use begrip_app::{App, OpenOptions};
use begrip_sync::{Sharing, limits};
use reqwest::StatusCode;

use crate::support::{Node, Site, concept, listening, new, put, wait_for};

const OFTEN: Duration = Duration::from_millis(100);

/// What stands between a workstation and a server.
#[derive(Clone)]
struct Proxy {
    server: String,
    http: reqwest::Client,
    /// What it does not let through.
    refuses: fn(&str) -> bool,
    /// What is answered to whoever asks for that.
    refusal: Arc<AtomicU16>,
    /// How often somebody did.
    refused: Arc<AtomicUsize>,
}

impl Proxy {
    /// Before this server; where it listens.
    async fn before(node: &Node, refuses: fn(&str) -> bool) -> (Self, String) {
        let proxy = Self {
            server: node.url.clone(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            refuses,
            refusal: Arc::new(AtomicU16::new(503)),
            refused: Arc::default(),
        };
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        (proxy, listening(router).await)
    }
}

/// A workstation in this folder that goes to this address, and asks so often where it is not told.
pub async fn workstation(folder: &Path, address: String, token: String, poll: Duration) -> App {
    let mut options = OpenOptions::at(folder);
    options.server.url = Some(address);
    options.server.token = Some(token);
    options.poll = poll;
    tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap()
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    if (proxy.refuses)(&request.uri().to_string()) {
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
    let (proxy, address) = Proxy::before(&node, |asked| asked.starts_with("/v1/sync/events")).await;
    let folder = tempfile::tempdir().unwrap();
    let app = workstation(folder.path(), address, site.token("DJI", "reader"), OFTEN).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_breaks_off_leaves_no_journal_that_grows() {
    let site = Site::new();
    let node = site.node();
    let author = node.caller(&site.token("OM", "author"));
    for first in (0..limits::PAGE as u128 + 1).step_by(limits::PUSH) {
        let concepts = (first..first + limits::PUSH as u128)
            .map(|number| new(1 + number, &format!("begrip {number}"), Sharing::Chain));
        author.push(&concepts.collect::<Vec<_>>()).await;
    }
    // The first page comes through, and none after it.
    let later = |asked: &str| asked.contains("/changes") && !asked.contains("after=0&");
    let (proxy, address) = Proxy::before(&node, later).await;
    let folder = tempfile::tempdir().unwrap();
    let app = workstation(folder.path(), address, site.token("DJI", "reader"), OFTEN).await;
    app.sync_now(SyncRequest::default()).await.unwrap_err();
    assert!(proxy.refused.load(Ordering::Relaxed) > 0);
    assert!(app.sync_status(()).await.unwrap().shared >= limits::PAGE as u32);
    // The numbers that SQLite keeps beside the journal: the last page in it, and up to which it is folded.
    let folded = || {
        let index = std::fs::read(folder.path().join("begrip.db-shm")).unwrap();
        let number = |at: usize| u32::from_ne_bytes(index[at..at + 4].try_into().unwrap());
        (number(16), number(96))
    };
    wait_for("the journal to be folded", || async {
        let (last, up_to) = folded();
        assert!(last > 0);
        last == up_to
    })
    .await;
}
