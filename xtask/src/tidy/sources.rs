use super::Complaints;
use super::tree::Tree;

/// More lines than this do not fit in a head.
const LONGEST: usize = 600;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &[
    "manager", "managers", "service", "services", "helper", "helpers", "util", "utils", "common",
    "misc",
];

/// Generated files may be long.
const GENERATED: &[&str] = &["ui/src/lib/backend/generated.ts"];

const SOURCES: &[&str] = &[".rs", ".ts", ".svelte", ".css", ".mjs"];

/// Sources are short and named after what they hold.
pub fn shape(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (path, text) in tree.with("", SOURCES) {
        let lines = text.lines().count();
        if lines > LONGEST && !GENERATED.contains(&path) {
            wrong.push(format!("{path} has {lines} lines; {LONGEST} fit"));
        }
        let words = path.split(['/', '.', '_', '-']);
        for word in words.filter(|word| EMPTY_NAMES.contains(&word.to_lowercase().as_str())) {
            wrong.push(format!("{path}: `{word}` does not say what it holds"));
        }
    }
    wrong
}

/// A test that does not run proves nothing.
pub fn ignored(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    // Written in two halves, or this file would complain of itself.
    let marks: Vec<(String, &[&str])> = vec![
        (["#[ign", "ore"].concat(), &[".rs"]),
        (["todo", "!("].concat(), &[".rs"]),
        (["it.sk", "ip("].concat(), &[".ts", ".mjs"]),
        (["test.sk", "ip("].concat(), &[".ts", ".mjs"]),
        (["describe.sk", "ip("].concat(), &[".ts", ".mjs"]),
        (["test.on", "ly("].concat(), &[".ts", ".mjs"]),
        (["it.on", "ly("].concat(), &[".ts", ".mjs"]),
    ];
    for (mark, endings) in &marks {
        for (path, text) in tree.with("", endings) {
            let lines = text.lines().enumerate();
            wrong.extend(
                lines
                    .filter(|(_, line)| line.contains(mark.as_str()))
                    .map(|(number, _)| format!("{path}:{} {mark}", number + 1)),
            );
        }
    }
    wrong
}

/// A code exists only because something raises it; the table's own test says that it is unique.
pub fn codes(tree: &Tree) -> Complaints {
    const TABLE: &str = "crates/begrip-app/src/error.rs";
    let Some((_, table)) = tree.files.iter().find(|(path, _)| path == TABLE) else {
        return vec![format!("{TABLE} is gone: mend this check")];
    };
    let names: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("\"BG-") && line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect();
    if names.is_empty() {
        return vec![format!("{TABLE} names no codes: mend this check")];
    }
    names
        .into_iter()
        .filter(|name| {
            let said = format!("ErrorCode::{name}");
            let short = format!("Code::{name}");
            !tree.rust("").any(|(path, text)| {
                path != TABLE && (text.contains(&said) || text.contains(&short))
            })
        })
        .map(|name| format!("nothing raises ErrorCode::{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, text: &str) -> Tree {
        Tree {
            files: vec![(path.to_owned(), text.to_owned())],
        }
    }

    #[test]
    fn long_files_and_empty_names_are_caught() {
        assert!(shape(&tree("crates/a/src/key.rs", "fn a() {}\n")).is_empty());
        assert_eq!(
            shape(&tree("crates/a/src/key.rs", &"\n".repeat(601))).len(),
            1
        );
        assert_eq!(shape(&tree("crates/a/src/key_utils.rs", "")).len(), 1);
        assert_eq!(shape(&tree("ui/src/helpers/a.ts", "")).len(), 1);
    }

    #[test]
    fn a_test_that_is_switched_off_is_caught() {
        let mark = ["#[ign", "ore]"].concat();
        assert_eq!(ignored(&tree("a.rs", &mark)).len(), 1);
    }

    #[test]
    fn a_code_that_nothing_raises_is_caught() {
        let table = "    TermEmpty \"BG-101\" 422\n    NotFound \"BG-107\" 404\n";
        let tree = Tree {
            files: vec![
                (
                    "crates/begrip-app/src/error.rs".to_owned(),
                    table.to_owned(),
                ),
                (
                    "crates/begrip-app/src/a.rs".to_owned(),
                    "ErrorCode::NotFound".to_owned(),
                ),
            ],
        };
        assert_eq!(codes(&tree), ["nothing raises ErrorCode::TermEmpty"]);
    }
}
