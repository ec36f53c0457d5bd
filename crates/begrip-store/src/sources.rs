//! Laws and court decisions: their articles, several versions side by side, and the concepts that a
//! law itself defines.

use begrip_domain::{Concept, Status, dutch_day};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::concepts::Change;
use crate::index::{write_new, write_row};
use crate::passages::{index, unindex};
use crate::rows::{day_text, stored, time};
use crate::{Store, StoreError, queries};

/// Articles that one version of a source may have.
const MOST_ARTICLES: usize = 1 << 16;

/// Law or decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A law, in one of its versions.
    Law,
    /// A court decision.
    Decision,
}

impl SourceKind {
    /// The name as it stands in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Decision => "decision",
        }
    }
}

/// A version of a law, or a decision, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// BWB id or ECLI.
    pub id: String,
    /// What it is.
    pub kind: SourceKind,
    /// Citation title, or the court.
    pub title: String,
    /// First day of this version, or the day of the decision; none when that is not known.
    pub valid_from: Option<Date>,
    /// Last day of this version; none when no end is known.
    pub valid_to: Option<Date>,
    /// Its articles or paragraphs, in order.
    pub articles: Vec<NewArticle>,
}

/// An article, or a paragraph of a decision, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArticle {
    /// Its number.
    pub number: String,
    /// Where it stands: headings from outside in, with ` › ` between.
    pub path: String,
    /// What it says, a line each.
    pub text: String,
    /// Its standard address.
    pub address: String,
}

/// A version that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceVersion {
    pub(crate) row: i64,
    /// BWB id or ECLI.
    pub id: String,
    /// What it is.
    pub kind: SourceKind,
    /// Citation title, or the court.
    pub title: String,
    /// First day; none when that is not known.
    pub valid_from: Option<Date>,
    /// Last day that the source itself names.
    pub valid_to: Option<Date>,
    /// How many articles it has.
    pub articles: u32,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// An article in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The version that it stands in.
    pub version: SourceVersion,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Its standard address.
    pub address: String,
}

/// A line of a law's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleTitle {
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub path: String,
    /// How it begins.
    pub start: String,
}

/// What keeping a source did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptSource {
    /// This version was not there, or said something else.
    pub written: bool,
    /// It is the version in force, from which concepts are taken.
    pub in_force: bool,
    /// Concepts that are new.
    pub concepts_new: u32,
    /// Concepts with a new text, as a new revision.
    pub concepts_changed: u32,
    /// Concepts that the law no longer defines; they are withdrawn.
    pub concepts_withdrawn: u32,
}

