//! A long run by hand: the work of several people for as long as is asked, and whether memory, open handles
//! and files grow meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use begrip_app::App;
use begrip_measure::about::About;
use begrip_measure::machine;
use begrip_measure::scenario::Scenario;
use begrip_measure::slope::Slope;
use begrip_mock_model::workload;
use fastrand::Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::bench::{Bench, call, define, open_at};
use crate::count::Mock;
use crate::{corpus, question};

/// Actions in a second, unless another rate is asked for.
pub const A_SECOND: f64 = 20.0;

/// How long and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// So long.
    pub length: Duration,
    /// A look at the process so often.
    pub every: Duration,
    /// Actions in a second, whether or not those before them are done.
    pub rate: f64,
}

/// Concepts that drafts are asked for, by Zipf's law with exponent 1.
const CONCEPTS: usize = 500;

/// Of a hundred actions: how many are of which kind.
const MIX: [(Action, u8); 5] = [
    (Action::Search, 55),
    (Action::Check, 20),
    (Action::Draft, 18),
    (Action::Anew, 2),
    (Action::Preview, 5),
];

/// The first part of the samples is left out of the slopes: caches are filling.
const WARMING: f64 = 0.2;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Search,
    Check,
    /// A draft, from the cache if it is there.
    Draft,
    /// A draft that the model makes again.
    Anew,
    Preview,
}

/// From how long on a slope decides something.
const DECIDES: Duration = Duration::from_mins(15);

/// What is told of a sample: its name, its unit, and how much of it may come in an hour, if that is bounded. The whole
/// interval of the slope must lie below that.
type Figure = (&'static str, &'static str, fn(&Sample) -> f64, Option<f64>);

const FIGURES: [Figure; 7] = [
    ("memory (PSS)", " MB", |sample| sample.pss_mb, Some(3.0)),
    (
        "memory of no file",
        " MB",
        |sample| sample.anonymous_mb,
        None,
    ),
    ("memory (RSS)", " MB", |sample| sample.rss_mb, None),
    ("handles", "", |sample| sample.handles, Some(5.0)),
    ("threads", "", |sample| sample.threads, Some(5.0)),
    ("files", " MB", |sample| sample.home_mb, None),
    ("processor", " s", |sample| sample.cpu_s, None),
];

/// What the process takes at a moment.
#[derive(Clone, Debug, Serialize)]
struct Sample {
    /// Seconds since the beginning.
    at_s: f64,
    rss_mb: f64,
    pss_mb: f64,
    /// What of that is of no file: heaps and stacks.
    anonymous_mb: f64,
    /// What each cache in memory holds by its own count, in MB (10⁶ bytes).
    caches_mb: BTreeMap<String, f64>,
    /// Open files, sockets and pipes.
    handles: f64,
    threads: f64,
    /// All files of the home.
    home_mb: f64,
    /// What the process has had of the processors since it began.
    cpu_s: f64,
}

impl Sample {
    async fn take(begun: Instant, home: &Path, app: &App) -> Result<Self> {
        let entries = |path: &str| fs::read_dir(path).map(|found| found.count() as f64);
        Ok(Self {
            at_s: begun.elapsed().as_secs_f64(),
            rss_mb: machine::rss_mb("self").context("this system tells no memory")?,
            pss_mb: machine::pss_mb("self").context("this system tells no memory")?,
            anonymous_mb: machine::anonymous_mb("self").context("this system tells no memory")?,
            caches_mb: caches(app, "bytes").await?,
            handles: entries("/proc/self/fd")?,
            threads: entries("/proc/self/task")?,
            home_mb: bytes(home)? as f64 / 1e6,
            cpu_s: machine::cpu_s(),
        })
    }
}

/// The product's caches in memory.
const CACHES: [&str; 5] = [
    "memory",
    "packs",
    "case_exchanges",
    "neighbours",
    "word_counts",
];

/// Of each cache in memory what the product tells of it under this name, in MB.
async fn caches(app: &App, what: &str) -> Result<BTreeMap<String, f64>> {
    let told = call(app, "cache_stats", Value::Null).await?;
    let of = |cache: &str| {
        let bytes = told[cache][what].as_f64();
        let bytes = bytes.with_context(|| format!("no {what} of {cache}"))?;
        Ok((cache.to_owned(), bytes / 1e6))
    };
    CACHES.into_iter().map(of).collect()
}

