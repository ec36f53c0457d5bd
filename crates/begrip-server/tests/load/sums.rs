//! What one thing takes, for the sums in `docs/operator-guide.md`.
//!
//! ```text
//! BEGRIP_LOAD_S=10 cargo test --release --package begrip-server --test load what_one_thing_takes -- --nocapture
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use begrip_measure::scenario::kept;
use begrip_measure::statistics::Spread;
use begrip_sync::{Command, Sharing, limits};
use reqwest::Response;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::setting;
use crate::support::{Caller, Node, Site, concept, new, put};
use crate::told::{Process, Run, is_long};

/// Lines that one user holds here; a server gives nobody more than 32.
const OF_ONE: usize = 32;

/// Workstations that ask at one time, and those that take pages.
const ASKING: usize = 16;
const PAGING: usize = 4;

/// Changes that are told to every line.
const TOLD: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_thing_takes() {
    let (lines, concepts) = match is_long() {
        true => (4_000, 10_000),
        false => (40, 200),
    };
    let seconds = Duration::from_secs_f64(setting("BEGRIP_LOAD_S", 0.3));
    let none = "nobody asks a model";
    let parameters = json!({"lines": lines, "concepts": concepts, "seconds": seconds.as_secs_f64(),
        "asking": ASKING, "paging": PAGING, "arrivals": "closed: each asks when the answer before is there",
        "known_keys": none, "distribution": none, "model": none});
    let mut run = Run::of("sums", 1, parameters);
    let site = Site::new();
    let node = site.node();
    let author = node.caller(&site.token("OM", "author"));

    let begun = Instant::now();
    for first in (0..concepts).step_by(limits::PUSH) {
        let all = (first..(first + limits::PUSH).min(concepts)).map(|number| {
            let term = format!("begrip {number}");
            new(number as u128 + 1, &term, Sharing::Chain)
        });
        author.push(&all.collect::<Vec<Command>>()).await;
    }
    let rate = concepts as f64 / begun.elapsed().as_secs_f64();
    run.figure("changes_in_hundreds_a_second", rate);
    run.figure("a_push", limits::PUSH);
    let (changes, version) = one_by_one(&author, seconds).await;
    run.figure("changes_a_second", changes);
    size(&site, &mut run);

    let asks = together(&author, ASKING, seconds, async |caller| {
        let hello = caller.get("/v1/sync/hello").await;
        let hello: serde_json::Value = hello.json().await.unwrap();
        let page = caller.page(hello["sequence"].as_u64().unwrap()).await;
        assert!(page.items.is_empty());
    })
    .await;
    run.figure("asks_a_second", asks);
    let pages = together(&author, PAGING, seconds, async |caller| {
        let page = caller.get("/v1/sync/changes?after=0").await;
        let page: begrip_sync::Page = page.json().await.unwrap();
        assert_eq!(page.items.len(), limits::PAGE.min(concepts));
    })
    .await;
    run.figure("pages_a_second", pages);
    run.figure("page_concepts", limits::PAGE.min(concepts));

    let quiet = Process::of(node.pid()).memory;
    let told = listening(&site, &node, &author, lines, version).await;
    run.figure("lines", lines);
    let grown = Process::of(node.pid()).memory - quiet;
    run.figure("line_kb", grown * 1_000.0 / lines as f64);
    run.figure("told_last_ms", Spread::of(&told).unwrap().p50.round());
    run.quiet_figure("told_last", kept(&told));
    run.end();
}

/// Changes that are sent one after another, in a second; and the version that the concept has then.
async fn one_by_one(author: &Caller, seconds: Duration) -> (f64, u32) {
    let begun = Instant::now();
    let mut version = 1;
    while begun.elapsed() < seconds {
        change(author, version).await;
        version += 1;
    }
    let rate = f64::from(version - 1) / begun.elapsed().as_secs_f64();
    (rate, version)
}

/// Gives the first concept its next text.
async fn change(author: &Caller, version: u32) {
    let text = |version: u32| match version {
        1 => "tekst".to_owned(),
        _ => format!("tekst {version}"),
    };
    let changes = json!({"definition": [text(version), text(version + 1)]});
    author
        .push(&[put(concept(1), version, changes, None)])
        .await;
}

/// How often so many together did something in a second.
async fn together(
    caller: &Caller,
    many: usize,
    seconds: Duration,
    deed: impl AsyncFn(Caller) + Copy,
) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let all = (0..many).map(|_| async {
        while begun.elapsed() < seconds {
            deed(caller.clone()).await;
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    futures_util::future::join_all(all).await;
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// What a concept takes in the database, and each version of it with its entry in the trail.
fn size(site: &Site<'_>, run: &mut Run) {
    let bytes = |tables: &str, count: &str| -> f64 {
        let sql = format!(
            "SELECT sum(pg_total_relation_size(t))::float / (SELECT count(*) FROM {count}) \
             FROM unnest('{{{tables}}}'::regclass[]) t"
        );
        site.database.sql(&sql).unwrap().trim().parse().unwrap()
    };
    run.figure("concept_bytes", bytes("concept", "concept").round());
    let versions = bytes("revision,trail,command", "revision").round();
    run.figure("version_bytes", versions);
}

/// How long each change took to the last of so many lines, in milliseconds.
async fn listening(
    site: &Site<'_>,
    node: &Node,
    author: &Caller,
    lines: usize,
    mut version: u32,
) -> Vec<f64> {
    let (has, mut heard) = mpsc::unbounded_channel();
    for user in 0..lines.div_ceil(OF_ONE) {
        let name = format!("werkplek {user}");
        let of = ["--organisation", "DJI"];
        site.run(&[&["user", "add", &name, "--role", "reader"][..], &of[..]].concat());
        let token = site.run(&[&["token", "create", &name][..], &of[..]].concat());
        let caller = node.caller(&token);
        for _ in 0..OF_ONE.min(lines - user * OF_ONE) {
            let line = caller.get("/v1/sync/events").await;
            assert!(line.status().is_success());
            tokio::spawn(hear(line, has.clone()));
        }
    }
    // Each is told at once how far the server is.
    for _ in 0..lines {
        heard.recv().await.unwrap();
    }
    let mut times = Vec::new();
    for _ in 0..TOLD {
        let begun = Instant::now();
        change(author, version).await;
        version += 1;
        let mut last = begun;
        for _ in 0..lines {
            last = last.max(heard.recv().await.unwrap());
        }
        times.push(last.duration_since(begun).as_secs_f64() * 1_000.0);
    }
    times
}

/// Says when each event came.
async fn hear(mut line: Response, has: mpsc::UnboundedSender<Instant>) {
    while let Ok(Some(piece)) = line.chunk().await {
        let changed = std::str::from_utf8(&piece).is_ok_and(|text| text.contains("changed"));
        if changed && has.send(Instant::now()).is_err() {
            return;
        }
    }
}
