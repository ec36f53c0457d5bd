//! A table or list of terms: one row for each term that a definition is wanted of.

use std::collections::BTreeSet;

use begrip_domain::{Category, Context, Label, LabelError};
use serde_json::Value;

use crate::TableError;
use crate::cells;

/// A row that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermRow {
    /// Its number in the file; the first row is 1.
    pub number: u32,
    /// The term.
    pub term: Label,
    /// Where it has its meaning; empty where the file has no such column.
    pub context: Context,
    /// Its category, where one was given.
    pub category: Option<Category>,
}

/// A row that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultyTerm {
    /// Its number in the file.
    pub number: u32,
    /// What stood in the column of terms, at most 80 characters.
    pub term: String,
    /// What is wrong, in Dutch.
    pub fault: String,
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermTable {
    /// Every row that is not blank, in the order of the file.
    pub rows: Vec<Result<TermRow, FaultyTerm>>,
    /// Headings of columns that mean nothing here and were left out; a column with texts and no heading
    /// is told as `kolom 3`.
    pub unknown: Vec<String>,
    /// A part was not UTF-8, and was read as Windows-1252.
    pub ansi: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Term,
    Organisation,
    LegalArea,
    StatutoryBasis,
    Category,
}

impl Column {
    /// The first of its headings.
    pub(crate) fn heading(self) -> &'static str {
        HEADINGS
            .iter()
            .find(|(column, _)| *column == self)
            .and_then(|(_, names)| names.first())
            .copied()
            .unwrap_or_default()
    }
}

/// The headings of each column, Dutch and English, in small letters.
const HEADINGS: [(Column, &[&str]); 5] = [
    (
        Column::Term,
        &["term", "termen", "terms", "begrip", "begrippen", "concept"],
    ),
    (
        Column::Organisation,
        &[
            "organisatie",
            "organisaties",
            "organisatie(s)",
            "organisation",
            "organisations",
            "organisation(s)",
            "organization",
            "organizations",
            "org",
        ],
    ),
    (
        Column::LegalArea,
        &[
            "rechtsgebied",
            "rechtsgebieden",
            "rechtsgebied(en)",
            "legal area",
            "legal areas",
            "legal area(s)",
            "legal_area",
            "legal_areas",
            "legal",
        ],
    ),
    (
        Column::StatutoryBasis,
        &[
            "wet",
            "wetten",
            "wettelijke basis",
            "wettelijke grondslag",
            "wettelijke grondslagen",
            "grondslag",
            "statutory base",
            "statutory bases",
            "statutory base(s)",
            "statutory basis",
            "statutory_basis",
            "statutory_bases",
            "law",
            "laws",
            "basis",
        ],
    ),
    (Column::Category, &["categorie", "category", "soort"]),
];

/// Between the labels in one cell.
pub(crate) const BETWEEN_LABELS: [char; 3] = ['|', ';', '\n'];

/// Reads a table of terms, CSV (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252) or XLSX
/// (the first sheet). Its first row names the columns; only *term* has to be there.
///
/// A row with a fault is told with its number and does not keep the others from being read.
pub fn read_terms(bytes: &[u8]) -> Result<TermTable, TableError> {
    let cells = cells::read(bytes)?;
    let mut rows = cells.rows.into_iter();
    let (_, heading) = rows.next().ok_or(TableError::Empty)?;
    let columns: Vec<Option<Column>> = heading.iter().map(|name| column(name)).collect();
    if !columns.contains(&Some(Column::Term)) {
        return Err(TableError::NoTerm);
    }
    let mut filled = vec![false; columns.len()];
    let rows: Vec<_> = rows
        .map(|(number, cells)| {
            for (filled, cell) in filled.iter_mut().zip(&cells) {
                *filled |= !cell.is_empty();
            }
            term_row(number, &columns, &cells)
        })
        .collect();
    if rows.is_empty() {
        return Err(TableError::Empty);
    }
    let told = heading.into_iter().zip(&columns).zip(filled);
    let unknown = (cells.before + 1..)
        .zip(told)
        .filter(|(_, ((_, column), _))| column.is_none())
        .filter_map(|(number, ((name, _), filled))| match name.is_empty() {
            true => filled.then(|| format!("kolom {number}")),
            false => Some(name),
        })
        .collect();
    Ok(TermTable {
        rows,
        unknown,
        ansi: cells.ansi,
    })
}

