//! Bringing kept answers into memory before anybody asks.

use std::sync::atomic::Ordering;

use begrip_llm::{CacheSettings, CacheUse, CancellationToken, Key, key_of};

use crate::support::{Bench, ask, question};

const TERMS: usize = 40;

/// A disk with an answer to each of [`TERMS`] questions, and their keys.
async fn kept() -> (Bench, Vec<Key>) {
    let bench = Bench::new().await;
    let mut keys = Vec::new();
    for number in 0..TERMS {
        let question = question(&format!("proefterm{number}"));
        keys.push(key_of(&question));
        ask(&bench.model, question).await.unwrap();
    }
    (bench, keys)
}

#[tokio::test]
async fn warming_brings_entries_into_memory_and_counts_no_question() {
    let bench = Bench::new().await;
    for term in ["vonnis", "arrest"] {
        ask(&bench.model, question(term)).await.unwrap();
    }
    let restarted = bench.restarted();
    let keys = ["vonnis", "arrest", "onbekend"].map(|term| key_of(&question(term)));
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert_eq!(restarted.warm(keys, &stopped), 0);
    assert_eq!(restarted.warm(keys, &CancellationToken::new()), 2);
    let stats = restarted.stats();
    assert_eq!((stats.warmed, stats.memory.entries), (2, 2));
    assert_eq!(stats.counts.requests, 0);
    bench.disk.broken.store(true, Ordering::SeqCst);
    assert_eq!(
        ask(&restarted, question("arrest")).await.unwrap().cache,
        CacheUse::Memory
    );
}

#[tokio::test]
async fn warming_that_is_cancelled_in_the_middle_leaves_the_rest_on_disk() {
    let (bench, keys) = kept().await;
    let restarted = bench.restarted();
    let cancel = CancellationToken::new();
    // The program closes while the sixth is looked for.
    let seen = keys.iter().copied().enumerate().map(|(at, key)| {
        if at == 5 {
            cancel.cancel();
        }
        key
    });
    assert_eq!(restarted.warm(seen, &cancel), 5);
    let stats = restarted.stats();
    assert_eq!((stats.warmed, stats.memory.entries), (5, 5));
    for (term, from) in [
        ("proefterm4", CacheUse::Memory),
        ("proefterm5", CacheUse::Disk),
    ] {
        let answer = ask(&restarted, question(term)).await.unwrap();
        assert_eq!(answer.cache, from, "{term}");
    }
    assert_eq!(bench.mock.calls(), TERMS);
}

#[tokio::test]
async fn warming_takes_half_of_the_memory_in_the_order_given() {
    let (bench, keys) = kept().await;
    let restarted = bench.restarted();
    let all = restarted.warm(keys.clone(), &CancellationToken::new());
    let largest = restarted.stats().memory.bytes / all;
    assert_eq!(all as usize, TERMS, "there is room for all");

    let restarted = bench.restarted();
    let limit = 20 * largest;
    restarted.set_cache(CacheSettings {
        memory_bytes: limit,
        ..CacheSettings::default()
    });
    let warmed = restarted.warm(keys, &CancellationToken::new());
    let stats = restarted.stats();
    assert_eq!((stats.warmed, stats.memory.entries), (warmed, warmed));
    assert!((9..=12).contains(&warmed), "{warmed}");
    // The one that fills the half may go over it.
    assert!(stats.memory.bytes <= limit / 2 + 2 * largest, "{stats:?}");
    assert_eq!(stats.memory.evicted, 0);
    for number in 0..TERMS as u64 {
        let term = format!("proefterm{number}");
        let answer = ask(&restarted, question(&term)).await.unwrap();
        assert_eq!(answer.cache == CacheUse::Memory, number < warmed, "{term}");
    }
}
