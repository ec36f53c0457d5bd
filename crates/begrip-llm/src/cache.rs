//! The response cache: memory over disk, looked up, filled and cleared together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::answer::CachePolicy;
use crate::counters::{CacheStats, Counters};
use crate::key::Key;
use crate::request::DataClass;
use crate::tier::{DiskTier, MemoryTier, Selector, Stored, TierError, memory};

/// How much is kept and for how long an entry counts as fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// Off: nothing is read and nothing is kept; identical questions at one time still make one
    /// call.
    pub enabled: bool,
    /// The largest size of the tier in memory, in bytes.
    pub memory_bytes: u64,
    /// How long an entry of [`DataClass::General`] is fresh. Older ones are asked again; offline
    /// they are shown as outdated.
    pub fresh_general: Duration,
    /// The same for [`DataClass::Case`].
    pub fresh_case: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            enabled: true,
            memory_bytes: 32 * 1024 * 1024,
            fresh_general: DAY * 30,
            fresh_case: DAY * 7,
        }
    }
}

/// What a look-up finds.
pub(crate) enum Found {
    Memory(Arc<Stored>),
    Disk(Arc<Stored>),
    Stale(Arc<Stored>),
    Nothing,
}

pub(crate) struct ResponseCache {
    settings: RwLock<CacheSettings>,
    pub(crate) counters: Counters,
    memory: RwLock<MemoryTier>,
    disk: Option<Arc<dyn DiskTier>>,
    /// Rises with each removal, so that no entry that was just removed comes back from a look-up
    /// that began before.
    removals: AtomicU64,
    /// The disk tier's own count when it was last looked at.
    removals_on_disk: AtomicU64,
}

impl ResponseCache {
    pub(crate) fn new(settings: CacheSettings, disk: Option<Arc<dyn DiskTier>>) -> Self {
        Self {
            settings: RwLock::new(settings),
            counters: Counters::default(),
            memory: RwLock::new(memory(settings.memory_bytes)),
            removals: AtomicU64::new(0),
            removals_on_disk: AtomicU64::new(disk.as_ref().map_or(0, |disk| disk.removals())),
            disk,
        }
    }

