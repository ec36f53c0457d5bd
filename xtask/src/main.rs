//! The project's chores: `cargo xtask …`. Depends on next to nothing, because it is the first
//! thing that a newcomer builds.
// A chore speaks to a person at a terminal.
#![allow(clippy::print_stdout)]

mod chain;
mod chore;
mod demonstration;
mod generate;
mod lints;
mod locked;
mod package;
mod run;
mod screens;
mod shell;
mod system;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask CHORE [OPTIONS]

  run       Install what is missing, build, start the demonstration model when no model is
            configured, and open the window. Without a screen: walk the main road under Xvfb.
            --yes       install system packages without asking
            --headless  under Xvfb, also when there is a screen
            --release   an optimised build (takes longer)
  chain     Start the whole chain on this machine: a PostgreSQL of its own, the central server with its gateway
            to the demonstration model, five organisations with their users, and two windows; have a definition
            drafted in one and established in the other, and say so. At a terminal until Ctrl-C
            --no-windows  two commands that stay up to date instead of windows
            --yes         install system packages without asking
  test      Everything that must hold: freshness, format, lints, invariants, every test runner,
            the real window, the package.
            --fast      without browser, real window and package
            --yes       install system packages without asking
  foreign   Install the programs of others with which the tests try ours: an OpenID provider,
            schemathesis and Grafana's reader of dashboards (npm and pip, by lock files). `test` does it too
            --yes       install system packages without asking
  tidy      The invariants of ARCHITECTURE.md
  lints     Clippy over everything, on the dependencies that a build made already
  rules     Print how good the rules are: precision and recall over the labelled definitions, or over
            the files that are named (.toml labelled, .ttl SKOS concepts, .md a statute)
            --failures  every failure in real texts, with its reason
  retrieval Print how well and how fast articles are found in the laws of a folder, named behind it
            --failures    the questions whose article is not the first
            --write FILE  the table as Markdown too
            --check FILE  fail when fewer are found than such a table says
  along     Print which of those articles go along with a draft, by setting
            --embeddings URL MODEL  also in the order of a model of embeddings
            --write FILE            the table as Markdown too
  privacy   Print how much identifying text the privacy gate finds, what got out and what was replaced
            too much; files that are named are law without persons
            --write    write the figures into docs/privacy.md, and those of the laws behind it
  routing   Measure how often the form of a term tells its category and what a cheap model loses on the others, and
            write docs/routing.md
  bench     Measure, and write a result file to results/
  count     Count the instructions of a check, a prompt, a hit of the cache and a draft; fails when one takes
            over 10 % more than is written down in crates/begrip-bench/instructions.json
            --write    write down what it takes now
  hot-path  Write where the instructions of a check, a prompt and a repeated question go, the old way and ours, into
            docs/hot-path.md; some minutes
  package   Make the .deb and .rpm of the workstation and the .deb of the server
            --server    the one of the server alone
            --tested    the two .deb with the programs that the tests run, in a minute and not for use
  image     Make the container image of the server from a static program, and try it; needs buildah, no engine
            --yes       install system packages without asking
  fmt       Format the Rust sources (--check: only say whether it is needed)
  generate  Write the TypeScript types of the command schema (--check: only say if stale)
  deny      Licences, advisories and sources of the dependencies; needs `cargo install cargo-deny`
";

fn main() -> ExitCode {
    let done = match lints::asked() {
        Some(asked) => asked.compile(),
        None => chore(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        print!("{HELP}");
        return Ok(());
    };
    let options: Vec<String> = arguments.collect();
    std::env::set_current_dir(shell::root())?;
    let known: &[&str] = match name.as_str() {
        "run" => &["--yes", "--headless", "--release"],
        "test" => &["--fast", "--yes"],
        "package" => &["--server", "--tested", "--yes"],
        "chain" => &["--no-windows", "--yes"],
        "image" | "foreign" => &["--yes"],
        "count" => &["--write"],
        "fmt" | "generate" => &["--check"],
        _ => &[],
    };
    // What follows is for the measuring program or for cargo-deny.
    let passes_on = matches!(
        name.as_str(),
        "bench" | "deny" | "rules" | "retrieval" | "along" | "privacy"
    );
    if let Some(odd) = options
        .iter()
        .find(|option| !known.contains(&option.as_str()))
        && !passes_on
        && name != "help"
    {
        bail!("unknown option {odd}; see `cargo xtask help`");
    }
    let has = |option: &str| options.iter().any(|given| given == option);
    match name.as_str() {
        "run" => run::run(run::Wishes {
            yes: has("--yes"),
            headless: has("--headless"),
            release: has("--release"),
        }),
        "chain" => chain::chain(has("--yes"), !has("--no-windows")),
        "test" => test::test(has("--fast"), has("--yes")),
        "foreign" => locked::foreign(has("--yes")),
        "tidy" => tidy::tidy(),
        "lints" => lints::lints(),
        "bench" => chore::bench(&options),
        "count" => {
            system::ensure(&[system::COUNT], false)?;
            chore::count(&options)
        }
        "hot-path" => {
            system::ensure(&[system::COUNT], false)?;
            chore::hot_path()
        }
        "rules" => chore::rules(&options),
        "retrieval" => chore::retrieval(&options),
        "along" => chore::along(&options),
        "routing" => chore::routing(),
        "privacy" => chore::privacy(&options),
        "package" => {
            let with = match has("--tested") {
                true => package::Build::Tested,
                false => package::Build::Optimised,
            };
            match has("--server") {
                true => package::server(with).map(drop),
                false => package::package(with, has("--yes")).map(drop),
            }
        }
        "image" => package::image(has("--yes")).map(drop),
        "fmt" => chore::format(has("--check")),
        "generate" => generate::generate(has("--check")),
        "deny" => chore::deny(&options),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown chore {other}; see `cargo xtask help`"),
    }
}
