//! What an index and a batch are worth: the same work of the store with and without.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use begrip_domain::Concept;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_store::{Change, Store};
use begrip_sync::{Effect, Item, Sharing, Texts, limits};
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

/// Concepts that a sync brings, half of them new and half of them changed.
const UPSERTS: usize = 10_000;

/// All pairs, each side in turn with the other.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = vec![index(bench)?, batch(bench)?];
    rows.extend(upserts(bench)?);
    Ok(rows)
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

/// Pages of a sync as the server sends them, against each concept in a transaction of its own.
fn upserts(bench: &Bench) -> Result<[Row; 2]> {
    let at: Timestamp = "2026-01-01T12:00:00Z".parse()?;
    let count = bench.pick(UPSERTS, 200);
    let page = limits::PAGE.min(count / 4);
    let concepts = corpus::concepts(count / 2, bench.seed, at).collect::<Result<Vec<Concept>>>()?;
    let effects: Vec<Effect> = [1, 2]
        .into_iter()
        .flat_map(|version| concepts.iter().map(move |concept| told(concept, version)))
        .collect();
    let open = |name: &str| -> Result<Store> { Ok(Store::open(&bench.home(name), false, at)?.0) };
    // One at a time takes so long that only a part of each half is written so.
    let few = count / 20;
    let (one, all) = (open("upserts-one")?, open("upserts-all")?);
    let (mut old, mut ours, mut transactions) = (Vec::new(), Vec::new(), 0);
    for half in effects.chunks(count / 2) {
        for effect in half.iter().take(few) {
            let (us, kept) = timed(|| one.keep_effects(std::slice::from_ref(effect), at));
            kept?;
            old.push(us);
        }
        for effects in half.chunks(page) {
            let before = all.statements();
            let (us, kept) = timed(|| all.keep_effects(effects, at));
            kept?;
            transactions += all.statements() - before;
            ours.push(us / effects.len() as f64);
        }
        all.take_time()?;
    }
    let (kept, expected) = (all.count()? as usize, concepts.len());
    ensure!(kept == expected, "{kept} of {expected}");
    for (store, concept) in [(&one, &concepts[0]), (&all, &concepts[expected - 1])] {
        let kept = store
            .shared(concept.id)?
            .context("a concept that was told")?;
        ensure!(kept.version == 2, "its second version did not come in");
    }
    let mean =
        |samples: &[f64]| begrip_measure::statistics::Spread::of(samples).map_or(0.0, |s| s.mean);
    let before = mean(&old);
    let most = count.div_ceil(page);
    let done = figures(count as f64);
    let time = Row::new(
        "upserts",
        &format!("{done} concepts of a sync, new and changed: time for each"),
        (Unit::Micros, Stat::Mean),
        "pages as the server sends them, each in one transaction, with labels, revisions and search texts, into an encrypted \
         file; first all as new, then all with another text",
    )
    .ours(ours)
    .against("the same, each in a transaction of its own, a tenth of them", old)
    .must("less than each by itself", |s| s.mean < before)
    .note(format!("{transactions} transactions of {page} concepts"));
    let counted = Row::new(
        "upsert_transactions",
        &format!("{done} concepts of a sync: transactions"),
        (Unit::Transactions, Stat::Max),
        "counted by the store",
    )
    .ours(vec![f64::from(transactions)])
    .against("each in a transaction of its own", vec![count as f64])
    .must(&format!("≤ {most}"), |s| s.max <= most as f64);
    Ok([time, counted])
}

/// A concept as the server tells it in a version.
fn told(concept: &Concept, version: u32) -> Effect {
    let mut fields = concept.fields.clone();
    if version > 1 {
        fields.explanation.push_str(" Deze tekst is herzien.");
    }
    Effect::Take {
        item: Box::new(Item {
            id: concept.id,
            version,
            sequence: u64::from(version),
            owner: "OM".to_owned(),
            sharing: Sharing::Chain,
            deleted: false,
            texts: Texts::of(&fields, concept.status),
            author: "begrip-bench".to_owned(),
            organisation: "OM".to_owned(),
            at: concept.created_at,
            review: Default::default(),
            rest: Default::default(),
        }),
        forced: false,
    }
}
