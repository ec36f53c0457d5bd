use super::Complaints;
use super::tree::{Tree, built};

/// Only one file of the screens knows Tauri.
pub fn one_backend(tree: &Tree) -> Complaints {
    let knowing: Vec<&str> = tree
        .with("ui/src/", &[".ts", ".svelte", ".js"])
        .filter(|(_, text)| text.contains("@tauri-apps") || text.contains("__TAURI"))
        .map(|(path, _)| path)
        .collect();
    match knowing.len() {
        1 => Complaints::new(),
        count => vec![format!("{count} files know Tauri: {}", knowing.join(", "))],
    }
}

/// The built screens load nothing from another host. Not built yet: nothing to complain of, the
/// build comes before the tests that use it.
pub fn nothing_external(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    let pages = built("ui/dist");
    let own = tree.with("ui/", &[".html", ".css", ".svelte"]);
    let all = own.chain(
        pages
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    );
    for (path, text) in all {
        for mark in LOADS.iter().filter(|mark| text.contains(**mark)) {
            wrong.push(format!("{path}: {mark}…"));
        }
    }
    wrong
}

/// How a page would load something from elsewhere.
const LOADS: &[&str] = &[
    "src=\"http",
    "src=\"//",
    "src='http",
    "<link rel=\"stylesheet\" href=\"http",
    "url(http",
    "url(\"http",
    "url('http",
    "url(//",
    "@import \"http",
    "@import 'http",
    "@import url(",
    "import(\"http",
    "import('http",
    "fetch(\"http",
    "fetch('http",
    "new WebSocket(",
    "sendBeacon(",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_from_another_host_is_caught() {
        let page = |text: &str| Tree {
            files: vec![("ui/src/a.css".to_owned(), text.to_owned())],
        };
        let count = |text| {
            nothing_external(&page(text))
                .iter()
                .filter(|wrong| wrong.starts_with("ui/src/"))
                .count()
        };
        assert_eq!(
            count("@font-face { src: url(https://example.org/a.woff2) }"),
            1
        );
        assert_eq!(count("@font-face { src: url(./a.woff2) }"), 0);
    }

    #[test]
    fn a_second_file_that_knows_tauri_is_caught() {
        let file = |path: &str| (path.to_owned(), "import '@tauri-apps/api'".to_owned());
        let one = Tree {
            files: vec![file("ui/src/backend/tauri.ts")],
        };
        assert!(one_backend(&one).is_empty());
        let two = Tree {
            files: vec![file("ui/src/a.ts"), file("ui/src/b.svelte")],
        };
        assert_eq!(one_backend(&two).len(), 1);
    }
}
