//! What a writer is told and what is checked are one.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use begrip_domain::Context;
use begrip_rules::{Outcome, RulePack, Subject};

/// Texts into which a forbidden word is put. Some words only bite in some place.
const CARRIERS: &[&str] = &[
    "{} van de tenuitvoerlegging van een straf",
    "{} dat een rechter bij een vonnis gebruikt",
    "{}, gebruikt door een rechter",
    "persoon die {} een boete betaalt",
    "persoon die {} betalen",
    "verblijf in een inrichting {} een veroordeelde een boete betaalt",
    "boete, {} een kleine overtreding",
    "boete, {} anders te straffen",
    "boete voor een kleine overtreding, {}",
    "boete die een rechter {} een overtreding oplegt",
    "beslissing binnen een {} na een verzoek",
    "boete {} een straf",
    "{} een rechter",
    "college dat {} raadsheren en een griffier",
    "vonnis in de {} zaak",
];

/// The words that an instruction names: between brackets, or after *Geen* and *Baken*.
fn named(instruction: &str) -> Vec<String> {
    let list = match (instruction.split_once('('), instruction.split_once(' ')) {
        (Some((_, rest)), _) => rest.split(')').next().unwrap_or_default(),
        (None, Some(("Geen" | "Baken", rest))) if rest.contains(',') => rest,
        _ => return Vec::new(),
    };
    list.trim_start_matches("geen ")
        .trim_end_matches(['.'])
        .trim_end_matches(" meteen af")
        .split([','])
        .flat_map(|part| part.split(" of "))
        .map(|word| word.trim().trim_matches(['‘', '’']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn outcome(pack: &RulePack, rule: &str, text: &str) -> Outcome {
    let context = Context::default();
    let subject = Subject {
        term: "",
        synonyms: &[],
        text,
        context: &context,
        category: None,
        has_source: None,
    };
    pack.rule(rule).unwrap().check(&subject).outcome
}

/// An instruction that names a word without its rule minding it would cost a writer for nothing, and
/// one that asks for a word which is faulted could not be obeyed.
#[test]
fn every_word_that_an_instruction_forbids_is_faulted_by_its_rule() {
    // These name kinds of things, not words.
    const KINDS: &[&str] = &["ARAI-06", "CON-01"];
    let pack = RulePack::built_in().unwrap();
    let mut silent = Vec::new();
    let mut words = 0;
    for rule in pack.rules() {
        let id = rule.id().as_str();
        if KINDS.contains(&id) {
            continue;
        }
        for word in named(rule.instruction()) {
            words += 1;
            let bites = CARRIERS.iter().any(|carrier| {
                let with = carrier.replace("{}", &word);
                let without = carrier.replace("{}", "gewone zaak");
                outcome(&pack, id, &with) == Outcome::Fail
                    && outcome(&pack, id, &without) == Outcome::Pass
            });
            if !bites {
                silent.push(format!("{id} does not mind {word:?}"));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
    assert!(words >= 40, "only {words} words are named");
}

/// A good example that another rule faults, though that rule only advises, would tell a writer two
/// things at once. Examples with a note are no exception here.
#[test]
fn no_good_example_breaks_any_other_rule() {
    let pack = RulePack::built_in().unwrap();
    let mut clashes = Vec::new();
    for rule in pack.rules() {
        for example in &rule.file().good {
            let context = example.context();
            for finding in pack
                .check_with(&example.subject(&context), &example.shelf())
                .failures()
            {
                if finding.rule != *rule.id() {
                    clashes.push(format!(
                        "{} good {:?} breaks {}: {}",
                        rule.id(),
                        example.text,
                        finding.rule,
                        finding.reason
                    ));
                }
            }
        }
    }
    assert!(
        clashes.is_empty(),
        "{} clashes:\n{}",
        clashes.len(),
        clashes.join("\n")
    );
}
