//! A text that must not be seen.

use std::fmt;

use zeroize::Zeroize;

/// A key or password. It cannot be printed, copied or serialised, and its memory is wiped when it
/// is dropped.
pub struct Secret(String);

impl Secret {
    /// Takes the text over. White space around it, as from a paste, is left out.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        let trimmed = text.trim();
        if trimmed.len() == text.len() {
            return Self(text);
        }
        let kept = trimmed.to_owned();
        text.zeroize();
        Self(kept)
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let shown = format!(
            "{:?} {:#?}",
            Secret::new("sk-zeer-geheim"),
            Secret::new("x")
        );
        assert!(!shown.contains("geheim"), "{shown}");
    }

    #[test]
    fn white_space_of_a_paste_is_left_out() {
        assert_eq!(Secret::new(" sk-1\n").expose(), "sk-1");
        assert!(Secret::new("  ").is_empty());
    }
}
