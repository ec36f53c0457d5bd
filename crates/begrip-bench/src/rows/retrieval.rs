//! Finding the articles for a question in real laws, when some are given.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_mock_model::replies;
use serde_json::json;

use crate::bench::{Bench, call, micros, open};
use crate::row::{Row, Unit};

/// Measures, or says why not.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut row = Row::new(
        "retrieval",
        "the three best articles for a term",
        (Unit::Micros, Stat::P95),
        "the command `sources_search` from JSON to JSON, on the encrypted file",
    )
    .against_nothing("the old way gives no articles along");
    let Some(folder) = &bench.laws else {
        row.ours.does = "not in this run: `--laws DIR` names a folder with laws".to_owned();
        return Ok(vec![row]);
    };
    let app = open(&bench.home("retrieval"), None)?;
    let (mut files, mut names) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.metadata()?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files
                .push(json!({ "name": name, "content": STANDARD.encode(fs::read(entry.path())?) }));
            names.push(name);
        }
    }
    let import = json!({ "files": files, "valid_from": "2020-01-01" });
    let imported = call(&app, "sources_import", import).await?;
    let articles: u64 = imported
        .as_array()
        .context("what became of the files")?
        .iter()
        .filter_map(|file| file["articles"].as_u64())
        .sum();
    ensure!(articles > 0, "{} holds no law", folder.display());
    let mut took = Vec::new();
    // The first round makes the statements ready and the pages warm.
    for round in 0..=bench.pick(10, 1) {
        for term in replies::known_terms() {
            let began = std::time::Instant::now();
            call(&app, "sources_search", json!({ "query": term, "limit": 3 })).await?;
            if round > 0 {
                took.push(micros(began));
            }
        }
    }
    names.sort();
    Ok(vec![
        row.ours(took).must("p95 ≤ 10 ms", |s| s.p95 <= 10_000.0).note(format!(
            "{} articles of {}. How often the right one is among them stands in `docs/retrieval.md`",
            figures(articles as f64),
            names.join(", ")
        )),
    ])
}
