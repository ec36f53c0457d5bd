use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Category, Citation, Context, Label, Provenance, Status, Validity};

/// How large the fields of a concept may be, in characters or entries.
///
/// Generous against every real text and small enough that a pasted megabyte is refused with a
/// message instead of slowing every later search.
pub mod limits {
    /// Characters of the definition, the explanation and the notes, each.
    pub const TEXT_CHARS: usize = 20_000;
    /// Characters of one example.
    pub const EXAMPLE_CHARS: usize = 5_000;
    /// Entries of each list: synonyms, antonyms, examples, counter-examples, citations, labels of a context.
    pub const LIST_ENTRIES: usize = 50;
}

/// The identity of a concept, for ever: a UUID (version 7 for those made here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[serde(transparent)]
pub struct ConceptId(pub Uuid);

impl fmt::Display for ConceptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl std::str::FromStr for ConceptId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a person writes of a concept: everything but its identity, status and history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptFields {
    /// The preferred label (`skos:prefLabel`).
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub term: Label,
    /// Other labels for the same concept (`skos:altLabel`), without the term itself.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub synonyms: Vec<Label>,
    /// Terms that mean the opposite in the same context.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub antonyms: Vec<Label>,
    /// Where the term has this meaning.
    #[serde(default)]
    pub context: Context,
    /// The ontological category, when chosen.
    #[serde(default)]
    pub category: Option<Category>,
    /// One text that says what the concept is (`skos:definition`). May be empty in a draft.
    #[serde(default)]
    pub definition: String,
    /// The same in plain Dutch, with what a reader needs beside the definition.
    #[serde(default)]
    pub explanation: String,
    /// Cases that fall under the concept (`skos:example`).
    #[serde(default)]
    pub examples: Vec<String>,
    /// Cases that look like it and do not fall under it.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// The sources that the definition rests on.
    #[serde(default)]
    pub citations: Vec<Citation>,
    /// On which days it holds (`dcterms:valid`); absent when on every day.
    #[serde(default, skip_serializing_if = "Validity::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Validity>", optional))]
    pub validity: Validity,
    /// The author's own notes (`skos:editorialNote`).
    #[serde(default)]
    pub notes: String,
}

/// A field of a concept that cannot be kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A text is longer than [`limits`] allows.
    #[error("{field} has {chars} characters, at most {max} fit")]
    TooLong {
        /// Name of the field.
        field: &'static str,
        /// Characters found.
        chars: usize,
        /// Characters allowed.
        max: usize,
    },
    /// A list has more entries than [`limits`] allows.
    #[error("{field} has {entries} entries, at most {max} fit")]
    TooMany {
        /// Name of the field.
        field: &'static str,
        /// Entries found.
        entries: usize,
        /// Entries allowed.
        max: usize,
    },
    /// The last day on which it holds lies before the first.
    #[error("validity ends on {until}, before it begins on {from}")]
    Reversed {
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
    },
}

impl ConceptFields {
    /// Fields with this term and nothing else.
    pub fn of_term(term: Label) -> Self {
        Self {
            term,
            synonyms: Vec::new(),
            antonyms: Vec::new(),
            context: Context::default(),
            category: None,
            definition: String::new(),
            explanation: String::new(),
            examples: Vec::new(),
            counter_examples: Vec::new(),
            citations: Vec::new(),
            validity: Validity::default(),
            notes: String::new(),
        }
    }

    /// Checks every field against [`limits`], and that the validity has a day; the first that does not
    /// fit is the error.
    pub fn check(&self) -> Result<(), FieldError> {
        if let Validity {
            from: Some(from),
            until: Some(until),
        } = self.validity
            && self.validity.is_reversed()
        {
            return Err(FieldError::Reversed { from, until });
        }
        let text = |field, text: &str, max| match text.chars().count() {
            chars if chars > max => Err(FieldError::TooLong { field, chars, max }),
            _ => Ok(()),
        };
        let list = |field, entries| match entries {
            n if n > limits::LIST_ENTRIES => Err(FieldError::TooMany {
                field,
                entries: n,
                max: limits::LIST_ENTRIES,
            }),
            _ => Ok(()),
        };
        text("definition", &self.definition, limits::TEXT_CHARS)?;
        text("explanation", &self.explanation, limits::TEXT_CHARS)?;
        text("notes", &self.notes, limits::TEXT_CHARS)?;
        list("synonyms", self.synonyms.len())?;
        list("antonyms", self.antonyms.len())?;
        list("examples", self.examples.len())?;
        list("counter_examples", self.counter_examples.len())?;
        list("citations", self.citations.len())?;
        list("organisations", self.context.organisations.len())?;
        list("legal_areas", self.context.legal_areas.len())?;
        list("statutory_bases", self.context.statutory_bases.len())?;
        self.examples
            .iter()
            .try_for_each(|e| text("examples", e, limits::EXAMPLE_CHARS))?;
        self.counter_examples
            .iter()
            .try_for_each(|e| text("counter_examples", e, limits::EXAMPLE_CHARS))
    }
}

/// A term in a context with one definition, and its place in the editorial process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Concept {
    /// The identity.
    pub id: ConceptId,
    /// What a person wrote.
    #[serde(flatten)]
    pub fields: ConceptFields,
    /// Where it stands in the editorial process.
    pub status: Status,
    /// 1 for the first text; goes up by one with each kept change.
    pub version: u32,
    /// Where the text came from.
    pub provenance: Provenance,
    /// When the first text was kept.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub created_at: Timestamp,
    /// When the latest change was kept.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub modified_at: Timestamp,
}

/// One kept change of a concept: the whole concept as it stood after the change.
///
/// Revisions are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Revision {
    /// The concept after the change; its `version` numbers the revision.
    pub concept: Concept,
    /// Who made the change.
    pub author: String,
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Why, in the author's words; may be empty for an ordinary edit of a draft.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_text_that_is_too_long_is_named_with_its_length() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        fields.explanation = "é".repeat(limits::TEXT_CHARS + 1);
        assert_eq!(
            fields.check(),
            Err(FieldError::TooLong {
                field: "explanation",
                chars: limits::TEXT_CHARS + 1,
                max: limits::TEXT_CHARS
            })
        );
    }

    #[test]
    fn a_last_day_before_the_first_is_refused_and_one_day_is_not() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        let (new_year, day_before) = (date(2026, 1, 1), date(2025, 12, 31));
        fields.validity.from = Some(new_year);
        fields.validity.until = Some(new_year);
        assert_eq!(fields.check(), Ok(()));
        fields.validity.until = Some(day_before);
        assert_eq!(
            fields.check(),
            Err(FieldError::Reversed {
                from: new_year,
                until: day_before
            })
        );
    }

    #[test]
    fn a_concept_that_always_holds_says_nothing_of_it() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        let written = |fields: &ConceptFields| serde_json::to_value(fields).unwrap();
        assert_eq!(written(&fields).get("validity"), None);
        fields.validity.from = Some(date(2026, 1, 1));
        assert_eq!(written(&fields)["validity"]["from"], "2026-01-01");
    }

    #[test]
    fn only_the_term_is_required_when_fields_are_read() {
        let fields: ConceptFields = serde_json::from_str(r#"{"term":" vonnis "}"#).unwrap();
        assert_eq!(
            fields,
            ConceptFields::of_term(Label::new("vonnis").unwrap())
        );
        assert!(serde_json::from_str::<ConceptFields>(r#"{"term":" "}"#).is_err());
    }
}
