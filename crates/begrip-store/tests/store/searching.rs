//! Ranked search while typing.

use begrip_domain::{Context, Label, Status, Validity};
use begrip_store::Twins;
use begrip_store::{Matched, Store};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::support::{DAY, Home, concept, keep, organisation};

fn terms(store: &Store, query: &str) -> Vec<String> {
    terms_for(store, query, &Context::default())
}

fn terms_for(store: &Store, query: &str, own: &Context) -> Vec<String> {
    let hits = store.search(query, own, DAY, 20).unwrap();
    hits.iter().map(|hit| hit.row.term.to_string()).collect()
}

#[test]
fn the_exact_term_goes_before_a_prefix_and_a_prefix_before_text() {
    let home = Home::new();
    let store = home.open();
    keep(
        &store,
        &concept(1, "verstek", "vonnis bij afwezigheid van de verdachte"),
    );
    keep(
        &store,
        &concept(2, "vonnisafschrift", "kopie voor een partij"),
    );
    keep(&store, &concept(3, "vonnis", "uitspraak van de rechtbank"));
    assert_eq!(
        terms(&store, "vonnis"),
        ["vonnis", "vonnisafschrift", "verstek"]
    );
    assert_eq!(
        terms(&store, "Vonnissen")[0],
        "vonnis",
        "inflection and case"
    );
    let hit = &store.search("vonnis", &Context::default(), DAY, 1).unwrap()[0];
    assert!(hit.exact);
    assert_eq!(hit.matched, Matched::Term);
}

#[test]
fn a_synonym_finds_its_concept_and_is_named() {
    let home = Home::new();
    let store = home.open();
    let mut one = concept(1, "voorlopige hechtenis", "vrijheidsbeneming");
    one.fields.synonyms = vec![Label::new("voorarrest").unwrap()];
    keep(&store, &one);
    let hit = &store
        .search("voorarr", &Context::default(), DAY, 5)
        .unwrap()[0];
    assert_eq!(hit.synonym.as_deref(), Some("voorarrest"));
    assert_eq!(hit.matched, Matched::Synonym);
}

#[test]
fn established_goes_before_draft_and_the_own_context_before_others() {
    let home = Home::new();
    let store = home.open();
    let variants = [
        (1, Status::InPreparation, "DJI"),
        (2, Status::InPreparation, "OM"),
        (3, Status::Established, "CJIB"),
    ];
    for (number, status, name) in variants {
        let mut one = concept(number, "toezicht", "controle");
        one.status = status;
        one.fields.context = organisation(name);
        keep(&store, &one);
    }
    let order = |own: &str| -> Vec<u128> {
        let hits = store
            .search("toezicht", &organisation(own), DAY, 5)
            .unwrap();
        hits.iter().map(|hit| hit.row.id.0.as_u128()).collect()
    };
    assert_eq!(order("OM"), [3, 2, 1]);
    assert_eq!(order("DJI"), [3, 1, 2]);
}

