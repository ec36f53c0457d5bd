//! Many drafts, each of another term, that come in whether or not those before them are ready.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use begrip_app::App;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{Latency, MockConfig, MockModel, replies};
use begrip_rules::RulePack;
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::drafting::{asked, old};
use crate::bench::{Bench, define, open};
use crate::corpus;
use crate::row::{Row, Unit};

/// Drafts that come in within a second, on average.
const A_SECOND: f64 = 10.0;

/// Of so many drafts one is made in the old way too, at the same time.
const ONE_OLD_IN: usize = 10;

/// Milliseconds to the first words and to the whole, from when the draft came in.
type Times = (f64, f64);

/// Measures both ways side by side.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let latency = model_time(bench);
    let config = || MockConfig {
        latency,
        forget_bodies: true,
        ..MockConfig::default()
    };
    let mock = MockModel::start(config()).await?;
    let app = open(&bench.home("open_loop"), Some(&mock))?;
    define(&app, "contactverbod", "warm", false).await?;
    mock.reset();
    let pack = Arc::new(RulePack::built_in()?);
    let count = bench.pick(1_000, 10);
    let mut rng = Rng::with_seed(bench.seed);
    let (mut ours, mut before) = (JoinSet::new(), JoinSet::new());
    let mut due = Instant::now();
    for number in 0..count {
        // Times between arrivals as of people who know nothing of each other.
        let gap = -(1.0 - rng.f64()).ln() / A_SECOND;
        due += Duration::from_secs_f64(if bench.quick { gap / 20.0 } else { gap });
        sleep_until(due).await;
        ours.spawn(ours_of(app.clone(), corpus::term(number), due));
        if number % ONE_OLD_IN == 0 {
            let (mock, pack) = (MockModel::start(config()).await?, Arc::clone(&pack));
            before.spawn(async move {
                let draft = old(&mock, &pack, &corpus::term(number)).await?;
                anyhow::Ok((draft.first_ms, draft.whole_ms))
            });
        }
    }
    let (first, whole) = all(ours).await?;
    let (old_first, old_whole) = all(before).await?;
    let calls = mock.calls();
    ensure!(calls == count, "{calls} calls for {count} drafts");
    let model: Vec<f64> = mock.log().iter().map(|call| call.total_ms).collect();
    let does = "the command `define` of the program, from JSON to JSON, each of another term and not in the cache; its time \
                begins when it was due to come in";
    let old_does = "seven calls one after another for every tenth of those terms, at the same time";
    let shown = |samples: &[f64]| {
        Spread::of(samples).map_or(String::new(), |s| {
            let show = |ms| Unit::Millis.show(ms);
            format!(
                "median {}, p95 {}, most {}",
                show(s.p50),
                show(s.p95),
                show(s.max)
            )
        })
    };
    let note = format!(
        "{} drafts, {A_SECOND} a second at random (seed {}), none refused; every definition, its three examples and its checks \
         were compared with what the model had to say. The model's own time: {}",
        figures(count as f64),
        bench.seed,
        shown(&model)
    );
    let row = |id, what, samples, before| {
        Row::new(id, what, (Unit::Millis, Stat::P95), does)
            .ours(samples)
            .against(old_does, before)
            .note(note.clone())
    };
    let before = Spread::of(&old_whole).context("drafts of the old way")?;
    let now = Spread::of(&whole).context("drafts")?;
    let less = |old: f64, new: f64| 100.0 * (1.0 - new / old);
    let wait = row(
        "wait",
        "the wait of a user for a whole definition, at model time 2–3 s",
        whole.clone(),
        old_whole.clone(),
    )
    .must("median and p95 at most half of the old way's", |s| {
        s.p50 <= before.p50 / 2.0 && s.p95 <= before.p95 / 2.0
    })
    .note(format!(
        "The samples of `open_loop`. Old way: median {}, p95 {}; ours: median {}, p95 {}: {:.0} % and {:.0} % less",
        Unit::Millis.show(before.p50),
        Unit::Millis.show(before.p95),
        Unit::Millis.show(now.p50),
        Unit::Millis.show(now.p95),
        less(before.p50, now.p50),
        less(before.p95, now.p95),
    ));
    Ok(vec![
        row(
            "open_loop_first",
            "time to the first words, drafts that come in at random",
            first,
            old_first,
        )
        .must("< 2 s at model time 2–3 s", |s| s.p95 < 2_000.0),
        row(
            "open_loop",
            "time to the whole definition, drafts that come in at random",
            whole,
            old_whole,
        )
        .must("< 5 s at model time 2–3 s", |s| s.p95 < 5_000.0),
        wait,
    ])
}

/// A model that takes two to three seconds for an answer of the usual length.
pub(super) fn model_time(bench: &Bench) -> Latency {
    match bench.quick {
        true => Latency {
            first_ms: 5.0,
            per_output_token_ms: 0.1,
            ..Latency::default()
        },
        false => Latency {
            first_ms: 500.0,
            per_prompt_token_ms: 0.15,
            per_output_token_ms: 14.0,
            longest_ms: Some(2_300.0),
        },
    }
}

async fn ours_of(app: App, term: String, due: Instant) -> Result<Times> {
    let late_ms = due.elapsed().as_secs_f64() * 1e3;
    let (first_ms, whole_ms, result) = asked(&app, &term).await?;
    let (said, expected) = (&result["reply"], replies::reply_to(&term));
    ensure!(
        said["definition"] == expected.definition.as_str()
            && said["examples"] == serde_json::json!(expected.examples),
        "{term}: {said}"
    );
    let findings = result["report"]["findings"].as_array().map_or(0, Vec::len);
    ensure!(findings > 0, "{term}: not checked");
    Ok((late_ms + first_ms, late_ms + whole_ms))
}

async fn all(mut tasks: JoinSet<Result<Times>>) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut times = (Vec::new(), Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (first, whole) = done??;
        times.0.push(first);
        times.1.push(whole);
    }
    Ok(times)
}
