//! Reads a noun group, word for word, up to its head.
//!
//! Dutch puts whole phrases before a noun (*de door de rechter aan de verdachte opgelegde straf*),
//! so the first noun need not be the head: what stands before a participle that leads to a later
//! noun belongs to that participle.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | reading a group from its first word, and what may stand before a noun |
//! | `head` | whether a word is the noun that carries the group |
//! | `attribute` | phrases before the noun: *door de rechter*, *als zodanig*, a list |

mod attribute;
mod head;

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
