use std::fmt;
use std::sync::{Arc, OnceLock};

use begrip_domain::{Category, ConceptFields, Context, Label};
use begrip_language::{Mention, TermKey, Text};

use crate::checks::Gist;

/// What is checked: a text, with what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The term; may be empty for a pasted text.
    pub term: &'a str,
    /// Its synonyms.
    pub synonyms: &'a [Label],
    /// The definition as typed. Spans in the report count its characters.
    pub text: &'a str,
    /// The chosen context.
    pub context: &'a Context,
    /// The chosen category.
    pub category: Option<Category>,
    /// Whether a source is recorded; `None` when that is not known, as for a pasted text.
    pub has_source: Option<bool>,
}

impl<'a> Subject<'a> {
    /// A concept that is kept, whose sources are known.
    pub fn of(fields: &'a ConceptFields) -> Self {
        Self {
            term: fields.term.as_str(),
            synonyms: &fields.synonyms,
            text: &fields.definition,
            context: &fields.context,
            category: fields.category,
            has_source: Some(!fields.citations.is_empty()),
        }
    }
}

/// A concept beside the one that is checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbour {
    /// Tells it from the other concepts of the same [`Neighbours`].
    pub number: i64,
    /// Its term.
    pub term: String,
    /// Its synonyms.
    pub synonyms: Vec<String>,
    /// Its context.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// Its definition.
    pub definition: String,
    /// What that says; nothing to be filled in.
    pub said: Said,
}

impl Neighbour {
    /// What its definition says, worked out when it is first asked for.
    pub(crate) fn gist(&self) -> &Gist {
        let gist = &self.said.gist;
        gist.get_or_init(|| Gist::of(&Text::new(&self.definition)))
    }

    /// What its definition may name, in the same way.
    pub(crate) fn mentions(&self) -> &[Mention] {
        let mentions = &self.said.mentions;
        mentions.get_or_init(|| Text::new(&self.definition).mentions())
    }
}

/// What a definition says, once it was asked for: whoever keeps a neighbour keeps it along. Its default is all that
/// there is to be made of it.
#[derive(Default)]
pub struct Said {
    gist: OnceLock<Gist>,
    mentions: OnceLock<Vec<Mention>>,
}

/// A clone may get another definition.
impl Clone for Said {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// It follows from the definition.
impl PartialEq for Said {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said")
    }
}

/// A concept found by one of its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The key by which it was found.
    pub key: TermKey,
    /// Whether that is the key of its term, and not of a synonym.
    pub preferred: bool,
    /// The concept.
    pub concept: Arc<Neighbour>,
}

/// What other concepts there are, for the rules that compare a text with its neighbours.
///
/// Says nothing of the concept that is checked itself, nor of concepts that are no longer in use.
/// Implemented over the store by whoever has one; [`crate::Shelf`] holds concepts in memory, [`Alone`]
/// none. An implementation may give more than was asked for, never less: the checks look themselves.
pub trait Neighbours {
    /// Concepts with a label that has one of these keys, once for each such label.
    fn labelled(&self, keys: &[TermKey]) -> Vec<Labelled>;

    /// Concepts whose definition says nearly the same as the text, holds all its content words, or
    /// begins somewhere in it: with the same three content words in a row.
    fn alike(&self, text: &Text<'_>) -> Vec<Arc<Neighbour>>;

    /// Concepts in whose definition this label stands, in any inflection; `None` when there are more
    /// than `most`.
    fn naming(&self, label: &str, most: usize) -> Option<Vec<Arc<Neighbour>>>;
}

/// No neighbours: rules that need them pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Neighbours for Alone {
    fn labelled(&self, _: &[TermKey]) -> Vec<Labelled> {
        Vec::new()
    }

    fn alike(&self, _: &Text<'_>) -> Vec<Arc<Neighbour>> {
        Vec::new()
    }

    fn naming(&self, _: &str, _: usize) -> Option<Vec<Arc<Neighbour>>> {
        Some(Vec::new())
    }
}
