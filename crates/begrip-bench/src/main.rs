//! `begrip-bench`: measures ours and the old way in one run, taking turns, and writes what it
//! found: a result file with raw samples, and a table for `docs/measurements.md`.
//!
//! | file | holds |
//! |---|---|
//! | `rows` | the measurements |
//! | `old_way` | the old way, rebuilt from its description |
//! | `corpus`, `question` | what is measured with |
//! | `bench` | a run |
//! | `row`, `table` | rows, the table |
//! | `sums` | what one thing takes on the server, for the operator's guide |
//! | `load_table` | the table of the server under load, from the results |
//! | `count` | instructions, held to a file |
//! | `gate` | what a run of the test command measured, held to its targets |
//! | `hot_path`, `flame` | where they go, before and after; pictures of it |
//! | `real_model` | a model server that is not ours |
//! | `soak` | a long run by hand |
//! | `cost_guide` | the figures of the cost guide, from the results |
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;
mod corpus;
mod cost_guide;
mod count;
mod flame;
mod gate;
mod hot_path;
mod load_table;
mod old_way;
mod question;
mod real_model;
mod row;
mod rows;
mod soak;
mod sums;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use begrip_measure::about::About;
use begrip_measure::page;
use clap::Parser;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::real_model::Real;
use crate::row::Row;

/// As in the window's program.
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Whose part of a page the bench writes.
const MEASURES: &str = "cargo xtask bench";

