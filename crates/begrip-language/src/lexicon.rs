//! The word lists of `lexicon/*.txt`, read once on first use.
//!
//! Format: `#` starts a comment; `[section]` says what the words below it are; words stand apart
//! by white space. In `[irregular]` and `[strong]` one line is one entry.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use crate::classes::{Class, Classes};
use crate::conjugate;

const FILES: [&str; 8] = [
    include_str!("../lexicon/function.txt"),
    include_str!("../lexicon/nouns.txt"),
    include_str!("../lexicon/neuter.txt"),
    include_str!("../lexicon/plurals.txt"),
    include_str!("../lexicon/adjectives.txt"),
    include_str!("../lexicon/verbs.txt"),
    include_str!("../lexicon/abbreviations.txt"),
    include_str!("../lexicon/compounds.txt"),
];

/// A fixed table looked up for every word: speed matters, and since nobody can add to it, a hash
/// that withstands chosen keys does not.
#[derive(Default)]
pub(crate) struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        let mut hash = self.0 ^ 0xcbf2_9ce4_8422_2325;
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Table<V> = HashMap<Box<str>, V, BuildHasherDefault<Fnv>>;

/// What the lists say.
pub(crate) struct Lexicon {
    classes: Table<Classes>,
    /// Verb form → infinitive, for base verbs; separable prefixes are dealt with by the caller.
    infinitives: Table<Box<str>>,
    /// Irregular plural → singular.
    singulars: Table<Box<str>>,
    /// Singular → irregular plurals, the usual one first.
    plurals: Table<Vec<Box<str>>>,
    /// Abbreviation without its last full stop → what a full stop after it means.
    abbreviations: Table<Abbreviation>,
    /// Words that end like another word and are no kind of it.
    opaque: Vec<Box<str>>,
}

/// Whether a sentence can end with an abbreviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// Something always follows: *art.*, *mr.*, *nr.*
    Never,
    /// It can be the last word: *enz.*, *e.d.*
    Maybe,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

/// The lexicon; the first call reads it.
pub(crate) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

impl Lexicon {
    /// What the lists say of `word` as it stands (lower case, NFC); `None` when they do not know it.
    pub(crate) fn classes(&self, word: &str) -> Option<Classes> {
        self.classes.get(word).copied()
    }

    /// Whether the lists give `word` this class.
    pub(crate) fn has(&self, word: &str, class: Class) -> bool {
        self.classes(word).is_some_and(|c| c.has(class))
    }

    pub(crate) fn infinitive(&self, form: &str) -> Option<&str> {
        self.infinitives.get(form).map(AsRef::as_ref)
    }

    pub(crate) fn irregular_singular(&self, plural: &str) -> Option<&str> {
        self.singulars.get(plural).map(AsRef::as_ref)
    }

    pub(crate) fn irregular_plurals(&self, singular: &str) -> &[Box<str>] {
        self.plurals.get(singular).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn abbreviation(&self, without_stop: &str) -> Option<Abbreviation> {
        self.abbreviations.get(without_stop).copied()
    }

    /// Words that end like another word and are no kind of it: *oorzaak*, *rechtbank*.
    pub(crate) fn opaque(&self) -> impl Iterator<Item = &str> {
        self.opaque.iter().map(AsRef::as_ref)
    }

    fn read() -> Self {
        let mut lexicon = Self {
            classes: Table::with_capacity_and_hasher(16_384, BuildHasherDefault::default()),
            infinitives: Table::with_capacity_and_hasher(8_192, BuildHasherDefault::default()),
            singulars: Table::default(),
            plurals: Table::default(),
            abbreviations: Table::default(),
            opaque: Vec::new(),
        };
        for file in FILES {
            let mut section = "";
            for line in file.lines() {
                let line = line
                    .split_once('#')
                    .map_or(line, |(before, _)| before)
                    .trim();
                match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                    Some(name) => section = name,
                    None => lexicon.read_line(section, line),
                }
            }
        }
        lexicon
    }

    fn read_line(&mut self, section: &str, line: &str) {
        match section {
            "irregular" => {
                if let Some((singular, plural)) = line.split_once(' ') {
                    self.add_plural(singular.trim(), plural.trim());
                }
            }
            "strong" => self.add_verb(&conjugate::strong(line)),
            "weak" => {
                for verb in line.split_whitespace() {
                    self.add_verb(&conjugate::weak(verb));
                }
            }
            "never-ends" | "may-end" => {
                let kind = match section {
                    "may-end" => Abbreviation::Maybe,
                    _ => Abbreviation::Never,
                };
                for word in line.split_whitespace() {
                    let word = word.strip_suffix('.').unwrap_or(word);
                    self.abbreviations.insert(word.into(), kind);
                }
            }
            "opaque" => self.opaque.extend(line.split_whitespace().map(Box::from)),
            _ => {
                let classes = Classes::of_section(section);
                for word in line.split_whitespace() {
                    self.add(word, classes);
                    if classes.has(Class::AdjectivalNoun) {
                        // *verdachten* is a plural before it is a past tense.
                        let plural = Classes::from(Class::Noun).with(Class::PluralNoun.into());
                        self.add(&format!("{word}n"), plural);
                    }
                }
            }
        }
    }

    fn add(&mut self, word: &str, classes: Classes) {
        match self.classes.get_mut(word) {
            Some(known) => *known = known.with(classes),
            None => {
                self.classes.insert(word.into(), classes);
            }
        }
    }

    fn add_plural(&mut self, singular: &str, plural: &str) {
        self.singulars.insert(plural.into(), singular.into());
        let plurals = self.plurals.entry(singular.into()).or_default();
        plurals.push(plural.into());
        self.add(singular, Class::Noun.into());
        self.add(
            plural,
            Classes::from(Class::Noun).with(Class::PluralNoun.into()),
        );
    }

    fn add_verb(&mut self, forms: &[(String, Class)]) {
        let Some((infinitive, _)) = forms.first() else {
            return;
        };
        for (form, class) in forms {
            self.add(form, (*class).into());
            self.infinitives
                .entry(form.as_str().into())
                .or_insert_with(|| infinitive.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_and_every_line_of_the_lists_is_understood() {
        for file in FILES {
            assert!(file.contains("EUPL-1.2"), "a list without its licence");
            let mut section = "";
            for line in file.lines() {
                let line = line.split_once('#').map_or(line, |(b, _)| b).trim();
                if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                    section = name;
                    continue;
                }
                if line.is_empty() {
                    continue;
                }
                match section {
                    "irregular" => assert_eq!(line.split_whitespace().count(), 2, "{line}"),
                    "strong" => assert!(conjugate::strong(line).len() >= 4, "{line}"),
                    "weak" => {
                        for verb in line.split_whitespace() {
                            assert!(conjugate::weak(verb).len() >= 4, "{verb}");
                        }
                    }
                    "never-ends" | "may-end" | "opaque" => {}
                    _ => assert!(!Classes::of_section(section).is_unknown(), "[{section}]"),
                }
                assert_eq!(line, line.to_lowercase(), "lists are in lower case");
            }
        }
    }

    #[test]
    fn the_lists_stay_small() {
        assert!(FILES.iter().map(|f| f.len()).sum::<usize>() < 1_000_000);
    }
}
