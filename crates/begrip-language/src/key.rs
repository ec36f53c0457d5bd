//! The term key: what makes *Vonnis*, *vonnis␠* and *vonnissen* meet.

use std::cell::OnceCell;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::classes::Class;
use crate::fold::{fold_letter, modifier_stem};
use crate::nouns::singular;
use crate::shapes::classes;
use crate::words::{Word, is_invisible};

/// What two spellings or inflections of one term have in common. Made by [`term_key`]; compared
/// and stored, not shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermKey(String);

impl TermKey {
    /// The key as kept in a store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key that [`TermKey::as_str`] gave earlier.
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }
}

impl fmt::Display for TermKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a term: Unicode form, case, diacritics, white space, hyphens, quotation marks, full
/// stops and Dutch inflection are folded; word order and derivation (*recht*, *rechter*) are not.
///
/// A term has a key of at least one character unless it is empty or white space.
pub fn term_key(term: &str) -> TermKey {
    let words: Vec<KeyWord> = plain_words(term).into_iter().map(KeyWord::new).collect();
    let TermKey(mut key) = key_of(&words.iter().collect::<Vec<_>>());
    if key.is_empty() {
        key.extend(
            term.nfc()
                .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !c.is_control()),
        );
    }
    TermKey(key)
}

/// The key of these words, as [`term_key`] makes it.
pub(crate) fn key_of(words: &[&KeyWord]) -> TermKey {
    let mut key = String::with_capacity(words.len() * 12);
    for (index, word) in words.iter().enumerate() {
        // Each group of words between two prepositions ends in its noun.
        let ends_group = words.get(index + 1).is_none_or(|next| next.is_link);
        let part = match () {
            () if word.is_link => &word.plain,
            () if ends_group => word.noun(),
            () => word.modifier(),
        };
        push_word(&mut key, part);
    }
    TermKey(key)
}

/// A word on its way into a key; each of its forms is made once.
#[derive(Clone, Debug)]
pub(crate) struct KeyWord {
    plain: String,
    is_link: bool,
    noun: OnceCell<String>,
    modifier: OnceCell<String>,
}

impl KeyWord {
    fn new(plain: String) -> Self {
        let is_link =
            classes(&plain).any(&[Class::Preposition, Class::Conjunction, Class::Article]);
        Self {
            plain,
            is_link,
            noun: OnceCell::new(),
            modifier: OnceCell::new(),
        }
    }

    /// A word of a text; none when a term would take it apart (*en/of*).
    pub(crate) fn of(word: &Word<'_>) -> Option<Self> {
        let mut parts = plain_words(&word.lower).into_iter();
        match (parts.next(), parts.next()) {
            (Some(plain), None) => Some(Self::new(plain)),
            _ => None,
        }
    }

    fn noun(&self) -> &str {
        self.noun
            .get_or_init(|| singular(&self.plain).unwrap_or_else(|| self.plain.clone()))
    }

    fn modifier(&self) -> &str {
        self.modifier.get_or_init(|| modifier(&self.plain))
    }
}

fn modifier(word: &str) -> String {
    let found = classes(word);
    let adjective = [Class::Adjective, Class::Inflected, Class::AdjectivalNoun];
    match found.has(Class::Noun) && !found.any(&adjective) {
        true => singular(word).unwrap_or_else(|| word.to_owned()),
        false => modifier_stem(word),
    }
}

fn push_word(key: &mut String, word: &str) {
    if !key.is_empty() {
        key.push(' ');
    }
    // Diacritics, hyphens and apostrophes go last: the lexicon is spelled with them.
    let dropped = |c: char| is_combining_mark(c) || matches!(c, '-' | '\'');
    for c in word.nfd().filter(|c| !dropped(*c)) {
        key.push(c);
    }
}

/// The words of a term in small letters, with plain hyphens and apostrophes, without other
/// punctuation.
fn plain_words(term: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut finish = |word: &mut String| {
        let trimmed = word.trim_matches(['-', '\'', '.']);
        if !trimmed.is_empty() {
            words.push(trimmed.to_owned());
        }
        word.clear();
    };
    let mut letters = term.nfc().flat_map(char::to_lowercase).nfc().peekable();
    while let Some(c) = letters.next() {
        match c {
            c if is_invisible(c) => {}
            '.' => {
                let number = word.ends_with(|c: char| c.is_ascii_digit())
                    && letters.peek().is_some_and(char::is_ascii_digit);
                if number {
                    word.push(c);
                }
            }
            c if c.is_whitespace() || c.is_control() || is_separator(c) => finish(&mut word),
            c => fold_letter(c, |c| word.push(c)),
        }
    }
    finish(&mut word);
    words
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ',' | ';' | ':' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '|' | '"'
            | '…' | '\u{2012}'..='\u{2015}' | '\u{201A}'..='\u{201F}' | '«' | '»' | '*'
    )
}
