//! What is shared with other organisations: the outbox, what the server tells, and conflicts.

use begrip_store::Twins;
use std::collections::BTreeMap;

use begrip_domain::{Concept, ConceptId, Status};
use begrip_store::{Store, StoreError};
use begrip_sync::{
    Act, Answer, Command, Effect, Got, Held, Item, Outcome, Page, Refusal, Saved, Sharing, Sums,
    Texts,
};
use uuid::Uuid;

use crate::support::{DAY, Home, WITHOUT_VALIDITY, at, by, concept, keep};

/// A concept as the server tells it, with its number for an identity.
pub fn item(number: u128, version: u32, texts: &Texts) -> Item {
    Item {
        id: ConceptId(Uuid::from_u128(number)),
        version,
        sequence: u64::from(version) * 10,
        owner: "OM".to_owned(),
        sharing: Sharing::Chain,
        deleted: false,
        texts: texts.clone(),
        author: "Anna".to_owned(),
        organisation: "OM".to_owned(),
        at: at(0),
        review: Default::default(),
        rest: BTreeMap::new(),
    }
}

pub fn texts(term: &str, definition: &str) -> Texts {
    let concept = concept(0, term, definition);
    Texts::of(&concept.fields, concept.status)
}

pub fn take(store: &Store, item: Item) {
    let effect = Effect::Take {
        item: Box::new(item),
        forced: false,
    };
    store.keep_effects(&[effect], at(9)).unwrap();
}

fn waiting(store: &Store) -> Vec<Command> {
    store.waiting_commands(100).unwrap()
}

fn answered(store: &Store, outcome: Outcome) {
    let key = waiting(store)[0].key;
    let effect = Effect::Answered(Answer { key, outcome });
    store.keep_effects(&[effect], at(9)).unwrap();
}

fn get(store: &Store, number: u128) -> Concept {
    store
        .get(ConceptId(Uuid::from_u128(number)))
        .unwrap()
        .unwrap()
}

fn edit(store: &Store, number: u128, definition: &str) {
    let mut concept = get(store, number);
    concept.fields.definition = definition.to_owned();
    let changed = store
        .update(concept.version, &concept, &by("Noor", 1), Twins::Refused)
        .unwrap();
    assert_eq!(changed, None);
}

/// A store in which concept 1 is shared and the server has it at version 1.
pub fn with_shared(home: &Home) -> Store {
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "beslissing"));
    store
        .share(
            ConceptId(Uuid::from_u128(1)),
            Sharing::Chain,
            &by("Noor", 0),
        )
        .unwrap();
    let accepted = item(1, 1, &texts("vonnis", "beslissing"));
    answered(
        &store,
        Outcome::Accepted {
            item: Box::new(accepted),
            merged: false,
        },
    );
    store
}

#[test]
fn what_the_server_told_before_this_program_could_read_it_shows_after_the_update() {
    let home = Home::new();
    let store = with_shared(&home);
    let mut bounded = concept(0, "vonnis", "beslissing");
    bounded.fields.validity.until = Some(DAY);
    let told = item(1, 2, &Texts::of(&bounded.fields, bounded.status));
    take(&store, told.clone());
    assert_eq!(get(&store, 1).fields.validity, bounded.fields.validity);
    drop(store);
    // As a program of before left it: the field stands in what the server told, and nowhere else.
    let before = home.directly();
    before.execute_batch(WITHOUT_VALIDITY).unwrap();
    before
        .execute_batch(
            "DROP TRIGGER revision_is_never_changed;
             UPDATE revision SET body = json_remove(body, '$.validity');
             CREATE TRIGGER revision_is_never_changed BEFORE UPDATE ON revision
             BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
             DROP TABLE news;
             DROP TABLE spared;
             PRAGMA user_version = 12;",
        )
        .unwrap();
    drop(before);
    let (store, _) = home.open_at(20).unwrap();
    let now = get(&store, 1);
    assert_eq!(now.fields.validity, bounded.fields.validity);
    assert_eq!(store.shared(now.id).unwrap(), Some(told));
    assert_eq!(waiting(&store), [], "nothing to send");
    drop(store);
    let again = home.open_at(21).unwrap().0;
    assert_eq!(get(&again, 1).version, now.version, "it is done once");
}

