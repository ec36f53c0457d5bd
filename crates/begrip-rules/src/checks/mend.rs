//! Fixes: new texts made by taking whole words away or moving them to the explanation. A fix
//! never cuts inside a word and never drops meaning.

use std::ops::Range;

use begrip_language::{Break, Span, Text};

use crate::report::Fix;

/// Moves the words from `found` to the end of their clause to the explanation: *…, zoals een fiets*.
///
/// Within brackets only the bracketed part goes. None when nothing would be left to define.
pub(crate) fn move_to_explanation(text: &Text<'_>, found: Range<usize>) -> Option<Fix> {
    let words = text.words();
    let depth = words.get(found.start)?.depth;
    let sentence = text
        .sentences()
        .iter()
        .find(|s| s.words.contains(&found.start))?;
    let mut end = found.end;
    while end < sentence.words.end
        && words.get(end).is_some_and(|word| word.depth >= depth)
        && words
            .get(end - 1)
            .is_none_or(|word| word.after != Break::Semicolon)
    {
        end += 1;
    }
    // What stands before must still define something.
    if found.start < sentence.words.start + 2 {
        return None;
    }
    let cut = text.bytes_of(text.span_of(found.start..end));
    let source = text.source();
    let before = source
        .get(..cut.start)?
        .trim_end_matches([' ', ',', '(', ':', '–', '-', '\n', ';']);
    let mut after = source.get(cut.end..)?;
    if depth > 0 {
        after = after.strip_prefix(')').unwrap_or(after);
    }
    let moved = source.get(cut)?;
    Some(Fix {
        text: tidy(&format!("{before}{}", after.trim_start_matches(','))),
        explanation_add: Some(sentence_of(moved)),
        label: "Verplaats naar de toelichting".to_owned(),
    })
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

/// Takes everything before a word away.
pub(crate) fn begin_at(text: &Text<'_>, word: usize, label: &str) -> Option<Fix> {
    let words = text.words();
    if word == 0 || word >= words.len() {
        return None;
    }
    let start = text.bytes_of(text.span_of(word..word + 1)).start;
    Some(Fix {
        text: tidy(text.source().get(start..)?),
        explanation_add: None,
        label: label.to_owned(),
    })
}

/// Puts other words in the place of these.
pub(crate) fn replace(text: &Text<'_>, span: Span, better: &str) -> Fix {
    let place = text.bytes_of(span);
    let source = text.source();
    let (before, after) = (
        source.get(..place.start).unwrap_or_default(),
        source.get(place.end..).unwrap_or_default(),
    );
    Fix {
        text: format!("{before}{better}{after}"),
        explanation_add: None,
        label: format!("Schrijf ‘{better}’"),
    }
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
