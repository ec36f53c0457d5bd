//! Drafts as people ask for them: few terms very often, most of them hardly ever. What each draft tells of its
//! answer, the program's counters, its ledger and the model's own log must say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use begrip_mock_model::{Behaviour, MockConfig, When, workload};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Program, Workplace};

/// Drafts. `cargo xtask bench --only workload` has 10,000 of a thousand concepts made; that takes minutes here,
/// where nothing is optimised.
const REQUESTS: usize = 2_500;
const KEYS: usize = 200;
const EXPONENT: f64 = 1.0;
const SEED: u64 = 20_261_122;

/// Who ask the same at one time.
const TOGETHER: u64 = 8;

async fn stats(program: &Program) -> Value {
    program.call("cache_stats", Value::Null).await
}

/// Fails unless the counters since the start say this, and nothing else.
async fn counted<const N: usize>(program: &Program, wanted: [(&str, u64); N]) {
    let told = stats(program).await;
    let wanted = BTreeMap::from(wanted);
    for name in [
        "requests",
        "hits_memory",
        "hits_disk",
        "coalesced",
        "misses",
        "calls",
        "stale",
        "bypassed",
        "refused",
        "evicted",
        "removed",
        "disk_errors",
    ] {
        let wanted = wanted.get(name).copied().unwrap_or_default();
        assert_eq!(told[name], wanted, "{name}: {told}");
    }
    assert_eq!(told["by_organisation"][0]["requests"], told["requests"]);
}

#[tokio::test(flavor = "multi_thread")]
#[allow(
    clippy::print_stdout,
    reason = "a rate says nothing without what it was measured on"
)]
async fn of_drafts_as_people_ask_for_them_85_in_100_make_no_call_and_every_counter_says_so() {
    println!(
        "{REQUESTS} drafts, {KEYS} concepts, Zipf's law with exponent {EXPONENT}, seed {SEED}"
    );
    let workplace = Workplace::with(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await;
    let asked = workload::zipf(KEYS, EXPONENT, REQUESTS, SEED);
    let mut ever = BTreeSet::new();
    // Half-way the program starts anew: what is kept outlives it.
    for half in asked.chunks(REQUESTS / 2) {
        let before = workplace.model.calls() as u64;
        let program = workplace.open().await;
        let mut since_start = BTreeSet::new();
        let [mut memory, mut disk, mut miss] = [0; 3];
        for key in half {
            let (from, count) = match (ever.insert(key), since_start.insert(key)) {
                (true, _) => ("miss", &mut miss),
                (false, true) => ("disk", &mut disk),
                (false, false) => ("memory", &mut memory),
            };
            *count += 1;
            let draft = program.draft(&format!("proefterm{key}")).await;
            assert_eq!(draft["cache"], from, "{key}");
        }
        println!("{memory} from memory, {disk} from disk, {miss} asked");
        let questions = half.len() as u64;
        let wanted = [
            ("requests", questions),
            ("hits_memory", memory),
            ("hits_disk", disk),
            ("misses", miss),
            ("calls", miss),
        ];
        counted(&program, wanted).await;
        assert_eq!(workplace.model.calls() as u64 - before, miss);
        program.close().await;
    }
    let calls = workplace.model.calls();
    let without = REQUESTS - calls;
    println!("{calls} calls by the model's own log, {without} drafts without one");
    assert_eq!(
        calls,
        ever.len(),
        "each question was asked of the model once"
    );
    assert!(without * 100 >= REQUESTS * 85, "{without} of {REQUESTS}");

    // Another start, and who ask the same new thing at one time: one asks, the others join that call, or
    // find its answer when they come a moment late.
    let program = workplace.open().await;
    let held = Behaviour::HeldBack { after: 1 };
    workplace.model.set_behaviour(When::Always, held);
    let mut drafting = JoinSet::new();
    for _ in 0..TOGETHER {
        let program = program.clone();
        drafting.spawn(async move { program.draft("proefterm-samen").await });
    }
    while workplace.model.calls() == calls {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Time for the others to come too.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(workplace.model.calls(), calls + 1, "asked a second time");
    workplace.model.release();
    let (mut joined, mut late) = (0, 0);
    while let Some(draft) = drafting.join_next().await {
        let draft = draft.unwrap();
        joined += u64::from(draft["reason"] == "shared");
        late += u64::from(draft["cache"] == "memory");
    }
    assert_eq!(1 + joined + late, TOGETHER);
    assert!(joined > 0);
    let wanted = [
        ("requests", TOGETHER),
        ("coalesced", joined),
        ("hits_memory", late),
        ("misses", 1),
        ("calls", 1),
    ];
    counted(&program, wanted).await;
    let log = workplace.model.log();
    assert_eq!(log.len(), calls + 1);

    // The ledger, over all three starts.
    let month = program.call("costs", json!({})).await["total"].clone();
    let sum = |tokens: fn(&begrip_mock_model::Call) -> u32| -> f64 {
        log.iter().map(|call| f64::from(tokens(call))).sum()
    };
    for (name, wanted) in [
        ("questions", REQUESTS as f64 + TOGETHER as f64),
        ("saved", (without as u64 + joined + late) as f64),
        ("calls", log.len() as f64),
        ("failed", 0.0),
        ("tokens_in", sum(|call| call.tokens_in)),
        ("tokens_out", sum(|call| call.tokens_out)),
    ] {
        assert_eq!(month[name].as_f64(), Some(wanted), "{name}: {month}");
    }
}
