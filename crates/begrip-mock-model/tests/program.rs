//! The program itself: its address on standard output, and a log that outlives it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Kills the program when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(arguments: &[&str]) -> (Running, String) {
    let mut child = Running(
        Command::new(env!("CARGO_BIN_EXE_begrip-mock-model"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line.trim().to_owned())
}

#[tokio::test]
async fn it_prints_its_url_answers_and_leaves_its_log_behind_when_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let (running, url) = program(&[
        "--port",
        "0",
        "--profile",
        "fast",
        "--print-url",
        "--log",
        file.to_str().unwrap(),
    ]);
    let answer = reqwest::Client::new()
        .post(format!("{url}/v1/chat/completions"))
        .json(&support::body("vonnis", false))
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["model"], "begrip-demo-1");
    drop(running);
    assert!(reqwest::get(format!("{url}/_mock/health")).await.is_err());
    let log = std::fs::read_to_string(file).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["outcome"], &last["term"]),
        (&"completed".into(), &"vonnis".into())
    );
}

#[tokio::test]
async fn its_settings_come_from_the_command_line() {
    let (_running, url) = program(&[
        "--profile",
        "demo",
        "--print-url",
        "--require-key",
        "k",
        "--first-ms",
        "1",
    ]);
    let models = format!("{url}/v1/models");
    assert_eq!(reqwest::get(&models).await.unwrap().status(), 401);
    let with_key = reqwest::Client::new().get(&models).bearer_auth("k");
    assert_eq!(with_key.send().await.unwrap().status(), 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_and_not_a_hang() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_begrip-mock-model"))
        .args(["--port", &port])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot listen"));
}
