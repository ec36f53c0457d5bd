//! The disk tier of the response cache.

use std::fs;
use std::sync::Arc;

use begrip_store::{CacheEntry, CacheSelector};

use crate::support::{Home, at};

pub fn entry(number: u32, bytes: usize) -> CacheEntry {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    CacheEntry {
        key,
        body: vec![7; bytes],
        term: format!("term {}", number % 10),
        organisation: String::new(),
        model: format!("model {}", number % 2),
        prompt_version: "1".to_owned(),
        pack_version: "1".to_owned(),
        created_at: at(i64::from(number)),
    }
}

#[test]
fn an_answer_is_there_after_a_restart_and_a_newer_one_takes_its_place() {
    let home = Home::new();
    let store = home.open();
    store.cache().put(entry(1, 100)).unwrap();
    store.cache().put(entry(1, 200)).unwrap();
    drop(store);
    let store = home.open();
    let found = store.cache().get(&entry(1, 0).key).unwrap().unwrap();
    assert_eq!(found.len(), 200);
    assert_eq!(store.cache().get(&entry(2, 0).key).unwrap(), None);
    assert_eq!(store.cache().figures().unwrap().entries, 1);
}

/// Bytes of the file and its journal.
fn on_disk(home: &Home) -> u64 {
    let size = |name: &str| fs::metadata(home.file(name)).map_or(0, |meta| meta.len());
    size("cache.db") + size("cache.db-wal")
}

#[test]
fn ten_times_what_fits_leaves_a_file_within_the_limit_and_what_was_used_last_stays() {
    const LIMIT: u64 = 1_000_000;
    // The journal is folded in at a megabyte; some pages more are on their way by then.
    const JOURNAL: u64 = 1_300_000;
    let home = Home::new();
    let store = home.open();
    store.cache().set_limit(LIMIT).unwrap();
    store.cache().put(entry(0, 20_000)).unwrap();
    for number in 1..500 {
        store.cache().put(entry(number, 20_000)).unwrap();
        // The first is asked for again and again.
        assert!(
            store.cache().get(&entry(0, 0).key).unwrap().is_some(),
            "{number}"
        );
        let figures = store.cache().figures().unwrap();
        assert!(figures.bytes <= LIMIT, "{figures:?}");
        assert!(on_disk(&home) <= LIMIT + JOURNAL, "{}", on_disk(&home));
    }
    let figures = store.cache().figures().unwrap();
    assert!(figures.evicted >= 450, "{figures:?}");
    assert_eq!(figures.entries + figures.evicted, 500);
    assert!(store.cache().get(&entry(499, 0).key).unwrap().is_some());
    assert!(store.cache().get(&entry(1, 0).key).unwrap().is_none());
    drop(store);
    assert!(on_disk(&home) <= LIMIT, "{}", on_disk(&home));
}

#[test]
fn a_smaller_limit_makes_the_file_smaller_at_once() {
    let home = Home::new();
    let store = home.open();
    for number in 0..200 {
        store.cache().put(entry(number, 20_000)).unwrap();
    }
    assert_eq!(store.cache().figures().unwrap().entries, 200);
    store.cache().set_limit(1_000_000).unwrap();
    assert!(store.cache().figures().unwrap().bytes <= 1_000_000);
    assert!(store.cache().get(&entry(199, 0).key).unwrap().is_some());
    drop(store);
    assert!(on_disk(&home) <= 1_000_000, "{}", on_disk(&home));
}

