//! `begrip-bench`: measures ours and the old way in one run, taking turns, and writes what it
//! found: a result file with raw samples, and a table for `docs/measurements.md`.
//!
//! | file | holds |
//! |---|---|
//! | `rows` | the measurements |
//! | `old_way` | the old way, rebuilt from its description |
//! | `corpus`, `question` | what is measured with |
//! | `bench`, `machine` | a run, and what it runs on |
//! | `statistics`, `row`, `table` | samples, rows, the table |
//! | `count` | instructions, held to a file |
//! | `soak` | a long run by hand |
//! | `cost_guide` | the figures of the cost guide, from the results |
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;
mod corpus;
mod cost_guide;
mod count;
mod machine;
mod old_way;
mod question;
mod row;
mod rows;
mod soak;
mod statistics;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::row::Row;

/// Measures ours and the old way in one run.
///
/// Writes results/bench-DATE-COMMIT.json and the table in docs/measurements.md. The exit code is 1
/// when a row could not be measured, and with --strict also when a bar is missed or a row was left out.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Small counts, under a minute: shows that every row can be made. Writes nothing unless
    /// --results is given.
    #[arg(long)]
    quick: bool,
    /// Fails when a bar is missed, and when a row was not measured.
    #[arg(long)]
    strict: bool,
    /// Only these measurements; writes no table.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(rows::NAMES))]
    only: Vec<String>,
    /// The desktop program, optimised: measures its window too. Needs Xvfb and WebKitWebDriver.
    #[arg(long, value_name = "PATH")]
    desktop: Option<PathBuf>,
    /// A folder with laws (XML or Markdown): measures how fast their articles are found too.
    #[arg(long, value_name = "DIR", env = "BEGRIP_BENCH_LAWS")]
    laws: Option<PathBuf>,
    /// The central server's program, optimised: measures sharing too. Needs PostgreSQL.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// For everything that is drawn by chance.
    #[arg(long, default_value_t = 20_260_101)]
    seed: u64,
    /// Measures nothing: writes the figures of docs/cost-guide.md from the results that are there.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop"])]
    cost_guide: bool,
    /// Measures nothing: counts instructions under Valgrind, and fails when something takes over 10 % more
    /// than is written down.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide"])]
    count: bool,
    /// With --count: writes down what it takes now.
    #[arg(long, requires = "count")]
    write: bool,
    /// Measures nothing else: works for so many minutes as several people do, and tells how memory, open handles and
    /// files grow meanwhile.
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["strict", "only", "desktop", "cost_guide", "count"])]
    soak: Option<f64>,
    /// The folder for the result file.
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// The page that gets the table.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    #[arg(long, hide = true, requires = "home")]
    child: Option<String>,
    #[arg(long, hide = true)]
    home: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("begrip-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True when the run counts as good.
fn run(arguments: Arguments) -> Result<bool> {
    if let (Some("count"), Some(home)) = (arguments.child.as_deref(), &arguments.home) {
        count::be_counted(home)?;
        return Ok(true);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if let (Some(kind), Some(home)) = (&arguments.child, &arguments.home) {
        let said = runtime.block_on(rows::be_child(kind, home, arguments.seed))?;
        println!("{said}");
        return Ok(true);
    }
    // Unoptimised figures say nothing: they may be made, but not kept.
    let for_keeps = !arguments.quick && !cfg!(debug_assertions);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    if arguments.count {
        let file = root.join("crates/begrip-bench/instructions.json");
        count::run(&file, arguments.write)?;
        return Ok(true);
    }
    if arguments.cost_guide {
        let results = arguments.results.unwrap_or_else(|| root.join("results"));
        let page = arguments
            .page
            .unwrap_or_else(|| root.join("docs/cost-guide.md"));
        put(&page, &cost_guide::table(&results)?)?;
        return Ok(true);
    }
    let mut bench = Bench::new(arguments.quick, arguments.seed, root.clone())?;
    bench.desktop.clone_from(&arguments.desktop);
    bench.laws.clone_from(&arguments.laws);
    bench.server.clone_from(&arguments.server);
    let mut about = About::begin(&bench);
    if let Some(minutes) = arguments.soak {
        let length = Duration::try_from_secs_f64(minutes * 60.0)?;
        // Some hundreds of samples, and none closer than a second.
        let every = (length / 300).max(Duration::from_secs(1));
        let outcome = runtime.block_on(soak::run(&bench, length, every))?;
        about.end();
        let folder = arguments.results.unwrap_or_else(|| root.join("results"));
        fs::create_dir_all(&folder)?;
        let file = folder.join(about.file_name("soak"));
        let result = json!({ "about": about.to_json(), "soak": outcome.file });
        fs::write(&file, serde_json::to_string(&result)? + "\n")?;
        println!("{}\n\n{}", about.sentence("soak"), outcome.table);
        return Ok(outcome.good);
    }
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    let folder = arguments
        .results
        .clone()
        .or_else(|| for_keeps.then(|| root.join("results")));
    for name in rows::NAMES {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| only == name) {
            continue;
        }
        let begun = std::time::Instant::now();
        match runtime.block_on(rows::measure(name, &bench)) {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                eprintln!("  {name} could not be measured: {error:#}");
                failures.push(format!("not measured: {name}: {error:#}"));
            }
        }
        eprintln!("{:>5} s  {name}", begun.elapsed().as_secs());
        about.end();
        // After each measurement, so that a run that is broken off leaves what it has.
        if let Some(folder) = &folder {
            let file = folder.join(about.file_name("bench"));
            fs::create_dir_all(folder)?;
            fs::write(&file, about.file(&rows, &failures)?)
                .with_context(|| file.display().to_string())?;
        }
    }
    let table = table::markdown(&rows);
    println!("{}\n\n{table}", about.sentence("bench"));
    let page = arguments.page.clone().or_else(|| {
        (for_keeps && arguments.only.is_empty()).then(|| root.join("docs/measurements.md"))
    });
    if let Some(page) = page {
        put(&page, &format!("{}\n\n{table}", about.sentence("bench")))?;
    }
    if for_keeps && arguments.only.is_empty() && arguments.results.is_none() {
        let guide = cost_guide::table(&root.join("results"))?;
        put(&root.join("docs/cost-guide.md"), &guide)?;
    }
    let (bars, told) = shortcomings(&rows);
    for line in told.iter().chain(&failures) {
        println!("{line}");
    }
    Ok(failures.is_empty() && (bars || !arguments.strict))
}

