use super::Complaints;
use super::tree::Tree;
use crate::shell::root;

/// No text names a folder that only one machine has.
pub fn places(tree: &Tree) -> Complaints {
    // Written in halves, or this file would complain of itself.
    let folders: Vec<String> = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/Us", "ers/"],
        ["C:\\Us", "ers\\"],
    ]
    .iter()
    .map(|halves| halves.concat())
    .collect();
    let mut wrong = Complaints::new();
    for (path, text) in &tree.files {
        for (number, line) in text.lines().enumerate() {
            // Only at the start of a path: `network/…` is no such folder.
            let starts = |folder: &String| {
                line.match_indices(folder.as_str()).any(|(at, _)| {
                    !line[..at].ends_with(|before: char| {
                        before.is_alphanumeric() || "/.-_".contains(before)
                    })
                })
            };
            for folder in folders.iter().filter(|folder| starts(folder)) {
                wrong.push(format!("{path}:{} {folder}", number + 1));
            }
        }
    }
    wrong
}

/// A clone can be built by anyone: dependencies come from the public registries.
pub fn registries(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (path, text) in &tree.files {
        let (mark, public): (&str, &[&str]) = match path.rsplit('/').next() {
            Some("package-lock.json") => ("\"resolved\": \"", &["https://registry.npmjs.org/"]),
            Some("Cargo.lock") => (
                "source = \"",
                &["registry+https://github.com/rust-lang/crates.io-index"],
            ),
            _ => continue,
        };
        for (number, line) in text.lines().enumerate() {
            let Some((_, source)) = line.split_once(mark) else {
                continue;
            };
            if !public.iter().any(|public| source.starts_with(public)) {
                wrong.push(format!("{path}:{} {}", number + 1, line.trim()));
            }
        }
    }
    wrong
}

/// What is replaced before it leaves is told as pseudonymising: the other word promises too much.
pub fn honest(tree: &Tree) -> Complaints {
    // Written in halves, or this file would complain of itself.
    let stems = [
        ["anon", "iem"],
        ["anon", "imis"],
        ["anon", "ymous"],
        ["anon", "ymis"],
    ]
    .map(|halves| halves.concat());
    let told = [
        "ui/src/",
        "docs/",
        "crates/begrip-app/src/",
        "crates/begrip-cli/src/",
    ];
    let mut wrong = Complaints::new();
    for (path, text) in &tree.files {
        if !told.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            for stem in stems.iter().filter(|stem| lower.contains(stem.as_str())) {
                wrong.push(format!("{path}:{} {stem}…", number + 1));
            }
        }
    }
    wrong
}

/// A link to a file or to a heading of this repository leads there.
pub fn links(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (path, text) in tree.with("", &[".md"]) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, link) in relative_links(text) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.to_owned(),
                file => format!("{folder}/{file}")
                    .trim_start_matches('/')
                    .to_owned(),
            };
            if !root().join(&target).exists() && !tree.files.iter().any(|(name, _)| *name == target)
            {
                wrong.push(format!("{path}:{number} {link}: no such file"));
                continue;
            }
            let Some((_, page)) = tree.files.iter().find(|(name, _)| *name == target) else {
                continue;
            };
            if !anchor.is_empty() && !headings(page).any(|heading| heading == anchor) {
                wrong.push(format!("{path}:{number} {link}: no such heading"));
            }
        }
    }
    wrong
}

fn relative_links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(number, line)| {
        line.split("](").skip(1).filter_map(move |rest| {
            let link = rest.split([')', ' ']).next()?;
            let outside = link.contains("://") || link.starts_with("mailto:");
            (!outside && !link.is_empty()).then_some((number + 1, link))
        })
    })
}

/// Anchors as the usual hosts make them from headings.
fn headings(page: &str) -> impl Iterator<Item = String> {
    page.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Tree {
            files: files.iter().map(own).collect(),
        }
    }

    #[test]
    fn a_folder_of_one_machine_is_caught() {
        let text = ["see /wo", "rk/x"].concat();
        assert_eq!(places(&tree(&[("a.md", &text)])).len(), 1);
        assert!(places(&tree(&[("a.md", "see net/work/x and frame/work/y")])).is_empty());
    }

    #[test]
    fn a_promise_that_nobody_can_be_known_is_caught() {
        let text = ["'Uw tekst is Anon", "iem.'"].concat();
        assert_eq!(honest(&tree(&[("ui/src/messages.ts", &text)])).len(), 1);
        let text = "'Uw tekst is gepseudonimiseerd.'";
        assert!(honest(&tree(&[("ui/src/messages.ts", text)])).is_empty());
    }

    #[test]
    fn a_private_registry_is_caught() {
        let lock = "  \"resolved\": \"https://example.org/npm/a.tgz\",";
        assert_eq!(
            registries(&tree(&[("ui/package-lock.json", lock)])).len(),
            1
        );
        let lock = "  \"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\",";
        assert!(registries(&tree(&[("ui/package-lock.json", lock)])).is_empty());
    }

    #[test]
    fn a_dead_link_and_a_dead_heading_are_caught() {
        let page = "# A b-c\n[x](other.md) [y](#a-b-c) [z](#gone) [w](https://example.org)";
        let wrong = links(&tree(&[("docs/a.md", page)]));
        assert_eq!(wrong.len(), 2, "{wrong:?}");
    }
}
