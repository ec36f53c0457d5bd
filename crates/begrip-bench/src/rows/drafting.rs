//! One definition with its explanation, examples and synonyms: calls, and time to the whole.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use begrip_app::App;
use begrip_mock_model::{Behaviour, Latency, MockConfig, MockModel, When, replies};
use begrip_rules::RulePack;

use crate::bench::{Bench, ask_plainly, define, micros, open, plain_client};
use crate::row::{Row, Unit};
use crate::statistics::Stat;
use crate::{old_way, question};

/// Terms that are asked about in turn; the model has an answer of its own for each.
const TERMS: [&str; 4] = [
    "reclasseringstoezicht",
    "verdachte",
    "enkelband",
    "taakstraf",
];

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
    let config = || MockConfig {
        latency,
        ..MockConfig::default()
    };
    let (old_mock, our_mock) = (
        MockModel::start(config()).await?,
        MockModel::start(config()).await?,
    );
    let app = open(&bench.home("drafting"), Some(&our_mock))?;
    // Both have their connection and their tokenizer before the clock runs.
    our_mock.set_behaviour(When::Next { times: 1 }, Behaviour::Normal);
    ours(&app, &our_mock, "contactverbod").await?;
    let pack = RulePack::built_in()?;
    let (mut old_calls, mut old_ms, mut our_calls, mut our_ms) = (vec![], vec![], vec![], vec![]);
    let mut reply_tokens = (0, 0);
    for (round, term) in TERMS.iter().cycle().take(bench.pick(3, 1)).enumerate() {
        // In turn: neither way always has the warmer machine.
        for turn in [round % 2, (round + 1) % 2] {
            if turn == 0 {
                let (calls, ms, tokens) = old(&old_mock, &pack, term).await?;
                old_calls.push(calls);
                old_ms.push(ms);
                reply_tokens.0 += tokens;
            } else {
                let (calls, ms, tokens) = ours(&app, &our_mock, term).await?;
                our_calls.push(calls);
                our_ms.push(ms);
                reply_tokens.1 += tokens;
            }
        }
    }
    let longest = latency.longest_ms.map_or(String::new(), |ms| {
        format!(", at most {ms} ms for an answer")
    });
    let speed = format!(
        "{} ms + {} ms a prompt token to the first token, {} ms a token{longest}",
        latency.first_ms, latency.per_prompt_token_ms, latency.per_output_token_ms
    );
    let old_does = "seven calls one after another (definition, example sentences, cases, counter-examples, synonyms, \
                    antonyms, explanation), the first with its whole prompt; each answers its part of the reply that \
                    ours gets at once";
    let does =
        "the command `define` of the program, cache empty; calls counted by the model's own log";
    Ok(vec![
        Row::new(
            "model_calls",
            "model calls for one definition with examples and synonyms",
            (Unit::Calls, Stat::Max),
            does,
        )
        .ours(our_calls)
        .against(old_does, old_calls)
        .must("1, at most 2", |s| s.p50 <= 1.0 && s.max <= 2.0)
        .quoted("7 calls"),
        Row::new(
            "draft_time",
            "time to the whole definition, checked",
            (Unit::Millis, Stat::Median),
            does,
        )
        .ours(our_ms)
        .against(old_does, old_ms)
        .note(format!(
            "The mock model's speed: {speed}. It wrote {} tokens for the old way and {} for ours, which gets them as \
             JSON with its field names",
            reply_tokens.0, reply_tokens.1
        )),
    ])
}

/// Calls, milliseconds, tokens of the answers.
type Draft = (f64, f64, u32);

async fn ours(app: &App, mock: &MockModel, term: &str) -> Result<Draft> {
    mock.reset();
    let began = Instant::now();
    let result = define(app, term, term, false).await?;
    let ms = micros(began) / 1e3;
    ensure!(result["cache"] == "miss", "{term} stood in the cache");
    Ok((mock.calls() as f64, ms, written(mock)))
}

async fn old(mock: &MockModel, pack: &RulePack, term: &str) -> Result<Draft> {
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
    for part in others {
        let question = old_way::ask_for(part, term, &context, &definition);
        let answer = ask_plainly(&client, old_way::request(question, part.asks)).await?;
        ensure!(answer == part.answer, "the mock answers in order");
    }
    Ok((mock.calls() as f64, micros(began) / 1e3, written(mock)))
}

fn written(mock: &MockModel) -> u32 {
    mock.log().iter().map(|call| call.tokens_out).sum()
}
