//! `cargo xtask chain`, used as it says: the road that it walks, the scripts that it writes, the road that it
//! advises, and its end, by Ctrl-C, by itself and by a kill.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use begrip_postgres::Cluster;
use serde_json::Value;
use tempfile::TempDir;

/// Marks every program that the chain starts.
const MARK: &str = "BEGRIP_CHAIN_OF_TEST";

/// The term of the road that the chain walks by itself.
const TERM: &str = "reclasseringstoezicht";

/// How long the chain may say nothing before it is held to hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running chain, in a folder for its temporary files; ended when it is dropped.
struct Chain {
    child: Child,
    lines: Receiver<String>,
    printed: Vec<String>,
    folder: TempDir,
}

impl Chain {
    /// Starts a command line in which `xtask` is the program, and reads until a line has this text.
    fn start(line: &str, until: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL runs as somebody else when this runs as root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let line = line.replace("xtask", env!("CARGO_BIN_EXE_xtask"));
        let mut child = Command::new("sh")
            .args(["-c", &format!("exec {line}")])
            .env(MARK, folder.path())
            .env("TMPDIR", folder.path())
            // Windows of a test belong on no screen.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove(begrip_postgres::VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let printed = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in printed.map_while(Result::ok) {
                // Nobody may be listening any more; the chain goes on printing.
                let _ = sender.send(line);
            }
        });
        let mut chain = Self {
            child,
            lines,
            printed: Vec::new(),
            folder,
        };
        chain.read(until);
        chain
    }

    /// Reads on until a line has this text.
    fn read(&mut self, until: &str) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.printed.push(line),
                Err(error) => panic!("no ‘{until}’: {error}: {:#?}", self.printed),
            }
            if self.printed.last().is_some_and(|line| line.contains(until)) {
                return;
            }
        }
    }

    /// The script of a user.
    fn script(&self, user: &str) -> PathBuf {
        let end = format!("/{user}.sh");
        let mut lines = self.printed.iter().map(|line| line.trim());
        let line = lines.find(|line| line.starts_with(". ") && line.ends_with(&end));
        line.expect("a script for each user")[2..].into()
    }

    /// The commands that it advises, in their order.
    fn advice(&self) -> Vec<&str> {
        let advised = self.printed.iter().map(|line| line.trim());
        advised.filter(|line| line.starts_with("begrip ")).collect()
    }

    /// How many of each program run with the mark.
    fn running(&self) -> BTreeMap<String, usize> {
        let mark = format!("{MARK}={}", self.folder.path().display());
        let mut found = BTreeMap::new();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let process = process.path();
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            let mut pairs = environment.split(|byte| *byte == 0);
            if pairs.any(|pair| pair == mark.as_bytes())
                && let Ok(name) = fs::read_to_string(process.join("comm"))
            {
                *found.entry(name.trim().to_owned()).or_default() += 1;
            }
        }
        found
    }

    /// The folder of the PostgreSQL that it started, and that one's process.
    fn postgres(&self) -> Option<(PathBuf, PathBuf)> {
        let mut inside = fs::read_dir(self.folder.path()).ok()?.flatten();
        inside.find_map(|entry| {
            let file = entry.path().join("data/postmaster.pid");
            let text = fs::read_to_string(file).ok()?;
            let process = Path::new("/proc").join(text.lines().next()?.trim());
            Some((entry.path(), process))
        })
    }

    /// Waits until no program and no file of it is left.
    fn is_gone(&self, postgres: &Path) {
        let begun = Instant::now();
        loop {
            let left = self.running();
            let files = fs::read_dir(self.folder.path()).unwrap().count();
            if left.is_empty() && files == 0 && !postgres.exists() {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "still there: {left:?}, {files} folders, PostgreSQL: {}",
                postgres.exists()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
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

/// A concept as it stands in the store of a desk.
fn shown(script: &Path, term: &str) -> Value {
    let said = typed(
        script,
        &[&format!("begrip concepts show {term} --json || true")],
    );
    let shown: Value = serde_json::from_str(&said).unwrap_or_default();
    shown["concept"].clone()
}

#[test]
fn the_chain_goes_from_a_question_to_an_established_definition_and_ends_by_ctrl_c() {
    let path = std::env::var_os("PATH").unwrap();
    let windows = std::env::split_paths(&path).any(|folder| folder.join("Xvfb").is_file());
    let how = if windows { "" } else { " --no-windows" };
    // `script` gives it a terminal.
    let line = format!("script -qefc 'xtask chain{how}' /dev/null");
    let mut chain = Chain::start(&line, "Enter of Ctrl-C");
    let before = chain.running();
    let open = if windows { "begrip-desktop" } else { "begrip" };
    for (name, count) in [
        ("xtask", 1),
        ("begrip-server", 1),
        ("begrip-mock-mod", 1),
        (open, 2),
    ] {
        assert_eq!(before.get(name), Some(&count), "{name}: {before:?}");
    }

    // Whom it came to has it in the own store, as whoever made it.
    let [om, court, dji] =
        ["OM-auteur", "Rechtspraak-beoordelaar", "DJI-beoordelaar"].map(|user| chain.script(user));
    let (ours, theirs) = (shown(&om, TERM), shown(&court, TERM));
    assert_eq!(theirs["status"], "established", "{theirs}");
    assert_eq!(ours["status"], "established", "{ours}");
    assert_eq!(theirs["definition"], ours["definition"]);

    // The model got one question for it, which the gateway asked for the author of OM.
    let log = fs::read_to_string(om.with_file_name("model.jsonl")).unwrap();
    let calls: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|call: &Value| call["outcome"] == "completed")
        .collect();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert_eq!(
        (&calls[0]["term"], &calls[0]["model"]),
        (&TERM.into(), &"begrip-demo-1".into())
    );
    let (socket, postgres) = chain.postgres().unwrap();
    let cluster = Cluster::of(socket);
    let sql = |database: &str, query: &str| cluster.sql(database, query).unwrap().trim().to_owned();
    let database = sql(
        "postgres",
        "SELECT datname FROM pg_database WHERE datname LIKE 'test_%'",
    );
    let asked = "SELECT c.organisation, a.name, c.upstream FROM model_call c JOIN account a ON a.id = c.account";
    assert_eq!(sql(&database, asked), "OM|auteur|voorbeeldmodel");
    let trail = "SELECT t.act, t.organisation, a.name FROM trail t JOIN account a ON a.id = t.account ORDER BY number";
    let acts = "made|OM|auteur\nproposed|OM|auteur\naccepted|Rechtspraak|beoordelaar";
    assert_eq!(sql(&database, trail), acts);
    let people = "SELECT organisation, count(*) FROM account GROUP BY 1 ORDER BY 1";
    assert_eq!(
        sql(&database, people),
        "CJIB|3\nDJI|3\nJustid|3\nOM|3\nRechtspraak|3"
    );

    // What it advises leads there too, and the desk that stands open gets it by itself.
    let advice = chain.advice();
    assert_eq!(advice.len(), 3, "{:#?}", chain.printed);
    let term = advice[0].split(' ').nth(2).unwrap();
    typed(&om, &advice[..2]);
    typed(&dji, &advice[2..]);
    let begun = Instant::now();
    while shown(&court, term)["status"] != "established" {
        assert!(begun.elapsed() < Duration::from_secs(90), "it never came");
        std::thread::sleep(Duration::from_millis(200));
    }

    chain
        .child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"\x03")
        .unwrap();
    chain.child.wait().unwrap();
    chain.is_gone(&postgres);
}

#[test]
fn without_a_terminal_the_chain_walks_its_road_and_ends_by_itself() {
    let mut chain = Chain::start("xtask chain --no-windows", "Two desks stand open");
    let (_, postgres) = chain.postgres().unwrap();
    chain.read("No terminal");
    let told = chain.printed.join("\n");
    for step in [
        "reviewer of Rechtspraak established it",
        "Vragen aan het model: 1 volgens zijn eigen logboek, 1 volgens",
    ] {
        assert!(told.contains(step), "{told}");
    }
    assert!(chain.child.wait().unwrap().success());
    chain.is_gone(&postgres);
}

#[test]
fn a_chain_that_is_killed_leaves_nothing_running() {
    let mut chain = Chain::start("xtask chain --no-windows", "Two desks stand open");
    let (_, postgres) = chain.postgres().unwrap();
    assert!(postgres.exists());
    chain.child.kill().unwrap();
    chain.child.wait().unwrap();
    chain.is_gone(&postgres);
}
