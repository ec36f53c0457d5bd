//! `doctor`: what is in order and what is not, also when the data cannot be opened.

use serde_json::Value;

use crate::support::{Desk, Run, has_exactly, model};

fn check<'r>(report: &'r Value, name: &str) -> &'r Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

fn doctor(desk: &Desk, code: i32) -> Value {
    desk.begrip(&["doctor", "--json"]).ends(code).json()
}

#[test]
fn a_new_workplace_is_healthy_without_and_with_a_model() {
    let desk = Desk::new();
    let report = doctor(&desk, 0);
    has_exactly(&report, ["healthy", "language", "checks"]);
    assert_eq!(report["healthy"], true);
    for name in ["store", "key", "rules", "cache"] {
        assert_eq!(check(&report, name)["ok"], true, "{name}");
    }
    assert_eq!(check(&report, "model")["error"]["code"], "BG-501");
    let told = desk.begrip(&["doctor"]).ends(0).stdout;
    assert!(
        told.contains("BG-501") && told.contains("Alles is in orde."),
        "{told}"
    );
    let home = desk.home();
    assert!(
        told.contains(home.to_str().unwrap()),
        "says where the data stand: {told}"
    );

    let model = model();
    let report = doctor(&Desk::with(&model), 0);
    assert_eq!(check(&report, "model")["ok"], true);
    assert_eq!(model.calls(), 0);
}

#[test]
fn it_speaks_the_language_of_the_settings() {
    let desk = Desk::new();
    desk.begrip(&["settings", "user.language", "en"]).ends(0);
    let told = desk.begrip(&["doctor"]).ends(0).stdout;
    for text in [
        "the file is undamaged.",
        "answers: 0 kept answers",
        "No language model has been set up",
        "All is well.",
    ] {
        assert!(told.contains(text), "{text}: {told}");
    }
    for dutch in ["begrippen", "sleutel", "regels", "orde"] {
        assert!(!told.contains(dutch), "{dutch}: {told}");
    }
    assert_eq!(doctor(&desk, 0)["language"], "en");
}

/// Changes the version that stands in the encrypted file.
fn set_version(desk: &Desk, version: i64) {
    let key = std::fs::read_to_string(desk.home().join("begrip.key")).unwrap();
    let store = rusqlite::Connection::open(desk.home().join("begrip.db")).unwrap();
    let key = format!("x'{}'", key.trim());
    store.pragma_update(None, "key", key).unwrap();
    store.pragma_update(None, "user_version", version).unwrap();
}

/// Ends every way in: the doctor tells it in its report, the others on standard error.
fn refused(desk: &Desk, code: &str) {
    let report = doctor(desk, 1);
    assert_eq!(report["healthy"], false);
    assert_eq!(check(&report, "store")["error"]["code"], code);
    let told = desk.begrip(&["doctor"]).ends(1);
    assert!(told.stdout.contains(code), "{told:#?}");
    assert!(told.stdout.contains("Er is iets dat aandacht vraagt."));
    for args in [&["lookup", "vonnis", "--json"][..], &["concepts", "list"]] {
        let run = desk.begrip(args).ends(1);
        assert_eq!((run.error().as_str(), run.stdout.as_str()), (code, ""));
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let desk = Desk::new();
    desk.begrip(&["concepts", "list"]).ends(0);
    set_version(&desk, 9_999);
    let before = std::fs::read(desk.home().join("begrip.db")).unwrap();
    refused(&desk, "BG-201");
    assert!(
        before == std::fs::read(desk.home().join("begrip.db")).unwrap(),
        "nothing was changed"
    );
}

#[test]
fn a_lost_and_a_wrong_key_are_told_apart() {
    let desk = Desk::new();
    desk.begrip(&["concepts", "add", "gebiedsgebod"]).ends(0);
    let path = desk.home().join("begrip.key");
    let key = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    refused(&desk, "BG-202");
    std::fs::write(&path, "00".repeat(32)).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    refused(&desk, "BG-203");
    std::fs::write(&path, key).unwrap();
    desk.begrip(&["concepts", "show", "gebiedsgebod"]).ends(0);
}

fn damage(desk: &Desk) {
    let path = desk.home().join("begrip.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5A);
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn a_damaged_file_is_mended_and_told_once() {
    let desk = Desk::new();
    desk.begrip(&["concepts", "list"]).ends(0);
    damage(&desk);
    let report = doctor(&desk, 1);
    let start = check(&report, "start");
    let code = start["error"]["code"].as_str().unwrap();
    assert!(["BG-204", "BG-205"].contains(&code), "{report}");
    assert_eq!(check(&report, "store")["ok"], true, "{report}");
    doctor(&desk, 0);
    // Another command tells it as well: it may be the first to open the file.
    damage(&desk);
    let run = desk.begrip(&["lookup", "vonnis", "--json"]);
    assert!(
        ["BG-204", "BG-205"].contains(&run.error().as_str()),
        "{run:#?}"
    );
    assert!(run.json().is_array());
    // The cipher's own lines about broken pages may stand before it.
    let line = run
        .stderr
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap();
    let notice: Value = serde_json::from_str(line).unwrap();
    assert!(notice["notice"]["code"].is_string());
    assert_eq!(desk.begrip(&["lookup", "vonnis"]).stderr, "");
}

#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_written_is_told_with_its_name() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let closed = desk.folder().join("dicht");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(closed.join("proef"), "").is_ok() {
        return; // Whoever runs this may write everywhere.
    }
    let home = closed.join("thuis");
    let run: Run = desk
        .begrip(&["lookup", "vonnis", "--home", home.to_str().unwrap()])
        .ends(1);
    assert_eq!(run.error(), "BG-208");
    assert!(run.stderr.contains("dicht"), "{}", run.stderr);
}

#[test]
fn a_home_that_is_a_file_is_told_with_a_code() {
    let desk = Desk::new();
    let file = desk.write("bestand", "x");
    let run = desk.begrip(&["lookup", "vonnis", "--home", &file]).ends(1);
    assert!(run.error().starts_with("BG-2"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "x");
}
