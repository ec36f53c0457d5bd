//! ESS-03: what tells one instance of a countable kind from the next.

use std::collections::HashSet;

use begrip_language::{Class, Number};

use super::{Scene, Verdict};

/// Words that the check knows.
#[derive(Debug)]
pub(crate) struct Instances {
    telling: HashSet<String>,
    uncountable: HashSet<String>,
}

impl Instances {
    pub fn new(telling: &[String], uncountable: &[String]) -> Self {
        let set = |list: &[String]| list.iter().map(|word| word.to_lowercase()).collect();
        Self {
            telling: set(telling),
            uncountable: set(uncountable),
        }
    }

    /// A machine sees that a text ties an instance to nothing: no clause, no one person or thing,
    /// nothing that numbers or names it. Whether that matters, a person must say.
    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let opening = scene.text.opening();
        let words = scene.text.words();
        let Some((at, head)) = opening
            .head
            .filter(|_| opening.is_noun_group() && opening.number != Number::Plural)
            .and_then(|at| Some((at, words.get(at)?)))
        else {
            return Verdict::pass();
        };
        // So short a text is for other rules.
        if words.len() < 5
            || self.is_uncountable(&head.lower)
            || scene.term.number() == Number::Plural
        {
            return Verdict::pass();
        }
        let ties = words.iter().enumerate().any(|(place, word)| {
            // An article at the very start is that of the head itself.
            let one_thing = place > 0
                && opening.article != Some(place)
                && word
                    .classes
                    .any(&[Class::Article, Class::Relative, Class::Pronoun]);
            let after_head = place > at;
            one_thing
                || (after_head && (word.is_capitalised() || word.is(Class::Finite)))
                || self.telling.contains(&*word.lower)
        });
        if ties {
            return Verdict::pass();
        }
        Verdict::needs_person(
            scene.text.span_of(at..at + 1),
            format!(
                "Niets zegt waarin exemplaren van ‘{}’ van elkaar verschillen. Ga na of de lezer ze kan tellen.",
                head.raw
            ),
        )
    }

    /// A noun that cannot be counted, also as the last part of a compound.
    fn is_uncountable(&self, noun: &str) -> bool {
        self.uncountable.contains(noun)
            || noun.char_indices().skip(3).any(|(at, _)| {
                noun.get(at..)
                    .is_some_and(|last| self.uncountable.contains(last))
            })
    }
}
