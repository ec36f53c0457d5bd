//! A term or label that identifies somebody is told from one that is law.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use std::path::Path;

use begrip_privacy::{Choices, nameless, nameless_label, protect_label};

#[test]
fn a_term_or_label_names_somebody_only_where_it_can_be_nothing_else() {
    for (text, names) in [
        ("zaak van mevrouw Xanthopoulos", true),
        ("verklaring van getuige Xanthopoulos", true),
        ("dossier J.P. Jansen", true),
        ("het geval Fatima de Vries", true),
        ("toezicht op mw. De Wit", true),
        ("bezwaar wonende aan de Dorpsstraat 12", true),
        ("persoon geboren op 12-03-1980", true),
        ("pand op 3512 JK Utrecht", true),
        ("Salduz-verweer", false),
        ("Wet Mulder", false),
        ("Haviltex-norm", false),
        ("Officier van Justitie", false),
        ("Rechter Commissaris", false),
        ("Raad voor de Kinderbescherming", false),
        ("Wetboek van Strafrecht BES", false),
        ("Verdachte Rechtspersoon", false),
        ("Slachtoffer", false),
        ("Wet Bibob", false),
        ("mr. De Kempenaer", true),
    ] {
        let found = protect_label(text, &[], &Choices::default());
        assert_eq!(
            !found.replaced().is_empty(),
            names,
            "{text}: {}",
            found.as_str()
        );
    }
}

/// What stands between quotes behind one of these names in the files of a folder.
fn told(folder: &str, names: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut texts = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            if names.contains(&name.trim()) {
                texts.extend(value.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    texts
}

#[test]
fn every_term_and_label_that_comes_with_the_program_may_be_asked() {
    let names = [
        "term",
        "synonyms",
        "antonyms",
        "organisations",
        "legal_areas",
        "statutory_bases",
        "source",
    ];
    let mut texts = told("begrip-app/starter", &names);
    texts.extend(told("begrip-mock-model/replies", &names));
    assert!(texts.len() > 500, "the texts have gone: {}", texts.len());
    texts.retain(|text| nameless_label(text, &[], &Choices::default()).is_none());
    assert_eq!(texts, Vec::<String>::new());
}

#[test]
fn every_definition_that_comes_with_the_program_may_go_along() {
    let mut texts = told("begrip-app/starter", &["definition"]);
    assert!(texts.len() > 100, "the texts have gone: {}", texts.len());
    texts.retain(|text| nameless(text, &[], &Choices::default()).is_none());
    assert_eq!(texts, Vec::<String>::new());
}
