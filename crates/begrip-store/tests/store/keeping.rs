//! Keeping concepts: every change is a revision, and nothing is overwritten.

use begrip_domain::{Category, Origin, Status};
use begrip_store::Twins;
use begrip_store::{Filter, Page, SimilarKind, Sort};

use crate::support::{Home, at, by, concept, keep, organisation};

#[test]
fn every_change_is_a_revision_with_author_time_and_reason() {
    let home = Home::new();
    let store = home.open();
    let mut text = concept(1, "vonnis", "eerste tekst");
    keep(&store, &text);
    for version in 1..=3 {
        text.fields.definition = format!("tekst {version}");
        text.modified_at = at(i64::from(version));
        let stale = store
            .update(
                version,
                &text,
                &by("Daan", i64::from(version)),
                Twins::Refused,
            )
            .unwrap();
        assert_eq!(stale, None);
    }
    let revisions = store.revisions(text.id).unwrap();
    let texts: Vec<_> = revisions
        .iter()
        .map(|revision| {
            (
                revision.concept.version,
                revision.concept.fields.definition.as_str(),
                revision.author.as_str(),
                revision.at,
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            (1, "eerste tekst", "Noor", at(0)),
            (2, "tekst 1", "Daan", at(1)),
            (3, "tekst 2", "Daan", at(2)),
            (4, "tekst 3", "Daan", at(3)),
        ]
    );
    assert!(revisions.iter().all(|revision| revision.reason == "test"));
}

#[test]
fn a_change_of_an_older_version_is_answered_with_what_stands_now() {
    let home = Home::new();
    let store = home.open();
    let first = concept(1, "vonnis", "eerste tekst");
    keep(&store, &first);
    let mut mine = first.clone();
    mine.fields.definition = "mijn tekst".to_owned();
    let mut theirs = first.clone();
    theirs.fields.definition = "hun tekst".to_owned();
    assert_eq!(
        store
            .update(1, &theirs, &by("Daan", 1), Twins::Refused)
            .unwrap(),
        None
    );
    let current = store
        .update(1, &mine, &by("Noor", 2), Twins::Refused)
        .unwrap()
        .unwrap();
    assert_eq!(current.fields.definition, "hun tekst");
    assert_eq!(current.version, 2);
    assert_eq!(store.get(first.id).unwrap().unwrap(), current);
    assert_eq!(store.revisions(first.id).unwrap().len(), 2);
}

#[test]
fn a_list_filters_sorts_and_pages_in_two_statements() {
    let home = Home::new();
    let store = home.open();
    for number in 0..120_u32 {
        let mut one = concept(u128::from(number) + 1, &format!("term {number:03}"), "zaak");
        one.modified_at = at(i64::from(number));
        if number % 3 == 0 {
            one.status = Status::Withdrawn;
        }
        if number % 2 == 0 {
            one.provenance.origin = Origin::Model;
            one.fields.category = Some(Category::Process);
        }
        if number == 7 {
            one.fields.definition = "uitspraak over een fiets".to_owned();
        }
        keep(&store, &one);
    }
    let page = |offset, limit| Page { offset, limit };
    let list = |filter: Filter, sort, page| {
        let before = store.statements();
        let listed = store.list(&filter, sort, page).unwrap();
        assert_eq!(
            store.statements() - before,
            2,
            "whatever the number of rows"
        );
        let terms: Vec<_> = listed.rows.iter().map(|row| row.term.to_string()).collect();
        (terms, listed.total)
    };
    let (terms, total) = list(Filter::default(), Sort::Modified, page(0, 2));
    assert_eq!(
        (terms, total),
        (vec!["term 119".into(), "term 118".into()], 120)
    );
    let (terms, _) = list(Filter::default(), Sort::Term, page(1, 2));
    assert_eq!(terms, ["term 001", "term 002"]);
    let withdrawn = Filter {
        statuses: vec![Status::Withdrawn],
        ..Filter::default()
    };
    assert_eq!(list(withdrawn, Sort::Status, page(0, 100)).0.len(), 40);
    let models = Filter {
        origins: vec![Origin::Model],
        category: Some(Category::Process),
        ..Filter::default()
    };
    assert_eq!(list(models, Sort::Term, page(0, 5)).1, 60);
    let text = Filter {
        text: "Fietsen".to_owned(),
        ..Filter::default()
    };
    assert_eq!(list(text, Sort::Term, page(0, 5)).0, ["term 007"]);
    assert_eq!(
        list(Filter::default(), Sort::Term, page(500, 5)),
        (vec![], 120)
    );
}

#[test]
fn the_starter_set_comes_once_and_leaves_what_a_person_changed() {
    let home = Home::new();
    let store = home.open();
    let starter = |text: &str| {
        [(1, "vonnis"), (2, "arrest")].map(|(number, term)| {
            let mut one = concept(number, term, text);
            one.provenance.origin = Origin::StarterSet;
            one
        })
    };
    let set = by("Begrip", 0);
    assert_eq!(
        store.install_starter("1", &starter("oud"), &set).unwrap(),
        2
    );
    assert_eq!(
        store.install_starter("1", &starter("oud"), &set).unwrap(),
        0
    );
    let mut mine = store.get(starter("")[0].id).unwrap().unwrap();
    mine.fields.definition = "mijn tekst".to_owned();
    assert_eq!(
        store
            .update(1, &mine, &by("Noor", 1), Twins::Refused)
            .unwrap(),
        None
    );

    assert_eq!(
        store.install_starter("2", &starter("nieuw"), &set).unwrap(),
        1
    );
    let text = |index: usize| {
        let id = starter("")[index].id;
        store.get(id).unwrap().unwrap().fields.definition
    };
    assert_eq!(text(0), "mijn tekst");
    assert_eq!(text(1), "nieuw");
    assert_eq!(store.count().unwrap(), 2);
}

#[test]
fn what_may_be_the_same_is_found_by_key_synonym_and_text() {
    let home = Home::new();
    let store = home.open();
    let mut known = concept(
        1,
        "voorlopige hechtenis",
        "vrijheidsbeneming van een verdachte in afwachting van de einduitspraak van de rechter",
    );
    known.fields.synonyms = vec![begrip_domain::Label::new("voorarrest").unwrap()];
    known.fields.context = organisation("OM");
    keep(&store, &known);
    for number in 2..60 {
        keep(
            &store,
            &concept(
                number,
                &format!("ander {number}"),
                "heel iets anders over belastingen",
            ),
        );
    }
    let om = organisation("OM");
    let dji = organisation("DJI");
    let near =
        "vrijheidsbeneming van verdachten in afwachting van de einduitspraak van een rechter";
    let cases = [
        ("Voorlopige  Hechtenis", &om, "", SimilarKind::SameConcept),
        ("voorlopige hechtenis", &dji, "", SimilarKind::OtherContext),
        ("voorarrest", &om, "", SimilarKind::Synonym),
        ("preventieve hechtenis", &om, near, SimilarKind::NearText),
    ];
    for (term, context, text, kind) in cases {
        let found = store.similar(term, &[], context, text, None).unwrap();
        assert_eq!(found.len(), 1, "{term}: {found:?}");
        assert_eq!(found[0].kind, kind, "{term}");
        let number = found[0].similarity;
        assert!((0.75..=1.0).contains(&number), "{number}");
        assert!(
            store
                .similar(term, &[], context, text, Some(known.id))
                .unwrap()
                .is_empty()
        );
    }
    let other = "bevoegdheid van een bestuursorgaan tot het opleggen van een boete";
    assert!(
        store
            .similar("boete", &[], &om, other, None)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn editor_texts_are_kept_listed_and_forgotten() {
    let home = Home::new();
    let store = home.open();
    store.save_text("compose", "eerste", at(0)).unwrap();
    store.save_text("edit:1", "tweede", at(1)).unwrap();
    store.save_text("compose", "laatste", at(2)).unwrap();
    drop(store);
    let store = home.open();
    assert_eq!(store.text("compose").unwrap().unwrap().content, "laatste");
    let keys: Vec<_> = store
        .texts()
        .unwrap()
        .into_iter()
        .map(|text| text.key)
        .collect();
    assert_eq!(keys, ["compose", "edit:1"], "latest first");
    store.forget_text("compose").unwrap();
    assert!(store.text("compose").unwrap().is_none());
    assert!(store.save_text("../../etc", "x", at(3)).is_err());
    assert!(store.save_text("", "x", at(3)).is_err());
    assert!(
        store
            .save_text("big", &"x".repeat(5_000_000), at(3))
            .is_err()
    );
}
