//! Whole definitions are judged as a legislative lawyer judges them: every rule, no more, no less.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    dead_code,
    reason = "a test may stop at the first surprise"
)]

mod labelled;

use begrip_rules::RulePack;
use labelled::{Quality, data};

#[test]
fn every_definition_of_the_set_is_judged_as_a_lawyer_judges_it() {
    let pack = RulePack::built_in().unwrap();
    let rows = data("set");
    let quality = Quality::of(&pack, &rows);
    let wrong: Vec<String> = quality
        .differences
        .iter()
        .map(|difference| {
            let row = &rows[difference.row];
            format!(
                "{} {:?}, should be {:?}: {} | {}",
                difference.rule, difference.said, difference.label, row.term, row.text
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What was written blind is not tuned to, so that a wrong label may stand; the bar holds for it too.
#[test]
fn the_cases_that_were_written_blind_meet_the_bar() {
    let pack = RulePack::built_in().unwrap();
    let rows = data("blind.toml");
    let quality = Quality::of(&pack, &rows);
    let (precision, recall) = (quality.all.precision(), quality.all.recall());
    assert!(rows.len() >= 100, "{}", rows.len());
    assert!(
        precision >= 0.95 && recall >= 0.95,
        "precision {precision:.3}, recall {recall:.3}"
    );
}

/// A rule that hands its work to people is no rule; and asking where a lawyer faults counts for nothing.
#[test]
fn few_outcomes_need_a_person() {
    let pack = RulePack::built_in().unwrap();
    for name in ["set", "blind.toml"] {
        let quality = Quality::of(&pack, &data(name));
        assert!(quality.asking_share() < 0.1, "{name}: {}", quality.asks);
        assert_eq!(quality.all.asked, 0, "{name}");
    }
}

/// The set is worth something only while it is large, much of it good, and bites with every rule.
#[test]
fn the_set_holds_good_definitions_and_a_failure_of_every_rule() {
    const ASKS_ONLY: &[&str] = &["ESS-03"];
    let pack = RulePack::built_in().unwrap();
    let rows = data("set");
    let good = rows.iter().filter(|row| row.is_clean()).count();
    assert!(rows.len() >= 400 && good >= 150, "{good} of {}", rows.len());
    let missing: Vec<&str> = pack
        .rules()
        .iter()
        // Rules that compare with other concepts are tried in `neighbours.rs`.
        .filter(|rule| rule.file().bad.iter().all(|bad| bad.others.is_empty()))
        .map(|rule| rule.id().as_str())
        .filter(|id| {
            !rows.iter().any(|row| {
                row.fails.contains(*id) || (ASKS_ONLY.contains(id) && row.asks.contains(*id))
            })
        })
        .collect();
    assert!(missing.is_empty(), "no definition fails {missing:?}");
}
