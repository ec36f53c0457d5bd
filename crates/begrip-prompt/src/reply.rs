use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clean::OneLine;
use crate::lenient;

/// A model's answer, read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Reply {
    /// The definition on one line; never empty, at most [`Reply::MAX_DEFINITION`] characters.
    pub definition: String,
    /// What it means in plain Dutch; empty when the model gave none.
    pub explanation: String,
    /// Cases that fall under it, at most [`Reply::MAX_ITEMS`].
    pub examples: Vec<String>,
    /// Cases that look like it and do not fall under it, at most [`Reply::MAX_ITEMS`].
    pub counter_examples: Vec<String>,
    /// Other words for the same, at most [`Reply::MAX_ITEMS`].
    pub synonyms: Vec<String>,
    /// Terms that mean the opposite, at most [`Reply::MAX_ITEMS`].
    pub antonyms: Vec<String>,
}

impl Reply {
    /// The longest definition in characters: many times what the rules allow, little enough to
    /// be checked while someone waits.
    pub const MAX_DEFINITION: usize = 4_000;
    /// The most entries of a list that are kept.
    pub const MAX_ITEMS: usize = 10;
    /// The longest text that is read, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// This reply with the definition of a repair in it.
    #[must_use]
    pub fn repaired_with(self, repair: Self) -> Self {
        Self {
            definition: repair.definition,
            ..self
        }
    }
}

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Nothing but white space.
    #[error("the model's answer is empty")]
    Empty,
    /// Neither JSON nor text with a definition marked as such; also JSON that is cut off.
    #[error("the model's answer is not in the form that was asked for")]
    NotJson,
    /// It can be read and holds no definition.
    #[error("the model's answer holds no definition")]
    NoDefinition,
    /// Larger than [`Reply::MAX_BYTES`], or a definition over [`Reply::MAX_DEFINITION`].
    #[error("the model's answer is too large")]
    TooLarge,
}

/// Reads a model's answer, also from models that ignore the form asked for: JSON in a code fence
/// or between sentences, trailing commas, single quotes, Dutch names, a wrapping object, or lines
/// such as `Definitie: …`.
///
/// # Errors
/// [`ReplyError`] when there is no definition to be had without guessing. An answer that was cut
/// off in the middle of its JSON is refused: half a definition must not pass for a whole one.
pub fn read_reply(text: &str) -> Result<Reply, ReplyError> {
    if text.len() > Reply::MAX_BYTES {
        return Err(ReplyError::TooLarge);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if text.is_empty() {
        return Err(ReplyError::Empty);
    }
    let mut readable = false;
    for value in lenient::values_in(text) {
        readable = true;
        if let Some(object) = object_with_definition(&value, 0) {
            return from_object(object);
        }
    }
    match from_lines(text) {
        Some(reply) => checked(reply),
        None if readable => Err(ReplyError::NoDefinition),
        None => Err(ReplyError::NotJson),
    }
}

/// Which field a name in a reply stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Definition,
    Explanation,
    Examples,
    CounterExamples,
    Synonyms,
    Antonyms,
}

impl Field {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let letters = name.chars().filter(|c| c.is_alphabetic());
        let folded: String = letters.flat_map(char::to_lowercase).collect();
        Some(match folded.as_str() {
            "definition" | "definitie" | "begripsomschrijving" => Self::Definition,
            "explanation" | "toelichting" | "uitleg" => Self::Explanation,
            "examples" | "example" | "voorbeelden" | "voorbeeld" => Self::Examples,
            "nonexamples" | "counterexamples" | "tegenvoorbeelden" | "tegenvoorbeeld" => {
                Self::CounterExamples
            }
            "synonyms" | "synonym" | "synoniemen" | "synoniem" => Self::Synonyms,
            "opposites" | "antonyms" | "antonym" | "antoniemen" | "antoniem" => Self::Antonyms,
            _ => return None,
        })
    }
}

fn field(object: &Map<String, Value>, field: Field) -> Option<&Value> {
    let mut members = object.iter();
    members.find_map(|(name, value)| (Field::named(name) == Some(field)).then_some(value))
}

/// How deep a definition may be wrapped: `{"result": {"definition": …}}`.
const DEEPEST: usize = 3;

