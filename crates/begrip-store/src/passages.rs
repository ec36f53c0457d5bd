//! The articles that fit a question best: a text index with Dutch stems and the parts of compounds,
//! ranked by BM25.

use std::collections::HashSet;

use begrip_language::{Text, compound_heads, search_words};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use rust_stemmers::{Algorithm, Stemmer};

use crate::sources::{Article, NewSource, SourceVersion, in_force};
use crate::{Store, StoreError, queries};

/// An article that fits a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The article.
    pub article: Article,
    /// How well it fits; higher is better. Comparable within one answer only.
    pub score: f64,
}

/// Pieces of articles that are read to rank their articles.
const PIECES: u32 = 100;

/// Pieces that one article may have.
const MOST_PIECES: usize = 1 << 10;

/// Articles beyond those asked for that are read to look at where they stand.
const SPARE: usize = 12;

/// How much the other pieces of an article add to its best one.
const OTHERS: f64 = 0.1;

/// How much more the first article under a heading counts: there the law begins to tell of a thing.
const OPENING: f64 = 1.4;

/// Words of a question that are looked for.
const MOST_WORDS: usize = 24;

/// Characters at the beginning of an article that tell more of it than the rest.
const LEAD: usize = 180;

/// The longest name of what an article is about, in words.
const NAME_WORDS: usize = 8;

/// The shortest compound that is taken apart, in letters.
const COMPOUND: usize = 8;

impl Store {
    /// The best `limit` articles for a question, of the versions in force on a day; best first.
    ///
    /// A question is a term or some words. Four statements, however many articles there are.
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
            self.pool.count();
            let mut ranked = rank(connection, &expression, &versions)?;
            ranked.truncate(limit as usize + SPARE);
            self.pool.count();
            let rows: Vec<i64> = ranked.iter().map(|(row, _)| *row).collect();
            let mut query = connection.prepare_cached(queries::PASSAGE_ARTICLES)?;
            let mut found = query.query([serde_json::to_string(&rows)?])?;
            let mut passages = Vec::new();
            while let Some(row) = found.next()? {
                let own: i64 = row.get(0)?;
                let version = versions.iter().find(|version| version.row == own >> 16);
                let score = ranked.iter().find(|(row, _)| *row == own);
                let (Some(version), Some((_, score))) = (version, score) else {
                    continue;
                };
                let opens: bool = row.get(5)?;
                passages.push(Passage {
                    article: Article {
                        version: version.clone(),
                        number: row.get(1)?,
                        path: row.get(2)?,
                        text: row.get(3)?,
                        address: row.get(4)?,
                    },
                    score: if opens { score * OPENING } else { *score },
                });
            }
            passages.sort_by(|a, b| b.score.total_cmp(&a.score));
            passages.truncate(limit as usize);
            Ok(passages)
        })
    }
}

