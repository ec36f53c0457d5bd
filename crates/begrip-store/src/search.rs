//! Ranked search while typing.
//!
//! Order: exact term or synonym, then a label that matches, then text; within each, status, then
//! what is in force, then own context, then how well the text matches.

use std::collections::HashMap;

use begrip_domain::{ConceptId, Context, InForce, Label};
use begrip_language::{fold, search_words, term_key};
use jiff::civil::Date;
use rusqlite::{Connection, params};

use crate::rows::{ROW_END, Row, row_of};
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

/// How many labels, and how many texts with the words in a label, are read to be ranked.
const CANDIDATES: u32 = 60;

/// How many texts with the words anywhere are read to be ranked.
const IN_TEXT: u32 = 40;

/// How many of either are read when many may have to be left out.
const WIDE: u32 = 1_000;

/// Which hits count.
#[derive(Clone, Copy)]
struct Wanted {
    /// Only what holds on this day.
    only_on: Option<Date>,
}

impl Wanted {
    /// Whether a concept counts.
    fn takes(self, row: &Row) -> bool {
        self.only_on
            .is_none_or(|day| row.validity.on(day) == InForce::Now)
    }

    /// How many candidates are read where `usual` do when all of them count.
    fn most(self, usual: u32) -> u32 {
        self.only_on.map_or(usual, |_| WIDE)
    }
}

struct Found {
    hit: Hit,
    score: f64,
}

impl Store {
    /// The best `limit` hits for what was typed so far; the last word may be unfinished.
    ///
    /// `own` is the user's own context; what holds on `day` goes before what does not. At most four
    /// statements, however many concepts there are.
    pub fn search(
        &self,
        query: &str,
        own: &Context,
        day: Date,
        limit: u32,
    ) -> Result<Vec<Hit>, StoreError> {
        let wanted = Wanted { only_on: None };
        self.find(query, own, day, limit, wanted)
    }

    /// The same among the concepts that hold on `day`; the others are left out.
    pub fn search_valid(
        &self,
        query: &str,
        own: &Context,
        day: Date,
        limit: u32,
    ) -> Result<Vec<Hit>, StoreError> {
        let wanted = Wanted { only_on: Some(day) };
        self.find(query, own, day, limit, wanted)
    }

