use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::shell::{command, read, root};

/// The texts of the repository, as git knows them: what is ignored does not count.
pub struct Tree {
    /// Path from the root, with `/`, and text. Files that are no text are left out.
    pub files: Vec<(String, String)>,
}

impl Tree {
    pub fn read() -> Result<Self> {
        let list = read(&mut command(
            "git",
            ["ls-files", "--cached", "--others", "--exclude-standard"],
        ))?;
        let files = list
            .lines()
            .filter_map(|path| {
                let text = fs::read_to_string(root().join(path)).ok()?;
                Some((path.to_owned(), text))
            })
            .collect();
        Ok(Self { files })
    }

    /// Rust sources below a folder.
    pub fn rust<'a>(&'a self, below: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.with(below, &[".rs"])
    }

    /// Files below a folder with one of these endings.
    pub fn with<'a>(
        &'a self,
        below: &'a str,
        endings: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(below))
            .filter(move |(path, _)| endings.iter().any(|ending| path.ends_with(ending)))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// Files in a folder that git ignores, such as the built screens; text files only.
pub fn built(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    found
}

/// The lines of a Rust source that are neither comment nor test, numbered from 1.
///
/// A test module is taken to run to the end of its file, as it does everywhere here.
pub fn program_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.split(" // ").next().unwrap_or(line)))
}
