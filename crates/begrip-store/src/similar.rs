//! Concepts that may be the same: by key, by synonym, by nearly equal text.

use std::collections::{BTreeSet, HashMap, HashSet};

use begrip_cache::{Bounded, Stats};
use begrip_domain::{ConceptId, Context, Label};
use begrip_language::{search_words, term_key};
use rusqlite::{Connection, params};

use crate::neighbours::revised;
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
        let rare = self.rarest(connection, words.iter().cloned())?;
        let Some(two) = two_of(&rare) else {
            return Ok(Vec::new());
        };
        self.pool.count();
        let mut query = connection.prepare_cached(queries::BY_TEXT)?;
        let mut rows = query.query(params![format!("definition : ({two})"), 100])?;
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

    /// What is remembered of how often words stand in definitions, and what that did.
    pub fn word_counts(&self) -> Stats {
        self.word_counts.stats()
    }

    /// The rarest of these words among those that stand in the index, rarest first; at most [`RARE`].
    pub(crate) fn rarest(
        &self,
        connection: &Connection,
        words: impl Iterator<Item = String>,
    ) -> Result<Vec<String>, StoreError> {
        let words: BTreeSet<String> = words
            .filter(|word| word.chars().count() > 3 && word.chars().all(char::is_alphanumeric))
            .collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        self.pool.count();
        let revised = revised(connection)?;
        let mut counted = Vec::new();
        for word in words {
            let key = (revised, word);
            let known: Option<u32> = self.word_counts.get(&key);
            let count = match known {
                Some(count) => count,
                None => {
                    self.pool.count();
                    connection
                        .prepare_cached(queries::WORD_COUNT)?
                        .query_row([format!("definition : \"{}\"", key.1)], |row| row.get(0))?
                }
            };
            // A word that stands nowhere may be anybody's name: it is not remembered.
            if count > 0 {
                if known.is_none() {
                    self.word_counts.put(key.clone(), count);
                }
                counted.push((count, key.1));
            }
        }
        counted.sort();
        counted.truncate(RARE);
        Ok(counted.into_iter().map(|(_, word)| word).collect())
    }
}

/// In how many definitions a word stands, as `queries::WORD_COUNT` counts, by the number of the latest revision then
/// and the word. Who types has the same words looked at with each key.
pub(crate) type WordCounts = Bounded<(i64, String), u32>;

/// Bytes that they may take: some ten thousand words.
const ROOM: u64 = 2_000_000;

/// None yet.
pub(crate) fn word_counts() -> WordCounts {
    Bounded::new(ROOM, |(_, word), _| {
        u32::try_from(word.len())
            .unwrap_or(u32::MAX)
            .saturating_add(160)
    })
}

/// A full-text question for what has all of these words.
pub(crate) fn all_of(words: &[String]) -> String {
    quoted(words).join(" AND ")
}

/// A full-text question for what has two of these words at least; none for fewer than two. Each word stands in it as
/// seldom as can be, for the index is walked once for each time that it does: something of both halves, or two of one.
pub(crate) fn two_of(words: &[String]) -> Option<String> {
    if words.len() < 2 {
        return None;
    }
    let (one, other) = words.split_at(words.len() / 2);
    let any = |words| quoted(words).join(" OR ");
    let both = format!("(({}) AND ({}))", any(one), any(other));
    let ways = [Some(both), two_of(one), two_of(other)];
    Some(ways.into_iter().flatten().collect::<Vec<_>>().join(" OR "))
}

fn quoted(words: &[String]) -> Vec<String> {
    words.iter().map(|word| format!("\"{word}\"")).collect()
}

/// Twice the words in common over the words of both: 0 for nothing, 1 for the same words.
fn dice(a: &HashSet<String>, b: &HashSet<String>) -> f32 {
    let both = a.intersection(b).count();
    match a.len() + b.len() {
        0 => 0.0,
        all => 2.0 * both as f32 / all as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_words_keep_the_promises_of_a_cache() {
        // So long that the room is full after some hundred.
        let entry = |number: u32| ((1, format!("{number:3000}")), number);
        begrip_cache::contract::holds(&word_counts(), entry, u32::to_string);
    }

    #[test]
    fn each_word_stands_in_the_question_for_two_of_them_as_seldom_as_can_be() {
        let words = |count: usize| -> Vec<String> {
            ["een", "twee", "drie", "vier"][..count]
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(two_of(&words(1)), None);
        let asked = |count| two_of(&words(count)).unwrap();
        assert_eq!(asked(2), r#"(("een") AND ("twee"))"#);
        assert_eq!(
            asked(3),
            r#"(("een") AND ("twee" OR "drie")) OR (("twee") AND ("drie"))"#
        );
        assert_eq!(asked(4).matches('"').count(), 2 * 8);
    }
}
