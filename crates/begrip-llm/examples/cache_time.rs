//! How long the cache takes, as JSON: hits from memory with their key, replays, single flight.
//!
//! `cargo run --release -p begrip-llm --example cache_time [ROUNDS]`
//!
//! Calls are counted by the mock model's own log. Times are in microseconds unless named otherwise.
// An example is a program for the terminal, and stops at the first thing that is not as it should be.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use begrip_llm::{
    CachePolicy, CacheScope, CancellationToken, DataClass, Endpoint, LlmError, Message, Model,
    Request, Role, Setup, Validate, key_of,
};
use begrip_mock_model::{Behaviour, Latency, MockConfig, MockModel, Outcome as MockOutcome, When};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A question of the size that Begrip really asks: about 900 tokens and a schema.
fn question(term: &str) -> Request {
    let head =
        "Geef één definitie van het begrip, in één volzin, zonder het begrip zelf. ".repeat(40);
    let scope = CacheScope {
        organisation: "OM".to_owned(),
        data_class: DataClass::General,
        prompt_version: "2026-11-1".to_owned(),
        pack_version: "2026.11".to_owned(),
        arm: String::new(),
    };
    let messages = vec![
        Message::new(Role::System, head),
        Message::new(
            Role::User,
            format!("<term>{term}</term> strafrecht, “Wetboek van Strafvordering”"),
        ),
    ];
    let mut request = Request::new("gpt-4o", messages, scope);
    request.temperature = Some(0.2);
    request.max_tokens = Some(900);
    request.seed = Some(7);
    request.schema = Some(json!({
        "type": "object",
        "properties": {
            "definition": {"type": "string"},
            "explanation": {"type": "string"},
            "examples": {"type": "array", "items": {"type": "string"}},
            "counter_examples": {"type": "array", "items": {"type": "string"}},
            "synonyms": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["definition", "explanation", "examples", "counter_examples", "synonyms"],
        "additionalProperties": false,
    }));
    request.term = Some(term.to_owned());
    request
}

fn accept() -> Validate {
    Arc::new(|_| Ok(()))
}

fn model(mock: &MockModel) -> Outcome<Model> {
    let model = Model::new(Setup::default());
    model.configure(Some(Endpoint::new(mock.url(), "gpt-4o")))?;
    Ok(model)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn spread(mut samples: Vec<f64>) -> Value {
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = samples.len().saturating_sub(1) as f64;
        samples
            .get((last * share).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    let round = |value: f64| (value * 100.0).round() / 100.0;
    json!({"n": samples.len(), "p50": round(at(0.5)), "p95": round(at(0.95)), "p99": round(at(0.99)), "max": round(at(1.0))})
}

/// Hits in memory, key included; `pieces` sets how many pieces the entry is replayed in.
async fn hits(rounds: usize, pieces: usize) -> Outcome<Value> {
    let mock = MockModel::start(MockConfig::default()).await?;
    mock.set_behaviour(
        When::Always,
        Behaviour::Text {
            text: ["tekst"; 90][..pieces.min(90)].join(" "),
        },
    );
    let model = model(&mock)?;
    let cancel = CancellationToken::new();
    // Among a thousand entries, as in daily use.
    for number in 0..1_000 {
        let request = question(&format!("begrip {number}"));
        model
            .ask(request, CachePolicy::Use, accept(), |_| {}, &cancel)
            .await?;
    }
    let calls = mock.calls();
    let (mut whole, mut first, mut keys, mut seen) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        let request = question(&format!("begrip {}", round * 7 % 1_000));
        let began = Instant::now();
        std::hint::black_box(key_of(&request));
        keys.push(micros(began.elapsed()));
        let validate = accept();
        let mut first_piece = None;
        let began = Instant::now();
        let sink = |piece: begrip_llm::Piece<'_>| {
            first_piece.get_or_insert_with(|| began.elapsed());
            seen += std::hint::black_box(piece.text.len()).min(1);
        };
        let answer = model
            .ask(request, CachePolicy::Use, validate, sink, &cancel)
            .await?;
        whole.push(micros(began.elapsed()));
        first.push(micros(first_piece.unwrap_or_default()));
        std::hint::black_box(answer);
    }
    Ok(json!({
        "pieces": seen / rounds.max(1),
        "key_alone": spread(keys),
        "hit_with_key": spread(whole),
        "first_piece": spread(first),
        "calls_during_hits": mock.calls() - calls,
    }))
}

/// The same question by 64 at one time, against a model that takes its time.
async fn single_flight() -> Outcome<Value> {
    let latency = Latency {
        first_ms: 300.0,
        per_output_token_ms: 5.0,
        ..Latency::default()
    };
    let config = MockConfig {
        latency,
        ..MockConfig::default()
    };
    let mock = MockModel::start(config).await?;
    let alone = model(&mock)?;
    let cancel = CancellationToken::new();
    let began = Instant::now();
    alone
        .ask(
            question("vonnis"),
            CachePolicy::Use,
            accept(),
            |_| {},
            &cancel,
        )
        .await?;
    let one = began.elapsed();
    mock.reset();
    let together = model(&mock)?;
    let barrier = Arc::new(Barrier::new(65));
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (model, barrier) = (together.clone(), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            let cancel = CancellationToken::new();
            model
                .ask(
                    question("vonnis"),
                    CachePolicy::Use,
                    accept(),
                    |_| {},
                    &cancel,
                )
                .await
        });
    }
    barrier.wait().await;
    let began = Instant::now();
    let mut answered = 0;
    while let Some(done) = tasks.join_next().await {
        answered += usize::from(done?.is_ok());
    }
    let wall = began.elapsed();
    Ok(json!({
        "asked": 64,
        "answered": answered,
        "calls": mock.calls(),
        "one_alone_ms": micros(one) / 1e3,
        "wall_ms": micros(wall) / 1e3,
        "wall_over_alone": wall.as_secs_f64() / one.as_secs_f64(),
    }))
}

