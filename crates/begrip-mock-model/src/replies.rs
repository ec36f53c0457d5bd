//! What the mock answers: definitions for common terms, and made-up ones for all others.
//!
//! The texts stand in `replies/*.toml`, so that a lawyer can read and mend them. None of them is
//! an established definition: the demonstration shows how the program works, not what is law.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// An answer's content, under the names that the reply schema uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The definition: one sentence that begins with a noun.
    pub definition: String,
    /// What it means in plain Dutch.
    pub explanation: String,
    /// Cases that fall under it.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Cases that look like it and do not fall under it.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// Other words for the same.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// Words for the opposite.
    #[serde(default)]
    pub antonyms: Vec<String>,
}

impl Reply {
    /// The names of the fields in the order in which they are written.
    pub const FIELDS: [&'static str; 6] = [
        "definition",
        "explanation",
        "examples",
        "counter_examples",
        "synonyms",
        "antonyms",
    ];
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyFile {
    reply: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    term: String,
    #[serde(flatten)]
    reply: Reply,
}

/// A made-up reply for terms whose last word ends so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    /// Endings of the term's last word; the longest that fits wins.
    endings: Vec<String>,
    /// Definitions to choose from: the first that shares no word with the term.
    definitions: Vec<String>,
    explanation: String,
    examples: Vec<String>,
    counter_example: String,
    #[serde(default)]
    antonyms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MadeFile {
    made: Vec<Made>,
}

#[derive(Default)]
struct Replies {
    known: HashMap<String, Reply>,
    terms: Vec<String>,
    made: Vec<Made>,
}

const FILES: [&str; 3] = [
    include_str!("../replies/strafrecht.toml"),
    include_str!("../replies/tenuitvoerlegging.toml"),
    include_str!("../replies/bestuur_en_burger.toml"),
];

fn replies() -> &'static Replies {
    static REPLIES: OnceLock<Replies> = OnceLock::new();
    // A file that cannot be read leaves its terms to be made up; a test proves that all can.
    REPLIES.get_or_init(|| {
        let mut replies = Replies::default();
        for file in FILES {
            let entries = toml::from_str::<ReplyFile>(file).map_or_else(|_| vec![], |f| f.reply);
            for entry in entries {
                replies.terms.push(entry.term.clone());
                replies.known.insert(entry.term.to_lowercase(), entry.reply);
            }
        }
        let made = include_str!("../replies/made_up.toml");
        replies.made = toml::from_str::<MadeFile>(made).map_or_else(|_| vec![], |f| f.made);
        replies
    })
}

/// The terms that have a reply of their own, in the order of the files.
pub fn known_terms() -> &'static [String] {
    &replies().terms
}

/// The reply to `term`: its own, or one made up from the ending of its last word.
pub fn reply_to(term: &str) -> Reply {
    let replies = replies();
    let known = replies.known.get(&term.trim().to_lowercase());
    known
        .cloned()
        .unwrap_or_else(|| make_up(term, &replies.made))
}

/// A reply whose definition breaks blocking rules: it begins with an article, repeats the term
/// and says no more than that.
pub fn faulty_reply_to(term: &str) -> Reply {
    Reply {
        definition: format!("Een {term} is een {term}"),
        ..reply_to(term)
    }
}

/// The definition of last resort; it stands apart from the file so that there always is one.
const ANYTHING: &str = "juridisch begrip dat in een wettelijke regeling een eigen betekenis heeft";

fn make_up(term: &str, made: &[Made]) -> Reply {
    let lower = term.trim().to_lowercase();
    let fitting = |made: &&Made| made.endings.iter().any(|ending| lower.ends_with(ending));
    let longest = |made: &&Made| {
        let fits = made
            .endings
            .iter()
            .filter(|ending| lower.ends_with(*ending));
        fits.map(String::len).max()
    };
    let best = made.iter().filter(fitting).max_by_key(longest);
    let unlike = |text: &&String| !shares_a_word(text, &lower);
    let all = best.into_iter().chain(made);
    let definition = all.flat_map(|made| &made.definitions).find(unlike);
    let shown = best.or(made.last());
    let sentence =
        |choose: fn(&Made) -> &String| shown.map_or_else(String::new, |m| choose(m).clone());
    Reply {
        definition: definition.map_or_else(|| ANYTHING.to_owned(), String::clone),
        explanation: sentence(|made| &made.explanation),
        examples: shown.map_or_else(Vec::new, |made| made.examples.clone()),
        counter_examples: vec![sentence(|made| &made.counter_example)],
        synonyms: Vec::new(),
        antonyms: shown.map_or_else(Vec::new, |made| made.antonyms.clone()),
    }
}

/// True when a word of four or more letters of the term begins a word of the text or the reverse,
/// which also catches most inflected forms.
fn shares_a_word(text: &str, term: &str) -> bool {
    let words = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| word.chars().count() > 3);
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let in_term = words(term);
    words(text).iter().any(|word| {
        let same =
            |other: &String| word.starts_with(other.as_str()) || other.starts_with(word.as_str());
        in_term.iter().any(same)
    })
}

/// The term that a question is about: what stands between `<term>` and `</term>`, after `Term:`
/// or `Begrip:`, or a question that is itself short enough to be a term; else the longest known
/// term in the question.
pub(crate) fn term_in(question: &str) -> String {
    let tagged = question
        .split_once("<term>")
        .and_then(|(_, rest)| rest.split_once("</term>"))
        .map(|(term, _)| term);
    let named = || {
        let mut lines = question.lines();
        lines.find_map(|line| {
            let (name, term) = line.split_once(':')?;
            let name = name.trim().to_lowercase();
            ["term", "begrip"].contains(&name.as_str()).then_some(term)
        })
    };
    let itself = || {
        let line = question.trim();
        let short = line.chars().count() <= 60 && !line.contains(['\n', '?', '.', ':']);
        short.then_some(line)
    };
    let mentioned = || {
        let lower = question.to_lowercase();
        let known = known_terms()
            .iter()
            .filter(|term| lower.contains(&term.to_lowercase()));
        known.max_by_key(|term| term.len()).map(String::as_str)
    };
    let found = tagged.or_else(named).or_else(itself).or_else(mentioned);
    found.unwrap_or("begrip").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reply_file_can_be_read() {
        for file in FILES {
            toml::from_str::<ReplyFile>(file).unwrap();
        }
        toml::from_str::<MadeFile>(include_str!("../replies/made_up.toml")).unwrap();
        assert!(known_terms().len() >= 40, "{}", known_terms().len());
    }

    #[test]
    fn a_term_is_found_however_a_prompt_presents_it() {
        for (question, term) in [
            (
                "Context: OM\n<term>voorlopige hechtenis</term>\n",
                "voorlopige hechtenis",
            ),
            ("Definieer dit.\nTerm: vonnis\nOrganisatie: OM", "vonnis"),
            ("  Verdachte ", "Verdachte"),
            ("Wat is een kort geding? Geef een definitie.", "kort geding"),
            ("", ""),
        ] {
            assert_eq!(term_in(question), term, "{question}");
        }
    }

    #[test]
    fn a_made_up_definition_never_holds_a_word_of_its_term() {
        for term in [
            "handeling",
            "rechterlijke beslissing",
            "persoon",
            "zaakverbod",
            "juridisch begrip",
            "bevoegde autoriteit in de strafzaak",
            "xyz",
        ] {
            let reply = reply_to(term);
            let known = [ANYTHING].contains(&reply.definition.as_str());
            assert!(
                known || !shares_a_word(&reply.definition, term),
                "{term}: {reply:?}"
            );
            assert!(!reply.explanation.is_empty());
        }
    }
}
