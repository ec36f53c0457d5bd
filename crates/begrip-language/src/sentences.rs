//! Which full stop ends a sentence, and what the other marks between words mean.

use crate::classes::{Class, Classes};
use crate::lexicon::{Abbreviation, lexicon};
use crate::shapes::classes;
use crate::text::{Sentence, Span};
use crate::words::{Break, Word};

/// Fills `after`, `depth` and `classes` of every word and gives the sentences.
pub(crate) fn mark(source: &str, words: &mut [Word<'_>]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut first = 0;
    let mut depth = 0_u8;
    let mut gap_start = 0;
    for index in 0..words.len() {
        let byte = words[index].byte as usize;
        if index == 0 {
            depth = brackets(source.get(..byte).unwrap_or_default(), depth);
        }
        let (head, tail) = words.split_at_mut(index + 1);
        let word = &mut head[index];
        word.depth = depth;
        word.classes = match word.is_short_abbreviation() {
            true => Class::Noun.into(),
            false => classes(&word.lower),
        };
        gap_start = gap_start.max(word.byte_end());
        let next = tail.first();
        let gap_end = next.map_or(source.len(), |w| w.byte as usize);
        let gap = source.get(word.byte_end()..gap_end).unwrap_or_default();
        if gap == " " {
            word.after = if ends_with_own_stop(word, next) {
                Break::SentenceEnd
            } else {
                Break::Space
            };
        } else {
            depth = brackets(gap, depth);
            word.after = between(word, gap, next);
        }
        if word.after == Break::SentenceEnd || next.is_none() {
            let end = word.span.end;
            let start = head[first].span.start;
            sentences.push(Sentence {
                words: first..index + 1,
                span: Span { start, end },
            });
            first = index + 1;
        }
    }
    sentences
}

fn brackets(gap: &str, depth: u8) -> u8 {
    gap.chars().fold(depth, |depth, c| match c {
        '(' | '[' | '{' => depth.saturating_add(1),
        ')' | ']' | '}' => depth.saturating_sub(1),
        _ => depth,
    })
}

fn between(word: &Word<'_>, gap: &str, next: Option<&Word<'_>>) -> Break {
    if gap.is_empty() {
        return if next.is_none() && word.raw.ends_with('.') {
            Break::SentenceEnd
        } else {
            Break::None
        };
    }
    let mut strongest = Break::None;
    let mut stops = 0_u32;
    let mut ends = false;
    let mut newlines = 0_u32;
    let mut spaced = false;
    for (at, c) in gap.char_indices() {
        let mark = match c {
            ' ' | '\t' | '\u{A0}' => {
                spaced = true;
                Break::Space
            }
            '\n' | '\u{2029}' => {
                spaced = true;
                newlines += if c == '\n' { 1 } else { 2 };
                Break::Space
            }
            '.' => {
                stops += 1;
                Break::Other
            }
            '!' | '?' => {
                ends = true;
                Break::Other
            }
            '…' => Break::Ellipsis,
            ',' => Break::Comma,
            ';' => Break::Semicolon,
            ':' => Break::Colon,
            '(' | '[' | '{' => Break::OpenParen,
            ')' | ']' | '}' => Break::CloseParen,
            '/' => Break::Slash,
            '–' | '—' => Break::Dash,
            '-' if at == 0 => Break::Hyphen,
            '-' => Break::Dash,
            '"' | '“' | '”' | '„' | '«' | '»' | '\'' | '‘' | '’' => Break::Quote,
            c if c.is_whitespace() => {
                spaced = true;
                Break::Space
            }
            _ => Break::Other,
        };
        strongest = strongest.max(mark);
    }
    if stops >= 3 {
        strongest = strongest.max(Break::Ellipsis);
    }
    let Some(next) = next else {
        let closed = ends || stops > 0 || gap.contains('…') || word.raw.ends_with('.');
        return if closed {
            Break::SentenceEnd
        } else {
            strongest
        };
    };
    // A blank line parts sentences whatever stands before it.
    if newlines >= 2 && !matches!(strongest, Break::Comma | Break::Semicolon | Break::Colon) {
        return Break::SentenceEnd;
    }
    if ends && spaced && !(gap.contains(')') && gap.find(['!', '?']) < gap.find(')')) {
        return Break::SentenceEnd;
    }
    if (stops == 1 || stops == 2)
        && strongest != Break::Ellipsis
        && stop_ends(word, gap, spaced, next)
    {
        return Break::SentenceEnd;
    }
    if stops == 0 && ends_with_own_stop(word, Some(next)) && strongest <= Break::Quote {
        return Break::SentenceEnd;
    }
    strongest
}

/// Whether the full stop in `gap`, which is no part of `word`, ends the sentence.
fn stop_ends(word: &Word<'_>, gap: &str, spaced: bool, next: &Word<'_>) -> bool {
    let after = gap.split_once('.').map_or("", |(_, after)| after);
    // *(…).,* or *.;*: the sentence goes on.
    if after.contains([',', ';', ':']) {
        return false;
    }
    if !spaced {
        // A forgotten space: *besluit.De rechter*.
        return next.is_capitalised() && word.lower.chars().count() >= 3;
    }
    let letters = word.lower.chars().count();
    let number = word.raw.chars().all(|c| c.is_ascii_digit());
    if number {
        // *lid 1. van* goes on; *artikel 3. De rechter* does not; *1. De straf* is a list.
        return next.is_capitalised() && word.span.start > 0 && letters <= 4;
    }
    if letters == 1 {
        // *Wetb. v. Strafr.* goes on; *onder a. De rechter* does not.
        let opens = [
            Class::Article,
            Class::Determiner,
            Class::Pronoun,
            Class::Preposition,
        ];
        return next.is_capitalised() && word.span.start > 0 && classes(&next.lower).any(&opens);
    }
    if next.is_capitalised() || !next.raw.starts_with(char::is_alphabetic) {
        return true;
    }
    // Small letter after it: a careless writer, or an abbreviation that nobody listed.
    letters >= 4 && !word.is_capitalised()
}

/// Whether an abbreviation that carries its own full stop is the last word of its sentence.
fn ends_with_own_stop(word: &Word<'_>, next: Option<&Word<'_>>) -> bool {
    let Some(abbreviation) = word.lower.strip_suffix('.') else {
        return false;
    };
    let Some(next) = next else {
        return true;
    };
    lexicon().abbreviation(abbreviation) == Some(Abbreviation::Maybe)
        && next.is_capitalised()
        && !crate::abbreviation_shape(next.raw)
        && opens_sentence(&classes(&next.lower))
}

/// Whether a word with a capital is rather the first of a sentence than a name.
fn opens_sentence(found: &Classes) -> bool {
    found.any(&[
        Class::Article,
        Class::Determiner,
        Class::Pronoun,
        Class::Preposition,
        Class::Subordinator,
        Class::Adverb,
        Class::Noun,
    ])
}
