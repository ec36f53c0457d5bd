//! Opening a home folder: key, integrity, backup, migration, recovery.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use begrip_domain::{Concept, ConceptId};
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::cache::ResponseCache;
use crate::connection::{self, Mode, Pool};
use crate::drafts::Waiting;
use crate::key::{KeyPlace, Keys, Secret, fingerprint, sync_folder};
use crate::similar::{WordCounts, word_counts};
use crate::{StoreError, schema, shared};

/// The workstation's store. Shared by reference between threads.
#[derive(Debug)]
pub struct Store {
    pub(crate) pool: Pool,
    pub(crate) drafts: Waiting,
    pub(crate) word_counts: WordCounts,
    cache: ResponseCache,
    keys: Keys,
    folder: PathBuf,
    backup: Background,
}

/// Work on a thread of its own; whoever drops this waits for its end. A program that ended while
/// another thread encrypts would take the cipher's library from under it, and be killed for that.
#[derive(Debug, Default)]
struct Background(Mutex<Option<JoinHandle<()>>>);

impl Background {
    fn wait(&self) {
        let handle = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle {
            // What a panic said stands in the log of the host.
            let _ = handle.join();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.wait();
    }
}

/// What happened while the store was opened.
#[derive(Debug)]
pub struct OpenReport {
    /// Where the key is kept.
    pub key_place: KeyPlace,
    /// The key file was open to others and has been closed.
    pub key_was_open: bool,
    /// The store was made by this call.
    pub created: bool,
    /// The file was damaged, and what was done.
    pub recovery: Option<Recovery>,
    /// The cache was damaged and has been made anew.
    pub cache_renewed: bool,
}

/// What was done about a damaged file; it was kept aside in every case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A backup was put in its place.
    Backup {
        /// Where the damaged file is kept.
        aside: PathBuf,
    },
    /// There was no backup; this many concepts could be read from it.
    Rescued {
        /// Where the damaged file is kept.
        aside: PathBuf,
        /// Concepts rescued.
        concepts: u32,
    },
}

/// Files up to this size are checked and backed up before they are used. Larger ones are checked by
/// [`Store::check_integrity`] and backed up while the program is at work already.
const CHECK_AT_ONCE: u64 = 32 << 20;

/// Backups that are kept.
const BACKUPS: usize = 3;

const FILE: &str = "begrip.db";
const KEY_ID: &str = "begrip.key-id";

impl Store {
    /// Opens the store in `folder`, making it when there is none.
    ///
    /// `keyring` says whether the operating system's keyring may be used. `now` names files that
    /// are kept aside. Errors: a newer file, a lost or wrong key, no access, a full disk. A damaged
    /// file is no error: it is kept aside and the report says what took its place.
    pub fn open(
        folder: &Path,
        keyring: bool,
        now: Timestamp,
    ) -> Result<(Self, OpenReport), StoreError> {
        fs::create_dir_all(folder).map_err(|error| StoreError::io(folder, &error))?;
        let keys = Keys::of(folder, keyring);
        let path = folder.join(FILE);
        let exists = fs::metadata(&path).is_ok_and(|meta| meta.len() > 0);
        let (key, key_place) = match keys.store_key()? {
            Some(found) => found,
            None if exists => return Err(StoreError::KeyLost(path)),
            None => keys.make_store_key()?,
        };
        let key_was_open = keys.close_to_others();
        let vouched_for = vouched_for(folder, &key, exists)?;
        if exists && !vouched_for && !opens_something(folder, &key)? {
            return Err(StoreError::KeyWrong(path));
        }
        let (mut writer, recovery) = open_sound(&path, &key, exists, now)?;
        if !vouched_for {
            keep_fingerprint(folder, &key)?;
        }
        let mut backup = Background::default();
        if schema::version_of(&writer)? < schema::VERSION && exists {
            back_up(&writer, folder, &key, now)?;
        } else if exists && recovery.is_none() {
            match size_of(&path) <= CHECK_AT_ONCE {
                true => back_up_daily(&writer, folder, &key, now),
                false => backup = back_up_beside(&path, folder, &key, now),
            }
        }
        writer.pragma_update(None, "journal_mode", "WAL")?;
        schema::migrate_store(&mut writer)?;
        shared::read_again(&mut writer, now)?;
        let (cache, cache_renewed) = ResponseCache::open(&folder.join("cache.db"), &key, now)?;
        let report = OpenReport {
            key_place,
            key_was_open,
            created: !exists,
            recovery,
            cache_renewed,
        };
        let pool = Pool::new(path, key, writer);
        Ok((
            Self {
                pool,
                drafts: Waiting::default(),
                word_counts: word_counts(),
                cache,
                keys,
                folder: folder.to_owned(),
                backup,
            },
            report,
        ))
    }

