//! The starter set keeps every blocking and serious rule.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;

use begrip_domain::{Category, Context, Label};
use begrip_rules::{Level, RulePack, Subject};

fn labels<C: FromIterator<Label>>(entry: &toml::Table, name: &str) -> C {
    let list = entry.get(name).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .map(|label| Label::new(label.as_str().unwrap()).unwrap())
        .collect()
}

#[test]
fn every_starter_concept_keeps_every_blocking_and_serious_rule() {
    let pack = RulePack::built_in().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../begrip-app/starter");
    let (mut concepts, mut faults) = (0, Vec::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for entry in table["concept"].as_array().unwrap() {
            let entry = entry.as_table().unwrap();
            let context = Context {
                organisations: labels(entry, "organisations"),
                legal_areas: labels(entry, "legal_areas"),
                statutory_bases: labels(entry, "statutory_bases"),
            };
            let synonyms: Vec<Label> = labels(entry, "synonyms");
            let (term, text) = (
                entry["term"].as_str().unwrap(),
                entry["definition"].as_str().unwrap(),
            );
            let report = pack.check(&Subject {
                term,
                synonyms: &synonyms,
                text,
                context: &context,
                category: Category::parse(entry["category"].as_str().unwrap()),
                has_source: Some(!entry["citations"].as_array().unwrap().is_empty()),
            });
            concepts += 1;
            for finding in report
                .failures()
                .filter(|finding| finding.level != Level::Advice)
            {
                faults.push(format!(
                    "{term}: {} {} | {text}",
                    finding.rule, finding.reason
                ));
            }
        }
    }
    assert!(concepts >= 150, "{concepts} concepts");
    assert!(
        faults.is_empty(),
        "{} of {concepts}:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
