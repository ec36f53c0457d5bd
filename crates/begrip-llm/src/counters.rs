//! What the cache has done: each question counted once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use begrip_cache::Stats;
use serde::Serialize;

use crate::answer::Usage;

/// What became of a question, as far as the cache is concerned. Each question has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Answered from memory.
    Memory,
    /// Answered from the disk.
    Disk,
    /// Answered with an outdated entry: the model was out of reach, or not to be asked.
    Stale,
    /// Not to be asked of the model, and not in the cache.
    OfflineMiss,
    /// Not in the cache: asked of the model.
    Miss,
    /// In the cache but outdated: asked of the model again.
    Revalidated,
    /// Asked of the model without a look into the cache.
    Bypassed,
    /// Joined the same question that was under way.
    Coalesced,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 8] = [
        Self::Memory,
        Self::Disk,
        Self::Stale,
        Self::OfflineMiss,
        Self::Miss,
        Self::Revalidated,
        Self::Bypassed,
        Self::Coalesced,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Stale => "stale",
            Self::OfflineMiss => "offline_miss",
            Self::Miss => "miss",
            Self::Revalidated => "revalidated",
            Self::Bypassed => "bypassed",
            Self::Coalesced => "coalesced",
        }
    }
}

/// Questions by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All questions: the sum of the others.
    pub requests: u64,
    /// Answered from memory.
    pub memory_hits: u64,
    /// Answered from the disk.
    pub disk_hits: u64,
    /// Answered with an outdated entry, since the model was out of reach.
    pub stale: u64,
    /// Asked without the model, and not in the cache.
    pub offline_misses: u64,
    /// Not in the cache: asked of the model.
    pub misses: u64,
    /// In the cache but outdated: asked of the model again.
    pub revalidated: u64,
    /// Asked of the model because the caller wanted that, or because the cache is off.
    pub bypassed: u64,
    /// Joined the same question that was under way.
    pub coalesced: u64,
    /// Tokens of prompts that were not sent again, thanks to hits and joins.
    pub tokens_in_saved: u64,
    /// Tokens of answers that were not made again.
    pub tokens_out_saved: u64,
}

/// Everything there is to know of the cache at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// All questions since the start of the program.
    pub counts: Counts,
    /// The same, for each organisation.
    pub by_organisation: BTreeMap<String, Counts>,
    /// Replies that were not kept, by reason: the code of an error, or `not_valid`,
    /// `finish_reason`, `switched_off`.
    pub refused: BTreeMap<String, u64>,
    /// HTTP requests to models.
    pub calls: u64,
    /// The tier in memory.
    pub memory: Stats,
    /// The tier on disk, if there is one that can be read.
    pub disk: Option<Stats>,
    /// How often the disk tier could not be read or written.
    pub disk_errors: u64,
    /// Entries removed by hand or by an event, in both tiers together.
    pub removed: u64,
    /// Entries brought into memory beforehand.
    pub warmed: u64,
    /// Questions under way now.
    pub under_way: u64,
}

#[derive(Debug, Default)]
struct Cells {
    fates: [AtomicU64; 8],
    tokens_in: AtomicU64,
    tokens_out: AtomicU64,
}

impl Cells {
    fn read(&self) -> Counts {
        let fates = self.fates.each_ref().map(|cell| cell.load(Relaxed));
        let of = |fate: Fate| fates[fate as usize];
        Counts {
            // Summed from what was read: true at every moment, whatever others count meanwhile.
            requests: fates.iter().sum(),
            memory_hits: of(Fate::Memory),
            disk_hits: of(Fate::Disk),
            stale: of(Fate::Stale),
            offline_misses: of(Fate::OfflineMiss),
            misses: of(Fate::Miss),
            revalidated: of(Fate::Revalidated),
            bypassed: of(Fate::Bypassed),
            coalesced: of(Fate::Coalesced),
            tokens_in_saved: self.tokens_in.load(Relaxed),
            tokens_out_saved: self.tokens_out.load(Relaxed),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    all: Cells,
    organisations: RwLock<HashMap<String, Arc<Cells>>>,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    pub(crate) calls: AtomicU64,
    pub(crate) disk_errors: AtomicU64,
    pub(crate) removed: AtomicU64,
    pub(crate) warmed: AtomicU64,
}

impl Counters {
    pub(crate) fn count(&self, organisation: &str, fate: Fate) {
        self.all.fates[fate as usize].fetch_add(1, Relaxed);
        self.of(organisation).fates[fate as usize].fetch_add(1, Relaxed);
    }

    /// What was counted as `from` has become `to`.
    pub(crate) fn turn(&self, organisation: &str, from: Fate, to: Fate) {
        for cells in [&self.all, &*self.of(organisation)] {
            cells.fates[from as usize].fetch_sub(1, Relaxed);
            cells.fates[to as usize].fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn saved(&self, organisation: &str, usage: Usage) {
        for cells in [&self.all, &*self.of(organisation)] {
            cells.tokens_in.fetch_add(usage.tokens_in.into(), Relaxed);
            cells.tokens_out.fetch_add(usage.tokens_out.into(), Relaxed);
        }
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused.entry(reason).or_default() += 1;
    }

    pub(crate) fn read(&self) -> CacheStats {
        let organisations = self
            .organisations
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        CacheStats {
            counts: self.all.read(),
            by_organisation: organisations
                .iter()
                .map(|(name, cells)| (name.clone(), cells.read()))
                .collect(),
            refused: refused
                .iter()
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect(),
            calls: self.calls.load(Relaxed),
            disk_errors: self.disk_errors.load(Relaxed),
            removed: self.removed.load(Relaxed),
            warmed: self.warmed.load(Relaxed),
            ..CacheStats::default()
        }
    }

    fn of(&self, organisation: &str) -> Arc<Cells> {
        let known = self
            .organisations
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(cells) = known.get(organisation) {
            return Arc::clone(cells);
        }
        drop(known);
        let mut known = self
            .organisations
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(organisation.to_owned()).or_default())
    }
}
