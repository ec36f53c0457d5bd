//! Exchanges with a model: kept with their draft or not at all, bounded, and removed for good.

use begrip_store::{CacheSelector, StoredExchange};

use crate::pages::holding;
use crate::support::{Home, at};

fn exchange(id: &str, body: &str) -> StoredExchange {
    StoredExchange {
        id: id.to_owned(),
        key: [7; 32],
        body: body.to_owned(),
        term: "vonnis".to_owned(),
        organisation: String::new(),
        model: "gpt-4o".to_owned(),
        prompt_version: "1".to_owned(),
        pack_version: "2026.1".to_owned(),
        created_at: at(1),
    }
}

const ROOM: u64 = 1_000_000;

#[test]
fn a_draft_and_its_exchange_are_kept_both_or_neither() {
    let home = Home::new();
    let store = home.open();
    let one = exchange("een", "vraag en antwoord");
    store
        .keep_draft("draft:een", "herkomst", at(1), Some(&one), ROOM)
        .unwrap();
    assert_eq!(store.exchange("een").unwrap(), Some(one.clone()));
    // The first one stands: what is told twice is the same.
    store
        .keep_draft(
            "draft:weer",
            "herkomst",
            at(2),
            Some(&exchange("een", "anders")),
            ROOM,
        )
        .unwrap();
    assert_eq!(store.exchange("een").unwrap(), Some(one));
    // In the middle of the transaction something goes wrong.
    home.directly()
        .execute_batch(
            "CREATE TRIGGER full_disk AFTER INSERT ON exchange \
             BEGIN SELECT RAISE(ABORT, 'no room'); END;",
        )
        .unwrap();
    let two = exchange("twee", "vraag");
    store
        .keep_draft("draft:twee", "herkomst", at(3), Some(&two), ROOM)
        .unwrap_err();
    assert_eq!(store.exchange("twee").unwrap(), None);
    assert_eq!(store.text("draft:twee").unwrap(), None);
}

#[test]
fn exchanges_that_no_concept_leads_to_have_a_bound_and_the_oldest_make_room() {
    let home = Home::new();
    let store = home.open();
    let body = "x".repeat(1_000);
    for number in 0..20 {
        let id = format!("nummer {number:02}");
        store
            .keep_draft(
                &format!("draft:{number}"),
                "",
                at(number),
                Some(&exchange(&id, &body)),
                5_500,
            )
            .unwrap();
    }
    let kept: Vec<usize> = (0..20)
        .filter(|number| {
            store
                .exchange(&format!("nummer {number:02}"))
                .unwrap()
                .is_some()
        })
        .collect();
    assert_eq!(kept, [15, 16, 17, 18, 19]);
    assert_eq!(store.forget_exchanges(at(2)).unwrap(), 5);
}

#[test]
fn an_exchange_is_removed_by_what_its_answer_is_removed_by() {
    let selectors = [
        CacheSelector::All,
        CacheSelector::Key([7; 32]),
        CacheSelector::Term("vonnis".to_owned()),
        CacheSelector::Model("gpt-4o".to_owned()),
        CacheSelector::PromptVersion("1".to_owned()),
        CacheSelector::PackVersion("2026.1".to_owned()),
        CacheSelector::Organisation(String::new()),
        CacheSelector::Before(at(2)),
    ];
    let others = [
        CacheSelector::Key([8; 32]),
        CacheSelector::Term("arrest".to_owned()),
        CacheSelector::Model("gpt".to_owned()),
        CacheSelector::PromptVersion("2".to_owned()),
        CacheSelector::PackVersion("2026.2".to_owned()),
        CacheSelector::Organisation("OM".to_owned()),
        CacheSelector::Before(at(1)),
    ];
    let home = Home::new();
    let store = home.open();
    for (selectors, removed) in [(&others[..], 0), (&selectors[..], 1)] {
        for selector in selectors {
            store
                .keep_draft(
                    "draft:een",
                    "",
                    at(1),
                    Some(&exchange("een", "vraag")),
                    ROOM,
                )
                .unwrap();
            let gone = store.remove_exchanges(selector, false).unwrap();
            assert_eq!(gone, removed, "{selector:?}");
        }
    }
}

#[test]
fn a_removed_exchange_is_in_no_page_journal_or_backup() {
    const SECRET: &str = "wat hier gevraagd is mag nergens meer te lezen zijn";
    let home = Home::new();
    let store = home.open();
    let long = exchange("een", &SECRET.repeat(200));
    let kept = store.keep_draft("draft:een", "", at(1), Some(&long), ROOM);
    kept.unwrap();
    drop(store);
    // Backups of two days have it.
    for day in 1..=2 {
        let (store, _) = home.open_at(day * 86_400).unwrap();
        store.finish_backup();
    }
    let (store, _) = home.open_at(2 * 86_400 + 1).unwrap();
    let found = || holding(home.path(), SECRET.as_bytes());
    let before = found();
    let backups = before.iter().filter(|name| name.starts_with("backup"));
    assert_eq!(backups.count(), 2, "{before:?}");
    assert!(before.contains(&"begrip.db".to_owned()), "{before:?}");
    let term = CacheSelector::Term("vonnis".to_owned());
    assert_eq!(store.remove_exchanges(&term, false).unwrap(), 1);
    assert_eq!(found(), [""; 0]);
}
