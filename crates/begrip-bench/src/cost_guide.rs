//! The figures of `docs/cost-guide.md`, from the latest results: measured, and never typed.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use begrip_measure::page::figures;
use serde_json::Value;

/// The rows that the guide tells, in its order.
const ROWS: [&str; 10] = [
    "prompt_tokens_with_passages",
    "prompt_cost",
    "model_calls",
    "draft_cost",
    "day_prompt_cost",
    "day_cost",
    "day_cost_cache",
    "workload",
    "hit_memory",
    "hit_disk",
];

/// A table of what is saved, each row from the latest result file that has it.
///
/// # Errors
/// When a result file cannot be read.
pub fn table(results: &Path) -> Result<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(results).with_context(|| results.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let result: Value =
            serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        // Unoptimised and quick ones say nothing.
        if result["about"]["optimised"] == true && result["about"]["quick"] == false {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), result));
        }
    }
    files.sort_by_key(|(_, result)| {
        let begun = result["about"]["begun"].as_str();
        std::cmp::Reverse(begun.unwrap_or_default().to_owned())
    });
    let mut out =
        String::from("| what | old way | Begrip | less by | result |\n|---|---|---|---|---|\n");
    let mut told = 0;
    for id in ROWS {
        let found = files.iter().find_map(|(file, result)| {
            let rows = result["rows"].as_array()?;
            let row = rows.iter().find(|row| row["id"] == id)?;
            Some((file, row))
        });
        if let Some((file, row)) = found {
            out.push_str(&line(file, row));
            told += 1;
        }
    }
    ensure!(told > 0, "no result holds a row of the guide");
    Ok(out)
}

fn line(file: &str, row: &Value) -> String {
    let stat = match row["judged_by"].as_str() {
        Some("median") => "p50",
        Some(stat) => stat,
        None => "mean",
    };
    let unit = row["unit"].as_str().unwrap_or_default();
    let figure = |side: &str| row[side]["spread"][stat].as_f64();
    let show = |value: Option<f64>| match value {
        None => "–".to_owned(),
        Some(1.0) if unit == "calls" => "1 call".to_owned(),
        Some(value) => format!("{} {unit}", figures(value)),
    };
    let (old, ours) = (figure("baseline_measured"), figure("ours_measured"));
    let less = match (old, ours) {
        (Some(old), Some(ours)) if old > 0.0 => {
            format!("{:.1} %", (1.0 - ours / old) * 100.0)
        }
        _ => "–".to_owned(),
    };
    let what = row["what"].as_str().unwrap_or_default();
    format!(
        "| {what} | {} | {} | {less} | `{file}` |\n",
        show(old),
        show(ours)
    )
}
