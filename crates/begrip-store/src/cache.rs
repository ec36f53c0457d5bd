//! The response cache's disk tier: a file of its own, so that removed answers are in no backup.
//!
//! Puts of many threads share one commit: whoever comes while a commit is being written waits in
//! a queue, and the next commit takes the whole queue.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::connection::{self, Mode, Pool};
use crate::{Secret, StoreError, schema};

/// A kept answer. `body` is the caller's own form; the rest is what it can be removed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The key: SHA-256 of everything that can change the answer.
    pub key: [u8; 32],
    /// The answer, in the caller's form.
    pub body: Vec<u8>,
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

/// Which answers to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheSelector {
    /// All.
    All,
    /// The one with this key.
    Key([u8; 32]),
    /// Those about this term.
    Term(String),
    /// Those of this model.
    Model(String),
    /// Those of this prompt version.
    PromptVersion(String),
    /// Those of this pack version.
    PackVersion(String),
    /// Those of this organisation.
    Organisation(String),
    /// Those answered before.
    Before(Timestamp),
}

/// What the tier holds and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Answers kept.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Answers pushed out by size since the start.
    pub evicted: u64,
}

type Done = std::sync::mpsc::SyncSender<Result<(), StoreError>>;

/// The disk tier. Shared by reference between threads.
#[derive(Debug)]
pub struct ResponseCache {
    pool: Arc<Shared>,
    /// One byte for each removal.
    removals: PathBuf,
    /// There until the cache is dropped.
    queue: Mutex<Option<Sender<(CacheEntry, Done)>>>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    pool: Pool,
    /// Is there when a damaged page was met: the next start makes the file anew.
    marker: PathBuf,
    limit: AtomicU64,
    evicted: AtomicU64,
    /// Bytes kept, at most: counted when it exceeds the limit, and else only added to.
    at_most: AtomicU64,
    /// Keys whose use has not been written down yet; a hit costs no write.
    used: Mutex<Vec<[u8; 32]>>,
    clock: AtomicI64,
}

/// Uses that are noted before they are written down with the next commit.
const NOTED: usize = 512;

