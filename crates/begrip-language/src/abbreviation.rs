//! Abbreviations, told by capitals and shape.

use crate::classes::Class;
use crate::nouns::singular;
use crate::shapes::classes;
use crate::spelling::is_vowel;

/// Whether a word as typed has the shape of an abbreviation: *OM*, *DJI*, *OvJ*, *Wvggz*, *Awb*,
/// *B.V.*, *PIJ-maatregel*. Short words in small letters (*de*), ordinary words with a capital
/// (*Wet*), one letter, titles (*Mr.*) and Roman numerals (*IV*) are none.
pub fn abbreviation_shape(raw: &str) -> bool {
    raw.split(['-', '\u{2010}', '\u{2011}', '/'])
        .any(part_has_shape)
}

/// A term as it is asked about: small letters but for words with the shape of an abbreviation, one
/// space between words, plain hyphens. So *Contactverbod*, *CONTACTVERBOD* and *contactverbod* make
/// one question, and *OM* stays *OM*.
///
/// `term` is in NFC, as every label is. Never longer than `term` by more than case mapping makes it.
pub fn asked_form(term: &str) -> String {
    let word = |word: &str| {
        let word = word.replace(['\u{2010}', '\u{2011}'], "-");
        if abbreviation_shape(&word) {
            word
        } else {
            word.to_lowercase()
        }
    };
    let words: Vec<String> = term.split_whitespace().map(word).collect();
    words.join(" ")
}

fn part_has_shape(part: &str) -> bool {
    let part = part
        .trim_end_matches("'s")
        .trim_end_matches("\u{2019}s")
        .trim_matches(|c: char| !c.is_alphanumeric());
    let letters = || part.chars().filter(|c| c.is_alphabetic());
    let count = letters().count();
    let capitals = letters().filter(|c| c.is_uppercase()).count();
    if count < 2 || capitals == 0 || !part.chars().all(|c| c.is_alphanumeric() || c == '.') {
        return false;
    }
    if matches!(
        part,
        "Mr" | "Dr" | "Drs" | "Ir" | "Ing" | "Prof" | "Nr" | "Art" | "Mw" | "Dhr"
    ) {
        return false;
    }
    if capitals == count {
        return !is_roman(part) && !shouted(part, count);
    }
    if capitals >= 2 {
        return capitals * 2 >= count || (count <= 6 && has_no_vowel_after_first(part));
    }
    // One capital: *Wvggz*, *Pbw*, *Awb*, *Sr*: nothing that could be pronounced follows it.
    // *Wahv*, *Wiv*: no Dutch word ends in v or z. *In* and *Elk* only begin a sentence.
    part.chars().next().is_some_and(char::is_uppercase)
        && classes(&part.to_lowercase()).is_unknown()
        && ((count <= 7 && has_no_vowel_after_first(part))
            || (count <= 5 && part.ends_with(['v', 'z'])))
}

/// An ordinary word in capitals for emphasis: *VERDACHTE*, *NIET*, *DE*. Two letters (*OM*) and three
/// (*PIJ*) are abbreviations unless they are an article.
fn shouted(part: &str, letters: usize) -> bool {
    let word = part.to_lowercase();
    let known = |word: &str| !classes(word).is_unknown();
    classes(&word).has(Class::Article)
        || (letters > 3 && (known(&word) || singular(&word).is_some_and(|one| known(&one))))
}

fn has_no_vowel_after_first(part: &str) -> bool {
    part.chars()
        .skip(1)
        .flat_map(char::to_lowercase)
        .all(|c| !is_vowel(c) || c == 'y')
}

/// Roman numerals as they number books, titles and chapters.
fn is_roman(part: &str) -> bool {
    part.len() <= 8
        && part
            .chars()
            .all(|c| matches!(c, 'I' | 'V' | 'X' | 'L' | 'C'))
        && part.contains(['I', 'V', 'X'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_term_make_one_question() {
        for (typed, asked) in [
            ("Contactverbod", "contactverbod"),
            ("CONTACTVERBOD", "contactverbod"),
            ("  voorlopige   Hechtenis ", "voorlopige hechtenis"),
            ("beleid van het OM", "beleid van het OM"),
            ("PIJ-maatregel", "PIJ-maatregel"),
            ("E\u{2011}mail", "e-mail"),
            ("", ""),
        ] {
            assert_eq!(asked_form(typed), asked);
            assert_eq!(asked_form(asked), asked, "asked again");
        }
    }

    #[test]
    fn capitals_and_shape_tell_an_abbreviation_from_a_word() {
        let yes = "OM DJI CJIB Wvggz BSN Pbw Awb OvJ Sr Sv WvSr EVRM B.V. R.v.S. PIJ-maatregel \
            DNA-onderzoek BSN's AVG tbs-TBS KvK Wjsg PvdA HTTP/2 PIJ WODC UNCITRAL IND AIVD ECLI \
            Wahv Wiv Wlz UWV ISD-maatregel VOG OPCAT";
        for word in yes.split_whitespace() {
            assert!(abbreviation_shape(word), "{word}");
        }
        let no = "de Wet De om wet A IV VIII XII Mr. Dr Onze Raad Wok tbs e-mail Nederland 1983 U \
            Sint-Maarten Art. In Op Als Elk Erf Arts DE HET VERDACHTE NIET STRAFBAAR RECHTERS Straf 3 - ' ..";
        for word in no.split_whitespace().chain([""]) {
            assert!(!abbreviation_shape(word), "{word}");
        }
    }
}
