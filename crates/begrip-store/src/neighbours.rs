//! What stands beside a text: concepts by label, by words and by the beginning of their definition.
//!
//! Each look-up goes through an index and gives a bounded number of concepts. Concepts that are no
//! longer in use are left out.

use begrip_domain::{Category, ConceptId, Context};
use begrip_language::{TermKey, Text, search_words, start_of};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::similar::rarest;
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

    /// Concepts whose definition shares the rarest words of the text, or begins somewhere in it: with
    /// the same three content words in a row.
    pub fn beside_text(&self, text: &Text<'_>) -> Result<Vec<Beside>, StoreError> {
        let content = text.content_words();
        let starts: Vec<String> = (0..content.len())
            .filter_map(|at| start_of(content.get(at..)?))
            .collect();
        self.pool.read(|connection| {
            let mut found = Vec::new();
            if !starts.is_empty() {
                self.pool.count();
                let starts = serde_json::to_string(&starts)?;
                collect(
                    connection,
                    queries::BESIDE_STARTS,
                    params![starts],
                    &mut found,
                )?;
            }
            let rare = rarest(
                &self.pool,
                connection,
                content.into_iter().map(|word| word.stem),
            )?;
            if rare.len() >= 2 {
                let quoted: Vec<String> = rare.iter().map(|word| format!("\"{word}\"")).collect();
                let pairs = quoted.iter().enumerate().flat_map(|(at, a)| {
                    let later = quoted.iter().skip(at + 1);
                    later.map(move |b| format!("({a} AND {b})"))
                });
                // All of them first: of what shares two there may be more than is looked at.
                let all = quoted.join(" AND ");
                for words in [all, pairs.collect::<Vec<_>>().join(" OR ")] {
                    self.pool.count();
                    let query = params![format!("definition : ({words})"), SHARING];
                    collect(connection, queries::BESIDE_WORDS, query, &mut found)?;
                }
            }
            found.sort_by_key(|beside: &Beside| beside.row);
            found.dedup_by_key(|beside| beside.row);
            Ok(found)
        })
    }

    /// Concepts in whose definition the words of a label stand in a row, in any inflection; `None`
    /// when there are more than `most`. One statement.
    pub fn beside_naming(
        &self,
        label: &str,
        most: usize,
    ) -> Result<Option<Vec<Beside>>, StoreError> {
        let words = search_words(label);
        if words.is_empty() {
            return Ok(Some(Vec::new()));
        }
        self.pool.count();
        self.pool.read(|connection| {
            let mut found = Vec::new();
            let phrase = format!("definition : \"{}\"", words.join(" "));
            let limit = u32::try_from(most).unwrap_or(u32::MAX).saturating_add(1);
            collect(
                connection,
                queries::BESIDE_WORDS,
                params![phrase, limit],
                &mut found,
            )?;
            Ok((found.len() <= most).then_some(found))
        })
    }
}

fn collect(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    found: &mut Vec<Beside>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    while let Some(row) = rows.next()? {
        found.push(beside(row)?);
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
