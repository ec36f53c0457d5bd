//! Looking up while typing, among the generated concepts.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use serde_json::json;

use crate::bench::{Bench, call, micros, open};
use crate::corpus;
use crate::row::{Row, Unit};

/// Hits that a screen shows.
const HITS: usize = 20;

/// A scan of all concepts takes so long that only one keystroke in this many is scanned for.
const SCANNED: usize = 8;

/// Ours and the scan take turns.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.generated()?;
    let app = open(home, None)?;
    let mut scan = Scan::start(bench, home, "like_scan", HITS)?;
    let typed = corpus::keystrokes(bench.pick(1_600, 96), bench.concepts, bench.seed);
    // Both have their file in the cache and their statements ready.
    for text in corpus::keystrokes(20, bench.concepts, bench.seed + 1) {
        scan.ask(&text)?;
        call(&app, "search", json!({ "query": text })).await?;
    }
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    let (mut empty, mut slowest) = (0, (0.0, String::new()));
    for (number, text) in typed.into_iter().enumerate() {
        if number % SCANNED == 0 {
            old.push(scan.ask(&text)?);
        }
        let args = json!({ "query": text, "limit": HITS });
        let began = Instant::now();
        let found = call(&app, "search", args).await?;
        let us = micros(began);
        ours.push(us);
        let hits = found["hits"].as_array().context("hits")?;
        empty += usize::from(hits.is_empty());
        if us > slowest.0 {
            slowest = (us, text);
        }
    }
    ensure!(empty * 20 < ours.len(), "{empty} keystrokes found nothing");
    let tail = Spread::of(&ours).map_or(0.0, |spread| spread.p99);
    let old_tail = Spread::of(&old).map_or(0.0, |spread| spread.p99);
    let what = format!(
        "look-up while typing, {} concepts",
        figures(bench.concepts as f64)
    );
    let row = Row::new(
        "look_up",
        &what,
        (Unit::Micros, Stat::P95),
        "the command `search` from JSON to JSON: ranked by exact term, status, own context and text, with inflection",
    );
    Ok(vec![
        row.ours(ours)
            .against(
                "`term LIKE '%…%' OR definition LIKE '%…%' LIMIT 20` on the same encrypted file, same pragmas: no rank, no \
                 inflection, stops at the twentieth row",
                old,
            )
            .must("p95 ≤ 5 ms", |s| s.p95 <= 5_000.0)
            .quoted("14 ms at 10,000 concepts, no ranking")
            .note(format!(
                "p99: ours {}, the scan {}. Slowest of ours: “{}”. A keystroke is a sample, from the first letter on; the \
                 scan is quick where the first twenty rows that it meets will do",
                Unit::Micros.show(tail),
                Unit::Micros.show(old_tail),
                slowest.1
            )),
    ])
}

/// A scan of all concepts, in a program of its own: only the store may know SQLite.
pub(super) struct Scan {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Scan {
    /// Starts the example of this name, which answers each line; it reads so many rows at most.
    pub fn start(bench: &Bench, home: &Path, name: &str, most: usize) -> Result<Self> {
        let program = example(&bench.root, name)?;
        let mut child = Command::new(&program)
            .arg(home)
            .arg(most.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| program.display().to_string())?;
        let to = child.stdin.take().context("its input")?;
        let from = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, to, from })
    }

    /// Microseconds that the scan took, measured where it runs.
    fn ask(&mut self, text: &str) -> Result<f64> {
        Ok(self.ask_for(text)?.0)
    }

    /// The same, and how many it found.
    pub fn ask_for(&mut self, text: &str) -> Result<(f64, u32)> {
        writeln!(self.to, "{text}")?;
        self.to.flush()?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let (us, found) = line
            .trim()
            .split_once(' ')
            .context("the scan has stopped")?;
        Ok((us.parse()?, found.parse()?))
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An example of this package, built when it is not there or older than its source.
pub(super) fn example(root: &Path, name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a folder")?;
    let program = folder.join(format!("examples/{name}{}", std::env::consts::EXE_SUFFIX));
    let changed = |path: &Path| path.metadata().and_then(|meta| meta.modified());
    let sources = root.join("crates/begrip-bench/examples");
    let source =
        changed(&sources.join(format!("{name}.rs")))?.max(changed(&sources.join("opened/mod.rs"))?);
    if changed(&program).is_ok_and(|built| built >= source) {
        return Ok(program);
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--package", "begrip-bench", "--example"])
        .arg(name)
        .current_dir(root);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    ensure!(
        build.status()?.success(),
        "the example {name} cannot be built"
    );
    ensure!(program.is_file(), "the example {name} was built elsewhere");
    Ok(program)
}
