//! The starter set keeps every blocking and serious rule.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod starter_set;

use begrip_rules::{Level, RulePack};

#[test]
fn every_starter_concept_keeps_every_blocking_and_serious_rule() {
    let pack = RulePack::built_in().unwrap();
    let concepts = starter_set::starter_set();
    let mut faults = Vec::new();
    for concept in &concepts {
        let report = pack.check(&concept.with(&concept.text));
        for finding in report
            .failures()
            .filter(|finding| finding.level != Level::Advice)
        {
            faults.push(format!(
                "{}: {} {} | {}",
                concept.term, finding.rule, finding.reason, concept.text
            ));
        }
    }
    assert!(concepts.len() >= 150, "{} concepts", concepts.len());
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        concepts.len(),
        faults.join("\n")
    );
}
