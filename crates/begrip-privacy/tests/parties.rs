//! The parties that the user named, in all the forms in which a name is written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_privacy::{Choices, Party, protect};

fn protected(party: &str, text: &str) -> String {
    let parties = [Party::read(party).unwrap()];
    protect(text, &parties, &Choices::default())
        .as_str()
        .to_owned()
}

#[test]
fn a_party_is_found_in_all_its_forms() {
    for (party, forms) in [
        (
            "verdachte: Jan Pieter de Vries",
            &[
                "Jan Pieter de Vries",
                "J.P. de Vries",
                "J. P. de Vries",
                "JP de Vries",
                "de Vries",
                "De Vries",
                "DE VRIES",
                "jan de vries",
                "Vries, J.P. de",
                "Vries",
                "Jan",
                "J.P.d.V.",
                "J. de V.",
                "J.P. de V.",
                "deVries",
                "janpieterdevries",
                "VRIES",
                "Jan\nde\nVries",
                "J\u{200B}an de V\u{AD}ries",
                "De Vri-\nes",
                "Jan Vries",
            ][..],
        ),
        (
            "verdachte: Zoë Müller-van ’t Veld",
            &[
                "Zoë Müller-van 't Veld",
                "Zoe\u{308} Mu\u{308}ller",
                "Zoe Muller",
                "Müller – van ’t Veld",
                "Van 't Veld",
                "Z. Müller",
                "ZOË",
                "Zoë",
            ],
        ),
        (
            "verdachte: Jansen, Kees",
            &[
                "Kees Jansen",
                "K. Jansen",
                "jansen",
                "JANSEN",
                "J a n s e n",
                "Jansens",
                "K.J.",
            ],
        ),
        ("verdachte: O'Brien", &["O'Brien", "o’brien", "Brien"]),
        (
            "verdachte: Fatima el Amrani / Fati",
            &[
                "Fatima el Amrani",
                "F. el Amrani",
                "El Amrani",
                "Amrani",
                "Fati",
                "fatima",
            ],
        ),
        (
            "verdachte: Bakkerij De Zon B.V.",
            &[
                "Bakkerij De Zon B.V.",
                "bakkerij de zon bv",
                "Bakkerij De Zon",
            ],
        ),
    ] {
        for form in forms {
            let out = protected(party, &format!("Toen heeft {form} gezwegen."));
            let rest = out.replace("B.V.", "").replace(" .V.", "");
            assert!(
                rest == "Toen heeft [verdachte] gezwegen."
                    || rest == "Toen heeft [verdachte]. gezwegen.",
                "{party} as {form}: {out}"
            );
        }
    }
}

#[test]
fn what_follows_a_name_stays() {
    assert_eq!(
        protected(
            "verdachte: Jan de Vries",
            "Toen zag De Vries de auto van Jan's buurman."
        ),
        "Toen zag [verdachte] de auto van [verdachte]'s buurman."
    );
}

#[test]
fn a_name_that_is_a_word_stays_a_word() {
    assert_eq!(
        protected("verdachte: Piet de Boer", "een boer, en De Boer"),
        "een boer, en [verdachte]"
    );
    assert_eq!(
        protected("verdachte: piet de boer", "piet de boer"),
        "[verdachte]"
    );
}

#[test]
fn a_role_is_one_of_the_known_ones() {
    for (line, role) in [
        ("verdachte: Jan Jansen", Some("verdachte")),
        ("Getuige : Jan Jansen", Some("getuige")),
        ("neef Karel uit Ede: Jan Jansen", None),
        ("Jan Jansen", None),
    ] {
        assert_eq!(Party::read(line).unwrap().role(), role, "{line}");
    }
    for nothing in ["", "verdachte:", " - ", "123"] {
        assert_eq!(Party::read(nothing), None, "{nothing}");
    }
    assert_eq!(protected("neef: Jan Jansen", "Jansen"), "[partij]");
}