/// Works at this pace: the run with its figures and bars, to be written.
pub async fn run(bench: &Bench, about: About, pace: Pace) -> Result<Scenario> {
    let Pace {
        length,
        every,
        rate,
    } = pace;
    let mix: Vec<(String, u8)> = MIX
        .iter()
        .map(|(action, share)| (format!("{action:?}"), *share))
        .collect();
    let parameters = json!({
        "minutes": length.as_secs_f64() / 60.0,
        "actions_a_second": rate,
        "mix": mix,
        "concepts_asked_about": CONCEPTS,
        "zipf_exponent": 1.0,
        "left_out_of_slopes": WARMING,
    });
    let mut run = Scenario::begin("workstation", about, parameters);
    let home = bench.generated()?.to_owned();
    let mock = Mock::start(&home)?;
    let app = open_at(&home, Some(mock.url().to_owned()))?;
    let (done, failed) = (counters(), Arc::new(AtomicU64::new(0)));
    let mut rng = Rng::with_seed(bench.seed);
    let keys = corpus::keystrokes(10_000, bench.concepts, bench.seed);
    let terms = workload::zipf(CONCEPTS, 1.0, 100_000, bench.seed);
    let begun = Instant::now();
    let (mut samples, mut due) = (vec![Sample::take(begun, &home, &app).await?], begun);
    let mut look = begun + every;
    let mut working = JoinSet::new();
    for number in 0.. {
        due += Duration::from_secs_f64(-(1.0 - rng.f64()).ln() / rate);
        if due > begun + length {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        while working.try_join_next().is_some() {}
        if due >= look {
            look += every;
            samples.push(Sample::take(begun, &home, &app).await?);
        }
        let action = drawn(rng.u8(..100));
        let text = match action {
            Action::Search => keys[number % keys.len()].clone(),
            _ => corpus::term(terms[number % terms.len()]),
        };
        let (app, failed) = (app.clone(), Arc::clone(&failed));
        let done = Arc::clone(&done[place(action)]);
        working.spawn(async move {
            let counter = match act(&app, action, &text, number).await {
                Ok(()) => done,
                Err(error) => {
                    eprintln!("  {action:?} of “{text}”: {error:#}");
                    failed
                }
            };
            counter.fetch_add(1, Ordering::Relaxed);
        });
    }
    while working.join_next().await.is_some() {}
    samples.push(Sample::take(begun, &home, &app).await?);
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let failed = read(&failed);
    let actions: Map<String, Value> = MIX
        .iter()
        .zip(&done)
        .map(|((action, _), count)| (format!("{action:?}").to_lowercase(), json!(read(count))))
        .collect();
    run.figure("actions", actions);
    run.figure("failed", failed);
    run.bar("no action fails", failed == 0);
    for (name, unit, figure, bound) in FIGURES {
        let readings: Vec<(f64, f64)> = samples.iter().map(|s| (s.at_s, figure(s))).collect();
        let slope = Slope::of(&readings, WARMING);
        let (first, last) = (readings[0].1, readings[readings.len() - 1].1);
        run.figure(
            &format!("{name}{unit}"),
            json!({ "first": first, "last": last, "slope": slope }),
        );
        // Of a few minutes a slope says nothing.
        if let (Some(bound), Some(slope), true) = (bound, slope, length >= DECIDES) {
            let says = format!("{name} does not grow (≤ {bound}{unit} an hour)");
            run.bar(&says, slope.to <= bound);
        }
    }
    let limits = caches(&app, "limit").await?;
    let held = samples.last().map(|sample| &sample.caches_mb);
    run.figure("caches in memory MB, at the end", json!(held));
    run.figure("caches in memory MB, bounds", json!(limits));
    let within = samples.iter().all(|sample| {
        let mut all = sample.caches_mb.iter();
        all.all(|(cache, held)| limits.get(cache).is_some_and(|limit| held <= limit))
    });
    run.bar("every cache stays within its bound", within);
    run.figure("samples", json!(samples));
    Ok(run)
}

fn counters() -> Vec<Arc<AtomicU64>> {
    MIX.iter().map(|_| Arc::default()).collect()
}

fn place(action: Action) -> usize {
    let found = MIX.iter().position(|(kind, _)| *kind == action);
    found.unwrap_or_default()
}

/// The action for a number below a hundred.
fn drawn(mut number: u8) -> Action {
    for (action, share) in MIX {
        match number.checked_sub(share) {
            None => return action,
            Some(rest) => number = rest,
        }
    }
    Action::Search
}

async fn act(app: &App, action: Action, text: &str, number: usize) -> Result<()> {
    let id = format!("soak {number}");
    match action {
        Action::Search => drop(call(app, "search", json!({ "query": text })).await?),
        Action::Check => {
            let checked = format!("beslissing van een rechter over een {text} in zaak {number}");
            drop(call(app, "check", json!({ "term": text, "text": checked })).await?);
        }
        Action::Draft => drop(define(app, text, &id, false).await?),
        Action::Anew => drop(define(app, text, &id, true).await?),
        Action::Preview => drop(call(app, "preview", json!(question::draft(text)?)).await?),
    }
    Ok(())
}

fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A journal may go while it is looked at.
        let Ok(about) = entry.metadata() else {
            continue;
        };
        sum += match about.is_dir() {
            true => bytes(&entry.path())?,
            false => about.len(),
        };
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_is_a_hundred_and_each_number_has_its_action() {
        assert_eq!(MIX.iter().map(|(_, share)| share).sum::<u8>(), 100);
        let drafts = (0..100).filter(|n| drawn(*n) == Action::Draft).count();
        assert_eq!(
            (drafts, drawn(0), drawn(99)),
            (18, Action::Search, Action::Preview)
        );
    }
}
