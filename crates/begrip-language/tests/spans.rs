//! Whatever is typed, pasted or generated: the analysis holds and its spans are right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use begrip_language::{
    Span, Text, abbreviation_shape, classes, fold, inflections_of, number, plural_forms,
    search_words, singular, term_key,
};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Any characters at all, and strings in which legal text, marks, emoji and combining letters meet.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("de rechter ".to_owned()),
        Just("art. 27 ".to_owned()),
        Just("enz. ".to_owned()),
        Just("(door de ".to_owned()),
        Just("opgelegde, ".to_owned()),
        Just("e\u{301}e\u{308}n ".to_owned()),
        Just("👩‍⚖️".to_owned()),
        Just("\u{AD}\u{200B}".to_owned()),
        Just("’s-".to_owned()),
        Just("...".to_owned()),
        "\\PC{0,8}",
        ".{0,8}",
        "[a-zë.'’ -]{1,12}",
    ];
    proptest::collection::vec(pieces, 0..12).prop_map(|p| p.concat())
}

fn check(source: &str) {
    let chars: Vec<char> = source.chars().collect();
    let text = Text::new(source);
    let mut last = 0;
    for (index, word) in text.words().iter().enumerate() {
        let Span { start, end } = word.span;
        assert!(
            start >= last && start < end && end as usize <= chars.len(),
            "{source:?}"
        );
        let sliced: String = chars[start as usize..end as usize].iter().collect();
        assert_eq!(sliced, word.raw, "{source:?}");
        assert_eq!(&source[text.bytes_of(word.span)], word.raw, "{source:?}");
        assert_eq!(text.span_of(index..index + 1), word.span);
        last = end;
    }
    let covered: Vec<usize> = text
        .sentences()
        .iter()
        .flat_map(|s| s.words.clone())
        .collect();
    assert_eq!(
        covered,
        (0..text.words().len()).collect::<Vec<_>>(),
        "{source:?}"
    );
    let opening = text.opening();
    assert!(opening.end <= text.words().len());
    for index in [opening.article, opening.copula, opening.head]
        .into_iter()
        .flatten()
    {
        assert!(index < text.words().len(), "{source:?}");
    }
    let glued: String = std::iter::once(text.gap_before_first())
        .chain(
            text.words()
                .iter()
                .enumerate()
                .flat_map(|(i, w)| [w.raw, text.gap_after(i)]),
        )
        .collect();
    assert_eq!(glued, source, "words and gaps are the whole text");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn spans_slice_back_to_the_words_as_typed(source in any_text()) {
        check(&source);
    }

    #[test]
    fn any_span_gives_a_valid_slice(source in any_text(), start in 0_u32..200, end in 0_u32..200) {
        let text = Text::new(&source);
        let bytes = text.bytes_of(Span { start, end });
        prop_assert!(source.get(bytes).is_some());
        let span = text.span_of(start as usize..end as usize);
        prop_assert!(source.get(text.bytes_of(span)).is_some());
    }

    #[test]
    fn no_word_makes_the_word_functions_fail(word in "\\PC{0,24}", legal in "[a-zë'-]{0,24}") {
        for word in [word, legal] {
            let _ = (classes(&word), number(&word), singular(&word), abbreviation_shape(&word));
            let _ = (term_key(&word), inflections_of(&word), plural_forms(&word));
            prop_assert!(!search_words(&word).iter().any(String::is_empty));
        }
    }

    #[test]
    fn folding_twice_changes_nothing(source in any_text()) {
        let once = fold(&source);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn folding_does_not_see_case_or_unicode_form(source in "[a-zà-öø-ÿ' -]{0,40}") {
        prop_assert_eq!(fold(&source.to_uppercase()), fold(&source.to_uppercase().to_lowercase()));
        prop_assert_eq!(fold(&source.nfd().collect::<String>()), fold(&source));
    }
}

/// Were anything quadratic, this would run for hours instead of a second.
#[test]
fn a_megabyte_of_anything_is_analysed_in_one_pass() {
    for piece in ["door de rechter opgelegde, ", "a", "a-", "enz. De "] {
        let source = piece.repeat(1_000_000 / piece.len());
        let text = Text::new(&source);
        let sum: usize = text.sentences().iter().map(|s| s.words.len()).sum();
        assert_eq!(sum, text.words().len());
    }
    for piece in [
        "a",
        "a.",
        "(",
        "\u{301}",
        "in een ",
        "opgelegde ",
        "... ",
        "1.",
        "é-",
        "verdachte ",
        "opgelegde, door rechter ",
        "geheel of ",
        "in de verdachte, ",
    ] {
        let source = piece.repeat(100_000 / piece.len());
        let _ = (Text::new(&source), inflections_of(&source));
        let _ = (term_key(&source), fold(&source), search_words(&source));
    }
}

#[test]
fn search_words_do_not_see_number_inflection_or_diacritics() {
    for (one, other) in [
        ("voorlopige hechtenis", "Voorlopige hechtenissen"),
        ("strafbaar feit", "strafbare feiten"),
        ("e-mail", "email"),
        ("coördinatie", "coordinaties"),
        ("financiële sanctie", "financieel sancties"),
        ("officieren van justitie", "officier van justitie"),
        ("verdachten", "verdachte"),
        ("HTTP-protocol", "http protocollen"),
        ("’s-Gravenhage", "'s-gravenhage"),
    ] {
        assert_eq!(search_words(one), search_words(other), "{one} / {other}");
    }
    assert_ne!(search_words("recht"), search_words("rechter"));
    assert_eq!(
        fold("  Coördinatie\u{A0}– „e‑mail”  "),
        "coordinatie - \"e-mail\""
    );
}

#[test]
fn pasted_text_with_ligatures_and_soft_hyphens_gives_plain_words() {
    let source = "ﬁnanciële vrĳ\u{AD}heid";
    let text = Text::new(source);
    let lower: Vec<&str> = text.words().iter().map(|w| w.lower.as_ref()).collect();
    assert_eq!(lower, ["financiële", "vrijheid"]);
    assert_eq!(
        &source[text.bytes_of(text.words()[1].span)],
        "vrĳ\u{AD}heid"
    );
}
