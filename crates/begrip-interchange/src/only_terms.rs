//! A file of terms without whatever else stands in it, for whoever it is sent to.

use begrip_domain::{Category, Label, LabelError};
use serde_json::{Map, Value};

use crate::TableError;
use crate::cells;
use crate::terms::{BETWEEN_LABELS, Column, column, is_json, joined, listed};

/// The terms of a file with their context and category, each row with the number that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyTerms {
    /// It is a list in JSON, and else a table in CSV.
    pub json: bool,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Stands for what cannot be read: the row is as faulty as it was, and its text is not there.
const LEFT_OUT: &str = "-";

/// Writes a file of terms anew with its known columns alone, so that nothing goes along that nobody saw:
/// other columns, cells beyond the heading, other sheets, remarks.
///
/// Errors: as for [`crate::read_terms`].
pub fn only_terms(bytes: &[u8]) -> Result<OnlyTerms, TableError> {
    let json = is_json(bytes);
    let bytes = match json {
        true => list(bytes)?,
        false => table(bytes)?,
    };
    Ok(OnlyTerms { json, bytes })
}

fn table(bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    let mut rows = cells::read(bytes)?.rows.into_iter();
    let (_, heading) = rows.next().ok_or(TableError::Empty)?;
    let mut kept = Vec::new();
    for (at, name) in heading.iter().enumerate() {
        kept.extend(
            wanted(name, kept.iter().map(|(_, column)| *column)).map(|column| (at, column)),
        );
    }
    let unwritten = |_| TableError::NoTable("de tabel past niet in het geheugen");
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_writer(Vec::new());
    out.write_record(kept.iter().map(|(_, column)| column.heading()))
        .map_err(unwritten)?;
    let mut line = 1;
    for (number, cells) in rows {
        // A row is numbered by the line that it stands on.
        while line + 1 < number {
            out.write_record([""]).map_err(unwritten)?;
            line += 1;
        }
        let cell_at = |at: usize| cells.get(at).map_or("", String::as_str);
        let mut row: Vec<String> = kept
            .iter()
            .map(|(at, column)| cell(*column, cell_at(*at)))
            .collect();
        if cells
            .iter()
            .skip(heading.len())
            .any(|cell| !cell.is_empty())
        {
            row.push(LEFT_OUT.to_owned());
        }
        out.write_record(&row).map_err(unwritten)?;
        line += 1;
    }
    out.into_inner()
        .map_err(|_| TableError::NoTable("de tabel past niet in het geheugen"))
}

fn list(bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    let rows = listed(bytes)?.into_iter().map(|value| match value {
        Value::String(term) => Value::String(cell(Column::Term, &term)),
        Value::Object(members) => {
            let (mut kept, mut columns) = (Map::new(), Vec::new());
            for (name, value) in members {
                let Some(column) = wanted(&name, columns.iter().copied()) else {
                    continue;
                };
                columns.push(column);
                let text = joined(value).map(|text| cell(column, &text));
                // What is no text is none there either.
                kept.insert(name, text.map_or(Value::Bool(false), Value::String));
            }
            Value::Object(kept)
        }
        _ => Value::Null,
    });
    Ok(Value::Array(rows.collect()).to_string().into_bytes())
}

/// The column with this heading, unless it means nothing. Of columns of terms only the first counts.
fn wanted(heading: &str, mut kept: impl Iterator<Item = Column>) -> Option<Column> {
    column(heading).filter(|found| *found != Column::Term || kept.all(|known| known != *found))
}

/// What a cell says, on one line. What is no label or category is not repeated.
fn cell(column: Column, text: &str) -> String {
    match column {
        Column::Term => label(text),
        Column::Category if text.is_empty() => String::new(),
        Column::Category => Category::parse(text)
            .map_or(LEFT_OUT, Category::as_str)
            .to_owned(),
        _ => text
            .split(BETWEEN_LABELS)
            .map(label)
            .collect::<Vec<_>>()
            .join("|"),
    }
}

fn label(text: &str) -> String {
    match Label::new(text) {
        Ok(label) => label.to_string(),
        Err(LabelError::Empty) => String::new(),
        Err(LabelError::TooLong(_)) => LEFT_OUT.repeat(Label::MAX_CHARS + 1),
    }
}
