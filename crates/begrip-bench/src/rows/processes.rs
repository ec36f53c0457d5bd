//! Memory and start, each in a fresh process: this program, started again.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use begrip_app::App;
use begrip_measure::machine;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use serde_json::json;

use crate::bench::{Bench, call, micros, open};
use crate::row::{Row, Unit};
use crate::{corpus, question};

/// Starts the children.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.generated()?;
    Ok(vec![
        start(bench, home)?,
        first_check(bench, home)?,
        memory(bench, home, "look-ups")?,
        memory(bench, home, "prompt")?,
    ])
}

fn start(bench: &Bench, home: &Path) -> Result<Row> {
    let (mut old, mut ours, mut first_of_day) = (vec![], vec![], vec![]);
    child(home, "start", bench.seed)?;
    for _ in 0..bench.pick(8, 2) {
        old.push(child(home, "start-six", bench.seed)?.0);
        ours.push(child(home, "start", bench.seed)?.0);
    }
    for _ in 0..bench.pick(2, 1) {
        std::fs::remove_dir_all(home.join("backup"))?;
        first_of_day.push(child(home, "start", bench.seed)?.0);
    }
    let day = Spread::of(&first_of_day).context("a first start")?;
    let row = Row::new(
        "process_start",
        "start of a process until its first search is answered, without a window",
        (Unit::Millis, Stat::P95),
        "a fresh process on the generated concepts: load, open, answer one search",
    );
    Ok(row
        .ours(ours)
        .against("the same with the services opened six times", old)
        .must("≤ 1 s (the bar for a window), files cached", |s| s.p95 <= 1_000.0)
        .note(format!(
            "{} concepts, files cached. The first start of a day makes a backup before it answers: {} (median of {})",
            figures(bench.concepts as f64),
            Unit::Millis.show(day.p50),
            day.n
        )))
}

fn first_check(bench: &Bench, home: &Path) -> Result<Row> {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for _ in 0..bench.pick(100, 1) {
        let said = said_by(home, "check", bench.seed)?;
        first.push(said["first_ms"].as_f64().context("the first check")?);
        let more: Vec<f64> = serde_json::from_value(said["later_ms"].clone())?;
        later.extend(more);
    }
    let later = Spread::of(&later).context("later checks")?;
    let row = Row::new(
        "first_check",
        "the first check after a start, all that it needs included",
        (Unit::Millis, Stat::P95),
        "the command `check` in a fresh process that was just opened: rules, word lists and neighbours",
    );
    Ok(row
        .ours(first)
        .must("p99 < 100 ms, and later ones p99 < 10 ms", |s| {
            s.p99 < 100.0 && later.p99 < 10.0
        })
        .note(format!(
            "{} concepts, files cached. Later checks: median {}, p99 {} (n {})",
            figures(bench.concepts as f64),
            Unit::Millis.show(later.p50),
            Unit::Millis.show(later.p99),
            later.n
        )))
}

fn memory(bench: &Bench, home: &Path, kind: &'static str) -> Result<Row> {
    let of = |kind: &str| {
        let samples = (0..bench.pick(3, 1)).map(|_| {
            let (_, pss) = child(home, kind, bench.seed)?;
            pss.context("this system tells no PSS")
        });
        samples.collect::<Result<Vec<f64>>>()
    };
    let samples = of(kind)?;
    let (id, what, does) = match kind {
        "prompt" => (
            "process_memory_prompt",
            "memory of the use cases, after composing a prompt too",
            "as above, then the command `preview`",
        ),
        _ => (
            "process_memory",
            "memory of the use cases (PSS) after 1,000 look-ups",
            "a fresh process: open, 1,000 look-ups, then `Pss` of /proc/self/smaps_rollup",
        ),
    };
    Ok(Row::new(id, what, (Unit::Megabytes, Stat::Max), does)
        .ours(samples)
        .against(
            "the same with the services opened six times and all kept, which do the look-ups in turn: six times is known of the \
             old system, but its language and libraries are not ours, so this is no figure of its process",
            of(&format!("{kind}-six"))?,
        )
        .must("≤ 130 MB", |s| s.max <= 130.0)
        .quoted("188 MB before any browser")
        .note(format!(
            "{} concepts; without window toolkit and web view, which the row `window_memory` holds",
            figures(bench.concepts as f64)
        )))
}

