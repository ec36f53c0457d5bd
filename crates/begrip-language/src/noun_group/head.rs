//! Whether a word is the noun that carries a group.

use super::{ATTRIBUTIVE, Reader};
use crate::classes::Class;
use crate::words::{Break, Word};

impl Reader<'_, '_> {
    /// Whether the word before, an article or a form in *-e*, must have a noun after it.
    pub(super) fn calls_for_noun(&self, start: usize, index: usize) -> bool {
        index > start
            && self.is_any(
                index - 1,
                &[Class::Article, Class::Determiner, Class::Inflected],
            )
            && self.at(index).is_some_and(|w| !w.is(Class::Adverb))
    }

    /// *degene die*, *iets dat*, *hij die*, *ieder die*, *al hetgeen*
    pub(super) fn is_pronoun_head(&self, index: usize) -> bool {
        let Some(word) = self.at(index) else {
            return false;
        };
        match &*word.lower {
            "zich" | "zichzelf" | "elkaar" | "elkander" | "er" | "daar" | "hier" => false,
            // *een van de partijen*
            "een" | "één" => self.at(index + 1).is_some_and(|w| w.lower == "van"),
            _ if !word.is(Class::Pronoun) || word.is(Class::Article) => false,
            _ if word.is(Class::Determiner) => {
                !self.carries_on(index)
                    || self.is_any(index + 1, &[Class::Relative, Class::Preposition])
            }
            "hem" | "haar" | "hen" | "hun" | "u" | "mij" => !self.attributive(index + 1),
            _ => true,
        }
    }

    /// Whether the word at `index` is the noun that carries the group.
    pub(super) fn is_head(&self, index: usize) -> bool {
        let Some(word) = self.at(index) else {
            return false;
        };
        if !word.is(Class::Noun) {
            if word.classes.any(&[Class::Inflected]) {
                // *veroordeelde die*, *gehuwden*: an adjective that nothing follows is a noun,
                // unless it is one of a list of adjectives.
                let listed = word.after == Break::Comma && self.noun_ahead_in_list(index + 1)
                    || self.is(index + 1, Class::Conjunction)
                    || self.prepositional_attribute(index + 1);
                return !listed && !self.continues_before_noun(index);
            }
            if word.classes.any(&[Class::Participle, Class::Adjective]) {
                // *geschrift waarin*: shape said participle, what follows says noun.
                return word.after == Break::Space
                    && self.is(index + 1, Class::Relative)
                    && self.at(index + 1).is_some_and(|w| {
                        w.lower.starts_with("waar") || matches!(&*w.lower, "die" | "dat")
                    });
            }
            if !word.classes.is_unknown() {
                return false;
            }
        }
        let adjectival = word.classes.any(&ATTRIBUTIVE)
            || word.classes.any(&[Class::AdjectivalNoun, Class::Adverb])
            || (word.classes.is_unknown() && self.is(index + 1, Class::Noun))
            || (word.classes.is_unknown() && word.lower.ends_with('e'));
        if !adjectival {
            return true;
        }
        if word.is(Class::Adverb)
            && self.is(index + 1, Class::Conjunction)
            && self.is_any(
                index + 2,
                &[Class::Adverb, Class::Adjective, Class::Inflected],
            )
            && (self.noun_ahead(index + 2)
                || (self.is(index + 3, Class::Preposition)
                    && self.after_prepositional(index + 3).is_some()))
        {
            // *geheel of gedeeltelijk voorwaardelijke straf*
            return false;
        }
        if word.classes.is_unknown() && word.lower.ends_with('e') && word.after == Break::Comma {
            return !self.noun_ahead_in_list(index + 1);
        }
        if word.classes.is_unknown() && !word.lower.ends_with('e') {
            // An adjective that nobody listed, before a noun: two nouns in a row are rare in Dutch.
            // *flux (stroming) van energie*: the bracket explains it.
            return !self.carries_on(index)
                || word.after == Break::OpenParen
                || self.at(index + 1).is_some_and(Word::is_capitalised)
                || self.governs_attribute(index);
        }
        !self.continues_before_noun(index)
    }

    /// Whether an attribute that leads to a later noun starts here with a preposition:
    /// *opgelegde, bij de wet bepaalde straf*.
    fn prepositional_attribute(&self, index: usize) -> bool {
        self.is(index, Class::Preposition)
            && self.at(index).is_some_and(|w| !w.is(Class::Noun))
            && index > 0
            && self.at(index - 1).is_some_and(|w| w.after == Break::Comma)
            && self.after_prepositional(index).is_some()
    }

    /// Whether the noun at `index` belongs to a participle before a later noun:
    /// *tijd* in *onbepaalde tijd durende vrijheidsstraf*.
    pub(super) fn governs_attribute(&self, index: usize) -> bool {
        let next = index + 1;
        self.at(index).is_some_and(|w| w.after == Break::Space)
            && self.at(next).is_some_and(|w| {
                let strong = w.is(Class::Participle) && w.lower.ends_with("en");
                (w.is(Class::Inflected) || strong)
                    && !w.is(Class::Noun)
                    && crate::is_participle(&w.lower)
            })
            && self.carries_on(next)
            && self.noun_ahead(next + 1)
    }

    /// *gegeven* in *gegeven bevel* is a participle, in *(het) geven van* there is none.
    pub(super) fn reads_as_participle(&self, index: usize) -> bool {
        self.is(index, Class::Participle) && self.carries_on(index) && self.noun_ahead(index + 1)
    }
}
