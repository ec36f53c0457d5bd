//! The disk tier of the response cache.

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

#[test]
fn ten_times_what_fits_stays_within_the_limit_and_what_was_used_last_stays() {
    let home = Home::new();
    let store = home.open();
    store.cache().set_limit(100_000);
    store.cache().put(entry(0, 1_000)).unwrap();
    for number in 1..1_000 {
        store.cache().put(entry(number, 1_000)).unwrap();
        // The first is asked for again and again.
        assert!(
            store.cache().get(&entry(0, 0).key).unwrap().is_some(),
            "{number}"
        );
        assert!(store.cache().figures().unwrap().bytes <= 100_000);
    }
    let figures = store.cache().figures().unwrap();
    assert!(figures.evicted >= 900, "{figures:?}");
    assert!(store.cache().get(&entry(999, 0).key).unwrap().is_some());
    assert!(store.cache().get(&entry(1, 0).key).unwrap().is_none());
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
    const LIMIT: u64 = 60_000;
    let home = Home::new();
    let store = Arc::new(home.open());
    store.cache().set_limit(LIMIT);
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
    store.cache().set_limit(1_000);
    store.cache().put(entry(1, 5_000)).unwrap();
    assert_eq!(store.cache().get(&entry(1, 0).key).unwrap(), None);
    assert_eq!(store.cache().figures().unwrap().bytes, 0);
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
