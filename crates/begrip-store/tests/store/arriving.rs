//! Concepts that come hundreds at once: what is kept is what is kept of them one by one.

use begrip_domain::{ConceptId, Label, Status};
use begrip_store::Store;
use begrip_sync::{Effect, Item, Saved, Texts};
use rusqlite::types::Value;
use serde_json::json;
use uuid::Uuid;

use crate::shared::{item, take, texts};
use crate::support::{DAY, Home, at, by, concept, keep};

/// Every row of what a sync writes, with what the full-text index holds.
fn everything(home: &Home) -> Vec<Vec<Value>> {
    let connection = home.directly();
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM concept ORDER BY row",
        "SELECT * FROM label ORDER BY rowid",
        "SELECT * FROM beginning ORDER BY concept",
        "SELECT * FROM revision ORDER BY concept, version",
        "SELECT * FROM shared ORDER BY concept",
        "SELECT o.concept, f.state FROM outbox o JOIN outbox_fate f ON f.row = o.row ORDER BY o.row",
        "SELECT * FROM concept_word ORDER BY 1",
        "SELECT position FROM sync",
    ] {
        let mut query = connection.prepare(sql).unwrap();
        let columns = query.column_count();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            all.push((0..columns).map(|at| row.get(at).unwrap()).collect());
        }
    }
    all
}

/// A store in which something is known before the server tells of it: an own text and a shared one.
fn begun(home: &Home) -> Store {
    let store = home.open();
    keep(&store, &concept(7, "vonnis", "eigen woorden"));
    take(&store, item(8, 1, &texts("arrest", "eerste tekst")));
    let mut edited = store.get(ConceptId(Uuid::from_u128(8))).unwrap().unwrap();
    edited.fields.explanation = "eigen toelichting".to_owned();
    let change = by("Noor", 1);
    let twins = begrip_store::Twins::Refused;
    store
        .update(edited.version, &edited, &change, twins)
        .unwrap();
    store
}

fn told(number: u128) -> Item {
    let mut own = concept(
        0,
        &format!("begrip {number}"),
        "beslissing van de rechter over het geschil van partijen",
    );
    own.fields.synonyms = vec![Label::new(&format!("woord {number}")).unwrap()];
    own.fields.explanation = format!("toelichting bij {number}");
    own.fields.validity.until = number.is_multiple_of(5).then_some(DAY);
    let status = match number % 3 {
        0 => Status::Established,
        _ => Status::InPreparation,
    };
    let mut item = item(number, 2, &Texts::of(&own.fields, status));
    item.sequence = 100 + number as u64;
    item.deleted = number.is_multiple_of(11);
    item
}

/// A page with what may be odd about it.
fn page() -> Vec<Item> {
    let mut items: Vec<Item> = (1..=90).map(told).collect();
    // Nothing that this program can show, and one that is told twice.
    let unknown = json!({"term": "x", "status": "van later"});
    items[40].texts = serde_json::from_value(unknown).unwrap();
    let mut again = told(50);
    again.version = 3;
    again
        .texts
        .set("definition", "een andere beslissing".into());
    items.insert(60, again);
    items
}

#[test]
fn a_page_kept_at_once_leaves_the_same_as_its_concepts_one_by_one() {
    let (at_once, one_by_one) = (Home::new(), Home::new());
    let position = Saved {
        position: 190,
        ..Saved::default()
    };
    let taken = page().into_iter().map(|item| Effect::Take {
        item: Box::new(item),
        forced: false,
    });
    let effects: Vec<Effect> = taken.chain([Effect::Save(position)]).collect();
    let store = begun(&at_once);
    store.keep_effects(&effects, at(9)).unwrap();
    let other = begun(&one_by_one);
    for effect in &effects {
        other
            .keep_effects(std::slice::from_ref(effect), at(9))
            .unwrap();
    }
    let all = everything(&one_by_one);
    assert!(all.len() > 500, "{}", all.len());
    assert_eq!(everything(&at_once), all);
    // And once more changes nothing.
    store.keep_effects(&effects, at(9)).unwrap();
    assert_eq!(everything(&at_once), all);
    // What the user typed stands.
    let held = store.get(ConceptId(Uuid::from_u128(8))).unwrap().unwrap();
    assert_eq!(held.fields.explanation, "eigen toelichting");
    assert_eq!(store.own_sums().unwrap(), other.own_sums().unwrap());
}

#[test]
fn a_page_that_cannot_be_kept_whole_is_not_kept_at_all() {
    let home = Home::new();
    let store = begun(&home);
    let before = everything(&home);
    home.directly()
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON label WHEN NEW.label = 'begrip 70' \
             BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .unwrap();
    let taken = page().into_iter().map(|item| Effect::Take {
        item: Box::new(item),
        forced: false,
    });
    let effects: Vec<Effect> = taken.collect();
    store.keep_effects(&effects, at(9)).unwrap_err();
    assert_eq!(everything(&home), before);
    home.directly().execute_batch("DROP TRIGGER full").unwrap();
    store.keep_effects(&effects, at(9)).unwrap();
    assert!(everything(&home).len() > before.len());
}
