//! INT-03: a pronoun without something that it points to.

use std::collections::HashSet;

use begrip_language::{Break, Class, Number, Word, number};

use super::{Scene, Verdict};

/// A pronoun is clear when a noun that it can point to stands before it in the same text.
pub(crate) fn check(scene: &Scene<'_>, pronouns: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let mut noun_before = false;
    let mut several_before = false;
    for (at, word) in words.iter().enumerate() {
        // *hij die …*: what follows tells who.
        let told_after = matches!(&*word.lower, "hij" | "zij")
            && words.get(at + 1).is_some_and(|next| next.lower == "die");
        let before_noun = stands_before_noun(words, at);
        let candidate = noun_before
            && match &*word.lower {
                "deze" | "dit" if before_noun => may_point_back(words, at),
                "hun" | "hen" => several_before,
                _ => true,
            };
        let points_back = pronouns.contains(&*word.lower)
            && !told_after
            && !is_article(words, at)
            && (!before_noun || matches!(&*word.lower, "deze" | "dit" | "hun"));
        if points_back && !candidate {
            return Verdict::fail(
                scene.text.span_of(at..at + 1),
                format!(
                    "‘{}’ verwijst naar iets dat nog niet genoemd is. Noem het bij de naam.",
                    word.raw
                ),
            );
        }
        let noun =
            word.classes.any(&[Class::Noun, Class::AdjectivalNoun]) || word.classes.is_unknown();
        several_before |= names_several(word);
        noun_before |= noun;
    }
    Verdict::pass()
}

/// What *hun* can point to: a plural, two things joined, or people taken together.
fn names_several(word: &Word<'_>) -> bool {
    const TOGETHER: [&str; 15] = [
        "groep",
        "gezin",
        "paar",
        "echtpaar",
        "familie",
        "bevolking",
        "volk",
        "team",
        "bestuur",
        "college",
        "commissie",
        "personeel",
        "publiek",
        "partij",
        "gemeenschap",
    ];
    word.classes.any(&[Class::PluralNoun, Class::PluralOnly])
        || matches!(&*word.lower, "en" | "of" | "alsmede")
        || TOGETHER.iter().any(|noun| word.lower.ends_with(noun))
        || number(&word.lower) == Number::Plural
}

/// *wegstrepen van dit bedrag*: what the determiner's own group depends on is no antecedent, so
/// another noun must stand before that.
fn may_point_back(words: &[Word<'_>], at: usize) -> bool {
    let depends = at >= 2
        && words[at - 1].is(Class::Preposition)
        && words[at - 1].after == Break::Space
        && words[at - 2].after == Break::Space
        && (words[at - 2].classes.is_unknown()
            || words[at - 2]
                .classes
                .any(&[Class::Noun, Class::Infinitive, Class::AdjectivalNoun]));
    let end = if depends { at - 2 } else { at };
    words[..end].iter().any(|word| {
        word.classes.any(&[Class::Noun, Class::AdjectivalNoun]) || word.classes.is_unknown()
    })
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
