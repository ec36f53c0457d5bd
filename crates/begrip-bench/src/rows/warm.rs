//! Bringing kept answers to mind at the start: what it gives, and what it costs.

use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result, ensure};
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel, replies};

use crate::bench::{Bench, define, micros, open};
use crate::row::{Row, Unit};
use crate::rows::processes::child;

/// Measures with and without, in turn.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig::default()).await?;
    let home = bench.home("warm");
    let app = open(&home, Some(&mock))?;
    for term in replies::known_terms().iter().take(bench.pick(40, 4)) {
        define(&app, term, term, false).await?;
    }
    // One whose answer is kept: one that a blocking rule refuses is asked anew.
    let mut kept = None;
    for term in replies::known_terms().iter().take(bench.pick(40, 4)) {
        if define(&app, term, term, false).await?["cache"] == "memory" {
            kept = Some(term);
        }
    }
    let term = kept.context("no answer was kept")?;
    app.close().await;
    drop(app);
    let (mut cold, mut warm, mut warmed) = (vec![], vec![], 0);
    for _ in 0..bench.pick(20, 1) {
        cold.push(first(&home, &mock, term, false).await?.0);
        let (ms, brought) = first(&home, &mock, term, true).await?;
        ensure!(brought > 0, "nothing was brought to mind");
        warm.push(ms);
        warmed = brought;
    }
    let (mut without, mut with) = (vec![], vec![]);
    child(&home, "start", bench.seed)?;
    for _ in 0..bench.pick(15, 1) {
        without.push(child(&home, "start", bench.seed)?.0);
        with.push(child(&home, "start-warm", bench.seed)?.0);
    }
    let most = 1.1 * Spread::of(&without).map_or(0.0, |spread| spread.p50);
    Ok(vec![
        Row::new(
            "warm_first",
            "the first repeated question after a start",
            (Unit::Millis, Stat::Median),
            "the command `define`, its answer brought to mind before it is asked",
        )
        .ours(warm)
        .against("the same without: its answer comes from the encrypted file", cold)
        .note(format!(
            "{warmed} answers were brought to mind. Neither makes a call"
        )),
        Row::new(
            "warm_start",
            "a start while kept answers are brought to mind",
            (Unit::Millis, Stat::Median),
            "a fresh process: load, open, answer one search; a thread of its own brings them to mind, as in the window",
        )
        .ours(with)
        .against("the same without it", without)
        .must("not slower by more than 10 %", |s| s.p50 <= most),
    ])
}

/// Milliseconds of the first question after a start, and how many answers were brought to mind before it.
async fn first(home: &Path, mock: &MockModel, term: &str, warm: bool) -> Result<(f64, u32)> {
    let app = open(home, Some(mock))?;
    let warmed = match warm {
        true => {
            let app = app.clone();
            thread::spawn(move || app.warm_up())
                .join()
                .map_err(|_| anyhow::anyhow!("warming died"))?
        }
        false => 0,
    };
    let calls = mock.calls();
    let began = std::time::Instant::now();
    let result = define(&app, term, "first", false).await?;
    let ms = micros(began) / 1e3;
    let from = if warm { "memory" } else { "disk" };
    ensure!(
        result["cache"] == from,
        "from {}, not {from}",
        result["cache"]
    );
    ensure!(mock.calls() == calls, "a kept answer was asked for");
    app.close().await;
    Ok((ms, warmed))
}
