//! What a run of the test command measured, each figure beside its target, and whether one is broken.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use serde_json::Value;

use crate::count::{self, Counts};
use crate::row::Unit;

/// One figure.
struct Line {
    what: String,
    value: String,
    target: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Holds,
    Broken,
    /// A time or a size that a short run of unoptimised programs on a busy machine says nothing about.
    Told,
}

/// Prints every figure that stands in a folder: the counts of instructions, the rows of a short run of the bench, and the
/// bars of short runs under load. `instructions` are the targets of the counts.
///
/// Error: counts or rows are not there, or a target is broken that holds on any machine.
pub fn run(folder: &Path, instructions: &Path) -> Result<()> {
    let lines = lines(folder, instructions)?;
    let width = |of: fn(&Line) -> &String| lines.iter().map(|line| of(line).chars().count()).max();
    let (what, value) = (width(|line| &line.what), width(|line| &line.value));
    let (what, value) = (what.unwrap_or(0), value.unwrap_or(0));
    for line in &lines {
        let verdict = match line.verdict {
            Verdict::Holds => "holds",
            Verdict::Broken => "BROKEN",
            Verdict::Told => "told",
        };
        println!(
            "{verdict:<6}  {:<what$}  {:<value$}  must: {}",
            line.what, line.value, line.target
        );
    }
    println!(
        "told: a time or size of a short run of unoptimised programs, judged in a long one alone"
    );
    let broken = lines.iter().filter(|line| line.verdict == Verdict::Broken);
    let broken: Vec<&str> = broken.map(|line| line.what.as_str()).collect();
    ensure!(
        broken.is_empty(),
        "targets are broken: {}",
        broken.join("; ")
    );
    Ok(())
}

fn lines(folder: &Path, instructions: &Path) -> Result<Vec<Line>> {
    let now: Counts = serde_json::from_value(read(&folder.join(count::FILE))?)?;
    let known: Counts = serde_json::from_value(read(instructions)?)?;
    let mut lines = Vec::new();
    for (kind, most) in known
        .iter()
        .map(|(kind, known)| (kind, count::most(*known)))
    {
        let now = now
            .get(kind)
            .with_context(|| format!("`{kind}` was not counted"))?;
        lines.push(Line {
            what: format!("{kind} (instructions)"),
            value: figures(*now as f64),
            target: format!("≤ {}", figures(most)),
            verdict: verdict(*now as f64 <= most, true),
        });
    }
    let counted = lines.len();
    let mut names: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    names.sort();
    let results = |names: &[std::path::PathBuf], kind: &str| {
        let of_kind = names.iter().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(kind) && name.ends_with(".json")
        });
        of_kind.map(|path| read(path)).collect::<Result<Vec<_>>>()
    };
    for result in results(&names, "bench-")? {
        for told in result["rows"].as_array().into_iter().flatten() {
            // What was not measured here, or is only told, has no bar.
            if let Some(target) = told["must"].as_str() {
                let line = row(told, target);
                lines.push(line.with_context(|| format!("not to be read: {}", told["id"]))?);
            }
        }
    }
    ensure!(lines.len() > counted, "no rows in {}", folder.display());
    for result in results(&names, "load-")? {
        lines.extend(bars(&result));
    }
    Ok(lines)
}

/// A row of the bench that has a bar; none when it is not in its form.
fn row(row: &Value, target: &str) -> Option<Line> {
    let said = |name: &str| row[name].as_str();
    let unit = Unit::named(said("unit")?)?;
    let stat: Stat = serde_json::from_value(row["judged_by"].clone()).ok()?;
    let spread = serde_json::from_value(row["ours_measured"]["spread"].clone()).ok()?;
    Some(Line {
        what: format!("{} ({})", said("what")?, said("id")?),
        value: format!("{} {}", stat.name(), unit.show(stat.of(&spread))),
        target: target.to_owned(),
        verdict: verdict(row["met"] == true, unit.is_exact()),
    })
}

/// The bars of a scenario, each beside what its answers took.
fn bars(result: &Value) -> Vec<Line> {
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut took = Vec::new();
    for (_, part) in result["figures"]["parts"].as_object().into_iter().flatten() {
        for deed in ["new answer", "known answer"] {
            if let Some(p95) = part["times"][deed]["spread_ms"]["p95"].as_f64() {
                took.push(format!("{deed} p95 {}", Unit::Millis.show(p95)));
            }
        }
    }
    took.truncate(2);
    let bars = result["bars"].as_array().into_iter().flatten();
    bars.map(|bar| Line {
        what: format!("{} (load)", said(&result["scenario"])),
        value: took.join(", "),
        target: said(&bar["says"]),
        // What must hold on any machine fails its own test.
        verdict: verdict(bar["met"] == true, false),
    })
    .collect()
}

fn verdict(holds: bool, judged: bool) -> Verdict {
    match (holds, judged) {
        (true, true) => Verdict::Holds,
        (false, true) => Verdict::Broken,
        (_, false) => Verdict::Told,
    }
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}
