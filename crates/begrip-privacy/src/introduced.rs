//! What stands around a name and says that it is one.

use std::ops::Range;

use begrip_language::{classes, is_compound, is_listed, singular};

use crate::lexicon::{ADDRESSED, ROLES, SHORT_TITLES, SURNAMES, TITLES};
use crate::party::SMALL;
use crate::view::View;
use crate::words::Word;

/// Who somebody is to another; what is put before it changes nothing: *stiefvader*, *schoonzus*.
const RELATED: [&str; 14] = [
    "vader", "moeder", "broer", "zus", "zuster", "zoon", "dochter", "partner", "vriend",
    "vriendin", "baas", "collega", "genoot", "genote",
];

pub(crate) const DETERMINERS: [&str; 12] = [
    "de", "het", "een", "deze", "dit", "elke", "iedere", "onze", "der", "des", "artikel", "geen",
];

/// What a person does, as the text of a case says it; behind a word that is no word it tells a name.
const DOES: [&str; 64] = [
    "heeft",
    "had",
    "is",
    "was",
    "werd",
    "wordt",
    "zou",
    "zegt",
    "zei",
    "verklaart",
    "verklaarde",
    "ontkent",
    "ontkende",
    "bekent",
    "bekende",
    "zwijgt",
    "zweeg",
    "kan",
    "kon",
    "wil",
    "wilde",
    "stelt",
    "stelde",
    "geeft",
    "gaf",
    "gaat",
    "ging",
    "komt",
    "kwam",
    "loopt",
    "liep",
    "ziet",
    "zag",
    "belt",
    "belde",
    "woont",
    "woonde",
    "vraagt",
    "vroeg",
    "antwoordt",
    "antwoordde",
    "vertelt",
    "vertelde",
    "slaat",
    "sloeg",
    "pakt",
    "pakte",
    "rijdt",
    "reed",
    "rent",
    "rende",
    "weet",
    "wist",
    "zit",
    "zat",
    "staat",
    "stond",
    "krijgt",
    "kreeg",
    "neemt",
    "nam",
    "doet",
    "deed",
    "en",
];

/// Behind this word a name may stand.
pub(crate) fn introduces(before: &str) -> bool {
    // *ene* and *zekere* say that somebody is a stranger.
    let strange = matches!(before, "ene" | "zekere" | "noemt" | "noemde" | "oppas");
    strange
        || TITLES.contains(before)
        || RELATED.iter().any(|related| {
            let front = before.strip_suffix(related);
            front.is_some_and(|front| front.chars().count() >= 3)
        })
}

/// Behind a title or a role, with nothing but space or a stop between.
pub(crate) fn is_titled(words: &[Word], first: usize, before: &str, gap: &str) -> bool {
    let of_justice = before == "justitie"
        && first >= 3
        && words[first - 2].lower == "van"
        && words[first - 3].lower == "officier";
    // After a whole word a stop ends the sentence.
    let plain = match gap.trim() {
        "" | ":" => true,
        "." => SHORT_TITLES.contains(&before),
        _ => false,
    };
    let comma = gap.trim() == "," && ROLES.contains(before);
    (introduces(before) || of_justice) && (plain || comma) && !gap.contains("\n\n")
}

/// How surnames that come from a place end: *Haverhoek* looks like a compound, and is none of the law.
const FROM_PLACES: [&str; 12] = [
    "hoek", "hof", "veld", "kamp", "berg", "brink", "broek", "horst", "meer", "woud", "steen",
    "huis",
];

/// Whether a word with a capital is no word of Dutch, as far as can be told: not in the lexicon, and put
/// together of none that is, but for the names of places.
pub(crate) fn is_strange(word: &str) -> bool {
    let from_place = || FROM_PLACES.iter().any(|end| word.ends_with(end));
    !is_listed(word) && (!is_compound(word) || from_place())
}

/// Whether a word without a capital is as long as a name and no word of Dutch, nor the plural of one.
fn is_small_stranger(word: &Word) -> bool {
    let plural = || singular(&word.lower).is_some_and(|one| is_listed(&one));
    !word.capital && word.lower.chars().count() > 3 && is_strange(&word.lower) && !plural()
}

/// Whether a word without a capital can be nothing but the name that somebody has elsewhere in the text.
pub(crate) fn is_small_name(word: &Word) -> bool {
    is_small_stranger(word) && classes(&word.lower).is_unknown()
}

/// *De bakker* where somebody is called Bakker: a surname that many have, behind a small word that is no part of
/// how this one is called.
pub(crate) fn is_trade(words: &[Word], at: usize, called: &str) -> bool {
    let word = words[at].lower.as_str();
    let before = at.checked_sub(1).map_or("", |at| words[at].lower.as_str());
    let part_of_name = || called.to_lowercase().contains(&format!("{before} {word}"));
    SURNAMES.contains(word) && DETERMINERS.contains(&before) && !part_of_name()
}

/// Whether what stands behind a word is what a person does: *Xanthos heeft …*, *Xanthos, die …*.
pub(crate) fn acts(view: &View<'_>, words: &[Word], at: usize) -> bool {
    words
        .get(at + 1)
        .is_some_and(|next| match view.get(words[at].at.end..next.at.start) {
            " " => !next.capital && DOES.contains(&next.lower.as_str()),
            ", " => next.lower == "die",
            _ => false,
        })
}