    /// Waits until the day's backup stands, when one is being made.
    pub fn finish_backup(&self) {
        self.backup.wait();
    }

    /// The way out of a lost key: keeps the old files aside, so that [`Store::open`] begins anew.
    ///
    /// Returns where the old file is kept.
    pub fn set_aside(folder: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
        let aside = set_aside(&folder.join(FILE), "verloren-sleutel", now)?;
        set_aside(&folder.join("cache.db"), "verloren-sleutel", now)?;
        Keys::of(folder, false).forget_place();
        match fs::remove_file(folder.join(KEY_ID)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::io(folder, &error))
            }
            _ => Ok(aside),
        }
    }

    /// The response cache's disk tier.
    pub fn cache(&self) -> &ResponseCache {
        &self.cache
    }

    /// The keyring of this home.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The home folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Readers made so far; never more than the pool's size of 4.
    pub fn readers(&self) -> u32 {
        self.pool.readers()
    }

    /// A number that is another one once anybody changed the file, this program or another; to be held
    /// against an earlier one of this store. Reads no row.
    pub fn changes(&self) -> Result<i64, StoreError> {
        self.pool.changes()
    }

    /// Statements run so far: the proof that work does not grow with the number of rows.
    pub fn statements(&self) -> u32 {
        self.pool.statements()
    }

    /// Looks the whole file over; the error names what is wrong. Takes seconds for a large file.
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        // SQLite looks a text index over by what a connection knew of it at its last search, and takes what was
        // written since for damage: a connection that knows nothing yet tells no such thing.
        integrity(&self.pool.new_reader()?, "integrity_check")
    }
}

/// Whether the kept fingerprint vouches for the key. Errors: it is another key's.
///
/// A fingerprint that is missing or cut short says nothing: a power cut can leave that.
fn vouched_for(folder: &Path, key: &Secret, exists: bool) -> Result<bool, StoreError> {
    let own = fingerprint(key.reveal());
    let kept = fs::read_to_string(folder.join(KEY_ID)).unwrap_or_default();
    match kept.trim() {
        kept if kept == own => Ok(true),
        kept if exists && kept.len() == own.len() => Err(StoreError::KeyWrong(folder.join(FILE))),
        _ => Ok(false),
    }
}

