//! The packages: for a workstation .deb and .rpm, with the window and the `begrip` command; for the central
//! server .deb, and its container image.

mod image;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::shell::{UNIFIED, cargo, command, root, run, target};
use crate::{screens, system};

pub use image::image;

/// Which programs go into a package.
#[derive(Clone, Copy)]
pub enum Build {
    /// Built for it, optimised: what is handed out.
    Optimised,
    /// Those that the tests ran, as they are: for a test of what a package does, which need not wait a
    /// quarter of an hour for the other.
    Tested,
}

impl Build {
    /// Where cargo puts them.
    fn folder(self) -> PathBuf {
        target().join(match self {
            Self::Optimised => "release",
            Self::Tested => "debug",
        })
    }

    fn cargo(self, package: &str) -> Result<()> {
        let mut build = cargo(["build"]);
        run(match self {
            Self::Optimised => build.args(["--release", "--package", package]),
            Self::Tested => build.args(UNIFIED).arg("--bins"),
        })
    }
}

/// The packages that were made.
pub struct Made {
    /// The Debian package.
    pub deb: PathBuf,
    /// The Debian package of the server.
    pub server: PathBuf,
}

/// Makes all packages; the RPM of optimised programs alone. Works without network once dependencies are
/// fetched.
pub fn package(with: Build, yes: bool) -> Result<Made> {
    system::ensure(&[system::BUILD], yes)?;
    screens::build()?;
    with.cargo("begrip-cli")?;
    let bundles = with.folder().join("bundle");
    for kind in ["deb", "rpm"] {
        // An earlier version's package must not be taken for this one's.
        let _ = fs::remove_dir_all(bundles.join(kind));
    }
    let arguments: &[&str] = match with {
        Build::Optimised => &["build", "--ci", "--bundles", "deb,rpm", "--config"],
        Build::Tested => &["bundle", "--debug", "--ci", "--bundles", "deb", "--config"],
    };
    let tauri = root().join("ui/node_modules/.bin/tauri");
    let mut bundle = command(&tauri.to_string_lossy(), arguments);
    run(bundle.arg(with_command_line_tool(with).to_string()))?;
    let deb = only(&bundles.join("deb"), "deb")?;
    tell(&deb)?;
    if let Build::Optimised = with {
        tell(&only(&bundles.join("rpm"), "rpm")?)?;
    }
    let server = server(with)?;
    Ok(Made { deb, server })
}

/// Makes the package of the server alone: it needs nothing of a desktop.
pub fn server(with: Build) -> Result<PathBuf> {
    with.cargo("begrip-server")?;
    let deb = server::package(&with.folder())?;
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
fn with_command_line_tool(with: Build) -> Value {
    let files = json!({ "/usr/bin/begrip": with.folder().join("begrip") });
    json!({ "bundle": { "linux": { "deb": { "files": files }, "rpm": { "files": files } } } })
}

fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    fs::read_dir(folder)
        .with_context(|| format!("{} is missing", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("no .{extension} in {}", folder.display()))
}
