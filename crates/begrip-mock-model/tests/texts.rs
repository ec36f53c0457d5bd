//! The texts that the demonstration shows keep the rules that it demonstrates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_domain::{Context, Label};
use begrip_mock_model::replies::{Reply, faulty_reply_to, known_terms, reply_to};
use begrip_rules::{Level, Outcome, RulePack, Subject};

/// Terms that have no reply of their own, at least one for each ending.
const UNKNOWN: [&str; 34] = [
    "aanwijzing",
    "rectificatie",
    "huisverbod",
    "meldplicht",
    "jeugdstraf",
    "vrijheidsbeperkende maatregel",
    "inzagerecht",
    "opsporingsbevoegdheid",
    "machtigingsbesluit",
    "tussenvonnis",
    "noodverordening",
    "beroepstermijn",
    "bewaartermijn",
    "strafdossier",
    "politiegegeven",
    "strafketennummer",
    "getuige",
    "tolk",
    "mentor",
    "rapporteur",
    "deskundige",
    "toerekeningsvatbaarheid",
    "voogdijschap",
    "nationaliteit",
    "schouwtoezicht",
    "sporenonderzoek",
    "conservatoir beslag",
    "forensisch instituut",
    "klachtencommissie",
    "handeling",
    "persoon",
    "beslissing van de rechter",
    "xyz",
    "rechtsregel",
];

fn failures(term: &str, reply: &Reply, levels: &[Level]) -> Vec<String> {
    let pack = RulePack::built_in().unwrap();
    let synonyms: Vec<Label> = reply
        .synonyms
        .iter()
        .map(|s| Label::new(s).unwrap())
        .collect();
    let label = |text: &str| Label::new(text).unwrap();
    let context = Context {
        organisations: [label("OM")].into(),
        legal_areas: [label("strafrecht")].into(),
        statutory_bases: [label("Wetboek van Strafvordering")].into(),
    };
    let report = pack.check(&Subject {
        term,
        synonyms: &synonyms,
        text: &reply.definition,
        context: &context,
        category: None,
        has_source: Some(true),
    });
    let failing = report.findings.into_iter();
    let failing = failing.filter(|f| f.outcome == Outcome::Fail && levels.contains(&f.level));
    failing
        .map(|f| format!("{term}: {} {}: {}", f.rule, f.reason, reply.definition))
        .collect()
}

#[test]
fn every_known_reply_keeps_the_blocking_rules() {
    let levels = [Level::Blocking];
    let all = known_terms().iter();
    let found: Vec<_> = all
        .flat_map(|term| failures(term, &reply_to(term), &levels))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_made_up_reply_keeps_the_blocking_rules() {
    let all = UNKNOWN.iter();
    let found: Vec<_> = all
        .flat_map(|term| failures(term, &reply_to(term), &[Level::Blocking]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_faulty_reply_breaks_a_blocking_rule_whatever_the_term() {
    for term in known_terms().iter().map(String::as_str).chain(UNKNOWN) {
        let broken = failures(term, &faulty_reply_to(term), &[Level::Blocking]);
        assert!(!broken.is_empty(), "{term}");
    }
}

/// As the program asks for them: else the times of the demonstration say nothing of a real model.
#[test]
fn every_reply_is_whole_and_its_cases_are_short() {
    for term in known_terms().iter().map(String::as_str).chain(UNKNOWN) {
        let reply = reply_to(term);
        assert!(!reply.explanation.is_empty(), "{term}");
        assert_eq!(reply.examples.len(), 3, "{term}");
        assert_eq!(reply.counter_examples.len(), 1, "{term}");
        for case in reply.examples.iter().chain(&reply.counter_examples) {
            assert!(case.split_whitespace().count() <= 10, "{term}: {case}");
        }
    }
}
