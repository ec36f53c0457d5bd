use std::ops::Range;

use begrip_language::Span;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text as it is searched: without hidden signs and accents; every digit, dash, apostrophe and
/// space in its plain form. Capitals stay.
pub(crate) struct View<'a> {
    source: &'a str,
    pub text: String,
    /// For each byte of `text`, the characters of the source that it stands for.
    places: Vec<(u32, u32)>,
    /// The byte of each character of the source, and its length at the end.
    bytes: Vec<usize>,
}

impl<'a> View<'a> {
    pub fn of(source: &'a str) -> Self {
        let mut view = Self {
            source,
            text: String::with_capacity(source.len()),
            places: Vec::with_capacity(source.len()),
            bytes: Vec::with_capacity(source.len() + 1),
        };
        let mut plain = String::new();
        for (at, (byte, c)) in (0_u32..).zip(source.char_indices()) {
            view.bytes.push(byte);
            plain.clear();
            push_plain(c, &mut plain);
            if plain.is_empty() {
                view.belongs_to_last(at + 1);
            }
            view.text.push_str(&plain);
            view.places
                .extend(std::iter::repeat_n((at, at + 1), plain.len()));
        }
        view.bytes.push(source.len());
        view
    }

    /// What cannot be seen, and an accent by itself, go with the letter before them.
    fn belongs_to_last(&mut self, end: u32) {
        let Some(&(start, _)) = self.places.last() else {
            return;
        };
        for place in self.places.iter_mut().rev() {
            if place.0 != start {
                break;
            }
            place.1 = end;
        }
    }

    /// The characters of the source that a range of bytes of the view covers.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let place = |at: usize| self.places.get(at).copied().unwrap_or_default();
        match range.is_empty() {
            true => Span::default(),
            false => Span {
                start: place(range.start).0,
                end: place(range.end - 1).1,
            },
        }
    }

    /// The source's own text of a span.
    pub fn original(&self, span: Span) -> &'a str {
        let byte = |at: u32| self.bytes.get(at as usize).copied().unwrap_or_default();
        self.source
            .get(byte(span.start)..byte(span.end))
            .unwrap_or_default()
    }

    /// How long the source is, in characters.
    pub fn length(&self) -> u32 {
        u32::try_from(self.bytes.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The plain text of a range.
    pub fn get(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The last `most` characters before a byte.
    pub fn before(&self, at: usize, most: usize) -> &str {
        let text = self.get(0..at);
        let start = text.char_indices().rev().nth(most.saturating_sub(1));
        text.get(start.map_or(0, |(byte, _)| byte)..)
            .unwrap_or_default()
    }

    pub fn char_before(&self, at: usize) -> Option<char> {
        self.get(0..at).chars().next_back()
    }

    pub fn char_at(&self, at: usize) -> Option<char> {
        self.get(at..self.text.len()).chars().next()
    }
}

/// Letters and digits alone, in small letters: two texts with the same key are the same thing.
pub(crate) fn key(text: &str) -> String {
    let mut plain = String::new();
    text.chars().for_each(|c| push_plain(c, &mut plain));
    plain
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn push_plain(c: char, out: &mut String) {
    match c {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
        c if c.is_ascii_alphanumeric() || c.is_ascii_punctuation() && c != '`' => out.push(c),
        c if c.is_whitespace() => out.push(' '),
        c if is_hidden(c) => {}
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{FE58}' => out.push('-'),
        '`' | '´' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}' | '\u{2BC}' => {
            out.push('\'')
        }
        '\u{B7}' | '\u{2022}' | '\u{2219}' | '\u{22C5}' | '\u{3002}' => out.push('.'),
        '\u{2044}' | '\u{2215}' => out.push('/'),
        'ø' => out.push('o'),
        'Ø' => out.push('O'),
        'ł' => out.push('l'),
        'Ł' => out.push('L'),
        'đ' | 'ð' => out.push('d'),
        'Đ' | 'Ð' => out.push('D'),
        'ı' => out.push('i'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'Æ' => out.push_str("AE"),
        'œ' => out.push_str("oe"),
        'Œ' => out.push_str("OE"),
        c => match digit(c) {
            Some(digit) => out.push(digit),
            None => out.extend(
                std::iter::once(c)
                    .nfkd()
                    .filter(|c| !is_combining_mark(*c))
                    .map(|c| match c {
                        '\u{2044}' => '/',
                        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
                        other => digit(other).unwrap_or(other),
                    }),
            ),
        },
    }
}

/// Where the ten digits of a script begin. Those that are another form of ours (full width,
/// mathematical) fold by themselves.
const ZEROS: [char; 19] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}',
    '\u{BE6}', '\u{C66}', '\u{CE6}', '\u{D66}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}',
    '\u{17E0}', '\u{1810}', '\u{FF10}',
];

fn digit(c: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

/// What a reader cannot see. At least what a prompt leaves out of its data, so that a number that
/// is whole for the model is whole here.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || is_combining_mark(c)
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180B}'..='\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_sign_is_one() {
        for (written, plain) in [
            ("１２３\u{200B}٤۵", "12345"),
            ("Mu\u{308}ller Müller", "Muller Muller"),
            ("a\u{A0}b\u{2009}c\u{2013}d", "a b c-d"),
            ("𝟏𝟐 ①", "12 1"),
            ("Jansen’s", "Jansen's"),
            ("1\u{FE0F}\u{20E3}2", "12"),
        ] {
            assert_eq!(View::of(written).text, plain, "{written}");
        }
    }

    #[test]
    fn a_range_leads_back_to_all_its_signs() {
        let view = View::of("aé e\u{301}\u{200B}x");
        assert_eq!(view.text, "ae ex");
        assert_eq!(view.original(view.span(&(1..2))), "é");
        assert_eq!(view.original(view.span(&(3..4))), "e\u{301}\u{200B}");
        assert_eq!(view.original(view.span(&(3..5))), "e\u{301}\u{200B}x");
    }
}
