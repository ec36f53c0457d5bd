//! The Debian package: what is in it, and that the installed program works.
//!
//! `cargo xtask test` makes the package first and names it in `BEGRIP_TEST_DEB`; without that
//! variable there is nothing to test, and the tests say so.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use window::{Session, Workplace};

fn package() -> Option<PathBuf> {
    let path = std::env::var_os("BEGRIP_TEST_DEB").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: BEGRIP_TEST_DEB names no package (`cargo xtask test` makes one)");
    }
    path
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {text}{errors}"
    );
    text
}

/// The package on this machine: installed by dpkg as root, unpacked in a clean folder otherwise.
/// Gone again when dropped.
struct Installed {
    root: PathBuf,
    folder: Option<TempDir>,
}

impl Installed {
    fn new(deb: &Path) -> Self {
        let deb = deb.to_str().unwrap();
        if output("id", &["-u"]).trim() == "0" && !Path::new("/usr/bin/begrip-desktop").exists() {
            output("dpkg", &["--install", deb]);
            return Self {
                root: PathBuf::from("/"),
                folder: None,
            };
        }
        let folder = tempfile::tempdir().unwrap();
        output(
            "dpkg-deb",
            &["--extract", deb, folder.path().to_str().unwrap()],
        );
        Self {
            root: folder.path().to_owned(),
            folder: Some(folder),
        }
    }

    fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Removes it and says what it left behind.
    fn remove(mut self) -> Vec<PathBuf> {
        let files = ["usr/bin/begrip-desktop", "usr/bin/begrip"].map(|path| self.file(path));
        match self.folder.take() {
            Some(folder) => drop(folder),
            None => drop(output("dpkg", &["--purge", "begrip"])),
        }
        // Nothing is left to do when this is dropped.
        self.root = PathBuf::new();
        files.into_iter().filter(|path| path.exists()).collect()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if self.root == Path::new("/") {
            let _ = Command::new("dpkg").args(["--purge", "begrip"]).status();
        }
    }
}

#[test]
fn the_package_names_its_maker_its_licence_and_what_it_needs() {
    let Some(deb) = package() else { return };
    let control = output("dpkg-deb", &["--info", deb.to_str().unwrap()]);
    for wanted in [
        "Package: begrip",
        "Maintainer: Begrip",
        "libwebkit2gtk-4.1-0",
        "libgtk-3-0",
        "libssl3",
    ] {
        assert!(control.contains(wanted), "{wanted}: {control}");
    }
    let files = output("dpkg-deb", &["--contents", deb.to_str().unwrap()]);
    for wanted in [
        "usr/bin/begrip-desktop\n",
        "usr/bin/begrip\n",
        "usr/share/applications/",
        "usr/share/doc/begrip/copyright",
        "usr/share/icons/hicolor/128x128/apps/",
    ] {
        assert!(files.contains(wanted), "{wanted}: {files}");
    }
    assert!(
        !files.contains("loopback") && !files.contains("mock"),
        "{files}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installed_program_looks_a_term_up_and_goes_away_again() {
    let Some(deb) = package() else { return };
    needs_window!();
    let installed = Installed::new(&deb);

    let desktop = fs::read_dir(installed.file("usr/share/applications")).unwrap();
    let names: Vec<String> = desktop
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.to_lowercase().contains("begrip")),
        "{names:?}"
    );

    let workplace = Workplace::offline();
    let session =
        Session::start_program(installed.file("usr/bin/begrip-desktop"), &workplace).await;
    window::road::look_up(&session.page, "verdachte").await;
    session.page.screenshot("installed").await;
    session.close().await;

    // The command of the same package finds the same on the same workplace.
    let begrip = Command::new(installed.file("usr/bin/begrip"))
        .args(["lookup", "verdachte", "--json"])
        .envs(workplace.environment())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let hits: Value = serde_json::from_slice(&begrip.stdout).unwrap();
    assert!(hits.to_string().contains("verdachte"), "{hits}");

    assert_eq!(installed.remove(), Vec::<PathBuf>::new());
}
