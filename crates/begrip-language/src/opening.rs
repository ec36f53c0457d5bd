//! The noun group that a definition opens with.

use crate::classes::Class;
use crate::noun_group::Reader;
use crate::nouns::Number;
use crate::words::{Break, Word};

/// What a text opens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OpeningKind {
    /// A noun with what belongs to it: *schriftelijke beslissing van …*
    NounGroup,
    /// An infinitive used as a noun: *(het) aanhouden van een verdachte*
    Infinitive,
    /// A finite verb: *is een …*, *omvat …*. The head of what follows is still given.
    FiniteVerb,
    /// A clause: *wanneer …*, *dat …*, *om te …*
    Clause,
    /// A pronoun as head: *degene die …*, *iets dat …*
    Pronoun,
    /// An adjective or participle without a noun: *bevoegd*, *opgelegd door de rechter*
    Adjective,
    /// A preposition with what depends on it, and no noun that carries it: *door de rechter*
    Preposition,
    /// No word at all.
    #[default]
    Empty,
    /// Anything else.
    Other,
}

/// The opening of a text. Indices are those of [`crate::Text::words`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// What it is.
    pub kind: OpeningKind,
    /// The article of the group (*de, het, een*), when it has one.
    pub article: Option<usize>,
    /// A copula at the very start: *is een …*
    pub copula: Option<usize>,
    /// The head noun (or nominal infinitive, or pronoun).
    pub head: Option<usize>,
    /// The number of the head.
    pub number: Number,
    /// The first word after the group; for a noun group the word after its head.
    pub end: usize,
}

impl Opening {
    /// Whether the text opens with a noun or with an infinitive used as one.
    pub fn is_noun_group(&self) -> bool {
        matches!(self.kind, OpeningKind::NounGroup | OpeningKind::Infinitive)
    }
}

/// The longest opening that is looked at, in words: keeps the search short for any text.
const REACH: usize = 60;

/// Finds what `words` open with.
pub(crate) fn find(words: &[Word<'_>]) -> Opening {
    let words = &words[..words.len().min(REACH)];
    let label = usize::from(starts_with_label(words));
    // *als zodanig aangewezen inrichting*: not the *als* that opens a clause.
    let as_such = matches!(words.get(label..), Some([one, two, ..])
        if one.lower == "als" && two.lower == "zodanig");
    let from = label + if as_such { 2 } else { 0 };
    let Some(first) = words.get(from) else {
        return Opening::default();
    };
    let reader = Reader::new(words);
    // *Het betreft een …*, *Dit is een …*: a sentence that has the term as its subject.
    let has_subject =
        first.classes.any(&[Class::Article, Class::Pronoun]) && reader.is_predicate(from + 1);
    let subject = from + usize::from(has_subject);
    // *Hiermee staat iemand in voor …*: a sentence that points back with its first word.
    let verb = [Class::Finite, Class::Copula, Class::Modal];
    if points_back(first) && reader.is_any(from + 1, &verb) {
        return Opening {
            kind: OpeningKind::Other,
            end: from + 1,
            ..Opening::default()
        };
    }
    if reader.is_predicate(subject) {
        let copula = words[subject].is(Class::Copula).then_some(subject);
        let article = (has_subject && first.is(Class::Article)).then_some(from);
        let group = reader.group(subject + 1);
        return Opening {
            kind: OpeningKind::FiniteVerb,
            article: article.or(group.article),
            copula,
            end: group.end.max(subject + 1),
            ..group
        };
    }
    if reader.opens_clause(from) {
        return Opening {
            kind: OpeningKind::Clause,
            end: from + 1,
            ..Opening::default()
        };
    }
    reader.group(from)
}

/// *hiermee*, *daarbij*, *ertoe*
fn points_back(word: &Word<'_>) -> bool {
    word.is(Class::Adverb)
        && ["hier", "daar", "er"].iter().any(|begin| {
            word.lower
                .strip_prefix(begin)
                .is_some_and(|rest| rest.len() >= 2)
        })
}

/// Whether the text, copied from a list, begins with the label of an entry: *a.*, *1.*, *2°.*, *b)*.
fn starts_with_label(words: &[Word<'_>]) -> bool {
    words.len() > 1
        && words.first().is_some_and(|word| {
            let label = word.raw.chars().all(|c| c.is_ascii_digit())
                || word.raw.chars().count() == 1
                || (word.raw.len() == 2 && word.raw.ends_with('.'));
            let mark =
                matches!(word.after, Break::Other | Break::CloseParen) || word.raw.ends_with('.');
            label && mark
        })
}

impl Reader<'_, '_> {
    /// Whether the word is the finite verb of a predicate here, at the start of a text.
    fn is_predicate(&self, index: usize) -> bool {
        let Some(word) = self.at(index) else {
            return false;
        };
        if word.lower == "zijn" && self.possessive(index) {
            return false;
        }
        if !word
            .classes
            .any(&[Class::Finite, Class::Copula, Class::Modal])
        {
            return false;
        }
        let other = [
            Class::Noun,
            Class::Determiner,
            Class::Preposition,
            Class::Conjunction,
            Class::Adverb,
        ];
        if word.classes.any(&other) && !word.is(Class::Copula) {
            return false;
        }
        // *Beperkt recht*, *wezen van de zaak*: also a participle or an infinitive. A verb shows by
        // the article or pronoun of its object.
        let ambiguous = word.classes.any(&[
            Class::Participle,
            Class::Inflected,
            Class::Infinitive,
            Class::Adjective,
        ]) && !word.is(Class::Copula);
        !ambiguous
            || (word.after == Break::Space
                && self.is_any(
                    index + 1,
                    &[Class::Article, Class::Determiner, Class::Pronoun],
                )
                && !self.is(index + 1, Class::Preposition)
                && !word.is(Class::Infinitive))
    }

    /// *zijn* before one thing is a possessive (*zijn woning*), before several a verb.
    fn possessive(&self, index: usize) -> bool {
        let group = self.group(index + 1);
        group.article.is_none() && group.is_noun_group() && group.number != Number::Plural
    }

    fn opens_clause(&self, from: usize) -> bool {
        let Some(first) = self.at(from) else {
            return false;
        };
        match &*first.lower {
            "om" | "die" | "wie" | "wat" => !self.is(from + 1, Class::Conjunction),
            "te" => !self.is_gerundive(from),
            "dat" => true,
            "voor" => self.at(from + 1).is_some_and(|w| w.lower == "zover"),
            _ => {
                first.classes.any(&[Class::Subordinator, Class::Relative])
                    && !first.classes.any(&[
                        Class::Noun,
                        Class::Determiner,
                        Class::Preposition,
                        Class::Pronoun,
                        Class::Adjective,
                    ])
            }
        }
    }
}