#[test]
fn what_nobody_shared_never_stands_in_the_outbox() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "beslissing"));
    edit(&store, 1, "andere beslissing");
    assert_eq!(waiting(&store), []);
    let gone = store.withdraw_shared(ConceptId(Uuid::from_u128(1)), &by("Noor", 1));
    assert!(matches!(gone, Err(StoreError::NotFound)));
    let rows: u32 = home
        .directly()
        .query_row("SELECT count(*) FROM outbox", [], |r| r.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn a_shared_concept_and_each_change_of_it_wait_for_the_server_without_the_notes() {
    let home = Home::new();
    let store = home.open();
    let mut own = concept(1, "vonnis", "beslissing");
    own.fields.notes = "zaak 13/123456-26".to_owned();
    keep(&store, &own);
    store.share(own.id, Sharing::Chain, &by("Noor", 0)).unwrap();
    edit(&store, 1, "schriftelijke beslissing");
    let waits = waiting(&store);
    let Act::Put { changes, sharing } = &waits[0].act else {
        panic!()
    };
    assert_eq!(sharing, &Some(Sharing::Chain));
    assert_eq!(changes["term"].to, "vonnis");
    let Act::Put {
        changes,
        sharing: None,
    } = &waits[1].act
    else {
        panic!()
    };
    assert_eq!(changes.keys().collect::<Vec<_>>(), ["definition"]);
    assert_eq!(changes["definition"].from, "beslissing");
    assert!(!serde_json::to_string(&waits).unwrap().contains("13/123456"));
    // The notes alone are nobody else's business.
    let mut noted = get(&store, 1);
    noted.fields.notes.push_str(" en meer");
    store
        .update(noted.version, &noted, &by("Noor", 2), Twins::Refused)
        .unwrap();
    assert_eq!(waiting(&store).len(), 2);
}

#[test]
fn a_text_and_its_command_are_kept_together_or_not_at_all() {
    let home = Home::new();
    let store = with_shared(&home);
    home.directly()
        .execute_batch("CREATE TRIGGER broken BEFORE INSERT ON outbox_fate BEGIN SELECT RAISE(ABORT, 'x'); END;")
        .unwrap();
    let mut own = get(&store, 1);
    own.fields.definition = "iets anders".to_owned();
    store
        .update(own.version, &own, &by("Noor", 1), Twins::Refused)
        .unwrap_err();
    assert_eq!(get(&store, 1).fields.definition, "beslissing");
    assert_eq!(waiting(&store), []);
}

#[test]
fn the_outbox_only_grows() {
    let home = Home::new();
    drop(with_shared(&home));
    let direct = home.directly();
    for sql in [
        "UPDATE outbox SET body = ''",
        "DELETE FROM outbox",
        "REPLACE INTO outbox (row, key, concept, body) SELECT row, key, concept, '' FROM outbox",
        "REPLACE INTO outbox (key, concept, body) SELECT key, concept, '' FROM outbox",
    ] {
        assert!(direct.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn an_answer_counts_once_and_an_unknown_key_is_nobodys() {
    let home = Home::new();
    let store = with_shared(&home);
    edit(&store, 1, "mijn tekst");
    let key = waiting(&store)[0].key;
    let accepted = Outcome::Accepted {
        item: Box::new(item(1, 2, &texts("vonnis", "mijn tekst"))),
        merged: false,
    };
    let refused = Outcome::Refused {
        why: Refusal::Invalid,
        item: None,
        rules: Vec::new(),
    };
    for outcome in [accepted, refused.clone()] {
        store
            .keep_effects(&[Effect::Answered(Answer { key, outcome })], at(9))
            .unwrap();
    }
    let key = Uuid::from_u128(99);
    store
        .keep_effects(
            &[Effect::Answered(Answer {
                key,
                outcome: refused,
            })],
            at(9),
        )
        .unwrap();
    let figures = store.sync_figures().unwrap();
    assert_eq!(
        (figures.shared, figures.waiting, figures.conflicts),
        (1, 0, 0)
    );
}

#[test]
fn what_the_server_tells_comes_in_once_and_under_what_the_user_typed() {
    let home = Home::new();
    let store = with_shared(&home);
    edit(&store, 1, "mijn tekst");
    let mut theirs = texts("vonnis", "beslissing");
    theirs.set("explanation", "van Anna".into());
    for _ in 0..2 {
        take(&store, item(1, 2, &theirs));
    }
    let own = get(&store, 1);
    assert_eq!(own.fields.definition, "mijn tekst");
    assert_eq!(own.fields.explanation, "van Anna");
    let revisions = store.revisions(own.id).unwrap();
    assert_eq!(revisions.len(), 3);
    assert_eq!(revisions[2].author, "Anna (OM)");
    // An older version says nothing new.
    take(&store, item(1, 1, &texts("vonnis", "oud")));
    assert_eq!(get(&store, 1).version, 3);
}

#[test]
fn a_concept_from_elsewhere_can_be_found_and_read() {
    let home = Home::new();
    let store = home.open();
    let mut strange = texts("griffierecht", "bedrag voor een procedure");
    strange.set("colour", "red".into());
    take(&store, item(4, 3, &strange));
    let found = get(&store, 4);
    assert_eq!((found.version, found.status), (1, Status::InPreparation));
    assert_eq!(
        store
            .search("griffierecht", &Default::default(), DAY, 5)
            .unwrap()
            .len(),
        1
    );
    // A field of a newer program stays, and a change here does not touch it.
    edit(&store, 4, "bedrag dat een partij betaalt");
    let Act::Put { changes, .. } = &waiting(&store)[0].act else {
        panic!()
    };
    assert_eq!(changes.keys().collect::<Vec<_>>(), ["definition"]);
    assert_eq!(waiting(&store)[0].base_version, 3);
    let kept = store.shared(found.id).unwrap().unwrap();
    assert_eq!(kept.texts.get("colour"), "red");
}

/// A store with a conflict about the definition of concept 1.
fn in_conflict(home: &Home) -> Store {
    let store = with_shared(home);
    edit(&store, 1, "mijn tekst");
    let theirs = item(1, 2, &texts("vonnis", "hun tekst"));
    answered(
        &store,
        Outcome::Stale {
            item: Box::new(theirs),
            fields: vec!["definition".into()],
        },
    );
    store
}

#[test]
fn a_conflict_has_all_three_texts_and_the_own_one_stays_on_the_screen() {
    let home = Home::new();
    let store = in_conflict(&home);
    let conflict = &store.conflicts().unwrap()[0];
    assert_eq!(conflict.mine.get("definition"), "mijn tekst");
    assert_eq!(
        conflict.theirs.as_ref().unwrap().texts.get("definition"),
        "hun tekst"
    );
    assert_eq!(conflict.changes["definition"].from, "beslissing");
    assert_eq!(get(&store, 1).fields.definition, "mijn tekst");
    // Also when the program is started again.
    drop(store);
    let store = home.open();
    assert_eq!(store.sync_figures().unwrap().conflicts, 1);
    assert_eq!(waiting(&store), []);
}

#[test]
fn whatever_the_user_chooses_is_based_upon_what_the_server_has_now() {
    for (chosen, sent) in [("hun tekst", None), ("mijn tekst", Some("hun tekst"))] {
        let home = Home::new();
        let store = in_conflict(&home);
        let id = ConceptId(Uuid::from_u128(1));
        store
            .settle(id, &texts("vonnis", chosen), &by("Noor", 5))
            .unwrap();
        assert_eq!(get(&store, 1).fields.definition, chosen);
        assert_eq!(store.conflicts().unwrap(), []);
        let waits = waiting(&store);
        assert_eq!(waits.len(), usize::from(sent.is_some()));
        for command in waits {
            assert_eq!(command.base_version, 2);
            let Act::Put { changes, .. } = command.act else {
                panic!()
            };
            assert_eq!(changes["definition"].from, sent.unwrap());
        }
        let again = store.settle(id, &texts("vonnis", chosen), &by("Noor", 6));
        assert!(matches!(again, Err(StoreError::NotFound)));
        // Both texts can be read back.
        let said: Vec<String> = store
            .revisions(id)
            .unwrap()
            .into_iter()
            .map(|revision| revision.concept.fields.definition)
            .collect();
        for text in ["mijn tekst", "hun tekst"] {
            assert!(said.contains(&text.to_owned()), "{chosen}: {said:?}");
        }
    }
}

#[test]
fn a_concept_that_was_never_taken_is_offered_again_as_a_whole() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "beslissing"));
    let id = ConceptId(Uuid::from_u128(1));
    store.share(id, Sharing::Chain, &by("Noor", 0)).unwrap();
    answered(
        &store,
        Outcome::Refused {
            why: Refusal::NotAllowed,
            item: None,
            rules: Vec::new(),
        },
    );
    let mine = store.conflicts().unwrap().remove(0).mine;
    store.settle(id, &mine, &by("Noor", 1)).unwrap();
    let Act::Put { changes, sharing } = &waiting(&store)[0].act else {
        panic!()
    };
    assert_eq!(changes["term"].to, "vonnis");
    assert_eq!(sharing, &Some(Sharing::Chain));
}

#[test]
fn a_text_of_the_user_is_not_replaced_by_the_first_that_the_server_tells() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "mijn eigen tekst"));
    take(&store, item(1, 4, &texts("vonnis", "hun tekst")));
    assert_eq!(get(&store, 1).fields.definition, "mijn eigen tekst");
    let conflict = store.conflicts().unwrap().remove(0);
    assert_eq!(
        conflict.theirs.unwrap().texts.get("definition"),
        "hun tekst"
    );
    assert_eq!(waiting(&store), [], "it does not leave by itself");
}

