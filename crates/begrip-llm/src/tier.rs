//! What is kept, and the tiers that keep it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use moka::notification::RemovalCause;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::answer::Usage;
use crate::key::Key;
use crate::request::DataClass;

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The whole text.
    pub text: String,
    /// Where each streamed piece ends: byte offsets in `text`, rising, the last one its length.
    pub piece_ends: Vec<u32>,
    /// The model that answered, by its own word.
    pub model: String,
    /// The tokens that it took, and that each use of this entry saves.
    pub usage: Usage,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// What it can be removed by.
    pub tags: Tags,
}

impl Stored {
    /// The pieces in which the text was streamed.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.piece_ends.iter().filter_map(move |end| {
            let end = *end as usize;
            // Offsets from a damaged file could lie inside a character: then nothing is shown
            // piece by piece, and the whole text still stands in the answer.
            let piece = self.text.get(from..end);
            from = end;
            piece
        })
    }

    fn weight(&self) -> u32 {
        // The structure itself, the key and the cache's own bookkeeping, about.
        const FRAME: usize = 400;
        let tags = &self.tags;
        let texts = [
            self.text.len(),
            self.piece_ends.len() * 4,
            self.model.len(),
            tags.term.as_ref().map_or(0, String::len),
            tags.model.len() + tags.prompt_version.len(),
            tags.pack_version.len() + tags.organisation.len(),
        ];
        u32::try_from(texts.iter().sum::<usize>() + FRAME).unwrap_or(u32::MAX)
    }
}

/// What an entry can be found by when it has to be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The term that was asked about, as given in the request.
    pub term: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The version of the prompt's wording.
    pub prompt_version: String,
    /// The version of the rule pack.
    pub pack_version: String,
    /// The organisation that asked.
    pub organisation: String,
    /// What kind of text the question held.
    pub data_class: DataClass,
}

/// Which entries to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All of them.
    All,
    /// This one.
    Entry(Key),
    /// Those about this term, in exactly this form.
    Term(String),
    /// Those that this model was asked for.
    Model(String),
    /// Those of this version of the prompt's wording.
    PromptVersion(String),
    /// Those of this version of the rule pack.
    PackVersion(String),
    /// Those of this organisation.
    Organisation(String),
    /// Those answered before this time.
    AnsweredBefore(Timestamp),
}

impl Selector {
    /// Whether an entry is one of those to remove.
    pub fn picks(&self, key: &Key, stored: &Stored) -> bool {
        let tags = &stored.tags;
        match self {
            Self::All => true,
            Self::Entry(wanted) => wanted == key,
            Self::Term(term) => tags.term.as_ref() == Some(term),
            Self::Model(model) => tags.model == *model,
            Self::PromptVersion(version) => tags.prompt_version == *version,
            Self::PackVersion(version) => tags.pack_version == *version,
            Self::Organisation(organisation) => tags.organisation == *organisation,
            Self::AnsweredBefore(time) => stored.answered_at < *time,
        }
    }
}

/// A tier that outlives the program. Calls may block for as long as a local disk takes. A tier
/// bounds its own size.
pub trait DiskTier: Send + Sync {
    /// The entry of this key, whatever its age.
    ///
    /// # Errors
    /// When the tier cannot be read. An entry that is damaged is no error but absent.
    fn get(&self, key: &Key) -> Result<Option<Stored>, TierError>;

    /// Keeps an entry, durably, in the place of an older one of the same key.
    ///
    /// # Errors
    /// When the tier cannot be written.
    fn put(&self, key: &Key, stored: &Stored) -> Result<(), TierError>;

    /// Removes entries and tells how many there were.
    ///
    /// # Errors
    /// When the tier cannot be written.
    fn clear(&self, selector: &Selector) -> Result<u64, TierError>;

    /// Rises whenever entries are removed, by this program or by another one that shares the tier:
    /// what is held in memory may be out of date then. Asked at every look-up: must be cheap.
    fn removals(&self) -> u64;

    /// What the tier holds.
    ///
    /// # Errors
    /// When the tier cannot be read.
    fn stats(&self) -> Result<TierStats, TierError>;
}

/// What a tier holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TierStats {
    /// Number of entries.
    pub entries: u64,
    /// Their size in bytes, about.
    pub bytes: u64,
    /// How many made room for others since the start of the program.
    pub evicted: u64,
}

/// A tier that cannot be read or written. It never fails a question: the answer is asked instead.
#[derive(Debug, Error)]
#[error("the cache tier cannot be used: {0}")]
pub struct TierError(pub String);

/// The tier in memory, bounded in bytes; the entry that was used longest ago makes room.
///
/// Entries have no expiry of their own here: an outdated one is still shown offline, and whether
/// it is outdated is decided with the caller's clock.
#[derive(Debug)]
pub(crate) struct MemoryTier {
    entries: Cache<Key, Arc<Stored>>,
    evicted: Arc<AtomicU64>,
}

impl MemoryTier {
    pub(crate) fn new(bytes: u64) -> Self {
        let evicted = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&evicted);
        let entries = Cache::builder()
            .max_capacity(bytes)
            .weigher(|_, stored: &Arc<Stored>| stored.weight())
            // Not the default, which may refuse a new entry: what was just paid for is kept.
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build();
        Self { entries, evicted }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Stored>> {
        self.entries.get(key)
    }

    pub(crate) fn put(&self, key: Key, stored: Arc<Stored>) {
        self.entries.insert(key, stored);
    }

    pub(crate) fn clear(&self, selector: &Selector) -> u64 {
        let picked: Vec<Key> = self
            .entries
            .iter()
            .filter(|(key, stored)| selector.picks(key, stored))
            .map(|(key, _)| *key)
            .collect();
        let removed = picked
            .iter()
            .filter_map(|key| self.entries.remove(key))
            .count();
        removed as u64
    }

    pub(crate) fn stats(&self) -> TierStats {
        self.entries.run_pending_tasks();
        TierStats {
            entries: self.entries.entry_count(),
            bytes: self.entries.weighted_size(),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }
}
