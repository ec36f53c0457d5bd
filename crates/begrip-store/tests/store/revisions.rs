//! What stands in the history stays there, past the store's own calls too.

use begrip_store::StoreError;
use begrip_store::Twins;

use crate::support::{Home, at, by, concept, keep};

#[test]
fn no_statement_changes_or_removes_a_revision() {
    let home = Home::new();
    let store = home.open();
    let mut one = concept(1, "vonnis", "eerste tekst");
    keep(&store, &one);
    one.fields.definition = "tweede tekst".to_owned();
    assert_eq!(
        store
            .update(1, &one, &by("Daan", 1), Twins::Refused)
            .unwrap(),
        None
    );
    let before = store.revisions(one.id).unwrap();
    let direct = home.directly();
    for (sql, word) in [
        ("UPDATE revision SET body = '{}'", "changed"),
        (
            "UPDATE revision SET author = 'x' WHERE version = 1",
            "changed",
        ),
        ("DELETE FROM revision", "removed"),
        ("DELETE FROM revision WHERE version = 2", "removed"),
        (
            "INSERT OR REPLACE INTO revision SELECT concept, version, 'x', 0, '', '{}' FROM revision",
            "replaced",
        ),
        (
            "INSERT INTO revision SELECT concept, 1, 'x', 0, '', '{}' FROM revision WHERE true \
             ON CONFLICT DO UPDATE SET author = 'x'",
            "replaced",
        ),
    ] {
        let refused = direct.execute_batch(sql).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("never {word}")),
            "{sql}: {refused}"
        );
    }
    assert_eq!(store.revisions(one.id).unwrap(), before);
    assert_eq!(before.len(), 2);
}

#[test]
fn a_second_concept_of_the_same_identity_is_refused_and_the_first_stays() {
    let home = Home::new();
    let store = home.open();
    let first = concept(1, "vonnis", "eerste tekst");
    keep(&store, &first);
    let second = concept(1, "arrest", "andere tekst");
    assert!(store.insert(&second, &by("Daan", 1)).is_err());
    assert_eq!(store.get(first.id).unwrap(), Some(first.clone()));
    assert_eq!(store.revisions(first.id).unwrap().len(), 1);
    assert_eq!(store.with_term("arrest").unwrap(), []);
    assert_eq!(store.count().unwrap(), 1);
}

#[test]
fn the_same_term_in_another_context_is_another_concept() {
    let home = Home::new();
    let store = home.open();
    for (number, name) in [(1, "OM"), (2, "DJI")] {
        let mut one = concept(number, "toezicht", "controle");
        one.fields.context = crate::support::organisation(name);
        keep(&store, &one);
    }
    assert_eq!(store.with_term("Toezicht").unwrap().len(), 2);
}

#[test]
fn a_change_of_what_is_not_there_writes_nothing() {
    let home = Home::new();
    let store = home.open();
    let one = concept(1, "vonnis", "tekst");
    let refused = store.update(1, &one, &by("Noor", 1), Twins::Refused);
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(store.revisions(one.id).unwrap(), []);
    assert_eq!(store.get(one.id).unwrap(), None);
}

#[test]
fn the_order_of_revisions_does_not_come_from_a_clock() {
    let home = Home::new();
    let store = home.open();
    let mut one = concept(1, "vonnis", "tekst");
    keep(&store, &one);
    // The clock of the second author runs a day behind.
    for (version, second) in [(1, -86_400), (2, 60), (3, -172_800)] {
        one.fields.definition = format!("tekst {version}");
        one.modified_at = at(second);
        assert_eq!(
            store
                .update(version, &one, &by("Daan", second), Twins::Refused)
                .unwrap(),
            None
        );
    }
    let versions: Vec<u32> = store
        .revisions(one.id)
        .unwrap()
        .iter()
        .map(|revision| revision.concept.version)
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    let kept = store.get(one.id).unwrap().unwrap();
    assert_eq!(
        (kept.version, kept.fields.definition),
        (4, "tekst 3".into())
    );
}

#[test]
fn a_concept_does_not_get_the_name_of_another_unless_that_is_wanted() {
    let home = Home::new();
    let store = home.open();
    let other = concept(1, "vonnis", "tekst");
    let mut one = concept(2, "arrest", "andere tekst");
    keep(&store, &other);
    keep(&store, &one);
    let kept = one.clone();
    for name in ["vonnis", "Vonnissen", " VONNIS "] {
        one.fields.term = begrip_domain::Label::new(name).unwrap();
        let refused = store.update(1, &one, &by("Noor", 1), Twins::Refused);
        assert!(
            matches!(refused, Err(StoreError::Twin(id)) if id == other.id),
            "{name}: {refused:?}"
        );
        assert_eq!(store.get(one.id).unwrap().as_ref(), Some(&kept));
        assert_eq!(store.revisions(one.id).unwrap().len(), 1);
    }
    // In another context it is another concept; there the same holds.
    one.fields.context = crate::support::organisation("DJI");
    assert_eq!(
        store
            .update(1, &one, &by("Noor", 1), Twins::Refused)
            .unwrap(),
        None
    );
    one.fields.context = other.fields.context.clone();
    let refused = store.update(2, &one, &by("Noor", 2), Twins::Refused);
    assert!(matches!(refused, Err(StoreError::Twin(_))), "{refused:?}");
    assert_eq!(
        store
            .update(2, &one, &by("Noor", 2), Twins::Accepted)
            .unwrap(),
        None
    );
    // Who has a twin may go on writing; only the name is looked at.
    one.fields.definition = "nog een tekst".to_owned();
    assert_eq!(
        store
            .update(3, &one, &by("Noor", 3), Twins::Refused)
            .unwrap(),
        None
    );
}
