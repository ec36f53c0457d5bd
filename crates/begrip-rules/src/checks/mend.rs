//! Fixes: new texts made by taking whole words away or moving them to the explanation. A fix
//! never cuts inside a word and never drops meaning.

use std::ops::Range;

use begrip_language::{Break, Class, Span, Text, Word};

use super::clauses;
use crate::report::Fix;

/// Moves the words from `found` to the end of their clause to the explanation: *…, zoals een fiets*.
///
/// Within brackets only the bracketed part goes, and what stands between commas only as far as the
/// second comma when the sentence goes on after it. A word that closes a list (*enz.*) takes the list
/// with it, from its colon on. None when nothing would be left to define, or when no list is seen.
pub(crate) fn move_to_explanation(text: &Text<'_>, found: Range<usize>) -> Option<Fix> {
    let words = text.words();
    let depth = words.get(found.start)?.depth;
    let sentence = text
        .sentences()
        .iter()
        .find(|s| s.words.contains(&found.start))?
        .words
        .clone();
    let end = end_of_clause(words, &found, sentence.end);
    let start = match end == found.end {
        true => start_of_list(words, found.start, sentence.start)?,
        false => found.start,
    };
    // *geldbedrag, bijvoorbeeld rente, en kosten, dat …*: not all of it is an example.
    let more = (found.end + 1..end).any(|at| {
        words[at - 1].after == Break::Comma
            && matches!(&*words[at].lower, "en" | "of" | "maar" | "alsmede")
    });
    if more {
        return None;
    }
    // What is left must still define something.
    if start == sentence.start || start - sentence.start + sentence.end - end < 2 {
        return None;
    }
    let cut = text.bytes_of(text.span_of(start..end));
    let source = text.source();
    let moved = source.get(cut.clone())?;
    let before = source.get(..cut.start)?.trim_end();
    let after = source.get(cut.end..)?;
    let bracketed = depth > 0 && before.ends_with('(') && after.trim_start().starts_with(')');
    let after = match bracketed {
        true => after.trim_start().strip_prefix(')')?,
        false => after,
    };
    let before = before.trim_end_matches([' ', ',', '(', ':', '–', '-', '\n', ';']);
    let after = after.trim_start_matches([' ', ',', '–']);
    let joint = match after.chars().next() {
        Some(next) if next.is_alphanumeric() || next == '(' => " ",
        _ => "",
    };
    Some(Fix {
        text: tidy(&format!("{before}{joint}{after}")),
        explanation_add: Some(sentence_of(moved)),
        label: "Verplaats naar de toelichting".to_owned(),
    })
}

/// Where the part that begins with `found` ends.
fn end_of_clause(words: &[Word<'_>], found: &Range<usize>, sentence_end: usize) -> usize {
    let after = |at: usize| words.get(at).map_or(Break::None, |word| word.after);
    let depth = words.get(found.start).map_or(0, |word| word.depth);
    let between_commas =
        found.start > 0 && matches!(after(found.start - 1), Break::Comma | Break::Dash);
    // Examples may be groups with a preposition themselves: *bijvoorbeeld in een woning, op straat*.
    let prepositional = words
        .get(found.end)
        .is_some_and(|word| word.is(Class::Preposition));
    let goes_on = |next: usize| {
        words.get(next).is_some_and(|word| {
            word.classes.any(&[
                Class::Relative,
                Class::Subordinator,
                Class::Finite,
                Class::Copula,
                Class::Modal,
            ]) && !word.is(Class::Noun)
                || (word.is(Class::Preposition) && !prepositional)
        })
    };
    // *dat een notaris, bijvoorbeeld aan een ziekbed, vastlegt*: the verb is still to come.
    if between_commas
        && clauses::waiting(words, found.start) > 0
        && let Some(next) = clauses::only_comma_before_verb(words, found.end)
    {
        return next;
    }
    let mut end = found.end;
    while end < sentence_end {
        let last = after(end - 1);
        let closed = words
            .get(end)
            .is_none_or(|word| word.depth < depth || last == Break::Semicolon)
            || (depth > 0 && last == Break::CloseParen && words[end - 1].depth <= depth);
        let second_comma = between_commas
            && end > found.end
            && matches!(last, Break::Comma | Break::Dash)
            && goes_on(end);
        if closed || second_comma {
            break;
        }
        end += 1;
    }
    end
}

/// Where the list that a closing word ends (*enz.*) begins: after a colon or an opening bracket.
fn start_of_list(words: &[Word<'_>], closing: usize, sentence_start: usize) -> Option<usize> {
    (sentence_start + 1..closing)
        .rev()
        .find(|at| matches!(words[at - 1].after, Break::Colon | Break::OpenParen))
}

/// Moves every sentence after the first to the explanation.
pub(crate) fn keep_first_sentence(text: &Text<'_>) -> Option<Fix> {
    let [first, second, ..] = text.sentences() else {
        return None;
    };
    let keep = text.bytes_of(first.span);
    let rest = text.bytes_of(second.span).start;
    Some(Fix {
        text: tidy(text.source().get(..keep.end)?),
        explanation_add: Some(sentence_of(text.source().get(rest..)?)),
        label: "Verplaats de rest naar de toelichting".to_owned(),
    })
}

/// Moves everything from this word on, a sentence of its own, to the explanation.
pub(crate) fn keep_before(text: &Text<'_>, word: usize) -> Option<Fix> {
    let keep = text.bytes_of(text.span_of(0..word)).end;
    let rest = text.bytes_of(text.span_of(word..word + 1)).start;
    Some(Fix {
        text: tidy(text.source().get(..keep)?),
        explanation_add: Some(sentence_of(text.source().get(rest..)?)),
        label: "Verplaats de rest naar de toelichting".to_owned(),
    })
}

/// Takes everything before a word away, and puts other words in the place of these spans.
pub(crate) fn begin_at(
    text: &Text<'_>,
    word: usize,
    respelled: &[(Span, String)],
    label: &str,
) -> Option<Fix> {
    let words = text.words();
    if word == 0 || word >= words.len() {
        return None;
    }
    let start = text.bytes_of(text.span_of(word..word + 1)).start;
    Some(Fix {
        text: tidy(&respell(text, start, respelled)?),
        explanation_add: None,
        label: label.to_owned(),
    })
}

/// Puts other words in the place of these spans, which stand in order and apart from each other.
pub(crate) fn replace(text: &Text<'_>, better: &[(Span, String)]) -> Option<Fix> {
    Some(Fix {
        text: respell(text, 0, better)?,
        explanation_add: None,
        label: format!("Schrijf ‘{}’", better.first()?.1),
    })
}

/// The text from a byte on, with other words in the place of these spans.
fn respell(text: &Text<'_>, start: usize, better: &[(Span, String)]) -> Option<String> {
    let source = text.source();
    let mut out = String::with_capacity(source.len());
    let mut done = start;
    for (span, words) in better {
        let place = text.bytes_of(*span);
        out.push_str(source.get(done..place.start)?);
        out.push_str(words);
        done = place.end;
    }
    out.push_str(source.get(done..)?);
    Some(out)
}

fn tidy(text: &str) -> String {
    text.trim().to_owned()
}

/// The text as a sentence of its own: a capital first, a full stop last.
fn sentence_of(text: &str) -> String {
    let text = text.trim().trim_end_matches([',', ';', ':']);
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}
