//! A store that does everything that it can do, each way at least once.

use std::fs;
use std::path::Path;

use begrip_domain::{
    Category, Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance, Status,
};
use begrip_language::{Text, term_key};
use begrip_sync::{
    Act, Answer, Asks, Checked, Effect, Got, Hello, Item, Outcome, Page as Told, Proposal,
    RangeRows, Refusal, Review, Saved, Sharing, Signature, Supported, Texts, Verdict, range_of,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

use super::work;
use crate::*;

/// So many concepts are written by hand, and so many come from the server at once.
const OWN: u128 = 60;
const COME: u128 = 80;

pub(super) const DAY: Date = date(2026, 5, 28);

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

pub(super) fn by(second: i64) -> Change<'static> {
    Change {
        author: "Noor",
        at: at(second),
        reason: "proef",
    }
}

fn id(number: u128) -> ConceptId {
    ConceptId(Uuid::from_u128(number))
}

pub(super) fn concept(number: u128, term: &str, definition: &str) -> Concept {
    Concept {
        id: id(number),
        fields: ConceptFields {
            definition: definition.to_owned(),
            category: Some(Category::Type),
            synonyms: vec![Label::new(&format!("naam {number}")).unwrap()],
            ..ConceptFields::of_term(Label::new(term).unwrap())
        },
        status: Status::InPreparation,
        version: 1,
        provenance: Provenance {
            origin: Origin::Person,
            author: "Noor".to_owned(),
            model: None,
        },
        created_at: at(0),
        modified_at: at(0),
    }
}

fn item(number: u128, version: u32, definition: &str) -> Item {
    let concept = concept(number, &format!("zaak {number}"), definition);
    Item {
        id: concept.id,
        version,
        sequence: u64::from(version) * 1_000 + number as u64,
        owner: "OM".to_owned(),
        sharing: Sharing::Chain,
        deleted: false,
        texts: Texts::of(&concept.fields, concept.status),
        author: "Anna".to_owned(),
        organisation: "OM".to_owned(),
        at: at(0),
        review: Review::default(),
        rest: Default::default(),
    }
}

fn take(item: Item) -> Effect {
    Effect::Take {
        item: Box::new(item),
        forced: false,
    }
}

/// Goes through all of it in `home`, which is left with a filled store.
pub(super) fn everything(home: &Path) {
    let (store, _) = Store::open(home, false, at(0)).unwrap();
    concepts(&store);
    sharing(&store);
    reviews(&store);
    work::drafts(&store);
    work::jobs(&store);
    work::sources(&store);
    work::packs_and_flags(&store);
    work::ledger(&store);
    work::cache(&store);
    // On readers that have been at work through all of it.
    store.check_integrity().unwrap();
    drop(store);
    reopened(home);
    rescued();
}

fn concepts(store: &Store) {
    for number in 1..OWN {
        let text = format!("beslissing {number} van de rechter over een strafzaak");
        store
            .insert(&concept(number, &format!("zaak {number}"), &text), &by(0))
            .unwrap();
    }
    let mut one = store.get(id(1)).unwrap().unwrap();
    one.fields.term = Label::new("vonnis").unwrap();
    assert_eq!(store.update(1, &one, &by(1), Twins::Refused).unwrap(), None);
    store.revisions(id(1)).unwrap();
    store.with_term("vonnis").unwrap();
    store.count().unwrap();
    store.walk(0, 10).unwrap();
    store
        .with_another_status([(id(1), Some(Status::Established))].into_iter())
        .unwrap();
    store.changes().unwrap();
    let starter = concept(900, "griffie", "bureau van een gerecht");
    store
        .install_starter("1", std::slice::from_ref(&starter), &by(1))
        .unwrap();
    let mut newer = starter;
    newer.fields.definition = "bureau van een gerecht dat stukken bewaart".to_owned();
    store.install_starter("2", &[newer], &by(2)).unwrap();

    let own = Context::default();
    for query in ["zaak", "zaak 1", "rechter"] {
        store.search(query, &own, DAY, 1_000).unwrap();
        store.search_valid(query, &own, DAY, 20).unwrap();
    }
    let text = "beslissing 3 van de rechter over een strafzaak";
    store.similar("zaak 3", &[], &own, text, None).unwrap();
    let rows = store.rows_beside_text(&Text::new(text)).unwrap();
    store.beside(&rows).unwrap();
    store.beside_labels(&[term_key("zaak 3")]).unwrap();
    store.rows_naming("rechter", 10).unwrap();
    // So many begin alike that those in use are asked for.
    for number in 1_000..1_070 {
        let alike = concept(
            number,
            &format!("stuk {number}"),
            "schriftelijk stuk waarin een mededeling staat",
        );
        store.insert(&alike, &by(0)).unwrap();
    }
    store
        .rows_beside_text(&Text::new("schriftelijk stuk waarin een mededeling staat"))
        .unwrap();
    store.revised().unwrap();
    lists(store);
}

