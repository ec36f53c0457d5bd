//! The form of a rule file. Unknown fields are refused, so that a typing error does not pass as
//! "no such parameter".

use begrip_domain::{Category, Context, Label};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checks::CheckSpec;
use crate::pack::{PackError, PackFacts};
use crate::report::{Level, RuleId};
use crate::shelf::Shelf;
use crate::subject::{Neighbour, Subject};

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

/// Reads a rule file; `name` says which one in an error.
pub fn parse_rule(name: &str, text: &str) -> Result<RuleFile, PackError> {
    parse(name, text)
}

/// Reads `pack.toml`.
pub fn parse_facts(text: &str) -> Result<PackFacts, PackError> {
    parse("pack.toml", text)
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, PackError> {
    toml::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|error| PackError::File {
        file: name.to_owned(),
        fault: error.to_string().trim_end().to_owned(),
    })
}

/// The text of a rule file, for a person to change: what is empty is left out.
pub fn rule_text(rule: &RuleFile) -> Result<String, PackError> {
    text(rule.id.as_str(), rule)
}

/// The text of `pack.toml`.
pub fn facts_text(facts: &PackFacts) -> Result<String, PackError> {
    text("pack.toml", facts)
}

fn text(name: &str, value: &impl Serialize) -> Result<String, PackError> {
    let failed = |error: toml::ser::Error| PackError::File {
        file: name.to_owned(),
        fault: error.to_string(),
    };
    let mut value = toml::Value::try_from(value).map_err(failed)?;
    leave_out_what_is_empty(&mut value);
    toml::to_string_pretty(&value).map_err(failed)
}

/// Members that may be left out of a rule or of an example.
const OPTIONAL: &[&str] = &[
    "instruction",
    "categories",
    "sources",
    "term",
    "organisations",
    "legal_areas",
    "statutory_bases",
    "synonyms",
    "note",
    "others",
];

fn leave_out_what_is_empty(value: &mut toml::Value) {
    match value {
        toml::Value::Table(members) => {
            members.retain(|name, member| {
                let empty = match member {
                    toml::Value::String(text) => text.is_empty(),
                    toml::Value::Array(items) => items.is_empty(),
                    _ => false,
                };
                !(empty && OPTIONAL.contains(&name))
            });
            // The parameters of a check stand as they are.
            let members = members.iter_mut().filter(|(name, _)| *name != "check");
            members.for_each(|(_, member)| leave_out_what_is_empty(member));
        }
        toml::Value::Array(items) => items.iter_mut().for_each(leave_out_what_is_empty),
        _ => {}
    }
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
    /// Synonyms, where the rule looks at them.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub synonyms: Vec<Label>,
    /// Why it is good or bad, Dutch.
    #[serde(default)]
    pub note: String,
    /// The other concepts that there are, where the rule compares with them.
    #[serde(default)]
    pub others: Vec<Other>,
}

/// A concept beside an example; in the example's context unless it names one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Its term.
    pub term: String,
    /// Its definition.
    pub definition: String,
    /// Its synonyms.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Its category.
    #[serde(default)]
    pub category: Option<Category>,
    /// Its context.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub organisations: Vec<Label>,
    /// Its context.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub legal_areas: Vec<Label>,
    /// Its context.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub statutory_bases: Vec<Label>,
}

fn context_of(
    organisations: &[Label],
    legal_areas: &[Label],
    statutory_bases: &[Label],
) -> Context {
    Context {
        organisations: organisations.iter().cloned().collect(),
        legal_areas: legal_areas.iter().cloned().collect(),
        statutory_bases: statutory_bases.iter().cloned().collect(),
    }
}

impl Example {
    /// The context of the example.
    pub fn context(&self) -> Context {
        context_of(
            &self.organisations,
            &self.legal_areas,
            &self.statutory_bases,
        )
    }

    /// The concepts beside the example.
    pub fn shelf(&self) -> Shelf {
        Shelf::of(&self.others, &self.context())
    }

    /// The example as a subject; `context` is [`Example::context`].
    pub fn subject<'a>(&'a self, context: &'a Context) -> Subject<'a> {
        Subject {
            term: &self.term,
            synonyms: &self.synonyms,
            text: &self.text,
            context,
            category: self.category,
            has_source: self.has_source,
        }
    }
}

impl Shelf {
    /// Concepts as an example names them; one that names no context stands in this one.
    pub fn of(others: &[Other], context: &Context) -> Self {
        let others = others.iter().map(|other| {
            let own = context_of(
                &other.organisations,
                &other.legal_areas,
                &other.statutory_bases,
            );
            Neighbour {
                term: other.term.clone(),
                synonyms: other.synonyms.clone(),
                context: match own.is_empty() {
                    true => context.clone(),
                    false => own,
                },
                category: other.category,
                definition: other.definition.clone(),
                ..Neighbour::default()
            }
        });
        others.collect()
    }
}
