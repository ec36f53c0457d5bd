//! The Debian package of the central server: the program, its unit, its settings, its guide.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::{command, read, root, run};

/// What goes in: where from, where to, and who may read it. The settings may hold a password; the user of the
/// service gets them when it is made.
const FILES: &[(&str, &str, u32)] = &[
    (
        "deploy/server/begrip-server.service",
        "usr/lib/systemd/system/begrip-server.service",
        0o644,
    ),
    (
        "deploy/server/server.toml",
        "etc/begrip-server/server.toml",
        0o640,
    ),
    (
        "docs/operator-guide.md",
        "usr/share/doc/begrip-server/operator-guide.md",
        0o644,
    ),
    ("LICENSE.md", "usr/share/doc/begrip-server/copyright", 0o644),
    (
        "deploy/grafana/begrip-server.json",
        "usr/share/doc/begrip-server/examples/grafana.json",
        0o644,
    ),
    (
        "deploy/prometheus/begrip-server.rules.yml",
        "usr/share/doc/begrip-server/examples/begrip-server.rules.yml",
        0o644,
    ),
    (
        "deploy/prometheus/prometheus.yml",
        "usr/share/doc/begrip-server/examples/prometheus.yml",
        0o644,
    ),
];

/// What runs when the package is installed and removed. The service is not started: it has no database yet.
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

/// Makes the package of the program that stands in this folder, beside it. Errors: there is no `dpkg-deb`.
pub fn package(folder: &Path) -> Result<PathBuf> {
    let tree = folder.join("bundle/server");
    // An earlier version's files must not come along.
    let _ = fs::remove_dir_all(&tree);
    let program = folder.join("begrip-server");
    put(&program, &tree.join("usr/bin/begrip-server"), 0o755)?;
    for (from, to, mode) in FILES {
        put(&root().join(from), &tree.join(to), *mode)?;
    }
    let control = tree.join("DEBIAN");
    for name in SCRIPTS {
        let from = root().join("deploy/server/debian").join(name);
        put(&from, &control.join(name), 0o755)?;
    }
    fs::write(
        control.join("conffiles"),
        "/etc/begrip-server/server.toml\n",
    )?;
    let architecture = read(&mut command("dpkg", ["--print-architecture"]))?;
    let architecture = architecture.trim();
    fs::write(
        control.join("control"),
        about(architecture, kilobytes(&tree)?)?,
    )?;
    let version = env!("CARGO_PKG_VERSION");
    let deb = tree.with_file_name(format!("begrip-server_{version}_{architecture}.deb"));
    let mut build = command("dpkg-deb", ["--root-owner-group", "--build"]);
    run(build.arg(&tree).arg(&deb))?;
    Ok(deb)
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let folder = to.parent().context("a file stands in a folder")?;
    for folder in folder.ancestors().take_while(|folder| !folder.exists()) {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    fs::copy(from, to).with_context(|| format!("{}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// What the files take once they are installed.
fn kilobytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += match entry.file_type()?.is_dir() {
            true => kilobytes(&entry.path())?,
            false => entry.metadata()?.len().div_ceil(1_024),
        };
    }
    Ok(sum)
}

/// It runs on the C library that it was built on, and on later ones.
fn about(architecture: &str, kilobytes: u64) -> Result<String> {
    let library = read(&mut command("getconf", ["GNU_LIBC_VERSION"]))?;
    let library = library.split_whitespace().nth(1).context("getconf")?;
    Ok(format!(
        "Package: begrip-server\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: Begrip <begrip@example.org>\n\
         Installed-Size: {kilobytes}\n\
         Depends: libc6 (>= {library}), passwd\n\
         Recommends: ca-certificates\n\
         Suggests: postgresql (>= 15), prometheus\n\
         Section: net\n\
         Priority: optional\n\
         Description: central server of Begrip\n \
         Organisations share legal definitions by it: sync, review and a trail of\n \
         what happened. It keeps everything in PostgreSQL.\n",
        version = env!("CARGO_PKG_VERSION"),
    ))
}
