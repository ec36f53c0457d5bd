//! Clippy over the whole workspace, on the dependencies that a build made already.
//!
//! `cargo clippy` checks every dependency anew, because what a check makes of it is another file than what a build
//! makes: on a clean clone that is some five hundred crates a second time. So here cargo builds, with this program
//! standing before the compiler of our own crates ([`Asked`]): it has Clippy look at each of them and make
//! no code. What is found is the same, and a warning is an error.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{UNIFIED, cargo, run, target};

/// Says to this program that it stands before the compiler.
const BEFORE: &str = "BEGRIP_XTASK_LINTS";

/// Between the lints for Clippy in its environment, as `cargo clippy` writes them.
const BETWEEN: &str = "__CLIPPY_HACKERY__";

/// Looks at every target of every crate of ours. Errors: something is found, or there is no Clippy.
pub fn lints() -> Result<()> {
    // Where cargo puts this program whatever else it builds; the one that runs may be gone by now.
    run(cargo(["build", "--quiet", "--bin", "xtask"]).args(UNIFIED))?;
    let own = target().join("debug/xtask");
    let mut build = cargo(["build", "--keep-going", "--all-targets"]);
    build.args(UNIFIED);
    build.env("RUSTC_WORKSPACE_WRAPPER", own).env(BEFORE, "1");
    build.env("CLIPPY_ARGS", ["-D", "warnings", ""].join(BETWEEN));
    run(&mut build)
}

/// A call of the compiler that cargo gave to this program.
pub struct Asked {
    compiler: OsString,
    arguments: Vec<OsString>,
}

/// What cargo asks for, when it has this program before the compiler.
pub fn asked() -> Option<Asked> {
    env::var_os(BEFORE)?;
    let mut given = env::args_os().skip(1);
    Some(Asked {
        compiler: given.next()?,
        arguments: given.collect(),
    })
}

impl Asked {
    /// Looks at a crate; what is asked about the compiler itself it answers. A build script is compiled as well, for
    /// cargo runs it. Error: something is found.
    pub fn compile(self) -> Result<()> {
        let name = self.name();
        if name.is_none_or(|name| name == "___") {
            return pass(Command::new(&self.compiler).args(&self.arguments));
        }
        if name.is_some_and(|name| name.starts_with("build_script_")) {
            pass(Command::new(&self.compiler).args(&self.arguments))?;
        }
        let clippy = Path::new(&self.compiler).with_file_name("clippy-driver");
        let clippy = if clippy.exists() {
            clippy
        } else {
            "clippy-driver".into()
        };
        let there = |path: &str| Path::new(path).exists();
        let mut look = Command::new(clippy);
        look.arg(&self.compiler);
        pass(look.args(self.arguments.iter().map(|one| without_code(one, there))))
    }

    /// The name of the crate; cargo calls what it only asks about `___`.
    fn name(&self) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        arguments.find(|one| *one == "--crate-name")?;
        arguments.next()?.to_str()
    }
}

/// An argument of the compiler, for no more than what a check makes: of a crate of ours there is no code to link,
/// where `there` says so of its file.
fn without_code(argument: &OsStr, there: impl Fn(&str) -> bool) -> OsString {
    let Some(text) = argument.to_str() else {
        return argument.to_owned();
    };
    if let Some(made) = text.strip_prefix("--emit=") {
        let told = if made.contains("dep-info") {
            "dep-info,"
        } else {
            ""
        };
        return format!("--emit={told}metadata").into();
    }
    if let Some((name, path)) = text.split_once('=')
        && let Some(stem) = path.strip_suffix(".rlib")
        && !there(path)
    {
        return format!("{name}={stem}.rmeta").into();
    }
    argument.to_owned()
}

/// Runs a program in the place of this one.
fn pass(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| command.get_program().to_string_lossy().into_owned())?;
    match status.code() {
        Some(0) => Ok(()),
        // It told what is wrong.
        Some(code) => std::process::exit(code),
        None => bail!("{status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_but_what_a_check_makes() {
        let of = |text: &str| without_code(text.as_ref(), |path| path.contains("serde"));
        for (asked, look) in [
            ("--emit=dep-info,metadata,link", "--emit=dep-info,metadata"),
            ("--emit=dep-info,link", "--emit=dep-info,metadata"),
            ("serde=/d/libserde-1.rlib", "serde=/d/libserde-1.rlib"),
            ("own=/d/libown-1.rlib", "own=/d/libown-1.rmeta"),
            ("own=/d/libown-1.rmeta", "own=/d/libown-1.rmeta"),
            ("--edition=2024", "--edition=2024"),
        ] {
            assert_eq!(of(asked), look);
        }
    }
}
