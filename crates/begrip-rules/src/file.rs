//! The form of a rule file. Unknown fields are refused, so that a typing error does not pass as
//! "no such parameter".

use begrip_domain::{Category, Context, Label};
use serde::{Deserialize, Serialize};

use crate::checks::CheckSpec;
use crate::report::{Level, RuleId};
use crate::subject::Subject;

/// A rule as it stands in its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The id that the justice chain knows.
    pub id: RuleId,
    /// How heavily a failure weighs.
    pub level: Level,
    /// A few words, Dutch.
    pub title: String,
    /// Why the rule is there, Dutch.
    pub why: String,
    /// What a person asks of a text, Dutch.
    pub question: String,
    /// The line for the prompt, Dutch; empty for a rule that says nothing to a writer.
    #[serde(default)]
    pub instruction: String,
    /// Categories that the rule is about; empty for all.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Where the rule comes from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The check.
    pub check: CheckSpec,
    /// Texts that keep the rule.
    pub good: Vec<Example>,
    /// Texts that break it.
    pub bad: Vec<Example>,
}

/// A text with what is needed to check it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The definition.
    pub text: String,
    /// The term that it belongs to; empty when it does not matter.
    #[serde(default)]
    pub term: String,
    /// Context, where the rule looks at it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub organisations: Vec<Label>,
    /// Context, where the rule looks at it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub legal_areas: Vec<Label>,
    /// Context, where the rule looks at it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub statutory_bases: Vec<Label>,
    /// Category, where the rule looks at it.
    #[serde(default)]
    pub category: Option<Category>,
    /// Whether a source is recorded.
    #[serde(default)]
    pub has_source: Option<bool>,
    /// Why it is good or bad, Dutch.
    #[serde(default)]
    pub note: String,
}

impl Example {
    /// The context of the example.
    pub fn context(&self) -> Context {
        Context {
            organisations: self.organisations.iter().cloned().collect(),
            legal_areas: self.legal_areas.iter().cloned().collect(),
            statutory_bases: self.statutory_bases.iter().cloned().collect(),
        }
    }

    /// The example as a subject; `context` is [`Example::context`].
    pub fn subject<'a>(&'a self, context: &'a Context) -> Subject<'a> {
        Subject {
            term: &self.term,
            synonyms: &[],
            text: &self.text,
            context,
            category: self.category,
            has_source: self.has_source,
        }
    }
}
