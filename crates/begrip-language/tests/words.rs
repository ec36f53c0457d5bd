//! What words are, as data: `tests/data/words.txt` and `plurals.txt`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use begrip_language::{
    Number, adjective_base, infinitive_of, inflections_of, is_adjective, is_finite_verb,
    is_infinitive, is_modal, is_participle, number, plural_forms, singular,
};

#[test]
fn verbs_nouns_and_adjectives_are_told_apart() {
    let mut section = "";
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in include_str!("data/words.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
            continue;
        }
        let (expected, what) = match section.strip_prefix("no-") {
            Some(what) => (false, what),
            None => (true, section),
        };
        let test = match what {
            "finite" => is_finite_verb,
            "adjective" => is_adjective,
            "modal" => is_modal,
            "infinitive" => is_infinitive,
            "participle" => is_participle,
            other => panic!("no such section: {other}"),
        };
        for word in line.split_whitespace() {
            cases += 1;
            if test(word) != expected {
                wrong.push(format!(
                    "[{section}] {word} {:?}",
                    begrip_language::classes(word)
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 250, "{cases}");
}

#[test]
fn plurals_are_made_and_unmade() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in include_str!("data/plurals.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let [one, many] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            continue;
        };
        cases += 1;
        if singular(many).as_deref() != Some(one) {
            wrong.push(format!("{many} → {:?}, not {one}", singular(many)));
        }
        if !plural_forms(one).iter().any(|p| p == many) {
            wrong.push(format!("{one} → {:?} without {many}", plural_forms(one)));
        }
        if number(one) != Number::Singular || number(many) != Number::Plural {
            wrong.push(format!(
                "{one} {:?}, {many} {:?}",
                number(one),
                number(many)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 100, "{cases}");
}

#[test]
fn what_has_no_plural_or_no_singular_is_left_alone() {
    for plural in [
        "hersenen",
        "kosten",
        "inkomsten",
        "financiën",
        "proceskosten",
        "notulen",
    ] {
        assert_eq!(singular(plural), None, "{plural}");
        assert_eq!(number(plural), Number::Plural, "{plural}");
        assert!(plural_forms(plural).is_empty(), "{plural}");
    }
    for singular_form in [
        "vonnis",
        "teken",
        "bewijs",
        "eis",
        "proces",
        "huis",
        "wapen",
        "leven",
        "gegeven",
        "grens",
        "mens",
        "wens",
        "hechtenis",
        "kennis",
        "arts",
        "verleden",
        "advies",
        "verlies",
        "basis",
        "adres",
        "reden",
        "vermogen",
        "overlijden",
        "notaris",
        "cursus",
        "toets",
        "kenteken",
    ] {
        assert_eq!(singular(singular_form), None, "{singular_form}");
        assert_eq!(number(singular_form), Number::Singular, "{singular_form}");
    }
}

#[test]
fn the_form_without_e_of_an_adjective_is_found() {
    for (inflected, base) in [
        ("strafbare", "strafbaar"),
        ("valse", "vals"),
        ("grove", "grof"),
        ("formele", "formeel"),
        ("dubbele", "dubbel"),
        ("financiële", "financieel"),
        ("reële", "reëel"),
        ("bijzondere", "bijzonder"),
        ("belangrijke", "belangrijk"),
        ("effectieve", "effectief"),
        ("adequate", "adequaat"),
        ("algemene", "algemeen"),
        ("witte", "wit"),
        ("opgelegde", "opgelegd"),
        ("variabele", "variabel"),
        ("boze", "boos"),
    ] {
        assert_eq!(
            adjective_base(inflected).as_deref(),
            Some(base),
            "{inflected}"
        );
    }
    assert_eq!(adjective_base("strafbaar"), None);
}

#[test]
fn a_verb_form_leads_to_its_infinitive() {
    for (form, infinitive) in [
        ("opgelegd", "opleggen"),
        ("aanhoudt", "aanhouden"),
        ("veroordeeld", "veroordelen"),
        ("beslist", "beslissen"),
        ("besloten", "besluiten"),
        ("ging", "gaan"),
    ] {
        assert_eq!(infinitive_of(form).as_deref(), Some(infinitive), "{form}");
    }
    assert_eq!(infinitive_of("rechtbank"), None);
}

#[test]
fn a_term_is_found_under_all_its_inflections() {
    for (term, forms) in [
        ("straf", vec!["straf", "straffen"]),
        ("strafbaar feit", vec!["strafbaar feit", "strafbare feiten"]),
        (
            "Penitentiaire inrichtingen",
            vec!["penitentiaire inrichting", "penitentiaire inrichtingen"],
        ),
        (
            "officier van justitie",
            vec!["officier van justitie", "officieren van justitie"],
        ),
        ("methode", vec!["methode", "methoden", "methodes"]),
    ] {
        let found = inflections_of(term);
        for form in forms {
            assert!(
                found.iter().any(|f| f == form),
                "{term}: {form} not in {found:?}"
            );
        }
    }
    assert!(
        !inflections_of("straf")
            .iter()
            .any(|f| f == "strafbaar" || f == "strafbare")
    );
}
