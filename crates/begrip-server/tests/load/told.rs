//! What came of a load: what was done and how much of it was right, percentiles by what was done, the server's process
//! over time, and a file of results.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use begrip_measure::about::About;
use begrip_measure::scenario::{Scenario, kept};
use begrip_measure::statistics::Spread;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::arrivals::Watching;
use crate::users::Deed;

/// How something became that somebody did: when the first words were there, where an answer has words. Error: what
/// was wrong.
pub type Became = Result<Option<Instant>, String>;

/// One thing that somebody did.
#[derive(Clone, Debug)]
pub struct Sample {
    pub deed: Deed,
    /// Seconds from the beginning until they came.
    pub at: f64,
    /// Milliseconds from when they came until all of it was there.
    pub took: f64,
    /// Milliseconds from when they came until the first words of an answer were there.
    pub first: Option<f64>,
    /// What was wrong.
    pub wrong: Option<String>,
}

/// Under what the first words of new answers are told.
const FIRST_WORDS: &str = "first words";

/// What is wrong with an answer that has not come in time.
pub const TIME_OUT: &str = "time-out";

impl Sample {
    pub fn of(deed: Deed, begun: Instant, asked: Instant, became: Became) -> Self {
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1_000.0;
        let first = became.as_ref().ok().copied().flatten();
        Self {
            deed,
            at: asked.duration_since(begun).as_secs_f64(),
            took: millis(asked.elapsed()),
            first: first.map(|first| millis(first.duration_since(asked))),
            wrong: became.err(),
        }
    }
}

