//! INT-03: a pronoun without something that it points to.

use std::collections::HashSet;

use begrip_language::{Class, Word};

use super::{Scene, Verdict};

/// A pronoun is clear when the text names before it what it can point to.
pub(crate) fn check(scene: &Scene<'_>, pronouns: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let unclear = (0..words.len()).find(|at| {
        pronouns.contains(&*words[*at].lower)
            && !told_after(words, *at)
            && !is_article(words, *at)
            && !in_formula(words, *at)
            && (speaks(&words[*at].lower) || scene.text.antecedent(*at).is_none())
    });
    match unclear {
        None => Verdict::pass(),
        Some(at) if speaks(&words[at].lower) => Verdict::fail(
            scene.text.span_of(at..at + 1),
            format!(
                "‘{}’ laat open wie bedoeld is. Noem de persoon of de organisatie.",
                words[at].raw
            ),
        ),
        Some(at) => Verdict::fail(
            scene.text.span_of(at..at + 1),
            format!(
                "‘{}’ verwijst naar iets dat nog niet genoemd is. Noem het bij de naam.",
                words[at].raw
            ),
        ),
    }
}

/// Who writes or reads; no word of the text can be that.
fn speaks(word: &str) -> bool {
    matches!(
        word,
        "ik" | "wij" | "we" | "ons" | "u" | "uw" | "jij" | "je" | "jou" | "jouw" | "jullie"
    )
}

/// *Dit is een …*: stands for the term, and other rules fault it.
fn in_formula(words: &[Word<'_>], at: usize) -> bool {
    at == 0
        && matches!(&*words[0].lower, "dit" | "dat")
        && words
            .get(1)
            .is_some_and(|next| matches!(&*next.lower, "is" | "zijn"))
}

/// *hij die …*: what follows tells who.
fn told_after(words: &[Word<'_>], at: usize) -> bool {
    matches!(&*words[at].lower, "hij" | "zij")
        && words.get(at + 1).is_some_and(|next| next.lower == "die")
}

/// *het* is mostly an article, and *zijn* mostly a verb.
fn is_article(words: &[Word<'_>], at: usize) -> bool {
    match words.get(at).map(|word| &*word.lower) {
        Some("het") => words.get(at + 1).is_some_and(|next| {
            !next
                .classes
                .any(&[Class::Finite, Class::Modal, Class::Copula])
                || next.is(Class::Noun)
        }),
        Some("zijn") => true,
        _ => false,
    }
}