/// Every filter with every other, in every order.
fn lists(store: &Store) {
    for filter in 0..32_u32 {
        let has = |bit: u32| filter & (1 << bit) != 0;
        let filter = Filter {
            statuses: if has(0) {
                vec![Status::InPreparation, Status::Proposed]
            } else {
                vec![]
            },
            origins: if has(1) { vec![Origin::Person] } else { vec![] },
            category: has(2).then_some(Category::Type),
            text: if has(3) {
                "zaak".to_owned()
            } else {
                String::new()
            },
            valid_on: has(4).then_some(DAY),
        };
        for sort in [Sort::Modified, Sort::Term, Sort::Status] {
            let page = Page {
                offset: 0,
                limit: 10,
            };
            store.list(&filter, sort, page).unwrap();
        }
    }
}

fn sharing(store: &Store) {
    store.share(id(1), Sharing::Chain, &by(2)).unwrap();
    answer(
        store,
        Outcome::Accepted {
            item: Box::new(item(1, 1, "beslissing")),
            merged: false,
        },
    );
    assert!(store.is_shared(id(1)).unwrap());
    let mut one = store.get(id(1)).unwrap().unwrap();
    one.fields.definition = "beslissing van een rechter".to_owned();
    store
        .update(one.version, &one, &by(3), Twins::Accepted)
        .unwrap();
    let stale = item(1, 2, "uitspraak");
    answer(
        store,
        Outcome::Stale {
            item: Box::new(stale),
            fields: vec!["definition".to_owned()],
        },
    );
    assert_eq!(store.conflicts().unwrap().len(), 1);
    store.standing(id(1)).unwrap();
    store
        .settle(id(1), &store.conflicts().unwrap().remove(0).mine, &by(4))
        .unwrap();

    // One comes, then many at once; one that is here already goes over the own text.
    store
        .keep_effects(&[take(item(2_000, 1, "een"))], at(5))
        .unwrap();
    let page =
        (2_001..2_001 + COME).map(|number| take(item(number, 1, "bericht van een instantie")));
    store
        .keep_effects(&page.collect::<Vec<_>>(), at(6))
        .unwrap();
    store.take_time().unwrap();
    let saved = Saved {
        organisation: "OM".to_owned(),
        ..store.sync_saved().unwrap()
    };
    let gone = Item {
        deleted: true,
        ..item(2_000, 2, "een")
    };
    let page = Told {
        items: vec![gone.clone()],
        next: 1,
        more: false,
        closing: None,
    };
    store.held_for(&Got::Page(page)).unwrap();
    let range = RangeRows {
        range: range_of(id(2_000)),
        sequence: 9,
        items: vec![],
    };
    store.held_for(&Got::Range(range)).unwrap();
    store
        .keep_effects(
            &[
                Effect::Save(saved),
                take(gone),
                Effect::Gone(id(2_001)),
                Effect::Equal,
            ],
            at(7),
        )
        .unwrap();
    store.own_sums().unwrap();
    store.shared(id(2_000)).unwrap();
    store.withdraw_shared(id(2_002), &by(8)).unwrap();
    store.note_synced(at(9)).unwrap();
    store.sync_figures().unwrap();
}