/// True in a run by hand, which bars may fail.
pub fn is_long() -> bool {
    ["BEGRIP_LOAD_S", "BEGRIP_SOAK_MIN", "BEGRIP_LOAD_OPS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// Milliseconds by what was done.
pub fn by_deed(samples: &[Sample]) -> BTreeMap<Deed, Vec<f64>> {
    let mut times: BTreeMap<Deed, Vec<f64>> = BTreeMap::new();
    for sample in samples {
        times.entry(sample.deed).or_default().push(sample.took);
    }
    times
}

/// The spread of one kind; fails when there is none.
pub fn spread(samples: &[Sample], deed: Deed) -> Spread {
    let times = by_deed(samples).remove(&deed).unwrap_or_default();
    Spread::of(&times).unwrap_or_else(|| panic!("no {} in the run", deed.name()))
}

/// How soon the first words of new answers were there. Fails when an answer without fault had none.
pub fn first_words(samples: &[Sample]) -> Spread {
    let new = samples.iter().filter(|sample| sample.deed == Deed::New);
    let right = new.filter(|sample| sample.wrong.is_none());
    let times: Option<Vec<f64>> = right.map(|sample| sample.first).collect();
    let times = times.unwrap_or_else(|| panic!("an answer without words"));
    Spread::of(&times).unwrap_or_else(|| panic!("no new answer in the run"))
}

/// A run as it is told and kept.
pub struct Run {
    kept: Scenario,
    parts: Map<String, Value>,
    wrong: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What every result says of its load, for a reader to judge it by: how people come, how many questions are known, which
/// of them is asked when, and how long the model behind takes.
const DECLARED: [&str; 4] = ["arrivals", "known_keys", "distribution", "model"];

impl Run {
    pub fn of(scenario: &str, seed: u64, parameters: Value) -> Self {
        println!("{scenario}: {parameters}");
        for name in DECLARED {
            assert!(
                !parameters[name].is_null(),
                "{scenario} does not say its {name}"
            );
        }
        let generator = !cfg!(debug_assertions);
        let server = std::env::var_os("BEGRIP_LOAD_SERVER").is_some() || generator;
        let about = About::begin(&root(), server, !is_long(), seed)
            .with("load_generator_optimised", generator);
        // What else a reader must know of the machine, in words.
        let about = match std::env::var("BEGRIP_LOAD_NOTE") {
            Ok(note) => about.with("note", note),
            Err(_) => about,
        };
        Self {
            kept: Scenario::begin(scenario, about, parameters),
            parts: Map::new(),
            wrong: Vec::new(),
        }
    }

    /// Tells a part of the run; every answer of it must be right, or the run fails at its end.
    pub fn part(&mut self, name: &str, samples: &[Sample]) {
        assert!(!samples.is_empty(), "nothing was done");
        let mut told = Map::new();
        let whole = by_deed(samples).into_iter();
        let whole = whole.map(|(deed, times)| (deed.name(), times));
        let of_new = samples.iter().filter(|sample| sample.deed == Deed::New);
        let first: Vec<f64> = of_new.filter_map(|sample| sample.first).collect();
        for (what, times) in whole.chain([(FIRST_WORDS, first)]) {
            let Some(spread) = Spread::of(&times) else {
                continue;
            };
            println!(
                "{name:>12} {what:<12} {:>6} times, median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
                spread.n, spread.p50, spread.p95, spread.p99, spread.max
            );
            told.insert(what.to_owned(), kept(&times));
        }
        let wrong: Vec<&String> = samples.iter().filter_map(|s| s.wrong.as_ref()).collect();
        let late = wrong.iter().filter(|what| **what == TIME_OUT).count();
        println!(
            "{name:>12} {} done, {} wrong, {late} of which too late",
            samples.len(),
            wrong.len()
        );
        self.wrong.extend(wrong.iter().map(|what| (*what).clone()));
        let part = json!({
            "done": samples.len(),
            "right": samples.len() - wrong.len(),
            "wrong": wrong.len() - late,
            "timeouts": late,
            "times": told,
        });
        self.parts.insert(name.to_owned(), part);
    }

    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        println!("{name:>25} {value}");
        self.kept.figure(name, value);
    }

    /// The same of something that is too long to be printed.
    pub fn quiet_figure(&mut self, name: &str, value: Value) {
        self.kept.figure(name, value);
    }

    /// Keeps the server's process as it was over time.
    pub fn server(&mut self, seen: &[(f64, Process)]) {
        let most = |of: fn(&Process) -> f64| seen.iter().map(|(_, p)| of(p)).fold(0.0, f64::max);
        self.figure("memory_mb_most", most(|process| process.memory));
        self.figure("handles_most", most(|process| process.handles));
        let tenths = |value: f64| (value * 10.0).round() / 10.0;
        let column = |of: fn(&(f64, Process)) -> f64| {
            seen.iter()
                .map(|seen| tenths(of(seen)))
                .collect::<Vec<f64>>()
        };
        self.kept.figure(
            "server",
            json!({
                "at_s": column(|(at, _)| *at),
                "memory_mb": column(|(_, process)| process.memory),
                "handles": column(|(_, process)| process.handles),
            }),
        );
    }

    /// What must hold on a machine that does nothing else.
    pub fn bar(&mut self, says: &str, holds: bool) {
        println!("{says}: {}", if holds { "met" } else { "MISSED" });
        self.kept.bar(says, holds);
    }

    /// What must hold on any machine; the run fails at its end without it.
    pub fn must(&mut self, says: &str, holds: bool) {
        println!("{says}: {holds}");
        self.kept.bar(says, holds);
        if !holds {
            self.wrong.push(says.to_owned());
        }
    }

    /// Writes the file when `BEGRIP_LOAD_RESULTS` names a folder. Fails when an answer was wrong or did not come, and
    /// for a missed bar when long.
    pub fn end(mut self) {
        if !self.parts.is_empty() {
            self.kept.figure("parts", self.parts);
        }
        if let Some(folder) = std::env::var_os("BEGRIP_LOAD_RESULTS") {
            let path = self.kept.write(&root().join(folder)).unwrap();
            println!("written: {}", path.display());
        }
        assert!(
            self.wrong.is_empty(),
            "{} wrong, such as {}",
            self.wrong.len(),
            self.wrong[0]
        );
        let missed = self.kept.missed();
        assert!(missed.is_empty() || !is_long(), "missed: {missed:?}");
    }
}

/// What a process takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    /// `VmRSS`, in MB (10⁶ bytes).
    pub memory: f64,
    /// Open files and connections.
    pub handles: f64,
}

impl Process {
    pub fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        let handles = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        Self {
            memory: kilobytes.unwrap_or(0.0) * 1.024 / 1_000.0,
            handles: handles as f64,
        }
    }

    /// Looks at one every second: seconds since now, and what it takes.
    pub fn over_time(pid: impl Fn() -> u32 + Send + 'static) -> Watching<(f64, Self)> {
        let begun = Instant::now();
        Watching::each(Duration::from_secs(1), move || {
            (begun.elapsed().as_secs_f64(), Self::of(pid()))
        })
    }
}
