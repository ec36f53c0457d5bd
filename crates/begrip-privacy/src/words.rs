use std::ops::Range;

use crate::view::View;

/// A run of letters in a view.
pub(crate) struct Word {
    /// Its bytes in the view.
    pub at: Range<usize>,
    pub lower: String,
    /// It begins with a capital.
    pub capital: bool,
    /// It is written in capitals alone, two at least.
    pub shouted: bool,
    /// It begins a sentence or a line, as far as can be told.
    pub opens: bool,
}

impl Word {
    pub fn is_letter(&self) -> bool {
        self.lower.chars().count() == 1
    }
}

pub(crate) fn words(view: &View<'_>) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    let text = &view.text;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (byte, c) in ends {
        match (start, c.is_alphabetic()) {
            (None, true) => start = Some(byte),
            (Some(from), false) => {
                let raw = view.get(from..byte);
                let letters = || raw.chars();
                let before = words.last().map_or(0, |word| word.at.end);
                words.push(Word {
                    opens: opens(view.get(before..from), words.last()),
                    at: from..byte,
                    lower: raw.to_lowercase(),
                    capital: letters().next().is_some_and(char::is_uppercase),
                    shouted: letters().count() > 1 && letters().all(char::is_uppercase),
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Whether a sentence or line may begin after this gap.
fn opens(gap: &str, last: Option<&Word>) -> bool {
    let Some(last) = last else {
        return true;
    };
    let initial = last.is_letter() && last.capital && gap.trim_end() == ".";
    gap.contains(['!', '?', ':', '\n', ';', '"', '(']) || (gap.contains('.') && !initial)
}
