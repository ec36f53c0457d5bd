use super::Complaints;
use super::tree::{Tree, program_lines};

/// Crates that do no I/O, read no clock and spawn nothing: time and ids come in as arguments.
const PURE: &[&str] = &[
    "begrip-domain",
    "begrip-language",
    "begrip-rules",
    "begrip-privacy",
    "begrip-prompt",
    "begrip-interchange",
    "begrip-sync",
];

/// What such a crate would have to say to break that.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "rand::",
    "println!",
];

/// The pure crates are pure.
pub fn pure(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for name in PURE {
        let folder = format!("crates/{name}/src/");
        for (path, text) in tree.rust(&folder) {
            for (number, line) in program_lines(text) {
                for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                    wrong.push(format!("{path}:{number} {word}"));
                }
            }
        }
        if tree.rust(&folder).next().is_none() {
            wrong.push(format!("{folder} is gone: mend the list of pure crates"));
        }
    }
    wrong
}

/// What `tracing` hands over to telemetry is looked at in one file, which keeps only what is in its list.
pub fn telemetry(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (path, text) in tree.rust("crates/begrip-telemetry/src/") {
        for (number, line) in program_lines(text) {
            let visits = ["impl Visit", "fn record_", ".payload()"]
                .iter()
                .any(|word| line.contains(word));
            if visits && !path.ends_with("/allowed.rs") {
                wrong.push(format!("{path}:{number} reads a field beside the list"));
            }
        }
    }
    wrong
}

/// Where in the product a message or a question to a model may be written. A free text comes into a
/// message through `begrip_prompt::compose` alone, which takes it as `begrip_privacy::Protected`.
const MADE_AT: &[(&str, &[&str])] = &[
    // The probe's texts are its own.
    (
        "Message::new(",
        &[
            "crates/begrip-prompt/src/",
            "crates/begrip-llm/src/probe.rs",
        ],
    ),
    (
        "Message {",
        &[
            "crates/begrip-prompt/src/message.rs",
            "crates/begrip-prompt/src/embed.rs",
        ],
    ),
    (
        "Request::new(",
        &[
            "crates/begrip-app/src/define.rs",
            // Its messages are begrip_prompt::embed_question and embed_passage.
            "crates/begrip-app/src/rank.rs",
            "crates/begrip-llm/src/probe.rs",
            // Has no messages of its own: a client has protected the body that the gateway hands on, and
            // what a job asks is what `begrip_prompt` composed.
            "crates/begrip-server/src/gateway/question.rs",
        ],
    ),
];

/// Crates that are no part of the product and may ask what they like.
const MEASURE: &[&str] = &[
    "crates/begrip-bench/",
    "crates/begrip-mock-model/",
    "xtask/",
];

/// No text goes out beside the gate: what may hold a user's words is written at known places.
pub fn one_gate(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (path, text) in tree.rust("").filter(|(path, _)| path.contains("src/")) {
        if MEASURE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in program_lines(text) {
            for (word, places) in MADE_AT {
                // A type of another name may end in the same letters.
                let whole = line
                    .match_indices(word)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric()));
                if whole && !places.iter().any(|place| path.starts_with(place)) {
                    wrong.push(format!("{path}:{number} {word} beside the privacy gate"));
                }
            }
        }
    }
    let gate = tree
        .rust("crates/begrip-prompt/src/")
        .any(|(_, text)| text.contains("pub notes: &'a Protected"));
    if !gate {
        wrong.push("begrip-prompt takes notes that are not protected".to_owned());
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, text: &str) -> Tree {
        let mut files: Vec<(String, String)> = PURE
            .iter()
            .map(|name| (format!("crates/{name}/src/lib.rs"), String::new()))
            .collect();
        files.push((path.to_owned(), text.to_owned()));
        Tree { files }
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_caught_but_not_in_a_comment_or_test() {
        let path = "crates/begrip-rules/src/x.rs";
        assert_eq!(pure(&tree(path, "let now = Timestamp::now();")).len(), 1);
        assert!(pure(&tree(path, "// Timestamp::now() is the caller's.")).is_empty());
        assert!(pure(&tree(path, "#[cfg(test)]\nmod tests { use std::fs; }")).is_empty());
        assert!(pure(&tree("crates/begrip-store/src/x.rs", "use std::fs;")).is_empty());
    }

    #[test]
    fn a_text_beside_the_gate_is_caught() {
        let gate = "pub notes: &'a Protected,";
        let mut tree = tree("crates/begrip-prompt/src/compose.rs", gate);
        assert!(one_gate(&tree).is_empty());
        let beside = "let message = Message::new(Role::User, notes);";
        let path = "crates/begrip-app/src/x.rs";
        tree.files.push((path.to_owned(), beside.to_owned()));
        assert_eq!(one_gate(&tree).len(), 1);
        tree.files.clear();
        assert_eq!(one_gate(&tree).len(), 1, "notes that are plain text");
    }

    #[test]
    fn a_field_that_leaves_beside_the_list_is_caught() {
        let visit = "fn record_str(&mut self, field: &Field, value: &str) {";
        let path = "crates/begrip-telemetry/src/";
        let mut tree = tree(&format!("{path}allowed.rs"), visit);
        assert!(telemetry(&tree).is_empty());
        tree.files
            .push((format!("{path}layer.rs"), visit.to_owned()));
        assert_eq!(telemetry(&tree).len(), 1);
    }
}