/// Whether the key opens the file or one of its backups. When it opens none, nobody can tell a
/// wrong key from damage, and nothing may be moved.
fn opens_something(folder: &Path, key: &Secret) -> Result<bool, StoreError> {
    for path in std::iter::once(folder.join(FILE)).chain(backups(folder)) {
        let opened = connection::open(&path, key, Mode::Read)
            .and_then(|connection| schema::version_of(&connection));
        match opened {
            Ok(_) => return Ok(true),
            Err(StoreError::Damaged(_) | StoreError::Other(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(false)
}

/// Keeps the key's fingerprint, whole or not at all.
fn keep_fingerprint(folder: &Path, key: &Secret) -> Result<(), StoreError> {
    let path = folder.join(KEY_ID);
    let half = folder.join("begrip.key-id.half");
    fs::File::create(&half)
        .and_then(|mut file| {
            file.write_all(fingerprint(key.reveal()).as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&half, &path))
        .map_err(|error| StoreError::io(&path, &error))?;
    sync_folder(folder);
    Ok(())
}

/// A writer on a file that can be read; a damaged file is replaced first.
fn open_sound(
    path: &Path,
    key: &Secret,
    exists: bool,
    now: Timestamp,
) -> Result<(Connection, Option<Recovery>), StoreError> {
    let opened = connection::open(path, key, Mode::Write)
        .and_then(|writer| sound(&writer, path, exists).map(|()| writer));
    match opened {
        Ok(writer) => Ok((writer, None)),
        Err(StoreError::Damaged(why)) => {
            tracing::error!(why, "the store is damaged");
            let (writer, recovery) = recover(path, key, now)?;
            Ok((writer, Some(recovery)))
        }
        Err(other) => Err(other),
    }
}

fn sound(connection: &Connection, path: &Path, exists: bool) -> Result<(), StoreError> {
    let version = schema::version_of(connection)?;
    if version > schema::VERSION {
        return Err(StoreError::Newer);
    }
    match exists && size_of(path) <= CHECK_AT_ONCE {
        true => integrity(connection, "quick_check"),
        false => Ok(()),
    }
}

fn integrity(connection: &Connection, pragma: &str) -> Result<(), StoreError> {
    let found: String = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged(found.chars().take(200).collect())),
    }
}

/// Keeps the damaged file aside; puts the newest sound backup in its place, else what can be read.
fn recover(
    path: &Path,
    key: &Secret,
    now: Timestamp,
) -> Result<(Connection, Recovery), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let aside = set_aside(path, "beschadigd", now)?;
    for backup in backups(folder).into_iter().rev() {
        let usable = connection::open(&backup, key, Mode::Read)
            .and_then(|connection| integrity(&connection, "quick_check"));
        if usable.is_ok() {
            fs::copy(&backup, path).map_err(|error| StoreError::io(path, &error))?;
            sync_folder(folder);
            let writer = connection::open(path, key, Mode::Write)?;
            return Ok((writer, Recovery::Backup { aside }));
        }
    }
    let mut writer = connection::open(path, key, Mode::Write)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    schema::migrate_store(&mut writer)?;
    let concepts = rescue(&aside, key, &mut writer).unwrap_or(0);
    Ok((writer, Recovery::Rescued { aside, concepts }))
}

/// Reads what can be read of a damaged file, revision by revision, and puts the latest of each
/// concept into a new one.
fn rescue(damaged: &Path, key: &Secret, into: &mut Connection) -> Result<u32, StoreError> {
    // Where the end of the table is gone its last row is not known: no revision takes less than this.
    const SMALLEST: u64 = 100;
    // After so many rows that cannot be read, what is left is not looked for any more.
    const MOST_LOST: u32 = 5_000;
    let open = || connection::open(damaged, key, Mode::Read);
    let most = i64::try_from(size_of(damaged) / SMALLEST).unwrap_or(i64::MAX);
    let last = open()?
        .query_row("SELECT coalesce(max(rowid), 0) FROM revision", [], |row| {
            row.get(0)
        })
        .unwrap_or(most);
    let mut latest: HashMap<ConceptId, Concept> = HashMap::new();
    let mut lost = 0;
    let mut from = open()?;
    for row in 1..=last {
        // By row number and not by index: the index may be what is damaged.
        let body = from
            .prepare_cached("SELECT body FROM revision WHERE rowid = ?1")
            .and_then(|mut read| read.query_row([row], |row| row.get::<_, String>(0)));
        let body = match body {
            Ok(body) => body,
            Err(rusqlite::Error::QueryReturnedNoRows) => continue,
            Err(_) if lost == MOST_LOST => break,
            Err(_) => {
                lost += 1;
                // SQLCipher gives no page to a connection that has met a damaged one.
                from = open()?;
                continue;
            }
        };
        let Ok(concept) = serde_json::from_str::<Concept>(&body) else {
            continue;
        };
        let older = latest
            .get(&concept.id)
            .is_none_or(|known| known.version < concept.version);
        if older {
            latest.insert(concept.id, concept);
        }
    }
    let transaction = into.transaction()?;
    for concept in latest.values() {
        let reason = "gered uit een beschadigd bestand";
        crate::index::write_new(&transaction, concept, "Begrip", reason)?;
    }
    let packs = open().and_then(|from| crate::packs::rescue(&from, &transaction));
    // They can be imported again; the concepts cannot.
    if let Err(error) = packs {
        tracing::warn!(%error, "the rule packs could not be rescued");
    }
    let flags = open().and_then(|from| crate::flags::rescue(&from, &transaction));
    if let Err(error) = flags {
        tracing::warn!(%error, "the flags could not be rescued");
    }
    transaction.commit()?;
    Ok(u32::try_from(latest.len()).unwrap_or(u32::MAX))
}

/// Renames a database and its journals: `begrip.db` → `begrip-beschadigd-20260101T120000.db`.
fn set_aside(path: &Path, why: &str, now: Timestamp) -> Result<PathBuf, StoreError> {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let moment = now.strftime("%Y%m%dT%H%M%S");
    let mut aside = path.with_file_name(format!("{stem}-{why}-{moment}.db"));
    for number in 2.. {
        if !aside.exists() {
            break;
        }
        aside = path.with_file_name(format!("{stem}-{why}-{moment}-{number}.db"));
    }
    for journal in ["", "-wal", "-shm"] {
        let from = PathBuf::from(format!("{}{journal}", path.display()));
        let to = PathBuf::from(format!("{}{journal}", aside.display()));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::io(&from, &error));
            }
            _ => {}
        }
    }
    Ok(aside)
}

