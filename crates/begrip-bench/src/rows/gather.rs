//! What it is worth that everything which goes along with a question is gathered at one time.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use begrip_app::{App, Gathering, OpenOptions};
use begrip_measure::machine;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::processes::said_by;
use crate::bench::{Bench, call, micros, refused};
use crate::question;
use crate::row::{Row, Unit};

/// How much longer each branch takes, in milliseconds.
const HELD_UP: [(&str, u64); 3] = [("related", 300), ("passage", 500), ("category", 200)];

/// Who ask at one time, for the throughput.
const ASKERS: usize = 16;

/// Measures both orders, each in a process of its own, in turn.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.generated()?;
    let (mut ours, mut before) = (Told::default(), Told::default());
    for _ in 0..bench.pick(3, 1) {
        before.add(&said_by(home, kind(true, bench.quick), bench.seed)?)?;
        ours.add(&said_by(home, kind(false, bench.quick), bench.seed)?)?;
    }
    let most = 0.6 * Spread::of(&before.alone_ms).context("samples")?.p50;
    let held_up: Vec<String> = HELD_UP
        .iter()
        .map(|(name, ms)| format!("{name} {ms} ms"))
        .collect();
    let held_up = format!(
        "each branch is held up: {}; {} concepts",
        held_up.join(", "),
        figures(bench.concepts as f64)
    );
    let mean = |samples: &[f64]| Spread::of(samples).map_or(0.0, |spread| spread.mean);
    let (fast, slow) = (mean(&ours.a_second), mean(&before.a_second));
    Ok(vec![
        Row::new(
            "gather",
            "gathering what goes along with a question",
            (Unit::Millis, Stat::Median),
            "the command `preview`: related concepts, articles and category at one time",
        )
        .ours(ours.alone_ms)
        .against("the same, one after the other", before.alone_ms)
        .must("≤ 0.6 of one after the other", |s| s.p50 <= most)
        .note(format!(
            "{held_up}. {ASKERS} who ask at one time get {} a second, one after the other {}: {:+.0} %",
            figures(fast),
            figures(slow),
            (fast / slow - 1.0) * 100.0
        )),
        Row::new(
            "gather_memory",
            "memory of the process that gathers for 16 at one time",
            (Unit::Megabytes, Stat::Max),
            "a fresh process after those questions: `Pss` of /proc/self/smaps_rollup",
        )
        .ours(ours.pss_mb)
        .against("the same, one after the other", before.pss_mb)
        .note("Both hold the same store, rules and tokenizer; what differs is what waits"),
    ])
}

#[derive(Default)]
struct Told {
    alone_ms: Vec<f64>,
    a_second: Vec<f64>,
    pss_mb: Vec<f64>,
}

impl Told {
    fn add(&mut self, said: &Value) -> Result<()> {
        let alone: Vec<f64> = serde_json::from_value(said["alone_ms"].clone())?;
        self.alone_ms.extend(alone);
        self.a_second
            .push(said["a_second"].as_f64().context("a rate")?);
        self.pss_mb.push(
            said["pss_mb"]
                .as_f64()
                .context("this system tells no PSS")?,
        );
        Ok(())
    }
}

fn kind(in_turn: bool, quick: bool) -> &'static str {
    match (in_turn, quick) {
        (true, false) => "gather-in-turn",
        (false, false) => "gather",
        (true, true) => "gather-in-turn-quick",
        (false, true) => "gather-quick",
    }
}

/// What the child does: asks alone, then with others.
pub(super) async fn be_child(kind: &str, home: &Path) -> Result<Value> {
    let quick = kind.ends_with("-quick");
    let mut options = OpenOptions::at(home);
    options.gathering = Gathering {
        in_turn: kind.starts_with("gather-in-turn"),
        held_up: HELD_UP
            .iter()
            .map(|(name, ms)| (*name, Duration::from_millis(*ms)))
            .collect(),
    };
    let app = App::open(options).map_err(refused)?;
    let ask = |app: App, number: usize| async move {
        let term = question::TERMS[number % question::TERMS.len()];
        let preview = call(&app, "preview", json!(question::draft(term)?)).await?;
        ensure!(
            preview["tokens"].as_u64().is_some_and(|n| n > 0),
            "no prompt"
        );
        anyhow::Ok(())
    };
    // The tokenizer is there before the clock runs.
    ask(app.clone(), 0).await?;
    let mut alone_ms = Vec::new();
    for number in 0..if quick { 1 } else { 10 } {
        let began = Instant::now();
        ask(app.clone(), number).await?;
        alone_ms.push(micros(began) / 1e3);
    }
    let rounds = if quick { 1 } else { 5 };
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for asker in 0..ASKERS {
        let app = app.clone();
        asking.spawn(async move {
            for round in 0..rounds {
                ask(app.clone(), asker + round).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    let a_second = (ASKERS * rounds) as f64 / began.elapsed().as_secs_f64();
    Ok(json!({ "alone_ms": alone_ms, "a_second": a_second, "pss_mb": machine::pss_mb("self") }))
}
