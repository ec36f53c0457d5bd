//! What stands beside a text that is checked.

use begrip_domain::{Label, Status};
use begrip_language::{Text, term_key};
use begrip_store::Twins;
use begrip_store::{Beside, Store};

use crate::support::{Home, WITHOUT_VALIDITY, by, concept, keep};

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
    let rows = store.rows_beside_text(&Text::new(text)).unwrap();
    numbers(&store.beside(&rows).unwrap())
}

fn naming(store: &Store, label: &str) -> Vec<u128> {
    let rows = store.rows_naming(label, 50).unwrap();
    numbers(&store.beside(&rows).unwrap())
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
    assert_eq!(store.rows_naming("verdachte", 0).unwrap(), [0; 0]);
    assert_eq!(store.rows_naming("verdachte", 1).unwrap().len(), 1);
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
    before.execute_batch(WITHOUT_VALIDITY).unwrap();
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
        let rows = store.rows_beside_text(&Text::new(LONG)).unwrap();
        store.beside(&rows).unwrap();
        store
            .beside_labels(&[term_key("zaak"), term_key("straf")])
            .unwrap();
        store.rows_naming("zaak", 5).unwrap();
        store.statements() - before
    };
    for number in 0..5 {
        keep(&store, &concept(number, &format!("zaak {number}"), LONG));
    }
    let few = ask(&store);
    for number in 5..100 {
        keep(&store, &concept(number, &format!("zaak {number}"), LONG));
    }
    let many = ask(&store);
    // One more where so many begin alike that their status is to be looked at.
    assert_eq!(many, few + 1);
    for number in 100..200 {
        keep(&store, &concept(number, &format!("zaak {number}"), LONG));
    }
    assert_eq!(ask(&store), many);
    assert!(many < 20, "{many}");
}

#[test]
fn the_number_of_the_latest_revision_rises_with_each_change_of_a_concept_and_with_nothing_else() {
    let home = Home::new();
    let (store, other) = (home.open(), home.open());
    let mut one = concept(1, "verdachte", LONG);
    let mut last = store.revised().unwrap();
    let mut rises = |what: &str| {
        let (now, told) = (store.revised().unwrap(), other.revised().unwrap());
        assert!(now > last && now == told, "{what}");
        last = now;
    };
    keep(&store, &one);
    rises("a new one");
    one.fields.synonyms = vec![Label::new("beklaagde").unwrap()];
    other
        .update(1, &one, &by("Noor", 1), Twins::Refused)
        .unwrap();
    rises("a synonym, by another program");
    one.status = Status::Withdrawn;
    store
        .update(2, &one, &by("Noor", 2), Twins::Refused)
        .unwrap();
    rises("a status");
    store
        .save_text("compose", "half een zin", crate::support::at(3))
        .unwrap();
    assert_eq!(store.revised().unwrap(), last, "an editor text");
}

/// Definitions of words that very many of them share, as only a machine writes them; some are withdrawn.
fn crowd(store: &Store, count: u128) -> Vec<String> {
    const WORDS: [&str; 16] = [
        "besluit",
        "rechter",
        "termijn",
        "boete",
        "verzoek",
        "getuige",
        "dossier",
        "zitting",
        "griffie",
        "beroep",
        "vonnis",
        "schade",
        "bewijs",
        "toezicht",
        "inrichting",
        "register",
    ];
    let mut random = 20_260_101_u64;
    let mut next = |most: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) as usize % most
    };
    let mut texts = Vec::new();
    for number in 0..count {
        let words: Vec<&str> = (0..2 + next(6)).map(|_| WORDS[next(WORDS.len())]).collect();
        let text = words.join(" ");
        let mut one = concept(number, &format!("begrip {number}"), &text);
        keep(store, &one);
        if next(8) == 0 {
            one.status = Status::Withdrawn;
            store
                .update(1, &one, &by("Noor", 1), Twins::Refused)
                .unwrap();
        }
        texts.push(text);
    }
    texts
}

/// The rows that the index gives for each pair of a text's rarest words by itself, for all of them together, and for its
/// beginnings, those in use alone: as it says them when it is asked in the plainest way.
fn plainly(index: &rusqlite::Connection, text: &str) -> Vec<i64> {
    let rows = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Vec<i64> {
        let mut query = index.prepare(sql).unwrap();
        let found = query.query_map(values, |row| row.get(0)).unwrap();
        found.map(Result::unwrap).collect()
    };
    let content = Text::new(text).content_words();
    let starts: Vec<String> = (0..content.len())
        .filter_map(|at| begrip_language::start_of(&content[at..]))
        .map(|start| format!("'{start}'"))
        .collect();
    let in_use = "JOIN concept c ON c.row = found WHERE c.status_rank < 3";
    let mut found: Vec<i64> = Vec::new();
    for start in &starts {
        let sql = format!(
            "SELECT found FROM (SELECT concept AS found FROM beginning WHERE start = {start}) {in_use}"
        );
        found.extend(rows(&sql, &[]));
    }
    assert!(found.len() <= 60, "a larger crowd than this test is for");
    let words: std::collections::BTreeSet<String> =
        content.into_iter().map(|word| word.stem).collect();
    let mut counted: Vec<(usize, String)> = words
        .into_iter()
        .filter(|word| word.chars().count() > 3)
        .map(|word| {
            let sql = "SELECT rowid FROM concept_text WHERE concept_text MATCH ?1 LIMIT 500";
            (
                rows(sql, &[&format!("definition : \"{word}\"")]).len(),
                word,
            )
        })
        .filter(|(count, _)| *count > 0)
        .collect();
    counted.sort();
    counted.truncate(4);
    let quoted: Vec<String> = counted
        .iter()
        .map(|(_, word)| format!("\"{word}\""))
        .collect();
    let pairs: Vec<String> = (0..quoted.len())
        .flat_map(|at| (0..at).map(move |other| (at, other)))
        .map(|(at, other)| format!("({} AND {})", quoted[at], quoted[other]))
        .collect();
    if !pairs.is_empty() {
        for words in [quoted.join(" AND "), pairs.join(" OR ")] {
            let sql = format!(
                "SELECT found FROM (SELECT rowid AS found FROM concept_text WHERE concept_text MATCH ?1 LIMIT 40) {in_use}"
            );
            found.extend(rows(&sql, &[&format!("definition : ({words})")]));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn beside_a_text_stands_what_each_pair_of_its_rarest_words_gives_by_itself() {
    let home = Home::new();
    let store = home.open();
    let texts = crowd(&store, 600);
    let index = home.directly();
    let mut most = 0;
    for text in texts.iter().step_by(3) {
        let rows = store.rows_beside_text(&Text::new(text)).unwrap();
        let found: Vec<i64> = store
            .beside(&rows)
            .unwrap()
            .iter()
            .map(|one| one.row)
            .collect();
        assert_eq!(found, plainly(&index, text), "{text}");
        most = most.max(found.len());
    }
    assert!(most > 40, "more than one question gives: {most}");
}