impl Store {
    /// Keeps a version of a source, and the concepts that it defines when it is the one in force on
    /// the day of the change. All of it or nothing; the same once more changes nothing.
    ///
    /// A version of the same day that says something else takes its place. Error: too many articles.
    pub fn keep_source(
        &self,
        source: &NewSource,
        concepts: &[Concept],
        change: &Change<'_>,
    ) -> Result<KeptSource, StoreError> {
        if source.articles.len() >= MOST_ARTICLES {
            return Err(StoreError::Invalid("the law has too many articles"));
        }
        let digest = digest_of(source);
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let valid_from = day_text(source.valid_from);
        let there: Option<(i64, Vec<u8>)> = transaction
            .query_row(
                "SELECT row, digest FROM source WHERE id = ?1 AND valid_from = ?2",
                params![source.id, valid_from],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let mut kept = KeptSource::default();
        let row = match there {
            Some((row, own)) if own == digest => row,
            other => {
                if let Some((row, _)) = other {
                    remove_version(&transaction, row)?;
                }
                kept.written = true;
                write_version(&transaction, source, &digest, change.at)?
            }
        };
        kept.in_force = in_force(&transaction, dutch_day(change.at))?
            .iter()
            .any(|version| version.row == row);
        if kept.in_force {
            write_concepts(&transaction, &source.id, concepts, change, &mut kept)?;
        }
        transaction.commit()?;
        Ok(kept)
    }

    /// Every version of every source: laws by title, then decisions; of each the latest first.
    pub fn sources(&self) -> Result<Vec<SourceVersion>, StoreError> {
        self.pool.count();
        self.pool
            .read(|connection| versions(connection, queries::SOURCES, params![]))
    }

    /// The versions of one source, the latest first; empty when it is not there.
    pub fn source_versions(&self, id: &str) -> Result<Vec<SourceVersion>, StoreError> {
        self.pool.count();
        self.pool
            .read(|connection| versions(connection, queries::SOURCE_VERSIONS, params![id]))
    }

    /// The version of a source that was in force on a day.
    pub fn source_on(&self, id: &str, date: Date) -> Result<Option<SourceVersion>, StoreError> {
        let versions = self.source_versions(id)?;
        Ok(versions
            .into_iter()
            .find(|version| version.valid_from.is_none_or(|from| from <= date))
            .filter(|version| version.valid_to.is_none_or(|to| to >= date)))
    }

    /// An article as it read on a day, by its number as written, whatever its capitals.
    pub fn article(
        &self,
        id: &str,
        number: &str,
        date: Date,
    ) -> Result<Option<Article>, StoreError> {
        let Some(version) = self.source_on(id, date)? else {
            return Ok(None);
        };
        let first = version.row << 16;
        self.pool.count();
        self.pool.read(|connection| {
            let number = number.trim();
            let found = connection
                .prepare_cached(queries::ARTICLE)?
                .query_row(params![number, first, first + (1 << 16)], |row| {
                    Ok(Article {
                        version: version.clone(),
                        number: row.get(1)?,
                        path: row.get(2)?,
                        text: row.get(3)?,
                        address: row.get(4)?,
                    })
                })
                .optional()?;
            Ok(found)
        })
    }

    /// The contents of a version, in order.
    pub fn contents(&self, version: &SourceVersion) -> Result<Vec<ArticleTitle>, StoreError> {
        let first = version.row << 16;
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::ARTICLES)?;
            let rows = query.query_map(params![first, first + (1 << 16)], |row| {
                Ok(ArticleTitle {
                    number: row.get(0)?,
                    path: row.get(1)?,
                    start: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Removes a source in all its versions; the concepts that it defines are withdrawn. Returns how
    /// many versions there were.
    pub fn remove_source(&self, id: &str, change: &Change<'_>) -> Result<u32, StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there = versions(&transaction, queries::SOURCE_VERSIONS, params![id])?;
        for version in &there {
            remove_version(&transaction, version.row)?;
        }
        if !there.is_empty() {
            write_concepts(&transaction, id, &[], change, &mut KeptSource::default())?;
        }
        transaction.commit()?;
        Ok(u32::try_from(there.len()).unwrap_or(u32::MAX))
    }
}

/// The versions in force on a day.
pub(crate) fn in_force(
    connection: &Connection,
    date: Date,
) -> Result<Vec<SourceVersion>, StoreError> {
    let date = date.to_string();
    versions(connection, queries::SOURCES_IN_FORCE, params![date])
}

fn versions(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<SourceVersion>, StoreError> {
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map(values, version_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads a row in the order of `queries::source_columns`.
fn version_of(row: &Row<'_>) -> rusqlite::Result<SourceVersion> {
    let date = |text: String| text.parse().ok();
    let kind: String = row.get(2)?;
    Ok(SourceVersion {
        row: row.get(0)?,
        id: row.get(1)?,
        kind: match kind.as_str() {
            "decision" => SourceKind::Decision,
            _ => SourceKind::Law,
        },
        title: row.get(3)?,
        valid_from: date(row.get(4)?),
        valid_to: date(row.get(5)?),
        articles: row.get(6)?,
        imported_at: time(row.get(7)?),
    })
}

fn digest_of(source: &NewSource) -> Vec<u8> {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    };
    add(&source.title);
    add(&day_text(source.valid_to));
    for article in &source.articles {
        add(&article.number);
        add(&article.path);
        add(&article.text);
        add(&article.address);
    }
    digest.finalize().to_vec()
}

fn write_version(
    connection: &Connection,
    source: &NewSource,
    digest: &[u8],
    at: Timestamp,
) -> Result<i64, StoreError> {
    connection.execute(
        "INSERT INTO source (id, kind, title, valid_from, valid_to, digest, articles, imported_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            source.id,
            source.kind.as_str(),
            source.title,
            day_text(source.valid_from),
            day_text(source.valid_to),
            digest,
            u32::try_from(source.articles.len()).unwrap_or(u32::MAX),
            at.as_millisecond(),
        ],
    )?;
    let row = connection.last_insert_rowid();
    let mut insert = connection.prepare_cached(
        "INSERT INTO article (row, number, path, text, address) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (own, article) in (row << 16..).zip(&source.articles) {
        insert.execute(params![
            own,
            article.number,
            article.path,
            article.text,
            article.address,
        ])?;
    }
    index(connection, row << 16, source)?;
    Ok(row)
}

fn remove_version(connection: &Connection, row: i64) -> Result<(), StoreError> {
    let (first, end) = (row << 16, (row + 1) << 16);
    unindex(connection, first, end)?;
    connection.execute(
        "DELETE FROM article WHERE row >= ?1 AND row < ?2",
        [first, end],
    )?;
    connection.execute("DELETE FROM source WHERE row = ?1", [row])?;
    Ok(())
}

fn link(connection: &Connection, id: &str, concept: &Concept) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO source_concept (source, concept) \
             SELECT ?1, row FROM concept WHERE id = ?2",
        )?
        .execute(params![id, concept.id.0])?;
    Ok(())
}

/// Puts the concepts that a law defines in the place of those that it defined before.
fn write_concepts(
    connection: &Connection,
    id: &str,
    concepts: &[Concept],
    change: &Change<'_>,
    kept: &mut KeptSource,
) -> Result<(), StoreError> {
    let mut query = connection.prepare_cached(queries::SOURCE_CONCEPTS)?;
    let rows = query.query_map([id], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut before = Vec::new();
    for row in rows {
        let (row, body) = row?;
        before.push((row, serde_json::from_str::<Concept>(&body)?));
    }
    for concept in concepts {
        let own = before.iter().position(|(_, own)| own.id == concept.id);
        // One that was rescued from a damaged file is there and belongs to no source.
        let found = match own {
            Some(at) => Some(before.swap_remove(at)),
            None => stored(connection, concept.id)?,
        };
        let Some((_, current)) = found else {
            write_new(connection, concept, change.author, change.reason)?;
            link(connection, id, concept)?;
            kept.concepts_new += 1;
            continue;
        };
        link(connection, id, concept)?;
        let mut fields = concept.fields.clone();
        if current.status == concept.status && current.fields.definition == fields.definition {
            // In the next version of the law it holds on from where it began.
            fields.validity = fields.validity.going_on_from(current.fields.validity);
        }
        if current.fields != fields || current.status != concept.status {
            let next = Concept {
                fields,
                version: current.version + 1,
                created_at: current.created_at,
                ..concept.clone()
            };
            write_row(connection, &next, change.author, change.reason)?;
            kept.concepts_changed += 1;
        }
    }
    for (_, gone) in before {
        if gone.status != Status::Withdrawn {
            let next = Concept {
                version: gone.version + 1,
                status: Status::Withdrawn,
                modified_at: change.at,
                ..gone
            };
            write_row(connection, &next, change.author, change.reason)?;
            kept.concepts_withdrawn += 1;
        }
    }
    Ok(())
}
