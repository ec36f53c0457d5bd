//! `begrip sources import`: folders and zip files of laws and decisions, as they are published.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Desk;

const LAW: &str =
    include_str!("../../../begrip-interchange/tests/files/BWBR0099901_2026-01-01_0.xml");
const DECISION: &str = include_str!("../../../begrip-interchange/tests/files/uitspraak.xml");

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What became of each file, by kind, id and outcome, sorted.
fn outcomes(text: &str) -> Vec<[String; 3]> {
    let told: Value = serde_json::from_str(text).unwrap();
    let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let mut outcomes: Vec<[String; 3]> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| [word(one, "kind"), word(one, "id"), word(one, "outcome")])
        .collect();
    outcomes.sort();
    outcomes
}

#[test]
fn a_folder_of_laws_and_decisions_is_read_whole_and_searched() {
    let desk = Desk::new();
    let below = desk.folder().join("wetten/meer");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(below.join("BWBR0099901_2026-01-01_0.xml"), LAW).unwrap();
    std::fs::write(desk.folder().join("wetten/uitspraak.xml"), DECISION).unwrap();
    std::fs::write(desk.folder().join("wetten/lees mij.txt"), "geen wet").unwrap();
    let read = desk.begrip(&["sources", "import", "wetten", "--json"]);
    assert_eq!(read.code, 0, "{}", read.stderr);
    let expected = [
        ["decision", "ECLI:NL:RBPRF:2026:12", "new"],
        ["law", "BWBR0099901", "new"],
    ];
    assert_eq!(outcomes(&read.stdout), expected);
    for (words, number) in [
        ("tussenvonnissen", "BWBR0099901"),
        ("oordeelt de rechtbank", "ECLI:NL:RBPRF:2026:12"),
    ] {
        let found = desk.begrip(&["sources", "search", words, "--json"]);
        let hits: Value = serde_json::from_str(&found.stdout).unwrap();
        assert_eq!(hits[0]["id"], json!(number), "{words}");
    }
}

#[test]
fn a_zip_is_read_as_its_files_are_and_a_second_time_changes_nothing() {
    let desk = Desk::new();
    let bytes = zipped(&[
        ("map/BWBR0099901_2026-01-01_0.xml", LAW),
        ("uitspraak.xml", DECISION),
        ("leeg.xml", "<toestand/>"),
    ]);
    desk.write("wetten.zip", bytes);
    for outcome in ["new", "unchanged"] {
        let read = desk.begrip(&["sources", "import", "wetten.zip", "--json"]);
        // One file of it is no law: that is told, and the others are read all the same.
        assert_eq!(read.code, 1, "{}", read.stderr);
        let expected = [
            ["", "", "refused"],
            ["decision", "ECLI:NL:RBPRF:2026:12", outcome],
            ["law", "BWBR0099901", outcome],
        ];
        assert_eq!(outcomes(&read.stdout), expected);
    }
}

/// Real decisions are no part of the repository: they are read from the folder that `BEGRIP_TEST_DATA` names.
#[test]
fn a_real_decision_is_read_and_found_with_its_ecli() {
    let Some(data) = std::env::var_os("BEGRIP_TEST_DATA") else {
        // Past the test runner, which shows nothing of a test that passes.
        let told =
            b"SKIPPED: no real decisions; name the folder of `decisions` in BEGRIP_TEST_DATA\n";
        std::io::stderr().write_all(told).unwrap();
        return;
    };
    let folder = Path::new(&data).join("decisions");
    let desk = Desk::new();
    let read = desk.begrip(&["sources", "import", folder.to_str().unwrap(), "--json"]);
    assert_eq!(read.code, 0, "{}", read.stderr);
    for (ecli, court, day, words, said) in [
        (
            "ECLI:NL:CBB:2013:345",
            "College van Beroep voor het bedrijfsleven",
            "2013-10-01",
            "dynamische tolheffing in een verkeerssysteem",
            "gericht op het begrijpen van effecten van een dynamische tolheffing in een verkeerssysteem",
        ),
        (
            "ECLI:NL:RBGEL:2015:6991",
            "Rechtbank Gelderland",
            "2015-11-12",
            "bevordering uitstekend beoordeling loopbaanbeleid",
            "loopbaanbeleid",
        ),
    ] {
        let outcome = outcomes(&read.stdout);
        assert!(
            outcome.contains(&["decision".into(), ecli.into(), "new".into()]),
            "{outcome:?}"
        );
        let found = desk.begrip(&["sources", "search", words, "--json"]);
        let hits: Value = serde_json::from_str(&found.stdout).unwrap();
        let hit = &hits[0];
        assert_eq!(
            (&hit["id"], &hit["kind"], &hit["title"]),
            (&json!(ecli), &json!("decision"), &json!(court))
        );
        assert_eq!(hit["citation"]["address"], ecli);
        assert_eq!(hit["valid_from"], day);
        assert!(hit["text"].as_str().unwrap().contains(said), "{hit}");
        // A person reads whose it is as well.
        let shown = desk.begrip(&["sources", "search", words]);
        assert!(shown.stdout.contains(ecli), "{}", shown.stdout);
    }
}