/// Milliseconds from the start of a child to its word that it is done, and its memory then.
pub(super) fn child(home: &Path, kind: &str, seed: u64) -> Result<(f64, Option<f64>)> {
    let began = Instant::now();
    let said = said_by(home, kind, seed)?;
    let whole = micros(began) / 1e3;
    // Until the answer, not until the process is gone.
    let after = said["after_answer_ms"].as_f64().unwrap_or(0.0);
    Ok((whole - after, said["pss_mb"].as_f64()))
}

/// What a child says at its end.
pub(super) fn said_by(home: &Path, kind: &str, seed: u64) -> Result<serde_json::Value> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--child", kind, "--seed", &seed.to_string(), "--home"])
        .arg(home)
        .output()?;
    ensure!(
        output.status.success(),
        "the child `{kind}` failed, {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What a child does.
pub async fn be_child(kind: &str, home: &Path, seed: u64) -> Result<serde_json::Value> {
    let first = |app: App| async move {
        let found = call(&app, "search", json!({ "query": "voor" })).await?;
        ensure!(
            !found["hits"].as_array().context("hits")?.is_empty(),
            "nothing found"
        );
        Ok((app, Instant::now()))
    };
    let answered = match kind {
        "start-six" => {
            let mut apps = (0..6)
                .map(|_| open(home, None))
                .collect::<Result<Vec<App>>>()?;
            let last = apps.pop().context("six")?;
            let (_, answered) = first(last).await?;
            // They stay open until the end, as the old services did.
            std::mem::forget(apps);
            answered
        }
        "start" => first(open(home, None)?).await?.1,
        "start-warm" => {
            let app = open(home, None)?;
            let warming = std::thread::spawn({
                let app = app.clone();
                move || app.warm_up()
            });
            let (app, answered) = first(app).await?;
            app.close().await;
            let ended = warming.join();
            ensure!(ended.is_ok(), "warming died");
            answered
        }
        "kept" => return Ok(json!({ "pss_mb": super::cache::be_kept(home)? })),
        "check" => {
            let app = open(home, None)?;
            let mut took = Vec::new();
            for number in 0..100 {
                let text =
                    format!("beslissing van een rechtbank in zaak {number} over een verdachte");
                let args = json!({ "term": "vonnis", "text": text });
                let begun = Instant::now();
                let report = call(&app, "check", args).await?;
                took.push(micros(begun) / 1e3);
                ensure!(report["findings"].is_array(), "a check without findings");
            }
            let later = took.split_off(1);
            return Ok(json!({ "first_ms": took.first(), "later_ms": later }));
        }
        "look-ups" | "prompt" | "look-ups-six" | "prompt-six" => {
            let (app, answered) = first(open(home, None)?).await?;
            let concepts = call(&app, "app_info", json!(null)).await?["concepts"]
                .as_u64()
                .unwrap_or(0);
            let mut apps = vec![app];
            if kind.ends_with("-six") {
                for _ in 1..6 {
                    apps.push(open(home, None)?);
                }
            }
            let typed = corpus::keystrokes(1_000, usize::try_from(concepts)?, seed);
            for (query, app) in typed.into_iter().zip(apps.iter().cycle()) {
                call(app, "search", json!({ "query": query })).await?;
            }
            if kind.starts_with("prompt") {
                for app in &apps {
                    call(app, "preview", json!(question::draft("verdachte")?)).await?;
                }
            }
            let pss = machine::pss_mb("self");
            return Ok(json!({ "pss_mb": pss, "after_answer_ms": micros(answered) / 1e3 }));
        }
        kind if kind.starts_with("gather") => return super::gather::be_child(kind, home).await,
        "model" => {
            crate::count::be_model().await?;
            return Ok(json!(null));
        }
        other => bail!("no child is called {other}"),
    };
    Ok(json!({ "after_answer_ms": micros(answered) / 1e3 }))
}
