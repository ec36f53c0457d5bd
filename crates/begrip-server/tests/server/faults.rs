//! Killed in the middle: nothing that was acknowledged is lost, and nothing is done twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use begrip_postgres::Cluster;
use begrip_sync::{Outcome, Sharing};
use reqwest::StatusCode;

use crate::support::{Caller, Site, new, wait_for};

/// Pushes concepts one by one and asks again, with the same key, until there is an answer.
async fn write(
    caller: Caller,
    urls: Arc<Mutex<String>>,
    numbers: std::ops::Range<u128>,
) -> Vec<(u128, u64)> {
    let mut acknowledged = Vec::new();
    for number in numbers {
        let command = new(number, "term", Sharing::Chain);
        loop {
            let now = Caller {
                url: urls.lock().unwrap().clone(),
                ..caller.clone()
            };
            if let Ok(answers) = now.try_push(std::slice::from_ref(&command)).await {
                let Outcome::Accepted { item, .. } = &answers[0].outcome else {
                    panic!("{answers:?}")
                };
                acknowledged.push((number, item.sequence));
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    acknowledged
}

/// What was acknowledged stands there under its number, once, and numbers have no gap.
async fn check(reader: &Caller, acknowledged: &[(u128, u64)]) {
    let items = reader.everything().await;
    let stands: BTreeSet<(u128, u64)> = items
        .iter()
        .map(|item| (item.id.0.as_u128(), item.sequence))
        .collect();
    assert_eq!(stands, acknowledged.iter().copied().collect());
    let sequences: Vec<u64> = items.iter().map(|item| item.sequence).collect();
    assert_eq!(sequences, (1..=items.len() as u64).collect::<Vec<_>>());
    assert!(
        items.iter().all(|item| item.version == 1),
        "nothing was done twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let site = Site::new();
    let token = site.token("OM", "author");
    let mut node = site.node();
    let url = Arc::new(Mutex::new(node.url.clone()));
    let writers: Vec<_> = (0..3_u128)
        .map(|writer| {
            let numbers = writer * 1_000 + 1..writer * 1_000 + 61;
            tokio::spawn(write(node.caller(&token), Arc::clone(&url), numbers))
        })
        .collect();
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        node.kill();
        node = site.node();
        node.url.clone_into(&mut url.lock().unwrap());
    }
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert_eq!(acknowledged.len(), 180);
    check(&node.caller(&token), &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_is_killed_loses_nothing_and_the_server_goes_on_by_itself() {
    let cluster = Cluster::start().unwrap();
    let site = Site::on(&cluster);
    let token = site.token("OM", "author");
    let node = site.node();
    let url = Arc::new(Mutex::new(node.url.clone()));
    let writer = tokio::spawn(write(node.caller(&token), Arc::clone(&url), 1..121));
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        cluster.kill_and_restart().unwrap();
    }
    let acknowledged = writer.await.unwrap();
    let caller = node.caller(&token);
    check(&caller, &acknowledged).await;
    // The line of events is made again too.
    wait_for("the events", || async {
        caller
            .get("/health/ready")
            .await
            .text()
            .await
            .unwrap()
            .contains(r#""events":"ok""#)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_turns_readiness_and_not_life() {
    let cluster = Cluster::start().unwrap();
    let site = Site::on(&cluster);
    let token = site.token("OM", "author");
    let node = site.node();
    let caller = node.caller(&token);
    let state = async |path: &str| caller.get(path).await.status();
    wait_for("readiness", || async {
        state("/health/ready").await == StatusCode::OK
    })
    .await;
    cluster.stop().unwrap();
    wait_for("unreadiness", || async {
        state("/health/ready").await == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    assert_eq!(state("/health/live").await, StatusCode::OK);
    let response = caller.get("/v1/sync/hello").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    cluster.go_on().unwrap();
    wait_for("readiness again", || async {
        state("/health/ready").await == StatusCode::OK
    })
    .await;
    assert_eq!(state("/v1/sync/hello").await, StatusCode::OK);
}
