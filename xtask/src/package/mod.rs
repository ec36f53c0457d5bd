//! The packages: for a workstation .deb and .rpm, with the window and the `begrip` command; for the central
//! server .deb.

mod server;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::shell::{cargo, command, root, run, target};
use crate::{screens, system};

/// The packages that were made.
pub struct Made {
    /// The Debian package.
    pub deb: PathBuf,
    /// The RPM package.
    pub rpm: PathBuf,
    /// The Debian package of the server.
    pub server: PathBuf,
}

/// Builds all packages, optimised. Works without network once dependencies are fetched.
pub fn package(yes: bool) -> Result<Made> {
    system::ensure(&[system::BUILD], yes)?;
    screens::build()?;
    run(&mut cargo([
        "build",
        "--release",
        "--package",
        "begrip-cli",
    ]))?;
    let bundles = target().join("release/bundle");
    for kind in ["deb", "rpm"] {
        // An earlier version's package must not be taken for this one's.
        let _ = fs::remove_dir_all(bundles.join(kind));
    }
    let tauri = root().join("ui/node_modules/.bin/tauri");
    let tauri = tauri.to_string_lossy();
    let mut build = command(
        &tauri,
        ["build", "--ci", "--bundles", "deb,rpm", "--config"],
    );
    run(build.arg(with_command_line_tool().to_string()))?;
    let made = Made {
        deb: only(&bundles.join("deb"), "deb")?,
        rpm: only(&bundles.join("rpm"), "rpm")?,
        server: server()?,
    };
    for path in [&made.deb, &made.rpm] {
        tell(path)?;
    }
    Ok(made)
}

/// Builds the package of the server alone, optimised: it needs nothing of a desktop.
pub fn server() -> Result<PathBuf> {
    run(&mut cargo([
        "build",
        "--release",
        "--package",
        "begrip-server",
    ]))?;
    let deb = server::package(&target().join("release"))?;
    tell(&deb)?;
    Ok(deb)
}

fn tell(package: &Path) -> Result<()> {
    let kilobytes = fs::metadata(package)?.len() / 1_000;
    println!("{} ({kilobytes} kB)", package.display());
    Ok(())
}

/// The command line tool goes into the packages beside the window. Laid over `tauri.conf.json`,
/// because only here it is known where cargo builds.
fn with_command_line_tool() -> Value {
    let files = json!({ "/usr/bin/begrip": target().join("release/begrip") });
    json!({ "bundle": { "linux": { "deb": { "files": files }, "rpm": { "files": files } } } })
}

fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    fs::read_dir(folder)
        .with_context(|| format!("{} is missing", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("no .{extension} in {}", folder.display()))
}
