//! Every rule can fail and can pass: its own examples say so.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use begrip_rules::{Outcome, RulePack};

/// Every rule × its good and bad examples, from the rule files themselves.
#[test]
fn every_rule_passes_its_good_and_fails_its_bad_examples() {
    let pack = RulePack::built_in().unwrap();
    let mut wrong = Vec::new();
    for rule in pack.rules() {
        let file = rule.file();
        for (kind, examples) in [("good", &file.good), ("bad", &file.bad)] {
            for example in examples {
                let context = example.context();
                let finding = rule.check_with(&example.subject(&context), &example.shelf());
                let right = match kind {
                    "good" => finding.outcome == Outcome::Pass,
                    _ => finding.outcome != Outcome::Pass,
                };
                if !right {
                    wrong.push(format!(
                        "{} {kind} {:?}: {}",
                        rule.id(),
                        example.text,
                        finding.reason
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A rule whose bad examples never fail outright (only ask for a person) could never bite.
#[test]
fn every_rule_that_may_fail_does_fail_on_one_of_its_bad_examples() {
    const ASKS_A_PERSON_ONLY: &[&str] = &["ESS-03", "SAM-01"];
    let pack = RulePack::built_in().unwrap();
    for rule in pack.rules() {
        let fails = rule.file().bad.iter().any(|example| {
            let context = example.context();
            rule.check_with(&example.subject(&context), &example.shelf())
                .outcome
                == Outcome::Fail
        });
        assert!(
            fails || ASKS_A_PERSON_ONLY.contains(&rule.id().as_str()),
            "{} never fails",
            rule.id()
        );
    }
}
