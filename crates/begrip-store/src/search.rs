//! Ranked search while typing.
//!
//! Order: exact term or synonym, then a label that matches, then text; within each, status, then
//! own context, then how well the text matches.

use std::collections::HashMap;

use begrip_domain::{Context, Label};
use begrip_language::{fold, search_words, term_key};
use rusqlite::{Connection, params};

use crate::concepts::{Row, row_of};
use crate::{Store, StoreError, queries};

/// A hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The concept.
    pub row: Row,
    /// The synonym that matched, when it was a synonym.
    pub synonym: Option<String>,
    /// What matched.
    pub matched: Matched,
    /// Term or synonym equals the query but for case and inflection.
    pub exact: bool,
}

/// What of a concept matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// The term.
    Term,
    /// A synonym.
    Synonym,
    /// Definition or explanation.
    Text,
}

impl Matched {
    /// The name as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Synonym => "synonym",
            Self::Text => "text",
        }
    }
}

/// How many matches of one kind are ranked.
const CANDIDATES: u32 = 200;

struct Found {
    hit: Hit,
    score: f64,
}

impl Store {
    /// The best `limit` hits for what was typed so far; the last word may be unfinished.
    ///
    /// `own` is the user's own context. At most four statements, however many concepts there are.
    pub fn search(&self, query: &str, own: &Context, limit: u32) -> Result<Vec<Hit>, StoreError> {
        let folded = fold(query.trim());
        if folded.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        self.pool.read(|connection| {
            let mut found: HashMap<begrip_domain::ConceptId, Found> = HashMap::new();
            self.pool.count();
            labels(
                connection,
                queries::BY_LABEL_KEY,
                params![term_key(query).as_str()],
                true,
                &mut found,
            )?;
            self.pool.count();
            let after = format!("{folded}\u{10FFFF}");
            labels(
                connection,
                queries::BY_LABEL_PREFIX,
                params![folded, after, CANDIDATES],
                false,
                &mut found,
            )?;
            if let Some(expression) = match_all(query) {
                self.pool.count();
                texts(
                    connection,
                    &format!("{{term synonyms}} : ({expression})"),
                    Matched::Term,
                    &mut found,
                )?;
                if (found.len() as u32) < limit {
                    self.pool.count();
                    texts(connection, &expression, Matched::Text, &mut found)?;
                }
            }
            let mut found: Vec<Found> = found.into_values().collect();
            found.sort_by(|a, b| {
                rank(a, own)
                    .partial_cmp(&rank(b, own))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
            found.truncate(limit as usize);
            Ok(found.into_iter().map(|found| found.hit).collect())
        })
    }
}

type Rank<'a> = (bool, bool, u8, bool, bool, f64, usize, &'a Label);

fn rank<'a>(found: &'a Found, own: &Context) -> Rank<'a> {
    let hit = &found.hit;
    (
        !hit.exact,
        hit.matched == Matched::Text,
        hit.row.status.rank(),
        !shares(&hit.row.context, own),
        hit.matched == Matched::Synonym,
        found.score,
        hit.row.term.as_str().len(),
        &hit.row.term,
    )
}

/// Whether two contexts have an organisation or a legal area in common.
fn shares(context: &Context, own: &Context) -> bool {
    !context.organisations.is_disjoint(&own.organisations)
        || !context.legal_areas.is_disjoint(&own.legal_areas)
}

fn labels(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    exact: bool,
    found: &mut HashMap<begrip_domain::ConceptId, Found>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    while let Some(row) = rows.next()? {
        let kind: u8 = row.get(10)?;
        let label: String = row.get(11)?;
        let concept = row_of(row)?;
        let matched = if kind == 0 {
            Matched::Term
        } else {
            Matched::Synonym
        };
        let hit = Hit {
            row: concept,
            synonym: (kind != 0).then_some(label),
            matched,
            exact,
        };
        let entry = found.entry(hit.row.id);
        // Of a concept's several labels the best one speaks.
        let better = |old: &Found| (!hit.exact, hit.matched) < (!old.hit.exact, old.hit.matched);
        match entry {
            std::collections::hash_map::Entry::Occupied(mut old) if better(old.get()) => {
                old.insert(Found {
                    hit,
                    score: f64::NEG_INFINITY,
                });
            }
            std::collections::hash_map::Entry::Occupied(_) => {}
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Found {
                    hit,
                    score: f64::NEG_INFINITY,
                });
            }
        }
    }
    Ok(())
}

fn texts(
    connection: &Connection,
    expression: &str,
    matched: Matched,
    found: &mut HashMap<begrip_domain::ConceptId, Found>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(queries::BY_TEXT)?;
    let mut rows = query.query(params![expression, CANDIDATES])?;
    while let Some(row) = rows.next()? {
        let score: f64 = row.get(10)?;
        let hit = Hit {
            row: row_of(row)?,
            synonym: None,
            matched,
            exact: false,
        };
        found.entry(hit.row.id).or_insert(Found { hit, score });
    }
    Ok(())
}

/// A full-text query in which every word must stand, the last one unfinished; none without words.
///
/// A word matches as written or in another inflection. Words are letters and digits only, so that
/// nothing typed can be read as an operator.
pub(crate) fn match_all(text: &str) -> Option<String> {
    const WORDS: usize = 12;
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .collect();
    let last = words.len().checked_sub(1)?;
    let parts: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(index, word)| {
            let star = if index == last { "*" } else { "" };
            match search_words(word).first() {
                Some(stem) if stem != word && stem.chars().all(char::is_alphanumeric) => {
                    format!("(\"{word}\"{star} OR \"{stem}\")")
                }
                _ => format!("\"{word}\"{star}"),
            }
        })
        .collect();
    Some(parts.join(" AND "))
}
