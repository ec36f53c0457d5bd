//! What a lock file names, installed beside it, and again only when the file changed.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::shell::{command, has, npm, root, run};
use crate::system;

/// Where programs of others stand with which the tests try ours.
const FOREIGN: &str = "tests/foreign";

/// Installs the programs of others with which the tests try ours: an OpenID provider by npm, schemathesis and Grafana's
/// own reader of dashboards by pip. Each version and each hash stands in a lock file.
///
/// Errors: there is no Node.js, no Python, or a package cannot be had.
pub fn foreign(yes: bool) -> Result<()> {
    system::ensure(&[system::FOREIGN], yes)?;
    npm_at(FOREIGN)?;
    python(FOREIGN)
}

/// Installs what `package-lock.json` in a folder names. Errors: there is no Node.js, or a package cannot be had.
pub fn npm_at(folder: &str) -> Result<()> {
    if !has(if cfg!(windows) { "npm.cmd" } else { "npm" }) {
        bail!("Node.js 20 or newer with npm is needed: https://nodejs.org");
    }
    let folder = root().join(folder);
    let stamp = folder.join("node_modules/.begrip-installed");
    once(&folder.join("package-lock.json"), &stamp, || {
        run(npm(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))
    })
}

/// Installs what `requirements.txt` in a folder names, hash by hash, in an environment of its own. Errors: there is no
/// Python, or a package cannot be had.
fn python(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let (lock, own) = (folder.join("requirements.txt"), folder.join(".venv"));
    once(&lock, &own.join(".begrip-installed"), || {
        // What an earlier lock file named must not stay.
        let _ = fs::remove_dir_all(&own);
        run(command("python3", ["-m", "venv"]).arg(&own))?;
        let pip = own.join("bin/pip");
        let mut install = command(&pip.to_string_lossy(), ["install", "--quiet", "--no-deps"]);
        install.args([
            "--disable-pip-version-check",
            "--require-hashes",
            "--requirement",
        ]);
        run(install.arg(&lock))
    })
}

/// Does this when the lock file is newer than the stamp, and sets the stamp when it went well.
fn once(lock: &Path, stamp: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let newest = changed(lock).with_context(|| format!("{} is missing", lock.display()))?;
    if changed(stamp).is_some_and(|installed| installed >= newest) {
        return Ok(());
    }
    install()?;
    fs::write(stamp, "")?;
    Ok(())
}

/// When a file was changed; none when it is not there.
pub fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}
