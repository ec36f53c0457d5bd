//! Under which circumstances was measured: the head of every result file.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::machine::{self, Machine};

/// One run, from its beginning.
pub struct About {
    machine: Machine,
    commit: String,
    changed: bool,
    begun: Timestamp,
    ended: Timestamp,
    load_before: Option<[f64; 3]>,
    load_after: Option<[f64; 3]>,
    optimised: bool,
    quick: bool,
    seed: u64,
    more: Map<String, Value>,
}

impl About {
    /// A run that begins now. `root` is the folder of the repository, `optimised` tells how the program that is
    /// measured was built, and a `quick` run only shows that it can be made.
    pub fn begin(root: &Path, optimised: bool, quick: bool, seed: u64) -> Self {
        let (commit, changed) = machine::commit(root);
        let now = Timestamp::now();
        Self {
            machine: Machine::here(),
            commit,
            changed,
            begun: now,
            ended: now,
            load_before: machine::load(),
            load_after: None,
            optimised,
            quick,
            seed,
            more: Map::new(),
        }
    }

    /// The same with one more thing to know.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Notes that it ends now; can be said again.
    pub fn end(&mut self) {
        self.ended = Timestamp::now();
        self.load_after = machine::load();
    }

    /// The name of the result file of this kind of run.
    pub fn file_name(&self, kind: &str) -> String {
        let quick = if self.quick { "quick-" } else { "" };
        let day = self.begun.strftime("%Y-%m-%d");
        format!("{kind}-{quick}{day}-{}.json", self.commit)
    }

    /// One line for a reader.
    pub fn sentence(&self, kind: &str) -> String {
        let load = |load: Option<[f64; 3]>| load.map_or("?".to_owned(), |load| load[0].to_string());
        let changed = match self.changed {
            true => " with changes that were not committed yet",
            false => "",
        };
        let optimised = if self.optimised {
            ""
        } else {
            ", NOT OPTIMISED"
        };
        format!(
            "Measured on {} at commit `{}`{changed}{optimised}: {}, {} cores, {:.0} GB, {}; load average {} before and {} after, \
             seed {}; raw samples in `results/{}`.",
            self.begun.strftime("%Y-%m-%d %H:%M UTC"),
            self.commit,
            self.machine.cpu,
            self.machine.cores,
            self.machine.memory_mb / 1e3,
            self.machine.os,
            load(self.load_before),
            load(self.load_after),
            self.seed,
            self.file_name(kind),
        )
    }

    /// As it stands in the file under `about`.
    pub fn to_json(&self) -> Value {
        let mut about = json!({
            "begun": self.begun.to_string(),
            "ended": self.ended.to_string(),
            "commit": self.commit,
            "changed_since_commit": self.changed,
            "optimised": self.optimised,
            "quick": self.quick,
            "seed": self.seed,
            "load_average_before": self.load_before,
            "load_average_after": self.load_after,
            "machine": self.machine,
        });
        if let Some(about) = about.as_object_mut() {
            about.extend(self.more.clone());
        }
        about
    }
}
