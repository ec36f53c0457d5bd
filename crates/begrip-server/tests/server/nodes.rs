//! Two servers on one database behave as one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use begrip_sync::{Outcome, Sharing};
use futures_util::StreamExt;
use serde_json::json;

use crate::support::{Caller, Site, concept, new, put};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_one_node_is_told_by_the_other_to_whoever_listens() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let (om, dji) = (site.token("OM", "author"), site.token("DJI", "reader"));
    let listener = nodes[1].caller(&dji);
    let mut events = listener.get("/v1/sync/events").await.bytes_stream();
    let mut heard = String::new();
    while !heard.contains("event: changed\ndata: 0\n") {
        heard.push_str(std::str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
    }
    nodes[0]
        .caller(&om)
        .push(&[new(1, "vonnis", Sharing::Chain)])
        .await;
    while !heard.contains("data: 1\n") {
        heard.push_str(std::str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(!heard.contains("vonnis"), "a number and no text");
    assert_eq!(listener.page(0).await.items[0].texts.get("term"), "vonnis");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_the_same_field_on_two_nodes_at_once_one_is_first() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let callers = [
        nodes[0].caller(&site.token("OM", "author")),
        nodes[1].caller(&site.token("DJI", "author")),
    ];
    callers[0].push(&[new(1, "vonnis", Sharing::Chain)]).await;
    for version in 1..20 {
        let from = match version {
            1 => json!("tekst"),
            _ => callers[0].page(0).await.items[0]
                .texts
                .get("definition")
                .clone(),
        };
        let change = |who: &str| {
            put(
                concept(1),
                version,
                json!({"definition": [from, format!("{who} {version}")]}),
                None,
            )
        };
        let pushes = [[change("OM")], [change("DJI")]];
        let (one, other) = tokio::join!(callers[0].push(&pushes[0]), callers[1].push(&pushes[1]));
        let accepted = [&one, &other]
            .iter()
            .filter(|answers| answers[0].outcome.is_done())
            .count();
        assert_eq!(accepted, 1);
        let stale = [&one, &other]
            .iter()
            .filter(|a| matches!(a[0].outcome, Outcome::Stale { .. }))
            .count();
        assert_eq!(stale, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_push_on_two_nodes_at_once_is_done_once() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let token = site.token("OM", "author");
    let push: Vec<_> = (1..=40).map(|n| new(n, "term", Sharing::Chain)).collect();
    let (one, other) = (nodes[0].caller(&token), nodes[1].caller(&token));
    let (answers, again) = tokio::join!(one.push(&push), other.push(&push));
    assert_eq!(answers, again);
    assert_eq!(one.everything().await.len(), 40);
    assert_eq!(one.page(0).await.next, 40);
}

/// Reads pages for as long as others write, always from where the last page led.
async fn follow(reader: Caller, writing: Arc<AtomicBool>) -> Vec<(u128, u64)> {
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        // Looked at before the page: what was written by then is in it.
        let last = !writing.load(Ordering::SeqCst);
        let page = reader.page(after).await;
        seen.extend(
            page.items
                .iter()
                .map(|item| (item.id.0.as_u128(), item.sequence)),
        );
        assert!(page.next >= after);
        after = page.next;
        if last && !page.more {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_misses_a_change_that_commits_while_it_reads() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let token = site.token("OM", "author");
    let writing = Arc::new(AtomicBool::new(true));
    let readers: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(follow(node.caller(&token), Arc::clone(&writing))))
        .collect();
    let writers: Vec<_> = (0..6_u128)
        .map(|writer| {
            let caller = nodes[writer as usize % 2].caller(&token);
            tokio::spawn(async move {
                for round in 0..15 {
                    let from = writer * 1_000 + round * 3;
                    let push: Vec<_> = (from..from + 3)
                        .map(|n| new(n + 1, "term", Sharing::Chain))
                        .collect();
                    caller.push(&push).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    writing.store(false, Ordering::SeqCst);
    for reader in readers {
        let seen = reader.await.unwrap();
        assert!(seen.is_sorted_by_key(|(_, sequence)| *sequence));
        let ids: BTreeSet<u128> = seen.iter().map(|(id, _)| *id).collect();
        assert_eq!(
            (ids.len(), seen.len()),
            (270, 270),
            "none missed and none told twice"
        );
    }
}
