//! Rule packs: kept as they came, never changed; one of them is in force.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use crate::rows::time;
use crate::{Store, StoreError, queries};

/// Where a pack came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackOrigin {
    /// With the program.
    BuiltIn,
    /// From a file.
    Imported,
}

/// A rule pack as it is kept. What stands in `body` is the concern of whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPack {
    /// Names the pack.
    pub version: String,
    /// SHA-256 over what the pack says.
    pub digest: [u8; 32],
    /// When it was made, `YYYY-MM-DD`.
    pub date: String,
    /// The whole file, its signature included.
    pub body: String,
    /// Who signed it; empty for one that came with the program.
    pub signer: String,
    /// Where it came from.
    pub origin: PackOrigin,
    /// When it was imported; none for one that came with the program.
    pub imported_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a pack; true when it was not there. One that is there already, and says the same,
    /// stays as it is.
    ///
    /// Error: there is one with this version that says something else.
    pub fn keep_pack(&self, pack: &StoredPack) -> Result<bool, StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let new = keep(&transaction, pack)?;
        transaction.commit()?;
        Ok(new)
    }

    /// Keeps a pack and puts it in force: both, or neither.
    ///
    /// Error: there is one with this version that says something else.
    pub fn keep_and_activate_pack(&self, pack: &StoredPack) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        keep(&transaction, pack)?;
        choose(&transaction, &pack.version)?;
        Ok(transaction.commit()?)
    }

    /// The pack with this version.
    pub fn pack(&self, version: &str) -> Result<Option<StoredPack>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| pack_of(connection, version))
    }

    /// Whether there is a pack with this version, without reading it.
    pub fn has_pack(&self, version: &str) -> Result<bool, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM rule_pack WHERE version = ?1)";
            Ok(connection
                .prepare_cached(sql)?
                .query_row([version], |row| row.get(0))?)
        })
    }

    /// Every pack, the latest made first.
    pub fn packs(&self) -> Result<Vec<StoredPack>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(EVERY)?;
            Ok(query.query_map([], stored)?.collect::<Result<_, _>>()?)
        })
    }

    /// The version in force; none before the first was put in force. A few microseconds: asked
    /// before each check, so that a switch by another program is seen.
    pub fn active_pack(&self) -> Result<Option<String>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection
                .prepare_cached(queries::ACTIVE_PACK)?
                .query_row([], |row| row.get(0))
                .optional()?)
        })
    }

    /// Puts a pack in force.
    ///
    /// Error: there is no pack with this version; then the one before stays in force.
    pub fn activate_pack(&self, version: &str) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if pack_of(&transaction, version)?.is_none() {
            return Err(StoreError::NoPack(version.to_owned()));
        }
        choose(&transaction, version)?;
        Ok(transaction.commit()?)
    }
}

/// Copies what can be read of the packs in a damaged file. Whether a pack still says what was kept is
/// found by its digest when it is used.
pub(crate) fn rescue(damaged: &Connection, into: &Connection) -> Result<(), StoreError> {
    // Where the end of the table is gone its last row is not known: no home has this many packs.
    const MOST: i64 = 10_000;
    let last = damaged
        .query_row("SELECT coalesce(max(rowid), 0) FROM rule_pack", [], |row| {
            row.get(0)
        })
        .unwrap_or(MOST);
    let mut packs: Vec<StoredPack> = Vec::new();
    // Row by row, and not by index: a page that cannot be read takes only its own packs along.
    if let Ok(mut query) = damaged.prepare(ROW) {
        let rows = (1..=last.min(MOST)).filter_map(|row| query.query_row([row], stored).ok());
        packs.extend(rows);
    }
    for pack in &packs {
        if pack_of(into, &pack.version)?.is_none() {
            insert(into, pack)?;
        }
    }
    let active: Result<String, _> = damaged.query_row(queries::ACTIVE_PACK, [], |row| row.get(0));
    match active {
        Ok(version) if packs.iter().any(|pack| pack.version == version) => choose(into, &version),
        _ => Ok(()),
    }
}

const EVERY: &str = "SELECT version, digest, date, body, signer, origin, imported_at FROM rule_pack \
     ORDER BY date DESC, rowid DESC";

const ROW: &str = "SELECT version, digest, date, body, signer, origin, imported_at FROM rule_pack \
     WHERE rowid = ?1";

/// Keeps a pack that is not there yet; whether it was not.
fn keep(connection: &Connection, pack: &StoredPack) -> Result<bool, StoreError> {
    match pack_of(connection, &pack.version)? {
        None => insert(connection, pack).map(|()| true),
        Some(known) if known.digest == pack.digest => Ok(false),
        Some(_) => Err(StoreError::OtherPack(pack.version.clone())),
    }
}

fn insert(connection: &Connection, pack: &StoredPack) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO rule_pack (version, digest, date, body, signer, origin, imported_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            pack.version,
            pack.digest,
            pack.date,
            pack.body,
            pack.signer,
            match pack.origin {
                PackOrigin::BuiltIn => "built_in",
                PackOrigin::Imported => "imported",
            },
            pack.imported_at.map(Timestamp::as_millisecond),
        ],
    )?;
    Ok(())
}

fn choose(connection: &Connection, version: &str) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO active_pack (one, version) VALUES (1, ?1) \
         ON CONFLICT (one) DO UPDATE SET version = excluded.version",
        [version],
    )?;
    Ok(())
}

fn pack_of(connection: &Connection, version: &str) -> Result<Option<StoredPack>, StoreError> {
    Ok(connection
        .prepare_cached(queries::PACK)?
        .query_row([version], stored)
        .optional()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredPack> {
    let origin: String = row.get(5)?;
    Ok(StoredPack {
        version: row.get(0)?,
        digest: row.get(1)?,
        date: row.get(2)?,
        body: row.get(3)?,
        signer: row.get(4)?,
        origin: match origin.as_str() {
            "built_in" => PackOrigin::BuiltIn,
            _ => PackOrigin::Imported,
        },
        imported_at: row.get::<_, Option<i64>>(6)?.map(time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::migrate_store;

    #[test]
    fn a_pack_that_cannot_be_read_takes_no_other_along() {
        let damaged = Connection::open_in_memory().unwrap();
        // As pages that cannot be read: a digest is missing, before, between and after.
        damaged
            .execute_batch(
                "CREATE TABLE rule_pack (version, digest, date, body, signer, origin, imported_at);
                 CREATE TABLE active_pack (one, version);
                 INSERT INTO rule_pack VALUES
                   ('a', NULL, '2026-01-03', '', '', 'built_in', NULL),
                   ('b', zeroblob(32), '2026-01-01', 'b', '', 'built_in', NULL),
                   ('c', NULL, '2026-01-09', '', '', 'imported', 0),
                   ('d', zeroblob(32), '2026-01-02', 'd', 'OM', 'imported', 0),
                   ('d', zeroblob(32), '2026-01-02', 'twice', 'OM', 'imported', 0),
                   ('e', NULL, '2026-01-02', '', '', 'imported', 0);
                 INSERT INTO active_pack VALUES (1, 'd');",
            )
            .unwrap();
        let mut into = Connection::open_in_memory().unwrap();
        migrate_store(&mut into).unwrap();
        rescue(&damaged, &into).unwrap();
        let mut query = into.prepare(EVERY).unwrap();
        let rescued: Vec<String> = query
            .query_map([], |row| row.get("body"))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rescued, ["d", "b"]);
        let active: String = into
            .query_row(queries::ACTIVE_PACK, [], |row| row.get(0))
            .unwrap();
        assert_eq!(active, "d");
    }
}
