//! One definition with its explanation, examples and synonyms: calls, cost, and the time to the first words
//! and to the whole.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use begrip_app::{App, commands};
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{Behaviour, Latency, MockConfig, MockModel, When, replies};
use begrip_rules::RulePack;
use serde_json::json;

use crate::bench::{Bench, ask_plainly, define, micros, open, plain_client, refused};
use crate::row::{Row, Unit};
use crate::{old_way, question};

/// Terms that are asked about in turn; the model has an answer of its own for each.
const TERMS: [&str; 4] = [
    "reclasseringstoezicht",
    "verdachte",
    "enkelband",
    "taakstraf",
];

/// Workplaces side by side, each with models of its own: nearly all of the time is waiting for a model.
const LANES: usize = 5;

/// Declared prices, in euro for a million tokens: what is asked, what is answered.
pub(super) const EURO_IN: f64 = 2.5;
pub(super) const EURO_OUT: f64 = 10.0;

/// What one definition took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    pub calls: f64,
    /// Milliseconds until the first words could be shown.
    pub first_ms: f64,
    pub whole_ms: f64,
    /// What the model itself took of that.
    pub model_ms: f64,
    /// Tokens of all calls.
    pub asked: u32,
    pub answered: u32,
    /// Tokens of the question for the definition itself.
    pub prompt: u32,
}

impl Draft {
    fn euro_cents(&self) -> f64 {
        (f64::from(self.asked) * EURO_IN + f64::from(self.answered) * EURO_OUT) / 1e4
    }

    fn prompt_cents(&self) -> f64 {
        f64::from(self.prompt) * EURO_IN / 1e4
    }
}

/// Measures both ways against mock models of the same speed, one after the other.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let latency = if bench.quick {
        Latency {
            first_ms: 5.0,
            per_output_token_ms: 0.1,
            ..Latency::default()
        }
    } else {
        Latency::demo()
    };
    let lanes = (0..bench.pick(LANES, 1)).map(|lane| measure_lane(bench, lane, latency));
    let (mut old, mut ours) = (vec![], vec![]);
    for (before, now) in futures_util::future::try_join_all(lanes)
        .await?
        .into_iter()
        .flatten()
    {
        old.push(before);
        ours.push(now);
    }
    let of = |drafts: &[Draft], figure: fn(&Draft) -> f64| -> Vec<f64> {
        drafts.iter().map(figure).collect()
    };
    let longest = latency.longest_ms.map_or(String::new(), |ms| {
        format!(", at most {ms} ms for an answer")
    });
    let speed = format!(
        "{} ms + {} ms a prompt token to the first token, {} ms a token{longest}",
        latency.first_ms, latency.per_prompt_token_ms, latency.per_output_token_ms
    );
    let prices =
        format!("Declared prices: € {EURO_IN} for a million tokens asked, € {EURO_OUT} answered");
    let answered = |drafts: &[Draft]| drafts.iter().map(|draft| draft.answered).sum::<u32>();
    let old_does = "seven calls one after another (definition, example sentences, cases, counter-examples, synonyms, \
                    antonyms, explanation), the first with its whole prompt; each answers its part of the reply that \
                    ours gets at once";
    let does =
        "the command `define` of the program, cache empty; calls counted by the model's own log";
    let row = |id, what, unit, stat, figure: fn(&Draft) -> f64| {
        Row::new(id, what, (unit, stat), does)
            .ours(of(&ours, figure))
            .against(old_does, of(&old, figure))
    };
    let old_prompt = Spread::of(&of(&old, Draft::prompt_cents)).map_or(0.0, |spread| spread.mean);
    let model = Spread::of(&of(&ours, |draft| draft.model_ms)).context("drafts")?;
    let model = format!(
        "the model itself {} (median), at most {}",
        Unit::Millis.show(model.p50),
        Unit::Millis.show(model.max)
    );
    Ok(vec![
        row(
            "model_calls",
            "model calls for one definition with examples and synonyms",
            Unit::Calls,
            Stat::Max,
            |draft| draft.calls,
        )
        .must("1, at most 2", |s| s.p50 <= 1.0 && s.max <= 2.0)
        .quoted("7 calls"),
        row(
            "draft_first",
            "time to the first words on the screen",
            Unit::Millis,
            Stat::P95,
            |draft| draft.first_ms,
        )
        .must(&format!("< 2 s; {model}"), |s| s.p95 < 2_000.0)
        .note("The old way does not stream: its first words are there when its first call has ended"),
        row(
            "draft_time",
            "time to the whole definition, checked",
            Unit::Millis,
            Stat::P95,
            |draft| draft.whole_ms,
        )
        .must(&format!("< 5 s; {model}"), |s| s.p95 < 5_000.0)
        .note(format!(
            "The mock model's speed: {speed}. It wrote {} tokens for the old way and {} for ours, which gets them as \
             JSON with its field names. {} workplaces side by side, each with a model of its own",
            answered(&old),
            answered(&ours),
            bench.pick(LANES, 1)
        )),
        row(
            "prompt_cost",
            "cost of the prompt alone",
            Unit::Cents,
            Stat::Mean,
            Draft::prompt_cents,
        )
        .must("59 % less than the old way", |s| s.mean <= 0.41 * old_prompt)
        .note(format!("{prices}. The question for the definition itself, without any cache")),
        row(
            "draft_cost",
            "cost of one definition, all its calls",
            Unit::Cents,
            Stat::Mean,
            Draft::euro_cents,
        )
        .note(prices.clone()),
    ])
}

