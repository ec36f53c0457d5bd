//! Everything that must hold, in the order in which a fault shows soonest.

use std::fs;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use begrip_postgres::Cluster;

use crate::shell::{UNIFIED, cargo, keeping, root, run, target};
use crate::{chore, generate, lints, locked, package, screens, system, tidy};

/// Says to the tests of the real window that another run of them has it.
const WINDOW: &str = "BEGRIP_TEST_WINDOW";

/// Runs every check; a step that fails ends the run, after what stands beside it.
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
            system::FOREIGN,
        ];
        if !fast {
            groups.extend([system::DRIVE, system::KEYRING, system::BROWSER]);
        }
        system::ensure(&groups, yes)
    })?;
    let gate = target().join("gate");
    steps.step("format", || {
        // Nothing of an earlier run is taken for one of this.
        let _ = fs::remove_dir_all(&gate);
        fs::create_dir_all(&gate)?;
        chore::format(true)
    })?;
    steps.step("tidy", tidy::tidy)?;
    // The program embeds the screens: they come first.
    steps.step("screens: build", screens::build)?;
    // A build waits for one crate after the other where each needs the one before.
    steps.beside(
        |steps| {
            steps.step("build", || {
                run(&mut cargo([
                    "build",
                    "--workspace",
                    "--all-features",
                    "--all-targets",
                ]))
            })
        },
        |steps| {
            steps.step("programs of others", || locked::foreign(yes))?;
            steps.step("screens: format", || screens::script("format:check"))?;
            steps.step("screens: types", || screens::script("check"))?;
            steps.step("screens: unit tests", || screens::script("test"))
        },
    )?;
    steps.step("generated files", generate::check_built)?;
    // One for all tests; each makes a database of its own in it.
    let postgres = Cluster::start().context("PostgreSQL cannot be started")?;
    // Windows and browsers wait, for themselves and for each other, more than they work.
    steps.beside(
        |steps| {
            steps.step("tests", || {
                let mut tests = cargo(["test", "--no-fail-fast"]);
                tests.args(UNIFIED).env(WINDOW, "off");
                tests.env("BEGRIP_GATE", &gate);
                tests.env("BEGRIP_LOAD_RESULTS", &gate);
                run(tests.env(begrip_postgres::VARIABLE, postgres.socket()))
            })?;
            steps.step("lints", lints::lints)
        },
        |steps| {
            if !fast {
                steps.step("tests of the whole product, in the real window", || {
                    let mut tests = cargo(["test", "--no-fail-fast"]);
                    tests.args(UNIFIED).args(in_windows()?).env_remove(WINDOW);
                    run(tests.env(begrip_postgres::VARIABLE, postgres.socket()))
                })?;
                steps.step("screens: browser", || screens::script("e2e"))?;
            }
            let keep = ["--results".to_owned(), gate.to_string_lossy().into_owned()];
            steps.step("instructions", || chore::count(&keep))
        },
    )?;
    drop(postgres);
    if !fast {
        steps.step("package", || {
            let made = package::package(package::Build::Tested, yes)?;
            let mut test = cargo(["test"]);
            test.args(UNIFIED)
                .args(PACKAGES.iter().flat_map(|name| ["--test", name]))
                .args(["--", "--nocapture"]);
            // Several of them install, and only one program at a time may.
            test.env("RUST_TEST_THREADS", "1");
            test.env("BEGRIP_TEST_SERVER_DEB", made.server);
            run(test.env("BEGRIP_TEST_DEB", made.deb))
        })?;
    }
    steps.step("performance", || chore::gate(&gate))?;
    println!("\n{}", steps.table.join("\n"));
    println!("alles goed / all good, {} s", begun.elapsed().as_secs());
    Ok(())
}

/// Tries what `package` makes, in a step of its own.
const PACKAGES: [&str; 2] = ["package", "server_package"];

/// What cargo is told to run the tests in `tests/` that need a window: all of them, so that a new one is not forgotten.
/// The others ran with those of the crates.
fn in_windows() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("tests"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        if let (Some(name), true) = (name, path.extension().is_some_and(|end| end == "rs"))
            && !PACKAGES.contains(&name)
            && fs::read_to_string(&path)?.contains("needs_window!(")
        {
            names.extend(["--test".to_owned(), name.to_owned()]);
        }
    }
    Ok(names)
}

