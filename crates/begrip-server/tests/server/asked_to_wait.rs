//! A server that asks to wait in the middle of a long sync.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use begrip_app::schema::SyncRequest;
use begrip_app::{App, OpenOptions};
use begrip_sync::{Change, Command, Sharing, limits};
use reqwest::StatusCode;

use crate::polling::pass_on;
use crate::support::{Site, listening, new};

/// What stands between a workstation and a server: it answers one page by asking to wait.
#[derive(Clone)]
struct Proxy {
    server: String,
    http: reqwest::Client,
    /// The pages that were asked for, and which of them is answered so.
    pages: Arc<Mutex<Vec<String>>>,
    waits: Arc<AtomicUsize>,
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    if request.uri().path() == "/v1/sync/changes" {
        let number = {
            let mut pages = proxy.pages.lock().unwrap();
            pages.push(request.uri().query().unwrap_or_default().to_owned());
            pages.len()
        };
        if number == proxy.waits.load(Ordering::SeqCst) {
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")]).into_response();
        }
    }
    pass_on(&proxy.http, &proxy.server, request, |_| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_to_wait_for_the_next_page_does_not_ask_for_it_again_and_goes_on_there_later()
 {
    let site = Site::new();
    let node = site.node();
    let author = node.caller(&site.token("OM", "author"));
    let all = limits::PAGE as u128 + 1;
    let concepts: Vec<Command> = (1..=all)
        .map(|number| new(number, &format!("begrip {number}"), Sharing::Chain))
        .collect();
    for part in concepts.chunks(limits::PUSH) {
        author.push(part).await;
    }
    let proxy = Proxy {
        server: node.url.clone(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        pages: Arc::default(),
        waits: Arc::new(AtomicUsize::new(2)),
    };
    let router = Router::new().fallback(pass).with_state(proxy.clone());
    let address = listening(router).await;
    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(address);
    options.server.token = Some(site.token("DJI", "reader"));
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    let compare = || SyncRequest {
        compare: true,
        ..SyncRequest::default()
    };
    let refused = app.sync_now(compare()).await.unwrap_err();
    assert_eq!(refused.code, "BG-806", "{refused:?}");
    let asked = |pages: &[String]| -> Vec<u64> {
        let after = |page: &String| page.split(['=', '&']).nth(1)?.parse().ok();
        pages.iter().filter_map(after).collect()
    };
    let page = limits::PAGE as u64;
    let seen = std::mem::take(&mut *proxy.pages.lock().unwrap());
    assert_eq!(asked(&seen), [0, page], "the second page is asked for once");
    // What had come is kept, and it goes on from there.
    let status = app.sync_status(()).await.unwrap();
    assert_eq!(u64::from(status.shared), page);
    proxy.waits.store(usize::MAX, Ordering::SeqCst);
    let report = app.sync_now(compare()).await.unwrap();
    assert_eq!((report.pulled, report.equal), (1, Some(true)));
    assert_eq!(asked(&proxy.pages.lock().unwrap()), [page]);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_no_more_than_goes_over_a_line_well_and_all_of_them_come() {
    let site = Site::new();
    let node = site.node();
    let author = node.caller(&site.token("OM", "author"));
    // Each as large as a concept may be: many more of these than a page of bytes, and few of a page of concepts.
    let long = "woord ".repeat(60_000);
    let many = limits::PAGE_BYTES / long.len() + 5;
    for number in 1..=many as u128 {
        let mut command = new(number, &format!("begrip {number}"), Sharing::Chain);
        // A field that only a newer program knows: it is kept as it came.
        if let begrip_sync::Act::Put { changes, .. } = &mut command.act {
            let to = Change {
                from: serde_json::Value::Null,
                to: long.clone().into(),
            };
            changes.insert("later".to_owned(), to);
        }
        assert!(author.push(&[command]).await[0].outcome.is_done());
    }
    let response = author.get("/v1/sync/changes?after=0").await;
    let bytes = response.bytes().await.unwrap();
    assert!(
        bytes.len() < limits::PAGE_BYTES + limits::CONCEPT_BYTES,
        "{}",
        bytes.len()
    );
    let page: begrip_sync::Page = serde_json::from_slice(&bytes).unwrap();
    assert!(page.more && page.items.len() < many, "{}", page.items.len());
    assert_eq!(author.everything().await.len(), many);
}
