//! What came of a load: percentiles by what was done, the server's process, and a file of results.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::machine;
use crate::statistics::Spread;
use crate::users::Deed;

/// One thing that somebody did.
#[derive(Clone, Debug)]
pub struct Sample {
    pub deed: Deed,
    /// Seconds from the beginning until they came.
    pub at: f64,
    /// Milliseconds from when they came until all of it was there.
    pub took: f64,
    /// What was wrong.
    pub wrong: Option<String>,
}

impl Sample {
    pub fn of(deed: Deed, begun: Instant, asked: Instant, became: Result<(), String>) -> Self {
        Self {
            deed,
            at: asked.duration_since(begun).as_secs_f64(),
            took: asked.elapsed().as_secs_f64() * 1_000.0,
            wrong: became.err(),
        }
    }
}

/// True in a run by hand, which bars may fail.
pub fn is_long() -> bool {
    std::env::var_os("BEGRIP_LOAD_S").is_some() || std::env::var_os("BEGRIP_SOAK_MIN").is_some()
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

/// A run as it is told and kept.
pub struct Run {
    scenario: String,
    parameters: Value,
    figures: Map<String, Value>,
    missed: Vec<String>,
    load: Option<[f64; 3]>,
}

impl Run {
    pub fn of(scenario: &str, parameters: Value) -> Self {
        println!("{scenario}: {parameters}");
        Self {
            scenario: scenario.to_owned(),
            parameters,
            figures: Map::new(),
            missed: Vec::new(),
            load: machine::load(),
        }
    }

    /// Tells a part of the run; every answer of it must be right.
    pub fn part(&mut self, name: &str, samples: &[Sample]) {
        let mut told = Map::new();
        for (deed, times) in by_deed(samples) {
            let spread = Spread::of(&times).unwrap();
            println!(
                "{name:>12} {:<12} {:>6} times, median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
                deed.name(),
                spread.n,
                spread.p50,
                spread.p95,
                spread.p99,
                spread.max
            );
            let samples: Vec<f64> = times.iter().map(|ms| (ms * 10.0).round() / 10.0).collect();
            told.insert(
                deed.name().to_owned(),
                json!({"spread_ms": spread, "samples_ms": samples}),
            );
        }
        let wrong: Vec<&String> = samples.iter().filter_map(|s| s.wrong.as_ref()).collect();
        told.insert("wrong".to_owned(), json!(wrong.len()));
        println!("{name:>12} {} done, {} wrong", samples.len(), wrong.len());
        self.figures.insert(name.to_owned(), told.into());
        assert!(
            wrong.is_empty(),
            "{} wrong, such as {}",
            wrong.len(),
            wrong[0]
        );
        assert!(!samples.is_empty(), "nothing was done");
    }

    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        println!("{name:>25} {value}");
        self.figures.insert(name.to_owned(), value);
    }

    /// What must hold on a machine that does nothing else.
    pub fn bar(&mut self, says: &str, holds: bool) {
        println!("{says}: {}", if holds { "met" } else { "MISSED" });
        self.figures.insert(format!("bar: {says}"), holds.into());
        if !holds {
            self.missed.push(says.to_owned());
        }
    }

    /// Writes the file when `BEGRIP_LOAD_RESULTS` names a folder. Fails for a missed bar when long.
    pub fn end(mut self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        if let Some(folder) = std::env::var_os("BEGRIP_LOAD_RESULTS") {
            let (commit, changed) = machine::commit(&root);
            let today = jiff::Zoned::now().date();
            let name = format!("load-{}-{today}-{commit}.json", self.scenario);
            let kept = json!({
                "scenario": self.scenario,
                "parameters": self.parameters,
                "machine": machine::Machine::here(),
                "load_before": self.load,
                "load_after": machine::load(),
                "commit": commit,
                "changed": changed,
                "optimised": std::env::var_os("BEGRIP_LOAD_SERVER").is_some() || !cfg!(debug_assertions),
                "figures": self.figures,
            });
            let path = root.join(folder).join(name);
            fs::write(&path, serde_json::to_vec(&kept).unwrap()).unwrap();
            println!("written: {}", path.display());
        }
        let missed = std::mem::take(&mut self.missed);
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
}
