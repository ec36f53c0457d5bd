//! `begrip rules`: reading, trying, changing, signing and choosing.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Desk, has_exactly, model};

const RULE: &str = r#"
id = "OM-01"
level = "blocking"
title = "Geen verwijzing naar de praktijk"
why = "Hoe het meestal gaat, is geen kenmerk."
question = "Zegt de tekst hoe het gaat?"

[check]
kind = "phrases"
phrases = ["doorgaans"]
reason = "‘{found}’ zegt hoe het meestal gaat."

[[good]]
text = "beslissing van een rechter"
[[good]]
text = "maatregel die de vrijheid beperkt"
[[good]]
text = "persoon tegen wie een verdenking bestaat"
[[bad]]
text = "beslissing die doorgaans van een rechter komt"
[[bad]]
text = "maatregel die doorgaans de vrijheid beperkt"
[[bad]]
text = "persoon die doorgaans wordt verdacht"
"#;

/// A folder with the rules of the program and one more, under a version of its own.
fn folder(desk: &Desk, version: &str) -> PathBuf {
    let path = desk.folder().join(version);
    let name = path.to_str().unwrap();
    desk.begrip(&["rules", "export", "--dir", name]).ends(0);
    std::fs::write(path.join("OM-01.toml"), RULE).unwrap();
    let facts = format!("version = \"{version}\"\ndate = \"2999-01-01\"\n");
    std::fs::write(path.join("pack.toml"), facts).unwrap();
    path
}

/// A signed file of such a folder; the key stands beside it.
fn file(desk: &Desk, version: &str) -> String {
    let folder = folder(desk, version);
    if !desk.folder().join("om.key").exists() {
        desk.begrip(&["rules", "keygen", "om"]).ends(0);
    }
    let file = format!("{version}.json");
    let folder = folder.to_str().unwrap();
    desk.begrip(&[
        "rules", "pack", folder, "--sign", "om.key", "--output", &file,
    ])
    .ends(0);
    file
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_version_is_made_signed_trusted_imported_and_chosen() {
    let desk = Desk::new();
    let file = file(&desk, "2026.2-om");
    assert_eq!(
        desk.begrip(&["rules", "import", &file]).ends(1).error(),
        "BG-303"
    );
    desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    let pack = desk
        .begrip(&["rules", "import", &file, "--json"])
        .ends(0)
        .json();
    assert_eq!(
        (pack["version"].as_str(), pack["active"].as_bool()),
        (Some("2026.2-om"), Some(false))
    );
    let text = "maatregel die doorgaans de vrijheid beperkt";
    let own = desk.begrip(&["check", text, "--json"]).json()["pack_version"].clone();
    let diff = desk
        .begrip(&["rules", "diff", "2026.2-om", "--json"])
        .ends(0)
        .json();
    has_exactly(&diff, ["from", "to", "added", "removed", "changed"]);
    assert_eq!(
        (&diff["from"], &diff["added"][0]["id"]),
        (&own, &Value::from("OM-01"))
    );
    let before = desk.begrip(&["rules", "activate", "2026.2-om", "--dry-run", "--json"]);
    assert_eq!(before.ends(0).json()["changed"], 0);
    assert_eq!(
        desk.begrip(&["check", text, "--json"]).json()["pack_version"],
        own
    );

    desk.begrip(&["rules", "activate", "2026.2-om"]).ends(0);
    let report = desk.begrip(&["check", text, "--json"]).ends(4).json();
    assert_eq!(report["pack_version"], "2026.2-om");
    let own = own.as_str().unwrap();
    desk.begrip(&["rules", "activate", own]).ends(0);
    assert_eq!(
        desk.begrip(&["check", text, "--json"]).json()["pack_version"],
        own
    );
    let versions = desk.begrip(&["rules", "versions", "--json"]).ends(0).json();
    let active: Vec<bool> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| pack["active"].as_bool().unwrap())
        .collect();
    assert_eq!(active, [false, true]);
    assert_eq!(
        desk.begrip(&["rules", "activate", "1999.1"])
            .ends(1)
            .error(),
        "BG-310"
    );
}

