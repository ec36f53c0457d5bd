//! What texts open with, as data: `tests/data/openings.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use begrip_language::{Number, OpeningKind, Text};

#[test]
fn the_head_of_the_opening_noun_group_is_found() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in include_str!("data/openings.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let [kind, head, number, article, copula, source] =
            line.splitn(6, '|').map(str::trim).collect::<Vec<_>>()[..]
        else {
            panic!("{line}");
        };
        cases += 1;
        let text = Text::new(source);
        let opening = text.opening();
        let word = |index: Option<usize>| index.map_or("-", |i| text.words()[i].raw);
        let found = [
            match opening.kind {
                OpeningKind::NounGroup => "noun",
                OpeningKind::Infinitive => "infinitive",
                OpeningKind::FiniteVerb => "finite",
                OpeningKind::Clause => "clause",
                OpeningKind::Pronoun => "pronoun",
                OpeningKind::Adjective => "adjective",
                OpeningKind::Preposition => "preposition",
                OpeningKind::Empty => "empty",
                OpeningKind::Other => "other",
            },
            word(opening.head),
            match opening.number {
                Number::Singular => "s",
                Number::Plural => "p",
                Number::Unknown => "u",
            },
            word(opening.article),
            word(opening.copula),
        ];
        // What follows a finite verb is given when it is found, and promised for nothing.
        if found != [kind, head, number, article, copula] {
            wrong.push(format!("{line}\n    found {}", found.join(" | ")));
        }
        if let Some(head) = opening.head {
            assert!(opening.end > head, "{line}");
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
