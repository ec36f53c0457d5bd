//! How it is told what a word can be: by the lexicon, else by its shape.

use crate::classes::{Class, Classes};
use crate::lexicon::lexicon;
use crate::nouns::consonant_singular;
use crate::spelling::{close_syllable, is_vowel, soften};

/// The longest word that is taken apart, in bytes. Dutch compounds are long, but what is longer is
/// no word, and looking for the parts of a megabyte without a space would take for ever.
pub(crate) const LONGEST_WORD: usize = 96;

/// Prefixes that leave their verb (*houdt … aan*) and stand before it in a subordinate clause and
/// in infinitive and participle. Longer ones first.
const SEPARABLE: [&str; 75] = [
    "terbeschikking",
    "inverzekering",
    "tenuitvoer",
    "schadeloos",
    "achterover",
    "achteruit",
    "tenlaste",
    "openbaar",
    "uiteen",
    "veilig",
    "bezig",
    "prijs",
    "zeker",
    "gevangen",
    "tegemoet",
    "inbeslag",
    "totstand",
    "terneder",
    "misbruik",
    "staande",
    "overeen",
    "tentoon",
    "terecht",
    "vooruit",
    "voorbij",
    "gebruik",
    "gelijk",
    "bekend",
    "achter",
    "binnen",
    "teweeg",
    "tussen",
    "kennis",
    "plaats",
    "buiten",
    "gereed",
    "vooraf",
    "teniet",
    "stand",
    "tegen",
    "terug",
    "samen",
    "onder",
    "boven",
    "kwijt",
    "voort",
    "bloot",
    "goed",
    "deel",
    "stil",
    "heen",
    "door",
    "mede",
    "over",
    "voor",
    "vast",
    "vrij",
    "weer",
    "neer",
    "waar",
    "open",
    "rond",
    "dood",
    "leeg",
    "aan",
    "bij",
    "los",
    "mee",
    "toe",
    "uit",
    "weg",
    "af",
    "in",
    "na",
    "op",
];
const SEPARABLE_SHORT: [&str; 2] = ["om", "her"];

/// Endings that only nouns have.
const NOUN_ENDINGS: [&str; 18] = [
    "heid", "teit", "ing", "schap", "tie", "sie", "isme", "ment", "nis", "logie", "cratie", "uur",
    "dom", "sel", "iek", "eur", "ant", "ent",
];

/// Those of them that some verbs never part with (*overdekken*, *doorzoeken*).
const STUCK: [&str; 7] = ["achter", "onder", "over", "door", "voor", "weer", "her"];

/// Endings in *-e* that only nouns have.
const NOUN_ENDINGS_E: [&str; 9] = [
    "tie", "sie", "logie", "nomie", "age", "ette", "euse", "rice", "iste",
];

/// Endings that only adjectives have (without *-e*).
const ADJECTIVE_ENDINGS: [&str; 15] = [
    "bekwaam", "bevoegd", "bewust", "gericht", "gebonden", "lijk", "baar", "zaam", "loos", "isch",
    "ig", "achtig", "air", "matig", "waardig",
];

/// What `word` (lower case, NFC) can be. Unknown words give an empty set.
pub fn classes(word: &str) -> Classes {
    let lexicon = lexicon();
    if word.len() > LONGEST_WORD {
        return Classes::default();
    }
    if let Some(known) = lexicon.classes(word) {
        return known;
    }
    if word.chars().next().is_some_and(|c| c.is_ascii_digit()) {
        return classes_of_number(word);
    }
    if let Some((_, last)) = word.rsplit_once('-') {
        return if last.is_empty() {
            Class::Noun.into()
        } else {
            classes(last)
        };
    }
    if let Some(found) = verb_form(word) {
        return found;
    }
    by_shape(word)
}

/// Whether `word` (lower case, NFC) stands in the lexicon, or is a form of a verb that does. What the
/// ending of a word makes of it, or its last part, does not count.
pub fn is_listed(word: &str) -> bool {
    word.len() <= LONGEST_WORD && (lexicon().classes(word).is_some() || verb_form(word).is_some())
}

