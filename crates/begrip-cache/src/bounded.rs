use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::notification::RemovalCause;
use moka::policy::EvictionPolicy;

use crate::{Cache, Stats};

/// A cache in memory, bounded in bytes; the entry that was used longest ago makes room. Clones share
/// everything.
///
/// Entries have no expiry here: whoever asks says whether what is found is still good enough.
#[derive(Clone)]
pub struct Bounded<K, V> {
    entries: moka::sync::Cache<K, V>,
    weigh: fn(&K, &V) -> u32,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
}

impl<K, V> Bounded<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// An empty one that holds `limit` bytes at most; `weigh` tells the bytes of an entry, about.
    pub fn new(limit: u64, weigh: fn(&K, &V) -> u32) -> Self {
        Self::counting(limit, weigh, Arc::default())
    }

    /// One of another size with what is in this one, as far as it fits; it counts on.
    pub fn resized(&self, limit: u64) -> Self {
        let other = Self::counting(limit, self.weigh, Arc::clone(&self.counts));
        for (key, value) in &self.entries {
            other.entries.insert((*key).clone(), value);
        }
        other
    }

    fn counting(limit: u64, weigh: fn(&K, &V) -> u32, counts: Arc<Counts>) -> Self {
        let counter = Arc::clone(&counts);
        let entries = moka::sync::Cache::builder()
            .max_capacity(limit)
            .weigher(weigh)
            // Not the default, which may refuse a new entry: what was just paid for is kept.
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    counter.evicted.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build();
        Self {
            entries,
            weigh,
            counts,
        }
    }

    /// The result of this key. Counts as a hit or a miss.
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.entries.get(key);
        let count = match found {
            Some(_) => &self.counts.hits,
            None => &self.counts.misses,
        };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// The result of this key, made when there is none; who asks for the same meanwhile waits for it.
    ///
    /// # Errors
    /// What `make` says; then nothing is remembered.
    pub fn get_or_make<E: Clone + Send + Sync + 'static>(
        &self,
        key: &K,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        match self.get(key) {
            Some(found) => Ok(found),
            None => self
                .entries
                .try_get_with(key.clone(), make)
                .map_err(|error| E::clone(&error)),
        }
    }

    /// Remembers a result in the place of an older one of the same key.
    pub fn put(&self, key: K, value: V) {
        self.entries.insert(key, value);
    }

    /// Forgets what `picks` says yes to, and tells how much that was.
    pub fn remove_where(&self, picks: impl Fn(&K, &V) -> bool) -> u64 {
        let picked: Vec<_> = self
            .entries
            .iter()
            .filter(|(key, value)| picks(key, value))
            .map(|(key, _)| key)
            .collect();
        let removed = picked
            .iter()
            .filter_map(|key| self.entries.remove(key.as_ref()))
            .count();
        removed as u64
    }

    /// What it holds and did.
    pub fn stats(&self) -> Stats {
        self.entries.run_pending_tasks();
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Stats {
            hits: read(&self.counts.hits),
            misses: read(&self.counts.misses),
            evicted: read(&self.counts.evicted),
            entries: self.entries.entry_count(),
            bytes: self.entries.weighted_size(),
            limit: self.entries.policy().max_capacity().unwrap_or(0),
        }
    }
}

/// Without what it holds, which may be anybody's text.
impl<K, V> fmt::Debug for Bounded<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounded")
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl<K, V> Cache for Bounded<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Key = K;
    type Value = V;
    type Error = Infallible;

    fn get(&self, key: &K) -> Result<Option<V>, Infallible> {
        Ok(Self::get(self, key))
    }

    fn put(&self, key: &K, value: &V) -> Result<(), Infallible> {
        Self::put(self, key.clone(), value.clone());
        Ok(())
    }

    fn remove(&self, key: &K) -> Result<bool, Infallible> {
        Ok(self.entries.remove(key).is_some())
    }

    fn clear(&self) -> Result<u64, Infallible> {
        Ok(self.remove_where(|_, _| true))
    }

    fn stats(&self) -> Result<Stats, Infallible> {
        Ok(Self::stats(self))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    fn small() -> Bounded<u32, String> {
        Bounded::new(1_000, |_, text| u32::try_from(text.len()).unwrap())
    }

    #[cfg(feature = "contract")]
    #[test]
    fn it_keeps_the_promises_of_a_cache() {
        let entry = |number: u32| (number, format!("{number:100}"));
        crate::contract::holds(&small(), entry, String::clone);
    }

    #[test]
    fn another_size_takes_along_what_fits_and_counts_on() {
        let cache = small();
        for number in 0..8 {
            cache.put(number, format!("{number:100}"));
            assert!(cache.get(&number).is_some());
        }
        let smaller = cache.resized(350);
        let stats = smaller.stats();
        assert_eq!((stats.entries, stats.bytes, stats.limit), (3, 300, 350));
        assert_eq!((stats.hits, stats.evicted), (8, 5));
        assert_eq!(cache.resized(2_000).stats().entries, 8);
    }

    #[test]
    fn who_asks_for_the_same_at_one_time_has_it_made_once() {
        let (cache, made) = (small(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let text = cache.get_or_make(&1, || {
                        made.fetch_add(1, Ordering::SeqCst);
                        Ok::<_, ()>("een".to_owned())
                    });
                    assert_eq!(text.unwrap(), "een");
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert_eq!(cache.get_or_make(&2, || Err("niet")), Err("niet"));
        assert_eq!(cache.get(&2), None);
    }
}
