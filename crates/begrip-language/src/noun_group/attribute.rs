//! Phrases that stand before a noun and belong to what says something of it.

use super::Reader;
use crate::classes::Class;
use crate::words::Break;

impl Reader<'_, '_> {
    pub(super) fn noun_ahead_in_list(&self, index: usize) -> bool {
        self.noun_ahead(index)
            && (self.attributive(index) || self.is_any(index, &[Class::Adverb, Class::Preposition]))
            || self.is(index, Class::Preposition) && self.after_prepositional(index).is_some()
    }

    /// The first attribute after a prepositional group that stands before its noun
    /// (*door de rechter* **opgelegde** *straf*), or the infinitive that it belongs to
    /// (*in hechtenis* **nemen**); `None` when no noun follows that could carry it.
    pub(super) fn after_prepositional(&self, preposition: usize) -> Option<usize> {
        if let Some(word) = self.at(preposition + 1)
            && matches!(&*word.lower, "minste" | "hoogste" | "dele")
        {
            return Some(preposition + 2);
        }
        let mut object = false;
        let mut index = preposition + 1;
        while index < self.words.len() {
            let word = self.at(index)?;
            let before = self.at(index - 1)?.after;
            if before >= Break::Semicolon
                || before == Break::Dash
                || (before == Break::Comma && !object && !self.adds_attribute(index))
            {
                return None;
            }
            if object && word.lower == "als" {
                let (resume, attribute) = self.after_as(index)?;
                if attribute {
                    return Some(resume);
                }
                index = resume;
                continue;
            }
            // *voorafgaand* is an adverb too, but not right before a noun.
            let attribute = self.attributive(index)
                && (!word.is(Class::Adverb) || (object && self.noun_like(index + 1)));
            if object && attribute && self.carries_on(index) && self.noun_ahead(index + 1) {
                return Some(index);
            }
            // *tot vrijheidsstraf veroordeelde die*: the attribute is the noun.
            let nominal = word.is(Class::Inflected)
                && before == Break::Space
                && word.after != Break::Comma
                && !self.is(index + 1, Class::Conjunction)
                && !self.continues_before_noun(index);
            if object && (nominal || self.is_gerundive(index)) {
                return Some(index);
            }
            if object
                && word.is(Class::Infinitive)
                && !word.is(Class::Noun)
                && before != Break::Comma
                && self.at(index - 1).is_none_or(|w| w.lower != "te")
            {
                return Some(index);
            }
            // *buiten de rechter om* opgelegde straf: a preposition in two parts.
            let second_part = object
                && word.lower == "om"
                && (preposition..index)
                    .rev()
                    .find(|at| self.is(*at, Class::Preposition))
                    .is_some_and(|at| self.at(at).is_some_and(|w| w.lower == "buiten"));
            // *naast een hoofdstraf* op te leggen *straf*
            if object && word.is(Class::Preposition) && self.is_gerundive(index + 1) {
                return Some(index + 1);
            }
            if word.is(Class::Preposition) && !word.is(Class::Noun) && !second_part {
                object = false;
            } else if (self.noun_like(index) && !self.unknown_attribute(index))
                || word.classes.any(&[Class::AdjectivalNoun, Class::Numeral])
                || self.is_object_pronoun(index)
                || self.is_nominal_adjective(index)
            {
                object = true;
            } else if self.leaves_group(index) && !attribute {
                return None;
            }
            index += 1;
        }
        None
    }

    /// Whether the word after a comma says more of the noun that the word before the comma belongs
    /// to: *een ogenblikkelijke,* wederrechtelijke *aanranding*.
    fn adds_attribute(&self, index: usize) -> bool {
        index > 0
            && self.attributive(index - 1)
            && (self.attributive(index) || self.is_any(index, &[Class::Adverb, Class::Preposition]))
    }

    /// An adjective that nobody listed, before one more: *een plotselinge, onrechtmatige inbreuk*.
    fn unknown_attribute(&self, index: usize) -> bool {
        self.at(index).is_some_and(|w| {
            w.classes.is_unknown() && w.lower.ends_with('e') && w.after == Break::Comma
        }) && self.attributive(index + 1)
            && self.noun_ahead(index + 1)
    }

    /// The word after *als* with what it names, and whether that is the attribute it belongs to:
    /// *als zodanig* **aangeduid** *feit*, *als beschermd monument* **aangewezen** *gebouw*. `None`
    /// when *als* opens a clause.
    pub(super) fn after_as(&self, index: usize) -> Option<(usize, bool)> {
        let mut noun = index + 1;
        if self.at(noun)?.lower != "zodanig" {
            while !self.noun_like(noun) && self.attributive(noun) && self.carries_on(noun) {
                noun += 1;
            }
            if !self.noun_like(noun) {
                return None;
            }
        }
        let next = noun + 1;
        let attribute = self.carries_on(noun)
            && self.attributive(next)
            && self.carries_on(next)
            && self.noun_ahead(next + 1);
        (attribute || self.at(noun)?.lower == "zodanig").then_some((next, attribute))
    }

    /// Whether a clause begins or a verb stands here, so that no noun group can go on.
    fn leaves_group(&self, index: usize) -> bool {
        const MAY_STAY: [Class; 3] = [Class::Determiner, Class::Adverb, Class::Conjunction];
        self.at(index).is_some_and(|w| {
            crate::is_finite_verb(&w.lower)
                || (w.classes.any(&[Class::Subordinator, Class::Relative])
                    && !w.classes.any(&MAY_STAY))
        })
    }

    /// *in het* ongelijk *gestelde partij*: a thing named by an adjective.
    fn is_nominal_adjective(&self, index: usize) -> bool {
        self.is(index, Class::Adjective)
            && index > 0
            && self.at(index - 1).is_some_and(|w| w.lower == "het")
            && self.is(index + 1, Class::Inflected)
    }

    fn is_object_pronoun(&self, index: usize) -> bool {
        self.at(index).is_some_and(|w| {
            matches!(
                &*w.lower,
                "hem" | "haar" | "hen" | "hun" | "zich" | "elkaar" | "iemand" | "ander" | "anderen"
            )
        })
    }
}
