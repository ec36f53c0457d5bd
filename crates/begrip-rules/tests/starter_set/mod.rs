//! The starter concepts, as the rules see them.

use std::path::Path;

use begrip_domain::{Category, Context, Label};
use begrip_rules::Subject;

/// A concept of the starter set.
pub struct Entry {
    pub term: String,
    pub text: String,
    pub context: Context,
    pub synonyms: Vec<Label>,
    pub category: Option<Category>,
    pub has_source: bool,
}

impl Entry {
    /// The concept with another text.
    pub fn with<'a>(&'a self, text: &'a str) -> Subject<'a> {
        Subject {
            term: &self.term,
            synonyms: &self.synonyms,
            text,
            context: &self.context,
            category: self.category,
            has_source: Some(self.has_source),
        }
    }
}

/// Every concept of every file of the set.
pub fn starter_set() -> Vec<Entry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../begrip-app/starter");
    let mut entries = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for entry in table["concept"].as_array().unwrap() {
            let entry = entry.as_table().unwrap();
            let word = |name: &str| entry[name].as_str().unwrap().to_owned();
            entries.push(Entry {
                term: word("term"),
                text: word("definition"),
                context: Context {
                    organisations: labels(entry, "organisations"),
                    legal_areas: labels(entry, "legal_areas"),
                    statutory_bases: labels(entry, "statutory_bases"),
                },
                synonyms: labels(entry, "synonyms"),
                category: Category::parse(&word("category")),
                has_source: !entry["citations"].as_array().unwrap().is_empty(),
            });
        }
    }
    entries
}

fn labels<C: FromIterator<Label>>(entry: &toml::Table, name: &str) -> C {
    let list = entry.get(name).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .map(|label| Label::new(label.as_str().unwrap()).unwrap())
        .collect()
}
