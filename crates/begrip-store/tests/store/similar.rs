//! Concepts that may be the same, beyond the plain cases.

use begrip_domain::{Context, Label};
use begrip_store::{Similar, SimilarKind, Store};

use crate::support::{Home, concept, keep, organisation};

const KNOWN: &str =
    "vrijheidsbeneming van een verdachte in afwachting van de einduitspraak van de rechter";

fn home_with_known() -> (Home, Store) {
    let home = Home::new();
    let store = home.open();
    let mut known = concept(1, "voorlopige hechtenis", KNOWN);
    known.fields.synonyms = vec![Label::new("voorarrest").unwrap()];
    known.fields.context = organisation("OM");
    keep(&store, &known);
    (home, store)
}

fn kinds(found: &[Similar]) -> Vec<(u128, SimilarKind)> {
    found
        .iter()
        .map(|similar| (similar.row.id.0.as_u128(), similar.kind))
        .collect()
}

#[test]
fn a_new_terms_own_synonym_leads_to_the_concept_too() {
    let (_home, store) = home_with_known();
    let om = organisation("OM");
    for synonym in ["Voorlopige hechtenis", "voorarrest", "voorarresten"] {
        let synonyms = [Label::new(synonym).unwrap()];
        let found = store
            .similar("preventief vastzitten", &synonyms, &om, "", None)
            .unwrap();
        assert_eq!(kinds(&found), [(1, SimilarKind::Synonym)], "{synonym}");
    }
}

#[test]
fn the_strongest_reason_is_given_once_and_the_strongest_concept_first() {
    let (_home, store) = home_with_known();
    keep(&store, &concept(2, "voorarrest", "iets heel anders"));
    keep(&store, &concept(3, "bewaring vooraf", KNOWN));
    let found = store
        .similar(
            "voorlopige hechtenis",
            &[],
            &organisation("OM"),
            KNOWN,
            None,
        )
        .unwrap();
    assert_eq!(
        kinds(&found),
        [(1, SimilarKind::SameConcept), (3, SimilarKind::NearText)]
    );
    let found = store
        .similar("voorarrest", &[], &Context::default(), KNOWN, None)
        .unwrap();
    assert_eq!(
        kinds(&found),
        [
            (2, SimilarKind::SameConcept),
            (1, SimilarKind::Synonym),
            (3, SimilarKind::NearText)
        ]
    );
}

#[test]
fn near_is_a_text_in_another_inflection_and_not_one_on_the_same_subject() {
    let (_home, store) = home_with_known();
    let none = Context::default();
    let near = |text: &str| {
        let found = store
            .similar("iets anders", &[], &none, text, None)
            .unwrap();
        kinds(&found) == [(1, SimilarKind::NearText)]
    };
    for text in [
        KNOWN,
        "Vrijheidsbeneming van verdachten in afwachting van de einduitspraken van rechters.",
    ] {
        assert!(near(text), "{text}");
    }
    for text in [
        "",
        "verdachte",
        "de rechter van een verdachte",
        "uitspraak van de rechter over de afwachting van een verdachte in een andere zaak, met \
         redenen omkleed en in het openbaar gedaan",
    ] {
        assert!(!near(text), "{text}");
    }
}
