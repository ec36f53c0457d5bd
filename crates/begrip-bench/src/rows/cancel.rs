//! How soon a draft that the user stops is stopped at the model's end too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use begrip_app::{App, commands};
use begrip_measure::statistics::Stat;
use begrip_mock_model::{Behaviour, Call, Latency, MockConfig, MockModel, Outcome, When};
use serde_json::json;
use tokio::sync::Notify;

use crate::bench::{Bench, call, define, micros, open};
use crate::corpus;
use crate::question;
use crate::row::{Row, Unit};

/// Milliseconds between two pieces of an answer: it would take half a minute.
const SLOW: u32 = 200;

/// How long the model's log may take to tell of the end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a draft is when it is stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    /// The model has the question and has not said a word.
    Asked,
    /// Words are on the screen.
    Words,
}

/// Stops drafts before and after their first words, and looks into the model's own log.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig {
        latency: Latency {
            first_ms: 200.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await?;
    let app = open(&bench.home("cancel"), Some(&mock))?;
    define(&app, "contactverbod", "warm", false).await?;
    let mut took = Vec::new();
    for number in 0..bench.pick(100, 4) {
        let at = [At::Asked, At::Words][number % 2];
        took.push(stopped(&app, &mock, &corpus::term(number), at).await?);
    }
    let row = Row::new(
        "cancel",
        "from stopping a draft until the model's end of the line is closed",
        (Unit::Millis, Stat::P95),
        "the command `define_cancel` while a draft is under way, half of them before their first words and half while they stream \
         in; until the model's own log has the call as broken off by the caller",
    );
    Ok(vec![
        row.ours(took)
            .against_nothing("the old way cannot stop a call that it has made")
            .must("≤ 1 s", |s| s.p95 <= 1_000.0)
            .note(format!(
                "The model writes a token in {SLOW} ms; the log is looked at every millisecond"
            )),
    ])
}

/// Milliseconds from the command until the log tells.
async fn stopped(app: &App, mock: &MockModel, term: &str, at: At) -> Result<f64> {
    mock.reset();
    mock.set_behaviour(When::Always, Behaviour::SlowDrip { delay_ms: SLOW });
    let (words, seen) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (told, any) = (Arc::clone(&words), Arc::clone(&seen));
    let sink = Box::new(move |event: serde_json::Value| {
        if event["event"] == "text" {
            any.store(true, Ordering::SeqCst);
            told.notify_one();
        }
    });
    let args = json!({ "request_id": term, "input": question::draft(term)?, "regenerate": false });
    let drafting = tokio::spawn({
        let app = app.clone();
        async move { commands::stream(&app, "define", args, sink).await }
    });
    match at {
        At::Asked => drop(until(mock, |_| true).await?),
        At::Words => words.notified().await,
    }
    ensure!(seen.load(Ordering::SeqCst) == (at == At::Words), "{at:?}");
    let began = Instant::now();
    call(app, "define_cancel", json!({ "request_id": term })).await?;
    let ended = until(mock, |call| call.outcome != Outcome::Running).await?;
    let ms = micros(began) / 1e3;
    ensure!(ended.outcome == Outcome::Cancelled, "{:?}", ended.outcome);
    let told = drafting.await?;
    ensure!(told.is_err(), "a draft came out of it");
    ensure!(mock.calls() == 1, "it was asked again");
    Ok(ms)
}

/// The first call in the log as soon as it is so.
async fn until(mock: &MockModel, is: impl Fn(&Call) -> bool) -> Result<Call> {
    let begun = Instant::now();
    loop {
        match mock.log().into_iter().next() {
            Some(call) if is(&call) => return Ok(call),
            _ if begun.elapsed() > PATIENCE => bail!("the log never told"),
            _ => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}
