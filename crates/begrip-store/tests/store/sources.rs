//! Laws and decisions: versions side by side, the articles that fit, the concepts that laws define.

use begrip_domain::{Concept, Origin, Status, dutch_day};
use begrip_store::{KeptSource, NewArticle, NewSource, SourceKind, Store};
use jiff::civil::{Date, date};

use crate::support::{Home, by, concept};

const LAW: &str = "BWBR0099901";

/// The day of `support::at`.
fn today() -> Date {
    dutch_day(crate::support::at(0))
}

fn law(valid_from: Option<Date>, articles: &[(&str, &str)]) -> NewSource {
    NewSource {
        id: LAW.to_owned(),
        kind: SourceKind::Law,
        title: "Proefzakenwet".to_owned(),
        valid_from,
        valid_to: None,
        articles: articles
            .iter()
            .map(|(number, text)| NewArticle {
                number: (*number).to_owned(),
                path: "Hoofdstuk 1 Begrippen".to_owned(),
                text: (*text).to_owned(),
                address: format!("jci1.31:c:{LAW}&artikel={number}"),
            })
            .collect(),
    }
}

fn defined(number: u128, term: &str, text: &str) -> Concept {
    let mut concept = concept(number, term, text);
    concept.status = Status::Established;
    concept.provenance.origin = Origin::Statute;
    concept
}

fn keep(store: &Store, source: &NewSource, concepts: &[Concept]) -> KeptSource {
    store
        .keep_source(source, concepts, &by("Begrip (wetten)", 0))
        .unwrap()
}

fn numbers(store: &Store, question: &str, day: Date) -> Vec<String> {
    let found = store.passages(question, day, 5).unwrap();
    found.into_iter().map(|hit| hit.article.number).collect()
}

#[test]
fn versions_stand_side_by_side_and_each_day_has_its_own() {
    let home = Home::new();
    let store = home.open();
    let (first, second) = (date(2020, 1, 1), date(2024, 7, 1));
    keep(&store, &law(Some(first), &[("1", "de oude tekst")]), &[]);
    keep(&store, &law(Some(second), &[("1", "de nieuwe tekst")]), &[]);
    let on = |day: Date| store.article(LAW, "1", day).unwrap().map(|a| a.text);
    for (day, text) in [
        (date(2019, 12, 31), None),
        (first, Some("de oude tekst")),
        (date(2024, 6, 30), Some("de oude tekst")),
        (second, Some("de nieuwe tekst")),
        (today(), Some("de nieuwe tekst")),
    ] {
        assert_eq!(on(day).as_deref(), text, "{day}");
    }
    let versions = store.source_versions(LAW).unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].valid_from, Some(second));
    assert_eq!(store.sources().unwrap().len(), 2);
}

#[test]
fn only_the_versions_of_the_day_are_searched() {
    let home = Home::new();
    let store = home.open();
    keep(
        &store,
        &law(Some(date(2020, 1, 1)), &[("1", "over de schout")]),
        &[],
    );
    keep(
        &store,
        &law(Some(date(2024, 1, 1)), &[("2", "over de burgemeester")]),
        &[],
    );
    assert_eq!(numbers(&store, "schout", date(2023, 1, 1)), ["1"]);
    assert!(numbers(&store, "schout", today()).is_empty());
    assert_eq!(numbers(&store, "burgemeester", today()), ["2"]);
}

#[test]
fn inflection_compounds_and_old_spelling_find_the_article() {
    let home = Home::new();
    let store = home.open();
    let articles = [
        (
            "1",
            "De gevangenisstraf wordt ten uitvoer gelegd in een gevangenis. Een straf is leed.",
        ),
        (
            "2",
            "De voorloopige hechtenis duurt ten hoogste dertig dagen.",
        ),
        ("3", "De getuigen worden gehoord."),
        (
            "4",
            "Het bevel tot inbewaringstelling is schriftelijk. Een bevel wordt betekend.",
        ),
    ];
    keep(&store, &law(None, &articles), &[]);
    for (question, best) in [
        ("gevangenisstraffen", "1"),
        ("straf", "1"),
        ("voorlopige hechtenissen", "2"),
        ("getuige", "3"),
        ("inbewaringstellingsbevel", "4"),
    ] {
        assert_eq!(
            numbers(&store, question, today())
                .first()
                .map(String::as_str),
            Some(best),
            "{question}"
        );
    }
}

#[test]
fn signs_of_the_text_index_are_words_like_others() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &law(None, &[("1", "een vonnis")]), &[]);
    for odd in [
        "",
        " ",
        "\"",
        "\"*",
        "NEAR(a b)",
        "a AND",
        "OR",
        "heading:x",
        "(",
        "'",
        "de het een",
    ] {
        assert!(store.passages(odd, today(), 3).is_ok(), "{odd}");
    }
}

