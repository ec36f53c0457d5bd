//! A scenario under load or under faults: what it was asked to do, what came of it, and its file.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::about::About;
use crate::statistics::{Spread, percentile};

/// One run of a scenario.
pub struct Scenario {
    name: String,
    about: About,
    parameters: Value,
    figures: Map<String, Value>,
    bars: Vec<(String, bool)>,
}

impl Scenario {
    /// A run that begins now; `name` is a stable word for its file and its row, `parameters` is all that another
    /// run of it needs.
    pub fn begin(name: &str, about: About, parameters: Value) -> Self {
        Self {
            name: name.to_owned(),
            about,
            parameters,
            figures: Map::new(),
            bars: Vec::new(),
        }
    }

    /// Keeps a figure; the same name again replaces it.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Keeps what must hold on a machine that does nothing else, and whether it does.
    pub fn bar(&mut self, says: &str, holds: bool) {
        self.bars.push((says.to_owned(), holds));
    }

    /// The bars that were missed.
    pub fn missed(&self) -> Vec<&str> {
        let missed = self.bars.iter().filter(|(_, holds)| !holds);
        missed.map(|(says, _)| says.as_str()).collect()
    }

    /// Ends the run and writes `load-NAME-DATE-COMMIT.json` into a folder, or the same with `-2` and on where there is one
    /// already; where it stands.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, folder: &Path) -> Result<PathBuf> {
        self.about.end();
        let bars = self.bars.iter();
        let bars: Vec<Value> = bars
            .map(|(says, holds)| json!({"says": says, "met": holds}))
            .collect();
        let text = format!(
            "{{\n\"about\": {},\n\"scenario\": {},\n\"parameters\": {},\n\"bars\": {},\n\"figures\": {}\n}}\n",
            self.about.to_json(),
            json!(self.name),
            self.parameters,
            json!(bars),
            json!(self.figures),
        );
        let name = self.about.file_name(&format!("load-{}", self.name));
        write_beside(folder, &name, &text)
    }
}

/// Writes a new file of this name, with a number where there is one: no run takes the place of another.
///
/// # Errors
/// When the folder cannot be made or the file not written.
pub fn write_beside(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (bare, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut path = folder.join(name);
    for number in 2.. {
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                break;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                path = folder.join(format!("{bare}-{number}.{ending}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(path)
}

/// Times in milliseconds as they are kept: their spread, and each of them to a hundredth.
pub fn kept(times: &[f64]) -> Value {
    let samples: Vec<f64> = times.iter().copied().map(hundredths).collect();
    json!({"spread_ms": Spread::of(times), "samples_ms": samples})
}

/// The same of so many that a file has no room for each: their spread and all hundred percentiles. `sorted` rises.
pub fn condensed(sorted: &[f64]) -> Value {
    let percentiles: Vec<Option<f64>> = (0..=100)
        .map(|rank| percentile(sorted, f64::from(rank) / 100.0).map(hundredths))
        .collect();
    json!({"spread_ms": Spread::of(sorted), "percentiles_ms": percentiles})
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_written_whole_and_a_missed_bar_is_told() {
        let folder = std::env::temp_dir().join(format!("begrip-scenario-{}", std::process::id()));
        let about = About::begin(&folder, true, true, 7);
        let mut run = Scenario::begin("x", about, json!({"users": 3}));
        run.figure("all", kept(&[1.234, 9.0]));
        run.bar("good", true);
        run.bar("fast", false);
        assert_eq!(run.missed(), ["fast"]);
        let path = run.write(&folder).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        // Another of the same day and commit stands beside it.
        run.figure("all", 7);
        let again = run.write(&folder).unwrap();
        assert_ne!(again, path);
        assert!(again.to_string_lossy().ends_with("-2.json"), "{again:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        fs::remove_dir_all(&folder).unwrap();
        let result: Value = serde_json::from_str(&text).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name.starts_with("load-x-quick-"), "{name}");
        assert_eq!(result["about"]["seed"], 7);
        assert!(result["about"]["load_average_after"].is_array());
        assert_eq!(result["parameters"]["users"], 3);
        assert_eq!(result["figures"]["all"]["samples_ms"], json!([1.23, 9.0]));
        assert_eq!(result["bars"][1], json!({"says": "fast", "met": false}));
    }

    #[test]
    fn many_times_are_kept_as_a_hundred_percentiles() {
        let times: Vec<f64> = (1..=1_000).map(f64::from).collect();
        let kept = condensed(&times);
        assert_eq!(kept["percentiles_ms"].as_array().unwrap().len(), 101);
        assert_eq!(kept["percentiles_ms"][95], kept["spread_ms"]["p95"]);
        assert_eq!(kept["spread_ms"]["p95"], 950.0);
    }
}
