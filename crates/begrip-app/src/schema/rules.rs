use begrip_domain::{Category, Context, Label};
use begrip_rules::{Other, RuleId, RuleView};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ConceptRow, DiffPart};

/// A version of the rules.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackRef {
    /// Its name; the version in force when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub version: Option<String>,
}

/// A text to try on one rule. Nothing is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleTry {
    /// The rule's id.
    pub rule: String,
    /// Of which version; the one in force when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub version: Option<String>,
    /// The term; may be empty.
    #[serde(default)]
    pub term: String,
    /// The definition.
    pub text: String,
    /// The chosen context.
    #[serde(default)]
    pub context: Context,
    /// The chosen category.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub category: Option<Category>,
    /// Whether a source is recorded; unknown for a pasted text.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub has_source: Option<bool>,
    /// Synonyms of the term.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]", optional))]
    pub synonyms: Vec<Label>,
    /// Concepts to compare with, as those of an example; the concepts of the store when empty.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Other[]", optional))]
    pub others: Vec<Other>,
}

/// A version of the rules on this computer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackView {
    /// Its name.
    pub version: String,
    /// When it was made, `YYYY-MM-DD`.
    pub date: String,
    /// Rules in it.
    pub rules: u32,
    /// What changed against the one before, Dutch, a line each.
    pub changelog: Vec<String>,
    /// `built_in`, `imported`, or `published` when the central server has put it in force.
    pub origin: String,
    /// Who signed it: name and fingerprint of the key; `Begrip` for one that came with the program.
    pub signer: String,
    /// Whether it is in force.
    pub active: bool,
    /// True when it is damaged and cannot be put in force.
    pub damaged: bool,
    /// When it was imported.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub imported_at: Option<Timestamp>,
}

/// Two versions to compare.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackCompare {
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
}

/// What differs between two versions.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackDiff {
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
    /// Rules that only the version after has.
    pub added: Vec<RuleView>,
    /// Rules that only the version before has.
    pub removed: Vec<RuleView>,
    /// Rules that both have and that say something else.
    pub changed: Vec<RuleChange>,
}

/// A rule that says something else.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleChange {
    /// The rule.
    pub id: RuleId,
    /// Its title in the version after.
    pub title: String,
    /// What changed, field by field.
    pub fields: Vec<RuleFieldChange>,
}

/// A field of a rule that says something else.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleFieldChange {
    /// `level`, `title`, `why`, `question`, `instruction`, `categories`, `sources`, `check` (the words
    /// and numbers that the rule looks for), `good` or `bad`.
    pub field: String,
    /// Kept, removed and added pieces in reading order.
    pub parts: Vec<DiffPart>,
}

/// Which of the user's own concepts get another outcome from a version.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackImpact {
    /// The version, against the one in force.
    pub version: String,
    /// Own concepts that were checked: neither of the starter set nor withdrawn.
    pub checked: u32,
    /// How many of them get another outcome.
    pub changed: u32,
    /// Those, latest change first; at most 200.
    pub concepts: Vec<ConceptImpact>,
}

/// A concept that gets another outcome.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptImpact {
    /// The concept.
    pub row: ConceptRow,
    /// Rules that will fail and do not now.
    pub now_fails: Vec<RuleId>,
    /// Rules that fail now and will not.
    pub no_longer_fails: Vec<RuleId>,
}

/// A file with a version of the rules.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackImport {
    /// The file's text, at most 4 MB.
    pub content: String,
}

/// A version of the rules as a file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PackFile {
    /// A name for the file.
    pub name: String,
    /// Its text.
    pub content: String,
}
