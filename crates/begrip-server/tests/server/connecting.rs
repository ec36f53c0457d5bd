//! Connections themselves: ones that ask slowly or nothing, more than there may be, and how they end.

use std::net::SocketAddr;
use std::time::Duration;

use begrip_sync::Sharing;
use reqwest::{StatusCode, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Caller, Node, Site, new, wait_for};

/// A server with these settings beside the usual ones.
fn node(site: &Site<'_>, settings: &[(&str, &str)]) -> Node {
    let mut serving = site.command(&["serve"]);
    for (name, value) in settings {
        serving.env(format!("BEGRIP_SERVER_{name}"), value);
    }
    Node::of(serving)
}

/// A bare connection that has said this much.
pub async fn said(node: &Node, text: &str) -> TcpStream {
    let address: SocketAddr = node.url.trim_start_matches("http://").parse().unwrap();
    let mut line = TcpStream::connect(address).await.unwrap();
    line.write_all(text.as_bytes()).await.unwrap();
    line
}

/// What comes until the server hangs up; fails when it does not.
async fn until_the_end(line: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let mut piece = [0; 1_024];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(60), line.read(&mut piece));
        match read.await.expect("it is still open") {
            Ok(0) | Err(_) => return String::from_utf8(told).unwrap(),
            Ok(count) => told.extend_from_slice(&piece[..count]),
        }
    }
}

/// One whole answer, after which the connection stays.
pub async fn answer(line: &mut TcpStream) -> String {
    let mut told = String::new();
    let mut piece = [0; 1_024];
    while !told.contains("\r\n\r\n") {
        let count = line.read(&mut piece).await.unwrap();
        assert!(count > 0, "it hung up: {told}");
        told.push_str(std::str::from_utf8(&piece[..count]).unwrap());
    }
    told
}

const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: begrip\r\n\r\n";

#[tokio::test]
async fn whoever_asks_a_letter_at_a_time_or_nothing_is_let_go_and_keeps_nobody_waiting() {
    let site = Site::new();
    let node = node(&site, &[("HEADERS_S", "3"), ("IDLE_S", "5")]);
    let caller = node.caller(&site.token("OM", "author"));
    // Longer than both bounds: it asked, and is being told.
    let mut events = caller.get("/v1/sync/events").await;
    events.chunk().await.unwrap().unwrap();
    let mut idle = Vec::new();
    for text in [
        // Nothing; what may become HTTP/1 or HTTP/2; half a line; headers without an end.
        "",
        "P",
        "PRI * HTTP/2.0\r\n\r\n",
        "GET /health/li",
        "GET /health/live HTTP/1.1\r\nhost: begrip\r\nx-langzaam: ",
    ] {
        idle.push((text, said(&node, text).await));
    }
    let mut asked = said(&node, LIVE).await;
    assert!(answer(&mut asked).await.starts_with("HTTP/1.1 200"));
    let mut asked_half = said(&node, LIVE).await;
    answer(&mut asked_half).await;
    asked_half.write_all(&LIVE.as_bytes()[..20]).await.unwrap();
    // One who goes on sending a letter now and then is no better.
    let mut drips = said(&node, "GET /health/live HTTP/1.1\r\nx: ").await;
    let dripped = tokio::spawn(async move {
        let dripping = async {
            while drips.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), dripping).await
    });
    // Others are answered meanwhile.
    for _ in 0..20 {
        assert_eq!(caller.get("/health/live").await.status(), StatusCode::OK);
    }
    for (text, line) in &mut idle {
        let told = until_the_end(line).await;
        assert!(!told.contains("HTTP/1.1 200"), "{text:?}: {told}");
    }
    dripped.await.unwrap().expect("it may go on for ever");
    until_the_end(&mut asked).await;
    until_the_end(&mut asked_half).await;
    // The line of events went on through all of that.
    // By a connection of its own: one that stood idle may be closed just now.
    let fresh = node.caller(&caller.token);
    fresh.push(&[new(1, "vonnis", Sharing::Chain)]).await;
    let heard = events.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&heard).unwrap().contains("changed"));
}