/// And those of a run of some rows.
const MEASURES_APART: &str = "cargo xtask bench --apart";

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
    /// With --only: writes these rows into docs/measurements.md, as measured apart. A whole run takes them out again.
    #[arg(long, requires = "only")]
    apart: bool,
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
    /// Measures nothing: writes the table of the server under load in docs/measurements.md from the results that
    /// are there.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide"])]
    load_table: bool,
    /// Measures nothing: writes what one thing takes on the server, and what follows from that, into
    /// docs/operator-guide.md from the results that are there.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide", "load_table"])]
    sums: bool,
    /// Measures nothing: counts instructions under Valgrind, and fails when something takes over 10 % more
    /// than is written down.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide"])]
    count: bool,
    /// Measures nothing: prints the figures in a folder of short results beside their targets, and fails when one is
    /// broken that holds on any machine.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide", "count"])]
    gate: Option<PathBuf>,
    /// With --count and --gate: the instructions that are written down.
    #[arg(long, value_name = "FILE")]
    instructions: Option<PathBuf>,
    /// Measures nothing else: counts under Valgrind where the instructions of the hot path go, the old way and ours,
    /// and writes results/hot-path-DATE-COMMIT.json, the tables of docs/hot-path.md and its flame graphs.
    #[arg(long, conflicts_with_all = ["quick", "strict", "only", "desktop", "cost_guide", "count"])]
    hot_path: bool,
    /// Measures nothing else: tries a model server that is not ours at this address, whose key is in BEGRIP_LLM_KEY, and
    /// writes results/real-model-DATE-COMMIT.json and its part of docs/measurements.md.
    #[arg(long, value_name = "URL", requires = "model", conflicts_with_all = ["strict", "only", "desktop", "cost_guide", "count", "gate", "hot_path", "soak"])]
    real_model: Option<String>,
    /// With --real-model: the model's name there.
    #[arg(long, value_name = "NAME", requires = "real_model")]
    model: Option<String>,
    /// With --count: writes down what it takes now.
    #[arg(long, requires = "count")]
    write: bool,
    /// Measures nothing else: works for so many minutes as several people do, and tells how memory, open handles and
    /// files grow meanwhile.
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["strict", "only", "desktop", "cost_guide", "count"])]
    soak: Option<f64>,
    /// With --soak: actions in a second, whether or not those before them are done.
    #[arg(long, value_name = "A_SECOND", default_value_t = soak::A_SECOND, requires = "soak")]
    rate: f64,
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
    #[arg(long, hide = true, default_value_t = corpus::MOST)]
    concepts: usize,
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
    if let (Some(child), Some(home)) = (arguments.child.as_deref(), &arguments.home) {
        let kinds: Option<&[_]> = match child {
            "count" => Some(&count::COUNTED),
            "hot-path" => Some(&hot_path::PROFILED),
            _ => None,
        };
        if let Some(kinds) = kinds {
            count::be_counted(home, kinds)?;
            return Ok(true);
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if let (Some(bench::GENERATE), Some(home)) = (arguments.child.as_deref(), &arguments.home) {
        bench::generate(home, arguments.concepts, arguments.seed)?;
        return Ok(true);
    }
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
    let instructions = arguments
        .instructions
        .unwrap_or_else(|| root.join("crates/begrip-bench/instructions.json"));
    if arguments.count {
        count::run(&instructions, arguments.write, arguments.results.as_deref())?;
        return Ok(true);
    }
    if let Some(folder) = &arguments.gate {
        gate::run(folder, &instructions)?;
        return Ok(true);
    }
    if arguments.cost_guide {
        let results = arguments.results.unwrap_or_else(|| root.join("results"));
        let page = arguments
            .page
            .unwrap_or_else(|| root.join("docs/cost-guide.md"));
        put(&page, MEASURES, &cost_guide::table(&results)?)?;
        return Ok(true);
    }
    if arguments.load_table {
        let results = arguments.results.unwrap_or_else(|| root.join("results"));
        let page = arguments
            .page
            .unwrap_or_else(|| root.join("docs/measurements.md"));
        put(&page, load_table::COMMAND, &load_table::table(&results)?)?;
        return Ok(true);
    }
    if arguments.sums {
        let results = arguments.results.unwrap_or_else(|| root.join("results"));
        let page = arguments
            .page
            .unwrap_or_else(|| root.join("docs/operator-guide.md"));
        put(&page, sums::COMMAND, &sums::tables(&results)?)?;
        return Ok(true);
    }
    // A run of some rows is no result of all.
    let kind = match arguments.only.is_empty() {
        true => "bench",
        false => "bench-only",
    };
    let mut bench = Bench::new(arguments.quick, arguments.seed, root.clone())?;
    bench.desktop.clone_from(&arguments.desktop);
    bench.laws.clone_from(&arguments.laws);
    bench.server.clone_from(&arguments.server);
    let mut about = about(&bench);
    if arguments.hot_path {
        let found = hot_path::measure()?;
        about.end();
        let folder = arguments.results.unwrap_or_else(|| root.join("results"));
        fs::create_dir_all(&folder)?;
        let result = json!({ "about": about.to_json(), "items": found.items });
        let file = folder.join(about.file_name("hot-path"));
        fs::write(&file, serde_json::to_string_pretty(&result)? + "\n")?;
        let page = arguments
            .page
            .unwrap_or_else(|| root.join("docs/hot-path.md"));
        let text = format!("{}\n\n{}", about.sentence("hot-path"), found.tables);
        let beside = page.parent().unwrap_or(Path::new(".")).join("pictures");
        fs::create_dir_all(&beside)?;
        for (name, picture) in found.pictures {
            fs::write(beside.join(name), picture)?;
        }
        put(&page, "cargo xtask hot-path", &text)?;
        return Ok(true);
    }
    if let (Some(url), Some(model)) = (arguments.real_model, arguments.model) {
        let key = std::env::var("BEGRIP_LLM_KEY").ok();
        about = about.with("model", model.as_str());
        let real = Real { url, model, key };
        let (rows, failures) = runtime.block_on(real_model::measure(&bench, &real))?;
        about.end();
        let text = format!(
            "{} The model is `{}`.\n\n{}",
            about.sentence("real-model"),
            real.model,
            table::of_a_real_model(&rows)
        );
        println!("{text}");
        let kept = for_keeps.then(|| root.join("results"));
        if let Some(folder) = arguments.results.or(kept) {
            fs::create_dir_all(&folder)?;
            let file = folder.join(about.file_name("real-model"));
            fs::write(&file, result(&about, &rows, &failures)?)?;
        }
        failures.iter().for_each(|failure| eprintln!("{failure}"));
        let kept = for_keeps.then(|| root.join("docs/measurements.md"));
        if let Some(page) = arguments.page.or(kept) {
            put(&page, real_model::COMMAND, &text)?;
        }
        return Ok(failures.is_empty() && !rows.iter().any(Row::missed));
    }
    if let Some(minutes) = arguments.soak {
        let length = Duration::try_from_secs_f64(minutes * 60.0)?;
        // Some hundreds of samples, and none closer than a second.
        let every = (length / 300).max(Duration::from_secs(1));
        let pace = soak::Pace {
            length,
            every,
            rate: arguments.rate,
        };
        let mut run = runtime.block_on(soak::run(&bench, about, pace))?;
        let folder = arguments.results.unwrap_or_else(|| root.join("results"));
        println!("{}", run.write(&folder)?.display());
        let missed = run.missed();
        missed
            .iter()
            .for_each(|says| println!("bar missed: {says}"));
        return Ok(missed.is_empty());
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
            let file = folder.join(about.file_name(kind));
            fs::create_dir_all(folder)?;
            fs::write(&file, result(&about, &rows, &failures)?)
                .with_context(|| file.display().to_string())?;
        }
    }
    let told = format!("{}\n\n{}", about.sentence(kind), table::markdown(&rows));
    println!("{told}");
    let page = arguments
        .page
        .clone()
        .or_else(|| for_keeps.then(|| root.join("docs/measurements.md")));
    match (page, arguments.only.is_empty(), arguments.apart) {
        (Some(page), true, _) => {
            put(&page, MEASURES, &told)?;
            put(&page, MEASURES_APART, NONE_APART)?;
        }
        (Some(page), false, true) => put(&page, MEASURES_APART, &told)?,
        _ => {}
    }
    // It goes by the latest result that has a row: one of a part too.
    if for_keeps && arguments.results.is_none() {
        let guide = cost_guide::table(&root.join("results"))?;
        put(&root.join("docs/cost-guide.md"), MEASURES, &guide)?;
    }
    let (bars, told) = shortcomings(&rows);
    for line in told.iter().chain(&failures) {
        println!("{line}");
    }
    Ok(failures.is_empty() && (bars || !arguments.strict))
}