#[test]
fn ten_thousand_answers_of_600_bytes_take_no_more_than_15_mb() {
    let home = Home::new();
    let store = Arc::new(home.open());
    std::thread::scope(|scope| {
        for thread in 0..16_u32 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for number in 0..625 {
                    store
                        .cache()
                        .put(entry(thread * 625 + number, 600))
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(store.cache().figures().unwrap().entries, 10_000);
    drop(store);
    assert!(on_disk(&home) <= 15_000_000, "{}", on_disk(&home));
}

#[test]
fn what_was_used_most_goes_first_and_a_newer_answer_keeps_its_rank() {
    let home = Home::new();
    let store = home.open();
    for number in 0..6 {
        store.cache().put(entry(number, 100)).unwrap();
    }
    for (number, uses) in [(4, 3), (1, 5), (2, 1)] {
        for _ in 0..uses {
            store.cache().get(&entry(number, 0).key).unwrap();
        }
    }
    // Uses are written down with the next put.
    store.cache().put(entry(1, 200)).unwrap();
    let most = store.cache().most_used(4).unwrap();
    assert_eq!(most, [1, 4, 2, 5].map(|number| entry(number, 0).key));
}

#[test]
fn many_threads_keep_and_read_without_an_error() {
    let home = Home::new();
    let store = Arc::new(home.open());
    let threads: Vec<_> = (0..64_u32)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for number in 0..20 {
                    let number = thread * 20 + number;
                    store.cache().put(entry(number, 500)).unwrap();
                    // Durable when the call returns: another reader sees it at once.
                    assert!(store.cache().get(&entry(number, 0).key).unwrap().is_some());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(store.cache().figures().unwrap().entries, 64 * 20);
    assert!(store.readers() <= 4);
}

#[test]
fn many_threads_stay_within_the_limit_together() {
    const LIMIT: u64 = 200_000;
    let home = Home::new();
    let store = Arc::new(home.open());
    store.cache().set_limit(LIMIT).unwrap();
    let threads: Vec<_> = (0..64_u32)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for number in 0..10 {
                    store
                        .cache()
                        .put(entry(thread * 10 + number, 1_000))
                        .unwrap();
                    let figures = store.cache().figures().unwrap();
                    assert!(figures.bytes <= LIMIT, "{figures:?}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let figures = store.cache().figures().unwrap();
    assert_eq!(figures.entries + figures.evicted, 640);
    assert!(figures.entries > 0);
}

#[test]
fn an_answer_larger_than_the_limit_is_not_kept_and_no_error() {
    let home = Home::new();
    let store = home.open();
    store.cache().set_limit(1_000_000).unwrap();
    store.cache().put(entry(1, 400_000)).unwrap();
    assert_eq!(store.cache().get(&entry(1, 0).key).unwrap(), None);
    assert_eq!(store.cache().figures().unwrap().entries, 0);
}

#[test]
fn each_selector_removes_its_own_and_nothing_else() {
    let cases = [
        (CacheSelector::Key(entry(3, 0).key), 1),
        (CacheSelector::Term("term 3".to_owned()), 2),
        (CacheSelector::Model("model 1".to_owned()), 10),
        (CacheSelector::PromptVersion("1".to_owned()), 20),
        (CacheSelector::PromptVersion("2".to_owned()), 0),
        (CacheSelector::PackVersion("1".to_owned()), 20),
        (CacheSelector::Organisation("OM".to_owned()), 0),
        (CacheSelector::Before(at(5)), 5),
        (CacheSelector::All, 20),
    ];
    for (selector, removed) in cases {
        let home = Home::new();
        let store = home.open();
        for number in 0..20 {
            store.cache().put(entry(number, 50)).unwrap();
        }
        assert_eq!(
            store.cache().clear(&selector).unwrap(),
            removed,
            "{selector:?}"
        );
        assert_eq!(store.cache().figures().unwrap().entries, 20 - removed);
    }
}

#[test]
fn another_program_learns_that_answers_were_removed() {
    let home = Home::new();
    let one = home.open();
    let other = home.open();
    one.cache().put(entry(1, 50)).unwrap();
    let before = other.cache().removals();
    assert_eq!(before, one.cache().removals());
    one.cache().clear(&CacheSelector::All).unwrap();
    assert_ne!(other.cache().removals(), before);
    assert_eq!(other.cache().get(&entry(1, 0).key).unwrap(), None);
}
