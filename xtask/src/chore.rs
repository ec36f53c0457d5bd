//! Chores that are one call of another program.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{UNIFIED, cargo, command, run, target};
use crate::{screens, system};

/// Formats the Rust sources, or says whether that is needed.
pub fn format(check: bool) -> Result<()> {
    let mut arguments = vec!["fmt", "--all"];
    if check {
        arguments.push("--check");
    }
    run(&mut cargo(arguments))
}

/// What the bench is asked instead of all its rows, or with programs of one's own.
const OTHER_THAN_ALL: [&str; 12] = [
    "--quick",
    "--cost-guide",
    "--load-table",
    "--sums",
    "--count",
    "--hot-path",
    "--real-model",
    "--soak",
    "--desktop",
    "--server",
    "--help",
    "--version",
];

/// Measures; see `docs/measurements.md` for what and how. Options go to the measuring program. The
/// programs that it measures are made first, optimised, with the screens as they are.
pub fn bench(options: &[String]) -> Result<()> {
    let is_other = |option: &String| {
        OTHER_THAN_ALL
            .iter()
            .any(|other| option.split('=').next() == Some(other))
    };
    if options.iter().any(is_other) {
        let what = [
            "run",
            "--release",
            "--quiet",
            "--package",
            "begrip-bench",
            "--",
        ];
        return run(cargo(what).args(options));
    }
    system::ensure(&[system::BUILD, system::DATABASE, system::DRIVE], false)?;
    screens::install()?;
    screens::build()?;
    run(&mut cargo([
        "build",
        "--release",
        "--package",
        "begrip",
        "--package",
        "begrip-cli",
        "--package",
        "begrip-server",
        "--package",
        "begrip-bench",
        "--bins",
        "--examples",
    ]))?;
    let release = target().join("release");
    let program = |name: &str| release.join(name).to_string_lossy().into_owned();
    let mut bench = command(
        &program("begrip-bench"),
        ["--desktop", &program("begrip-desktop")],
    );
    run(bench
        .args(["--server", &program("begrip-server")])
        .args(options))
}

/// Counts instructions, and fails when something takes over a tenth more than is written down; see
/// `docs/performance-test-plan.md`. Needs what [`crate::system::COUNT`] names.
pub fn count(options: &[String]) -> Result<()> {
    under_valgrind("--count", options)
}

/// Prints what a run measured into a folder, beside its targets; fails when one is broken.
pub fn gate(folder: &Path) -> Result<()> {
    let program = target().join("debug/begrip-bench");
    run(command(&program.to_string_lossy(), ["--gate"]).arg(folder))
}

/// Writes where the instructions of the hot path go into `docs/hot-path.md`. Needs the same.
pub fn hot_path() -> Result<()> {
    under_valgrind("--hot-path", &[])
}

/// The program as the tests build it, in which most functions are there to be told apart.
fn under_valgrind(what: &str, options: &[String]) -> Result<()> {
    let mut build = cargo(["build", "--bin", "begrip-bench"]);
    run(build.args(UNIFIED))?;
    let program = target().join("debug/begrip-bench");
    run(command(&program.to_string_lossy(), [what]).args(options))
}

/// Prints how good the rules are; see `docs/rule-quality.md`. Files and options go to the measuring
/// program.
pub fn rules(options: &[String]) -> Result<()> {
    let mut rules = cargo([
        "run",
        "--quiet",
        "--package",
        "begrip-rules",
        "--example",
        "rule_quality",
        "--",
    ]);
    run(rules.args(options))
}

/// Measures how well and how fast the articles of laws are found; see `docs/retrieval.md`. Optimised,
/// because a time is among the figures.
pub fn retrieval(options: &[String]) -> Result<()> {
    let mut retrieval = cargo([
        "run",
        "--quiet",
        "--release",
        "--package",
        "begrip-store",
        "--example",
        "retrieval",
        "--",
    ]);
    run(retrieval.args(options))
}

/// Measures which articles go along with a draft; see `docs/passages.md`.
pub fn along(options: &[String]) -> Result<()> {
    let along = [
        "run",
        "--quiet",
        "--package",
        "begrip-app",
        "--example",
        "along",
        "--",
    ];
    run(cargo(along).args(options))
}

/// Writes how often the form of a term tells its category, and what a cheap model loses on the others, into
/// `docs/routing.md`, where the tests hold it to.
pub fn routing() -> Result<()> {
    let measure = [
        "test",
        "--quiet",
        "--package",
        "begrip-app",
        "--test",
        "app",
        "--",
    ];
    let mut measure = cargo(measure);
    measure.args(["categories::", "small_models::"]);
    run(measure.env("BEGRIP_WRITE_DOCS", "1"))
}

/// Prints how well is pseudonymised, or writes it into `docs/privacy.md`. Options and files go to the
/// measuring program.
pub fn privacy(options: &[String]) -> Result<()> {
    let mut privacy = cargo([
        "run",
        "--quiet",
        "--package",
        "begrip-privacy",
        "--example",
        "privacy_figures",
        "--",
    ]);
    run(privacy.args(options))
}

/// Licences, advisories, bans and sources, by `deny.toml`. Advisories need the network.
pub fn deny(options: &[String]) -> Result<()> {
    let installed = cargo(["deny", "--version"])
        .output()
        .is_ok_and(|tried| tried.status.success());
    if !installed {
        bail!("cargo-deny is not installed; install it once: cargo install --locked cargo-deny");
    }
    let mut deny = cargo(["deny", "--all-features", "check"]);
    run(deny.args(options))
}
