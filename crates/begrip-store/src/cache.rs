//! The response cache's disk tier: a file of its own, so that removed answers are in no backup.
//!
//! Puts of many threads share one commit: whoever comes while a commit is being written waits in
//! a queue, and the next commit takes the whole queue. How large the file may be is kept by
//! [`crate::cache_room`].

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use crate::connection::{self, Mode, Pool, sweep};
use crate::{Secret, StoreError, cache_room, schema};

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

impl CacheSelector {
    /// As a condition on the columns that answers and exchanges both have, with the value of `?1`.
    pub(crate) fn condition(&self) -> (&'static str, Value) {
        let text = |text: &String| Value::Text(text.clone());
        match self {
            Self::All => ("?1 IS NULL", Value::Null),
            Self::Key(key) => ("key = ?1", Value::Blob(key.to_vec())),
            Self::Term(term) => ("term_key = ?1", text(term)),
            Self::Model(name) => ("model = ?1", text(name)),
            Self::PromptVersion(version) => ("prompt_version = ?1", text(version)),
            Self::PackVersion(version) => ("pack_version = ?1", text(version)),
            Self::Organisation(name) => ("organisation = ?1", text(name)),
            Self::Before(time) => ("created_at < ?1", Value::Integer(time.as_millisecond())),
        }
    }
}

/// What the tier holds and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Answers kept.
    pub entries: u64,
    /// Bytes of the file that they and what goes with them take.
    pub bytes: u64,
    /// Bytes that the file may have.
    pub limit: u64,
    /// Answers pushed out by size since the start.
    pub evicted: u64,
    /// Look-ups since the start that found an answer.
    pub hits: u64,
    /// Look-ups since the start that found none.
    pub misses: u64,
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
    hits: AtomicU64,
    misses: AtomicU64,
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
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
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

    /// Bytes that the file may have; what does not fit any more is pushed out now, least recently
    /// used first, and the file becomes smaller.
    pub fn set_limit(&self, bytes: u64) -> Result<(), StoreError> {
        self.pool.limit.store(bytes, Ordering::Relaxed);
        let mut writer = self.pool.pool.write();
        let transaction = writer.transaction()?;
        let gone = cache_room::make(&transaction, bytes)?;
        transaction.commit()?;
        self.pool.evicted.fetch_add(gone, Ordering::Relaxed);
        cache_room::give_back(&writer, bytes)
    }

    /// Keys of the answers that were used most, `most` of them at most, and of those the latest
    /// first.
    pub fn most_used(&self, most: u32) -> Result<Vec<[u8; 32]>, StoreError> {
        self.pool.pool.read(|connection| {
            let mut used = connection.prepare_cached(
                "SELECT a.key FROM answer_use u JOIN answer a ON a.row = u.row \
                 ORDER BY u.uses DESC, u.at DESC LIMIT ?1",
            )?;
            let keys = used.query_map([most], |row| row.get(0))?;
            Ok(keys.collect::<Result<_, _>>()?)
        })
    }

    /// The answer with this key.
    pub fn get(&self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<Vec<u8>> = self.pool.marking(self.pool.pool.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT body FROM answer WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?)
        }))?;
        let count = match found {
            Some(_) => &self.pool.hits,
            None => &self.pool.misses,
        };
        count.fetch_add(1, Ordering::Relaxed);
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
        let (condition, value) = selector.condition();
        let removed = writer.execute(&format!("DELETE FROM answer WHERE {condition}"), [value])?;
        self.tell_removal();
        cache_room::give_back(&writer, 0)?;
        if !sweep(&writer)? {
            tracing::warn!("removed answers stay in the journal until it is folded in");
        }
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
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        self.pool.pool.read(|connection| {
            let entries: i64 =
                connection.query_row("SELECT count(*) FROM answer_use", [], |row| row.get(0))?;
            Ok(CacheFigures {
                entries: entries.unsigned_abs(),
                bytes: cache_room::taken(connection)?,
                limit: read(&self.pool.limit),
                evicted: read(&self.pool.evicted),
                hits: read(&self.pool.hits),
                misses: read(&self.pool.misses),
            })
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
    if schema::version_of(&writer)? > schema::CACHE_VERSION {
        return Err(StoreError::Newer);
    }
    cache_room::prepare(&writer)?;
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
                let outcome = outcome.as_ref().map_err(StoreError::again);
                // Whoever asked may be gone; the answer is kept all the same.
                let _ = done.send(outcome.copied());
            }
        }
    }

    fn commit<'e>(&self, entries: impl Iterator<Item = &'e CacheEntry>) -> Result<(), StoreError> {
        let limit = self.limit.load(Ordering::Relaxed);
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        let mut now = self.clock.load(Ordering::Relaxed);
        {
            let used =
                std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
            let mut note = transaction.prepare_cached(
                "UPDATE answer_use SET at = ?2, uses = uses + 1 \
                 WHERE row = (SELECT row FROM answer WHERE key = ?1)",
            )?;
            for key in used {
                now += 1;
                note.execute(params![key, now])?;
            }
            let mut old = transaction.prepare_cached("DELETE FROM answer WHERE key = ?1")?;
            let mut put = transaction.prepare_cached(
                "INSERT INTO answer (key, term_key, organisation, model, prompt_version, pack_version, \
                 created_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            let mut first_use = transaction.prepare_cached(
                "INSERT INTO answer_use (row, at, uses, size) VALUES (?1, ?2, ?3, ?4)",
            )?;
            let mut uses = transaction.prepare_cached(
                "SELECT uses FROM answer_use WHERE row = (SELECT row FROM answer WHERE key = ?1)",
            )?;
            for entry in entries {
                let size = cache_room::size_of(entry);
                // It would push out everything else, and then itself.
                if size > limit / 4 {
                    continue;
                }
                now += 1;
                let used: Option<i64> = uses.query_row([entry.key], |row| row.get(0)).optional()?;
                old.execute([entry.key])?;
                put.execute(params![
                    entry.key,
                    entry.term,
                    entry.organisation,
                    entry.model,
                    entry.prompt_version,
                    entry.pack_version,
                    entry.created_at.as_millisecond(),
                    entry.body,
                ])?;
                let row = transaction.last_insert_rowid();
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                first_use.execute(params![row, now, used.unwrap_or(0), size])?;
            }
        }
        let gone = cache_room::make(&transaction, limit)?;
        transaction.commit()?;
        cache_room::give_back(&writer, limit)?;
        self.evicted.fetch_add(gone, Ordering::Relaxed);
        self.clock.store(now, Ordering::Relaxed);
        Ok(())
    }
}
