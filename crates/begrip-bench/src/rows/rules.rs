//! How long all rules take on one definition, and how often the rules are read.

use anyhow::{Result, ensure};
use begrip_measure::statistics::Stat;
use begrip_rules::{RulePack, Subject};
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, call, open, timed};
use crate::old_way::{Checker, OLD_VERSION};
use crate::row::{Row, Unit};

/// Measures over the starter set.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    Ok(vec![time(bench)?, reads(bench).await?])
}

fn time(bench: &Bench) -> Result<Row> {
    let concepts = begrip_app::starter::concepts(Timestamp::UNIX_EPOCH)?;
    let pack = RulePack::built_in()?;
    let checker = Checker::new(&bench.root);
    let subjects: Vec<Subject<'_>> = concepts
        .iter()
        .map(|concept| Subject {
            term: concept.fields.term.as_str(),
            synonyms: &concept.fields.synonyms,
            text: &concept.fields.definition,
            context: &concept.fields.context,
            category: concept.fields.category,
            has_source: Some(true),
        })
        .collect();
    for subject in &subjects {
        std::hint::black_box(pack.check(subject));
    }
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    for subject in subjects.iter().take(bench.pick(subjects.len(), 30)) {
        let (us, report) = timed(|| checker.check(subject));
        old.push(us);
        ensure!(!report?.findings.is_empty(), "the old way checks nothing");
        for _ in 0..bench.pick(4, 1) {
            let (us, report) = timed(|| pack.check(subject));
            ours.push(us);
            ensure!(
                report.findings.len() == pack.rules().len(),
                "every rule has a say"
            );
        }
    }
    let does = "checks with the pack that was compiled once";
    let row = Row::new(
        "rule_time",
        "all rules on one definition",
        (Unit::Micros, Stat::Median),
        does,
    );
    Ok(row
        .ours(ours)
        .against(
            "reads, parses and compiles all rule files (page cache warm), then checks with the same engine",
            old,
        )
        .must("median ≤ 0.1 ms", |s| s.p50 <= 100.0)
        .quoted("1.23 ms, its own 53 rules")
        .note(format!(
            "{} rules; the definitions of the starter set ({})",
            pack.rules().len(),
            subjects.len()
        )))
}

/// How often the rules are read in one run, as the pack itself counts it: each compilation of a version.
async fn reads(bench: &Bench) -> Result<Row> {
    const CHECKS: usize = 52;
    let version = RulePack::built_in_facts()?.version;
    let read = || [&version, OLD_VERSION].map(RulePack::times_read);
    let before = read();
    let checker = Checker::new(&bench.root);
    // The old way also reads them when it starts.
    checker.read()?;
    let app = open(&bench.home("rules"), None)?;
    for number in 0..CHECKS {
        let text = format!("beslissing van een rechtbank in zaak {number} over een verdachte");
        let args = json!({ "term": "vonnis", "text": text });
        let report = call(&app, "check", args).await?;
        ensure!(report["findings"].is_array(), "a check without findings");
        checker.read()?;
    }
    let after = read();
    let passes = |which: usize| vec![f64::from(after[which] - before[which])];
    let row = Row::new(
        "rule_reads",
        "rules read in one run: a start and 52 checks",
        (Unit::Passes, Stat::Max),
        "opens the program and calls `check`; counted by the packs: how often this version was compiled meanwhile",
    );
    Ok(row
        .ours(passes(0))
        .against(
            "reads all rule files for each check and once at the start; counted in the same way",
            passes(1),
        )
        .must("once per pack version", |s| s.max <= 1.0)
        .quoted("45–53 times"))
}
