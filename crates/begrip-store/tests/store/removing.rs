//! What was removed cannot be read from the disk any more, also by somebody who has the key.

use begrip_store::{CacheEntry, CacheSelector, Store};

use crate::answers::entry;
use crate::pages::holding;
use crate::support::{Home, at};

const SECRET: &str = "wat hier stond mag nergens meer te lezen zijn";

/// An answer that holds [`SECRET`], of several pages.
fn secret(number: u32) -> CacheEntry {
    CacheEntry {
        body: SECRET.repeat(200).into_bytes(),
        term: SECRET.to_owned(),
        ..entry(number, 0)
    }
}

fn found(home: &Home) -> Vec<String> {
    holding(home.path(), SECRET.as_bytes())
}

/// Among others, and folded into the file itself.
fn kept(home: &Home) -> Store {
    let store = home.open();
    for number in 0..40 {
        let entry = match number % 4 {
            1 => secret(number),
            _ => entry(number, 2_000),
        };
        store.cache().put(entry).unwrap();
    }
    drop(store);
    assert_eq!(found(home), ["cache.db"], "the file is read rightly");
    home.open()
}

#[test]
fn a_removed_answer_is_in_no_page_journal_or_backup() {
    let selectors = [
        CacheSelector::All,
        CacheSelector::Term(SECRET.to_owned()),
        CacheSelector::Model("model 1".to_owned()),
        CacheSelector::PromptVersion("1".to_owned()),
        CacheSelector::PackVersion("1".to_owned()),
        CacheSelector::Organisation(String::new()),
        CacheSelector::Before(at(1_000)),
    ];
    for selector in selectors {
        let home = Home::new();
        let store = kept(&home);
        // In the journal too, and in one of another program that has the file open.
        let other = home.open();
        other.cache().put(secret(101)).unwrap();
        store.cache().put(secret(103)).unwrap();
        assert_eq!(found(&home), ["cache.db", "cache.db-wal"]);
        assert!(store.cache().clear(&selector).unwrap() > 0);
        // At once, with both programs still there, and after they ended.
        assert_eq!(found(&home), [""; 0], "{selector:?}");
        drop((store, other));
        drop(home.open());
        assert_eq!(found(&home), [""; 0], "{selector:?}");
    }
}

#[test]
fn one_removed_entry_is_gone_and_the_others_are_not() {
    let home = Home::new();
    let store = kept(&home);
    for number in (1..40).step_by(4) {
        let key = secret(number).key;
        assert_eq!(store.cache().clear(&CacheSelector::Key(key)).unwrap(), 1);
    }
    assert_eq!(found(&home), [""; 0]);
    assert_eq!(store.cache().figures().unwrap().entries, 30);
    assert!(store.cache().get(&entry(2, 0).key).unwrap().is_some());
}

#[test]
fn what_a_newer_answer_replaced_or_size_pushed_out_is_overwritten() {
    let home = Home::new();
    let store = kept(&home);
    // A newer answer in the place of some, no room for the rest.
    for number in (1..20).step_by(4) {
        store.cache().put(entry(number, 2_000)).unwrap();
    }
    store.cache().set_limit(40_000).unwrap();
    let left = store.cache().get(&entry(37, 0).key).unwrap();
    assert_eq!(left, None, "pushed out");
    drop(store);
    assert_eq!(found(&home), [""; 0]);
}
