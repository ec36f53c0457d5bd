//! The articles that fit a question best: a text index with Dutch stems and the parts of compounds,
//! ranked by BM25.

use std::collections::HashSet;

use begrip_language::{Text, compound_heads, search_words};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use rust_stemmers::{Algorithm, Stemmer};

use crate::sources::{Article, NewSource, in_force};
use crate::{Store, StoreError, queries};

/// An article that fits a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The article.
    pub article: Article,
    /// How well it fits; higher is better. Comparable within one answer only.
    pub score: f64,
}

/// Words of a question that are looked for.
const MOST_WORDS: usize = 24;

/// The shortest compound that is taken apart, in letters.
const COMPOUND: usize = 8;

impl Store {
    /// The best `limit` articles for a question, of the versions in force on a day; best first.
    ///
    /// A question is a term or some words. Three statements, however many articles there are.
    pub fn passages(
        &self,
        question: &str,
        date: Date,
        limit: u32,
    ) -> Result<Vec<Passage>, StoreError> {
        let words = question_words(question);
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        self.pool.read(|connection| {
            self.pool.count();
            let versions = in_force(connection, date)?;
            if versions.is_empty() {
                return Ok(Vec::new());
            }
            self.pool.count();
            let expression = expression(connection, &words)?;
            let rows: Vec<i64> = versions.iter().map(|version| version.row).collect();
            self.pool.count();
            let mut query = connection.prepare_cached(queries::PASSAGES)?;
            let mut found =
                query.query(params![expression, serde_json::to_string(&rows)?, limit])?;
            let mut passages = Vec::new();
            while let Some(row) = found.next()? {
                let own = row.get::<_, i64>(0)? >> 16;
                let Some(version) = versions.iter().find(|version| version.row == own) else {
                    continue;
                };
                passages.push(Passage {
                    article: Article {
                        version: version.clone(),
                        number: row.get(1)?,
                        path: row.get(2)?,
                        text: row.get(3)?,
                        address: row.get(4)?,
                    },
                    score: -row.get::<_, f64>(5)?,
                });
            }
            Ok(passages)
        })
    }
}

/// The stems of a question's content words, each once.
fn question_words(question: &str) -> Vec<String> {
    let text = Text::new(question);
    let mut words: Vec<String> = text
        .content_words()
        .iter()
        .filter_map(|content| text.words().get(content.word))
        .flat_map(|word| stems(word.raw))
        .collect();
    if words.is_empty() {
        words = stems(question);
    }
    let mut seen = HashSet::new();
    words.retain(|word| seen.insert(word.clone()));
    words.truncate(MOST_WORDS);
    words
}

/// A full-text question in which one word is enough; more of them, and neighbours in the order of
/// the question, weigh more. Compounds that no text has are looked for by their parts.
fn expression(connection: &Connection, words: &[String]) -> Result<String, StoreError> {
    let parts: Vec<String> = words.iter().flat_map(|word| parts_of(word)).collect();
    let known: HashSet<String> = {
        let mut query = connection.prepare_cached(queries::PASSAGE_WORDS)?;
        let rows = query.query_map([serde_json::to_string(&parts)?], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut all: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    all.extend(
        words
            .windows(2)
            .map(|pair| format!("\"{}\"", pair.join(" "))),
    );
    for part in parts {
        let quoted = format!("\"{part}\"");
        if known.contains(&part) && !all.contains(&quoted) {
            all.push(quoted);
        }
    }
    Ok(all.join(" OR "))
}

/// Puts the articles of a version into the index, from the row number `first` on.
pub(crate) fn index(
    connection: &Connection,
    first: i64,
    source: &NewSource,
) -> Result<(), StoreError> {
    let texts: Vec<(String, String)> = source
        .articles
        .iter()
        .map(|article| {
            let heading = format!("{} {}", source.title, article.path);
            (stems(&heading).join(" "), stems(&article.text).join(" "))
        })
        .collect();
    // A part of a compound is what the source has as a word of its own.
    let vocabulary: HashSet<&str> = texts
        .iter()
        .flat_map(|(heading, text)| heading.split(' ').chain(text.split(' ')))
        .collect();
    let mut insert = connection.prepare_cached(
        "INSERT INTO passage (rowid, heading, text, parts) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (row, (heading, text)) in (first..).zip(&texts) {
        let parts: Vec<String> = text
            .split(' ')
            .flat_map(parts_of)
            .filter(|part| vocabulary.contains(part.as_str()))
            .collect();
        insert.execute(params![row, heading, text, parts.join(" ")])?;
    }
    Ok(())
}

/// Takes the articles between two row numbers out of the index.
pub(crate) fn unindex(connection: &Connection, first: i64, end: i64) -> Result<(), StoreError> {
    let mut query = connection.prepare("SELECT row FROM article WHERE row >= ?1 AND row < ?2")?;
    let rows: Vec<i64> = query
        .query_map([first, end], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut delete = connection.prepare_cached("DELETE FROM passage WHERE rowid = ?1")?;
    for row in rows {
        delete.execute([row])?;
    }
    Ok(())
}

/// What words have in common through inflection and older spelling: *voorloopige*, *voorlopig*.
fn stems(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::Dutch);
    search_words(text)
        .iter()
        .map(|word| single(&stemmer.stem(word)))
        .collect()
}

/// A word with each doubled letter once and *s* for *sch* at its end: old and new spelling, open and
/// closed syllables become one.
fn single(word: &str) -> String {
    let (start, end) = match word.strip_suffix("sch") {
        Some(start) => (start, "s"),
        None => (word, ""),
    };
    let mut out = String::with_capacity(word.len());
    for c in start.chars().chain(end.chars()) {
        if !out.ends_with(c) || c.is_ascii_digit() {
            out.push(c);
        }
    }
    out
}

/// The words that a stem may be put together from: its last part, and what stands before it.
fn parts_of(word: &str) -> Vec<String> {
    if word.chars().count() < COMPOUND {
        return Vec::new();
    }
    let mut parts = Vec::new();
    for last in compound_heads(word) {
        let Some(first) = word.strip_suffix(last) else {
            continue;
        };
        parts.push(last.to_owned());
        parts.push(first.to_owned());
        if let Some(bare) = first.strip_suffix('s') {
            parts.push(bare.to_owned());
        }
    }
    parts.retain(|part| part.chars().count() >= 4);
    parts
}
