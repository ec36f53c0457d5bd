//! Prints how good the rules are; `cargo xtask rules` calls it.
//!
//! | file | what is printed |
//! |---|---|
//! | `*.toml` | labelled definitions: precision and recall for each rule and in all, and the cases that differ |
//! | `*.ttl` | SKOS concepts: the share of the definitions that each rule fails |
//! | `*.md` | a statute: the same, over what it says under *wordt verstaan onder* |
//!
//! Without a file: the labelled set of the project and the cases that were written blind.
//! `--failures` prints every failure in real texts too, with its reason.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    missing_docs,
    reason = "an example that shows its findings and may stop at the first surprise"
)]

#[path = "../../tests/labelled/mod.rs"]
mod labelled;
mod statute;
mod turtle;

use std::collections::BTreeMap;
use std::path::Path;

use begrip_domain::Context;
use begrip_rules::{Outcome, RulePack, Subject};
use labelled::{Counts, Quality, Row};

/// A term with its definition, from a real text.
pub struct Entry {
    pub term: String,
    pub text: String,
}

fn main() {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let failures = options.iter().any(|option| option == "--failures");
    let pack = RulePack::built_in().unwrap();
    if files.is_empty() {
        labelled_rows("the labelled set", &pack, &labelled::data("set"));
        labelled_rows("written blind", &pack, &labelled::data("blind.toml"));
    }
    for file in &files {
        let path = Path::new(file);
        let read = || std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("toml") => labelled_rows(file, &pack, &labelled::read(path)),
            Some("ttl") => real_texts(file, &pack, &turtle::definitions(&read()), failures),
            Some("md") => real_texts(file, &pack, &statute::definitions(&read()), failures),
            _ => panic!("{file}: neither .toml, .ttl nor .md"),
        }
    }
}

fn labelled_rows(name: &str, pack: &RulePack, rows: &[Row]) {
    let quality = Quality::of(pack, rows);
    let clean = rows.iter().filter(|row| row.is_clean()).count();
    println!("{name}: {} definitions, {clean} clean", rows.len());
    println!("rule           right wrong missed asked  precision recall");
    let line = |name: &str, counts: &Counts| {
        println!(
            "{name:<14} {:>5} {:>5} {:>6} {:>5}  {:>9.3} {:>6.3}",
            counts.right,
            counts.wrong,
            counts.missed,
            counts.asked,
            counts.precision(),
            counts.recall()
        );
    };
    for (rule, counts) in &quality.rules {
        line(rule, counts);
    }
    line("in all", &quality.all);
    println!(
        "needs a person: {} of {} outcomes, {:.2} %",
        quality.asks,
        quality.outcomes,
        100.0 * quality.asking_share()
    );
    println!("{} outcomes differ:", quality.differences.len());
    for difference in &quality.differences {
        let row = &rows[difference.row];
        println!(
            "{} {}, should be {}  {} | {}\n    {}",
            difference.rule,
            word(difference.said),
            word(difference.label),
            row.term,
            row.text,
            difference.reason
        );
    }
    println!();
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "passes",
        Outcome::Fail => "fails",
        Outcome::NeedsPerson => "asks",
    }
}

fn real_texts(name: &str, pack: &RulePack, entries: &[Entry], failures: bool) {
    let context = Context::default();
    let mut by_rule: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut shown = Vec::new();
    let reports: Vec<_> = entries
        .iter()
        .map(|entry| {
            pack.check(&Subject {
                term: &entry.term,
                synonyms: &[],
                text: &entry.text,
                context: &context,
                category: None,
                has_source: None,
            })
        })
        .collect();
    for (entry, report) in entries.iter().zip(&reports) {
        for finding in &report.findings {
            let (fails, asks) = by_rule.entry(finding.rule.as_str()).or_default();
            match finding.outcome {
                Outcome::Fail => *fails += 1,
                Outcome::NeedsPerson => *asks += 1,
                Outcome::Pass => continue,
            }
            shown.push((finding, entry));
        }
    }
    println!("{name}: {} definitions", entries.len());
    println!("rule           fails    %  asks    %");
    let percent = |part: usize| 100.0 * part as f64 / entries.len().max(1) as f64;
    for (rule, (fails, asks)) in &by_rule {
        let (fail_share, ask_share) = (percent(*fails), percent(*asks));
        println!("{rule:<14} {fails:>5} {fail_share:>4.1} {asks:>5} {ask_share:>4.1}");
    }
    if failures {
        shown.sort_by_key(|(finding, _)| finding.rule.as_str());
        for (finding, entry) in shown {
            let said = word(finding.outcome);
            println!(
                "{} {said} {} | {}\n    {}",
                finding.rule, entry.term, entry.text, finding.reason
            );
        }
    }
    println!();
}
