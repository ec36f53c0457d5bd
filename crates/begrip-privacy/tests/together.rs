//! Texts that go out together have one set of placeholders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_privacy::{Choices, Party, Protected, protect, protect_all};
use proptest::prelude::*;

fn together(texts: &[&str]) -> Vec<Protected> {
    let parties = [Party::read("verdachte: Jan Jansen").unwrap()];
    protect_all(texts, &parties, &Choices::default())
}

fn after(texts: &[&str]) -> Vec<String> {
    let all = together(texts);
    all.iter().map(|each| each.as_str().to_owned()).collect()
}

#[test]
fn who_is_named_in_one_text_is_known_in_all_by_one_placeholder() {
    assert_eq!(
        after(&[
            "Getuige Xander zag dat Jan Jansen wegreed.",
            "verbod dat Xander beschermt",
            "Laat Xander weg, en ook J. Jansen met BSN 111222333.",
        ]),
        [
            "Getuige [persoon 1] zag dat [verdachte] wegreed.",
            "verbod dat [persoon 1] beschermt",
            "Laat [persoon 1] weg, en ook [verdachte] met BSN [bsn].",
        ]
    );
    let numbers = after(&["BSN 111222333", "", "BSN 123456782", "BSN 111222333"]);
    assert_eq!(numbers, ["BSN [bsn 1]", "", "BSN [bsn 2]", "BSN [bsn 1]"]);
}

#[test]
fn each_puts_back_what_was_replaced_in_any_and_shows_its_own_places() {
    let all = together(&["é Jan Jansen", "geen naam", "met Jansen erbij"]);
    for each in &all {
        assert_eq!(each.restore("over [verdachte]"), "over Jan Jansen");
    }
    assert!(all[1].replaced().is_empty());
    for (text, each) in ["é Jan Jansen", "", "met Jansen erbij"].iter().zip(&all) {
        for replacement in each.replaced() {
            let cut = |text: &str, start: u32, end: u32| -> String {
                let signs = text.chars().skip(start as usize);
                signs.take((end - start) as usize).collect()
            };
            let (at, to) = (replacement.span, replacement.span_after);
            assert_eq!(cut(text, at.start, at.end), replacement.original.reveal());
            assert_eq!(
                cut(each.as_str(), to.start, to.end),
                replacement.placeholder
            );
        }
    }
}

#[test]
fn nothing_is_found_across_the_border_of_two_texts() {
    for texts in [["nummer 1112", "22333"], ["door Jan", "Verboden"], ["", ""]] {
        let choices = Choices {
            also: vec!["1112 22333".to_owned(), "jan verboden".to_owned()],
            ..Choices::default()
        };
        let all = protect_all(&texts, &[], &choices);
        assert!(
            all.iter().flat_map(|each| each.replaced()).all(|each| each
                .original
                .reveal()
                .chars()
                .count()
                <= 5),
            "{all:?}"
        );
    }
}

proptest! {
    #[test]
    fn one_text_alone_is_protected_as_ever(text in "[a-zA-Z0-9 .,\\-\\[\\]é\u{200B}]{0,80}") {
        let parties = [Party::read("verdachte: Jan Jansen").unwrap()];
        let text = format!("{text} Jan Jansen 111222333");
        let alone = protect(&text, &parties, &Choices::default());
        prop_assert_eq!(&together(&[&text])[0], &alone);
    }
}