fn object_with_definition(value: &Value, depth: usize) -> Option<&Map<String, Value>> {
    match value {
        Value::Object(object) if field(object, Field::Definition).is_some_and(Value::is_string) => {
            Some(object)
        }
        Value::Object(object) if depth < DEEPEST => object
            .values()
            .find_map(|value| object_with_definition(value, depth + 1)),
        Value::Array(values) if depth < DEEPEST => values
            .iter()
            .find_map(|value| object_with_definition(value, depth + 1)),
        _ => None,
    }
}

fn from_object(object: &Map<String, Value>) -> Result<Reply, ReplyError> {
    let text = |name| field(object, name).map(one_text).unwrap_or_default();
    let list = |name| field(object, name).map(texts).unwrap_or_default();
    checked(Reply {
        definition: text(Field::Definition),
        explanation: text(Field::Explanation),
        examples: list(Field::Examples),
        counter_examples: list(Field::CounterExamples),
        synonyms: list(Field::Synonyms),
        antonyms: list(Field::Antonyms),
    })
}

fn checked(reply: Reply) -> Result<Reply, ReplyError> {
    if reply.definition.is_empty() {
        return Err(ReplyError::NoDefinition);
    }
    if reply.definition.chars().count() > Reply::MAX_DEFINITION {
        return Err(ReplyError::TooLarge);
    }
    Ok(reply)
}

fn one_text(value: &Value) -> String {
    match value {
        Value::String(text) => OneLine::of(text),
        Value::Array(_) => texts(value).join(" "),
        _ => String::new(),
    }
}

/// The texts of a list; also of a single text, and of objects that hold one text each.
fn texts(value: &Value) -> Vec<String> {
    let all: Vec<String> = match value {
        Value::String(text) => text.lines().map(without_bullet).map(OneLine::of).collect(),
        Value::Array(values) => values
            .iter()
            .filter_map(|value| match value {
                Value::Object(object) => object.values().find_map(Value::as_str),
                other => other.as_str(),
            })
            .map(OneLine::of)
            .collect(),
        _ => Vec::new(),
    };
    let mut kept: Vec<String> = Vec::new();
    for text in all {
        if !text.is_empty() && !kept.contains(&text) && kept.len() < Reply::MAX_ITEMS {
            kept.push(text);
        }
    }
    kept
}

fn without_bullet(line: &str) -> &str {
    line.trim_start()
        .trim_start_matches(['-', '*', '•'])
        .trim_start()
}

/// Lines such as `Definitie: …`, `**Toelichting:** …`, with lists on the lines that follow.
fn from_lines(text: &str) -> Option<Reply> {
    let mut parts: Vec<(Field, String)> = Vec::new();
    for line in text.lines() {
        // A brace before any label means JSON that could not be read: cut off, most likely.
        if parts.is_empty() && line.contains('{') {
            return None;
        }
        let bare = line.trim_start_matches(['#', '*', '-', ' ', '\t']);
        let labelled = bare.split_once(':').and_then(|(label, rest)| {
            let label = label.trim_end_matches(['*', ' ']);
            let short = label
                .chars()
                .all(|c| c.is_alphabetic() || "-_ ".contains(c));
            let rest = rest.trim_start_matches(['*', ' ']);
            short
                .then(|| Field::named(label))
                .flatten()
                .map(|field| (field, rest))
        });
        match labelled {
            Some((field, rest)) => parts.push((field, rest.to_owned())),
            None => {
                if let Some((_, text)) = parts.last_mut() {
                    text.push('\n');
                    text.push_str(line);
                }
            }
        }
    }
    let part = |field| {
        let mut found = parts.iter();
        found.find_map(|(name, text)| (*name == field).then_some(text.as_str()))
    };
    let list = |field| {
        part(field)
            .map(|text| texts(&Value::from(text)))
            .unwrap_or_default()
    };
    // After a blank line a definition is over: what follows is the model's own talk.
    let paragraph = part(Field::Definition)?
        .split("\n\n")
        .next()
        .unwrap_or_default();
    Some(Reply {
        definition: OneLine::of(paragraph),
        explanation: part(Field::Explanation)
            .map(OneLine::of)
            .unwrap_or_default(),
        examples: list(Field::Examples),
        counter_examples: list(Field::CounterExamples),
        synonyms: list(Field::Synonyms),
        antonyms: list(Field::Antonyms),
    })
}