#[test]
fn what_is_in_force_on_the_day_goes_before_what_is_not_yet_or_no_longer() {
    let home = Home::new();
    let store = home.open();
    let year = |from: i16, until: i16| Validity {
        from: Some(date(from, 1, 1)),
        until: Some(date(until, 12, 31)),
    };
    let variants = [
        (1, Status::Established, year(2024, 2025)),
        (2, Status::Established, year(2027, 2028)),
        (3, Status::Established, year(2026, 2026)),
        (4, Status::InPreparation, Validity::default()),
    ];
    for (number, status, validity) in variants {
        let mut one = concept(number, "toezicht", "controle");
        one.status = status;
        one.fields.validity = validity;
        // The best context does not make up for it.
        one.fields.context = organisation(if number == 3 { "DJI" } else { "OM" });
        keep(&store, &one);
    }
    let order = |day: Date| -> Vec<u128> {
        let own = organisation("OM");
        let hits = store.search("toezicht", &own, day, 5).unwrap();
        hits.iter().map(|hit| hit.row.id.0.as_u128()).collect()
    };
    assert_eq!(order(date(2026, 5, 1)), [3, 2, 1, 4]);
    assert_eq!(order(date(2025, 12, 31)), [1, 2, 3, 4]);
    assert_eq!(order(date(2027, 1, 1)), [2, 1, 3, 4]);
    let valid = |day: Date| -> Vec<u128> {
        let own = organisation("OM");
        let hits = store.search_valid("toezicht", &own, day, 5).unwrap();
        hits.iter().map(|hit| hit.row.id.0.as_u128()).collect()
    };
    assert_eq!(valid(date(2027, 1, 1)), [2, 4], "the others are left out");
    assert_eq!(valid(date(2026, 5, 1)), [3, 4]);
    let listed = |valid_on: Option<Date>| {
        let filter = begrip_store::Filter {
            valid_on,
            ..begrip_store::Filter::default()
        };
        let page = begrip_store::Page {
            offset: 0,
            limit: 1,
        };
        store
            .list(&filter, begrip_store::Sort::Term, page)
            .unwrap()
            .total
    };
    assert_eq!(listed(None), 4);
    assert_eq!(listed(Some(date(2026, 5, 1))), 2);
    assert_eq!(listed(Some(date(2029, 1, 1))), 1);
    let hits = store
        .search("toezicht", &Context::default(), DAY, 5)
        .unwrap();
    let first = &hits[0].row;
    assert_eq!(first.validity, year(2026, 2026), "a row tells its days");
}

#[test]
fn results_come_from_the_first_letter_and_accents_do_not_matter() {
    let home = Home::new();
    let store = home.open();
    keep(
        &store,
        &concept(1, "reële executie", "tenuitvoerlegging van de zaak zelf"),
    );
    keep(
        &store,
        &concept(2, "e-mailbericht", "bericht langs elektronische weg"),
    );
    for query in ["r", "re", "reele", "REËLE", "reële exec", "executie"] {
        assert_eq!(terms(&store, query), ["reële executie"], "{query}");
    }
    for query in ["e-mail", "e\u{2010}mail", "E-Mailbericht"] {
        assert_eq!(terms(&store, query)[0], "e-mailbericht", "{query}");
    }
    assert!(terms(&store, "").is_empty());
    assert!(terms(&store, "   ").is_empty());
    assert!(terms(&store, "xyz").is_empty());
}

#[test]
fn a_changed_concept_is_found_by_its_new_text_alone() {
    let home = Home::new();
    let store = home.open();
    let mut one = concept(1, "enkelband", "elektronisch toezicht");
    keep(&store, &one);
    one.fields.definition = "zender om een enkel".to_owned();
    one.fields.term = Label::new("zender").unwrap();
    assert_eq!(
        store
            .update(1, &one, &crate::support::by("Noor", 1), Twins::Refused)
            .unwrap(),
        None
    );
    assert!(terms(&store, "elektronisch").is_empty());
    assert!(terms(&store, "enkelband").is_empty());
    assert_eq!(terms(&store, "zender"), ["zender"]);
}

#[test]
fn the_number_of_statements_does_not_grow_with_the_concepts() {
    let home = Home::new();
    let store = home.open();
    let count = |store: &Store| {
        let before = store.statements();
        let _ = store.search("zaak", &Context::default(), DAY, 20).unwrap();
        let _ = store
            .similar(
                "zaak",
                &[],
                &Context::default(),
                "zaak van de rechter",
                None,
            )
            .unwrap();
        store.statements() - before
    };
    keep(&store, &concept(1, "zaak", "zaak van de rechter"));
    keep(&store, &concept(2, "zaak 2", "zaak van de rechter"));
    let few = count(&store);
    for number in 3..400 {
        keep(
            &store,
            &concept(number, &format!("zaak {number}"), "zaak van de rechter"),
        );
    }
    let many = count(&store);
    // Fewer are allowed: a word that very many texts have is not looked up.
    assert!(many <= few && few < 20, "{few}, {many}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_query_is_an_error(query in ".{0,40}") {
        let home = Home::new();
        let store = home.open();
        keep(&store, &concept(1, "vonnis", "uitspraak van de rechtbank"));
        prop_assert!(store.search(&query, &Context::default(), DAY, 5).is_ok());
    }
}

