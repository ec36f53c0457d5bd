//! One connection, the single writer and the pool of readers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{Secret, StoreError};

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);

/// Readers at most.
pub(crate) const READERS: u32 = 4;

/// Bytes that SQLite may take in the whole process, about: pages above all. Of all connections the page used longest ago makes
/// room, so that one which is used much has up to [`PAGES_KB`] and the others what is left. Without this each keeps its own
/// until it is full, ten of them.
const ROOM: i64 = 16_000_000;

/// Has SQLite take about this much for each of so many workstations that one process opens, instead of what one needs: to be
/// said before they are opened.
///
/// # Errors
///
/// [`StoreError`] when SQLite cannot be asked.
pub fn make_room(workstations: u32) -> Result<(), StoreError> {
    let anywhere = Connection::open_in_memory()?;
    let room = ROOM * i64::from(workstations);
    anywhere.pragma_update_and_check(None, "soft_heap_limit", room, |_| Ok(()))?;
    Ok(())
}

/// Kilobytes of pages that one connection keeps at most.
const PAGES_KB: i64 = 16_000;

/// Whether a connection may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Read,
}

/// Opens a connection with its key and its pragmas.
///
/// SQLCipher's own log goes to standard error past every host; what is wrong comes as an error.
/// `synchronous=FULL`: what was kept survives a power cut. Temporary tables stay in memory, where
/// no plain text can reach the disk.
pub(crate) fn open(path: &Path, key: &Secret, mode: Mode) -> Result<Connection, StoreError> {
    let access = match mode {
        Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Mode::Read => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| match error.into() {
            StoreError::Denied(_) => StoreError::Denied(path.to_owned()),
            other => other,
        })?;
    connection.pragma_update(None, "key", format!("x'{}'", key.reveal()))?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA cipher_log_level = NONE;
         PRAGMA cipher_memory_security = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA synchronous = FULL;",
    )?;
    connection.pragma_update(None, "cache_size", -PAGES_KB)?;
    // It answers with what holds now: none is nought, and one that the process has set itself stays.
    let set: i64 = connection.query_row("PRAGMA soft_heap_limit", [], |row| row.get(0))?;
    if set == 0 {
        connection.pragma_update_and_check(None, "soft_heap_limit", ROOM, |_| Ok(()))?;
    }
    if mode == Mode::Read {
        connection.execute_batch("PRAGMA query_only = ON;")?;
    } else {
        connection.execute_batch("PRAGMA secure_delete = ON;")?;
        // One that reads first and then writes is refused at once while another program writes; one that
        // says beforehand that it will write waits.
        connection.set_transaction_behavior(TransactionBehavior::Immediate);
    }
    connection.set_prepared_statement_cache_capacity(64);
    #[cfg(test)]
    crate::plans::listen(&connection);
    Ok(connection)
}

/// Folds the journal into the file and empties it, so that nothing that was removed is left in it; false
/// when a reader in the middle of a look-up kept it for too long.
pub(crate) fn sweep(writer: &Connection) -> Result<bool, StoreError> {
    for _ in 0..50 {
        let busy: i64 =
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}

/// A writer to which texts are added that take the place of none. What goes away meanwhile are pieces of indexes that are
/// put together, whole pages of them, of texts that stay: to write over each of those takes as long as the writing
/// itself. When this is dropped, what goes away is written over as it always is.
pub(crate) struct Adding<'a>(&'a Connection);

impl<'a> Adding<'a> {
    /// From now on.
    pub fn begin(writer: &'a Connection) -> Result<Self, StoreError> {
        writer.execute_batch("PRAGMA secure_delete = FAST")?;
        Ok(Self(writer))
    }
}

impl Drop for Adding<'_> {
    fn drop(&mut self) {
        // It sets a flag of the connection, which no file can be in the way of.
        let _ = self.0.execute_batch("PRAGMA secure_delete = ON");
    }
}

/// A reader that goes back to the pool, also when its use ends in a panic.
struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self
            .pool
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
        self.pool.returned.notify_one();
    }
}

/// Pages of the journal from which a commit folds them into the file: usually, and while very much is written. Pages that
/// many transactions change go into the file once then, and not with each of them.
const FOLD: u32 = 1_000;
const FOLD_IN_A_HURRY: u32 = 16_000;

