//! What a text does with its own term, and the form of the term itself.

use std::ops::Range;

use begrip_language::{
    Class, Number, TermKey, Text, Word, classes, infinitive_of, is_finite_verb, is_infinitive,
    number, singular, term_key,
};

use super::{Scene, Verdict};

/// The term, cut into words and made ready to be found in any inflection.
pub(crate) struct TermForms {
    keys: Vec<TermKey>,
    words: Vec<String>,
}

impl TermForms {
    pub fn of(term: &str) -> Self {
        let text = Text::new(term);
        let words: Vec<String> = text
            .words()
            .iter()
            .map(|word| word.lower.to_string())
            .collect();
        Self {
            keys: words.iter().map(|word| term_key(word)).collect(),
            words,
        }
    }

    /// The term's last word: its head noun.
    pub fn head(&self) -> Option<&str> {
        self.words.last().map(String::as_str)
    }

    /// The term, in any inflection, as whole words from `start` on.
    pub fn at(&self, words: &[Word<'_>], start: usize) -> Option<Range<usize>> {
        let end = start + self.keys.len();
        let found = words.get(start..end)?;
        let fits = !found.is_empty()
            && found
                .iter()
                .zip(&self.words)
                .zip(&self.keys)
                .all(|((word, own), key)| {
                    word.lower == own.as_str()
                        || (nearly(&word.lower, own) && term_key(&word.lower) == *key)
                });
        fits.then_some(start..end)
    }
}

/// Whether two words can be inflections of each other; keeps the costly comparison rare.
fn nearly(a: &str, b: &str) -> bool {
    let mut same = a.chars().zip(b.chars()).take(2);
    same.all(|(a, b)| a == b) && a.len().abs_diff(b.len()) <= 6
}

/// CON-CIRC-001
pub(crate) fn in_text(scene: &Scene<'_>) -> Verdict {
    let words = scene.text.words();
    let Some(found) = (0..words.len()).find_map(|start| scene.term.at(words, start)) else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(found);
    let text = scene
        .text
        .source()
        .get(scene.text.bytes_of(span))
        .unwrap_or_default();
    Verdict::fail(
        span,
        format!(
            "De term staat zelf in de definitie (‘{text}’). Omschrijf het begrip met andere woorden."
        ),
    )
}

/// VER-01
pub(crate) fn plural(scene: &Scene<'_>) -> Verdict {
    let Some(head) = scene.term.head() else {
        return Verdict::pass();
    };
    let known = classes(head);
    if known.any(&[Class::PluralOnly, Class::SingularForm]) || number(head) != Number::Plural {
        return Verdict::pass();
    }
    match singular(head) {
        Some(one) if one != head => Verdict::fail_whole(format!(
            "De term ‘{}’ is meervoud. Gebruik het enkelvoud: ‘{one}’.",
            scene.subject.term.trim()
        )),
        _ => Verdict::pass(),
    }
}

/// VER-03
pub(crate) fn finite_verb(scene: &Scene<'_>) -> Verdict {
    let [word] = scene.term.words.as_slice() else {
        return Verdict::pass();
    };
    let known = classes(word);
    if known.any(&[Class::Noun, Class::AdjectivalNoun])
        || is_infinitive(word)
        || !is_finite_verb(word)
    {
        return Verdict::pass();
    }
    let better = infinitive_of(word)
        .map(|verb| format!(": ‘{verb}’"))
        .unwrap_or_default();
    Verdict::fail_whole(format!(
        "De term ‘{}’ is een vervoegd werkwoord. Gebruik het hele werkwoord{better}.",
        scene.subject.term.trim()
    ))
}
