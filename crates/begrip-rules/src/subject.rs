use begrip_domain::{Category, Context, Label};

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

/// What other concepts there are, for the rules that compare a text with its neighbours.
///
/// Implemented over the store by whoever has one; [`Alone`] knows of none.
pub trait Neighbours {
    /// Definitions of concepts with this term, in any context.
    fn definitions_of(&self, term: &str) -> Vec<String>;
}

/// No neighbours: rules that need them pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Neighbours for Alone {
    fn definitions_of(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}