/// A name without a capital.
pub(crate) struct SmallName {
    /// Its bytes in the view, with the small words before it.
    pub at: Range<usize>,
    /// How it is written.
    pub shown: String,
    /// The word that is the name.
    pub surname: String,
}

/// Names without a capital: what is no word, behind *mevrouw* or a role.
pub(crate) fn in_small_letters(
    view: &View<'_>,
    words: &[Word],
    unclaimed: &[bool],
) -> Vec<SmallName> {
    let mut found = Vec::new();
    for (at, title) in words.iter().enumerate() {
        let before = title.lower.as_str();
        let addressed = ADDRESSED.contains(&before);
        if !addressed && !ROLES.contains(before) {
            continue;
        }
        let mut last = at + 1;
        let small = |word: &Word| SMALL.contains(&word.lower.as_str());
        // *Verdachte van diefstal* is another thing than *mevrouw van Xanten*.
        while addressed && words.get(last).is_some_and(small) {
            last += 1;
        }
        let Some(name) = words.get(last).filter(|_| unclaimed[last]) else {
            continue;
        };
        let first = &words[at + 1];
        let gap = view.get(title.at.end..first.at.start);
        let is_name = is_small_stranger(name)
            && (addressed || classes(&name.lower).is_unknown())
            && is_titled(words, at + 1, before, gap)
            && !gap.contains(',')
            && view.char_at(name.at.end) != Some('-');
        if is_name {
            let at = first.at.start..name.at.end;
            found.push(SmallName {
                shown: view.original(view.span(&at)).to_owned(),
                surname: name.lower.clone(),
                at,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Choices, protect};

    #[test]
    fn a_name_is_told_by_who_somebody_is_and_what_they_do() {
        for (text, expected) in [
            (
                "Ook zijn stiefvader Xanthos kwam.",
                "Ook zijn stiefvader [persoon 1] kwam.",
            ),
            ("Toen kwam ene Xanthos.", "Toen kwam ene [persoon 1]."),
            ("Xanthos heeft het gezien.", "[persoon 1] heeft het gezien."),
            (
                "Xanthos, die daar woont, belde.",
                "[persoon 1], die daar woont, belde.",
            ),
            (
                "Volgens de heer xanthos niet.",
                "Volgens de heer [persoon 1] niet.",
            ),
            (
                "Volgens mevr. van xanthos niet.",
                "Volgens mevr. [persoon 1] niet.",
            ),
            (
                "Volgens getuige xanthos niet.",
                "Volgens getuige [persoon 1] niet.",
            ),
        ] {
            let out = protect(text, &[], &Choices::default());
            assert_eq!(out.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn who_is_introduced_is_found_in_small_letters_too() {
        for (text, expected) in [
            (
                "Volgens de heer xanthos niet. Toen liep xanthos weg.",
                "Volgens de heer [persoon 1] niet. Toen liep [persoon 1] weg.",
            ),
            (
                "Toen liep xanthos weg, zei getuige xanthos.",
                "Toen liep [persoon 1] weg, zei getuige [persoon 1].",
            ),
            (
                "De heer Xanthos zweeg. Volgens zijn broer loog xanthos.",
                "De heer [persoon 1] zweeg. Volgens zijn broer loog [persoon 1].",
            ),
            (
                "Mevrouw van xanthos kwam; daar was Xanthos ook, met xanthos' fiets.",
                "Mevrouw [persoon 1] kwam; daar was [persoon 1] ook, met [persoon 1]' fiets.",
            ),
            (
                "Getuige Jan Xanthos en de heer xanthos.",
                "Getuige [persoon 1] en de heer [persoon 1].",
            ),
            (
                "De heer xanthos en mevrouw yllanes. Later sprak yllanes met xanthos.",
                "De heer [persoon 1] en mevrouw [persoon 2]. Later sprak [persoon 2] met [persoon 1].",
            ),
        ] {
            let out = protect(text, &[], &Choices::default());
            assert_eq!(out.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_word_that_is_somebodys_name_stays_a_word() {
        for (text, expected) in [
            (
                "Volgens mevrouw Bakker niet. Zij kocht brood bij de bakker.",
                "Volgens mevrouw [persoon 1] niet. Zij kocht brood bij de bakker.",
            ),
            (
                "Volgens mevrouw de vries niet. Toen liep de vries weg.",
                "Volgens mevrouw [persoon 1] niet. Toen liep de [persoon 1] weg.",
            ),
        ] {
            let out = protect(text, &[], &Choices::default());
            assert_eq!(out.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_a_word_is_no_name() {
        for text in [
            "De heer heeft het gezien.",
            "De getuige verklaarde dat hij sliep.",
            "Volgens getuige kwam de auto van rechts.",
            "Diefstal is strafbaar.",
            "De verdachte minderjarige zweeg.",
            "Tegen de bedoelde verdachte maatregelen bevelen. Zulke maatregelen duren kort.",
        ] {
            let out = protect(text, &[], &Choices::default());
            assert_eq!(out.as_str(), text);
        }
    }
}