/// Answers the oldest command that waits.
fn answer(store: &Store, outcome: Outcome) {
    let key = store.waiting_commands(10).unwrap()[0].key;
    store
        .keep_effects(&[Effect::Answered(Answer { key, outcome })], at(3))
        .unwrap();
}

fn reviews(store: &Store) {
    let hello = Hello {
        protocol: Supported { min: 1, max: 1 },
        capabilities: Vec::new(),
        epoch: Uuid::from_u128(7),
        sequence: 0,
        organisation: "OM".to_owned(),
        account: "Anna".to_owned(),
        role: "author".to_owned(),
        published: 0,
    };
    store.note_account(&hello).unwrap();
    store.own_account().unwrap();
    store.review(id(2_003), Act::Retract, &by(10)).unwrap();
    store.own_steps().unwrap();
    let signed = |by: &str| Signature {
        by: by.to_owned(),
        organisation: "OM".to_owned(),
        at: at(11),
        reason: String::new(),
    };
    let proposal = |verdict: Option<Verdict>| Proposal {
        asks: Asks::Establish,
        proposed: signed("Anna"),
        checked: Checked {
            text: String::new(),
            pack: "1".to_owned(),
            failing: Vec::new(),
        },
        drafter: None,
        verdict,
    };
    let mut told = item(2_004, 2, "bericht");
    told.review.proposal = Some(proposal(None));
    store.keep_effects(&[take(told.clone())], at(11)).unwrap();
    store.proposals().unwrap();
    told.version = 3;
    told.review.proposal = Some(proposal(Some(Verdict {
        accepted: false,
        signature: signed("Bert"),
    })));
    store.keep_effects(&[take(told)], at(12)).unwrap();
    let news: Vec<i64> = store.news().unwrap().iter().map(|one| one.number).collect();
    assert_eq!(news.len(), 1);
    store.forget_news(&news).unwrap();
    let next = concept(3_000, "volgend begrip", "tekst die in de plaats komt");
    store.revise(id(2_005), &next, &by(13)).unwrap();
    store.replaces(next.id).unwrap();
    let refused = Outcome::Refused {
        why: Refusal::Invalid,
        item: None,
        rules: Vec::new(),
    };
    answer(store, refused);
}

/// Another day: the store is backed up, and what is removed goes from the backup too.
fn reopened(home: &Path) {
    const DAY: i64 = 86_400;
    let (store, _) = Store::open(home, false, at(DAY)).unwrap();
    for selector in &work::selectors() {
        store.remove_exchanges(selector, true).unwrap();
    }
    store.remove_drafts("draft:", "$.case").unwrap();
    // As a migration leaves it that came to know a field.
    store
        .keep_document("not_read_yet", "\"definition\"")
        .unwrap();
    drop(store);
    Store::open(home, false, at(2 * DAY)).unwrap();
}

/// A file of which the end is noise and that has no backup.
fn rescued() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(home.path(), false, at(0)).unwrap();
    store.keep_and_activate_pack(&work::pack("1")).unwrap();
    for number in 0..300 {
        let text = "woord ".repeat(60);
        store
            .insert(&concept(number, &format!("term {number}"), &text), &by(0))
            .unwrap();
    }
    drop(store);
    let path = home.path().join("begrip.db");
    let mut bytes = fs::read(&path).unwrap();
    let begin = bytes.len() / 4096 * 99 / 100 * 4096;
    bytes[begin..].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    let (_, report) = Store::open(home.path(), false, at(5)).unwrap();
    assert!(matches!(report.recovery, Some(Recovery::Rescued { .. })));
}