    fn find(
        &self,
        query: &str,
        own: &Context,
        day: Date,
        limit: u32,
        wanted: Wanted,
    ) -> Result<Vec<Hit>, StoreError> {
        let folded = fold(query.trim());
        if folded.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        self.pool.read(|connection| {
            let mut found: HashMap<ConceptId, Found> = HashMap::new();
            self.pool.count();
            labels(
                connection,
                queries::BY_LABEL_KEY,
                params![term_key(query).as_str()],
                true,
                wanted,
                &mut found,
            )?;
            self.pool.count();
            let after = format!("{folded}\u{10FFFF}");
            labels(
                connection,
                queries::BY_LABEL_PREFIX,
                params![folded, after, wanted.most(CANDIDATES)],
                false,
                wanted,
                &mut found,
            )?;
            if let Some(expression) = match_all(query) {
                let words = words_of(&folded);
                self.pool.count();
                texts(
                    connection,
                    &format!("{{term synonyms}} : ({expression})"),
                    &words,
                    Matched::Term,
                    wanted,
                    &mut found,
                )?;
                if (found.len() as u32) < limit {
                    self.pool.count();
                    let matched = Matched::Text;
                    texts(connection, &expression, &words, matched, wanted, &mut found)?;
                }
            }
            let mut found: Vec<Found> = found.into_values().collect();
            found.sort_by(|a, b| {
                rank(a, own, day)
                    .partial_cmp(&rank(b, own, day))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
            found.truncate(limit as usize);
            Ok(found.into_iter().map(|found| found.hit).collect())
        })
    }
}

type Rank<'a> = (
    bool,
    bool,
    u8,
    InForce,
    bool,
    bool,
    f64,
    usize,
    &'a Label,
    ConceptId,
);

fn rank<'a>(found: &'a Found, own: &Context, day: Date) -> Rank<'a> {
    let hit = &found.hit;
    (
        !hit.exact,
        hit.matched == Matched::Text,
        hit.row.status.rank(),
        hit.row.validity.on(day),
        !shares(&hit.row.context, own),
        hit.matched == Matched::Synonym,
        found.score,
        hit.row.term.as_str().len(),
        &hit.row.term,
        // Homonyms too stand in one order: it decides what a prompt says, and so which answer is kept.
        hit.row.id,
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
    wanted: Wanted,
    found: &mut HashMap<ConceptId, Found>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    while let Some(row) = rows.next()? {
        let kind: u8 = row.get(ROW_END)?;
        let label: String = row.get(ROW_END + 1)?;
        let concept = row_of(row)?;
        if !wanted.takes(&concept) {
            continue;
        }
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
    words: &[&str],
    matched: Matched,
    wanted: Wanted,
    found: &mut HashMap<ConceptId, Found>,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(queries::BY_TEXT)?;
    let most = match matched {
        Matched::Text => IN_TEXT,
        Matched::Term | Matched::Synonym => CANDIDATES,
    };
    let mut rows = query.query(params![expression, wanted.most(most)])?;
    while let Some(row) = rows.next()? {
        let hit = Hit {
            row: row_of(row)?,
            synonym: None,
            matched,
            exact: false,
        };
        if !wanted.takes(&hit.row) {
            continue;
        }
        let score = match matched {
            Matched::Text => score(words, &hit.row.snippet),
            Matched::Term | Matched::Synonym => 0.0,
        };
        found.entry(hit.row.id).or_insert(Found { hit, score });
    }
    Ok(())
}

/// How well a text matches, lower is better: the more of the words stand in the beginning of the
/// definition, and the earlier, the better.
fn score(words: &[&str], snippet: &str) -> f64 {
    let text = fold(snippet);
    let length = text.len().max(1) as f64;
    words
        .iter()
        .filter_map(|word| text.find(word))
        .map(|at| at as f64 / length - 2.0)
        .sum()
}

/// The words of a folded text, as many as are looked for.
fn words_of(folded: &str) -> Vec<&str> {
    const WORDS: usize = 12;
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .collect()
}

/// A full-text query in which every word must stand, the last one unfinished; none without words.
///
/// A word matches as written or in another inflection. Words are letters and digits only, so that
/// nothing typed can be read as an operator.
pub(crate) fn match_all(text: &str) -> Option<String> {
    let folded = fold(text);
    let words = words_of(&folded);
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use begrip_domain::{Concept, ConceptFields, Origin, Provenance, Status};
    use jiff::Timestamp;
    use rusqlite::trace::{TraceEvent, TraceEventCodes};

    use super::*;
    use crate::{Change, Filter, Page, Sort};

    thread_local! {
        static RUN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// What SQLite itself says it runs, without what the text index asks of its own tables.
    fn noted(event: TraceEvent<'_>) {
        if let TraceEvent::Stmt(_, sql) = event
            && !sql.contains("'concept_text_")
            && !sql.starts_with("--")
        {
            let sql = sql.to_owned();
            RUN.with_borrow_mut(|run| run.push(sql));
        }
    }

    fn concept(number: u32) -> Concept {
        let term = format!("zaak {number}");
        Concept {
            id: ConceptId(uuid::Uuid::from_u128(u128::from(number) + 1)),
            fields: ConceptFields {
                definition: "geschil dat aan de rechter wordt voorgelegd".to_owned(),
                ..ConceptFields::of_term(Label::new(&term).unwrap())
            },
            status: Status::InPreparation,
            version: 1,
            provenance: Provenance {
                origin: Origin::Person,
                author: "Noor".to_owned(),
                model: None,
            },
            created_at: Timestamp::UNIX_EPOCH,
            modified_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn sqlite_runs_no_more_statements_for_a_thousand_rows_than_for_three() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        // One thread uses one reader, so this one sees every statement.
        let mask = TraceEventCodes::SQLITE_TRACE_STMT;
        let watch = |connection: &Connection| {
            connection.trace_v2(mask, Some(noted));
            Ok(())
        };
        store.pool.read(watch).unwrap();
        let change = Change {
            author: "Noor",
            at: Timestamp::UNIX_EPOCH,
            reason: "",
        };
        let own = Context::default();
        let text = "geschil dat aan een rechter wordt voorgelegd";
        let filter = Filter {
            text: "zaak".to_owned(),
            ..Filter::default()
        };
        let page = Page {
            offset: 0,
            limit: 50,
        };
        let run = |name: &str, most: u32, work: &dyn Fn(&Store) -> usize| {
            RUN.take();
            let said = store.statements();
            let found = work(&store);
            let run = RUN.take();
            let ran = run.len() as u32;
            assert!((1..=most).contains(&ran), "{name}: {run:#?}");
            assert_eq!(
                store.statements() - said,
                ran,
                "{name}: the store's own count"
            );
            (found, ran)
        };
        let all = || {
            [
                run("search", 4, &|store| {
                    store
                        .search("zaak", &own, jiff::civil::date(2026, 1, 1), 1_000)
                        .unwrap()
                        .len()
                }),
                run("list", 2, &|store| {
                    store.list(&filter, Sort::Term, page).unwrap().rows.len()
                }),
                run("similar", 8, &|store| {
                    store.similar("zaak", &[], &own, text, None).unwrap().len()
                }),
            ]
        };
        let mut ran = Vec::new();
        for (from, to) in [(0, 3), (3, 1_000)] {
            for number in from..to {
                store.insert(&concept(number), &change).unwrap();
            }
            ran.push(all());
        }
        let (few, many) = (ran[0], ran[1]);
        for (few, many) in few.iter().zip(&many) {
            assert!(
                few.0 >= 3 && many.0 > few.0,
                "more is found: {few:?}, {many:?}"
            );
            assert!(many.1 <= few.1, "statements: {few:?}, {many:?}");
        }
        assert_eq!(store.readers(), 1);
    }
}
