//! What a day of a thousand requests costs: in the old way, in ours, and what the cache takes off that.

use anyhow::{Result, ensure};
use begrip_app::App;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_mock_model::{Call, MockConfig, MockModel, workload};
use begrip_rules::RulePack;

use super::drafting::{EURO_IN, EURO_OUT, old};
use crate::bench::{Bench, define, open};
use crate::corpus;
use crate::row::{Row, Unit};

/// The exponent of Zipf's law.
const S: f64 = 1.0;

/// Requests of a day.
const REQUESTS: usize = 1_000;

/// Concepts that are asked about.
const CONCEPTS: usize = 1_000;

/// What the plan of the old system wants of the prompt alone: from 7,250 tokens to 3,000.
const LESS: f64 = 0.586;

/// Tokens of a day, by the model's own log.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    calls: u64,
    /// Tokens of the questions for the definitions themselves.
    prompts: u64,
    asked: u64,
    answered: u64,
}

impl Day {
    fn of(log: &[Call]) -> Self {
        let sum = |tokens: fn(&Call) -> u32| log.iter().map(|call| u64::from(tokens(call))).sum();
        let asked = sum(|call| call.tokens_in);
        Self {
            calls: log.len() as u64,
            prompts: asked,
            asked,
            answered: sum(|call| call.tokens_out),
        }
    }

    fn euro(&self) -> f64 {
        (self.asked as f64 * EURO_IN + self.answered as f64 * EURO_OUT) / 1e6
    }

    fn prompts_euro(&self) -> f64 {
        self.prompts as f64 * EURO_IN / 1e6
    }
}

/// Replays the same day in each way.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (concepts, count) = (bench.pick(CONCEPTS, 12), bench.pick(REQUESTS, 20));
    let day = workload::zipf(concepts, S, count, bench.seed);
    let next = workload::zipf(concepts, S, count, bench.seed + 1);
    let before = old_day(&day).await?;

    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let app = open(&bench.home("day"), Some(&mock))?;
    let (anew, _) = replay(&app, &mock, &day, true).await?;
    ensure!(anew.calls == count as u64, "{} calls", anew.calls);
    // The answers of the day without a cache are not to be found in the day with it.
    drop(app);
    let app = open(&bench.home("day_cached"), Some(&mock))?;
    let (cached, hits) = replay(&app, &mock, &day, false).await?;
    let (later, later_hits) = replay(&app, &mock, &next, false).await?;
    ensure!(
        cached.calls + hits == count as u64,
        "an answer from nowhere"
    );

    let share = |hits: u64| format!("{:.1} %", hits as f64 / count as f64 * 100.0);
    let declared = format!(
        "{} requests about {} concepts by Zipf's law, exponent {S}, seed {}; declared prices: € {EURO_IN} for a million tokens \
         asked, € {EURO_OUT} answered; tokens by the model's own log",
        figures(count as f64),
        figures(concepts as f64),
        bench.seed
    );
    let old_does =
        "seven calls for each request, one after another, the first with its whole prompt";
    let row = |id, what, does, (old_does, old): (&str, f64), ours| {
        Row::new(id, what, (Unit::Euro, Stat::Mean), does)
            .ours(vec![ours])
            .against(old_does, vec![old])
            .note(declared.clone())
    };
    let most = (1.0 - LESS) * before.prompts_euro();
    Ok(vec![
        row(
            "day_prompt_cost",
            "a day of 1,000 requests: the prompts for its definitions, no cache",
            "the command `define` for each request, told to ask the model again; what is asked, without what is answered",
            (
                "the first of the seven calls for each request; what is asked, without what is answered",
                before.prompts_euro(),
            ),
            anew.prompts_euro(),
        )
        .must("≥ 58.6 % less than the old way", |s| s.mean <= most),
        row(
            "day_cost",
            "a day of 1,000 requests: all calls, no cache",
            "the command `define` for each request, told to ask the model again",
            (old_does, before.euro()),
            anew.euro(),
        )
        .note(format!(
            "{} calls in the old way, {} in ours",
            figures(before.calls as f64),
            figures(anew.calls as f64)
        )),
        row(
            "day_cost_cache",
            "a day of 1,000 requests: what the cache takes off our own cost",
            "the command `define` for each request, both tiers empty at the beginning of the day",
            (
                "ours without the cache, the row above",
                anew.euro(),
            ),
            cached.euro(),
        )
        .note(format!(
            "{} without a call on that first day; a second day by the same law (seed {}) costs {}, {} without a call",
            share(hits),
            bench.seed + 1,
            Unit::Euro.show(later.euro()),
            share(later_hits)
        )),
    ])
}

/// A day in the old way.
async fn old_day(day: &[usize]) -> Result<Day> {
    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let pack = RulePack::built_in()?;
    let mut sum = Day::default();
    for concept in day {
        let draft = old(&mock, &pack, &corpus::term(*concept)).await?;
        sum.calls += draft.calls as u64;
        sum.prompts += u64::from(draft.prompt);
        sum.asked += u64::from(draft.asked);
        sum.answered += u64::from(draft.answered);
    }
    Ok(sum)
}

/// A day in our way; what it took, and how many requests made no call.
async fn replay(app: &App, mock: &MockModel, day: &[usize], anew: bool) -> Result<(Day, u64)> {
    mock.reset();
    let mut hits = 0;
    for (number, concept) in day.iter().enumerate() {
        let term = corpus::term(*concept);
        let result = define(app, &term, &number.to_string(), anew).await?;
        hits += u64::from(result["cache"] != "miss");
    }
    Ok((Day::of(&mock.log()), hits))
}
