//! Lines of events: how many there may be, and that none outlives the token that opened it.

use std::time::Duration;

use begrip_app::{App, OpenOptions};
use futures_util::StreamExt;
use reqwest::{Response, StatusCode};

use crate::identity::Signing;
use crate::jobs::{made, node_with, terms};
use crate::models::{Models, header};
use crate::support::{Caller, Site, told};

/// Until the server ends a line: well before it looks at all lines by itself, so because it was told.
async fn ended(line: Response) {
    let mut pieces = line.bytes_stream();
    let all = async {
        while let Some(piece) = pieces.next().await {
            piece.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all)
        .await
        .expect("a line that ends when its token does");
}

async fn opened(caller: &Caller, path: &str) -> Response {
    let line = caller.get(path).await;
    assert_eq!(line.status(), StatusCode::OK, "{path}");
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_follows_so_many_jobs_at_one_time_and_is_told_to_come_back() {
    let models = Models::new().await;
    let node = node_with(&models, &[("JOBS_AT_ONCE", "0")]);
    let caller = node.caller(&models.site.token("OM", "author"));
    let id = made(&caller, &terms(1)).await;
    let path = format!("/v1/jobs/{id}/events");
    let mut lines = Vec::new();
    for _ in 0..32 {
        lines.push(opened(&caller, &path).await);
    }
    let refused = caller.get(&path).await;
    assert!(header(&refused, "retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(told(refused).await, (429, "too_many_lines".to_owned()));
    // It is theirs alone, and what is no such line goes on.
    let other = node.caller(&models.site.token("OM", "reviewer"));
    opened(&other, &path).await;
    assert_eq!(
        caller.get(&format!("/v1/jobs/{id}")).await.status(),
        StatusCode::OK
    );
    lines.pop();
    crate::support::wait_for("room for one more", || async {
        caller.get(&path).await.status() == StatusCode::OK
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_hears_of_changes_on_so_many_lines_and_whoever_gets_none_goes_on_by_asking() {
    let site = Site::new();
    let node = site.node();
    let token = site.token("OM", "author");
    let caller = node.caller(&token);
    let mut lines = Vec::new();
    for _ in 0..32 {
        lines.push(opened(&caller, "/v1/sync/events").await);
    }
    let refused = caller.get("/v1/sync/events").await;
    assert!(header(&refused, "retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(told(refused).await, (429, "too_many_lines".to_owned()));
    // It is theirs alone: a colleague hears at once.
    let other = node.caller(&site.token("OM", "reviewer"));
    let mut stays = opened(&other, "/v1/sync/events").await;
    stays.chunk().await.unwrap().unwrap();
    // One program more of that user has no line, and comes to hold what is new all the same.
    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(node.url.clone());
    options.server.token = Some(token);
    options.poll = Duration::from_millis(100);
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    app.keep_in_step();
    other
        .push(&[crate::support::new(1, "term", begrip_sync::Sharing::Chain)])
        .await;
    let heard = stays.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&heard).unwrap().contains("changed"));
    crate::support::wait_for("the concept", || async {
        let status = app.sync_status(()).await.unwrap();
        status.shared == 1 && status.error.is_none()
    })
    .await;
    // That program goes on trying, and would have the next place.
    app.close().await;
    lines.pop();
    crate::support::wait_for("room for one more", || async {
        caller.get("/v1/sync/events").await.status() == StatusCode::OK
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_ends_when_its_token_does_not_hold_any_more_and_others_go_on() {
    let models = Models::new().await;
    let site = &models.site;
    let node = node_with(&models, &[("JOBS_AT_ONCE", "0")]);
    let token = site.token("OM", "author");
    let caller = node.caller(&token);
    let id = made(&caller, &terms(1)).await;
    let paths = [
        "/v1/sync/events".to_owned(),
        format!("/v1/jobs/{id}/events"),
    ];
    let other = node.caller(&site.token("OM", "reviewer"));
    let mut stays = opened(&other, &paths[0]).await;
    stays.chunk().await.unwrap().unwrap();
    let lines = [
        opened(&caller, &paths[0]).await,
        opened(&caller, &paths[1]).await,
    ];
    let tokens = site.run(&["token", "list"]);
    let own = tokens
        .lines()
        .find(|line| line.contains("\tauthor van OM\t"));
    site.run(&["token", "revoke", own.unwrap().split('\t').next().unwrap()]);
    for line in lines {
        ended(line).await;
    }
    assert_eq!(
        caller.get(&paths[0]).await.status(),
        StatusCode::UNAUTHORIZED
    );
    // Whoever else listens still hears of a change.
    other
        .push(&[crate::support::new(1, "term", begrip_sync::Sharing::Chain)])
        .await;
    let heard = stays.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&heard).unwrap().contains("changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_somebody_who_signed_in_ends_with_another_role_or_a_closed_account() {
    let signing = Signing::new();
    let site: &Site<'_> = &signing.site;
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let token = signing.issuer.sign(&signing.issuer.claims()).unwrap();
    let anna = node.caller(&token);
    let line = opened(&anna, "/v1/sync/events").await;
    signing.anna("reader", &[]);
    ended(line).await;
    let line = opened(&anna, "/v1/sync/events").await;
    site.run(&["user", "disable", "anna", "--organisation", "OM"]);
    ended(line).await;
}
