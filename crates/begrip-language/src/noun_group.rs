//! Reads a noun group, word for word, up to its head.
//!
//! Dutch puts whole phrases before a noun (*de door de rechter aan de verdachte opgelegde straf*),
//! so the first noun need not be the head: what stands before a participle that leads to a later
//! noun belongs to that participle.

use crate::classes::Class;
use crate::nouns::{Number, number};
use crate::opening::{Opening, OpeningKind};
use crate::words::{Break, Word};

/// Forms that stand before a noun and say something of it.
const ATTRIBUTIVE: [Class; 4] = [
    Class::Inflected,
    Class::Adjective,
    Class::Participle,
    Class::PresentParticiple,
];

/// Reads noun groups in the words of a text.
pub(crate) struct Reader<'w, 'a> {
    words: &'w [Word<'a>],
}

impl<'w, 'a> Reader<'w, 'a> {
    pub(crate) fn new(words: &'w [Word<'a>]) -> Self {
        Self { words }
    }

    pub(crate) fn at(&self, index: usize) -> Option<&'w Word<'a>> {
        self.words.get(index)
    }

    pub(crate) fn is(&self, index: usize, class: Class) -> bool {
        self.at(index).is_some_and(|w| w.is(class))
    }

    pub(crate) fn is_any(&self, index: usize, classes: &[Class]) -> bool {
        self.at(index).is_some_and(|w| w.classes.any(classes))
    }

    /// *te betalen bedrag*
    pub(crate) fn is_gerundive(&self, index: usize) -> bool {
        self.at(index).is_some_and(|w| w.lower == "te")
            && self.is(index + 1, Class::Infinitive)
            && self.carries_on(index + 1)
            && self.noun_ahead(index + 2)
    }

    /// Whether nothing but white space, a bracket or a quotation mark stands after the word, and
    /// another word follows.
    fn carries_on(&self, index: usize) -> bool {
        index + 1 < self.words.len()
            && self.at(index).is_some_and(|w| {
                matches!(
                    w.after,
                    Break::Space
                        | Break::Hyphen
                        | Break::Slash
                        | Break::Quote
                        | Break::OpenParen
                        | Break::CloseParen
                        | Break::Other
                )
            })
    }

    /// Whether the word can be a noun: known as one, or unknown to lexicon and shape.
    fn noun_like(&self, index: usize) -> bool {
        self.at(index)
            .is_some_and(|w| w.is(Class::Noun) || w.classes.is_unknown())
    }

    /// Whether the word stands before a noun by its form, known or not (*ambtshalve*).
    fn attributive(&self, index: usize) -> bool {
        self.at(index).is_some_and(|w| {
            w.classes.any(&ATTRIBUTIVE) || (w.classes.is_unknown() && w.lower.ends_with('e'))
        })
    }

    /// Whether, from here on, a noun comes before anything that would close the group.
    fn noun_ahead(&self, from: usize) -> bool {
        let mut index = from;
        while index < from + 12 {
            let Some(word) = self.at(index) else {
                return false;
            };
            if self.noun_like(index) || word.is(Class::Infinitive) {
                return true;
            }
            if self.attributive(index) || word.classes.any(&[Class::Adverb, Class::Numeral]) {
                let conjunction = self.is(index + 1, Class::Conjunction)
                    && self.at(index + 1).is_some_and(|w| w.after == Break::Space);
                if word.after == Break::Comma || self.carries_on(index) {
                    index += 1 + usize::from(conjunction);
                    continue;
                }
            }
            return false;
        }
        false
    }

    /// Whether the word, though it could be a noun, rather belongs to one that follows at once:
    /// *verdachte* in *verdachte persoon*, *geheel* in *geheel voorwaardelijke straf*.
    fn continues_before_noun(&self, index: usize) -> bool {
        self.carries_on(index)
            && !self.is_any(
                index + 1,
                &[
                    Class::Preposition,
                    Class::Relative,
                    Class::Conjunction,
                    Class::Article,
                ],
            )
            && self.noun_ahead(index + 1)
    }

    /// Reads a noun group that starts at `start`.
    pub(crate) fn group(&self, start: usize) -> Opening {
        let mut out = Opening {
            kind: OpeningKind::Other,
            end: start,
            ..Opening::default()
        };
        let mut several = false;
        let mut one = false;
        // Only a noun can carry a participle or a form in *-e*.
        let mut inflected = false;
        let mut index = start;
        while let Some(word) = self.at(index) {
            out.end = index + 1;
            if self.is_pronoun_head(index) {
                out.kind = OpeningKind::Pronoun;
                out.head = Some(index);
                return out;
            }
            if word.is(Class::Article) && out.article.is_none() && index <= start + 1 {
                out.article = Some(index);
                one |= matches!(&*word.lower, "het" | "een" | "'t" | "'n");
                index += 1;
                continue;
            }
            if word.is(Class::Article) {
                index += 1;
                continue;
            }
            if word.classes.any(&[Class::Determiner, Class::Numeral]) && !word.is(Class::Noun) {
                // *twee derde deel* is one part.
                let fraction = self.is(index + 1, Class::Numeral)
                    && self.at(index + 1).is_some_and(|w| w.lower.ends_with("de"));
                several |= says_several(&word.lower) && !fraction;
                one |= matches!(
                    &*word.lower,
                    "één" | "elk" | "elke" | "ieder" | "iedere" | "1"
                );
                index += 1;
                continue;
            }
            if self.is_gerundive(index) {
                index += 2;
                continue;
            }
            if index > start
                && word.lower == "als"
                && let Some((resume, _)) = self.after_as(index)
            {
                index = resume;
                continue;
            }
            if word.classes.any(&[Class::Subordinator, Class::Relative])
                && !word
                    .classes
                    .any(&[Class::Adverb, Class::Conjunction, Class::Noun])
                || word.lower == "hoe"
            {
                return out;
            }
            if word.is(Class::Preposition) && !word.is(Class::Noun) {
                match self.after_prepositional(index) {
                    Some(resume) => {
                        index = resume;
                        continue;
                    }
                    None if out.kind == OpeningKind::Adjective => return out,
                    None => {
                        out.kind = OpeningKind::Preposition;
                        return out;
                    }
                }
            }
            if self.is_head(index) {
                if word.after == Break::Hyphen && self.is(index + 1, Class::Conjunction) {
                    // *vrijheids- en geldstraffen*: the head is whole in the last part.
                    index += 2;
                    continue;
                }
                if self.governs_attribute(index) {
                    index += 1;
                    continue;
                }
                out.head = Some(index);
                out.kind = OpeningKind::NounGroup;
                out.number = match (one, several) {
                    (true, false) => Number::Singular,
                    (false, true) => Number::Plural,
                    _ => number(&word.lower),
                };
                return out;
            }
            if word.is(Class::Infinitive) && !self.reads_as_participle(index) {
                out.head = Some(index);
                out.kind = OpeningKind::Infinitive;
                out.number = Number::Singular;
                if !one && number(&word.lower) == Number::Plural {
                    // *besluiten*, *straffen*: a plural noun too; what stands around it tells.
                    let shown = out.article.is_some()
                        || several
                        || self.is(index + 1, Class::Relative)
                        || inflected;
                    out.number = if shown {
                        Number::Plural
                    } else {
                        Number::Unknown
                    };
                    if shown {
                        out.kind = OpeningKind::NounGroup;
                    }
                }
                return out;
            }
            let modifier = self.attributive(index)
                || word.classes.is_unknown()
                || word
                    .classes
                    .any(&[Class::Adverb, Class::Conjunction, Class::Pronoun]);
            let goes_on = self.carries_on(index)
                || (word.after == Break::Comma && self.noun_ahead_in_list(index + 1));
            if !modifier || !goes_on {
                if self.attributive(index) {
                    out.kind = OpeningKind::Adjective;
                }
                if self.attributive(index) && self.calls_for_noun(start, index) {
                    // *een geschenk aan*: the shape misled.
                    out.kind = OpeningKind::NounGroup;
                    out.head = Some(index);
                    out.number = if one {
                        Number::Singular
                    } else {
                        number(&word.lower)
                    };
                }
                return out;
            }
            inflected |= word.classes.any(&[Class::Inflected, Class::Participle]);
            if self.attributive(index) {
                // What the text opens with, should no noun follow.
                out.kind = OpeningKind::Adjective;
            }
            index += 1;
        }
        out
    }

    /// Whether the word before, an article or a form in *-e*, must have a noun after it.
    fn calls_for_noun(&self, start: usize, index: usize) -> bool {
        index > start
            && self.is_any(
                index - 1,
                &[Class::Article, Class::Determiner, Class::Inflected],
            )
            && self.at(index).is_some_and(|w| !w.is(Class::Adverb))
    }

    fn noun_ahead_in_list(&self, index: usize) -> bool {
        self.noun_ahead(index)
            && (self.attributive(index) || self.is_any(index, &[Class::Adverb, Class::Preposition]))
            || self.is(index, Class::Preposition) && self.after_prepositional(index).is_some()
    }

    /// *degene die*, *iets dat*, *hij die*, *ieder die*, *al hetgeen*
    fn is_pronoun_head(&self, index: usize) -> bool {
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
    fn is_head(&self, index: usize) -> bool {
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
    fn governs_attribute(&self, index: usize) -> bool {
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
    fn reads_as_participle(&self, index: usize) -> bool {
        self.is(index, Class::Participle) && self.carries_on(index) && self.noun_ahead(index + 1)
    }

    /// The first attribute after a prepositional group that stands before its noun
    /// (*door de rechter* **opgelegde** *straf*), or the infinitive that it belongs to
    /// (*in hechtenis* **nemen**); `None` when no noun follows that could carry it.
    fn after_prepositional(&self, preposition: usize) -> Option<usize> {
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
    fn after_as(&self, index: usize) -> Option<(usize, bool)> {
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

fn says_several(word: &str) -> bool {
    matches!(
        word,
        "twee"
            | "drie"
            | "vier"
            | "vijf"
            | "zes"
            | "meer"
            | "meerdere"
            | "beide"
            | "alle"
            | "enkele"
            | "enige"
            | "verschillende"
            | "diverse"
            | "verscheidene"
            | "sommige"
            | "vele"
    )
}
