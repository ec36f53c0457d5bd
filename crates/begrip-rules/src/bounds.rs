//! How much a pack may hold: whoever signs one can be wrong, and a check must stay fast with any pack.

use serde_json::Value;

use crate::file::RuleFile;
use crate::pack::PackError;

/// The most rules in a pack.
pub(crate) const MOST_RULES: usize = 500;

/// The most words and phrases in all checks of a pack.
const MOST_PHRASES: usize = 20_000;

/// The most items in any list of a rule.
const MOST_ITEMS: usize = 2000;

/// The longest line for the prompt, and the longest text in a check, in characters.
const SHORT: usize = 500;

/// The longest text anywhere else, in characters.
const LONG: usize = 10_000;

/// What the rules that were looked at so far hold.
#[derive(Default)]
pub(crate) struct Bounds {
    phrases: usize,
}

impl Bounds {
    /// Looks at one rule more.
    ///
    /// Error: it is larger than a rule may be, or with it the pack is.
    pub fn take(&mut self, rule: &RuleFile) -> Result<(), PackError> {
        let fault = |fault: String| PackError::File {
            file: rule.id.0.clone(),
            fault,
        };
        let value = serde_json::to_value(rule).map_err(|error| fault(error.to_string()))?;
        for (name, member) in value.as_object().into_iter().flatten() {
            let in_check = name == "check";
            let most = match in_check || name == "instruction" {
                true => SHORT,
                false => LONG,
            };
            let texts = texts(member, most).map_err(|what| fault(format!("{name}: {what}")))?;
            if in_check {
                self.phrases += texts;
            }
        }
        match self.phrases > MOST_PHRASES {
            true => Err(PackError::TooMuch(format!(
                "meer dan {MOST_PHRASES} woorden in de toetsen"
            ))),
            false => Ok(()),
        }
    }
}

/// Looks at what a pack says of itself.
pub(crate) fn changelog(lines: &[String]) -> Result<(), PackError> {
    let long = lines.iter().any(|line| line.chars().count() > LONG);
    match long || lines.len() > MOST_ITEMS || lines.iter().any(|line| obeyed(line)) {
        true => Err(PackError::TooMuch("de lijst met wijzigingen".to_owned())),
        false => Ok(()),
    }
}

/// Whether a terminal would obey a sign of the text instead of showing it.
fn obeyed(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
}

/// How many texts stand in a value; an error, Dutch, when one is longer than `most` characters or
/// steers a terminal, or a list is too long.
fn texts(value: &Value, most: usize) -> Result<usize, String> {
    let items: Vec<&Value> = match value {
        Value::String(text) => {
            return match (text.chars().count() > most, obeyed(text)) {
                (true, _) => Err(format!("een tekst is langer dan {most} tekens")),
                (false, true) => Err("een tekst heeft een stuurteken".to_owned()),
                (false, false) => Ok(1),
            };
        }
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => {
            let long = members.keys().any(|name| name.chars().count() > most);
            if long {
                return Err(format!("een tekst is langer dan {most} tekens"));
            }
            members.values().collect()
        }
        _ => return Ok(0),
    };
    if items.len() > MOST_ITEMS {
        return Err(format!("een lijst heeft meer dan {MOST_ITEMS} onderdelen"));
    }
    items.into_iter().map(|item| texts(item, most)).sum()
}