/// Whether the last part of `word` (lower case, NFC) is a noun of the lexicon.
pub fn is_compound(word: &str) -> bool {
    word.len() <= LONGEST_WORD && compound(word).is_some()
}

fn classes_of_number(word: &str) -> Classes {
    match word.rsplit_once('-') {
        Some((_, last)) => classes(last),
        None => Class::Numeral.into(),
    }
}

fn by_shape(word: &str) -> Classes {
    if let Some(noun) = compound(word) {
        return noun;
    }
    if word.ends_with(['e', 'ë']) {
        if NOUN_ENDINGS_E.iter().any(|e| ends_after(word, e, 3)) {
            return Class::Noun.into();
        }
        if ends_after(word, "ste", 4) {
            // *bovenste*, *spoedigste*
            return Class::Inflected.into();
        }
        if let Some(base) = adjective_base(word) {
            let known = lexicon().classes(&base).or_else(|| verb_form(&base));
            let base = known.unwrap_or_else(|| shape_of_base(&base));
            if base.any(&[
                Class::Adjective,
                Class::Participle,
                Class::PresentParticiple,
            ]) {
                return Class::Inflected.into();
            }
        }
        return Classes::default();
    }
    shape_of_base(word)
}

/// A compound is what its last part is, as far as that is a noun: *rechtsorde*, *hoofdgetuige*.
fn compound(word: &str) -> Option<Classes> {
    let lexicon = lexicon();
    let starts = word.char_indices().map(|(at, _)| at).skip(3);
    for at in starts {
        let last = &word[at..];
        if last.len() < 4 {
            return None;
        }
        if let Some(found) = lexicon.classes(last)
            && found.has(Class::Noun)
        {
            return Some(found.only_noun(last.len()));
        }
    }
    None
}

fn shape_of_base(word: &str) -> Classes {
    const NUMBERS: [&str; 6] = [
        "twintig", "dertig", "veertig", "vijftig", "honderd", "duizend",
    ];
    if NUMBERS.iter().any(|e| word.ends_with(e)) {
        return Class::Numeral.into();
    }
    let verb = match word.strip_suffix("eren") {
        Some(rest) => !rest.ends_with('i') && rest.chars().any(is_vowel),
        None => word.ends_with("ëren"),
    };
    if verb && word.strip_suffix("en").and_then(compound).is_none() {
        // Verbs in *-eren* are too many to list; plurals in *-eren* are few and listed.
        return Class::Infinitive.into();
    }
    if looks_inseparable(word) {
        return Class::Infinitive.into();
    }
    if let Some(rest) = word.strip_prefix("on") {
        let known = lexicon().classes(rest).or_else(|| verb_form(rest));
        if known.is_some_and(|c| c.any(&[Class::Adjective, Class::Participle])) {
            return Class::Adjective.into();
        }
    }
    if NOUN_ENDINGS.iter().any(|e| ends_after(word, e, 2)) {
        return Class::Noun.into();
    }
    if ADJECTIVE_ENDINGS.iter().any(|e| ends_after(word, e, 2)) {
        return Class::Adjective.into();
    }
    if word.ends_with("end") && word.len() > 5 {
        return Class::PresentParticiple.into();
    }
    let weak = ["igd", "eerd", "oord"]
        .iter()
        .any(|e| ends_after(word, e, 3));
    let prefixed = word.starts_with("ge") && word.ends_with(['d', 't']) && word.len() >= 7;
    if weak || prefixed {
        return Class::Participle.into();
    }
    if word.ends_with("eert") && word.len() > 6 {
        // Verbs in *-eren* are too many to list, and no noun ends so.
        return Class::Finite.into();
    }
    Classes::default()
}