    pub(crate) fn settings(&self) -> CacheSettings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes by these settings from now on. What memory holds goes along as far as it fits; with the
    /// cache off nothing stays in memory.
    pub(crate) fn set(&self, settings: CacheSettings) {
        let mut place = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, settings);
        if before.memory_bytes != settings.memory_bytes {
            let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
            *memory = memory.resized(settings.memory_bytes);
        }
        if !settings.enabled {
            self.forget(&Selector::All);
        }
    }

    /// Removes entries from memory and tells how many there were.
    fn forget(&self, selector: &Selector) -> u64 {
        self.memory()
            .remove_where(|key, stored| selector.picks(key, stored))
    }

    fn memory(&self) -> MemoryTier {
        self.memory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether entries may be read for a question with this policy.
    pub(crate) fn may_read(&self, policy: CachePolicy) -> bool {
        self.settings().enabled && policy != CachePolicy::Refresh
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub(crate) fn look_up(&self, key: &Key, now: Timestamp) -> Found {
        // From before the disk is read: what was removed meanwhile is not brought back to memory.
        let removals = self.removals.load(Ordering::SeqCst);
        let found = self.find(key, now);
        if let Found::Disk(stored) = &found {
            self.memory().put(*key, Arc::clone(stored));
            if self.removals.load(Ordering::SeqCst) != removals {
                self.forget(&Selector::Entry(*key));
            }
        }
        found
    }

    /// The same without bringing what is on disk to memory: for whoever only wants to know.
    pub(crate) fn find(&self, key: &Key, now: Timestamp) -> Found {
        self.heed_removals();
        let in_memory = self.memory().get(key);
        if let Some(stored) = in_memory
            .as_ref()
            .filter(|stored| self.is_fresh(stored, now))
        {
            return Found::Memory(Arc::clone(stored));
        }
        // Also when memory has an outdated one: another process may have put a newer one on disk.
        let on_disk = self.on_disk(|disk| disk.get(key)).flatten().map(Arc::new);
        match (in_memory, on_disk) {
            (_, Some(stored)) if self.is_fresh(&stored, now) => Found::Disk(stored),
            (Some(one), Some(other)) if one.answered_at < other.answered_at => Found::Stale(other),
            (Some(stored), _) | (None, Some(stored)) => Found::Stale(stored),
            (None, None) => Found::Nothing,
        }
    }

    /// Removals so far, by this program and others. What was asked before one is not kept after it.
    pub(crate) fn removals(&self) -> u64 {
        self.heed_removals();
        self.removals.load(Ordering::SeqCst)
    }

    /// Empties memory when another program removed entries: which, only the disk knows.
    fn heed_removals(&self) {
        let Some(disk) = &self.disk else { return };
        let now = disk.removals();
        if self.removals_on_disk.swap(now, Ordering::SeqCst) != now {
            self.removals.fetch_add(1, Ordering::SeqCst);
            self.forget(&Selector::All);
        }
    }

    /// A fresh entry in memory: what an earlier flight has just brought.
    pub(crate) fn just_landed(&self, key: &Key, now: Timestamp) -> Option<Arc<Stored>> {
        self.memory()
            .get(key)
            .filter(|stored| self.is_fresh(stored, now))
    }

    /// Keeps an entry in memory at once, and on disk by the time that this returns, unless the
    /// disk is very slow: then it goes on behind the scenes. What may hold a case stays in memory.
    ///
    /// `asked_at` is what [`Self::removals`] gave when the question was asked: an answer that
    /// entries were removed after is not kept.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(crate) async fn keep(self: &Arc<Self>, key: Key, stored: Arc<Stored>, asked_at: u64) {
        const PATIENCE: Duration = Duration::from_secs(2);
        if self.removals() != asked_at {
            return;
        }
        self.memory().put(key, Arc::clone(&stored));
        if self.disk.is_some() && stored.tags.data_class == DataClass::General {
            let cache = Arc::clone(self);
            let put = move || {
                let put = cache.on_disk(|disk| disk.put(&key, &stored));
                if cache.removals() != asked_at {
                    let entry = Selector::Entry(key);
                    cache.forget(&entry);
                    cache.on_disk(|disk| disk.remove_picked(&entry));
                }
                put
            };
            let task = tokio::task::spawn_blocking(put);
            let _ = tokio::time::timeout(PATIENCE, task).await;
        }
    }

    pub(crate) fn clear(&self, selector: &Selector) -> Result<u64, TierError> {
        // The disk first: what is gone there cannot come back into memory.
        let from_disk = match &self.disk {
            Some(disk) => disk.remove_picked(selector),
            None => Ok(0),
        };
        if let Some(disk) = &self.disk {
            self.removals_on_disk
                .store(disk.removals(), Ordering::SeqCst);
        }
        self.removals.fetch_add(1, Ordering::SeqCst);
        let from_memory = self.forget(selector);
        // Entries are in both tiers as a rule; the tier with more tells how many there were.
        let removed = from_memory.max(*from_disk.as_ref().unwrap_or(&0));
        self.counters.removed.fetch_add(removed, Ordering::Relaxed);
        from_disk.map(|_| removed)
    }

    pub(crate) fn forget_cases(&self) -> u64 {
        // What is being asked meanwhile is not kept either.
        self.removals.fetch_add(1, Ordering::SeqCst);
        let about_cases = |stored: &Stored| stored.tags.data_class == DataClass::Case;
        let removed = self.memory().remove_where(|_, stored| about_cases(stored));
        self.counters.removed.fetch_add(removed, Ordering::Relaxed);
        removed
    }

    pub(crate) fn stats(&self) -> CacheStats {
        CacheStats {
            memory: self.memory().stats(),
            disk: self.on_disk(|disk| disk.stats()),
            ..self.counters.read()
        }
    }

    fn is_fresh(&self, stored: &Stored, now: Timestamp) -> bool {
        let settings = self.settings();
        let fresh = match stored.tags.data_class {
            DataClass::General => settings.fresh_general,
            DataClass::Case => settings.fresh_case,
        };
        // A clock that was set back makes an entry young, never old.
        let age = now.duration_since(stored.answered_at);
        age < SignedDuration::try_from(fresh).unwrap_or(SignedDuration::MAX)
    }

    fn on_disk<T>(&self, work: impl FnOnce(&dyn DiskTier) -> Result<T, TierError>) -> Option<T> {
        let disk = self.disk.as_deref()?;
        work(disk)
            .inspect_err(|error| {
                self.counters.disk_errors.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, "the disk tier of the response cache");
            })
            .ok()
    }
}