#[test]
fn a_tombstone_withdraws_and_loses_nothing() {
    let home = Home::new();
    let store = with_shared(&home);
    let gone = Item {
        deleted: true,
        ..item(1, 2, &texts("vonnis", "beslissing"))
    };
    take(&store, gone);
    let own = get(&store, 1);
    assert_eq!(
        (own.status, own.fields.definition.as_str()),
        (Status::Withdrawn, "beslissing")
    );
    let back = Concept {
        status: Status::InPreparation,
        ..own.clone()
    };
    store
        .update(own.version, &back, &by("Noor", 3), Twins::Refused)
        .unwrap();
    assert!(matches!(waiting(&store)[0].act, Act::Put { .. }));
    assert_eq!(get(&store, 1).status, Status::InPreparation);
}

#[test]
fn withdrawing_for_everybody_shows_at_once() {
    let home = Home::new();
    let store = with_shared(&home);
    store
        .withdraw_shared(ConceptId(Uuid::from_u128(1)), &by("Noor", 2))
        .unwrap();
    assert_eq!(get(&store, 1).status, Status::Withdrawn);
    assert_eq!(waiting(&store)[0].act, Act::Delete);
}

#[test]
fn the_sums_are_those_of_what_is_held_and_outlive_a_restart() {
    let home = Home::new();
    let store = home.open();
    let items: Vec<Item> = (1..=40)
        .map(|n| item(n, 1, &texts(&format!("term {n}"), "tekst")))
        .collect();
    let mut expected = Sums::default();
    items
        .iter()
        .for_each(|item| expected.add(item.id, item.mark()));
    let saved = Saved {
        epoch: Some(Uuid::from_u128(5)),
        organisation: "DJI".to_owned(),
        position: 10,
        anew: true,
    };
    let mut effects = vec![Effect::Save(saved.clone()), Effect::Equal];
    let takes = items.iter().map(|item| Effect::Take {
        item: Box::new(item.clone()),
        forced: false,
    });
    effects.extend(takes);
    store.keep_effects(&effects, at(7)).unwrap();
    drop(store);
    let store = home.open();
    assert_eq!(store.own_sums().unwrap(), expected);
    assert_eq!(store.sync_saved().unwrap(), saved);
    assert_eq!(store.sync_figures().unwrap().equal_at, Some(at(7)));
    let page = Page {
        items: vec![Item {
            deleted: true,
            ..items[3].clone()
        }],
        next: 1,
        more: false,
        closing: None,
    };
    let held = store.held_for(&Got::Page(page)).unwrap();
    assert_eq!(held.live(), 40);
    assert_eq!(held.of(items[3].id).unwrap().mark, items[3].mark());
    store
        .keep_effects(&[Effect::Gone(items[0].id)], at(8))
        .unwrap();
    assert_eq!(
        get(&store, 1).fields.definition,
        "tekst",
        "the user's text stays"
    );
    assert_ne!(store.own_sums().unwrap(), expected);
}

