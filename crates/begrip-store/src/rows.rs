//! A concept as rows of the file, read back.

use begrip_domain::{Category, Concept, ConceptId, Context, Label, Origin, Status, Validity};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension};
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

/// What stands at the end of a text that was cut.
const CUT: &str = " …";

impl Row {
    /// Its whole definition, where that is so short that it stands here; none where it may have been cut.
    pub fn whole_definition(&self) -> Option<&str> {
        (!self.snippet.ends_with(CUT)).then_some(&self.snippet)
    }
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
            format!("{cut}{CUT}")
        }
    }
}

pub(crate) fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}
