//! Files that say which experiments run: kept as they came, the one with the highest number in force.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::rows::time;
use crate::{Store, StoreError, queries};

/// Such a file as it is kept. What stands in `body` is the concern of whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFlags {
    /// Its number: a later file has a higher one.
    pub serial: u32,
    /// SHA-256 over what the file says.
    pub digest: [u8; 32],
    /// The whole file, its signature included.
    pub body: String,
    /// Who signed it.
    pub signer: String,
    /// When it was imported.
    pub imported_at: Timestamp,
}

impl Store {
    /// Keeps a file, which is in force from now on; true when it was not there.
    ///
    /// Errors: one with a higher number is in force, or one with this number says something else.
    /// There is no way back to an older file, so that nobody can undo a switch that was turned off by
    /// giving the file from before again.
    pub fn keep_flags(&self, flags: &StoredFlags) -> Result<bool, StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match latest(&transaction)? {
            Some(known) if known.serial > flags.serial => {
                return Err(StoreError::OlderFlags(known.serial));
            }
            Some(known) if known.serial == flags.serial => {
                return match known.digest == flags.digest {
                    true => Ok(false),
                    false => Err(StoreError::OtherFlags(flags.serial)),
                };
            }
            _ => {}
        }
        insert(&transaction, flags)?;
        transaction.commit()?;
        Ok(true)
    }

    /// The file in force; none before the first. Some microseconds: asked before each draft, so that
    /// what another program imported is seen.
    pub fn flags(&self) -> Result<Option<StoredFlags>, StoreError> {
        self.pool.count();
        self.pool.read(latest)
    }
}

/// Copies the flags in force of a damaged file, so that what was stopped there stays stopped. Whether
/// they still say what was kept is found by their digest when they are used.
pub(crate) fn rescue(damaged: &Connection, into: &Connection) -> Result<(), StoreError> {
    match latest(damaged)? {
        Some(flags) => insert(into, &flags),
        None => Ok(()),
    }
}

fn insert(connection: &Connection, flags: &StoredFlags) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO flags (serial, digest, body, signer, imported_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            flags.serial,
            flags.digest,
            flags.body,
            flags.signer,
            flags.imported_at.as_millisecond(),
        ],
    )?;
    Ok(())
}

fn latest(connection: &Connection) -> Result<Option<StoredFlags>, StoreError> {
    let flags = connection
        .prepare_cached(queries::FLAGS)?
        .query_row([], |row| {
            Ok(StoredFlags {
                serial: row.get(0)?,
                digest: row.get(1)?,
                body: row.get(2)?,
                signer: row.get(3)?,
                imported_at: time(row.get(4)?),
            })
        });
    Ok(flags.optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::migrate_store;

    #[test]
    fn of_a_damaged_file_the_flags_in_force_are_kept() {
        let file = || {
            let mut file = Connection::open_in_memory().unwrap();
            migrate_store(&mut file).unwrap();
            file
        };
        let (damaged, into) = (file(), file());
        for serial in [3, 7] {
            let flags = StoredFlags {
                serial,
                digest: [0; 32],
                body: format!("{serial}"),
                signer: "OM".to_owned(),
                imported_at: Timestamp::UNIX_EPOCH,
            };
            insert(&damaged, &flags).unwrap();
        }
        rescue(&damaged, &into).unwrap();
        assert_eq!(latest(&into).unwrap(), latest(&damaged).unwrap());
        // A file from before there were any.
        damaged.execute_batch("DROP TABLE flags").unwrap();
        assert!(rescue(&damaged, &into).is_err());
    }
}