impl ResponseCache {
    /// Opens the file; a damaged one is removed and made anew (`true`): what it held can be asked
    /// again, and a copy would keep what the user had removed.
    pub(crate) fn open(
        path: &Path,
        key: &Secret,
        now: Timestamp,
    ) -> Result<(Self, bool), StoreError> {
        let marker = damage_marker(path);
        let prepared = match marker.exists() {
            true => Err(StoreError::Damaged("met in an earlier run".to_owned())),
            false => prepare(path, key),
        };
        let (writer, renewed) = match prepared {
            Ok(writer) => (writer, false),
            Err(StoreError::Damaged(_) | StoreError::Newer) => {
                std::fs::remove_file(path).map_err(|error| StoreError::io(path, &error))?;
                for journal in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{journal}", path.display()));
                }
                let writer = prepare(path, key)?;
                let _ = std::fs::remove_file(&marker);
                (writer, true)
            }
            Err(other) => return Err(other),
        };
        let key = Secret::new(key.reveal().to_owned());
        let shared = Arc::new(Shared {
            marker,
            pool: Pool::new(path.to_owned(), key, writer),
            limit: AtomicU64::new(200_000_000),
            evicted: AtomicU64::new(0),
            at_most: AtomicU64::new(u64::MAX),
            used: Mutex::default(),
            clock: AtomicI64::new(now.as_millisecond()),
        });
        let (queue, puts) = channel();
        let for_writer = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("begrip-cache".to_owned())
            .spawn(move || for_writer.write_all(&puts))
            .map_err(|error| StoreError::Other(error.to_string()))?;
        Ok((
            Self {
                pool: shared,
                removals: PathBuf::from(format!("{}-removals", path.display())),
                queue: Mutex::new(Some(queue)),
                writer: Some(writer),
            },
            renewed,
        ))
    }

    /// Bytes that may be kept; more are pushed out, least recently used first.
    pub fn set_limit(&self, bytes: u64) {
        self.pool.limit.store(bytes, Ordering::Relaxed);
    }

    /// The answer with this key.
    pub fn get(&self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<Vec<u8>> = self.pool.marking(self.pool.pool.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT body FROM answer WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?)
        }))?;
        if found.is_some() {
            let mut used = self
                .pool
                .used
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if used.len() < NOTED {
                used.push(*key);
            }
        }
        Ok(found)
    }

    /// Keeps an answer; durable when the call returns.
    pub fn put(&self, entry: CacheEntry) -> Result<(), StoreError> {
        let (done, outcome) = sync_channel(1);
        let gone = || StoreError::Other("the cache's writer has stopped".to_owned());
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .ok_or_else(gone)?
            .send((entry, done))
            .map_err(|_| gone())?;
        outcome.recv().map_err(|_| gone())?
    }

    /// Removes answers, provably: overwritten in the file and swept out of its journal.
    pub fn clear(&self, selector: &CacheSelector) -> Result<u64, StoreError> {
        let writer = self.pool.pool.write();
        let removed = match selector {
            CacheSelector::All => writer.execute("DELETE FROM answer", []),
            CacheSelector::Key(key) => writer.execute("DELETE FROM answer WHERE key = ?1", [key]),
            CacheSelector::Term(term) => {
                writer.execute("DELETE FROM answer WHERE term_key = ?1", [term])
            }
            CacheSelector::Model(name) => {
                writer.execute("DELETE FROM answer WHERE model = ?1", [name])
            }
            CacheSelector::PromptVersion(version) => {
                writer.execute("DELETE FROM answer WHERE prompt_version = ?1", [version])
            }
            CacheSelector::PackVersion(version) => {
                writer.execute("DELETE FROM answer WHERE pack_version = ?1", [version])
            }
            CacheSelector::Organisation(name) => {
                writer.execute("DELETE FROM answer WHERE organisation = ?1", [name])
            }
            CacheSelector::Before(time) => writer.execute(
                "DELETE FROM answer WHERE created_at < ?1",
                [time.as_millisecond()],
            ),
        }?;
        self.tell_removal();
        // A reader in the middle of a look-up keeps the journal for a moment.
        for _ in 0..50 {
            let busy: i64 =
                writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 {
                return Ok(removed as u64);
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        tracing::warn!("removed answers stay in the journal until it is folded in");
        Ok(removed as u64)
    }

    /// Rises whenever answers are removed, by this program or another one on the same file: what
    /// is held in memory may be out of date then.
    pub fn removals(&self) -> u64 {
        std::fs::metadata(&self.removals).map_or(0, |meta| meta.len())
    }

    fn tell_removal(&self) {
        let told = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.removals)
            .and_then(|mut file| file.write_all(b"."));
        if let Err(error) = told {
            tracing::warn!(%error, "other programs were not told of removed answers");
        }
    }

    /// What is kept.
    pub fn figures(&self) -> Result<CacheFigures, StoreError> {
        let evicted = self.pool.evicted.load(Ordering::Relaxed);
        self.pool.pool.read(|connection| {
            Ok(connection.query_row(
                "SELECT count(*), coalesce(sum(size), 0) FROM answer",
                [],
                |row| {
                    Ok(CacheFigures {
                        entries: row.get::<_, i64>(0)?.unsigned_abs(),
                        bytes: row.get::<_, i64>(1)?.unsigned_abs(),
                        evicted,
                    })
                },
            )?)
        })
    }
}

impl Drop for ResponseCache {
    /// Waits for what is being written: the file is closed when this returns.
    fn drop(&mut self) {
        let queue = self.queue.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(queue.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so; there is nothing left to wait for.
            let _ = writer.join();
        }
    }
}

fn damage_marker(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-damaged", path.display()))
}

fn prepare(path: &Path, key: &Secret) -> Result<Connection, StoreError> {
    let mut writer = connection::open(path, key, Mode::Write)?;
    if schema::version_of(&writer)? > 1 {
        return Err(StoreError::Newer);
    }
    writer.pragma_update(None, "journal_mode", "WAL")?;
    schema::migrate_cache(&mut writer)?;
    Ok(writer)
}

