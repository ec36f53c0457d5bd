//! Measures how much gets out and writes it into `docs/privacy.md` (`--write`); without it, prints the
//! figures, what got out and what was replaced too much. Files that are named are law without
//! persons: what is replaced in them is printed.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a command that speaks to a person at a terminal"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use support::cases;
use support::measure::{COUNT, LAWS, MADE, SEED, in_file, in_law, law, laws, measure, table};

fn main() -> ExitCode {
    let mut files: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if let Some(option) = files.iter().position(|file| file == Path::new("--write")) {
        files.remove(option);
        return match write(&files) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    if files.is_empty() {
        print!("{}", table());
        let measured = measure(&cases(SEED, COUNT));
        println!("\ngot out:");
        for (kind, secret, text) in measured.leaks.iter().take(60) {
            println!("  {kind:?} {secret}: {}", text.replace('\n', " / "));
        }
        println!("\nreplaced too much: {:?}", measured.wrong);
        println!("\nin law: {:?}", in_law(&law()).1);
    }
    for file in &files {
        let (count, wrong) = in_file(file);
        println!("{}: {} in {count} words", file.display(), wrong.len());
        for (kind, original) in wrong {
            println!("  {kind:?} {original}");
        }
    }
    ExitCode::SUCCESS
}

fn write(files: &[PathBuf]) -> Result<(), String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy.md");
    let text = std::fs::read_to_string(&page).map_err(|error| error.to_string())?;
    let mut new = between(&text, MADE, &table())?;
    if !files.is_empty() {
        new = between(&new, LAWS, &laws(files))?;
    }
    std::fs::write(&page, new).map_err(|error| error.to_string())
}

/// The page with another text between two marks.
fn between(page: &str, mark: &str, text: &str) -> Result<String, String> {
    match page.split(mark).collect::<Vec<_>>().as_slice() {
        [before, _, after] => Ok(format!("{before}{mark}{text}{mark}{after}")),
        _ => Err(format!("docs/privacy.md has no place for {}", mark.trim())),
    }
}
