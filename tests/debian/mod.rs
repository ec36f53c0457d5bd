//! A Debian package on this machine: installed, its programs run, and gone again with the test.
//!
//! Both packages' tests use this, each another part of it.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The package that `cargo xtask test` made and named in this variable. Without it there is nothing
/// to test, and that is said.
pub fn package(variable: &str) -> Option<String> {
    let path = std::env::var(variable).ok();
    if path.is_none() {
        eprintln!("skipped: {variable} names no package (`cargo xtask test` makes one)");
    }
    path
}

/// What a program did.
pub fn output(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// What a program says that must succeed.
#[track_caller]
pub fn said(program: &str, arguments: &[&str]) -> String {
    let output = output(program, arguments);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The package on this machine: installed by dpkg as root where it is not there yet, unpacked in a
/// clean folder otherwise. Gone again when dropped.
pub struct Installed {
    root: PathBuf,
    name: &'static str,
    /// Nothing when dpkg has it.
    folder: Option<TempDir>,
}

impl Installed {
    /// Installs `deb`, the package of this name; `program` is a file that it brings.
    pub fn new(deb: &str, name: &'static str, program: &str) -> Self {
        let root = PathBuf::from("/");
        if said("id", &["-u"]).trim() == "0" && !root.join(program).exists() {
            said("dpkg", &["--install", deb]);
            return Self {
                root,
                name,
                folder: None,
            };
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        said("dpkg-deb", &["--extract", deb, path]);
        Self {
            root: folder.path().to_owned(),
            name,
            folder: Some(folder),
        }
    }

    /// Where a file of the package is: `path` without the first slash.
    pub fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Whether dpkg installed it: with its users, its units and its settings.
    pub fn by_dpkg(&self) -> bool {
        self.folder.is_none()
    }

    /// Takes it away and says which of these it left behind.
    pub fn remove(self, paths: &[&str]) -> Vec<PathBuf> {
        let files: Vec<PathBuf> = paths.iter().map(|path| self.file(path)).collect();
        drop(self);
        files.into_iter().filter(|path| path.exists()).collect()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if self.folder.is_none() {
            let _ = Command::new("dpkg").args(["--purge", self.name]).status();
        }
    }
}
