//! What a server tells of itself: parts that work, figures, and lines in a log.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use begrip_mock_model::{Behaviour, MockConfig, When};
use begrip_postgres::Cluster;
use begrip_sync::Sharing;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::homes::Home;
use crate::models::{Models, answered, asking, question};
use crate::support::{Caller, Node, Site, concept, new, put, wait_for};

/// What `/health/ready` says: whether it is ready, and of each part how it is.
async fn health(caller: &Caller) -> (bool, Vec<(String, String)>) {
    let response = caller.get("/health/ready").await;
    let ready = response.status() == StatusCode::OK;
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["ready"], ready);
    let at: Timestamp = body["at"].as_str().unwrap().parse().unwrap();
    assert!(at <= Timestamp::now());
    let parts = body["components"].as_object().unwrap().iter();
    let parts = parts.map(|(name, state)| (name.clone(), state.as_str().unwrap().to_owned()));
    (ready, parts.collect())
}

/// Waits until the parts stand so.
async fn turns(caller: &Caller, ready: bool, parts: &[(&str, &str)]) {
    let wanted: Vec<_> = parts
        .iter()
        .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()))
        .collect();
    wait_for(&format!("{parts:?}"), || async {
        let (is_ready, stand) = health(caller).await;
        // Parts that this test does not know are none of those that it breaks.
        is_ready == ready && wanted.iter().all(|part| stand.contains(part))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_parts_only_the_broken_one_turns_and_it_turns_back_when_it_is_mended() {
    let cluster = Cluster::start().unwrap();
    let site = Site::on(&cluster);
    let token = site.token("OM", "author");
    let mut command = site.command(&["serve"]);
    command
        .env("BEGRIP_SERVER_POOL", "1")
        .env("BEGRIP_SERVER_TIMEOUT_S", "60");
    let node = Node::of(command);
    let caller = node.caller(&token);
    assert_eq!(caller.get("/v1/sync/hello").await.status(), StatusCode::OK);
    let sound = [("database", "ok"), ("events", "ok")];
    turns(&caller, true, &sound).await;

    // Only the line of events is lost, and no other may be opened.
    let alone = "ALTER ROLE begrip_server CONNECTION LIMIT 1; SELECT pg_terminate_backend(pid) \
                 FROM pg_stat_activity WHERE usename = 'begrip_server' AND query LIKE 'LISTEN%' \
                 OR query LIKE 'SELECT sequence FROM server%'";
    cluster.sql("postgres", alone).unwrap();
    turns(&caller, true, &[("database", "ok"), ("events", "down")]).await;
    let up = async |part: &str| {
        let text = caller.get("/metrics").await.text().await.unwrap();
        let row = format!("begrip_component_up{{component=\"{part}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&row));
        line.unwrap().to_owned()
    };
    assert_eq!(
        (up("database").await, up("events").await),
        ("1".to_owned(), "0".to_owned())
    );
    cluster
        .sql("postgres", "ALTER ROLE begrip_server CONNECTION LIMIT -1")
        .unwrap();
    turns(&caller, true, &sound).await;

    // Every connection is in use: a balancer that sends requests elsewhere would not mend that.
    let url = site.database.url("begrip_owner");
    let (holder, line) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(line);
    let lock = "BEGIN; SELECT 1 FROM server FOR UPDATE";
    holder.batch_execute(lock).await.unwrap();
    let waiting = caller.clone();
    let push = tokio::spawn(async move { waiting.push(&[new(1, "term", Sharing::Chain)]).await });
    turns(&caller, true, &[("database", "busy"), ("events", "ok")]).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(push.await.unwrap()[0].outcome.is_done());
    turns(&caller, true, &sound).await;

    cluster.stop().unwrap();
    turns(&caller, false, &[("database", "down")]).await;
    assert_eq!(caller.get("/health/live").await.status(), StatusCode::OK);
    cluster.go_on().unwrap();
    turns(&caller, true, &sound).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_turns_only_itself_and_the_server_goes_on_and_tells_where_answers_came_from()
 {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let sound = [
        ("database", "ok"),
        ("events", "ok"),
        ("model", "ok"),
        ("queue", "ok"),
    ];
    turns(&caller, true, &sound).await;
    for _ in 0..3 {
        answered(asking(&caller, &question("vonnis"))).await;
    }
    let broken = Behaviour::Status {
        status: 500,
        retry_after: None,
    };
    models.first.set_behaviour(When::Always, broken);
    let mut number = 0;
    let mut ask = async || {
        number += 1;
        answered(asking(&caller, &question(&format!("woord {number}"))))
            .await
            .0
    };
    for _ in 0..5 {
        assert_ne!(ask().await, 200);
    }
    turns(
        &caller,
        true,
        &[
            ("database", "ok"),
            ("events", "ok"),
            ("model", "down"),
            ("queue", "ok"),
        ],
    )
    .await;
    // What is known is answered all the same.
    let known = answered(asking(&caller, &question("vonnis"))).await;
    assert_eq!((known.0, known.1.as_str()), (200, "memory"));
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    while ask().await != 200 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    turns(&caller, true, &sound).await;
    let figures = caller.get("/metrics").await.text().await.unwrap();
    for (from, times) in [("miss", 2.0), ("memory", 3.0), ("stale", 0.0)] {
        let row = format!("begrip_model_answers_total{{from=\"{from}\"}}");
        assert_eq!(value(&figures, &row), times, "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_answers_and_the_queue_turn_only_themselves_and_questions_are_answered_all_the_same() {
    let cluster = Cluster::start().unwrap();
    let models = Models::on(Site::on(&cluster), "", MockConfig::default()).await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let sql = |sql: &str| models.site.database.sql(sql).unwrap();
    let with = |broken: &str| {
        ["database", "events", "model", "cache", "queue"]
            .map(|part| (part.to_owned(), if part == broken { "down" } else { "ok" }))
    };
    let turns_alone = async |broken: &str| {
        let parts = with(broken);
        let parts: Vec<(&str, &str)> = parts.iter().map(|(n, s)| (n.as_str(), *s)).collect();
        turns(&caller, true, &parts).await;
    };
    turns_alone("none").await;
    assert_eq!(answered(asking(&caller, &question("vonnis"))).await.0, 200);

    // The table cannot be read, as after half a migration by hand.
    sql("REVOKE SELECT ON kept_answer FROM begrip_server");
    turns_alone("cache").await;
    // What the node has in mind is given, and what is new is asked.
    let known = answered(asking(&caller, &question("vonnis"))).await;
    assert_eq!((known.0, known.1.as_str()), (200, "memory"));
    let new = answered(asking(&caller, &question("arrest"))).await;
    assert_eq!((new.0, new.1.as_str()), (200, "miss"));
    sql("GRANT SELECT ON kept_answer TO begrip_server");
    turns_alone("none").await;

    // Somebody holds the table.
    let url = models.site.database.url("begrip_owner");
    let (holder, line) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(line);
    let lock = "BEGIN; LOCK TABLE kept_answer IN ACCESS EXCLUSIVE MODE";
    holder.batch_execute(lock).await.unwrap();
    turns_alone("cache").await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    turns_alone("none").await;

    // Rows of jobs cannot be claimed.
    let claim = "claim_job_row(double precision, integer)";
    sql(&format!(
        "REVOKE EXECUTE ON FUNCTION {claim} FROM begrip_server"
    ));
    turns_alone("queue").await;
    assert_eq!(answered(asking(&caller, &question("eis"))).await.0, 200);
    sql(&format!(
        "GRANT EXECUTE ON FUNCTION {claim} TO begrip_server"
    ));
    turns_alone("none").await;

    // Without the database nothing is said of what stands in it but that.
    cluster.stop().unwrap();
    turns(
        &caller,
        false,
        &[("database", "down"), ("model", "ok"), ("cache", "ok")],
    )
    .await;
    cluster.go_on().unwrap();
    turns_alone("none").await;
}

/// The value of a row of `/metrics`.
#[track_caller]
fn value(figures: &str, row: &str) -> f64 {
    let found = figures
        .lines()
        .find_map(|line| line.strip_prefix(row)?.strip_prefix(' '));
    found
        .unwrap_or_else(|| panic!("{row}\n{figures}"))
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_exactly_what_was_asked_and_what_became_of_it() {
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    for _ in 0..3 {
        caller.get("/v1/sync/hello").await;
    }
    for range in [1, 2, 99] {
        caller.get(&format!("/v1/sync/ranges/{range}")).await;
    }
    caller.get("/nergens").await;
    let odd = Method::from_bytes(b"ZOEK").unwrap();
    caller.request(odd, "/v1/sync/hello").send().await.unwrap();
    let text = |from: &str, to: &str| json!({"definition": [from, to]});
    caller
        .push(&[
            new(1, "term", Sharing::Chain),
            put(concept(1), 1, text("tekst", "een"), None),
            put(concept(1), 1, text("tekst", "twee"), None),
            put(concept(1), 2, text("een", "een"), None),
            put(concept(1), 2, text("een", ""), None),
        ])
        .await;
    let listening = caller.get("/v1/sync/events").await;
    let figures = caller.get("/metrics").await.text().await.unwrap();
    let count = |method: &str, route: &str, status: u16| {
        value(
            &figures,
            &format!(
                "begrip_http_request_duration_seconds_count{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
            ),
        )
    };
    assert_eq!(count("GET", "/v1/sync/hello", 200), 3.0);
    assert_eq!(count("GET", "/v1/sync/ranges/{range}", 200), 2.0);
    assert_eq!(count("GET", "/v1/sync/ranges/{range}", 400), 1.0);
    assert_eq!(count("POST", "/v1/sync/commands", 200), 1.0);
    assert_eq!(count("GET", "-", 404), 1.0);
    assert_eq!(count("-", "/v1/sync/hello", 405), 1.0);
    for (outcome, times) in [
        ("accepted", 2.0),
        ("stale", 1.0),
        ("same", 1.0),
        ("refused", 1.0),
        ("merged", 0.0),
    ] {
        let row = format!("begrip_sync_commands_total{{outcome=\"{outcome}\"}}");
        assert_eq!(value(&figures, &row), times, "{outcome}");
    }
    assert_eq!(value(&figures, "begrip_event_streams"), 1.0);
    drop(listening);
    for row in [
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "begrip_database_connections",
    ] {
        assert!(value(&figures, row) > 0.0, "{row}");
    }
    // In whole seconds, so a short test has none yet.
    assert!(value(&figures, "process_cpu_seconds_total") >= 0.0);
    // The same as JSON.
    let rows: Value = caller.get("/metrics.json").await.json().await.unwrap();
    let hello = rows["begrip_http_request_duration_seconds"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| {
            row["labels"] == json!({"method": "GET", "route": "/v1/sync/hello", "status": "200"})
        })
        .unwrap();
    assert_eq!(hello["count"], 3);
    assert!(hello["mean"].as_f64().unwrap() > 0.0);
    assert!(
        rows["process_resident_memory_bytes"][0]["value"]
            .as_f64()
            .unwrap()
            > 1e6
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_log_has_the_names_of_ecs_and_no_text_or_token() {
    let site = Site::new();
    let token = site.token("OM", "author");
    let mut command = site.command(&["serve"]);
    command.env("BEGRIP_SERVER_LOG", "debug");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let mut server = Node::logging(command, &file);
    let caller = server.caller(&token);
    caller.push(&[new(1, "geheimwoord", Sharing::Chain)]).await;
    let odd = "/v1/sync/changes?after=geheimwoord";
    assert_eq!(caller.get(odd).await.status(), StatusCode::BAD_REQUEST);
    caller.get("/geheimwoord").await;
    let named = caller.request(Method::GET, "/v1/sync/hello");
    let response = named
        .header("x-request-id", "van-werkplek-7")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-request-id"], "van-werkplek-7");
    // A number that could carry text is replaced by one of the server's own.
    let long = caller.request(Method::GET, "/v1/sync/hello");
    let response = long
        .header("x-request-id", "geheimwoord met spaties")
        .send()
        .await
        .unwrap();
    let own = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    server.terminate();
    assert!(server.ended());
    let log = std::fs::read_to_string(&file).unwrap();

    assert!(
        !log.contains("geheimwoord") && !log.contains(&token),
        "{log}"
    );
    let lines: Vec<Map<String, Value>> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    for line in &lines {
        let text = |name: &str| {
            line.get(name)
                .and_then(Value::as_str)
                .unwrap_or_else(|| panic!("{name}: {line:?}"))
        };
        assert!(text("@timestamp").parse::<Timestamp>().is_ok(), "{line:?}");
        assert!(["error", "warn", "info", "debug"].contains(&text("log.level")));
        assert_eq!(text("service.name"), "begrip-server");
        for name in ["message", "ecs.version", "log.logger", "service.version"] {
            assert!(!text(name).is_empty(), "{name}: {line:?}");
        }
    }
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .collect();
    assert_eq!(answered.len(), 5, "{log}");
    for line in &answered {
        for (name, kind) in [
            (
                "http.request.method",
                Value::is_string as fn(&Value) -> bool,
            ),
            ("url.path", Value::is_string),
            ("http.response.status_code", Value::is_u64),
            ("event.duration", Value::is_u64),
        ] {
            assert!(line.get(name).is_some_and(kind), "{name}: {line:?}");
        }
        assert_eq!(line["http.request.id"], line["trace.id"]);
    }
    let ids: BTreeSet<&str> = answered
        .iter()
        .map(|line| line["http.request.id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 5, "each request has a number of its own");
    assert!(ids.contains("van-werkplek-7") && ids.contains(own.as_str()));
}

#[test]
fn a_workstation_names_each_request_and_tells_that_name_when_it_goes_wrong() {
    let site = Site::new();
    let node = site.node();
    let mut home = Home::new(&node, &site.token("OM", "author"), "Anna");
    // In the server's place, somebody who tells what came and refuses with the same number.
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    home.url = format!("http://{}", place.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (mut line, _) = place.accept().unwrap();
        let mut reader = BufReader::new(line.try_clone().unwrap());
        let mut id = String::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("x-request-id:") {
                value.trim().clone_into(&mut id);
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let answer = format!(
            "HTTP/1.1 500 Fout\r\nx-request-id: {id}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        line.write_all(answer.as_bytes()).unwrap();
        id
    });
    let (code, _, error) = home.run(&["sync"]);
    let id = heard.join().unwrap();
    assert_eq!(id.len(), 36, "{id}");
    assert!(code != 0 && error.contains(&id), "{error}");
}
