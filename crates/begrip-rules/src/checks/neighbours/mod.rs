//! The checks that compare a text with other concepts, one file for each idea.
//!
//! What is asked of the neighbours is asked once for all of them, and only when a check needs it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use begrip_domain::Context;
use begrip_language::{ContentWord, OpeningKind, TermKey, Text, term_key};

use super::Scene;
use crate::subject::{Labelled, Neighbour};

pub(crate) mod circle;
pub(crate) mod compound;
pub(crate) mod distinct;
pub(crate) mod duplicate;
pub(crate) mod genus;
pub(crate) mod qualified;
pub(crate) mod repeats;
pub(crate) mod synonyms;

/// What was asked of the neighbours of one text.
#[derive(Default)]
pub(crate) struct Around {
    labelled: OnceCell<Vec<Labelled>>,
    alike: OnceCell<Vec<Arc<Neighbour>>>,
    gist: OnceCell<Gist>,
}

/// What a definition says: the words that tell something, and the noun that it opens with.
pub(crate) struct Gist {
    /// Its content words, and of the other words those that can make a difference (*na*, *zelf*).
    pub words: Vec<ContentWord>,
    pub stems: BTreeSet<String>,
    /// The key of the opening noun; none for a text that opens otherwise.
    pub opening: Option<TermKey>,
}

impl Gist {
    pub fn of(text: &Text<'_>) -> Self {
        let words = telling_words(text);
        Self {
            stems: words.iter().map(|word| word.stem.clone()).collect(),
            opening: opening_noun(text).map(term_key),
            words,
        }
    }

    /// Twice the words in common over those of both, 0 to 1.
    pub fn similarity(&self, other: &Self) -> f64 {
        let both = self.stems.intersection(&other.stems).count();
        match self.stems.len() + other.stems.len() {
            0 => 0.0,
            all => 2.0 * both as f64 / all as f64,
        }
    }

    /// Whether both have the same words in the same order.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let stems = |gist: &Self| {
            gist.words
                .iter()
                .map(|word| word.stem.clone())
                .collect::<Vec<_>>()
        };
        self.words.len() == other.words.len() && stems(self) == stems(other)
    }
}

fn telling_words(text: &Text<'_>) -> Vec<ContentWord> {
    // Two definitions that differ in these alone say the same.
    const NEUTRAL: [&str; 44] = [
        "een", "de", "het", "van", "der", "des", "die", "dat", "wie", "welke", "welk", "waarvan",
        "waarin", "waarop", "waaraan", "waardoor", "waarbij", "waarmee", "is", "zijn", "was",
        "wordt", "worden", "werd", "heeft", "hebben", "door", "te", "ter", "ten", "om", "in", "op",
        "bij", "aan", "en", "of", "daarvan", "deze", "dit", "zich", "haar", "hun", "er",
    ];
    let mut content = text.content_words().into_iter().peekable();
    let mut telling = Vec::new();
    for (at, word) in text.words().iter().enumerate() {
        if let Some(found) = content.next_if(|found| found.word == at) {
            telling.push(found);
        } else if !NEUTRAL.contains(&&*word.lower) {
            telling.push(ContentWord {
                stem: word.lower.to_string(),
                word: at,
            });
        }
    }
    telling
}

/// The noun that a text opens with, in small letters.
pub(crate) fn opening_noun<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    let opening = text.opening();
    let noun = matches!(
        opening.kind,
        OpeningKind::NounGroup | OpeningKind::Infinitive
    );
    let head = text.words().get(opening.head.filter(|_| noun)?)?;
    Some(&head.lower)
}

/// Whether terms in these contexts speak of the same things: not when they share an organisation
/// alone, which has its words in each of its fields.
pub(crate) fn together(a: &Context, b: &Context) -> bool {
    matches!(a.nearness(b), 1 | 3..)
}

impl Scene<'_> {
    /// The keys of the term and of the synonyms; empty ones left out.
    pub fn own_keys(&self) -> Vec<TermKey> {
        let synonyms = self.subject.synonyms.iter().map(|label| label.as_str());
        std::iter::once(self.subject.term)
            .chain(synonyms)
            .map(term_key)
            .filter(|key| !key.as_str().is_empty())
            .collect()
    }

    /// Concepts that carry the term or one of the synonyms as a label.
    pub fn labelled(&self) -> &[Labelled] {
        self.around.labelled.get_or_init(|| {
            let keys = self.own_keys();
            match keys.is_empty() {
                true => Vec::new(),
                false => self.neighbours.labelled(&keys),
            }
        })
    }

    /// Concepts whose definition has something of the text.
    pub fn alike(&self) -> &[Arc<Neighbour>] {
        let alike = &self.around.alike;
        alike.get_or_init(|| self.neighbours.alike(self.text))
    }

    /// What the text says.
    pub fn gist(&self) -> &Gist {
        self.around.gist.get_or_init(|| Gist::of(self.text))
    }

    /// Whether a concept is named as the one that is checked, or by one of its synonyms.
    pub fn shares_a_label(&self, concept: &Neighbour) -> bool {
        self.labelled()
            .iter()
            .any(|found| found.concept.number == concept.number)
    }
}

/// A share as a whole percentage, rounded down: only what is equal is 100.
pub(crate) fn percent(share: f64) -> u32 {
    (share * 100.0) as u32
}
