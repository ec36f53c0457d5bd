//! A text, analysed once.

use std::ops::Range;

use crate::antecedent;
use crate::opening::{self, Opening};
use crate::sentences;
use crate::words::{self, Word};

/// A stretch of a text, in characters (Unicode scalar values) of the text as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// A sentence of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Indices of its words.
    pub words: Range<usize>,
    /// From its first to its last word, without the closing mark.
    pub span: Span,
}

/// A text, analysed once and then only read: words, sentences, opening.
///
/// Takes time and memory in proportion to the length of the text; an ordinary definition takes
/// some microseconds.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    source: &'a str,
    words: Vec<Word<'a>>,
    sentences: Vec<Sentence>,
    opening: Opening,
}

impl<'a> Text<'a> {
    /// Analyses `source`. Never fails: any Unicode text will do.
    pub fn new(source: &'a str) -> Self {
        let mut words = words::split(source);
        let sentences = sentences::mark(source, &mut words);
        let opening = opening::find(&words);
        Self {
            source,
            words,
            sentences,
            opening,
        }
    }

    /// The text as typed.
    pub fn source(&self) -> &'a str {
        self.source
    }

    /// The words in order, without punctuation.
    pub fn words(&self) -> &[Word<'a>] {
        &self.words
    }

    /// The sentences in order; together they hold every word once.
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// The noun group, or whatever else, that the text opens with.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// From the first to the last of these words, in characters. Indices past the end are cut off;
    /// an empty range gives an empty span at the place of its first word.
    pub fn span_of(&self, words: Range<usize>) -> Span {
        let start = match self.words.get(words.start) {
            Some(word) => word.span.start,
            None => self.words.last().map_or(0, |w| w.span.end),
        };
        let end = words.end.min(self.words.len());
        match self.words.get(words.start..end) {
            Some([.., last]) => Span {
                start,
                end: last.span.end,
            },
            _ => Span { start, end: start },
        }
    }

    /// The bytes of `source` that a span of characters covers. What lies past the end is cut off,
    /// so that the answer can always be used as an index.
    pub fn bytes_of(&self, span: Span) -> Range<usize> {
        let start = self.byte_at(span.start);
        start..self.byte_at(span.end).max(start)
    }

    /// The text of a span; empty when it is not one of this text.
    pub fn text_of(&self, span: Span) -> &'a str {
        self.source.get(self.bytes_of(span)).unwrap_or_default()
    }

    /// The text between a word and the next one, or the end: punctuation and white space.
    pub fn gap_after(&self, word: usize) -> &'a str {
        let Some(left) = self.words.get(word) else {
            return "";
        };
        let end = self
            .words
            .get(word + 1)
            .map_or(self.source.len(), |w| w.byte as usize);
        self.source.get(left.byte_end()..end).unwrap_or_default()
    }

    /// The text before the first word.
    pub fn gap_before_first(&self) -> &'a str {
        let end = self
            .words
            .first()
            .map_or(self.source.len(), |w| w.byte as usize);
        self.source.get(..end).unwrap_or_default()
    }

    /// What the pronoun, determiner or relative at `word` points back to (*die, dat, het, deze, hij, hun,
    /// waarin, daarvan*): the index of a noun before it. `None` when no noun before it can be meant, or when
    /// the word is none of these.
    pub fn antecedent(&self, word: usize) -> Option<usize> {
        antecedent::find(&self.words, word)
    }

    /// The words of `phrase` (small letters) in a row, as index ranges in order of place.
    pub fn find_words<'s>(&'s self, phrase: &'s [&str]) -> impl Iterator<Item = Range<usize>> + 's {
        self.words
            .windows(phrase.len().max(1))
            .enumerate()
            .filter(move |(_, window)| {
                !phrase.is_empty() && window.iter().zip(phrase).all(|(w, p)| w.lower == *p)
            })
            .map(move |(at, _)| at..at + phrase.len())
    }

    fn byte_at(&self, char_index: u32) -> usize {
        // Starts counting at the last word before the place, so that a long text stays cheap.
        let known = self.words.partition_point(|w| w.span.start <= char_index);
        let (byte, index) = match known.checked_sub(1).and_then(|i| self.words.get(i)) {
            Some(word) => (word.byte as usize, word.span.start),
            None => (0, 0),
        };
        let rest = self.source.get(byte..).unwrap_or_default();
        rest.char_indices()
            .nth((char_index - index) as usize)
            .map_or(self.source.len(), |(offset, _)| byte + offset)
    }
}
