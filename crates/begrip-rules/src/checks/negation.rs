//! INT-08 and STR-07: saying what a thing is not.

use std::collections::HashSet;

use begrip_language::{Class, Word};

use super::{Scene, Verdict};

/// INT-08: a negation of the broader concept fails; one inside a later clause needs a person.
///
/// Negation within a word (*onherroepelijk*, *onbetaald*) is a word.
pub(crate) fn check(scene: &Scene<'_>, negations: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let Some(at) = words
        .iter()
        .position(|word| negations.contains(&*word.lower) && !is_fixed(words, word))
    else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(at..at + 1);
    let found = words.get(at).map_or("", |word| word.raw);
    let head = scene.text.opening().head.unwrap_or(0);
    // *persoon die geen Nederlander is*: the first clause after the head is negated as a whole.
    let only_clause = !words
        .get(head + 1..at)
        .unwrap_or_default()
        .iter()
        .any(|word| {
            word.classes
                .any(&[Class::Finite, Class::Participle, Class::Infinitive])
                || word.is(Class::Noun)
        });
    match at <= head || only_clause {
        true => Verdict::fail(
            span,
            format!("De definitie zegt met ‘{found}’ wat het begrip niet is. Zeg wat het wel is."),
        ),
        false => Verdict::needs_person(
            span,
            format!(
                "‘{found}’ beperkt een deel van de zin. Ga na of het begrip ook zonder ontkenning te omschrijven is."
            ),
        ),
    }
}

/// *niet-ontvankelijk*, *niet-ambtelijk*: one word, although a hyphen stands in it.
fn is_fixed(words: &[Word<'_>], word: &Word<'_>) -> bool {
    word.raw.contains('-') && words.len() > 1
}

/// STR-07: two negations close to each other.
#[derive(Debug)]
pub(crate) struct Double {
    pub words: HashSet<String>,
    pub prefixes: Vec<String>,
    pub not: HashSet<String>,
}

impl Double {
    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        for (at, word) in words.iter().enumerate() {
            if !self.words.contains(&*word.lower) {
                continue;
            }
            // *niet zonder*, *niet onmogelijk*, *geen enkele onbekende*: within reach of three words.
            let reach = words
                .get(at + 1..(at + 4).min(words.len()))
                .unwrap_or_default();
            if let Some(second) = reach.iter().position(|next| self.negates(&next.lower)) {
                return Verdict::fail(
                    scene.text.span_of(at..at + 2 + second),
                    "Hier staan twee ontkenningen bij elkaar. Schrijf het zonder ontkenning.",
                );
            }
        }
        Verdict::pass()
    }

    fn negates(&self, word: &str) -> bool {
        self.words.contains(word)
            || (!self.not.contains(word)
                && self.prefixes.iter().any(|prefix| {
                    word.strip_prefix(prefix.as_str()).is_some_and(|rest| {
                        rest.chars().count() >= 4
                            && !self
                                .not
                                .iter()
                                .any(|other| word.starts_with(other.as_str()))
                    })
                }))
    }
}