/// What 10,000 entries of 600 bytes take in memory; an upper bound, since the server that makes
/// them lives in the same process.
async fn ten_thousand() -> Outcome<Value> {
    let config = MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    };
    let mock = MockModel::start(config).await?;
    let text = ["honderd bytes tekst "; 30].concat();
    mock.set_behaviour(When::Always, Behaviour::Text { text });
    let model = model(&mock)?;
    let cancel = CancellationToken::new();
    let ask = async |number: usize| {
        let mut request = question(&format!("begrip {number}"));
        request.stream = false;
        model
            .ask(request, CachePolicy::Use, accept(), |_| {}, &cancel)
            .await
    };
    ask(0).await?;
    let before = resident_mb();
    for number in 1..10_000 {
        ask(number).await?;
    }
    mock.reset();
    let memory = model.stats().memory;
    Ok(json!({
        "entries": memory.entries,
        "weighed_mb": memory.bytes as f64 / 1e6,
        "resident_mb": resident_mb().zip(before).map(|(after, before)| after - before),
    }))
}

/// Resident memory of this process, where the system tells.
fn resident_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1e3)
}

/// From cancelling in the middle of a stream to the server seeing the connection closed.
async fn cancelling(rounds: usize) -> Outcome<Value> {
    let mock = MockModel::start(MockConfig::default()).await?;
    mock.set_behaviour(When::Always, Behaviour::HangMidStream { after: 3 });
    let model = model(&mock)?;
    let mut samples = Vec::new();
    for round in 0..rounds {
        let cancel = CancellationToken::new();
        let stopper = cancel.clone();
        let sink = move |_: begrip_llm::Piece<'_>| stopper.cancel();
        let request = question(&format!("begrip {round}"));
        let asked = model
            .ask(request, CachePolicy::Use, accept(), sink, &cancel)
            .await;
        let began = Instant::now();
        if asked != Err(LlmError::Cancelled) {
            return Err("a cancelled question was answered".into());
        }
        while mock
            .log()
            .iter()
            .any(|call| call.outcome == MockOutcome::Running)
        {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        samples.push(micros(began.elapsed()) / 1e3);
    }
    Ok(json!({"closed_at_the_server_ms": spread(samples)}))
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rounds = std::env::args()
        .nth(1)
        .map_or(Ok(20_000), |text| text.parse())?;
    let report = json!({
        "memory_hit_us": hits(rounds, 1).await?,
        "replay_of_90_pieces_us": hits(rounds, 90).await?,
        "single_flight": single_flight().await?,
        "cancel": cancelling(50).await?,
        "ten_thousand_entries": ten_thousand().await?,
        "optimised": !cfg!(debug_assertions),
    });
    println!("{report:#}");
    Ok(())
}