/// Reads a list of terms in JSON: each a text, or an object with the headings of a table as names and
/// a text or a list of texts as values. The list may stand in an object under `rows`.
///
/// Rows are numbered from 1. Errors and faults as for [`read_terms`].
pub fn read_terms_json(bytes: &[u8]) -> Result<TermTable, TableError> {
    let listed = listed(bytes)?;
    let mut unknown = BTreeSet::new();
    let rows = (1..).zip(listed).map(|(number, value)| {
        let fault = |fault: &str| FaultyTerm {
            number,
            term: String::new(),
            fault: fault.to_owned(),
        };
        let members = match value {
            Value::String(term) => return term_row(number, &[Some(Column::Term)], &[term]),
            Value::Object(members) => members,
            _ => return Err(fault("geen tekst en geen object")),
        };
        let (mut columns, mut texts) = (Vec::new(), Vec::new());
        for (name, value) in members {
            let known = column(&name);
            if known.is_none() {
                unknown.insert(name.chars().take(60).collect::<String>());
            }
            columns.push(known);
            texts.push(joined(value).ok_or_else(|| fault("een waarde is geen tekst"))?);
        }
        match columns.contains(&Some(Column::Term)) {
            true => term_row(number, &columns, &texts),
            false => Err(fault("de term ontbreekt")),
        }
    });
    Ok(TermTable {
        rows: rows.collect(),
        unknown: unknown.into_iter().collect(),
        ansi: false,
    })
}

/// Whether a file of terms is JSON: it begins as that.
pub fn is_json(bytes: &[u8]) -> bool {
    matches!(unmarked(bytes).trim_ascii_start(), [b'[' | b'{', ..])
}

/// The bytes after a byte order mark.
fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// The rows of a list in JSON, at least one.
pub(crate) fn listed(bytes: &[u8]) -> Result<Vec<Value>, TableError> {
    const NONE: TableError = TableError::NoTable("dit is geen JSON-lijst met termen");
    cells::fits(bytes)?;
    let listed = match serde_json::from_slice(unmarked(bytes)).map_err(|_| NONE)? {
        Value::Array(listed) => listed,
        Value::Object(mut object) if object.len() == 1 => match object.remove("rows") {
            Some(Value::Array(listed)) => listed,
            _ => return Err(NONE),
        },
        _ => return Err(NONE),
    };
    if listed.is_empty() {
        return Err(TableError::Empty);
    }
    cells::few_enough(listed.len())?;
    Ok(listed)
}

/// A text, or texts as they would stand in one cell; none for anything else.
pub(crate) fn joined(value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text),
        Value::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Some(texts?.join("|"))
        }
        _ => None,
    }
}

fn term_row(
    number: u32,
    columns: &[Option<Column>],
    cells: &[String],
) -> Result<TermRow, FaultyTerm> {
    let term = columns
        .iter()
        .position(|column| *column == Some(Column::Term));
    row(number, columns, cells).map_err(|fault| FaultyTerm {
        number,
        term: term
            .and_then(|term| cells.get(term))
            .map(|cell| cell.chars().take(80).collect())
            .unwrap_or_default(),
        fault,
    })
}

pub(crate) fn column(heading: &str) -> Option<Column> {
    let heading = heading.to_lowercase();
    HEADINGS
        .iter()
        .find(|(_, names)| names.contains(&heading.as_str()))
        .map(|(column, _)| *column)
}

fn row(number: u32, columns: &[Option<Column>], cells: &[String]) -> Result<TermRow, String> {
    if cells
        .iter()
        .skip(columns.len())
        .any(|cell| !cell.is_empty())
    {
        return Err(
            "meer cellen dan kolommen; zet een tekst met een scheidingsteken tussen aanhalingstekens"
                .to_owned(),
        );
    }
    let mut term = None;
    let mut context = Context::default();
    let mut category = None;
    for (cell, column) in cells.iter().zip(columns) {
        match column {
            Some(Column::Term) if term.is_none() => {
                term = Some(Label::new(cell).map_err(|error| match error {
                    LabelError::Empty => "de term ontbreekt".to_owned(),
                    LabelError::TooLong(_) => too_long("de term"),
                })?);
            }
            Some(Column::Organisation) => {
                labels(&mut context.organisations, cell, "een organisatie")?
            }
            Some(Column::LegalArea) => labels(&mut context.legal_areas, cell, "een rechtsgebied")?,
            Some(Column::StatutoryBasis) => labels(&mut context.statutory_bases, cell, "een wet")?,
            Some(Column::Category) if !cell.is_empty() => {
                category = Some(Category::parse(cell).ok_or(
                    "deze categorie bestaat niet; kies type, exemplaar, proces of resultaat",
                )?);
            }
            _ => {}
        }
    }
    Ok(TermRow {
        number,
        term: term.ok_or("de term ontbreekt")?,
        context,
        category,
    })
}

/// Adds the labels in a cell. Empty ones count as not given.
fn labels(set: &mut BTreeSet<Label>, cell: &str, what: &str) -> Result<(), String> {
    for text in cell.split(BETWEEN_LABELS) {
        match Label::new(text) {
            Ok(label) => drop(set.insert(label)),
            Err(LabelError::Empty) => {}
            Err(LabelError::TooLong(_)) => return Err(too_long(what)),
        }
    }
    // As many as a concept can have.
    match set.len() > begrip_domain::limits::LIST_ENTRIES {
        true => Err(format!(
            "meer dan {} in één cel",
            begrip_domain::limits::LIST_ENTRIES
        )),
        false => Ok(()),
    }
}

fn too_long(what: &str) -> String {
    format!("{what} is langer dan {} tekens", Label::MAX_CHARS)
}
