//! A file of definitions, read one by one.
//!
//! | file | reads |
//! |---|---|
//! | `jsonl` | one JSON object a line |
//! | `json` | one list of such objects |
//! | `csv` | a sheet with a header, as a spreadsheet saves it |

mod csv;
mod json;
mod jsonl;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use begrip_app::{ErrorCode, UserError};
use begrip_domain::{Category, Context, Label, limits};
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::exit::{Failure, unreadable};

/// How a file of definitions is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Eén JSON-object op elke regel
    Jsonl,
    /// Eén JSON-lijst van objecten
    Json,
    /// Een tabel met een kopregel; komma of puntkomma als scheidingsteken
    Csv,
}

/// A definition of the file.
#[derive(Debug)]
pub struct Definition {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The id as it was written.
    pub id: Option<Box<RawValue>>,
    pub term: String,
    pub text: String,
    pub context: Context,
    pub category: Option<Category>,
}

/// A definition that cannot be read.
#[derive(Debug)]
pub struct Faulty {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The id, where that much could be read.
    pub id: Option<Box<RawValue>>,
    /// What is wrong, in Dutch. Never repeats the text: it may be a case.
    pub fault: String,
}

/// What stands at one place of the file.
pub type Entry = Result<Definition, Faulty>;

/// A file of definitions.
pub trait Source {
    /// The next entry; none at the end. An error ends the run: the rest cannot be read either.
    fn read(&mut self) -> Result<Option<Entry>, Failure>;

    /// What the user must know of how the file was read, at its end.
    fn notice(&self) -> Option<UserError> {
        None
    }
}

/// Opens the file at `path`; `-` is standard input. Without a kind its ending tells.
pub fn open(path: &Path, kind: Option<Kind>) -> Result<Box<dyn Source>, Failure> {
    let kind = kind.or_else(|| by_ending(path)).ok_or_else(|| {
        Failure::Usage(format!(
            "aan ‘{}’ is niet te zien wat voor bestand het is; kies met --type jsonl, json of csv",
            path.display()
        ))
    })?;
    let input: Box<dyn BufRead> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(
            File::open(path).map_err(|error| unreadable(path, &error))?,
        )),
    };
    let path = path.to_owned();
    Ok(match kind {
        Kind::Jsonl => Box::new(jsonl::Lines::new(path, input)),
        Kind::Json => Box::new(json::List::read(&path, input)?),
        Kind::Csv => Box::new(csv::Sheet::open(path, input)?),
    })
}

fn by_ending(path: &Path) -> Option<Kind> {
    let ending = path.extension()?.to_str()?.to_lowercase();
    match ending.as_str() {
        "jsonl" | "ndjson" => Some(Kind::Jsonl),
        "json" => Some(Kind::Json),
        "csv" | "tsv" | "txt" => Some(Kind::Csv),
        _ => None,
    }
}

/// Whether this is the beginning of a text in UTF-16 or UTF-32: a byte order mark, or a zero
/// byte, which no text in UTF-8 has.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0)
}

fn wide() -> Failure {
    let fault = "dit lijkt UTF-16; bewaar het bestand als UTF-8";
    UserError::new(ErrorCode::FileUnreadable, fault).into()
}

/// An object as JSON gives it; what is in the fields is judged by [`definition`].
#[derive(Deserialize)]
struct Object<'a> {
    // Given back as it was written: a number must not come back in another form.
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    term: Value,
    #[serde(default)]
    text: Value,
    #[serde(default)]
    org: Value,
    #[serde(default)]
    legal: Value,
    #[serde(default)]
    basis: Value,
    #[serde(default)]
    category: Value,
}

/// The definition in this JSON object, which begins on this line.
fn entry(line: usize, text: Result<&str, String>) -> Entry {
    let object = text.and_then(parsed);
    let id = object
        .as_ref()
        .ok()
        .and_then(|object| object.id)
        .map(ToOwned::to_owned);
    match object.and_then(|object| definition(line, object)) {
        Ok(definition) => Ok(Definition { id, ..definition }),
        Err(fault) => Err(Faulty { line, id, fault }),
    }
}

/// The object's fields, or what is wrong with it, in Dutch. Never repeats the text: it may be a
/// case.
fn parsed(text: &str) -> Result<Object<'_>, String> {
    if !text.starts_with('{') {
        return Err("geen JSON-object".to_owned());
    }
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "de JSON houdt te vroeg op".to_owned(),
        serde_json::error::Category::Data => "een veld staat er twee keer in".to_owned(),
        _ => format!("geen geldige JSON (teken {})", error.column()),
    })
}

fn definition(line: usize, object: Object<'_>) -> Result<Definition, String> {
    let context = Context {
        organisations: labels_of("org", &object.org)?,
        legal_areas: labels_of("legal", &object.legal)?,
        statutory_bases: labels_of("basis", &object.basis)?,
    };
    Ok(Definition {
        line,
        id: None,
        term: required("term", object.term)?,
        text: bounded(required("text", object.text)?)?,
        context,
        category: object.category.as_str().and_then(Category::parse),
    })
}

fn required(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Err(format!("‘{name}’ ontbreekt")),
        _ => Err(format!("‘{name}’ is geen tekst")),
    }
}

/// A definition that is not longer than one can be.
fn bounded(text: String) -> Result<String, String> {
    match text.chars().count() > limits::TEXT_CHARS {
        true => Err(format!(
            "de definitie is langer dan {} tekens",
            limits::TEXT_CHARS
        )),
        false => Ok(text),
    }
}

/// The labels in a field that holds a text, a list of texts or nothing.
fn labels_of(name: &str, value: &Value) -> Result<BTreeSet<Label>, String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    let texts = values
        .iter()
        .filter(|value| !value.is_null())
        .map(|value| match value {
            Value::String(text) => Ok(text.as_str()),
            _ => Err(format!("‘{name}’ is geen tekst of lijst van teksten")),
        })
        .collect::<Result<Vec<&str>, String>>()?;
    labels(name, texts)
}

/// The labels of these texts. Empty texts count as not given.
fn labels<'t>(
    name: &str,
    texts: impl IntoIterator<Item = &'t str>,
) -> Result<BTreeSet<Label>, String> {
    let mut labels = BTreeSet::new();
    for text in texts {
        match Label::new(text) {
            Ok(label) => drop(labels.insert(label)),
            Err(begrip_domain::LabelError::Empty) => {}
            Err(begrip_domain::LabelError::TooLong(_)) => {
                return Err(format!(
                    "‘{name}’ is langer dan {} tekens",
                    Label::MAX_CHARS
                ));
            }
        }
    }
    Ok(labels)
}
