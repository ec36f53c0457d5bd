//! Programs of others that ours must work with, as `cargo xtask foreign` installs them in `tests/foreign`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const MISSING: &str = "the programs of others are not installed: cargo xtask foreign";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/foreign")
}

/// A program with nothing of this test's surroundings but where programs are.
fn plain(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .current_dir(folder())
        .stdin(Stdio::null());
    command
}

/// A script of that folder, by Node.js.
pub fn script(name: &str) -> Command {
    let installed = folder().join("node_modules/.begrip-installed");
    assert!(installed.exists(), "{MISSING}");
    let mut node = plain(Path::new("node"));
    node.arg(name);
    node
}

/// A program of Python's environment of that folder.
pub fn python(name: &str) -> Command {
    let own = folder().join(".venv");
    assert!(own.join(".begrip-installed").exists(), "{MISSING}");
    plain(&own.join("bin").join(name))
}

/// What Grafana's own reader says of a dashboard; nothing when it is right.
fn read_by_grafana(board: &Value) -> String {
    let mut reader = python("python")
        .arg("dashboard.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = reader.stdin.take().unwrap();
    to.write_all(board.to_string().as_bytes()).unwrap();
    drop(to);
    let output = reader.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
fn grafanas_own_reader_knows_all_that_stands_in_the_dashboard() {
    let path = folder().join("../../deploy/grafana/begrip-server.json");
    let board: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(read_by_grafana(&board), "");
    // And it would say so.
    let broken = |pointer: &str, value: Value| {
        let mut board = board.clone();
        *board.pointer_mut(pointer).unwrap() = value;
        read_by_grafana(&board)
    };
    for (pointer, value, fault) in [
        ("/panels/0/fieldConfig/defaults/unit", json!("kilo"), "unit"),
        ("/panels/1/id", board["panels"][0]["id"].clone(), "id"),
        (
            "/panels/1/gridPos",
            board["panels"][0]["gridPos"].clone(),
            "overlaps",
        ),
        ("/panels/0/gridPos/w", json!(25), "wide"),
        (
            "/panels/0/targets/0/datasource/uid",
            json!("abc"),
            "datasource",
        ),
        ("/panels/0/targets/0/expr", json!(""), "query"),
        (
            "/panels/0/fieldConfig/defaults",
            json!({"unit": "s", "kleur": 1}),
            "kleur",
        ),
        (
            "/time",
            json!({"from": "now-6h", "to": "now", "x": 1}),
            "/time/x",
        ),
    ] {
        let said = broken(pointer, value);
        assert!(said.contains(fault), "{pointer}: {said}");
    }
}
