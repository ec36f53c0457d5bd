//! Which full stop ends a sentence, as data: `tests/data/sentences.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use begrip_language::{Break, Text};

#[test]
fn only_a_full_stop_that_ends_a_sentence_does() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let data = include_str!("data/sentences.txt");
    for line in data
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
    {
        cases += 1;
        let expected: Vec<&str> = line.split('¶').map(str::trim).collect();
        let source = expected.join(" ");
        let text = Text::new(&source);
        let found: Vec<usize> = text.sentences().iter().map(|s| s.words.start).collect();
        let mut place = 0;
        let wanted: Vec<usize> = expected
            .iter()
            .map(|s| {
                let start = place;
                place += Text::new(s).words().len();
                start
            })
            .collect();
        if found != wanted {
            let shown: Vec<&str> = text
                .sentences()
                .iter()
                .map(|s| &source[text.bytes_of(s.span)])
                .collect();
            wrong.push(format!("{line}\n    {}", shown.join(" ¶ ")));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 60, "{cases}");
}

#[test]
fn a_blank_line_parts_sentences() {
    let text = Text::new("Besluit van de rechter\n\nHet staat op schrift");
    assert_eq!(text.sentences().len(), 2);
    assert_eq!(
        Text::new("Besluit van de rechter\ndat op schrift staat")
            .sentences()
            .len(),
        1
    );
}

#[test]
fn what_stands_between_words_is_told() {
    let text = Text::new("straf- en maatregel, (die) hij/zij: oplegt; – kort \"en\" goed. Klaar");
    let breaks: Vec<Break> = text.words().iter().map(|w| w.after).collect();
    assert_eq!(
        breaks,
        [
            Break::Hyphen,
            Break::Space,
            Break::OpenParen,
            Break::CloseParen,
            Break::Slash,
            Break::Colon,
            Break::Semicolon,
            Break::Quote,
            Break::Quote,
            Break::SentenceEnd,
            Break::None,
        ]
    );
    assert_eq!(text.words()[3].depth, 1);
    assert_eq!(text.words()[4].depth, 0);
}