/// One workplace: the old way and ours in turn.
async fn measure_lane(bench: &Bench, lane: usize, latency: Latency) -> Result<Vec<(Draft, Draft)>> {
    let config = || MockConfig {
        latency,
        ..MockConfig::default()
    };
    let (old_mock, our_mock) = (
        MockModel::start(config()).await?,
        MockModel::start(config()).await?,
    );
    let app = open(&bench.home(&format!("drafting-{lane}")), Some(&our_mock))?;
    // Both have their connection and their tokenizer before the clock runs.
    our_mock.set_behaviour(When::Next { times: 1 }, Behaviour::Normal);
    define(&app, "contactverbod", "warm", false).await?;
    let pack = RulePack::built_in()?;
    let mut drafts = vec![];
    for (round, term) in TERMS
        .iter()
        .cycle()
        .skip(lane)
        .take(bench.pick(4, 1))
        .enumerate()
    {
        // In turn: neither way always has the warmer machine.
        drafts.push(if round % 2 == 0 {
            let before = old(&old_mock, &pack, term).await?;
            (before, ours(&app, &our_mock, term).await?)
        } else {
            let now = ours(&app, &our_mock, term).await?;
            (old(&old_mock, &pack, term).await?, now)
        });
    }
    Ok(drafts)
}

async fn ours(app: &App, mock: &MockModel, term: &str) -> Result<Draft> {
    mock.reset();
    let (first_ms, whole_ms, _) = asked(app, term).await?;
    Ok(draft(mock, first_ms, whole_ms))
}

/// Milliseconds until the first words of a draft and until the whole of it, and its result. Error: it did
/// not come from the model.
pub(super) async fn asked(app: &App, term: &str) -> Result<(f64, f64, serde_json::Value)> {
    let args = json!({ "request_id": term, "input": question::draft(term)?, "regenerate": false });
    let first = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&first);
    let began = Instant::now();
    let sink = Box::new(move |event: serde_json::Value| {
        if event["event"] == "text" && event["definition"] != "" {
            let mut first = seen.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| micros(began) / 1e3);
        }
    });
    let result = commands::stream(app, "define", args, sink)
        .await
        .map_err(refused)?;
    let whole_ms = micros(began) / 1e3;
    ensure!(result["cache"] == "miss", "{term} stood in the cache");
    let first_ms = *first.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((first_ms.context("no words came")?, whole_ms, result))
}

pub(super) async fn old(mock: &MockModel, pack: &RulePack, term: &str) -> Result<Draft> {
    mock.reset();
    let parts = old_way::parts(&replies::reply_to(term));
    for part in &parts {
        let text = part.answer.clone();
        mock.set_behaviour(When::Next { times: 1 }, Behaviour::Text { text });
    }
    let context = question::context()?;
    let client = plain_client(mock)?;
    let began = Instant::now();
    let (first, others) = parts.split_first().context("seven parts")?;
    let question = old_way::prompt(pack, &context, term, &[]);
    let definition = ask_plainly(&client, old_way::request(question, first.asks)).await?;
    let first_ms = micros(began) / 1e3;
    for part in others {
        let question = old_way::ask_for(part, term, &context, &definition);
        let answer = ask_plainly(&client, old_way::request(question, part.asks)).await?;
        ensure!(answer == part.answer, "the mock answers in order");
    }
    Ok(draft(mock, first_ms, micros(began) / 1e3))
}

/// What the model's own log says of the calls since it was reset.
fn draft(mock: &MockModel, first_ms: f64, whole_ms: f64) -> Draft {
    let log = mock.log();
    Draft {
        calls: mock.calls() as f64,
        first_ms,
        whole_ms,
        model_ms: log.iter().map(|call| call.total_ms).sum(),
        asked: log.iter().map(|call| call.tokens_in).sum(),
        answered: log.iter().map(|call| call.tokens_out).sum(),
        prompt: log.first().map_or(0, |call| call.tokens_in),
    }
}
