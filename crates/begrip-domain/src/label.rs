use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A non-empty piece of naming text: a term, an organisation, a legal area or a law.
///
/// The text is kept in Unicode form NFC, without control characters, with runs of white space
/// folded to one space and none at the ends, and is 1 to [`Label::MAX_CHARS`] characters long.
/// Case is kept: two labels that differ in case are different labels (a *term key*, made by
/// `begrip-language`, is what makes `Vonnis` and `vonnissen` meet).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// Why a text is no [`Label`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing is left once white space and control characters are taken away.
    #[error("the label is empty")]
    Empty,
    /// Longer than [`Label::MAX_CHARS`] characters; holds the length found.
    #[error("the label has {0} characters, at most {max} fit", max = Label::MAX_CHARS)]
    TooLong(usize),
}

impl Label {
    /// The longest label, in Unicode scalar values.
    pub const MAX_CHARS: usize = 200;

    /// Normalises `text` and accepts it when something is left that fits.
    pub fn new(text: &str) -> Result<Self, LabelError> {
        let folded = fold_white_space(text);
        match folded.chars().count() {
            0 => Err(LabelError::Empty),
            n if n > Self::MAX_CHARS => Err(LabelError::TooLong(n)),
            _ => Ok(Self(folded)),
        }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fold_white_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        if c.is_whitespace() || c.is_control() || is_invisible(c) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Zero-width and directional marks, which come along when text is pasted from a word processor.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;

    fn try_from(text: String) -> Result<Self, LabelError> {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_and_invisible_marks_are_folded() {
        let label = Label::new(" voorlopige\u{00A0}\n\u{200B}hechtenis\u{FEFF} ").unwrap();
        assert_eq!(label.as_str(), "voorlopige hechtenis");
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_label() {
        assert_eq!(Label::new("co\u{0308}peratie"), Label::new("cöperatie"));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert_eq!(Label::new(" \t\u{200B}"), Err(LabelError::Empty));
        assert_eq!(Label::new(&"x".repeat(201)), Err(LabelError::TooLong(201)));
    }

    proptest! {
        #[test]
        fn making_a_label_twice_changes_nothing(text in "\\PC{0,80}") {
            if let Ok(label) = Label::new(&text) {
                prop_assert_eq!(Label::new(label.as_str()), Ok(label));
            }
        }
    }
}
