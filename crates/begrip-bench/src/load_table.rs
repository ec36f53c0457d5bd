//! The table of the server under load and under faults and of a workstation at work, from the latest result of each scenario:
//! measured, and never typed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use begrip_measure::page::{figures, line};
use serde_json::Value;

use crate::row::Unit;
use crate::sums;

/// Whose part of the page it is.
pub const COMMAND: &str = "cargo xtask bench --load-table";

/// The latest long run of each scenario: the name of its file, and what stands in it.
///
/// # Errors
/// When a result file cannot be read.
pub fn latest(results: &Path) -> Result<BTreeMap<String, (String, Value)>> {
    let mut latest: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for entry in fs::read_dir(results).with_context(|| results.display().to_string())? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with("load-") || !name.ends_with(".json") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let result: Value = serde_json::from_str(&text).with_context(|| name.clone())?;
        // Short ones say nothing.
        if result["about"]["quick"] != false {
            continue;
        }
        let scenario = said(&result["scenario"]);
        let begun = |result: &Value| said(&result["about"]["begun"]);
        let newer = latest
            .get(&scenario)
            .is_none_or(|(_, old)| begun(old) < begun(&result));
        if newer {
            latest.insert(scenario, (name, result));
        }
    }
    Ok(latest)
}

/// What people did, and the runs with their bars; the latest long run of each scenario.
///
/// # Errors
/// When a result file cannot be read, or there is none.
pub fn table(results: &Path) -> Result<String> {
    let mut latest = latest(results)?;
    // They have a page of their own.
    latest.remove(sums::SCENARIO);
    ensure!(!latest.is_empty(), "no result of a long run under load");
    let mut out = String::from(
        "| scenario | part | done | wrong | time-outs | new answers | their first words | known answers |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (scenario, (_, result)) in &latest {
        for (name, part) in result["figures"]["parts"].as_object().into_iter().flatten() {
            let times = |deed: &str| spread(&part["times"][deed]["spread_ms"]);
            out.push_str(&line(&[
                scenario.clone(),
                name.clone(),
                number(&part["done"]),
                number(&part["wrong"]),
                number(&part["timeouts"]),
                times("new answer"),
                times("first words"),
                times("known answer"),
            ]));
        }
    }
    out.push_str("\nEach run, with what must hold on a machine that does nothing else.\n\n");
    for (scenario, (name, result)) in &latest {
        out.push_str(&told(scenario, name, result));
    }
    Ok(out)
}

/// What a run says beside its times.
fn told(scenario: &str, name: &str, result: &Value) -> String {
    let about = &result["about"];
    let load = |when: &str| {
        about[when][0]
            .as_f64()
            .map_or("?".to_owned(), |load| load.to_string())
    };
    let mut out = format!(
        "- **{scenario}** (`{name}`, {}): load average {} before and {} after",
        said(&about["begun"])
            .get(..16)
            .unwrap_or_default()
            .replace('T', " "),
        load("load_average_before"),
        load("load_average_after"),
    );
    if about["optimised"] != true {
        out.push_str(", NOT OPTIMISED");
    }
    if about["changed_since_commit"] == true {
        out.push_str(", with changes since that commit");
    }
    out.push('.');
    for (name, value) in result["figures"].as_object().into_iter().flatten() {
        let shown = match (name.as_str(), value) {
            ("parts" | "server" | "samples", _) => continue,
            (_, Value::Number(_)) => number(value),
            (_, Value::Object(kept)) if kept.contains_key("a_second") => {
                let times = spread(&value["times"]["spread_ms"]);
                format!(
                    "{} a second, {times}, {} wrong",
                    number(&value["a_second"]),
                    number(&value["wrong"])
                )
            }
            ("probe_ready" | "probe_metrics", _) => spread(&value["spread_ms"]),
            (_, Value::Object(kept)) if kept.contains_key("slope") => growth(value),
            (_, Value::Object(counts)) if counts.values().all(Value::is_number) => {
                let counts = counts
                    .iter()
                    .map(|(what, count)| format!("{what} {}", number(count)));
                counts.collect::<Vec<_>>().join(", ")
            }
            _ => continue,
        };
        out.push_str(&format!(" {}: {shown}.", name.replace('_', " ")));
    }
    for bar in result["bars"].as_array().into_iter().flatten() {
        let met = if bar["met"] == true {
            "met"
        } else {
            "**missed**"
        };
        out.push_str(&format!(" {}: {met}.", said(&bar["says"])));
    }
    if let Some(note) = about["note"].as_str() {
        out.push_str(&format!(" {note}."));
    }
    out.push('\n');
    out
}

fn growth(value: &Value) -> String {
    let slope = &value["slope"];
    let grown = match slope.is_null() {
        true => "too short for a slope".to_owned(),
        false => format!(
            "{} an hour (95 %: {} to {})",
            number(&slope["an_hour"]),
            number(&slope["from"]),
            number(&slope["to"])
        ),
    };
    format!(
        "{} → {}, {grown}",
        number(&value["first"]),
        number(&value["last"])
    )
}

fn spread(spread: &Value) -> String {
    let show = |stat: &str| spread[stat].as_f64().map(|ms| Unit::Millis.show(ms));
    match (show("p50"), show("p95"), show("max")) {
        (Some(median), Some(p95), Some(most)) => {
            format!("p95 {p95} (median {median}, most {most})")
        }
        _ => "–".to_owned(),
    }
}

fn number(value: &Value) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), figures)
}

fn said(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_measure::about::About;
    use begrip_measure::scenario::{Scenario, kept};
    use serde_json::json;

    fn run(folder: &Path, quick: bool, median: f64) {
        let about = About::begin(folder, true, quick, 1);
        let mut run = Scenario::begin("users", about, json!({"users": 3}));
        let times = json!({"new answer": kept(&[median]), "first words": kept(&[median / 2.0])});
        run.figure(
            "parts",
            json!({"all": {"done": 1_000, "right": 999, "wrong": 1, "timeouts": 0, "times": times}}),
        );
        run.figure(
            "memory_mb",
            json!({"first": 80, "last": 81, "slope": {"an_hour": 0.5, "from": -1.0, "to": 2.0}}),
        );
        run.figure("faults", json!({"server killed": 3}));
        run.bar("fast", median < 5.0);
        run.write(folder).unwrap();
    }

    #[test]
    fn the_latest_long_run_of_a_scenario_is_told_with_what_it_missed() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), true, 1.0);
        assert!(table(folder.path()).is_err(), "a short one is no result");
        run(folder.path(), false, 7.0);
        let text = table(folder.path()).unwrap();
        for expected in [
            "| users | all | 1,000 | 1 | 0 | p95 7 ms (median 7 ms, most 7 ms) | p95 3.50 ms (median 3.50 ms, most 3.50 ms) | – |",
            "memory mb: 80 → 81, 0.500 an hour (95 %: -1 to 2).",
            "faults: server killed 3.",
            "fast: **missed**.",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
