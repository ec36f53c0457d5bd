//! Everything that must hold, in the order in which a fault shows soonest.

use std::time::Instant;

use anyhow::{Context, Result};
use begrip_postgres::Cluster;

use crate::shell::{UNIFIED, cargo, run};
use crate::{chore, generate, locked, package, screens, system, tidy};

/// Runs every check; the first that fails ends the run.
///
/// `fast` leaves out what needs a browser, a real window or an optimised build.
pub fn test(fast: bool, yes: bool) -> Result<()> {
    let begun = Instant::now();
    let mut steps = Steps::default();
    steps.step("system packages", || {
        let mut groups = vec![
            system::BUILD,
            system::DATABASE,
            system::WATCH,
            system::COUNT,
        ];
        if !fast {
            groups.extend([system::DRIVE, system::KEYRING, system::BROWSER]);
        }
        system::ensure(&groups, yes)
    })?;
    steps.step("programs of others", || locked::foreign(yes))?;
    steps.step("format", || chore::format(true))?;
    steps.step("tidy", tidy::tidy)?;
    // The program embeds the screens: they come first.
    steps.step("screens: build", screens::build)?;
    steps.step("build", || {
        run(&mut cargo([
            "build",
            "--workspace",
            "--all-features",
            "--all-targets",
        ]))
    })?;
    steps.step("generated files", generate::check_built)?;
    steps.step("screens: types", || screens::script("check"))?;
    steps.step("screens: unit tests", || screens::script("test"))?;
    steps.step("tests", || {
        // One for all tests; each makes a database of its own in it. It ends with this step.
        let postgres = Cluster::start().context("PostgreSQL cannot be started")?;
        let mut tests = cargo(["test", "--no-fail-fast"]);
        tests.args(UNIFIED);
        tests.env(begrip_postgres::VARIABLE, postgres.socket());
        if fast {
            tests.env("BEGRIP_TEST_WINDOW", "off");
        }
        run(&mut tests)
    })?;
    steps.step("instructions", || chore::count(&[]))?;
    steps.step("lints", || {
        let mut lints = cargo(["clippy", "--all-targets"]);
        run(lints.args(UNIFIED).args(["--", "-D", "warnings"]))
    })?;
    if !fast {
        steps.step("screens: browser", || screens::script("e2e"))?;
        steps.step("package", || {
            let made = package::package(package::Build::Tested, yes)?;
            let mut test = cargo(["test"]);
            test.args(UNIFIED)
                .args(["--test", "package", "--test", "server_package"])
                .args(["--", "--nocapture"]);
            // Several of them install, and only one program at a time may.
            test.env("RUST_TEST_THREADS", "1");
            test.env("BEGRIP_TEST_SERVER_DEB", made.server);
            run(test.env("BEGRIP_TEST_DEB", made.deb))
        })?;
    }
    println!("\n{}", steps.table.join("\n"));
    println!("alles goed / all good, {} s", begun.elapsed().as_secs());
    Ok(())
}

#[derive(Default)]
struct Steps {
    table: Vec<String>,
}

impl Steps {
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n== {name}");
        let begun = Instant::now();
        work().with_context(|| format!("step `{name}`"))?;
        self.table
            .push(format!("{:>5} s  {name}", begun.elapsed().as_secs()));
        Ok(())
    }
}
