//! Folding for search: what a reader takes for the same letters becomes the same letters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::classes::Class;
use crate::nouns::singular;
use crate::shapes::{adjective_base, classes};
use crate::spelling::{close_syllable, tail};
use crate::words::{is_apostrophe, is_hyphen, is_invisible, ligature, lower};

/// Small letters without diacritics, plain hyphens and quotation marks, runs of white space as one
/// space and none at the ends. No stemming: the start of a folded word is the folded start of it.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let push = |c: char, out: &mut String| match c {
        c if c.is_whitespace() || c.is_control() => {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        }
        c => out.push(c),
    };
    if text.is_ascii() {
        for c in text.chars() {
            push(fold_ascii(c), &mut out);
        }
    } else {
        for c in text.chars().flat_map(char::to_lowercase).nfkd() {
            if is_invisible(c) || is_combining_mark(c) {
                continue;
            }
            fold_letter(c, |c| push(c, &mut out));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn fold_ascii(c: char) -> char {
    match c {
        '`' => '\'',
        c => c.to_ascii_lowercase(),
    }
}

/// Letters and marks that Unicode does not take apart.
pub(crate) fn fold_letter(c: char, mut push: impl FnMut(char)) {
    match c {
        c if is_hyphen(c) || matches!(c, '\u{2012}'..='\u{2015}' | '\u{2212}') => push('-'),
        c if is_apostrophe(c) || matches!(c, '\u{201A}' | '\u{201B}') => push('\''),
        '\u{201C}'..='\u{201F}' | '«' | '»' => push('"'),
        'ß' => {
            push('s');
            push('s');
        }
        'æ' => {
            push('a');
            push('e');
        }
        'œ' => {
            push('o');
            push('e');
        }
        'ø' => push('o'),
        'ł' => push('l'),
        'đ' => push('d'),
        c => match ligature(c) {
            Some(letters) => letters.chars().for_each(push),
            None => c.to_lowercase().for_each(push),
        },
    }
}

/// The words of a text for the search index and for queries alike: folded, and without the endings
/// of number and inflection, so that *voorlopige hechtenissen* finds *voorlopige hechtenis*.
///
/// Only letters and digits are left. A compound with a hyphen gives its parts (*HTTP-protocol* →
/// `http`, `protocol`), save a single letter, which is joined (*e-mail* → `email`).
pub fn search_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in crate::words::split(text) {
        let mut held = String::new();
        for part in word.lower.split(['-', '&', '@', '_', ':', ',']) {
            held.push_str(part);
            if held.chars().count() > 1 {
                push_search_word(&held, &mut out);
                held.clear();
            }
        }
        if !held.is_empty() {
            push_search_word(&held, &mut out);
        }
    }
    out
}

fn push_search_word(word: &str, out: &mut Vec<String>) {
    let stem = search_stem(word);
    let mut folded = fold(&stem);
    folded.retain(char::is_alphanumeric);
    if !folded.is_empty() {
        out.push(folded);
    }
}

fn search_stem(word: &str) -> String {
    let word = &*lower(word);
    let found = classes(word);
    if found.any(&[
        Class::Article,
        Class::Pronoun,
        Class::Preposition,
        Class::Conjunction,
    ]) {
        return word.to_owned();
    }
    let base = singular(word).unwrap_or_else(|| word.to_owned());
    modifier_stem(&base)
}

/// A stem that every inflection of an adjective shares, and more: `strafbare`, `strafbaar` →
/// `strafbar`. Not meant to be read.
pub(crate) fn modifier_stem(word: &str) -> String {
    let base = match adjective_base(word) {
        Some(base) if base.len() >= 3 => base,
        _ => close_syllable(word, false),
    };
    let [last, before, third, _] = tail(&base);
    let mut out = base;
    if before == third
        && matches!(before, 'a' | 'e' | 'o' | 'u')
        && !crate::spelling::is_vowel(last)
    {
        out.pop();
        out.pop();
        out.push(last);
    }
    out
}