/// A writer and up to [`READERS`] readers on one file.
#[derive(Debug)]
pub(crate) struct Pool {
    path: PathBuf,
    key: Secret,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
    made: AtomicU32,
    statements: AtomicU32,
    /// A reader that looks at nothing but whether anything changed.
    watcher: Mutex<Option<Connection>>,
    /// Very much is being written.
    hurries: AtomicBool,
}

impl Pool {
    pub fn new(path: PathBuf, key: Secret, writer: Connection) -> Self {
        Self {
            path,
            key,
            writer: Mutex::new(writer),
            idle: Mutex::default(),
            returned: Condvar::new(),
            made: AtomicU32::new(0),
            statements: AtomicU32::new(0),
            watcher: Mutex::default(),
            hurries: AtomicBool::new(false),
        }
    }

    /// Lets the journal grow while very much is written; [`Pool::take_time`] ends it.
    pub fn hurry(&self, writer: &Connection) -> Result<(), StoreError> {
        if !self.hurries.swap(true, Ordering::Relaxed) {
            writer.pragma_update(None, "wal_autocheckpoint", FOLD_IN_A_HURRY)?;
        }
        Ok(())
    }

    /// Folds the journal into the file, as far as nobody reads in it, when it was let grow.
    pub fn take_time(&self, writer: &Connection) -> Result<(), StoreError> {
        if self.hurries.swap(false, Ordering::Relaxed) {
            writer.pragma_update(None, "wal_autocheckpoint", FOLD)?;
            writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Whether the journal may grow at this time.
    pub fn hurries(&self) -> bool {
        self.hurries.load(Ordering::Relaxed)
    }

    /// What the file is encrypted with.
    pub fn key(&self) -> &Secret {
        &self.key
    }

    /// The writer. One change at a time: SQLite allows no more, and waiting here is fair.
    pub fn write(&self) -> MutexGuard<'_, Connection> {
        self.count();
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a reader for one use.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let lent = Lent {
            pool: self,
            connection: Some(self.reader()?),
        };
        match &lent.connection {
            Some(connection) => work(connection),
            None => Err(StoreError::Busy),
        }
    }

    /// A number that is another one once anybody changed the file, this program or another. It means
    /// something beside an earlier one of this pool alone.
    pub fn changes(&self) -> Result<i64, StoreError> {
        self.count();
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        // SQLite counts for each connection what the others did, so it is always the same one.
        let connection = match watcher.take() {
            Some(connection) => connection,
            None => self.new_reader()?,
        };
        let connection = watcher.insert(connection);
        Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = idle.pop() {
                return Ok(connection);
            }
            if self.made.load(Ordering::SeqCst) < READERS {
                self.made.fetch_add(1, Ordering::SeqCst);
                drop(idle);
                return self.new_reader().inspect_err(|_| {
                    self.made.fetch_sub(1, Ordering::SeqCst);
                });
            }
            idle = self
                .returned
                .wait(idle)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A reader of its own, beside the pool.
    pub fn new_reader(&self) -> Result<Connection, StoreError> {
        open(&self.path, &self.key, Mode::Read)
    }

    /// Readers made so far.
    pub fn readers(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }

    /// Notes that a statement is about to run.
    pub fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// Statements and transactions run so far.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_connections_of_a_process_have_their_pages_in_one_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.db");
        let key = Secret::new("2a".repeat(32));
        for mode in [Mode::Write, Mode::Read] {
            let connection = open(&path, &key, mode).unwrap();
            let room = connection.query_row("PRAGMA soft_heap_limit", [], |row| row.get(0));
            assert_eq!(room, Ok(ROOM));
            let own: i64 = connection
                .query_row("PRAGMA cache_size", [], |row| row.get(0))
                .unwrap();
            assert_eq!(own, -PAGES_KB);
            // Without this SQLite knows the limit, and takes no page from another connection for it.
            let shares: bool = connection
                .query_row(
                    "SELECT sqlite_compileoption_used('ENABLE_MEMORY_MANAGEMENT')",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert!(shares);
        }
    }
}
