//! What an index and a batch are worth: the same work of the store with and without.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use begrip_domain::Concept;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_store::{Change, Store};
use jiff::Timestamp;
use serde_json::Value;

use super::look_up::example;
use crate::bench::{Bench, timed};
use crate::corpus;
use crate::row::{Row, Unit};

/// Concepts that are written in one transaction.
const BATCH: usize = 1_000;

/// A look-up without its index takes so long that only one in this many is made without.
const WITHOUT: usize = 20;

/// Both pairs, each side in turn with the other.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    Ok(vec![index(bench)?, batch(bench)?])
}

fn index(bench: &Bench) -> Result<Row> {
    let output = Command::new(example(&bench.root, "index_pair")?)
        .arg(bench.generated()?)
        .args([bench.pick(4_000, 60).to_string(), WITHOUT.to_string()])
        .output()?;
    ensure!(
        output.status.success(),
        "index_pair: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let samples = |side: &str| -> Result<Vec<f64>> {
        serde_json::from_value(told[side].clone()).context("samples of index_pair")
    };
    let what = format!(
        "concepts with a term, {} concepts: the query with its index",
        figures(bench.concepts as f64)
    );
    let row = Row::new(
        "index_look_up",
        &what,
        (Unit::Micros, Stat::P95),
        "the query of the store by `term_key`, on the encrypted file with the pragmas of the store's readers",
    );
    Ok(row
        .ours(samples("with")?)
        .against(
            "the same query `NOT INDEXED`, in turn with it on the same connection; both must find the same rows",
            samples("without")?,
        )
        .must("p95 < 50 ms", |s| s.p95 < 50_000.0))
}

fn batch(bench: &Bench) -> Result<Row> {
    let at: Timestamp = "2026-01-01T12:00:00Z".parse()?;
    let change = Change {
        author: "begrip-bench",
        at,
        reason: "generated",
    };
    let concepts = corpus::concepts(bench.pick(BATCH, 40), bench.seed, at)
        .collect::<Result<Vec<Concept>>>()?;
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    for round in 0..bench.pick(7, 1) {
        let store = |side: &str| -> Result<Store> {
            let home = bench.home(&format!("batch-{side}-{round}"));
            Ok(Store::open(&home, false, at)?.0)
        };
        let (one, all) = (store("one")?, store("all")?);
        let (us, written) = timed(|| {
            concepts
                .iter()
                .try_for_each(|concept| one.insert(concept, &change))
        });
        written?;
        old.push(us / concepts.len() as f64);
        let (us, written) = timed(|| all.install_starter("generated", &concepts, &change));
        written?;
        ours.push(us / concepts.len() as f64);
        let counts = (one.count()? as usize, all.count()? as usize);
        ensure!(counts == (concepts.len(), concepts.len()), "{counts:?}");
    }
    let median = |samples: &[f64]| begrip_measure::statistics::Spread::of(samples).map(|s| s.p50);
    let before = median(&old).context("samples")?;
    let row = Row::new(
        "write_batch",
        "writing concepts: time for each",
        (Unit::Micros, Stat::Median),
        "a thousand in one transaction, with their labels, revision and search texts, into a new encrypted file",
    );
    Ok(row
        .ours(ours)
        .against(
            "the same thousand, each in a transaction of its own, in turn with ours",
            old,
        )
        .must("less than each by itself", |s| s.p50 < before))
}