#[test]
fn words_with_a_meaning_for_the_index_are_words_like_others() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "uitspraak van de rechtbank"));
    let odd = [
        "\"",
        "\"*",
        "NEAR(a b)",
        "a AND",
        "OR",
        "NOT",
        "term:vonnis",
        "-vonnis",
        "^vonnis",
        "*",
        "(",
        "')--",
        "'; DROP TABLE concept; --",
        "\0",
        "\u{202e}",
        "🧑‍⚖️",
        "+",
        "{a b}",
        "a\"b",
    ];
    for query in odd {
        let _ = store.search(query, &Context::default(), DAY, 5).unwrap();
        let filter = begrip_store::Filter {
            text: query.to_owned(),
            ..Default::default()
        };
        let page = begrip_store::Page {
            offset: 0,
            limit: 5,
        };
        let _ = store.list(&filter, begrip_store::Sort::Term, page).unwrap();
        let _ = store
            .similar(query, &[], &Context::default(), query, None)
            .unwrap();
    }
    assert_eq!(terms(&store, &"v".repeat(10_000)), Vec::<String>::new());
    assert_eq!(store.count().unwrap(), 1);
}

#[test]
fn a_text_with_all_words_early_goes_before_one_with_them_late_or_in_the_explanation() {
    let home = Home::new();
    let store = home.open();
    let texts = [
        (1, "alfa", "brief van de griffier over een boete"),
        (2, "beta", "boete die de griffier int"),
        (3, "gamma", "bedrag zonder meer"),
    ];
    for (number, term, definition) in texts {
        let mut one = concept(number, term, definition);
        if number == 3 {
            one.fields.explanation = "De griffier int deze boete.".to_owned();
        }
        keep(&store, &one);
    }
    for query in ["boete", "boete griffier", "griffier boet"] {
        assert_eq!(terms(&store, query), ["beta", "alfa", "gamma"], "{query}");
    }
}

/// A question to a model tells related concepts in the order in which they are found: another order is
/// another question, whose answer is not the one that was kept.
#[test]
fn homonyms_stand_in_one_order_however_often_is_searched() {
    let home = Home::new();
    let store = home.open();
    for number in 0..8 {
        let mut homonym = concept(number, "verzet", "rechtsmiddel tegen een uitspraak");
        homonym.fields.context = organisation(&format!("rechtbank {number}"));
        keep(&store, &homonym);
    }
    let ids = || {
        let hits = store
            .search("rechtsmiddel", &Context::default(), DAY, 20)
            .unwrap();
        hits.into_iter().map(|hit| hit.row.id).collect::<Vec<_>>()
    };
    let first = ids();
    assert_eq!(first.len(), 8);
    for _ in 0..20 {
        assert_eq!(ids(), first);
    }
}

/// What the file holds was changed under readers that had searched in it: that is no damage.
#[test]
fn a_sound_file_is_found_sound_after_searches_and_changes_in_turn() {
    let home = Home::new();
    let store = home.open();
    for number in 1..120 {
        let mut one = concept(number, &format!("zaak {number}"), "geschil voor de rechter");
        keep(&store, &one);
        assert!(!terms(&store, "zaak").is_empty());
        one.fields.definition = "geschil dat aan de rechter is voorgelegd".to_owned();
        let by = crate::support::by("Noor", 1);
        store.update(1, &one, &by, Twins::Refused).unwrap();
    }
    store.check_integrity().unwrap();
}
