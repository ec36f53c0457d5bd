//! A concept as rows of the file: written with its labels, its places in the indexes and its revision, and
//! read back.

use begrip_domain::{Category, Concept, ConceptId, Context, Label, Origin, Status, Validity};
use begrip_language::{Text, fold, search_words, start_of, term_key};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::{StoreError, queries};

/// One line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    pub term: Label,
    /// Its context.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// Its status.
    pub status: Status,
    /// Where it came from.
    pub origin: Origin,
    /// The beginning of its definition, cut at a word.
    pub snippet: String,
    /// Its latest change.
    pub modified_at: Timestamp,
    /// The version of that change.
    pub version: u32,
    /// On which days it holds.
    pub validity: Validity,
}

/// A concept with its row.
pub(crate) fn stored(
    connection: &Connection,
    id: ConceptId,
) -> Result<Option<(i64, Concept)>, StoreError> {
    let found = connection
        .prepare_cached(queries::ROW_OF_ID)?
        .query_row([id.0], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    found
        .map(|(row, body)| Ok((row, serde_json::from_str(&body)?)))
        .transpose()
}

/// Writes a concept that is not there yet, with its first revision.
pub(crate) fn write_new(
    connection: &Connection,
    concept: &Concept,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    write(connection, concept, author, reason, false)
}

/// Writes a concept over its row, its labels and its place in the full-text index, and adds the revision.
pub(crate) fn write_row(
    connection: &Connection,
    concept: &Concept,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    write(connection, concept, author, reason, true)
}

/// `indexed` when there may be labels and a place in the indexes of an earlier text. The row is made and filled in one
/// statement: filled afterwards, it would go into each index twice.
fn write(
    connection: &Connection,
    concept: &Concept,
    author: &str,
    reason: &str,
    indexed: bool,
) -> Result<(), StoreError> {
    let fields = &concept.fields;
    let body = serde_json::to_string(concept)?;
    let term = fields.term.as_str();
    let sql = match indexed {
        true => {
            "UPDATE concept SET term = ?2, folded = ?3, term_key = ?4, context_key = ?5, context = ?6, \
             status = ?7, status_rank = ?8, category = ?9, origin = ?10, version = ?11, definition = ?12, \
             modified_at = ?13, valid_from = ?14, valid_until = ?15 WHERE id = ?1 RETURNING row"
        }
        false => {
            "INSERT INTO concept (id, term, folded, term_key, context_key, context, status, status_rank, \
             category, origin, version, definition, modified_at, valid_from, valid_until) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) RETURNING row"
        }
    };
    let row: i64 = connection.prepare_cached(sql)?.query_row(
        params![
            concept.id.0,
            term,
            fold(term),
            term_key(term).as_str(),
            fields.context.key(),
            serde_json::to_string(&fields.context)?,
            concept.status.as_str(),
            concept.status.rank(),
            fields.category.map(Category::as_str),
            concept.provenance.origin.as_str(),
            concept.version,
            fields.definition,
            concept.modified_at.as_millisecond(),
            day_text(fields.validity.from),
            day_text(fields.validity.until),
        ],
        |row| row.get(0),
    )?;
    if indexed {
        connection
            .prepare_cached("DELETE FROM label WHERE concept = ?1")?
            .execute([row])?;
        connection
            .prepare_cached("DELETE FROM concept_text WHERE rowid = ?1")?
            .execute([row])?;
    }
    let mut label = connection.prepare_cached(
        "INSERT INTO label (concept, kind, label, folded, term_key, status_rank) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let synonyms = fields.synonyms.iter().map(|synonym| (1, synonym.as_str()));
    for (kind, text) in std::iter::once((0, term)).chain(synonyms) {
        label.execute(params![
            row,
            kind,
            text,
            fold(text),
            term_key(text).as_str(),
            concept.status.rank()
        ])?;
    }
    let synonyms: Vec<&str> = fields.synonyms.iter().map(Label::as_str).collect();
    connection
        .prepare_cached("INSERT INTO concept_text (rowid, term, synonyms, definition, explanation) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            row,
            indexed_text(term),
            indexed_text(&synonyms.join(" ")),
            indexed_text(&fields.definition),
            indexed_text(&fields.explanation),
        ])?;
    write_beginning(connection, row, &fields.definition, indexed)?;
    connection
        .prepare_cached("INSERT INTO revision (concept, version, author, at, reason, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![row, concept.version, author, concept.modified_at.as_millisecond(), reason, body])?;
    Ok(())
}

/// Keeps how a definition begins; `indexed` when there may be an earlier one.
fn write_beginning(
    connection: &Connection,
    row: i64,
    definition: &str,
    indexed: bool,
) -> rusqlite::Result<()> {
    if indexed {
        connection
            .prepare_cached("DELETE FROM beginning WHERE concept = ?1")?
            .execute([row])?;
    }
    if let Some(start) = start_of(&Text::new(definition).content_words()) {
        connection
            .prepare_cached("INSERT INTO beginning (concept, start) VALUES (?1, ?2)")?
            .execute(params![row, start])?;
    }
    Ok(())
}

/// Keeps how every definition begins, for a file of before that was kept.
pub(crate) fn write_beginnings(connection: &Connection) -> rusqlite::Result<()> {
    let mut query = connection.prepare("SELECT row, definition FROM concept")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        write_beginning(connection, row.get(0)?, &row.get::<_, String>(1)?, false)?;
    }
    Ok(())
}

/// What goes into the index: the words as written, for prefixes, and as searched, for inflection.
fn indexed_text(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len() * 2);
    out.push_str(&folded);
    for word in search_words(text) {
        out.push(' ');
        out.push_str(&word);
    }
    out
}

/// A day as it stands in a column: `YYYY-MM-DD`, empty when there is none.
pub(crate) fn day_text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// How many columns `queries::ROW_COLUMNS` has: what a query adds comes after them.
pub(crate) const ROW_END: usize = 12;

/// Reads a row in the order of `queries::ROW_COLUMNS`.
pub(crate) fn row_of(row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("unknown {what}"));
    let text = |index: usize| {
        row.get_ref(index)
            .ok()
            .and_then(|value| value.as_str().ok())
            .unwrap_or_default()
    };
    Ok(Row {
        id: ConceptId(row.get::<_, Uuid>(1)?),
        term: Label::new(text(2)).map_err(|_| damaged("term"))?,
        context: serde_json::from_str(text(3))?,
        category: Category::parse(text(4)),
        status: Status::parse(text(5)).ok_or_else(|| damaged("status"))?,
        origin: Origin::parse(text(6)).ok_or_else(|| damaged("origin"))?,
        snippet: snippet(text(7)),
        modified_at: time(row.get(8)?),
        version: row.get(9)?,
        validity: Validity {
            from: text(10).parse().ok(),
            until: text(11).parse().ok(),
        },
    })
}

/// The beginning of a text, cut at a word.
fn snippet(text: &str) -> String {
    const CHARS: usize = 200;
    match text.char_indices().nth(CHARS) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text.get(..end).unwrap_or(text);
            let cut = cut
                .rfind(' ')
                .and_then(|space| cut.get(..space))
                .unwrap_or(cut);
            format!("{cut} …")
        }
    }
}

pub(crate) fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}