#[test]
fn nothing_of_a_half_kept_answer_stays() {
    let home = Home::new();
    let store = home.open();
    home.directly()
        .execute_batch(
            "CREATE TRIGGER broken BEFORE UPDATE OF position ON sync BEGIN SELECT RAISE(ABORT, 'x'); END;",
        )
        .unwrap();
    let effects = [
        Effect::Take {
            item: Box::new(item(1, 1, &texts("vonnis", "x"))),
            forced: false,
        },
        Effect::Save(Saved {
            position: 10,
            ..Saved::default()
        }),
    ];
    store.keep_effects(&effects, at(1)).unwrap_err();
    assert_eq!(store.count().unwrap(), 0);
    assert_eq!(store.own_sums().unwrap(), Sums::default());
}

#[test]
fn how_a_concept_stands_in_sharing_is_what_the_user_wants_and_the_server_said() {
    let home = Home::new();
    let store = with_shared(&home);
    keep(
        &store,
        &concept(2, "arrest", "uitspraak van een hogere rechter"),
    );
    let one = ConceptId(Uuid::from_u128(1));
    let two = ConceptId(Uuid::from_u128(2));
    assert_eq!(store.standing(two).unwrap(), None);

    store
        .share(two, Sharing::Organisation, &by("Noor", 1))
        .unwrap();
    let offered = store.standing(two).unwrap().unwrap();
    assert_eq!(offered.sharing, Sharing::Organisation);
    assert_eq!((offered.waiting, offered.base), (1, None));

    let told = store.standing(one).unwrap().unwrap();
    assert_eq!((told.waiting, told.conflict), (0, false));
    assert_eq!(told.base.unwrap().owner, "OM");

    edit(&store, 1, "andere beslissing");
    assert_eq!(store.standing(one).unwrap().unwrap().waiting, 1);
    // The oldest that waits is that of the second concept.
    let why = Refusal::NotAllowed;
    let (item, rules) = (None, Vec::new());
    answered(&store, Outcome::Refused { why, item, rules });
    let refused = store.standing(two).unwrap().unwrap();
    assert_eq!((refused.waiting, refused.conflict), (0, true));
}
