//! A file of terms as the rows of a batch.

use std::collections::HashMap;

use begrip_interchange::{
    FaultyTerm, OnlyTerms, TableError, TermRow, TermTable, is_json, only_terms, read_terms,
    read_terms_json,
};
use begrip_language::asked_form;
use begrip_store::NewItem;
use sha2::{Digest, Sha256};

use super::view::written;
use crate::schema::{DraftInput, JobPreview, JobPreviewRow};
use crate::{ErrorCode, UserError};

/// Rows that a preview shows at most, of each kind.
const SHOWN: usize = 50;

/// Equal for inputs that ask the model the same: a term in its asked form, in the same context.
pub(super) fn question(input: &DraftInput) -> String {
    let category = input.category.map_or("", begrip_domain::Category::as_str);
    // The context's key and the category have no line end; the rest is the user's.
    // What is known of the case says what is replaced in the notes.
    let privacy = serde_json::to_string(&(&input.privacy, &input.refine)).unwrap_or_default();
    let asked = format!(
        "{}\n{category}\n{}\n{privacy}\n{}",
        input.context.key(),
        asked_form(&input.term),
        input.notes.trim()
    );
    // Only ever compared: the notes stand in the row once.
    let digest = Sha256::digest(asked);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the file holds.
pub(super) fn preview(bytes: &[u8]) -> Result<JobPreview, UserError> {
    let table = read(bytes)?;
    let mut seen: HashMap<String, u32> = HashMap::new();
    let (mut first, mut faults, mut faulty) = (Vec::new(), Vec::new(), 0);
    for row in &table.rows {
        let shown = match row {
            Ok(row) => {
                let number = *seen.entry(question(&input(row))).or_insert(row.number);
                JobPreviewRow {
                    number: row.number,
                    term: row.term.to_string(),
                    context: row.context.clone(),
                    category: row.category,
                    fault: None,
                    same_as: (number != row.number).then_some(number),
                }
            }
            Err(row) => {
                faulty += 1;
                let shown = JobPreviewRow {
                    number: row.number,
                    term: row.term.clone(),
                    context: begrip_domain::Context::default(),
                    category: None,
                    fault: Some(row.fault.clone()),
                    same_as: None,
                };
                if faults.len() < SHOWN {
                    faults.push(shown.clone());
                }
                shown
            }
        };
        if first.len() < SHOWN {
            first.push(shown);
        }
    }
    Ok(JobPreview {
        rows: count(table.rows.len()),
        questions: count(seen.len()),
        faulty,
        first,
        faults,
        notice: table
            .ansi
            .then(|| UserError::new(ErrorCode::FileNotUtf8, "")),
        unknown: table.unknown,
    })
}

/// The different questions of a file, which may also be a list: a term on each line.
///
/// Error: the file is no table of terms, or a row of it is faulty.
pub(crate) fn inputs_of(bytes: &[u8]) -> Result<Vec<DraftInput>, UserError> {
    let table = match read(bytes) {
        Err(error) if error.is(ErrorCode::TableNoTerm) && is_list(bytes) => {
            read(&[b"term\n", bytes.trim_ascii_start()].concat())?
        }
        table => table?,
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut inputs = Vec::new();
    for row in &table.rows {
        let input = input(row.as_ref().map_err(fault)?);
        if seen.insert(question(&input)) {
            inputs.push(input);
        }
    }
    Ok(inputs)
}

/// Whether a file is text without anything that parts columns.
fn is_list(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(['\0', ',', ';', '\t', '"']))
}

/// The rows of the file as items; faulty ones are there too, and are skipped.
///
/// Error: none of them can be asked.
pub(super) fn items(bytes: &[u8]) -> Result<Vec<NewItem>, UserError> {
    let table = read(bytes)?;
    let faulty = table.rows.iter().find_map(|row| row.as_ref().err());
    if let Some(faulty) = faulty
        && table.rows.iter().all(Result::is_err)
    {
        return Err(fault(faulty));
    }
    table.rows.iter().map(item).collect()
}

fn item(row: &Result<TermRow, FaultyTerm>) -> Result<NewItem, UserError> {
    let (number, input, fault) = match row {
        Ok(row) => (row.number, input(row), None),
        Err(row) => {
            let input = DraftInput {
                term: row.term.clone(),
                ..DraftInput::default()
            };
            (row.number, input, Some(written(&fault(row))?))
        }
    };
    Ok(NewItem {
        number,
        question: question(&input),
        input: written(&input)?,
        term: input.term,
        fault,
    })
}

fn fault(row: &FaultyTerm) -> UserError {
    UserError::new(
        ErrorCode::RowFaulty,
        format!("rij {}: {}", row.number, row.fault),
    )
}

fn input(row: &TermRow) -> DraftInput {
    DraftInput {
        term: row.term.to_string(),
        context: row.context.clone(),
        category: row.category,
        ..DraftInput::default()
    }
}

/// What of a file goes to the server, and how many rows it has.
///
/// Error: the file is no table of terms, or has columns that the server has no place for.
pub(crate) fn for_server(bytes: &[u8]) -> Result<(OnlyTerms, usize), UserError> {
    let table = read(bytes)?;
    match table.unknown.is_empty() {
        true => Ok((only_terms(bytes).map_err(refused)?, table.rows.len())),
        false => Err(UserError::new(
            ErrorCode::ServerInput,
            format!(
                "haal deze kolommen uit het bestand: {}",
                table.unknown.join(", ")
            ),
        )),
    }
}

fn read(bytes: &[u8]) -> Result<TermTable, UserError> {
    let table = match is_json(bytes) {
        true => read_terms_json(bytes),
        false => read_terms(bytes),
    };
    table.map_err(refused)
}

fn refused(error: TableError) -> UserError {
    match error {
        TableError::Empty => UserError::new(ErrorCode::TableEmpty, ""),
        TableError::NoTerm => UserError::new(ErrorCode::TableNoTerm, ""),
        TableError::TooLarge(what) => UserError::new(ErrorCode::TableTooLarge, what),
        TableError::OpenQuote(line) => {
            UserError::new(ErrorCode::TableQuote, format!("regel {line}"))
        }
        TableError::NoTable(what) => UserError::new(ErrorCode::TableUnreadable, what),
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
