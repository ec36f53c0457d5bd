//! The screens in `ui/`: dependencies, build, checks and tests.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::locked::{self, changed};
use crate::shell::{npm, root, run};

/// Installs the locked dependencies when the lock file changed since the last time.
pub fn install() -> Result<()> {
    locked::npm_at("ui")
}

/// Builds the screens when a source is newer than the build.
pub fn build() -> Result<()> {
    install()?;
    let ui = root().join("ui");
    let built = changed(&ui.join("dist/.begrip-built"));
    let sources = [
        "src",
        "public",
        "index.html",
        "package-lock.json",
        "vite.config.ts",
    ];
    let latest = sources
        .iter()
        .filter_map(|name| latest(&ui.join(name)))
        .max();
    if built.is_some() && built >= latest {
        return Ok(());
    }
    run(&mut npm(["run", "build"]))?;
    fs::write(ui.join("dist/.begrip-built"), "")?;
    Ok(())
}

/// Runs a script of `ui/package.json`. Errors: it is not there, or it fails.
pub fn script(name: &str) -> Result<()> {
    let text = fs::read_to_string(root().join("ui/package.json"))?;
    let package: Value = serde_json::from_str(&text)?;
    if package.pointer(&format!("/scripts/{name}")).is_none() {
        bail!("ui/package.json has no script `{name}`");
    }
    run(&mut npm(["run", name]))
}

/// The latest change of a file or of anything in a folder.
fn latest(path: &Path) -> Option<SystemTime> {
    let own = changed(path)?;
    let below = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| latest(&entry.ok()?.path()))
        .max();
    Some(below.map_or(own, |below| below.max(own)))
}
