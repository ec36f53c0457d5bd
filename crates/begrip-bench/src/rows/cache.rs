//! The response cache's file by itself: how fast it keeps, opens and how large it is.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};
use begrip_app::disk_tier;
use begrip_llm::tier::{DiskTier, Stored, Tags};
use begrip_llm::{CancellationToken, DataClass, Key, Model, Setup, Usage};
use begrip_measure::machine;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_store::Store;
use fastrand::Rng;
use jiff::Timestamp;

use crate::bench::{Bench, timed};
use crate::row::{Row, Unit};
use crate::rows::processes::child;

/// Writers at one time.
const WRITERS: usize = 64;

/// Bytes of an entry as it is kept.
const BYTES: usize = 600;

/// A page of the file: what a bare write that must be durable writes at least.
const PAGE: [u8; 4096] = [7; 4096];

/// Measures beside bare writes to the same disk.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.home("cache");
    let mut rows = puts(bench, &home)?;
    rows.extend(kept(bench)?);
    Ok(rows)
}

fn open(home: &Path) -> Result<Arc<Store>> {
    let (store, _) = Store::open(home, false, Timestamp::now())?;
    Ok(Arc::new(store))
}

fn puts(bench: &Bench, home: &Path) -> Result<Vec<Row>> {
    let disk = disk_tier(&open(home)?);
    let mut bare = File::create(home.join("bare"))?;
    let mut synced = || -> Result<f64> {
        let (us, written) = timed(|| bare.write_all(&PAGE).and_then(|()| bare.sync_data()));
        written?;
        Ok(us)
    };
    let mut rng = Rng::with_seed(bench.seed);
    let (mut raw, mut alone, mut together) = (vec![], vec![], vec![]);
    for _ in 0..bench.pick(300, 5) {
        raw.push(synced()?);
        let (key, stored) = entry(&mut rng)?;
        let (us, put) = timed(|| disk.put(&key, &stored));
        put?;
        alone.push(us);
    }
    let each = bench.pick(20, 1);
    for _ in 0..bench.pick(8, 1) {
        for _ in 0..bench.pick(20, 1) {
            raw.push(synced()?);
        }
        let entries = (0..WRITERS * each)
            .map(|_| entry(&mut rng))
            .collect::<Result<Vec<_>>>()?;
        let (us, put) = timed(|| put_all(&disk, &entries));
        put?;
        together.push(us / entries.len() as f64);
    }
    let does = "`put` of an entry of 600 bytes: durable when it returns";
    let old_does = "writes a page of 4 KB behind a plain file on the same disk and calls `fdatasync`, in turn with ours";
    let bare = Spread::of(&raw).context("bare writes")?.p50;
    let row = |id, what, samples, least: f64| {
        Row::new(id, what, (Unit::Micros, Stat::Median), does)
            .ours(samples)
            .against(old_does, raw.clone())
            .must(
                &format!("≥ {least} puts in the time of one bare durable write"),
                |s| bare / s.p50 >= least,
            )
    };
    Ok(vec![
        row(
            "put_alone",
            "keep an answer durably, one writer",
            alone,
            0.6,
        ),
        row(
            "put_together",
            "keep an answer durably, 64 writers: time for each",
            together,
            2.5,
        )
        .note("What comes while a commit is written goes into the next one"),
    ])
}

