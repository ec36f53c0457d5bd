//! INT-03: a pronoun without something that it points to.

use std::collections::HashSet;

use begrip_language::{Class, Word};

use super::{Scene, Verdict};

/// A pronoun is clear when a noun that it can point to stands before it in the same text.
pub(crate) fn check(scene: &Scene<'_>, pronouns: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let mut noun_before = false;
    for (at, word) in words.iter().enumerate() {
        // *hij die …*: what follows tells who.
        let told_after = matches!(&*word.lower, "hij" | "zij")
            && words.get(at + 1).is_some_and(|next| next.lower == "die");
        let points_back = pronouns.contains(&*word.lower)
            && !told_after
            && !stands_before_noun(words, at)
            && !is_article(words, at);
        if points_back && !noun_before {
            return Verdict::fail(
                scene.text.span_of(at..at + 1),
                format!(
                    "‘{}’ verwijst naar iets dat nog niet genoemd is. Noem het bij de naam.",
                    word.raw
                ),
            );
        }
        noun_before |=
            word.classes.any(&[Class::Noun, Class::AdjectivalNoun]) || word.classes.is_unknown();
    }
    Verdict::pass()
}

/// *deze straf*, *dit besluit*: the noun itself follows. At the start of a text it still points to
/// something that was said before.
fn stands_before_noun(words: &[Word<'_>], at: usize) -> bool {
    let follows_noun = words.get(at + 1).is_some_and(|next| {
        next.classes
            .any(&[Class::Noun, Class::Inflected, Class::Adjective])
            || next.classes.is_unknown()
    });
    let possessive = matches!(
        words.get(at).map(|w| &*w.lower),
        Some("zijn" | "haar" | "hun")
    );
    follows_noun && (possessive || at > 0)
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
