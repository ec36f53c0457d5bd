//! Whole definitions are judged as a legislative lawyer judges them: every rule, no more, no less.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeSet;

use begrip_domain::{Category, Context, Label};
use begrip_rules::{Outcome, Report, RulePack, Subject};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    definition: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    term: String,
    category: String,
    text: String,
    #[serde(default)]
    organisations: Vec<Label>,
    #[serde(default = "yes")]
    has_source: bool,
    #[serde(default)]
    fails: BTreeSet<String>,
    #[serde(default)]
    asks: BTreeSet<String>,
}

fn yes() -> bool {
    true
}

fn table() -> Vec<Row> {
    let table: Table = toml::from_str(include_str!("data/definitions.toml")).unwrap();
    table.definition
}

fn ids(report: &Report, outcome: Outcome) -> BTreeSet<String> {
    report
        .findings
        .iter()
        .filter(|finding| finding.outcome == outcome)
        .map(|finding| finding.rule.0.clone())
        .collect()
}

#[test]
fn every_definition_is_judged_as_a_lawyer_judges_it() {
    let pack = RulePack::built_in().unwrap();
    let mut wrong = Vec::new();
    for row in table() {
        let context = Context {
            organisations: row.organisations.into_iter().collect(),
            ..Context::default()
        };
        let report = pack.check(&Subject {
            term: &row.term,
            synonyms: &[],
            text: &row.text,
            context: &context,
            category: Some(Category::parse(&row.category).unwrap()),
            has_source: Some(row.has_source),
        });
        for (what, said, meant) in [
            ("fails", ids(&report, Outcome::Fail), &row.fails),
            ("asks", ids(&report, Outcome::NeedsPerson), &row.asks),
        ] {
            if said != *meant {
                wrong.push(format!(
                    "{} | {}\n    {what} {said:?}, should be {meant:?}",
                    row.term, row.text
                ));
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

/// The table is worth something only while it is large, much of it good, and bites with every rule.
#[test]
fn the_table_holds_good_definitions_and_a_failure_of_every_rule() {
    const ASKS_ONLY: &[&str] = &["ESS-03"];
    let pack = RulePack::built_in().unwrap();
    let rows = table();
    let good = rows
        .iter()
        .filter(|row| row.fails.is_empty() && row.asks.is_empty())
        .count();
    assert!(rows.len() >= 200 && good * 5 >= rows.len() * 2, "{good}");
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
