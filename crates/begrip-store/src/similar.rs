//! Concepts that may be the same: by key, by synonym, by nearly equal text.

use std::collections::{BTreeSet, HashMap, HashSet};

use begrip_domain::{ConceptId, Context, Label};
use begrip_language::{search_words, term_key};
use rusqlite::{Connection, params};

use crate::connection::Pool;
use crate::rows::{ROW_END, Row, row_of};
use crate::{Store, StoreError, queries};

/// A concept that may be the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// The concept.
    pub row: Row,
    /// Why it may be the same.
    pub kind: SimilarKind,
    /// How near the texts are, 0 to 1; 1 for the other kinds.
    pub similarity: f32,
}

/// Why a concept may be the same; the first is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimilarKind {
    /// Same term key, same context.
    SameConcept,
    /// A synonym has the term's key, or the term has a synonym's.
    Synonym,
    /// Same term key, other context.
    OtherContext,
    /// The definition is nearly equal.
    NearText,
}

/// Texts from this similarity on are near.
const NEAR: f32 = 0.75;

/// Rare words of a text that are looked up.
const RARE: usize = 4;

impl Store {
    /// Concepts that may be the same as this one, strongest first.
    ///
    /// `except` leaves the concept itself out. The number of statements depends on the synonyms and
    /// words given, never on how many concepts there are.
    pub fn similar(
        &self,
        term: &str,
        synonyms: &[Label],
        context: &Context,
        text: &str,
        except: Option<ConceptId>,
    ) -> Result<Vec<Similar>, StoreError> {
        self.pool.read(|connection| {
            let mut found: HashMap<ConceptId, Similar> = HashMap::new();
            let mut add = |similar: Similar| {
                if Some(similar.row.id) == except {
                    return;
                }
                let place = found
                    .entry(similar.row.id)
                    .or_insert_with(|| similar.clone());
                if similar.kind < place.kind {
                    *place = similar;
                }
            };
            let own = term_key(term);
            let keys: Vec<_> = std::iter::once(own.clone())
                .chain(synonyms.iter().map(|synonym| term_key(synonym.as_str())))
                .filter(|key| !key.as_str().is_empty())
                .collect();
            let here = context.key();
            for key in &keys {
                self.pool.count();
                let mut query = connection.prepare_cached(queries::BY_LABEL_KEY)?;
                let mut rows = query.query([key.as_str()])?;
                while let Some(found) = rows.next()? {
                    let row = row_of(found)?;
                    let is_term = found.get::<_, u8>(ROW_END)? == 0 && *key == own;
                    let kind = match is_term {
                        true if row.context.key() == here => SimilarKind::SameConcept,
                        true => SimilarKind::OtherContext,
                        false => SimilarKind::Synonym,
                    };
                    add(Similar {
                        row,
                        kind,
                        similarity: 1.0,
                    });
                }
            }
            let words: HashSet<String> = search_words(text).into_iter().collect();
            // A text of a few words is near to everything.
            if words.len() >= 4 {
                for (row, similarity) in self.near(connection, &words)? {
                    add(Similar {
                        row,
                        kind: SimilarKind::NearText,
                        similarity,
                    });
                }
            }
            let mut found: Vec<Similar> = found.into_values().collect();
            found.sort_by(|a, b| {
                a.kind
                    .cmp(&b.kind)
                    .then(b.similarity.total_cmp(&a.similarity))
                    .then(a.row.term.cmp(&b.row.term))
            });
            Ok(found)
        })
    }

    /// Concepts whose definition shares two of the text's rarest words, with how near they are.
    fn near(
        &self,
        connection: &Connection,
        words: &HashSet<String>,
    ) -> Result<Vec<(Row, f32)>, StoreError> {
        let counted = rarest(&self.pool, connection, words.iter().cloned())?;
        if counted.len() < 2 {
            return Ok(Vec::new());
        }
        let pairs: Vec<String> = counted
            .iter()
            .enumerate()
            .flat_map(|(at, a)| {
                counted
                    .iter()
                    .skip(at + 1)
                    .map(move |b| format!("(\"{a}\" AND \"{b}\")"))
            })
            .collect();
        self.pool.count();
        let mut query = connection.prepare_cached(queries::BY_TEXT)?;
        let mut rows = query.query(params![
            format!("definition : ({})", pairs.join(" OR ")),
            100
        ])?;
        let mut near = Vec::new();
        while let Some(row) = rows.next()? {
            let definition: String = row.get(7)?;
            let other: HashSet<String> = search_words(&definition).into_iter().collect();
            let similarity = dice(words, &other);
            if similarity >= NEAR {
                near.push((row_of(row)?, similarity));
            }
        }
        Ok(near)
    }
}

/// The rarest of these words among those that stand in the index, rarest first; at most [`RARE`].
pub(crate) fn rarest(
    pool: &Pool,
    connection: &Connection,
    words: impl Iterator<Item = String>,
) -> Result<Vec<String>, StoreError> {
    let words: BTreeSet<String> = words
        .filter(|word| word.chars().count() > 3 && word.chars().all(char::is_alphanumeric))
        .collect();
    let mut counted = Vec::new();
    for word in words {
        pool.count();
        let count: u32 = connection
            .prepare_cached(queries::WORD_COUNT)?
            .query_row([format!("definition : \"{word}\"")], |row| row.get(0))?;
        if count > 0 {
            counted.push((count, word));
        }
    }
    counted.sort();
    counted.truncate(RARE);
    Ok(counted.into_iter().map(|(_, word)| word).collect())
}

/// Twice the words in common over the words of both: 0 for nothing, 1 for the same words.
fn dice(a: &HashSet<String>, b: &HashSet<String>) -> f32 {
    let both = a.intersection(b).count();
    match a.len() + b.len() {
        0 => 0.0,
        all => 2.0 * both as f32 / all as f32,
    }
}