/// An unlisted verb with a prefix that stays (*bedenken*, *ontcijferen*), as far as no plural of a
/// noun is seen in it.
fn looks_inseparable(word: &str) -> bool {
    let Some(open) = word.strip_suffix("en") else {
        return false;
    };
    let verb = ["be", "ver", "ont", "her"].iter().any(|prefix| {
        open.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= 3 && !rest.starts_with(is_vowel) && rest.chars().any(is_vowel)
        })
    });
    verb && classes(&consonant_singular(open)).is_unknown()
        && classes(&format!("{open}e")).is_unknown()
}

fn ends_after(word: &str, ending: &str, letters_before: usize) -> bool {
    word.len() >= ending.len() + letters_before && word.ends_with(ending)
}

/// The separable prefixes that begin with the first letter of `word`, longer ones first: this is asked
/// of every word that the lexicon does not know.
fn separable(word: &str) -> impl Iterator<Item = &'static str> {
    let first = word.as_bytes().first();
    let all = SEPARABLE.iter().chain(&SEPARABLE_SHORT).copied();
    all.filter(move |prefix| prefix.as_bytes().first() == first)
}

/// A form of a verb with a separable prefix (*aanhoudt*, *opgelegd*), or of a verb known by one of
/// the inseparable prefixes (*herplaatst*).
fn verb_form(word: &str) -> Option<Classes> {
    let lexicon = lexicon();
    separable(word).find_map(|prefix| {
        let rest = word.strip_prefix(prefix)?;
        let verb = lexicon.infinitive(rest)?;
        let found = lexicon.classes(rest)?;
        // *medeverdachten*: what follows is a noun before it is a past tense.
        let noun = found.has(Class::Noun)
            && !found.any(&[Class::Infinitive, Class::Participle])
            && rest != "staat";
        if noun || verb.len() <= 3 {
            return None;
        }
        let mut found = found.only_verb();
        if STUCK.contains(&prefix) && !found.has(Class::Infinitive) {
            // *overdekt(e)*, *ondervraagd(e)*: no *ge-* marks the participle.
            if word.ends_with('t') {
                found = found.with(Class::Participle.into());
            } else if word.ends_with("te") || word.ends_with("de") {
                found = found.with(Class::Inflected.into());
            }
        }
        // *uitspraken* is the plural of a noun before it is a past tense.
        let plural = !found.has(Class::Infinitive) && crate::nouns::is_known_plural(word);
        Some(match plural {
            true => Classes::from(Class::Noun).with(Class::PluralNoun.into()),
            false => found,
        })
    })
}

/// The infinitive of a verb form (*opgelegd* → *opleggen*), when the lexicon knows the verb.
pub fn infinitive_of(form_lower: &str) -> Option<String> {
    let lexicon = lexicon();
    if let Some(infinitive) = lexicon.infinitive(form_lower) {
        return Some(infinitive.to_owned());
    }
    separable(form_lower).find_map(|prefix| {
        let infinitive = lexicon.infinitive(form_lower.strip_prefix(prefix)?)?;
        Some(format!("{prefix}{infinitive}"))
    })
}

/// The form without *-e* of an adjective (*strafbare* → *strafbaar*, *valse* → *vals*,
/// *formele* → *formeel*, *dubbele* → *dubbel*); `None` when the word does not end in *-e*.
pub fn adjective_base(word_lower: &str) -> Option<String> {
    let open = word_lower.strip_suffix('e')?;
    if open.len() < 3 {
        return None;
    }
    let lexicon = lexicon();
    let known = |word: &str| {
        lexicon.classes(word).is_some_and(|c| {
            c.any(&[
                Class::Adjective,
                Class::Participle,
                Class::PresentParticiple,
            ])
        })
    };
    // *gesloten* → *geslotene* is rare; *open*, *dubbel* keep their unstressed e.
    let mut short = open.to_owned();
    soften(&mut short);
    if known(&short) {
        return Some(short);
    }
    let unstressed = open.ends_with("er") && !known(&close_syllable(open, true))
        || open.ends_with("ibel")
        || open.ends_with("abel");
    Some(close_syllable(open, !unstressed))
}
