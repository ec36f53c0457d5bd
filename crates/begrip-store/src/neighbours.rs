//! What stands beside a text: concepts by label, by words and by the beginning of their definition.
//!
//! Each look-up goes through an index and gives a bounded number of rows; what stands in them is read apart, so
//! that whoever remembers it need not have it read again. Concepts that are no longer in use are left out.

use begrip_domain::{Category, ConceptId, Context};
use begrip_language::{TermKey, Text, search_words, start_of};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::similar::{all_of, two_of};
use crate::{Store, StoreError, queries};

/// A concept beside a text, as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Its row: tells it from others of the same store.
    pub row: i64,
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    pub term: String,
    /// Its synonyms.
    pub synonyms: Vec<String>,
    /// Its context.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// Its whole definition.
    pub definition: String,
}

/// Concepts that share words with a text: at most this many of each kind.
const SHARING: u32 = 40;

/// Concepts that begin alike: at most this many, as `queries::BESIDE_STARTS` has it.
const STARTING: usize = 60;

impl Store {
    /// Concepts with a label that has one of these keys, each with the key and whether it is that of
    /// its term. One statement, however many keys there are.
    pub fn beside_labels(
        &self,
        keys: &[TermKey],
    ) -> Result<Vec<(TermKey, bool, Beside)>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::BESIDE_LABELS)?;
            let keys: Vec<&str> = keys.iter().map(TermKey::as_str).collect();
            let mut rows = query.query([serde_json::to_string(&keys)?])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let key = TermKey::from_stored(row.get(7)?);
                found.push((key, row.get::<_, u8>(8)? == 0, beside(row)?));
            }
            Ok(found)
        })
    }

    /// The rows of concepts whose definition shares the rarest words of the text, or begins somewhere in it: with
    /// the same three content words in a row. Each once; also of concepts that are no longer in use, which
    /// [`Store::beside`] leaves out.
    pub fn rows_beside_text(&self, text: &Text<'_>) -> Result<Vec<i64>, StoreError> {
        let content = text.content_words();
        let starts: Vec<String> = (0..content.len())
            .filter_map(|at| start_of(content.get(at..)?))
            .collect();
        self.pool.read(|connection| {
            let mut found = Vec::new();
            if !starts.is_empty() {
                found = self.starting(connection, &serde_json::to_string(&starts)?)?;
            }
            let rare = self.rarest(connection, content.into_iter().map(|word| word.stem))?;
            if let Some(two) = two_of(&rare) {
                // All of them first: of what shares two there may be more than is looked at.
                let all = (rare.len() > 2).then(|| all_of(&rare));
                for words in all.into_iter().chain([two]) {
                    self.pool.count();
                    let query = params![format!("definition : ({words})"), SHARING];
                    rows(connection, queries::BESIDE_WORDS, query, &mut found)?;
                }
            }
            found.sort_unstable();
            found.dedup();
            Ok(found)
        })
    }

    /// Those that begin with one of these, given as JSON.
    fn starting(&self, connection: &Connection, starts: &str) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::new();
        self.pool.count();
        rows(connection, queries::BESIDE_STARTS, [starts], &mut found)?;
        if found.len() > STARTING {
            found.clear();
            self.pool.count();
            rows(
                connection,
                queries::BESIDE_STARTS_IN_USE,
                [starts],
                &mut found,
            )?;
        }
        Ok(found)
    }

    /// The rows of concepts in whose definition the words of a label stand in a row, in any inflection: the first
    /// `limit`, those that are no longer in use among them. One statement.
    pub fn rows_naming(&self, label: &str, limit: usize) -> Result<Vec<i64>, StoreError> {
        let words = search_words(label);
        let mut found = Vec::new();
        if words.is_empty() {
            return Ok(found);
        }
        self.pool.count();
        self.pool.read(|connection| {
            let phrase = format!("definition : \"{}\"", words.join(" "));
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            rows(
                connection,
                queries::BESIDE_WORDS,
                params![phrase, limit],
                &mut found,
            )?;
            Ok(found)
        })
    }

    /// The concepts with these rows that are in use, in the order of the rows. One statement.
    pub fn beside(&self, rows: &[i64]) -> Result<Vec<Beside>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::BESIDE)?;
            let mut read = query.query([serde_json::to_string(rows)?])?;
            let mut found = Vec::new();
            while let Some(row) = read.next()? {
                found.push(beside(row)?);
            }
            Ok(found)
        })
    }

    /// A number that is higher once anybody changed a concept, this program or another: what was read of concepts
    /// before still holds when it is the same.
    pub fn revised(&self) -> Result<i64, StoreError> {
        self.pool.count();
        self.pool.read(revised)
    }
}

/// See [`Store::revised`].
pub(crate) fn revised(connection: &Connection) -> Result<i64, StoreError> {
    let latest: Option<i64> = connection
        .prepare_cached(queries::REVISED)?
        .query_row([], |row| row.get(0))?;
    Ok(latest.unwrap_or_default())
}

fn rows(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    found: &mut Vec<i64>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    while let Some(row) = rows.next()? {
        found.push(row.get(0)?);
    }
    Ok(())
}

/// Reads a row in the order of `queries::beside_columns`.
fn beside(row: &Row<'_>) -> Result<Beside, StoreError> {
    let text = |index: usize| {
        row.get_ref(index)
            .ok()
            .and_then(|value| value.as_str().ok())
            .unwrap_or_default()
    };
    Ok(Beside {
        row: row.get(0)?,
        id: ConceptId(row.get::<_, Uuid>(1)?),
        term: text(2).to_owned(),
        context: serde_json::from_str(text(3))?,
        category: Category::parse(text(4)),
        definition: text(5).to_owned(),
        synonyms: serde_json::from_str(text(6))?,
    })
}
