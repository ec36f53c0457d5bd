//! Many drafts as people ask for them: few terms very often, most of them hardly ever.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail, ensure};
use begrip_app::App;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_mock_model::{Latency, MockConfig, MockModel, workload};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::repeated::requests;
use crate::bench::{Bench, ask_plainly, call, define, open, plain_client};
use crate::corpus;
use crate::row::{Row, Unit};

/// The exponent of Zipf's law.
const S: f64 = 1.0;

/// Drafts under way at one time: some ask what another one is just asking.
const AT_ONCE: usize = 8;

/// Where answers came from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Origins {
    memory: u64,
    disk: u64,
    joined: u64,
    model: u64,
}

impl Origins {
    /// By what a draft tells of its answer.
    fn of(draft: &Value) -> Result<Self> {
        let one = |count: fn(&mut Self) -> &mut u64| {
            let mut from = Self::default();
            *count(&mut from) = 1;
            from
        };
        Ok(match (draft["reason"].as_str(), draft["cache"].as_str()) {
            (Some("shared"), _) => one(|from| &mut from.joined),
            (Some("not_kept"), Some("miss")) => one(|from| &mut from.model),
            (Some("fresh"), Some("memory")) => one(|from| &mut from.memory),
            (Some("fresh"), Some("disk")) => one(|from| &mut from.disk),
            other => bail!("an answer from {other:?}"),
        })
    }

    /// By the program's own counters, since its start.
    fn counted(stats: &Value) -> Result<Self> {
        let number = |name: &str| stats[name].as_u64().with_context(|| name.to_owned());
        let from = Self {
            memory: number("hits_memory")?,
            disk: number("hits_disk")?,
            joined: number("coalesced")?,
            model: number("misses")?,
        };
        ensure!(
            number("requests")? == from.sum(),
            "counted otherwise: {stats}"
        );
        ensure!(number("calls")? == from.model, "calls: {stats}");
        Ok(from)
    }

    fn add(&mut self, other: Self) {
        self.memory += other.memory;
        self.disk += other.disk;
        self.joined += other.joined;
        self.model += other.model;
    }

    fn sum(&self) -> u64 {
        self.memory + self.disk + self.joined + self.model
    }
}

/// Counts the calls for the same questions with and without the cache, by the model's own log.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (keys, count) = (bench.pick(1_000, 40), bench.pick(10_000, 400));
    let asked = workload::zipf(keys, S, count, bench.seed);
    let old_calls = one_by_one(keys, &asked).await?;

    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        latency: Latency {
            first_ms: 20.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await?;
    let mut from = Origins::default();
    // Half-way the program is closed and opened: what is kept outlives it.
    for half in asked.chunks(count / 2) {
        let app = open(&bench.home("workload"), Some(&mock))?;
        let told = draft_all(&app, half).await?;
        let counted = Origins::counted(&call(&app, "cache_stats", Value::Null).await?)?;
        ensure!(
            told == counted,
            "told with the drafts: {told:?}, counted: {counted:?}"
        );
        from.add(counted);
        if from.sum() == count as u64 {
            let month = call(&app, "costs", json!({})).await?["total"].clone();
            ensure!(
                month["calls"] == mock.calls() && month["questions"] == count,
                "the ledger: {month}"
            );
        }
        app.close().await;
    }
    let calls = mock.calls();
    let distinct = asked.iter().collect::<BTreeSet<_>>().len();
    ensure!(
        from.model == calls as u64 && from.sum() == count as u64,
        "{calls} calls by the model's own log, counted: {from:?}"
    );
    ensure!(
        calls == distinct,
        "{calls} calls for {distinct} distinct questions"
    );
    let without = count - calls;
    let rate = without as f64 / count as f64 * 100.0;
    Ok(vec![
        Row::new(
            "workload",
            &format!("calls for {} drafts by Zipf's law", figures(count as f64)),
            (Unit::Calls, Stat::Median),
            &format!(
                "the command `define`, JSON to JSON, {AT_ONCE} at a time; both tiers empty at first, opened anew half-way"
            ),
        )
        .ours(vec![calls as f64])
        .against("one call for each of them, without what else a draft takes", vec![old_calls as f64])
        .must("≥ 85 % without a call", |_| rate >= 85.0)
        .note(format!(
            "{} distinct concepts, exponent {S}, seed {}; {rate:.1} % without a call: {} from memory, {} from disk, {} joined \
             a call under way. So say the drafts themselves, the program's counters, its ledger and the model's own log, or \
             there would be no row; no concept was asked of the model twice",
            figures(keys as f64), bench.seed, from.memory, from.disk, from.joined
        )),
    ])
}

/// Calls of a client without a cache.
async fn one_by_one(keys: usize, asked: &[usize]) -> Result<usize> {
    let questions = requests(keys)?;
    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let plain = plain_client(&mock)?;
    for key in asked {
        ask_plainly(&plain, questions[*key].clone()).await?;
    }
    Ok(mock.calls())
}

/// Has each of them drafted, in their order; where the answers came from, by the drafts themselves.
async fn draft_all(app: &App, concepts: &[usize]) -> Result<Origins> {
    let concepts: Arc<[usize]> = concepts.into();
    let next = Arc::new(AtomicUsize::new(0));
    let mut drafting: JoinSet<Result<Origins>> = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (app, concepts, next) = (app.clone(), Arc::clone(&concepts), Arc::clone(&next));
        drafting.spawn(async move {
            let mut from = Origins::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(concept) = concepts.get(number) else {
                    return Ok(from);
                };
                let term = corpus::term(*concept);
                let draft = define(&app, &term, &number.to_string(), false).await?;
                from.add(Origins::of(&draft)?);
            }
        });
    }
    let mut from = Origins::default();
    while let Some(done) = drafting.join_next().await {
        from.add(done??);
    }
    Ok(from)
}