/// Articles by row number with their scores, best first: the best piece of each counts, and its
/// others a little.
fn rank(
    connection: &Connection,
    expression: &str,
    versions: &[SourceVersion],
) -> Result<Vec<(i64, f64)>, StoreError> {
    let rows: Vec<i64> = versions.iter().map(|version| version.row).collect();
    let mut query = connection.prepare_cached(queries::PASSAGES)?;
    let mut found = query.query(params![expression, serde_json::to_string(&rows)?, PIECES])?;
    let mut ranked: Vec<(i64, f64)> = Vec::new();
    while let Some(row) = found.next()? {
        let (article, score) = (row.get::<_, i64>(0)? >> 10, -row.get::<_, f64>(1)?);
        match ranked.iter_mut().find(|(own, _)| *own == article) {
            Some((_, best)) => *best += score * OTHERS,
            None => ranked.push((article, score)),
        }
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(ranked)
}

/// The stems of the content words of a text.
fn content_stems(text: &str) -> Vec<String> {
    let text = Text::new(text);
    text.content_words()
        .iter()
        .filter_map(|content| text.words().get(content.word))
        .flat_map(|word| stems(word.raw))
        .collect()
}

/// The stems of a question's content words, each once.
fn question_words(question: &str) -> Vec<String> {
    let mut words = content_stems(question);
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
    all.push(format!("\"0{}\"", words.concat()));
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
    let pieces: Vec<(i64, Piece)> = (first..)
        .zip(&source.articles)
        .flat_map(|(row, article)| {
            let heading = stems(&format!("{} {}", source.title, article.path)).join(" ");
            pieces(&article.text)
                .into_iter()
                .zip(row << 10..)
                .take(MOST_PIECES)
                .map(move |(piece, row)| (row, Piece::new(&heading, &piece)))
                .collect::<Vec<_>>()
        })
        .collect();
    // A part of a compound is what the source has as a word of its own.
    let vocabulary: HashSet<&str> = pieces
        .iter()
        .flat_map(|(_, piece)| piece.heading.split(' ').chain(piece.text.split(' ')))
        .collect();
    let mut insert = connection.prepare_cached(
        "INSERT INTO passage (rowid, heading, named, lead, text, parts) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (row, piece) in &pieces {
        let Piece {
            heading,
            named,
            lead,
            text,
        } = piece;
        let parts: Vec<String> = text
            .split(' ')
            .flat_map(parts_of)
            .filter(|part| vocabulary.contains(part.as_str()))
            .collect();
        insert.execute(params![row, heading, named, lead, text, parts.join(" ")])?;
    }
    Ok(())
}

/// A piece of an article as it stands in the index.
struct Piece {
    heading: String,
    named: String,
    lead: String,
    text: String,
}

impl Piece {
    fn new(heading: &str, text: &str) -> Self {
        let lead: String = text.chars().take(LEAD).collect();
        Self {
            heading: heading.to_owned(),
            named: named(text),
            lead: stems(&lead).join(" "),
            text: stems(text).join(" "),
        }
    }
}

/// The pieces of an article: each paragraph with its lists, and each definition of a list by itself.
fn pieces(article: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for line in article.lines() {
        let begins = !line.starts_with(' ') || defined(line).is_some();
        match pieces.last_mut() {
            Some(piece) if !begins => {
                piece.push('\n');
                piece.push_str(line);
            }
            _ => pieces.push(line.to_owned()),
        }
    }
    pieces
}

/// The term that a line defines: *a. term: …*.
fn defined(line: &str) -> Option<&str> {
    let (term, _) = unmarked(line.trim()).split_once(": ")?;
    let is_term = !term.contains(['.', ';']) && term.split(' ').count() <= NAME_WORDS;
    is_term.then_some(term)
}

/// What an article is about by its own words: terms that it defines (*a. term: …*, *Onder X wordt
/// verstaan*), an offence that it names (*als schuldig aan X*), and the subject of its first words.
fn named(article: &str) -> String {
    let mut out = String::new();
    let mut add = |words: &str| {
        if words.split_whitespace().count() <= NAME_WORDS
            && let Some(name) = name_of(words)
        {
            out.push_str(&name);
            out.push(' ');
        }
    };
    for (at, line) in article.lines().enumerate() {
        let line = unmarked(line.trim());
        let lower = line.to_lowercase();
        if let Some(term) = defined(line) {
            add(term);
        }
        for (before, after) in [
            ("onder ", &[" wordt ", " worden "][..]),
            ("als ", &[" wordt ", " worden "][..]),
            ("schuldig aan ", &[",", " met "][..]),
        ] {
            let Some(start) = lower.find(before).map(|at| at + before.len()) else {
                continue;
            };
            let rest = lower.get(start..).unwrap_or_default();
            if let Some(end) = after.iter().filter_map(|end| rest.find(end)).min() {
                add(rest.get(..end).unwrap_or_default());
            }
        }
        if at == 0 {
            let verbs = [
                " is ",
                " wordt ",
                " worden ",
                " kan ",
                " kunnen ",
                " bestaat ",
                " zijn ",
            ];
            if let Some(end) = verbs.iter().filter_map(|verb| lower.find(verb)).min() {
                add(lower.get(..end).unwrap_or_default());
            }
        }
    }
    out
}

/// One word for a whole name, which no text has: it is found by the same name only.
fn name_of(words: &str) -> Option<String> {
    let name = content_stems(words).concat();
    (!name.is_empty()).then(|| format!("0{name}"))
}

/// A line without the number or letter before it.
fn unmarked(line: &str) -> &str {
    match line.split_once(' ') {
        Some((mark, rest)) if mark.len() <= 6 && mark.ends_with(['.', '–', '°']) => rest,
        _ => line,
    }
}

/// Takes the articles between two row numbers out of the index.
pub(crate) fn unindex(connection: &Connection, first: i64, end: i64) -> Result<(), StoreError> {
    connection.execute(
        "DELETE FROM passage WHERE rowid >= ?1 AND rowid < ?2",
        [first << 10, end << 10],
    )?;
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
