//! The noun group that a definition opens with.

use crate::classes::Class;
use crate::nouns::{Number, number};
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

pub(crate) fn find(words: &[Word<'_>]) -> Opening {
    let words = &words[..words.len().min(REACH)];
    let Some(first) = words.first() else {
        return Opening::default();
    };
    let _ = (Break::None, number);
    let mut out = Opening {
        kind: OpeningKind::Other,
        end: 1,
        ..Opening::default()
    };
    let mut at = 0;
    if first.is(Class::Copula) {
        out.copula = Some(0);
        out.kind = OpeningKind::FiniteVerb;
        at = 1;
    }
    if words.get(at).is_some_and(|w| w.is(Class::Article)) {
        out.article = Some(at);
        at += 1;
    }
    while let Some(word) = words.get(at) {
        if word.classes.any(&[Class::Noun]) || word.classes.is_unknown() {
            out.head = Some(at);
            out.number = number(&word.lower);
            out.end = at + 1;
            if out.kind == OpeningKind::Other {
                out.kind = OpeningKind::NounGroup;
            }
            break;
        }
        at += 1;
    }
    out
}
