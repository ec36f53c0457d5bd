//! What stands around a name and says that it is one.

use std::ops::Range;

use begrip_language::{classes, is_compound, is_listed};

use crate::lexicon::{ADDRESSED, ROLES, SHORT_TITLES, TITLES};
use crate::party::SMALL;
use crate::view::View;
use crate::words::Word;

/// Who somebody is to another; what is put before it changes nothing: *stiefvader*, *schoonzus*.
const RELATED: [&str; 14] = [
    "vader", "moeder", "broer", "zus", "zuster", "zoon", "dochter", "partner", "vriend",
    "vriendin", "baas", "collega", "genoot", "genote",
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

/// Names without a capital: what is no word, behind *mevrouw* or a role. Each with how it is written.
pub(crate) fn in_small_letters(
    view: &View<'_>,
    words: &[Word],
    unclaimed: &[bool],
) -> Vec<(Range<usize>, String)> {
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
        let is_name = !name.capital
            && name.lower.chars().count() > 3
            && is_strange(&name.lower)
            && (addressed || classes(&name.lower).is_unknown())
            && is_titled(words, at + 1, before, gap)
            && !gap.contains(',')
            && view.char_at(name.at.end) != Some('-');
        if is_name {
            let range = first.at.start..name.at.end;
            found.push((range.clone(), view.original(view.span(&range)).to_owned()));
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
    fn what_is_a_word_is_no_name() {
        for text in [
            "De heer heeft het gezien.",
            "De getuige verklaarde dat hij sliep.",
            "Volgens getuige kwam de auto van rechts.",
            "Diefstal is strafbaar.",
            "De verdachte minderjarige zweeg.",
        ] {
            let out = protect(text, &[], &Choices::default());
            assert_eq!(out.as_str(), text);
        }
    }
}
