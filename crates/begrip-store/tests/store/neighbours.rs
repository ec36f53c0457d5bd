//! What stands beside a text that is checked.

use begrip_domain::{Label, Status};
use begrip_language::{Text, term_key};
use begrip_store::Twins;
use begrip_store::{Beside, Store};

use crate::support::{Home, by, concept, keep};

const LONG: &str = "persoon tegen wie een redelijk vermoeden van schuld bestaat";

fn numbers(found: &[Beside]) -> Vec<u128> {
    found.iter().map(|beside| beside.id.0.as_u128()).collect()
}

fn by_label(store: &Store, label: &str) -> Vec<u128> {
    let found = store.beside_labels(&[term_key(label)]).unwrap();
    found
        .iter()
        .map(|(.., beside)| beside.id.0.as_u128())
        .collect()
}

fn by_text(store: &Store, text: &str) -> Vec<u128> {
    numbers(&store.beside_text(&Text::new(text)).unwrap())
}

fn naming(store: &Store, label: &str) -> Vec<u128> {
    numbers(&store.beside_naming(label, 50).unwrap().unwrap())
}

#[test]
fn a_concept_is_found_by_label_by_its_words_and_where_it_stands_in_a_text() {
    let home = Home::new();
    let store = home.open();
    let mut suspect = concept(1, "verdachte", LONG);
    suspect.fields.synonyms = vec![Label::new("beklaagde").unwrap()];
    keep(&store, &suspect);
    keep(
        &store,
        &concept(
            2,
            "verhoor",
            "ondervraging van verdachten door een ambtenaar",
        ),
    );
    assert_eq!(by_label(&store, "Verdachten"), [1]);
    assert_eq!(by_label(&store, "Beklaagde"), [1]);
    let both = [
        term_key("verdachte"),
        term_key("beklaagde"),
        term_key("zitting"),
    ];
    let found = store.beside_labels(&both).unwrap();
    let preferred: Vec<bool> = found.iter().map(|(_, preferred, _)| *preferred).collect();
    assert_eq!(preferred, [true, false]);
    assert_eq!(found[0].2.synonyms, ["beklaagde"]);
    assert_eq!(found[0].2.definition, LONG);
    let inside = format!("overbrenging van een {LONG} naar een bureau");
    assert_eq!(by_text(&store, &inside), [1]);
    assert_eq!(naming(&store, "verdachte"), [2]);
    assert_eq!(naming(&store, "redelijke vermoedens"), [1]);
    assert_eq!(
        naming(&store, "redelijke schuld"),
        [0; 0],
        "the words do not stand in a row"
    );
    assert_eq!(
        store.beside_naming("verdachte", 0).unwrap(),
        None,
        "more than was asked for"
    );
}

#[test]
fn a_changed_text_is_found_by_what_it_says_now_and_a_withdrawn_one_by_nothing() {
    let home = Home::new();
    let store = home.open();
    let mut one = concept(1, "verdachte", LONG);
    keep(&store, &one);
    let other = "iemand over wie de politie een ernstig vermoeden heeft";
    one.fields.definition = other.to_owned();
    assert_eq!(
        store
            .update(1, &one, &by("Noor", 1), Twins::Refused)
            .unwrap(),
        None
    );
    let inside = |text: &str| format!("komst van {text} op een zitting");
    assert_eq!(by_text(&store, &inside(LONG)), [0; 0]);
    assert_eq!(by_text(&store, &inside(other)), [1]);
    one.status = Status::Withdrawn;
    assert_eq!(
        store
            .update(2, &one, &by("Noor", 2), Twins::Refused)
            .unwrap(),
        None
    );
    assert_eq!(by_text(&store, &inside(other)), [0; 0]);
    assert_eq!(by_label(&store, "verdachte"), [0; 0]);
    assert_eq!(naming(&store, "ernstig vermoeden"), [0; 0]);
}

#[test]
fn a_file_of_before_gets_its_beginnings_when_it_is_opened() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "verdachte", LONG));
    keep(&store, &concept(2, "straf", "leed"));
    drop(store);
    let before = home.directly();
    before
        .execute_batch(
            "DROP TABLE beginning;
             -- What later migrations have made.
             DROP TABLE exchange;
             DROP TABLE shared;
             DROP TABLE outbox_fate;
             DROP TABLE outbox;
             DROP TABLE sync;
             DROP TABLE passage_word;
             DROP TABLE passage;
             DROP TABLE article;
             DROP TABLE source_concept;
             DROP TABLE source;
             DROP TABLE asked;
             DROP TABLE failed_rule;
             DROP INDEX ledger_spent;
             DROP INDEX ledger_under_way;
             DROP INDEX ledger_request;
             DROP TABLE embedding;
             DROP TABLE news;
             DROP TABLE spared;
             DROP TABLE flags;
             DROP TABLE trial;
             CREATE INDEX ledger_day ON ledger (day);
             ALTER TABLE ledger DROP COLUMN attempt;
             ALTER TABLE ledger DROP COLUMN counted_here;
             ALTER TABLE ledger DROP COLUMN priced;
             ALTER TABLE ledger DROP COLUMN first_ms;
             ALTER TABLE ledger DROP COLUMN arm;
             ALTER TABLE ledger DROP COLUMN organisation;
             DROP TABLE job_item;
             DROP TABLE job;
             ALTER TABLE concept DROP COLUMN valid_from;
             ALTER TABLE concept DROP COLUMN valid_until;
             PRAGMA user_version = 2;",
        )
        .unwrap();
    drop(before);
    let store = home.open();
    assert_eq!(
        by_text(&store, &format!("komst van een {LONG} op een zitting")),
        [1]
    );
    let kept: u32 = home
        .directly()
        .query_row("SELECT count(*) FROM beginning", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1, "a text of one word begins nowhere");
}

#[test]
fn more_concepts_make_no_more_statements() {
    let home = Home::new();
    let store = home.open();
    let ask = |store: &Store| {
        let before = store.statements();
        store.beside_text(&Text::new(LONG)).unwrap();
        store
            .beside_labels(&[term_key("zaak"), term_key("straf")])
            .unwrap();
        store.beside_naming("zaak", 5).unwrap();
        store.statements() - before
    };
    for number in 0..5 {
        keep(&store, &concept(number, &format!("zaak {number}"), LONG));
    }
    let few = ask(&store);
    for number in 5..200 {
        keep(&store, &concept(number, &format!("zaak {number}"), LONG));
    }
    assert_eq!(ask(&store), few);
    assert!(few < 20, "{few}");
}
