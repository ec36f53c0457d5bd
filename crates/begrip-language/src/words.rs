//! Where words begin and end, and what stands between them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::classes::{Class, Classes};
use crate::lexicon::lexicon;
use crate::text::Span;

/// What stands between a word and the next one; the strongest mark wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Break {
    /// Nothing: the text ends, or letters meet digits without a space.
    None,
    /// White space alone.
    Space,
    /// A hanging hyphen: *straf- en maatregelregime*.
    Hyphen,
    /// A mark without meaning for the sentence: a full stop inside it, a bullet, a symbol.
    Other,
    /// *en/of*
    Slash,
    /// An opening or closing quotation mark.
    Quote,
    /// A dash or a hyphen between spaces.
    Dash,
    /// Three dots inside a sentence.
    Ellipsis,
    /// A comma.
    Comma,
    /// An opening bracket, also after another mark.
    OpenParen,
    /// A closing bracket.
    CloseParen,
    /// A semicolon.
    Semicolon,
    /// A colon.
    Colon,
    /// The sentence ends here.
    SentenceEnd,
}

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// As typed. An abbreviation keeps its full stops (*o.a.*, *art.*); other punctuation at the
    /// ends is not included. Hyphens and apostrophes inside a word belong to it.
    pub raw: &'a str,
    /// In small letters and NFC, with straight apostrophes and plain hyphens, without soft hyphens.
    pub lower: Cow<'a, str>,
    /// Where it stands, in characters of the text as typed.
    pub span: Span,
    /// What stands between this word and the next, or between it and the end of the text.
    pub after: Break,
    /// How many brackets are open around it.
    pub depth: u8,
    /// What it can be.
    pub classes: Classes,
    /// First byte in the text.
    pub(crate) byte: u32,
}

impl Word<'_> {
    /// Whether the word can be `class`.
    pub fn is(&self, class: Class) -> bool {
        self.classes.has(class)
    }

    /// Whether it is a short abbreviation by its capitals, and so not the word of that spelling: *OM* is no
    /// *om*. Longer words may be in capitals for emphasis.
    pub fn is_short_abbreviation(&self) -> bool {
        let mut letters = self.raw.chars();
        matches!(letters.clone().count(), 2 | 3)
            && letters.all(char::is_uppercase)
            && crate::abbreviation_shape(self.raw)
    }

    /// Whether its first letter is a capital.
    pub fn is_capitalised(&self) -> bool {
        self.raw.chars().next().is_some_and(char::is_uppercase)
    }

    pub(crate) fn byte_end(&self) -> usize {
        self.byte as usize + self.raw.len()
    }
}

/// Marks that leave no trace on paper: soft hyphen, zero-width joiners and direction marks.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}

pub(crate) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '`' | '\u{B4}'
    )
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

/// `word` in small letters and NFC with plain hyphens and apostrophes and without ligatures; borrowed
/// when it already is.
pub(crate) fn lower(word: &str) -> Cow<'_, str> {
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'\'');
    if word.bytes().all(plain) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase().replace('`', "'"));
    }
    let mapped = word
        .nfc()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            c if is_hyphen(c) => '-',
            c if is_apostrophe(c) => '\'',
            c => c,
        })
        .flat_map(char::to_lowercase);
    let mut out = String::with_capacity(word.len());
    for c in mapped.nfc() {
        match ligature(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The letters of a ligature, as they come along when text is copied from a PDF.
pub(crate) fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'ĳ' | 'Ĳ' => "ij",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        _ => return None,
    })
}

/// Cuts `source` into words; `after` and `depth` are filled by [`crate::sentences::mark`].
pub(crate) fn split(source: &str) -> Vec<Word<'_>> {
    let mut words = Vec::with_capacity(source.len() / 6 + 1);
    let mut chars = Cursor {
        rest: source,
        byte: 0,
        index: 0,
    };
    while let Some(c) = chars.peek() {
        // A mark that belongs to no letter (that of an emoji) begins no word.
        if !c.is_alphanumeric() {
            chars.bump(c);
            continue;
        }
        let (byte, start) = (chars.byte, chars.index);
        read_word(source, byte, &mut chars);
        let raw = &source[byte..chars.byte];
        words.push(Word {
            raw,
            lower: lower(raw),
            span: Span {
                start,
                end: chars.index,
            },
            after: Break::None,
            depth: 0,
            classes: Classes::default(),
            byte: u32::try_from(byte).unwrap_or(u32::MAX),
        });
    }
    words
}

struct Cursor<'a> {
    rest: &'a str,
    byte: usize,
    index: u32,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    fn bump(&mut self, c: char) {
        let len = c.len_utf8();
        self.rest = self.rest.get(len..).unwrap_or_default();
        self.byte += len;
        self.index = self.index.saturating_add(1);
    }
}

/// Moves past one word, its inner marks, and the full stop that belongs to an abbreviation.
fn read_word(source: &str, start: usize, chars: &mut Cursor<'_>) {
    // Letters since the last inner full stop: *d.d*, *R.v.S* have one or two.
    let mut part = 0_u32;
    let mut previous = '\0';
    let mut dotted = false;
    while let Some(c) = chars.peek() {
        if is_letter(c) {
            part += 1;
            previous = c;
            chars.bump(c);
            continue;
        }
        let next = chars.peek_second();
        let joined = match next {
            None => false,
            Some(next) if !is_letter(next) && !is_invisible(next) => false,
            Some(_) if is_invisible(c) || is_hyphen(c) || is_apostrophe(c) => true,
            Some(_) if c == '&' || c == '_' || c == '@' => true,
            Some(next) if c == '.' => {
                let number = previous.is_ascii_digit() && next.is_ascii_digit();
                let letters = part <= 2 && previous.is_alphabetic() && next.is_alphabetic();
                dotted |= letters;
                part = 0;
                number || letters
            }
            Some(next) if c == ',' || c == ':' => {
                previous.is_ascii_digit() && next.is_ascii_digit()
            }
            Some(_) => false,
        };
        if !joined {
            break;
        }
        chars.bump(c);
    }
    if chars.peek() == Some('.')
        && stop_belongs(&source[start..chars.byte], dotted, chars.peek_second())
    {
        chars.bump('.');
    }
}

/// Whether the full stop after `word` is part of it: an abbreviation that the lexicon knows, one
/// with full stops inside, or an initial.
fn stop_belongs(word: &str, dotted: bool, next: Option<char>) -> bool {
    if next == Some('.') {
        return false;
    }
    let mut letters = word.chars();
    let initial = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    dotted || (initial && next.is_some()) || lexicon().abbreviation(&lower(word)).is_some()
}
