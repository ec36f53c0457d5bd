//! A hundred who ask the same at one time.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use begrip_mock_model::{Latency, MockConfig, MockModel};
use begrip_rules::RulePack;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::bench::{Bench, ask_plainly, define, micros, open, plain_client};
use crate::row::{Row, Unit};
use crate::statistics::Stat;
use crate::{old_way, question};

const ASKERS: usize = 100;

const TERMS: [&str; 3] = ["vonnis", "verdachte", "enkelband"];

/// Measures both ways against one mock model, one after the other.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let latency = Latency {
        first_ms: 300.0,
        per_output_token_ms: bench.pick(5, 1) as f64,
        ..Latency::default()
    };
    let mock = MockModel::start(MockConfig {
        latency,
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let app = open(&bench.home("single_flight"), Some(&mock))?;
    define(&app, "contactverbod", "warm", false).await?;
    let pack = RulePack::built_in()?;
    let context = question::context()?;
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    let (mut old_wall, mut our_wall, mut alone) = (vec![], vec![], vec![]);
    for term in TERMS.into_iter().take(bench.pick(3, 1)) {
        mock.reset();
        let message = old_way::prompt(&pack, &context, term, &[]);
        let client = plain_client(&mock)?;
        old_wall.push(
            all_at_once(|number| {
                // The arm keeps the questions apart in our client; what is sent is the same.
                let request = old_way::request(message.clone(), &number.to_string());
                let client = client.clone();
                async move { ask_plainly(&client, request).await.map(drop) }
            })
            .await?,
        );
        old.push(mock.calls() as f64);
        mock.reset();
        our_wall.push(
            all_at_once(|number| {
                let app = app.clone();
                async move {
                    let id = format!("asker {number}");
                    define(&app, term, &id, false).await.map(drop)
                }
            })
            .await?,
        );
        ours.push(mock.calls() as f64);
        let began = Instant::now();
        define(&app, term, "alone", true).await?;
        alone.push(micros(began) / 1e3);
    }
    let shown = |samples: &[f64]| {
        let texts: Vec<String> = samples.iter().map(|ms| Unit::Millis.show(*ms)).collect();
        texts.join(", ")
    };
    Ok(vec![
        Row::new(
            "single_flight",
            "calls for 100 identical questions at once",
            (Unit::Calls, Stat::Max),
            "100 × the command `define` at one time, cache empty; calls counted by the model's own log",
        )
        .ours(ours)
        .against("the same client without single flight and cache", old)
        .must("1 call", |s| s.max <= 1.0)
        .quoted("100 calls (every peer measured: 64 of 64)")
        .note(format!(
            "Until all 100 have their answer: ours {}, the old way {}; one asker alone: {}",
            shown(&our_wall),
            shown(&old_wall),
            shown(&alone)
        )),
    ])
}

/// Milliseconds until the last of all who start at one time is done.
async fn all_at_once<F>(ask: impl Fn(usize) -> F) -> Result<f64>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let start = Arc::new(Barrier::new(ASKERS + 1));
    let mut askers = JoinSet::new();
    for number in 0..ASKERS {
        let (start, question) = (Arc::clone(&start), ask(number));
        askers.spawn(async move {
            start.wait().await;
            question.await
        });
    }
    start.wait().await;
    let began = Instant::now();
    let mut answered = 0;
    while let Some(done) = askers.join_next().await {
        done??;
        answered += 1;
    }
    ensure!(answered == ASKERS, "{answered} were answered");
    Ok(micros(began) / 1e3)
}