#[test]
fn a_draft_is_asked_anew_under_other_rules_and_found_again_under_the_first() {
    let model = model();
    let desk = Desk::with(&model);
    let file = file(&desk, "2026.2-om");
    desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    desk.begrip(&["rules", "import", &file]).ends(0);
    let draft = || {
        desk.begrip(&["define", "contactverbod", "--json"])
            .ends(0)
            .json()
    };
    let own = desk.begrip(&["rules", "versions", "--json"]).json()[1]["version"].clone();
    assert_eq!(draft()["cache"], "miss");
    desk.begrip(&["rules", "activate", "2026.2-om"]).ends(0);
    assert_eq!(draft()["cache"], "miss");
    let calls = model.calls();
    desk.begrip(&["rules", "activate", own.as_str().unwrap()])
        .ends(0);
    assert_eq!(draft()["cache"], "disk");
    assert_eq!(model.calls(), calls);
}

#[test]
fn rules_are_listed_and_shown_by_any_spelling_of_their_number() {
    let desk = Desk::new();
    let all = desk.begrip(&["rules", "list", "--json"]).ends(0).json();
    let some = desk
        .begrip(&["rules", "list", "--text", "LIDWOORD", "--json"])
        .ends(0)
        .json();
    let (all, some) = (
        all.as_array().unwrap().len(),
        some.as_array().unwrap().len(),
    );
    assert!(0 < some && some < all);
    let lines = desk
        .begrip(&["rules", "list"])
        .ends(0)
        .stdout
        .lines()
        .count();
    assert_eq!(lines, all + 1);
    desk.begrip(&["rules", "list", "--text", "xyzzy"]).ends(3);
    let rule = desk
        .begrip(&["rules", "show", "str-06", "--json"])
        .ends(0)
        .json();
    assert_eq!(rule["id"], "STR-06");
    let text = desk.begrip(&["rules", "show", "STR-06"]).ends(0).stdout;
    for example in rule["bad"].as_array().unwrap() {
        assert!(
            text.contains(&format!("Fout: {}", example["term"].as_str().unwrap())),
            "{text}"
        );
    }
    assert_eq!(
        desk.begrip(&["rules", "show", "STR-99"]).ends(1).error(),
        "BG-311"
    );
}

#[test]
fn a_text_is_tried_on_one_rule() {
    let desk = Desk::new();
    let text = "de beslissing van een rechter";
    let tried = desk
        .begrip(&["rules", "test", "arai-06", text, "--json"])
        .ends(4)
        .json();
    has_exactly(
        &tried,
        ["rule", "outcome", "level", "span", "reason", "fix"],
    );
    assert_eq!(tried["outcome"], "fail");
    let good = "beslissing van een rechter";
    let tried = desk.begrip(&["rules", "test", "ARAI-06", good]).ends(0);
    assert_eq!(tried.stdout, "ARAI-06 in orde\n");
    assert_eq!(
        desk.begrip(&["rules", "test", "ARAI-99", good])
            .ends(1)
            .error(),
        "BG-311"
    );
}

#[test]
fn every_rule_of_the_program_does_what_its_examples_say() {
    let tested = Desk::new()
        .begrip(&["rules", "test", "--json"])
        .ends(0)
        .json();
    has_exactly(&tested, ["version", "rules", "examples", "wrong"]);
    assert!(tested["examples"].as_u64() >= tested["rules"].as_u64().map(|rules| rules * 6));
    assert_eq!(tested["wrong"], Value::Array(Vec::new()));
}

