//! Writing a concept: its row, its labels, its place in the full-text index and its revision.
//!
//! What the indexes hold follows from the concept's text alone. It is worked out first ([`Indexed`]) and
//! written then, so that whoever has many to write can do the one while the other is under way.

use begrip_domain::{Category, Concept, Label};
use begrip_language::{Text, fold, search_words, start_of, term_key};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::rows::day_text;

/// What the tables hold of a concept beside what stands in it.
pub(crate) struct Indexed {
    /// The whole concept, for its revision.
    body: String,
    context_key: String,
    context: String,
    /// The term, and then each synonym: as it is folded, and its key.
    labels: Vec<(String, String)>,
    /// Term, synonyms, definition and explanation as they are searched.
    texts: [String; 4],
    /// How the definition begins.
    start: Option<String>,
}

impl Indexed {
    /// Works it out.
    pub fn of(concept: &Concept) -> Result<Self, StoreError> {
        let fields = &concept.fields;
        let label = |label: &Label| {
            let text = label.as_str();
            (fold(text), term_key(text).as_str().to_owned())
        };
        let labels = std::iter::once(&fields.term).chain(&fields.synonyms);
        let synonyms: Vec<&str> = fields.synonyms.iter().map(Label::as_str).collect();
        Ok(Self {
            body: serde_json::to_string(concept)?,
            context_key: fields.context.key(),
            context: serde_json::to_string(&fields.context)?,
            labels: labels.map(label).collect(),
            texts: [
                indexed_text(fields.term.as_str()),
                indexed_text(&synonyms.join(" ")),
                indexed_text(&fields.definition),
                indexed_text(&fields.explanation),
            ],
            start: beginning(&fields.definition),
        })
    }
}

/// Writes a concept that is not there yet, with its first revision.
pub(crate) fn write_new(
    connection: &Connection,
    concept: &Concept,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    write_first(connection, concept, &Indexed::of(concept)?, author, reason)
}

/// The same with what the indexes hold of it at hand.
pub(crate) fn write_first(
    connection: &Connection,
    concept: &Concept,
    indexed: &Indexed,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    // The row is made and filled in one statement: filled afterwards, it would go into each index twice.
    let sql = "INSERT INTO concept (id, term, folded, term_key, context_key, context, status, status_rank, \
               category, origin, version, definition, modified_at, valid_from, valid_until) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) RETURNING row";
    let row = fill(connection, sql, concept, indexed)?;
    write_beside(connection, row, concept, indexed, author, reason)
}

/// Writes a concept over its row, its labels and its place in the full-text index, and adds the revision.
pub(crate) fn write_row(
    connection: &Connection,
    concept: &Concept,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let indexed = Indexed::of(concept)?;
    let sql = "UPDATE concept SET term = ?2, folded = ?3, term_key = ?4, context_key = ?5, context = ?6, \
               status = ?7, status_rank = ?8, category = ?9, origin = ?10, version = ?11, definition = ?12, \
               modified_at = ?13, valid_from = ?14, valid_until = ?15 WHERE id = ?1 RETURNING row";
    let row = fill(connection, sql, concept, &indexed)?;
    // What an earlier text left.
    for sql in [
        "DELETE FROM label WHERE concept = ?1",
        "DELETE FROM concept_text WHERE rowid = ?1",
        "DELETE FROM beginning WHERE concept = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([row])?;
    }
    write_beside(connection, row, concept, &indexed, author, reason)
}

/// Fills the row of a concept by a statement that makes or finds it; the row's number.
fn fill(
    connection: &Connection,
    sql: &str,
    concept: &Concept,
    indexed: &Indexed,
) -> Result<i64, StoreError> {
    let fields = &concept.fields;
    let (folded, key) = indexed.labels.first().ok_or(StoreError::NotFound)?;
    Ok(connection.prepare_cached(sql)?.query_row(
        params![
            concept.id.0,
            fields.term.as_str(),
            folded,
            key,
            indexed.context_key,
            indexed.context,
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
    )?)
}

/// Everything of a concept that stands beside its row; nothing of an earlier text may be left there.
fn write_beside(
    connection: &Connection,
    row: i64,
    concept: &Concept,
    indexed: &Indexed,
    author: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let fields = &concept.fields;
    let mut label = connection.prepare_cached(
        "INSERT INTO label (concept, kind, label, folded, term_key, status_rank) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let synonyms = fields.synonyms.iter().map(|synonym| (1, synonym));
    let labels = std::iter::once((0, &fields.term)).chain(synonyms);
    for ((kind, text), (folded, key)) in labels.zip(&indexed.labels) {
        label.execute(params![
            row,
            kind,
            text.as_str(),
            folded,
            key,
            concept.status.rank()
        ])?;
    }
    let [term, synonyms, definition, explanation] = &indexed.texts;
    connection
        .prepare_cached("INSERT INTO concept_text (rowid, term, synonyms, definition, explanation) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![row, term, synonyms, definition, explanation])?;
    write_beginning(connection, row, indexed.start.as_deref())?;
    connection
        .prepare_cached("INSERT INTO revision (concept, version, author, at, reason, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            row,
            concept.version,
            author,
            concept.modified_at.as_millisecond(),
            reason,
            indexed.body
        ])?;
    Ok(())
}

/// How a definition begins, by which it is found inside another one; `None` for a short one.
fn beginning(definition: &str) -> Option<String> {
    start_of(&Text::new(definition).content_words())
}

fn write_beginning(connection: &Connection, row: i64, start: Option<&str>) -> rusqlite::Result<()> {
    if let Some(start) = start {
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
        let start = beginning(&row.get::<_, String>(1)?);
        write_beginning(connection, row.get(0)?, start.as_deref())?;
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
