//! A file of definitions, checked by the command line on one core.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_rules::Subject;
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, micros, timed};
use crate::old_way::Checker;
use crate::row::{Row, Unit};

/// The old way is shown by this many definitions: all of them would take minutes.
const SHOWN: usize = 100;

/// Measures, or says why not.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let count = bench.pick(10_000, 200);
    let row = Row::new(
        "check_file",
        &format!(
            "{} definitions by `begrip check --jsonl`, one core",
            figures(count as f64)
        ),
        (Unit::Millis, Stat::Median),
        "",
    );
    let program = bench
        .desktop
        .as_ref()
        .map(|desktop| desktop.with_file_name("begrip"))
        .filter(|program| program.is_file());
    let Some(program) = program else {
        let mut row = row.against_nothing("ours was not measured");
        row.ours.does =
            "not in this run: needs the program `begrip` beside the one of `--desktop`".to_owned();
        return Ok(vec![row]);
    };
    let concepts = begrip_app::starter::concepts(Timestamp::UNIX_EPOCH)?;
    let mut input = tempfile::NamedTempFile::new()?;
    for (number, concept) in concepts.iter().cycle().take(count).enumerate() {
        let fields = &concept.fields;
        // No two the same: nothing can be kept from one to the next.
        let text = format!("{} in zaak {number}", fields.definition);
        writeln!(
            input,
            "{}",
            json!({ "id": number, "term": fields.term, "text": text })
        )?;
    }
    input.flush()?;
    let mut ours = Vec::new();
    for _ in 0..bench.pick(5, 1) {
        let began = Instant::now();
        let ended = Command::new("taskset")
            .args(["-c", "0"])
            .arg(&program)
            .args(["check", "--jsonl"])
            .arg(input.path())
            .env("BEGRIP_HOME", bench.home("none"))
            .stdout(Stdio::null())
            .status()?;
        ours.push(micros(began) / 1_000.0);
        ensure!(ended.success(), "the check of a file failed: {ended}");
    }
    let checker = Checker::new(&bench.root);
    let (old, checked) = timed(|| {
        concepts.iter().take(SHOWN).try_for_each(|concept| {
            let fields = &concept.fields;
            checker
                .check(&Subject {
                    term: fields.term.as_str(),
                    synonyms: &fields.synonyms,
                    text: &fields.definition,
                    context: &fields.context,
                    category: fields.category,
                    has_source: None,
                })
                .map(drop)
        })
    });
    checked?;
    let old = old / 1_000.0 * count as f64 / SHOWN.min(concepts.len()) as f64;
    let mut row = row
        .ours(ours)
        .against(
            &format!("checks {SHOWN} in one process, reading the rules for each; told for all"),
            vec![old],
        )
        .must("10,000 in ≤ 3 s on one core", |spread| {
            spread.p50 * 10_000.0 / count as f64 <= 3_000.0
        });
    row.ours.does =
        "the whole program, from its start to its end: reads JSON, writes every finding as JSON"
            .to_owned();
    Ok(vec![row])
}