#[test]
fn the_same_version_once_more_changes_nothing() {
    let home = Home::new();
    let store = home.open();
    let source = law(None, &[("1", "proefzaak: een zaak")]);
    let concepts = [defined(1, "proefzaak", "een zaak")];
    let kept = keep(&store, &source, &concepts);
    assert_eq!((kept.written, kept.concepts_new), (true, 1));
    let again = keep(&store, &source, &concepts);
    assert_eq!(
        again,
        KeptSource {
            in_force: true,
            ..KeptSource::default()
        }
    );
    assert_eq!(store.revisions(concepts[0].id).unwrap().len(), 1);
    assert_eq!(store.count().unwrap(), 1);
}

#[test]
fn a_newer_version_makes_a_new_revision_and_withdraws_what_it_no_longer_defines() {
    let home = Home::new();
    let store = home.open();
    let old = [
        defined(1, "proefzaak", "een zaak"),
        defined(2, "kamer", "een kamer"),
    ];
    keep(&store, &law(Some(date(2020, 1, 1)), &[("1", "oud")]), &old);
    let new = [defined(1, "proefzaak", "een zaak met een vraag")];
    let kept = keep(
        &store,
        &law(Some(date(2024, 1, 1)), &[("1", "nieuw")]),
        &new,
    );
    assert_eq!(
        (
            kept.concepts_new,
            kept.concepts_changed,
            kept.concepts_withdrawn
        ),
        (0, 1, 1)
    );
    let now = store.get(old[0].id).unwrap().unwrap();
    assert_eq!((now.version, now.status), (2, Status::Established));
    assert_eq!(now.fields.definition, "een zaak met een vraag");
    assert_eq!(store.revisions(old[0].id).unwrap().len(), 2);
    let gone = store.get(old[1].id).unwrap().unwrap();
    assert_eq!((gone.version, gone.status), (2, Status::Withdrawn));
}

#[test]
fn an_older_or_a_future_version_leaves_the_concepts_alone() {
    let home = Home::new();
    let store = home.open();
    let concepts = [defined(1, "proefzaak", "een zaak")];
    keep(
        &store,
        &law(Some(date(2024, 1, 1)), &[("1", "nu")]),
        &concepts,
    );
    for day in [date(2020, 1, 1), date(2099, 1, 1)] {
        let other = [defined(1, "proefzaak", "iets anders")];
        let kept = keep(&store, &law(Some(day), &[("1", "anders")]), &other);
        assert_eq!((kept.written, kept.in_force), (true, false), "{day}");
        assert_eq!(kept.concepts_changed, 0, "{day}");
    }
    assert_eq!(store.get(concepts[0].id).unwrap().unwrap().version, 1);
}

#[test]
fn a_correction_of_the_same_day_takes_its_place_in_text_and_index() {
    let home = Home::new();
    let store = home.open();
    keep(
        &store,
        &law(None, &[("1", "over de schout"), ("2", "nog een")]),
        &[],
    );
    let kept = keep(&store, &law(None, &[("1", "over de burgemeester")]), &[]);
    assert!(kept.written);
    assert_eq!(store.source_versions(LAW).unwrap().len(), 1);
    assert!(numbers(&store, "schout", today()).is_empty());
    assert_eq!(numbers(&store, "burgemeester", today()), ["1"]);
}

#[test]
fn removing_a_source_takes_articles_and_index_along_and_withdraws_its_concepts() {
    let home = Home::new();
    let store = home.open();
    let concepts = [defined(1, "proefzaak", "een zaak")];
    keep(&store, &law(None, &[("1", "over de proefzaak")]), &concepts);
    assert_eq!(store.remove_source(LAW, &by("Noor", 5)).unwrap(), 1);
    assert!(store.sources().unwrap().is_empty());
    assert!(numbers(&store, "proefzaak", today()).is_empty());
    let gone = store.get(concepts[0].id).unwrap().unwrap();
    assert_eq!(gone.status, Status::Withdrawn);
    assert_eq!(store.remove_source(LAW, &by("Noor", 6)).unwrap(), 0);
    // Imported again: the concept comes back.
    let kept = keep(&store, &law(None, &[("1", "over de proefzaak")]), &concepts);
    assert_eq!((kept.concepts_new, kept.concepts_changed), (0, 1));
    assert_eq!(
        store.get(concepts[0].id).unwrap().unwrap().status,
        Status::Established
    );
}

#[test]
fn a_search_takes_four_statements_however_many_articles_there_are() {
    let home = Home::new();
    let store = home.open();
    let count = |store: &Store| {
        let before = store.statements();
        store.passages("vonnis van de rechter", today(), 3).unwrap();
        store.statements() - before
    };
    keep(&store, &law(None, &[("1", "een vonnis")]), &[]);
    let few = count(&store);
    let many: Vec<(String, String)> = (0..500)
        .map(|number| {
            (
                number.to_string(),
                format!("een vonnis van rechter {number}"),
            )
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    keep(&store, &law(None, &many), &[]);
    assert_eq!((few, count(&store)), (4, 4));
}
