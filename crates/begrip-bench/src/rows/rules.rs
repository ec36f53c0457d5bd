//! How long all rules take on one definition, and how often the rules are read.

use anyhow::{Result, ensure};
use begrip_rules::{RulePack, Subject};
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, call, open, timed};
use crate::machine;
use crate::old_way::Checker;
use crate::row::{Row, Unit};
use crate::statistics::{Spread, Stat};

/// Measures over the starter set.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    Ok(vec![time(bench)?, reads(bench).await?])
}

fn time(bench: &Bench) -> Result<Row> {
    let concepts = begrip_app::starter::concepts(Timestamp::UNIX_EPOCH)?;
    let pack = RulePack::built_in()?;
    let mut checker = Checker::new(&bench.root);
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

/// How often the program reads its rules in one run: once when it opens. That it does not read
/// them again is shown by the processor time of what follows: a pass takes longer than that.
async fn reads(bench: &Bench) -> Result<Row> {
    const CHECKS: usize = 52;
    let mut checker = Checker::new(&bench.root);
    let cpu = || -> Result<f64> {
        let before = machine::cpu_us();
        std::hint::black_box(RulePack::built_in()?);
        Ok(machine::cpu_us() - before)
    };
    let passes = (0..10).map(|_| cpu()).collect::<Result<Vec<f64>>>()?;
    let pass = Spread::of(&passes).map_or(0.0, |spread| spread.min);
    let app = open(&bench.home("rules"), None)?;
    let mut suspicious = 0;
    let mut longest: f64 = 0.0;
    for number in 0..CHECKS {
        let text = format!("beslissing van een rechtbank in zaak {number} over een verdachte");
        let args = json!({ "term": "vonnis", "text": text });
        let before = machine::cpu_us();
        let report = call(&app, "check", args).await;
        let took = machine::cpu_us() - before;
        ensure!(report?["findings"].is_array(), "a check without findings");
        longest = longest.max(took);
        suspicious += u32::from(took >= pass);
        checker.read()?;
    }
    // The old way also reads them when it starts.
    checker.read()?;
    let row = Row::new(
        "rule_reads",
        "rules read in one run: a start and 52 checks",
        (Unit::Passes, Stat::Max),
        "the rules are part of the program and are parsed when it opens; counted: that once, and each command `check` \
         whose processor time would have had room for a pass",
    );
    Ok(row
        .ours(vec![f64::from(1 + suspicious)])
        .against(
            "reads all rule files for each check and once at the start; counted",
            vec![f64::from(checker.passes)],
        )
        .must("once per pack version", |s| s.max <= 1.0)
        .quoted("45–53 times")
        .note(format!(
            "A pass takes at least {} of processor time, the longest check took {}",
            Unit::Micros.show(pass),
            Unit::Micros.show(longest)
        )))
}