/// The steps that were done.
#[derive(Default)]
struct Steps {
    table: Vec<String>,
    /// Others are done at this time, and theirs is the terminal.
    aside: bool,
}

impl Steps {
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let begun = Instant::now();
        let ended = if self.aside {
            println!("\n== {name}: beside this; told when it has ended");
            let (ended, said) = keeping(work);
            println!("\n== {name}\n{said}");
            ended
        } else {
            println!("\n== {name}");
            work()
        };
        ended.with_context(|| format!("step `{name}`"))?;
        let note = if self.aside { " (beside)" } else { "" };
        let seconds = begun.elapsed().as_secs();
        self.table.push(format!("{seconds:>5} s  {name}{note}"));
        Ok(())
    }

    /// Does steps in two rows at one time. When one fails the other goes on to its end, so that one run tells of both.
    fn beside(
        &mut self,
        here: impl FnOnce(&mut Self) -> Result<()>,
        aside: impl FnOnce(&mut Self) -> Result<()> + Send,
    ) -> Result<()> {
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut steps = Self {
                    aside: true,
                    ..Self::default()
                };
                (aside(&mut steps), steps.table)
            });
            let ended = here(self);
            let (other, table) = other.join().map_err(|_| anyhow!("a step panicked"))?;
            self.table.extend(table);
            match (ended, other) {
                (Err(one), Err(other)) => bail!("{one:#}\nand {other:#}"),
                (one, other) => one.and(other),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::command;

    #[test]
    fn steps_beside_each_other_all_end_and_each_fault_is_told() {
        let mut steps = Steps::default();
        let (said, heard) = std::sync::mpsc::channel();
        let both = steps.beside(
            |steps| steps.step("one", || bail!("the one is wrong")),
            |steps| {
                steps.step("other", || Ok(said.send("went on")?))?;
                steps.step("third", || run(&mut command("false", [""; 0])))
            },
        );
        assert_eq!(heard.recv(), Ok("went on"));
        let told = both.unwrap_err().to_string();
        assert!(told.contains("step `one`: the one is wrong"), "{told}");
        assert!(told.contains("step `third`: false failed"), "{told}");
        assert!(
            steps.table[0].ends_with("other (beside)"),
            "{:?}",
            steps.table
        );
    }

    #[test]
    fn a_panic_beside_tells_what_its_programs_said_and_lets_the_other_row_end() {
        let (ended, said) = keeping(|| {
            run(&mut command("echo", ["the last words"]))?;
            let nothing: [u8; 0] = [];
            Ok(nothing[said_length()])
        });
        let told = ended.unwrap_err().to_string();
        assert!(told.contains("it panicked: index out of bounds"), "{told}");
        assert_eq!(said, "$ echo the last words\nthe last words\n");

        let mut steps = Steps::default();
        let both = steps.beside(
            |steps| steps.step("one", || Ok(())),
            |steps| steps.step("other", || panic!("beside itself")),
        );
        let told = format!("{:#}", both.unwrap_err());
        assert_eq!(told, "step `other`: it panicked: beside itself");
        assert!(steps.table[0].ends_with("one"), "{:?}", steps.table);
    }

    /// A length that the compiler does not know beforehand.
    fn said_length() -> usize {
        std::env::args().count()
    }

    #[test]
    fn what_goes_on_beside_is_kept_whole() {
        let (ended, said) = keeping(|| {
            run(&mut command("sh", ["-c", "echo out; echo err >&2"]))?;
            run(&mut command("false", [""; 0]))
        });
        assert!(ended.is_err());
        assert_eq!(said, "$ sh -c echo out; echo err >&2\nout\nerr\n$ false\n");
    }

    #[test]
    fn every_test_that_needs_a_window_is_named_and_no_other() {
        let named = in_windows().unwrap();
        for (name, expected) in [
            ("main_road", true),
            ("sharing", true),
            ("window_faults", true),
            ("policy", false),
            ("package", false),
            ("server_package", false),
        ] {
            assert_eq!(named.iter().any(|known| known == name), expected, "{name}");
        }
        assert_eq!(
            named.iter().filter(|name| *name == "--test").count() * 2,
            named.len()
        );
    }
}
