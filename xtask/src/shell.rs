//! Runs other programs, and says so.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// What every build says, whatever it needs: cargo then gives each dependency the same features,
/// and nothing is compiled twice.
pub const UNIFIED: [&str; 2] = ["--workspace", "--all-features"];

/// A program with its arguments, run in the workspace.
pub fn command<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// This cargo.
pub fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    command(&cargo, arguments)
}

/// npm in `ui/`.
pub fn npm<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments);
    npm.current_dir(root().join("ui"));
    npm
}

thread_local! {
    /// What the programs of this thread print, while it is kept and not shown.
    static KEPT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does work whose programs print nothing: gives how it ended, and what [`run`] would have shown, also when the work
/// panicked. Of two at one time on one terminal nobody can read either.
pub fn keeping<T>(work: impl FnOnce() -> Result<T>) -> (Result<T>, String) {
    KEPT.set(Some(String::new()));
    // What it leaves half done is its own: nothing of it is looked at afterwards.
    let ended = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|with| {
        let said = with.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| with.downcast_ref::<&str>().copied());
        Err(anyhow!("it panicked: {}", said.unwrap_or("without a word")))
    });
    (ended, KEPT.take().unwrap_or_default())
}

/// Runs a command, showing it and what it prints. Errors: it cannot start, or it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let name = shown(command);
    let line = format!("$ {name}\n");
    let cannot = || format!("{name} cannot be started");
    command.stdin(Stdio::null());
    let status = if KEPT.with_borrow(Option::is_some) {
        let output = command.output().with_context(cannot)?;
        KEPT.with_borrow_mut(|kept| {
            let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
            kept.get_or_insert_default()
                .extend([line.as_str(), &said[0], &said[1]]);
        });
        output.status
    } else {
        print!("{line}");
        command.status().with_context(cannot)?
    };
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// What a command prints on its standard output. Errors: it cannot start, or it fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be started", shown(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// True when a program of this name can be found.
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
