//! Finds phrases in the words of a text.

use std::collections::HashMap;
use std::ops::Range;

use begrip_language::{Break, Text, Word};

use super::CheckError;

#[derive(Debug, PartialEq)]
enum Part {
    Word(String),
    Prefix(String),
    Gap,
}

impl Part {
    fn fits(&self, word: &Word<'_>) -> bool {
        match self {
            Self::Word(text) => word.lower == *text && !word.is_short_abbreviation(),
            Self::Prefix(text) => word.lower.starts_with(text.as_str()),
            Self::Gap => true,
        }
    }
}

/// How many words `…` takes at most.
const GAP: usize = 8;

/// Finds phrases in a text: one look-up a word.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    by_word: HashMap<String, Vec<Vec<Part>>>,
    by_prefix: Vec<Vec<Part>>,
}

impl Matcher {
    pub fn new(phrases: &[String]) -> Result<Self, CheckError> {
        let mut matcher = Self::default();
        for phrase in phrases {
            matcher.add(phrase)?;
        }
        Ok(matcher)
    }

    /// Adds a phrase.
    pub fn add(&mut self, phrase: &str) -> Result<(), CheckError> {
        let mut parts: Vec<Part> = Vec::new();
        // A phrase is cut into words as a text is, so that *dat wil zeggen* and *d.w.z.* both work.
        for piece in phrase.split_whitespace() {
            match piece.strip_suffix('*') {
                _ if piece == "…" => parts.push(Part::Gap),
                Some(prefix) => parts.push(Part::Prefix(prefix.to_lowercase())),
                None => parts.extend(
                    Text::new(piece)
                        .words()
                        .iter()
                        .map(|w| Part::Word(w.lower.to_string())),
                ),
            }
        }
        match parts.first() {
            Some(Part::Word(word)) => self.by_word.entry(word.clone()).or_default().push(parts),
            Some(Part::Prefix(_)) => self.by_prefix.push(parts),
            Some(Part::Gap) | None => return Err(CheckError::Phrase(phrase.to_owned())),
        }
        Ok(())
    }

    /// The longest phrase that begins at this word.
    pub fn at(&self, words: &[Word<'_>], start: usize) -> Option<Range<usize>> {
        let first = words.get(start)?;
        self.by_word
            .get(&*first.lower)
            .into_iter()
            .flatten()
            .chain(&self.by_prefix)
            .filter_map(|parts| end_of(parts, words, start))
            .max()
            .map(|end| start..end)
    }

    /// Every phrase in the text, from left to right, none within another.
    pub fn all<'m>(&'m self, words: &'m [Word<'_>]) -> impl Iterator<Item = Range<usize>> + 'm {
        let mut from = 0;
        std::iter::from_fn(move || {
            while from < words.len() {
                match self.at(words, from) {
                    Some(found) => {
                        from = found.end;
                        return Some(found);
                    }
                    None => from += 1,
                }
            }
            None
        })
    }
}

/// Where the phrase that begins at `start` ends; the words of a phrase stand in one clause.
fn end_of(parts: &[Part], words: &[Word<'_>], start: usize) -> Option<usize> {
    let mut at = start;
    let mut rest = parts.iter();
    while let Some(part) = rest.next() {
        if *part == Part::Gap {
            let next = rest.next()?;
            let found = words
                .iter()
                .enumerate()
                .skip(at)
                .take(GAP)
                // The nearest beginning counts: *dient om iets te koelen* is no *dient te*.
                .take_while(|(_, w)| w.lower != "om")
                .find(|(_, w)| next.fits(w))?
                .0;
            at = found + 1;
            continue;
        }
        let word = words.get(at)?;
        let joined = at == start
            || words.get(at - 1).is_some_and(|before| {
                matches!(
                    before.after,
                    Break::Space | Break::Hyphen | Break::Other | Break::Slash | Break::Quote
                )
            });
        if !joined || !part.fits(word) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_does_not_reach_over_a_comma_and_a_gap_is_short() {
        let matcher =
            Matcher::new(&["in staat".into(), "om … te".into(), "bedoeld*".into()]).unwrap();
        let found = |text: &str| matcher.all(Text::new(text).words()).count();
        assert_eq!(found("in staat van beschuldiging"), 1);
        assert_eq!(found("daar in, staat het"), 0);
        assert_eq!(found("recht om snel te handelen"), 1);
        assert_eq!(
            found("om een twee drie vier vijf zes zeven acht negen te gaan"),
            0
        );
        assert_eq!(found("de bedoelde zaak"), 1);
    }
}
