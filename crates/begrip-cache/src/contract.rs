//! What every cache promises, to run over each implementation in a test.
#![allow(clippy::expect_used, reason = "a test says what is wrong by stopping")]

use std::fmt::Debug;

use crate::{Cache, Stats};

/// Entries after which a cache that is to be tried must have pushed something out.
const MANY: u32 = 2_000;

/// Stops with what is wrong when an empty `cache` breaks a promise. `entry` makes a key and a result,
/// others for each number; `told` tells results apart. The cache has room for three entries at least
/// and for fewer than 2,000.
pub fn holds<C: Cache>(
    cache: &C,
    entry: impl Fn(u32) -> (C::Key, C::Value),
    told: impl Fn(&C::Value) -> String,
) where
    C::Error: Debug,
{
    let stats = || cache.stats().expect("the figures can be read");
    let get = |key: &C::Key| {
        let found = cache.get(key).expect("it can be read");
        found.as_ref().map(&told)
    };
    let put = |key: &C::Key, value: &C::Value| cache.put(key, value).expect("it can be written");
    let (first, one) = entry(1);
    let (second, two) = entry(2);

    assert_eq!(get(&first), None, "an empty cache has nothing");
    let counted = |hits, misses, entries| {
        let Stats {
            hits: h,
            misses: m,
            entries: e,
            bytes,
            limit,
            ..
        } = stats();
        assert_eq!((h, m, e), (hits, misses, entries), "hits, misses, entries");
        assert!(0 < limit && bytes <= limit, "{bytes} of {limit} bytes");
    };
    counted(0, 1, 0);

    put(&first, &one);
    assert_eq!(get(&first), Some(told(&one)), "what was put is found");
    assert_eq!(get(&second), None, "under its own key alone");
    counted(1, 2, 1);
    put(&first, &two);
    assert_eq!(get(&first), Some(told(&two)), "the newer one is found");
    counted(2, 2, 1);

    put(&second, &two);
    assert!(cache.remove(&first).expect("it can be removed"));
    assert!(!cache.remove(&first).expect("it can be removed"), "gone");
    assert_eq!(get(&first), None, "what was removed is not found");
    assert_eq!(get(&second), Some(told(&two)), "the others stay");
    counted(3, 3, 1);

    let before = stats().evicted;
    let last = (3..MANY).find(|number| {
        let (key, value) = entry(*number);
        put(&key, &value);
        assert_eq!(get(&key), Some(told(&value)), "the latest one stays");
        stats().evicted > before
    });
    assert!(last.is_some(), "it is bounded");
    let Stats {
        entries,
        bytes,
        limit,
        ..
    } = stats();
    assert!(entries > 0 && bytes <= limit, "{bytes} of {limit} bytes");

    assert_eq!(cache.clear().expect("it can be emptied"), entries);
    assert_eq!(stats().entries, 0);
    assert_eq!(cache.clear().expect("it can be emptied"), 0);
    let (key, _) = entry(last.unwrap_or_default());
    assert_eq!(get(&key), None, "an emptied cache has nothing");
    assert!(stats().evicted > before, "what it did stays counted");
}