impl Shared {
    /// Remembers a damaged page for the next start. The file is too large to look through at each.
    fn marking<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        // SQLCipher tells a page that it cannot read as a plain error.
        if let Err(StoreError::Damaged(_) | StoreError::Other(_)) = &outcome {
            let _ = std::fs::write(&self.marker, "");
        }
        outcome
    }

    /// Writes what is queued, one commit for all that came in meanwhile, until the cache is dropped.
    fn write_all(&self, puts: &Receiver<(CacheEntry, Done)>) {
        while let Ok(first) = puts.recv() {
            let mut batch = vec![first];
            while batch.len() < 256 {
                match puts.try_recv() {
                    Ok(next) => batch.push(next),
                    Err(_) => break,
                }
            }
            let outcome = self.marking(self.commit(batch.iter().map(|(entry, _)| entry)));
            for (_, done) in batch {
                let outcome = match &outcome {
                    Ok(()) => Ok(()),
                    Err(StoreError::Full) => Err(StoreError::Full),
                    Err(StoreError::Busy) => Err(StoreError::Busy),
                    Err(other) => Err(StoreError::Other(other.to_string())),
                };
                // Whoever asked may be gone; the answer is kept all the same.
                let _ = done.send(outcome);
            }
        }
    }

    fn commit<'e>(&self, entries: impl Iterator<Item = &'e CacheEntry>) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        let mut now = self.clock.load(Ordering::Relaxed);
        let mut added = 0;
        {
            let used =
                std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
            let mut note =
                transaction.prepare_cached("UPDATE answer SET used_at = ?2 WHERE key = ?1")?;
            for key in used {
                now += 1;
                note.execute(params![key, now])?;
            }
            let mut put = transaction.prepare_cached(
                "INSERT INTO answer (key, body, term_key, organisation, model, prompt_version, pack_version, created_at, used_at, size) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (key) DO UPDATE SET \
                 body = excluded.body, term_key = excluded.term_key, organisation = excluded.organisation, \
                 model = excluded.model, prompt_version = excluded.prompt_version, pack_version = excluded.pack_version, \
                 created_at = excluded.created_at, used_at = excluded.used_at, size = excluded.size",
            )?;
            for entry in entries {
                added += entry.body.len() as u64;
                now += 1;
                put.execute(params![
                    entry.key,
                    entry.body,
                    entry.term,
                    entry.organisation,
                    entry.model,
                    entry.prompt_version,
                    entry.pack_version,
                    entry.created_at.as_millisecond(),
                    now,
                    entry.body.len() as i64,
                ])?;
            }
        }
        let at_most = self.at_most.load(Ordering::Relaxed).saturating_add(added);
        let at_most = self.evict(&transaction, at_most)?;
        transaction.commit()?;
        self.at_most.store(at_most, Ordering::Relaxed);
        self.clock.store(now, Ordering::Relaxed);
        Ok(())
    }

    /// Pushes the least recently used answers out until a tenth of the room is free again; gives
    /// how many bytes are kept at most. Another program's answers are counted with the next count.
    fn evict(&self, connection: &Connection, at_most: u64) -> Result<u64, StoreError> {
        let limit = self.limit.load(Ordering::Relaxed);
        if at_most <= limit {
            return Ok(at_most);
        }
        let sum = |connection: &Connection| -> Result<u64, StoreError> {
            let bytes: i64 = connection
                .prepare_cached("SELECT coalesce(sum(size), 0) FROM answer INDEXED BY answer_used")?
                .query_row([], |row| row.get(0))?;
            Ok(bytes.unsigned_abs())
        };
        let mut bytes = sum(connection)?;
        if bytes <= limit {
            return Ok(bytes);
        }
        let mut oldest =
            connection.prepare_cached("SELECT key, size FROM answer ORDER BY used_at")?;
        let mut rows = oldest.query([])?;
        let mut gone: Vec<Vec<u8>> = Vec::new();
        while let Some(row) = rows.next()? {
            if bytes <= limit / 10 * 9 {
                break;
            }
            gone.push(row.get(0)?);
            bytes = bytes.saturating_sub(row.get::<_, i64>(1)?.unsigned_abs());
        }
        let mut remove = connection.prepare_cached("DELETE FROM answer WHERE key = ?1")?;
        for key in &gone {
            remove.execute([key])?;
        }
        self.evicted.fetch_add(gone.len() as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