fn kept(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.home("cache-full");
    let count = bench.pick(10_000, 300);
    let mut rng = Rng::with_seed(bench.seed);
    let entries = (0..count)
        .map(|_| entry(&mut rng))
        .collect::<Result<Vec<_>>>()?;
    put_all(&disk_tier(&open(&home)?), &entries)?;
    let size: u64 = std::fs::read_dir(&home)?
        .filter_map(|file| {
            let file = file.ok()?;
            let cache = file.file_name().to_string_lossy().starts_with("cache.db");
            cache.then(|| file.metadata().map_or(0, |meta| meta.len()))
        })
        .sum();
    let mut opened = Vec::new();
    for _ in 0..bench.pick(40, 3) {
        let (key, _) = entries.get(rng.usize(..count)).context("an entry")?;
        let (us, found) = timed(|| -> Result<_> {
            let disk = disk_tier(&open(&home)?);
            let found = disk.get(key)?;
            Ok((disk, found))
        });
        ensure!(found?.1.is_some(), "an entry has gone");
        opened.push(us / 1e3);
    }
    let memory = (0..bench.pick(3, 1))
        .map(|_| {
            child(&home, "kept", bench.seed)?
                .1
                .context("this system tells no PSS")
        })
        .collect::<Result<Vec<f64>>>()?;
    let entries = format!("{} entries of {BYTES} bytes", figures(count as f64));
    Ok(vec![
        Row::new(
            "cache_open",
            "open the store and give the first kept answer",
            (Unit::Millis, Stat::P95),
            "key file, concepts and cache are opened; then one answer is read from the encrypted file",
        )
        .ours(opened)
        .against_nothing("the old way keeps no answers")
        .must("p95 ≤ 5 ms", |s| s.p95 <= 5.0)
        .note(entries.clone()),
        Row::new(
            "cache_disk",
            &format!("{entries}, on disk"),
            (Unit::Megabytes, Stat::Max),
            "the encrypted file with its journal",
        )
        .ours(vec![size as f64 / 1e6])
        .against_nothing("the old way keeps no answers")
        .must("≤ 15 MB", |s| s.max <= 15.0),
        Row::new(
            "cache_memory",
            &format!("{entries}, in memory"),
            (Unit::Megabytes, Stat::Max),
            "a fresh process that brought all of them into memory, all of it: `Pss` of /proc/self/smaps_rollup",
        )
        .ours(memory)
        .against_nothing("the old way keeps no answers")
        .must("≤ 64 MB", |s| s.max <= 64.0),
    ])
}

/// What a process needs that has every answer of a home in memory.
pub(super) fn be_kept(home: &Path) -> Result<Option<f64>> {
    let store = open(home)?;
    let keys = store.cache().most_used(u32::MAX)?;
    let count = keys.len() as u64;
    let model = Model::new(Setup {
        disk: Some(disk_tier(&store)),
        ..Setup::default()
    });
    let warmed = model.warm(keys, &CancellationToken::new());
    let in_memory = model.stats().memory.entries;
    ensure!(
        warmed == count && in_memory == count,
        "{warmed} of {count} were warmed, {in_memory} are in memory"
    );
    Ok(machine::pss_mb("self"))
}

/// Keeps all of them, [`WRITERS`] at one time.
fn put_all(disk: &Arc<dyn DiskTier>, entries: &[(Key, Stored)]) -> Result<()> {
    let each = entries.len().div_ceil(WRITERS).max(1);
    thread::scope(|scope| {
        let writers: Vec<_> = entries
            .chunks(each)
            .map(|some| {
                scope.spawn(|| {
                    some.iter()
                        .try_for_each(|(key, stored)| disk.put(key, stored))
                })
            })
            .collect();
        for writer in writers {
            writer.join().map_err(|_| anyhow!("a writer died"))??;
        }
        Ok(())
    })
}

/// An answer of [`BYTES`] bytes, about something else each time.
fn entry(rng: &mut Rng) -> Result<(Key, Stored)> {
    let mut key = Key::default();
    rng.fill(&mut key);
    let mut stored = Stored {
        text: String::new(),
        piece_ends: Vec::new(),
        model: begrip_mock_model::MODEL_NAME.to_owned(),
        usage: Usage::default(),
        answered_at: Timestamp::now(),
        request_id: None,
        tags: Tags {
            term: Some(format!("begrip {}", rng.u32(..))),
            data_class: DataClass::General,
            ..Tags::default()
        },
    };
    let left = BYTES.saturating_sub(stored.to_bytes()?.len() + 2);
    stored.text = (0..left).map(|_| rng.lowercase()).collect();
    stored.piece_ends = vec![u32::try_from(left)?];
    Ok((key, stored))
}