/// A copy of the precious file under the same key, written aside first and then named.
fn back_up(
    from: &Connection,
    folder: &Path,
    key: &Secret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let kept = folder.join("backup");
    fs::create_dir_all(&kept).map_err(|error| StoreError::io(&kept, &error))?;
    let path = kept.join(format!("begrip-{}.db", now.strftime("%Y%m%dT%H%M%S")));
    let half = path.with_extension("half");
    // What an earlier run did not finish.
    for left in files_ending(&kept, "half") {
        let _ = fs::remove_file(left);
    }
    {
        let mut to = connection::open(&half, key, Mode::Write)?;
        // In one step: a copy of one moment, which no writer makes begin again.
        Backup::new(from, &mut to)?.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)?;
    }
    name_whole(&half, &path)?;
    let old = backups(folder);
    for backup in old.iter().take(old.len().saturating_sub(BACKUPS)) {
        let _ = fs::remove_file(backup);
    }
    Ok(())
}

/// Gives a file that is written whole its name.
fn name_whole(half: &Path, path: &Path) -> Result<(), StoreError> {
    fs::File::open(half)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::io(half, &error))?;
    fs::rename(half, path).map_err(|error| StoreError::io(path, &error))?;
    if let Some(folder) = path.parent() {
        sync_folder(folder);
    }
    Ok(())
}

/// Changes each backup that `concerns` says yes to, by way of a copy that takes its place: a backup is
/// whole at every moment.
pub(crate) fn change_backups(
    folder: &Path,
    key: &Secret,
    concerns: impl Fn(&Connection) -> Result<bool, StoreError>,
    change: impl Fn(&Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for path in backups(folder) {
        let concerned =
            connection::open(&path, key, Mode::Read).and_then(|connection| concerns(&connection));
        match concerned {
            Ok(true) => {}
            Ok(false) => continue,
            // It could not be put back either.
            Err(error @ StoreError::Damaged(_)) => {
                tracing::warn!(%error, "a backup cannot be read");
                continue;
            }
            Err(error) => return Err(error),
        }
        let half = path.with_extension("half");
        fs::copy(&path, &half).map_err(|error| StoreError::io(&half, &error))?;
        change(&connection::open(&half, key, Mode::Write)?)?;
        name_whole(&half, &path)?;
    }
    Ok(())
}

/// A backup a day; one that fails is no reason not to start.
fn back_up_daily(from: &Connection, folder: &Path, key: &Secret, now: Timestamp) {
    let today = format!("begrip-{}", now.strftime("%Y%m%d"));
    let done = backups(folder)
        .last()
        .and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().starts_with(&today))
        })
        .unwrap_or(false);
    if !done && let Err(error) = back_up(from, folder, key, now) {
        tracing::warn!(%error, "no backup could be made");
    }
}

/// The same on a thread and a connection of its own. A program that is killed before it ends leaves
/// half a file, which the next one removes and makes anew.
fn back_up_beside(path: &Path, folder: &Path, key: &Secret, now: Timestamp) -> Background {
    let (path, folder) = (path.to_owned(), folder.to_owned());
    let key = Secret::new(key.reveal().to_owned());
    let work = move || match connection::open(&path, &key, Mode::Read) {
        Ok(from) => back_up_daily(&from, &folder, &key, now),
        Err(error) => tracing::warn!(%error, "no backup could be made"),
    };
    let thread = std::thread::Builder::new().name("backup".to_owned());
    match thread.spawn(work) {
        Ok(handle) => Background(Mutex::new(Some(handle))),
        Err(error) => {
            tracing::warn!(%error, "no backup could be made");
            Background::default()
        }
    }
}

/// The backups, oldest first.
fn backups(folder: &Path) -> Vec<PathBuf> {
    files_ending(&folder.join("backup"), "db")
}

fn files_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}

fn size_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}