/// Whether every row was measured and holds its bar, and what to tell of those that do not.
fn shortcomings(rows: &[Row]) -> (bool, Vec<String>) {
    let told: Vec<String> = rows
        .iter()
        .filter_map(|row| match (row.missed(), row.unmeasured()) {
            (true, _) => Some(format!("bar missed: {} (`{}`)", row.what, row.id)),
            (_, true) => Some(format!("not measured: {} (`{}`)", row.what, row.id)),
            _ => None,
        })
        .collect();
    (told.is_empty(), told)
}

/// Puts `text` between the marks of a page.
fn put(page: &Path, text: &str) -> Result<()> {
    let old = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    fs::write(page, table::put_between_marks(&old, text)?)?;
    Ok(())
}

/// Under which circumstances was measured.
struct About {
    machine: machine::Machine,
    commit: String,
    changed: bool,
    begun: Timestamp,
    ended: Timestamp,
    load_before: Option<[f64; 3]>,
    load_after: Option<[f64; 3]>,
    quick: bool,
    seed: u64,
    concepts: usize,
}

impl About {
    fn begin(bench: &Bench) -> Self {
        let (commit, changed) = machine::commit(&bench.root);
        let now = Timestamp::now();
        Self {
            machine: machine::Machine::here(),
            commit,
            changed,
            begun: now,
            ended: now,
            load_before: machine::load(),
            load_after: None,
            quick: bench.quick,
            seed: bench.seed,
            concepts: bench.concepts,
        }
    }

    fn end(&mut self) {
        self.ended = Timestamp::now();
        self.load_after = machine::load();
    }

    /// The name of the result file of this kind of run.
    fn file_name(&self, kind: &str) -> String {
        let quick = if self.quick { "quick-" } else { "" };
        format!(
            "{kind}-{quick}{}-{}.json",
            self.begun.strftime("%Y-%m-%d"),
            self.commit
        )
    }

    /// One line for a reader.
    fn sentence(&self, kind: &str) -> String {
        let load = |load: Option<[f64; 3]>| load.map_or("?".to_owned(), |load| load[0].to_string());
        format!(
            "Measured on {} at commit `{}`{}{}: {}, {} cores, {:.0} GB, {}; load average {} before and {} after, \
             seed {}; raw samples in `results/{}`.",
            self.begun.strftime("%Y-%m-%d %H:%M UTC"),
            self.commit,
            if self.changed {
                " with changes that were not committed yet"
            } else {
                ""
            },
            if cfg!(debug_assertions) {
                ", NOT OPTIMISED"
            } else {
                ""
            },
            self.machine.cpu,
            self.machine.cores,
            self.machine.memory_mb / 1e3,
            self.machine.os,
            load(self.load_before),
            load(self.load_after),
            self.seed,
            self.file_name(kind),
        )
    }

    fn to_json(&self) -> Value {
        json!({
            "begun": self.begun.to_string(),
            "ended": self.ended.to_string(),
            "commit": self.commit,
            "changed_since_commit": self.changed,
            "optimised": !cfg!(debug_assertions),
            "quick": self.quick,
            "seed": self.seed,
            "generated_concepts": self.concepts,
            "load_average_before": self.load_before,
            "load_average_after": self.load_after,
            "machine": self.machine,
            "versions": {
                "begrip": env!("CARGO_PKG_VERSION"),
                "rule_pack": begrip_rules::RulePack::built_in().map(|pack| pack.version().to_owned()).ok(),
                "prompt": begrip_prompt::PROMPT_VERSION,
                "starter_set": begrip_app::starter::version(),
            },
        })
    }

    /// The result file: JSON, a row a line so that two results can be compared.
    fn file(&self, rows: &[Row], failures: &[String]) -> Result<String> {
        let rows: Vec<String> = rows.iter().map(|row| row.to_json().to_string()).collect();
        let text = format!(
            "{{\n\"about\": {},\n\"not_measured\": {},\n\"rows\": [\n{}\n]\n}}\n",
            self.to_json(),
            json!(failures),
            rows.join(",\n")
        );
        serde_json::from_str::<Value>(&text).context("the result file")?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Unit;
    use crate::statistics::Stat;

    #[test]
    fn a_run_is_good_only_when_every_row_was_measured_and_holds_its_bar() {
        let row = || Row::new("x", "x", (Unit::Calls, Stat::Max), "ours");
        let good = row().ours(vec![1.0]).must("1", |s| s.max <= 1.0);
        let missed = row().ours(vec![2.0]).must("1", |s| s.max <= 1.0);
        let unmeasured = row().must("1", |_| true);
        assert!(shortcomings(std::slice::from_ref(&good)).0);
        assert!(!shortcomings(&[good.clone(), missed]).0);
        let (holds, told) = shortcomings(&[good, unmeasured]);
        assert!(!holds && told == ["not measured: x (`x`)"]);
    }
}
