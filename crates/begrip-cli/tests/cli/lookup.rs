//! `lookup` and `check`: offline, at once.

use serde_json::{Value, json};

use crate::support::{Desk, has_exactly, model, names};

#[test]
fn the_hits_are_ranked_and_have_the_promised_fields() {
    let run = Desk::new()
        .begrip(&["lookup", "verdachte", "--json"])
        .ends(0);
    let hits = run.json();
    let hits = hits.as_array().unwrap();
    assert!(hits.len() > 1 && hits.len() <= 10);
    for hit in hits {
        for name in [
            "id", "term", "context", "category", "status", "origin", "snippet", "exact",
        ] {
            assert!(names(hit).contains(name), "{name}");
        }
    }
    assert_eq!(
        (&hits[0]["term"], &hits[0]["exact"]),
        (&json!("verdachte"), &json!(true))
    );
    assert_eq!(hits[0]["origin"], "starter_set");
    assert_eq!(run.stderr, "");
}

#[test]
fn case_inflection_white_space_and_the_first_letters_find_the_same() {
    let desk = Desk::new();
    for query in ["Vonnis", "vonnis ", "vonnissen", "VONNIS"] {
        let hits = desk.begrip(&["lookup", query, "--json"]).ends(0).json();
        assert_eq!(hits[0]["term"], "vonnis", "{query}");
    }
    let hits = desk.begrip(&["lookup", "verdach", "--json"]).ends(0).json();
    let terms: Vec<&str> = hits
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["term"].as_str().unwrap())
        .collect();
    assert!(terms.contains(&"verdachte"), "{terms:?}");
}

#[test]
fn nothing_found_has_an_exit_code_of_its_own_and_an_empty_list() {
    let desk = Desk::new();
    let none = desk.begrip(&["lookup", "xyzzyqwx", "--json"]).ends(3);
    assert_eq!(none.json(), json!([]));
    let none = desk.begrip(&["lookup", "xyzzyqwx"]).ends(3);
    assert!(none.stdout.contains("Niets gevonden"), "{}", none.stdout);
}

#[test]
fn an_empty_term_and_an_impossible_limit_are_refused() {
    let desk = Desk::new();
    for term in ["", "  "] {
        assert_eq!(desk.begrip(&["lookup", term]).ends(1).error(), "BG-101");
    }
    for limit in ["0", "101", "-1", "veel"] {
        let run = desk
            .begrip(&["lookup", "vonnis", &format!("--limit={limit}")])
            .ends(2);
        assert!(run.stderr.starts_with("fout: "), "{}", run.stderr);
    }
    let one = desk
        .begrip(&["lookup", "recht", "--limit", "1", "--json"])
        .ends(0);
    assert_eq!(one.json().as_array().unwrap().len(), 1);
}

#[test]
fn a_megabyte_or_strange_signs_as_a_term_are_no_danger() {
    let desk = Desk::new();
    let long = "vonnis ".repeat(15_000);
    for term in [
        long.as_str(),
        "\" OR 1=1 --",
        "*",
        "NEAR(",
        "'); DROP",
        "💥",
        "-",
        "a:b",
    ] {
        let run = desk.begrip(&["lookup", "--json", "--", term]);
        assert!([0, 3].contains(&run.code), "{run:#?}");
        assert!(run.json().is_array());
    }
}

#[test]
fn no_look_up_or_check_calls_the_model() {
    let model = model();
    let desk = Desk::with(&model);
    desk.begrip(&["lookup", "vonnis"]).ends(0);
    desk.begrip(&["check", "--term", "vonnis", "beslissing van een rechter"]);
    desk.begrip(&["concepts", "list"]).ends(0);
    desk.begrip(&["doctor"]).ends(0);
    assert_eq!(model.calls(), 0);
}

#[test]
fn home_goes_before_its_variable_and_an_empty_variable_counts_as_none() {
    let desk = Desk::new();
    let other = desk.folder().join("anders");
    desk.begrip(&["concepts", "list", "--home", other.to_str().unwrap()])
        .ends(0);
    assert!(other.join("begrip.db").exists() && !desk.home().exists());
    let mut command = desk.command(["lookup", "vonnis", "--json"]);
    command
        .env("BEGRIP_HOME", "")
        .env("XDG_DATA_HOME", desk.folder().join("xdg"));
    let run = crate::support::Run::from(command.output().unwrap()).ends(0);
    assert_eq!(run.stderr, "");
    assert!(!desk.home().exists());
}

#[test]
fn a_definition_is_checked_from_an_argument_or_from_standard_input() {
    let desk = Desk::new();
    let good = "schriftelijke beslissing van een rechter in een strafzaak";
    let bad = "Het vonnis is een uitspraak";
    let args = |text| ["check", "--term", "vonnis", "--json", text];
    let checked = desk.begrip(&args(good)).ends(0);
    has_exactly(&checked.json(), ["pack_version", "score", "findings"]);
    let piped = desk
        .begrip_reading(&args("-"), format!("\u{FEFF}{good}\r\n"))
        .ends(0);
    assert_eq!(piped.stdout, checked.stdout);
    let blocked = desk.begrip(&args(bad)).ends(4);
    let fails = |finding: &&Value| finding["outcome"] == "fail" && finding["level"] == "blocking";
    assert!(
        blocked.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| fails(&f))
    );
    let told = desk.begrip(&["check", "--term", "vonnis", bad]).ends(4);
    assert!(
        told.stdout.contains("faalt (blokkerend)"),
        "{}",
        told.stdout
    );
}

#[test]
fn a_text_that_cannot_be_checked_is_refused_with_a_code() {
    let desk = Desk::new();
    let long = "woord ".repeat(200_000);
    let run = desk.begrip_reading(&["check", "-"], &long).ends(1);
    assert_eq!(run.error(), "BG-103");
    let edge = desk
        .begrip_reading(&["check", "-"], "é".repeat(20_001))
        .ends(1);
    assert_eq!(edge.error(), "BG-103");
    let latin = desk
        .begrip_reading(&["check", "-"], b"co\xf6peratie")
        .ends(1);
    assert_eq!(latin.error(), "BG-111");
    assert!(
        latin.stderr.contains("standaardinvoer: is geen UTF-8"),
        "{}",
        latin.stderr
    );
}
