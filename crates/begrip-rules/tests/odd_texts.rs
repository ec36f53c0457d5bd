//! Any text at all is checked: without a panic, in the same way each time, within its bounds.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::sync::{Arc, LazyLock};

use begrip_domain::{Category, Context, Label};
use begrip_rules::{Level, Outcome, Report, RulePack, Subject};
use proptest::prelude::*;

static PACK: LazyLock<Arc<RulePack>> = LazyLock::new(|| RulePack::built_in().unwrap());

fn context() -> Context {
    Context {
        organisations: [Label::new("OM").unwrap()].into(),
        legal_areas: [Label::new("strafrecht").unwrap()].into(),
        ..Context::default()
    }
}

fn check(term: &str, text: &str, category: Option<Category>) -> Report {
    PACK.check(&Subject {
        term,
        synonyms: &[],
        text,
        context: &context(),
        category,
        has_source: None,
    })
}

/// What every report keeps, whatever the text.
fn keeps_its_form(text: &str, report: &Report) {
    let ids: Vec<&str> = report.findings.iter().map(|f| f.rule.as_str()).collect();
    let pack: Vec<&str> = PACK.rules().iter().map(|rule| rule.id().as_str()).collect();
    assert_eq!(ids, pack, "one finding for each rule, in the pack's order");
    let length = text.chars().count() as u32;
    for finding in &report.findings {
        if let Some([start, end]) = finding.span {
            assert!(
                start < end && end <= length,
                "{} {start}..{end} of {length}",
                finding.rule
            );
        }
        assert_eq!(
            finding.reason.is_empty(),
            finding.outcome == Outcome::Pass,
            "{}",
            finding.rule
        );
        assert!(finding.fix.is_none() || finding.outcome == Outcome::Fail);
    }
    assert!((0.0..=1.0).contains(&report.score));
    assert_eq!(report.pack_version, PACK.version());
}

fn blocks(report: &Report) -> Vec<&str> {
    report
        .blocking_failures()
        .map(|finding| finding.rule.as_str())
        .collect()
}

/// Words that the rules look at, so that random texts reach into them.
const PIECES: &[&str] = &[
    "een",
    "de",
    "is",
    "straf",
    "Straf",
    "persoon",
    "die",
    "waarbij",
    "geen",
    "niet",
    "om",
    "te",
    "zoals",
    "bijvoorbeeld",
    "enz.",
    "of",
    "en",
    "en/of",
    "OM",
    "(OM)",
    "(",
    ")",
    ",",
    ".",
    ":",
    ";",
    "…",
    "–",
    "artikel",
    "5:1",
    "bedoeld",
    "in",
    "recht",
    "kan",
    "proces verbaal",
    "e-mail",
    "wordt",
    "verstaan",
    "onder",
    "alle",
    "\u{301}",
    "\u{0}",
    "\u{202e}",
    "👩‍⚖️",
    "\n\n",
    "\t",
    "ﬁ",
    "ß",
    "İ",
    "bestaat uit",
    "twee",
    "één of meer",
    "hij",
    "\u{ad}",
];

proptest! {
    #[test]
    fn any_text_and_term_give_a_report_of_the_same_form(
        text in any::<String>(),
        term in any::<String>(),
        category in prop::sample::select(vec![
            None,
            Some(Category::Type),
            Some(Category::Process),
            Some(Category::Result),
            Some(Category::Particular),
        ]),
    ) {
        let report = check(&term, &text, category);
        keeps_its_form(&text, &report);
        prop_assert_eq!(&report, &check(&term, &text, category));
    }

    #[test]
    fn any_row_of_the_words_that_rules_look_at_gives_a_report_of_the_same_form(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        glue in prop::sample::select(vec![" ", "", "  ", "-"]),
        term in prop::sample::select(vec!["straf", "", "OM", "proces-verbaal", "\u{301}"]),
    ) {
        let text = pieces.join(glue);
        let report = check(term, &text, None);
        keeps_its_form(&text, &report);
        prop_assert_eq!(&report, &check(term, &text, None));
    }
}

#[test]
fn a_text_without_a_word_scores_nothing_and_says_so() {
    for text in [
        "",
        " ",
        "\n\t",
        "…",
        "\u{0}",
        "\u{200b}",
        "()",
        "👩‍⚖️",
        "\u{202e}",
    ] {
        let report = check("straf", text, Some(Category::Type));
        assert_eq!(report.score, 0.0, "{text:?}");
        assert!(blocks(&report).contains(&"VAL-EMP-001"), "{text:?}");
        keeps_its_form(text, &report);
    }
}

#[test]
fn a_word_however_often_repeated_is_not_acceptable() {
    for word in ["straf", "Persoon", "de", "opgelegde", "die", "x", "OM", "8"] {
        for times in [1, 2, 5, 300] {
            let text = vec![word; times].join(" ");
            let report = check("sanctie", &text, None);
            assert!(!blocks(&report).is_empty(), "{times} × {word}");
            assert!(report.score <= 0.5, "{times} × {word}: {}", report.score);
        }
    }
}

/// A text at odds with itself is still looked at as it was typed.
#[test]
fn spans_count_characters_of_the_text_as_typed() {
    for (before, at) in [("", 0), ("e\u{301}én 👩‍⚖️ ", 10), ("\u{202e}\u{0}  ", 4)] {
        let text = format!("{before}bijvoorbeeld een geval");
        let report = check("straf", &text, None);
        let example = report.findings.iter().find(|f| f.rule.as_str() == "INT-06");
        assert_eq!(example.unwrap().span, Some([at, at + 12]), "{text:?}");
    }
}

/// Texts that would keep a check busy for hours if its work grew faster than the text.
#[test]
fn a_long_text_of_any_kind_is_checked_to_its_end() {
    let long = [
        "persoon die in een strafzaak verklaart ",
        "hij zaak ",
        "bestaat uit ",
        "om te ",
        "(",
        "A",
        "(OM) ",
        "a. B ",
        "zoals een, ",
        "proces verbaal ",
        "niet 3 ",
        "recht; ",
        "straf straf ",
    ];
    for piece in long {
        let text = piece.repeat(40_000 / piece.len());
        keeps_its_form(&text, &check("straf", &text, None));
        // The term may be as long as the text.
        keeps_its_form("straf", &check(&text, "straf", None));
    }
    let text = "door de rechter opgelegde straf, ".repeat(1 << 15);
    assert!(text.len() > 1_000_000);
    let report = check("sanctie", &text, Some(Category::Result));
    keeps_its_form(&text, &report);
    assert!(
        report
            .failures()
            .any(|f| f.rule.as_str() == "VAL-LEN-002" && f.level == Level::Advice)
    );
}