#[test]
fn an_example_that_does_not_hold_is_told_and_keeps_the_rules_from_being_signed() {
    let desk = Desk::new();
    let folder = folder(&desk, "2026.2-om");
    change(
        &folder.join("OM-01.toml"),
        "\"doorgaans\"",
        "\"de vrijheid\"",
    );
    let path = folder.to_str().unwrap();
    let tested = desk
        .begrip(&["rules", "test", "--from", path, "--json"])
        .ends(1)
        .json();
    let kinds: Vec<(&str, &str)> = tested["wrong"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| {
            (
                wrong["rule"].as_str().unwrap(),
                wrong["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [("OM-01", "good"), ("OM-01", "bad"), ("OM-01", "bad")]
    );
    let told = desk
        .begrip(&["rules", "test", "om-01", "--from", path])
        .ends(1)
        .stdout;
    assert!(
        told.ends_with("3 voorbeelden kloppen niet (regels 2026.2-om)\n"),
        "{told}"
    );
    desk.begrip(&["rules", "keygen", "om"]).ends(0);
    let packed = desk.begrip(&[
        "rules", "pack", path, "--sign", "om.key", "--output", "uit.json",
    ]);
    assert_eq!(packed.ends(1).error(), "BG-308");
    assert!(!desk.folder().join("uit.json").exists());
}

#[test]
fn a_file_that_is_no_rule_is_told_by_name_and_reason() {
    let desk = Desk::new();
    let folder = folder(&desk, "2026.2-om");
    let path = folder.to_str().unwrap();
    for (from, to, told) in [
        ("\"phrases\"", "\"frases\"", "frases"),
        ("level =", "livel =", "livel"),
        (
            "id = \"OM-01\"",
            "id = \"ARAI-06\"",
            "ARAI-06 staat er twee keer in",
        ),
        (
            "[[bad]]\ntext = \"persoon die doorgaans wordt verdacht\"",
            "",
            "OM-01 heeft minder dan drie",
        ),
        ("[\"doorgaans\"]", "[]", "OM-01: check.phrases is leeg"),
    ] {
        std::fs::write(folder.join("OM-01.toml"), RULE).unwrap();
        change(&folder.join("OM-01.toml"), from, to);
        let run = desk.begrip(&["rules", "test", "--from", path]).ends(1);
        assert_eq!(run.error(), "BG-308");
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    // One rule file by itself is tried too.
    let one = desk.write("OM-01.toml", RULE);
    desk.begrip(&["rules", "test", "--from", &one]).ends(0);
    std::fs::remove_file(folder.join("pack.toml")).unwrap();
    assert_eq!(
        desk.begrip(&["rules", "test", "--from", path])
            .ends(1)
            .error(),
        "BG-111"
    );
}

#[test]
fn a_file_that_is_not_accepted_is_refused_with_the_reason() {
    let desk = Desk::new();
    let file = file(&desk, "2026.2-om");
    desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    let text = std::fs::read_to_string(desk.folder().join(&file)).unwrap();
    let unsigned = desk.begrip(&["rules", "export"]).ends(0).stdout;
    for (content, code) in [
        (unsigned.as_str(), "BG-302"),
        (&text.replacen("blocking", "advice", 1), "BG-304"),
        (&text[..1000], "BG-305"),
        (&text.replacen("\"format\":1", "\"format\":9", 1), "BG-306"),
        (&" ".repeat(5_000_000), "BG-309"),
    ] {
        let run = desk
            .begrip_reading(&["rules", "import", "-"], content)
            .ends(1);
        assert_eq!(run.error(), code);
    }
    let latin = desk.begrip_reading(&["rules", "import", "-"], b"{\"version\":\"\xe9\"}");
    assert_eq!(latin.ends(1).error(), "BG-111");
    let versions = desk.begrip(&["rules", "versions", "--json"]).json();
    assert_eq!(versions.as_array().unwrap().len(), 1);
    desk.begrip(&["rules", "import", &file]).ends(0);
    // The same name for something else.
    change(
        &desk.folder().join("2026.2-om/OM-01.toml"),
        "blocking",
        "advice",
    );
    desk.begrip(&[
        "rules",
        "pack",
        "2026.2-om",
        "--sign",
        "om.key",
        "--output",
        "anders.json",
    ])
    .ends(0);
    assert_eq!(
        desk.begrip(&["rules", "import", "anders.json"])
            .ends(1)
            .error(),
        "BG-307"
    );
}

#[test]
fn an_exported_version_keeps_its_signature_or_gets_a_new_one() {
    let desk = Desk::new();
    let file = file(&desk, "2026.2-om");
    desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    desk.begrip(&["rules", "import", &file]).ends(0);
    let there = Desk::new();
    for name in ["om.pub", "ander.pub", "ander.key"] {
        if name.starts_with("ander") && !desk.folder().join(name).exists() {
            desk.begrip(&["rules", "keygen", "ander"]).ends(0);
        }
        std::fs::copy(desk.folder().join(name), there.folder().join(name)).unwrap();
    }
    there.begrip(&["rules", "trust", "om.pub"]).ends(0);
    let kept = desk
        .begrip(&["rules", "export", "--version", "2026.2-om"])
        .ends(0)
        .stdout;
    there
        .begrip_reading(&["rules", "import", "-"], &kept)
        .ends(0);
    // The program's own rules have no signature; whoever shares them signs for them.
    let out = [
        "rules",
        "export",
        "--sign",
        "ander.key",
        "--output",
        "eigen.json",
    ];
    desk.begrip(&out).ends(0);
    let own = std::fs::read(desk.folder().join("eigen.json")).unwrap();
    let refused = there.begrip_reading(&["rules", "import", "-"], &own);
    assert_eq!(refused.ends(1).error(), "BG-303");
    there.begrip(&["rules", "trust", "ander.pub"]).ends(0);
    there
        .begrip_reading(&["rules", "import", "-"], &own)
        .ends(0);
}

#[test]
fn nothing_that_is_there_is_overwritten_and_a_secret_key_is_its_owners() {
    let desk = Desk::new();
    desk.begrip(&["rules", "keygen", "om"]).ends(0);
    let key = desk.folder().join("om.key");
    let line = std::fs::read(&key).unwrap();
    desk.begrip(&["rules", "keygen", "om"]).ends(1);
    assert_eq!(std::fs::read(&key).unwrap(), line);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&key).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    folder(&desk, "mijn");
    desk.begrip(&["rules", "export", "--dir", "mijn"]).ends(1);
    assert!(desk.folder().join("mijn/OM-01.toml").exists());
    // Each key in the other's place.
    assert_eq!(
        desk.begrip(&["rules", "trust", "om.key"]).ends(1).error(),
        "BG-314"
    );
    let signed = desk.begrip(&["rules", "pack", "mijn", "--sign", "om.pub"]);
    assert_eq!(signed.ends(1).error(), "BG-314");
}

#[test]
fn newer_rules_of_the_program_are_told_where_they_can_be_chosen() {
    let desk = Desk::new();
    let folder = folder(&desk, "2020.1-om");
    change(&folder.join("pack.toml"), "2999", "2020");
    desk.begrip(&["rules", "keygen", "om"]).ends(0);
    desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    desk.begrip(&[
        "rules",
        "pack",
        "2020.1-om",
        "--sign",
        "om.key",
        "--output",
        "oud.json",
    ])
    .ends(0);
    desk.begrip(&["rules", "import", "oud.json"]).ends(0);
    desk.begrip(&["rules", "activate", "2020.1-om"]).ends(0);
    assert_eq!(
        desk.begrip(&["rules", "versions"]).ends(0).error(),
        "BG-313"
    );
    assert_eq!(desk.begrip(&["lookup", "verdachte"]).ends(0).stderr, "");
    let doctor = desk.begrip(&["doctor"]).ends(0).stdout;
    assert!(doctor.contains("Begrip heeft nieuwere regels."), "{doctor}");
}
