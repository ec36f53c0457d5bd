//! `cargo xtask chain`, used as it says: the scripts that it writes, the road that it prints, the end.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Marks every program that the chain starts.
const MARK: &str = "BEGRIP_CHAIN_OF_TEST";

/// A running chain; ended when it is dropped.
struct Chain {
    child: Child,
    printed: Vec<String>,
}

impl Chain {
    /// Starts it, with this folder for its temporary files, and waits until it says how it ends.
    fn start(folder: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("chain")
            .env(MARK, folder)
            .env("TMPDIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut chain = Self {
            child,
            printed: Vec::new(),
        };
        let lines = BufReader::new(chain.child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            let last = line.contains("Enter of Ctrl-C");
            chain.printed.push(line);
            if last {
                return chain;
            }
        }
        panic!("it ended by itself: {:#?}", chain.printed);
    }

    /// The script of an organisation.
    fn script(&self, organisation: &str) -> PathBuf {
        let line = self.printed.iter().find_map(|line| {
            let (name, script) = line.split_once(" . ")?;
            (name.trim() == organisation).then_some(script)
        });
        line.expect("a script for each organisation").into()
    }

    /// The commands that it advises, in their order.
    fn advice(&self) -> Vec<&str> {
        let advised = self.printed.iter().map(|line| line.trim());
        advised.filter(|line| line.starts_with("begrip ")).collect()
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Types these lines at a shell after the script, as a reader would; what they say.
#[track_caller]
fn typed(script: &Path, lines: &[&str]) -> String {
    let mut shell = Command::new("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let text = format!("set -e\n. '{}'\n{}\n", script.display(), lines.join("\n"));
    let mut input = shell.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success(), "{lines:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// How the term of the advice stands at an organisation.
fn status(script: &Path, term: &str) -> String {
    let said = typed(script, &[&format!("begrip concepts show {term} --json")]);
    let shown: Value = serde_json::from_str(&said).unwrap();
    shown["concept"]["status"].as_str().unwrap().to_owned()
}

/// Names of the programs that run with the mark.
fn running(folder: &Path) -> Vec<String> {
    let mark = format!("{MARK}={}", folder.display());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .map(|process| process.path())
        .filter(|process| {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|pair| pair == mark.as_bytes())
        })
        .filter_map(|process| fs::read_to_string(process.join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The number of the PostgreSQL that lives in this folder.
fn postgres(folder: &Path) -> Option<u32> {
    let inside = fs::read_dir(folder).ok()?.flatten();
    let mut pids = inside.filter_map(|entry| {
        let file = entry.path().join("data/postmaster.pid");
        let text = fs::read_to_string(file).ok()?;
        text.lines().next()?.trim().parse().ok()
    });
    pids.next()
}

#[test]
fn the_chain_does_what_it_says_and_leaves_nothing_running() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // PostgreSQL runs as somebody else when this runs as root.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut chain = Chain::start(folder);
    let advice = chain.advice();
    assert_eq!(advice.len(), 3, "{:#?}", chain.printed);
    let term = advice[0].split(' ').nth(3).unwrap();
    let [om, court, dji] = ["OM", "Rechtspraak", "DJI"].map(|name| chain.script(name));

    typed(&om, &advice[..2]);
    assert_eq!(status(&om, term), "proposed");
    typed(&court, &advice[2..]);
    assert_eq!(status(&court, term), "established");
    for script in [&om, &dji] {
        typed(script, &["begrip sync"]);
        assert_eq!(status(script, term), "established");
    }

    let before = running(folder);
    for name in ["xtask", "begrip-server", "begrip-mock-mod"] {
        assert!(
            before.iter().any(|known| known == name),
            "{name}: {before:?}"
        );
    }
    let postgres = PathBuf::from(format!("/proc/{}", postgres(folder).unwrap()));
    assert!(postgres.exists());
    chain.child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(chain.child.wait().unwrap().success());
    // PostgreSQL is stopped by a program of its own, which goes on for a moment.
    let begun = Instant::now();
    loop {
        let left = running(folder);
        let files = fs::read_dir(folder).unwrap().count();
        if left.is_empty() && files == 0 && !postgres.exists() {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "still running: {left:?}, {files} folders"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
