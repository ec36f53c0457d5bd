//! Which terms share a key, as data: `tests/data/same_key.txt` and `different_key.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use begrip_domain::Label;
use begrip_language::{TermKey, term_key};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn lines(data: &str) -> impl Iterator<Item = Vec<&str>> {
    data.lines()
        .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        .map(|l| l.split(" | ").collect())
}

#[test]
fn inflections_and_spellings_of_one_term_share_a_key() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for terms in lines(include_str!("data/same_key.txt")) {
        let key = term_key(terms[0]);
        for other in &terms[1..] {
            pairs += 1;
            if term_key(other) != key {
                wrong.push(format!(
                    "{} → {key}, {other} → {}",
                    terms[0],
                    term_key(other)
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {pairs}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(pairs >= 150, "{pairs}");
}

#[test]
fn different_terms_have_different_keys() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for terms in lines(include_str!("data/different_key.txt")) {
        for (index, one) in terms.iter().enumerate() {
            for other in &terms[index + 1..] {
                pairs += 1;
                if term_key(one) == term_key(other) {
                    wrong.push(format!("{one} and {other} → {}", term_key(one)));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {pairs}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(pairs >= 70, "{pairs}");
}

#[test]
fn a_key_is_its_own_key() {
    let same = lines(include_str!("data/same_key.txt"));
    let different = lines(include_str!("data/different_key.txt"));
    let unstable: Vec<String> = same
        .chain(different)
        .flatten()
        .map(term_key)
        .filter(|key| term_key(key.as_str()) != *key)
        .map(|key| format!("{key} → {}", term_key(key.as_str())))
        .collect();
    assert!(unstable.is_empty(), "{}", unstable.join("\n"));
}

#[test]
fn a_key_survives_the_store() {
    let key = term_key("Voorlopige hechtenissen");
    assert_eq!(TermKey::from_stored(key.as_str().to_owned()), key);
    assert_eq!(key.to_string(), "voorlopig hechtenis");
}

proptest! {
    #[test]
    fn a_term_and_its_label_have_the_same_key(term in "\\PC{0,60}") {
        if let Ok(label) = Label::new(&term) {
            prop_assert_eq!(term_key(label.as_str()), term_key(&term));
            prop_assert!(!term_key(&term).as_str().is_empty());
        }
    }

    #[test]
    fn white_space_at_ends_and_between_words_makes_no_difference(
        words in proptest::collection::vec("[a-zà-ÿ]{1,12}", 1..4),
        gap in "[ \t\u{A0}\n]{1,3}",
    ) {
        let plain = words.join(" ");
        let spaced = format!("{gap}{}{gap}", words.join(&gap));
        prop_assert_eq!(term_key(&spaced), term_key(&plain));
    }

    #[test]
    fn case_and_unicode_form_make_no_difference(term in "[a-zé-ïö ]{1,40}") {
        let key = term_key(&term);
        prop_assert_eq!(&term_key(&term.to_uppercase()), &key);
        prop_assert_eq!(&term_key(&term.nfd().collect::<String>()), &key);
        prop_assert_eq!(&term_key(&term.nfc().collect::<String>()), &key);
    }
}
