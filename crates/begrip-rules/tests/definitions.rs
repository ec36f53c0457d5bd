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

/// The set is worth something only while it is large, much of it good, and bites with every rule.
#[test]
fn the_set_holds_good_definitions_and_a_failure_of_every_rule() {
    const ASKS_ONLY: &[&str] = &["ESS-03"];
    let pack = RulePack::built_in().unwrap();
    let rows = data("set");
    let good = rows.iter().filter(|row| row.is_clean()).count();
    assert!(rows.len() >= 250 && good >= 125, "{good} of {}", rows.len());
    let missing: Vec<&str> = pack
        .rules()
        .iter()
        .map(|rule| rule.id().as_str())
        .filter(|id| {
            !rows.iter().any(|row| {
                row.fails.contains(*id) || (ASKS_ONLY.contains(id) && row.asks.contains(*id))
            })
        })
        .collect();
    assert!(missing.is_empty(), "no definition fails {missing:?}");
}
