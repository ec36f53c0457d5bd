//! What a compound is a kind of.

use crate::classes::Class;
use crate::lexicon::lexicon;
use crate::shapes::{LONGEST_WORD, classes};

/// The shortest part of a compound, in letters.
const SHORTEST: usize = 3;

/// The nouns that `word` (small letters) may be a kind of because it ends in them, the longest
/// first: *straf* for *gevangenisstraf*, *zitting* for *rechtszitting*.
///
/// The lists do not hold all nouns: a part is what can be a word by its shape, and the caller, who
/// knows the terms, takes the first that is one. Words that only look like a compound (*oorzaak*,
/// *rechtbank*) and derivations (*aanklacht*) give no such part.
pub fn compound_heads(word: &str) -> Vec<&str> {
    if word.len() > LONGEST_WORD || word.contains(' ') {
        return Vec::new();
    }
    // *dwangmaatregel* is a kind of *maatregel*, and not of *regel*.
    let whole = lexicon()
        .opaque()
        .filter(|whole| word.ends_with(whole))
        .map(str::len)
        .max()
        .unwrap_or(0);
    let places = word.char_indices().map(|(at, _)| at).skip(SHORTEST);
    places
        .map(|at| word.split_at(at))
        .filter(|(first, last)| last.len() >= whole && may_come_first(first) && may_be_word(last))
        .map(|(_, last)| last)
        .collect()
}

/// Whether letters, a linking *-s-*, *-e-*, *-en-* or hyphen included, can stand before the last
/// part: a word and no prefix.
fn may_come_first(first: &str) -> bool {
    // *aan-klacht*, *onder-zoek*: made from a verb.
    const PREFIXES: [&str; 22] = [
        "aaneen", "achter", "bijeen", "her", "herbe", "mede", "mee", "mis", "neer", "onaan",
        "onbe", "onder", "ont", "onver", "opeen", "terug", "toe", "ver", "verder", "voort",
        "weder", "weg",
    ];
    let bare = first.strip_suffix('-').unwrap_or(first);
    let found = classes(bare);
    let is_prefix = PREFIXES.contains(&bare)
        || found.any(&[Class::Preposition, Class::Adverb]) && !found.has(Class::Noun);
    !is_prefix && may_be_word(bare)
}

/// Whether letters can be a word: long enough, with a vowel, beginning and ending as words do.
fn may_be_word(part: &str) -> bool {
    const NEVER_FIRST: [&str; 12] = [
        "bt", "cht", "ft", "gd", "gt", "kt", "ld", "lt", "mp", "nd", "ng", "nt",
    ];
    part.chars().count() >= SHORTEST
        && part.starts_with(char::is_alphabetic)
        && part
            .chars()
            .any(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'))
        && !NEVER_FIRST.iter().any(|cluster| part.starts_with(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part that a lawyer takes a word to be a kind of, among terms that a store may hold.
    const TERMS: &[&str] = &[
        "straf",
        "zaak",
        "recht",
        "rechter",
        "commissaris",
        "klacht",
        "bank",
        "regel",
        "zitting",
        "maatregel",
        "besluit",
        "beroep",
        "dossier",
        "raad",
        "wet",
        "boete",
        "lid",
        "vordering",
        "plicht",
        "bevel",
        "feit",
        "verbod",
        "gebod",
        "officier",
        "leger",
        "beslag",
    ];

    #[test]
    fn a_compound_is_a_kind_of_its_last_part_and_a_derivation_of_nothing() {
        for (word, last) in [
            ("gevangenisstraf", Some("straf")),
            ("strafzaak", Some("zaak")),
            ("strafrecht", Some("recht")),
            ("rechter-commissaris", Some("commissaris")),
            ("rechtszitting", Some("zitting")),
            ("strafmaatregel", Some("maatregel")),
            ("dwangsombesluit", Some("besluit")),
            ("getuigenverbod", Some("verbod")),
            ("hulpofficier", Some("officier")),
            ("procesdossier", Some("dossier")),
            ("geldboete", Some("boete")),
            ("zaaksofficier", Some("officier")),
            ("ontnemingsvordering", Some("vordering")),
            ("grondwet", Some("wet")),
            ("aanklacht", None),
            ("verdachte", None),
            ("rechterscommissaris", Some("commissaris")),
            ("oorzaak", None),
            ("noodzaak", None),
            ("rechtbank", None),
            ("maatregel", None),
            ("dwangmaatregel", Some("maatregel")),
            ("onrecht", None),
            ("gerecht", None),
            ("voorraad", None),
            ("straf", None),
            ("hoger beroep", None),
        ] {
            let found = compound_heads(word)
                .into_iter()
                .find(|last| TERMS.contains(last));
            assert_eq!(found, last, "{word}");
        }
    }

    #[test]
    fn any_text_at_all_is_taken_apart_at_letters() {
        for word in [
            "",
            "é",
            "ééééééé",
            "straf\u{301}zaak",
            "👩‍⚖️recht",
            &"x".repeat(500),
        ] {
            compound_heads(word);
        }
    }
}
