//! How well a text is found by its term: a guard for the search over articles.
//!
//! The laws that `docs/retrieval.md` is measured over are no part of the repository. Here the concepts of the starter
//! set stand for articles: each is found by its term, in a text that explains it and seldom names it.

use begrip_app::starter;
use begrip_store::{Change, NewArticle, NewSource, SourceKind, Store};
use jiff::Timestamp;
use jiff::civil::date;

/// Of how many the right one is the first, and among the first three and five. Never to become less: what makes the
/// search better raises them.
const FOUND: [(usize, usize); 3] = [(1, 58), (3, 100), (5, 120)];

#[test]
fn the_right_text_is_among_the_first_as_often_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
    let concepts = starter::concepts(Timestamp::UNIX_EPOCH).unwrap();
    assert!(concepts.len() >= 60);
    let articles = concepts.iter().enumerate().map(|(at, concept)| {
        let fields = &concept.fields;
        NewArticle {
            number: at.to_string(),
            path: String::new(),
            text: format!(
                "{}. {} {}",
                fields.definition,
                fields.explanation,
                fields.examples.join(" ")
            ),
            address: String::new(),
        }
    });
    let source = NewSource {
        id: "BWBR0099902".to_owned(),
        kind: SourceKind::Law,
        title: "Startset".to_owned(),
        valid_from: None,
        valid_to: None,
        articles: articles.collect(),
    };
    let change = Change {
        author: "proef",
        at: Timestamp::UNIX_EPOCH,
        reason: "",
    };
    store.keep_source(&source, &[], &change).unwrap();
    let places: Vec<Option<usize>> = concepts
        .iter()
        .enumerate()
        .map(|(at, concept)| {
            let found = store
                .passages(concept.fields.term.as_str(), date(2026, 1, 1), 5)
                .unwrap();
            let number = at.to_string();
            found.iter().position(|hit| hit.article.number == number)
        })
        .collect();
    for (most, least) in FOUND {
        let found = places.iter().flatten().filter(|at| **at < most).count();
        assert!(
            found >= least,
            "{found} of {} are among the first {most}; {least} were",
            places.len()
        );
    }
}