/// What stands there after a run of all rows.
const NONE_APART: &str = "None since the run above.";

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

/// Puts `text` between the marks of a command on a page.
fn put(page: &Path, command: &str, text: &str) -> Result<()> {
    let old = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    fs::write(page, page::put_between_marks(&old, command, text)?)?;
    Ok(())
}

/// The head of a result: the run, and the versions of what was measured.
fn about(bench: &Bench) -> About {
    About::begin(&bench.root, !cfg!(debug_assertions), bench.quick, bench.seed)
        .with("generated_concepts", bench.concepts)
        .with(
            "versions",
            json!({
                "begrip": env!("CARGO_PKG_VERSION"),
                "rule_pack": begrip_rules::RulePack::built_in().map(|pack| pack.version().to_owned()).ok(),
                "prompt": begrip_prompt::PROMPT_VERSION,
                "starter_set": begrip_app::starter::version(),
            }),
        )
}

/// The result file: JSON, a row a line so that two results can be compared.
fn result(about: &About, rows: &[Row], failures: &[String]) -> Result<String> {
    let rows: Vec<String> = rows.iter().map(|row| row.to_json().to_string()).collect();
    let text = format!(
        "{{\n\"about\": {},\n\"not_measured\": {},\n\"rows\": [\n{}\n]\n}}\n",
        about.to_json(),
        json!(failures),
        rows.join(",\n")
    );
    serde_json::from_str::<Value>(&text).context("the result file")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Unit;
    use begrip_measure::statistics::Stat;

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
