//! Prints what the rules that need other concepts say of a file of concepts, each beside all others.
//!
//! `cargo run -p begrip-rules --example neighbour_findings` takes the starter set; a file of lines
//! `term<TAB>definition` can be given.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example that shows its findings and may stop at the first surprise"
)]

#[path = "../tests/starter_set/mod.rs"]
mod starter_set;

use std::collections::BTreeMap;

use begrip_domain::Context;
use begrip_rules::{Neighbour, Outcome, RulePack, Shelf, Subject};

const RULES: [&str; 9] = [
    "DUP-01", "ESS-05", "SAM-01", "SAM-02", "SAM-03", "SAM-04", "SAM-05", "SAM-06", "SAM-08",
];

fn main() {
    let concepts: Vec<starter_set::Entry> = match std::env::args().nth(1) {
        None => starter_set::starter_set(),
        Some(file) => std::fs::read_to_string(file)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(term, text)| starter_set::Entry {
                term: term.to_owned(),
                text: text.to_owned(),
                context: Context::default(),
                synonyms: Vec::new(),
                category: None,
                has_source: true,
            })
            .collect(),
    };
    let shelf: Shelf = concepts
        .iter()
        .map(|concept| Neighbour {
            term: concept.term.clone(),
            synonyms: concept.synonyms.iter().map(ToString::to_string).collect(),
            context: concept.context.clone(),
            category: concept.category,
            definition: concept.text.clone(),
            ..Neighbour::default()
        })
        .collect();
    let pack = RulePack::built_in().unwrap();
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let began = std::time::Instant::now();
    for (place, concept) in concepts.iter().enumerate() {
        let subject: Subject<'_> = concept.with(&concept.text);
        for id in RULES {
            let Some(rule) = pack.rule(id) else { continue };
            let finding = rule.check_with(&subject, &shelf.without(place));
            let outcome = match finding.outcome {
                Outcome::Pass => continue,
                Outcome::Fail => "fails",
                Outcome::NeedsPerson => "asks",
            };
            *counts.entry((id, outcome)).or_default() += 1;
            let fix = finding
                .fix
                .map_or(String::new(), |fix| format!("\n    → {}", fix.text));
            println!(
                "{id} {outcome}: {} | {}\n    {}{fix}",
                concept.term, concept.text, finding.reason
            );
        }
    }
    println!(
        "{} concepts in {:?}: {counts:?}",
        concepts.len(),
        began.elapsed()
    );
}