#[tokio::test]
async fn by_http_2_too_a_connection_on_which_nothing_is_asked_is_let_go_and_a_line_of_events_is_not()
 {
    let site = Site::new();
    let node = node(&site, &[("IDLE_S", "3")]);
    // Answers that it is there, and never closes a connection by itself.
    let by_http_2 = |token: &str| {
        let http = reqwest::Client::builder()
            .no_proxy()
            .http2_prior_knowledge()
            .pool_idle_timeout(None);
        Caller {
            http: http.build().unwrap(),
            ..node.caller(token)
        }
    };
    let token = site.token("OM", "author");
    let (listens, asked) = (by_http_2(&token), by_http_2(&token));
    let mut events = listens.get("/v1/sync/events").await;
    events.chunk().await.unwrap().unwrap();
    let answer = asked.get("/health/live").await;
    assert_eq!(answer.version(), Version::HTTP_2);
    answer.text().await.unwrap();
    // Who listens, and who looks.
    wait_for("whoever asks nothing to be let go", || async {
        let metrics = node.caller(&token).get("/metrics").await;
        let metrics = metrics.text().await.unwrap();
        metrics.contains("begrip_connections 2\n")
    })
    .await;
    // It was in order: asked again, it is answered by a new one.
    assert_eq!(asked.get("/health/live").await.status(), StatusCode::OK);
    let fresh = node.caller(&token);
    fresh.push(&[new(1, "vonnis", Sharing::Chain)]).await;
    let heard = events.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&heard).unwrap().contains("changed"));
}

#[tokio::test]
async fn beyond_the_bound_callers_are_told_so_and_one_who_leaves_makes_room() {
    let site = Site::new();
    let node = node(&site, &[("CONNECTIONS", "2")]);
    let caller = node.caller(&site.token("OM", "reader"));
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut line = said(&node, LIVE).await;
        answer(&mut line).await;
        held.push(line);
    }
    let refused = caller.get("/v1/sync/changes?after=0").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "5");
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body["error"], "full", "{body}");
    // Whoever watches the server sees how it is, also now.
    for path in ["/health/ready", "/metrics"] {
        assert_eq!(caller.get(path).await.status(), StatusCode::OK, "{path}");
    }
    wait_for("those who are connected to be told", || async {
        let metrics = caller.get("/metrics").await.text().await.unwrap();
        metrics.contains("begrip_connections 3\n")
    })
    .await;
    let metrics = caller.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("\nbegrip_connections_beyond_total "));
    assert!(!metrics.contains("\nbegrip_connections_beyond_total 0\n"));
    drop(held);
    wait_for("room", || async {
        let fresh = node.caller(&caller.token);
        fresh.get("/v1/sync/changes?after=0").await.status() == StatusCode::OK
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_under_way_and_waits_for_nobody_else() {
    let site = Site::new();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut serving = site.command(&["serve"]);
    serving
        .env("BEGRIP_SERVER_HEADERS_S", "5")
        .env("BEGRIP_SERVER_STOP_S", "60");
    let mut node = Node::logging(serving, &log);
    let caller = node.caller(&site.token("OM", "author"));
    let mut asked = said(&node, LIVE).await;
    answer(&mut asked).await;
    let mut half = said(&node, "GET /health/live HTTP/1.1\r\n").await;
    let mut silent = said(&node, "").await;
    // Under way: its body comes in two parts, the second one after the server was told to stop.
    let body = r#"{"commands": []}"#;
    let head = format!(
        "POST /v1/sync/commands HTTP/1.1\r\nhost: begrip\r\nauthorization: Bearer {}\r\n\
         begrip-protocol: 1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        caller.token,
        body.len()
    );
    let mut busy = said(&node, &head).await;
    busy.write_all(&body.as_bytes()[..5]).await.unwrap();
    let events = caller.get("/v1/sync/events").await;
    node.terminate();
    // Everybody who listens is let go once it stops.
    events.text().await.unwrap();
    busy.write_all(&body.as_bytes()[5..]).await.unwrap();
    let told = until_the_end(&mut busy).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    for line in [&mut asked, &mut half, &mut silent] {
        until_the_end(line).await;
    }
    assert!(node.ended());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(!log.contains("somebody was still busy"), "{log}");
}
