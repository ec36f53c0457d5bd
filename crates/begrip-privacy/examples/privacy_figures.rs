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

use std::path::Path;
use std::process::ExitCode;

use support::cases;
use support::measure::{COUNT, SEED, in_law, law, measure, table};

const MARK: &str = "<!-- cijfers -->\n";

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.iter().any(|option| option == "--write") {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy.md");
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        let parts: Vec<&str> = text.split(MARK).collect();
        let [before, _, after] = parts.as_slice() else {
            println!("docs/privacy.md has no place for the figures");
            return ExitCode::FAILURE;
        };
        let new = format!("{before}{MARK}{}{MARK}{after}", table());
        return match std::fs::write(&page, new) {
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
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let texts: Vec<String> = text.lines().map(str::to_owned).collect();
        let (count, wrong) = in_law(&texts);
        println!("{file}: {} in {count} words", wrong.len());
        for (kind, original) in wrong {
            println!("  {kind:?} {original}");
        }
    }
    ExitCode::SUCCESS
}
