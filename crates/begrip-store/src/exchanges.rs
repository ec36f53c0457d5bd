//! What was asked of a model for a draft and what it answered, word for word.
//!
//! The exchange of a draft that became a concept stays as long as the concept; the others have a
//! bound. What is removed is removed from the backups as well.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::connection::sweep;
use crate::rows::time;
use crate::{CacheSelector, Store, StoreError, open};

/// An exchange. `body` is the caller's own form; the rest is what it can be removed by, as for a
/// kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExchange {
    /// The id under which the call went out.
    pub id: String,
    /// The key of the answer in the response cache.
    pub key: [u8; 32],
    /// What was asked and answered, in the caller's form.
    pub body: String,
    /// Key of the term that was asked about; empty when none.
    pub term: String,
    /// The organisation that asked.
    pub organisation: String,
    /// The model that was asked.
    pub model: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// When the model answered.
    pub created_at: Timestamp,
}

impl Store {
    /// An exchange by its id, in the form in which it was kept.
    pub fn exchange(&self, id: &str) -> Result<Option<StoredExchange>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT id, key, body, term_key, organisation, model, prompt_version, pack_version, \
                 created_at FROM exchange WHERE id = ?1",
            )?;
            let found = query.query_row([id], |row| {
                Ok(StoredExchange {
                    id: row.get(0)?,
                    key: row.get(1)?,
                    body: row.get(2)?,
                    term: row.get(3)?,
                    organisation: row.get(4)?,
                    model: row.get(5)?,
                    prompt_version: row.get(6)?,
                    pack_version: row.get(7)?,
                    created_at: time(row.get(8)?),
                })
            });
            Ok(found.optional()?)
        })
    }

    /// Removes exchanges, provably: overwritten in the file, swept out of its journal, and gone from the
    /// backups. Those that a concept leads to only go `with_held`. Tells how many went from the file.
    pub fn remove_exchanges(
        &self,
        selector: &CacheSelector,
        with_held: bool,
    ) -> Result<u64, StoreError> {
        self.remove_provably(
            |backup| Ok(has_table(backup)? && count(backup, selector, with_held)? > 0),
            |connection| remove(connection, selector, with_held),
        )
    }

    /// Removes, provably: overwritten in the file, swept out of its journal, and gone from the backups that
    /// hold any of it. Tells how much went from the file.
    pub(crate) fn remove_provably(
        &self,
        holds: impl Fn(&Connection) -> Result<bool, StoreError>,
        remove: impl Fn(&Connection) -> Result<u64, StoreError>,
    ) -> Result<u64, StoreError> {
        let removed = {
            let writer = self.pool.write();
            let removed = remove(&writer)?;
            if removed > 0 && !sweep(&writer)? {
                tracing::warn!("what was removed stays in the journal until it is folded in");
            }
            removed
        };
        self.finish_backup();
        open::change_backups(self.folder(), self.pool.key(), holds, |backup| {
            remove(backup)?;
            sweep(backup).map(|_| ())
        })?;
        Ok(removed)
    }

    /// Forgets exchanges of before that no concept leads to.
    pub fn forget_exchanges(&self, before: Timestamp) -> Result<u64, StoreError> {
        remove(&self.pool.write(), &CacheSelector::Before(before), false)
    }
}

/// Keeps an exchange unless it is there. Those that no concept leads to may take `room` bytes.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    exchange: &StoredExchange,
    room: u64,
) -> Result<(), StoreError> {
    // What is there already, as for who joined another's question, takes no more room than it did.
    if write(transaction, exchange)? {
        let mut make_room = transaction.prepare_cached(
            "DELETE FROM exchange WHERE row IN (SELECT row FROM (SELECT row, \
             sum(size) OVER (ORDER BY row DESC) AS total FROM exchange WHERE held = 0) \
             WHERE total > ?1)",
        )?;
        make_room.execute([i64::try_from(room).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// True when it was not there.
fn write(transaction: &Transaction<'_>, exchange: &StoredExchange) -> Result<bool, StoreError> {
    let texts = [
        &exchange.id,
        &exchange.body,
        &exchange.term,
        &exchange.organisation,
        &exchange.model,
        &exchange.prompt_version,
        &exchange.pack_version,
    ];
    let size: usize = texts.iter().map(|text| text.len()).sum();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO exchange (id, key, term_key, organisation, model, prompt_version, pack_version, \
         created_at, size, held, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10) \
         ON CONFLICT (id) DO NOTHING",
    )?;
    let written = insert.execute(params![
        exchange.id,
        exchange.key,
        exchange.term,
        exchange.organisation,
        exchange.model,
        exchange.prompt_version,
        exchange.pack_version,
        exchange.created_at.as_millisecond(),
        i64::try_from(size).unwrap_or(i64::MAX),
        exchange.body,
    ])?;
    Ok(written > 0)
}

/// Notes in the transaction that keeps a concept that it leads to this exchange.
pub(crate) fn hold(transaction: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    transaction.execute("UPDATE exchange SET held = 1 WHERE id = ?1", [id])?;
    Ok(())
}

fn remove(
    connection: &Connection,
    selector: &CacheSelector,
    with_held: bool,
) -> Result<u64, StoreError> {
    let (condition, value) = selector.condition();
    let sql = format!("DELETE FROM exchange WHERE {condition} AND held <= ?2");
    Ok(connection.execute(&sql, params![value, with_held])? as u64)
}

/// How many there are to remove.
fn count(
    connection: &Connection,
    selector: &CacheSelector,
    with_held: bool,
) -> Result<u32, StoreError> {
    let (condition, value) = selector.condition();
    let sql = format!("SELECT count(*) FROM exchange WHERE {condition} AND held <= ?2");
    Ok(connection.query_row(&sql, params![value, with_held], |row| row.get(0))?)
}

/// A backup of before there were exchanges has no table for them.
fn has_table(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'exchange')",
        [],
        |row| row.get(0),
    )?)
}
