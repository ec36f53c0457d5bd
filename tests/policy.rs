//! What the window may do is written in three files. Each widening must be made here too, on
//! purpose and with somebody reading it.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn configuration() -> Value {
    serde_json::from_str(&text("tauri.conf.json")).unwrap()
}

fn names(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(path).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_page_loads_and_reaches_nothing_but_its_own_program() {
    let policy = &configuration()["app"]["security"]["csp"];
    let expected = json!({
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "worker-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'"
    });
    assert_eq!(policy, &expected);
}

#[test]
fn no_switch_weakens_the_policy() {
    let app = &configuration()["app"];
    assert_eq!(app["withGlobalTauri"], json!(false));
    let security = app["security"].as_object().unwrap();
    let mut keys: Vec<&str> = security.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let known = [
        "assetProtocol",
        "capabilities",
        "csp",
        "dangerousDisableAssetCspModification",
        "freezePrototype",
    ];
    assert_eq!(keys, known);
    assert_eq!(security["freezePrototype"], json!(true));
    assert_eq!(
        security["dangerousDisableAssetCspModification"],
        json!(false)
    );
    assert_eq!(
        security["assetProtocol"],
        json!({ "enable": false, "scope": [] })
    );
    assert_eq!(security["capabilities"], json!(["main"]));
}

#[test]
fn the_window_may_call_the_bridge_and_nothing_of_the_system() {
    assert_eq!(names("src-tauri/capabilities"), ["main.json"]);
    let mut capability: Value =
        serde_json::from_str(&text("src-tauri/capabilities/main.json")).unwrap();
    capability.as_object_mut().unwrap().remove("description");
    let expected = json!({
        "identifier": "main",
        "local": true,
        "windows": ["main"],
        "permissions": ["allow-bridge"]
    });
    assert_eq!(capability, expected);
}

#[test]
fn the_bridge_has_two_commands() {
    assert_eq!(names("src-tauri/permissions"), ["bridge.toml"]);
    let permissions = text("src-tauri/permissions/bridge.toml");
    let allowed: Vec<&str> = permissions
        .lines()
        .filter(|line| line.contains("commands") && line.contains('['))
        .collect();
    assert_eq!(allowed, ["commands.allow = [\"call\", \"stream\"]"]);

    let shell = text("src-tauri/src/lib.rs");
    assert!(shell.contains("generate_handler![bridge::call, bridge::stream]"));
    // A plugin brings commands of its own.
    assert_eq!(shell.matches(".plugin(").count(), 1);
}

#[test]
fn there_is_one_window_and_the_shell_makes_it() {
    let windows = configuration()["app"]["windows"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(windows.len(), 1);
    assert_eq!(
        (&windows[0]["label"], &windows[0]["create"]),
        (&json!("main"), &json!(false))
    );
    let shell = text("src-tauri/src/window.rs");
    assert!(shell.contains(".on_navigation(is_own)"));
    assert!(shell.contains("NewWindowResponse::Deny"));
}
