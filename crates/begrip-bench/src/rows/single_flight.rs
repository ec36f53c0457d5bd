//! Many who ask the same at one time: a hundred drafts, and sixty-four questions to the model's client alone.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use begrip_llm::{
    CachePolicy, CacheUse, CancellationToken, Endpoint, Model, Request, Setup, Validate,
};
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{Latency, MockConfig, MockModel};
use begrip_rules::RulePack;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::repeated::{kept, requests};
use crate::bench::{Bench, ask_plainly, define, micros, open, plain_client};
use crate::row::{Row, Unit};
use crate::{old_way, question};

/// Drafts of the same at one time.
const DRAFTS: usize = 100;

/// Questions of the same at one time.
const ASKERS: usize = 64;

/// Times of many at once and of one alone, in turn, in milliseconds.
#[derive(Default)]
struct Pairs {
    many: Vec<f64>,
    alone: Vec<f64>,
}

impl Pairs {
    /// How many times the time of one alone many took; the median of the pairs, and the most.
    fn ratio(&self) -> Result<Spread> {
        let pairs = self.many.iter().zip(&self.alone);
        let ratios: Vec<f64> = pairs.map(|(many, alone)| many / alone).collect();
        Spread::of(&ratios).context("pairs")
    }

    fn row(self, id: &'static str, what: &str, does: &str, alone: &str) -> Result<Row> {
        let ratio = self.ratio()?;
        Ok(Row::new(id, what, (Unit::Millis, Stat::Median), does)
            .ours(self.many)
            .against(alone, self.alone)
            .must("≤ 1.10 × one alone", |_| ratio.p50 <= 1.1)
            .note(format!(
                "Of the pairs: median {:.3} ×, most {:.3} ×",
                ratio.p50, ratio.max
            )))
    }
}

fn slow(bench: &Bench) -> MockConfig {
    MockConfig {
        latency: Latency {
            first_ms: 300.0,
            per_output_token_ms: bench.pick(5, 1) as f64,
            ..Latency::default()
        },
        forget_bodies: true,
        ..MockConfig::default()
    }
}

/// Measures drafts, and questions with and without a stream.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = drafts(bench).await?;
    for (id, how, stream) in [
        ("single_flight_stream", "as a stream", true),
        ("single_flight_plain", "as a whole", false),
    ] {
        rows.push(questions(bench, stream).await?.row(
            id,
            &format!("64 identical questions at once, answered {how}: until all have their answer"),
            "64 × `Model::ask` at one time with both tiers empty; each answer was compared and the model's own log has one call",
            "one question alone, of another term, in turn with the 64",
        )?);
    }
    Ok(rows)
}

/// Both ways against one mock model, one after the other.
async fn drafts(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(slow(bench)).await?;
    let app = open(&bench.home("single_flight"), Some(&mock))?;
    define(&app, "contactverbod", "warm", false).await?;
    let pack = RulePack::built_in()?;
    let context = question::context()?;
    let (mut old, mut ours, mut old_wall) = (vec![], vec![], vec![]);
    let mut pairs = Pairs::default();
    // A refused answer would have a second call; they are found with a model that answers at once.
    let quick = MockModel::start(MockConfig::default()).await?;
    let other = open(&bench.home("single_flight_terms"), Some(&quick))?;
    let terms = kept(&other, bench.pick(8, 1)).await?;
    for (round, term) in terms.into_iter().enumerate() {
        if round < 3 {
            mock.reset();
            let message = old_way::prompt(&pack, &context, term, &[]);
            let client = plain_client(&mock)?;
            let wall = all_at_once(DRAFTS, |number| {
                // The arm keeps the questions apart in our client; what is sent is the same.
                let request = old_way::request(message.clone(), &number.to_string());
                let client = client.clone();
                async move { ask_plainly(&client, request).await.map(drop) }
            });
            old_wall.push(wall.await?);
            old.push(mock.calls() as f64);
        }
        mock.reset();
        let many = all_at_once(DRAFTS, |number| {
            let (app, id) = (app.clone(), format!("asker {number}"));
            async move { define(&app, term, &id, false).await.map(drop) }
        });
        pairs.many.push(many.await?);
        ours.push(mock.calls() as f64);
        let began = Instant::now();
        define(&app, term, "alone", true).await?;
        pairs.alone.push(micros(began) / 1e3);
    }
    let walls: Vec<String> = old_wall.iter().map(|ms| Unit::Millis.show(*ms)).collect();
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
            "Until all 100 have their answer, the old way takes {}: its one call gives the definition alone",
            walls.join(", ")
        )),
        pairs.row(
            "single_flight_drafts",
            "100 identical drafts at once: until all have their definition",
            "those 100 × `define`: each gathers, composes, follows the one answer, checks and keeps where it came from",
            "one `define` alone, told to ask the model again, in turn with the 100",
        )?,
    ])
}

/// Sixty-four at once and one alone, in turn.
async fn questions(bench: &Bench, stream: bool) -> Result<Pairs> {
    let mock = MockModel::start(slow(bench)).await?;
    let rounds = bench.pick(10, 1);
    let mut asked = requests(2 * rounds + 1)?;
    for request in &mut asked {
        request.stream = stream;
    }
    let model = Model::new(Setup::default());
    model.configure(Some(Endpoint::new(
        mock.url(),
        begrip_mock_model::MODEL_NAME,
    )))?;
    // The connection is there before the clock runs.
    ask(&model, asked.pop().context("a question")?).await?;
    let mut pairs = Pairs::default();
    for pair in asked.chunks_exact(2) {
        let [same, other] = pair else { continue };
        mock.reset();
        let many = all_at_once(ASKERS, |_| {
            let (model, request) = (model.clone(), same.clone());
            async move { ask(&model, request).await }
        });
        pairs.many.push(many.await?);
        ensure!(mock.calls() == 1, "{} calls for one question", mock.calls());
        let began = Instant::now();
        ask(&model, other.clone()).await?;
        pairs.alone.push(micros(began) / 1e3);
    }
    Ok(pairs)
}

/// Asks, and compares what came in pieces with the whole.
async fn ask(model: &Model, request: Request) -> Result<()> {
    let accept: Validate = Arc::new(|_| Ok(()));
    let cancel = CancellationToken::new();
    let mut seen = String::new();
    let sink = |piece: begrip_llm::Piece<'_>| seen.push_str(piece.text);
    let answer = model
        .ask(request, CachePolicy::Use, accept, sink, &cancel)
        .await?;
    ensure!(answer.cache == CacheUse::Miss, "{:?}", answer.cache);
    ensure!(!seen.is_empty() && seen == answer.text, "{seen}");
    Ok(())
}

/// Milliseconds until the last of all who start at one time is done.
async fn all_at_once<F>(askers: usize, ask: impl Fn(usize) -> F) -> Result<f64>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let start = Arc::new(Barrier::new(askers + 1));
    let mut asking = JoinSet::new();
    for number in 0..askers {
        let (start, question) = (Arc::clone(&start), ask(number));
        asking.spawn(async move {
            start.wait().await;
            question.await
        });
    }
    start.wait().await;
    let began = Instant::now();
    let mut answered = 0;
    while let Some(done) = asking.join_next().await {
        done??;
        answered += 1;
    }
    ensure!(answered == askers, "{answered} were answered");
    Ok(micros(began) / 1e3)
}
