//! Number, singular and plural of Dutch nouns.

use crate::classes::Class;
use crate::lexicon::lexicon;
use crate::shapes::{LONGEST_WORD, adjective_base, classes};
use crate::spelling::{close_syllable, is_vowel, open_syllable, tail};

/// Grammatical number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Number {
    /// One.
    Singular,
    /// More than one.
    Plural,
    /// The form does not tell.
    #[default]
    Unknown,
}

/// The number that the form of a noun (lower case) shows. Never [`Number::Unknown`], which only
/// the place in a text can give; a word that is no noun counts as singular.
pub fn number(noun_lower: &str) -> Number {
    let plural = classes(noun_lower).has(Class::PluralOnly) || singular(noun_lower).is_some();
    match plural {
        true => Number::Plural,
        false => Number::Singular,
    }
}

/// A word of one of these classes, and no noun beside, is no plural.
const NO_NOUN: [Class; 17] = [
    Class::Relative,
    Class::Negation,
    Class::PresentParticiple,
    Class::Article,
    Class::Determiner,
    Class::Pronoun,
    Class::Preposition,
    Class::Conjunction,
    Class::Subordinator,
    Class::Adverb,
    Class::Numeral,
    Class::Modal,
    Class::Copula,
    Class::Finite,
    Class::Participle,
    Class::Adjective,
    Class::Inflected,
];

/// The singular of a plural noun; `None` when the word is singular, has no singular
/// (*hersenen*), or cannot be told. Takes and gives small letters.
pub fn singular(noun: &str) -> Option<String> {
    let lexicon = lexicon();
    if noun.len() > LONGEST_WORD {
        return None;
    }
    if let Some(singular) = lexicon.irregular_singular(noun) {
        return Some(singular.to_owned());
    }
    if let Some(stem) = noun.strip_suffix("heden")
        && !stem.is_empty()
    {
        return Some(format!("{stem}heid"));
    }
    // *curatoren*, *sectoren*; no kind of *toren*.
    if ["atoren", "itoren", "ctoren", "utoren"]
        .iter()
        .any(|e| noun.ends_with(e))
    {
        return noun.strip_suffix("en").map(str::to_owned);
    }
    let found = classes(noun);
    if found.any(&[Class::PluralOnly, Class::SingularForm]) {
        return None;
    }
    if !found.has(Class::Noun) {
        if found.any(&NO_NOUN) {
            return None;
        }
        if found.has(Class::Infinitive) {
            return is_known_plural(noun)
                .then(|| en_plural(noun.strip_suffix("en")?))
                .flatten();
        }
    }
    if let Some(found) = compound_singular(noun) {
        return found;
    }
    if let Some(stem) = noun.strip_suffix("'s").or_else(|| noun.strip_suffix("'en")) {
        return (!stem.is_empty()).then(|| stem.to_owned());
    }
    if let Some(stem) = noun.strip_suffix("en") {
        return en_plural(stem);
    }
    if let Some(stem) = noun.strip_suffix("ën") {
        return diaeresis_plural(stem);
    }
    s_plural(noun)
}

/// A compound follows its last part: *rechtbankleden* as *leden*, *strafproces* as *proces*.
/// `Some(None)` says that it is no plural.
fn compound_singular(noun: &str) -> Option<Option<String>> {
    let lexicon = lexicon();
    let starts = noun.char_indices().map(|(at, _)| at).skip(3);
    for at in starts {
        let last = &noun[at..];
        if last.len() < 4 {
            break;
        }
        if last.len() >= 5
            && let Some(singular) = lexicon.irregular_singular(last)
        {
            return Some(Some(format!("{}{singular}", &noun[..at])));
        }
        let stops = lexicon.classes(last).is_some_and(|c| {
            c.has(Class::PluralOnly) || (c.has(Class::SingularForm) && !c.has(Class::Infinitive))
        });
        if stops && last.len() >= 5 {
            return Some(None);
        }
    }
    None
}

fn en_plural(stem: &str) -> Option<String> {
    let lexicon = lexicon();
    let last = tail(stem)[0];
    // *dien*, *voldoen*: no plural. *Partijen*, *truien* are.
    let open = is_vowel(last) && (last != 'i' || !is_vowel(tail(stem)[1]));
    if open || !stem.chars().any(is_vowel) || stem.len() < 2 {
        return None;
    }
    let with_e = format!("{stem}e");
    if lexicon.has(&with_e, Class::Noun) {
        return Some(with_e);
    }
    let candidate = consonant_singular(stem);
    if let Some(stem) = stem.strip_suffix("hed") {
        return Some(format!("{stem}heid"));
    }
    let found = classes(&candidate);
    if found.has(Class::Noun) {
        return Some(candidate);
    }
    // *gestelden*, *bevoegden*: persons, from an adjective or a participle.
    const ADJECTIVAL: [Class; 3] = [
        Class::Adjective,
        Class::Participle,
        Class::PresentParticiple,
    ];
    let ends = |e: &str| stem.ends_with(e) && stem.len() > e.len() + 2;
    let person = ["end", "eerd", "eeld"].iter().any(|e| ends(e))
        || (stem.ends_with("ig") && !stem.ends_with("eig") && !stem.ends_with("uig"));
    if person || found.any(&ADJECTIVAL) || compound_of(&with_e, 5) {
        return Some(with_e);
    }
    Some(candidate)
}

/// Whether a noun of the lexicon of at least `letters` letters is the last part of `word`.
fn compound_of(word: &str, letters: usize) -> bool {
    let starts = word.char_indices().map(|(at, _)| at).skip(3);
    starts
        .take_while(|at| word.len() - at >= letters)
        .any(|at| lexicon().has(&word[at..], Class::Noun))
}

/// Whether `word` is the regular plural in *-en* of a noun that the lexicon knows.
pub(crate) fn is_known_plural(word: &str) -> bool {
    let known = |noun: &str| lexicon().has(noun, Class::Noun);
    word.strip_suffix("en")
        .is_some_and(|stem| known(&consonant_singular(stem)) || known(&format!("{stem}e")))
}

/// The singular of a plural in *-en* by the rules of spelling alone, from what stands before *-en*.
pub(crate) fn consonant_singular(stem: &str) -> String {
    let [last, before, third, fourth] = tail(stem);
    if before == 'o'
        && last == 'r'
        && (third == 't' && matches!(fourth, 'a' | 'i' | 'c' | 'u') || third == 's')
    {
        return stem.to_owned();
    }
    let syllables = stem.chars().filter(|c| is_vowel(*c)).count();
    let long_e = syllables == 1 || matches!(last, 'm' | 't' | 'd' | 'k' | 'z' | 'v' | 'p' | 'g');
    close_syllable(stem, long_e)
}

fn diaeresis_plural(stem: &str) -> Option<String> {
    match stem.strip_suffix("ie") {
        Some(_) => Some(stem.to_owned()),
        None if stem.ends_with('i') => Some(format!("{stem}e")),
        None if stem.ends_with("ee") => Some(stem.to_owned()),
        None => None,
    }
}

fn s_plural(noun: &str) -> Option<String> {
    const PLURAL_ENDINGS: [&str; 32] = [
        "ers", "els", "ens", "ems", "aars", "eurs", "ties", "sies", "nies", "ries", "gies", "xies",
        "kies", "dies", "ages", "eges", "ures", "ines", "odes", "yses", "istes", "ites", "ces",
        "tes", "des", "jes", "pes", "eaus", "ions", "tors", "aards", "airs",
    ];
    let stem = noun.strip_suffix('s')?;
    let plural = PLURAL_ENDINGS.iter().any(|e| noun.ends_with(e))
        || (stem.len() >= 4 && (lexicon().has(stem, Class::Noun) || compound_of(stem, 5)));
    (stem.len() >= 3 && plural).then(|| stem.to_owned())
}

/// The plural forms of a singular noun, the usual one first; more than one where Dutch leaves a
/// choice (*methode*: *methoden*, *methodes*). Takes and gives small letters.
pub fn plural_forms(noun: &str) -> Vec<String> {
    let lexicon = lexicon();
    if noun.is_empty()
        || noun.len() > LONGEST_WORD
        || lexicon.has(noun, Class::PluralOnly)
        || singular(noun).is_some()
    {
        return Vec::new();
    }
    // The whole word, else its last part: *commissieleden* as *leden*.
    let starts = std::iter::once(0).chain(noun.char_indices().map(|(at, _)| at).skip(2));
    for at in starts.take_while(|at| noun.len() - at >= 3) {
        let (first, last) = noun.split_at(at);
        let plurals = lexicon.irregular_plurals(last);
        if plurals.is_empty() {
            continue;
        }
        let mut out: Vec<String> = plurals.iter().map(|p| format!("{first}{p}")).collect();
        let with_s = format!("{noun}s");
        if noun.ends_with('e') && out.iter().any(|p| p.strip_suffix('n') == Some(noun)) {
            out.push(with_s);
        }
        return out;
    }
    regular_plurals(noun)
}

fn regular_plurals(noun: &str) -> Vec<String> {
    let ends = |ending: &str| noun.ends_with(ending);
    if let Some(stem) = noun.strip_suffix("heid") {
        return vec![format!("{stem}heden")];
    }
    if ends("ie") {
        return vec![format!("{noun}s"), format!("{noun}ën")];
    }
    if ends("e") {
        return vec![format!("{noun}n"), format!("{noun}s")];
    }
    if ends("ooi") || ends("ui") || ends("ei") {
        return vec![format!("{noun}en")];
    }
    if ends("nis") {
        return vec![format!("{noun}sen")];
    }
    if ends("tor") || ends("sor") {
        return vec![format!("{noun}en"), format!("{noun}s")];
    }
    if ends("eur") {
        return vec![format!("{noun}s"), format!("{noun}en")];
    }
    let last = tail(noun)[0];
    if matches!(last, 'a' | 'i' | 'o' | 'u' | 'y') {
        return vec![format!("{noun}'s")];
    }
    let unstressed = ["el", "er", "em", "en", "aar"].iter().any(|e| ends(e));
    let syllables = noun.chars().filter(|c| is_vowel(*c)).count();
    if syllables > 1 && unstressed && !ends("iel") {
        let en = match ends("aar") {
            true => open_syllable(noun, "en"),
            false => format!("{noun}en"),
        };
        return vec![format!("{noun}s"), en];
    }
    if let Some(stem) = noun.strip_suffix('f')
        && (ends("lf") || ends("rf"))
    {
        return vec![format!("{stem}ven")];
    }
    vec![open_syllable(noun, "en")]
}

/// Every inflected form under which a term can stand in a text, itself first: singular, plural,
/// and the forms with and without *-e* of the adjectives before the noun. Small letters.
pub fn inflections_of(term: &str) -> Vec<String> {
    let term = crate::words::lower(term.trim());
    let mut out = vec![term.clone().into_owned()];
    let words: Vec<&str> = term.split_whitespace().collect();
    let head = words
        .iter()
        .position(|w| classes(w).has(Class::Preposition))
        .unwrap_or(words.len());
    let Some(head) = head.checked_sub(1) else {
        return out;
    };
    let nouns = noun_forms(words[head]);
    for noun in nouns {
        for inflected in [false, true] {
            let mut phrase = String::new();
            for (index, word) in words.iter().enumerate() {
                if index > 0 {
                    phrase.push(' ');
                }
                match index {
                    i if i == head => phrase.push_str(&noun),
                    i if i < head => phrase.push_str(&adjective_form(word, inflected)),
                    _ => phrase.push_str(word),
                }
            }
            if !out.contains(&phrase) {
                out.push(phrase);
            }
        }
    }
    out
}

fn noun_forms(noun: &str) -> Vec<String> {
    let mut forms = vec![noun.to_owned()];
    match singular(noun) {
        Some(one) => {
            forms.extend(plural_forms(&one));
            forms.push(one);
        }
        None => forms.extend(plural_forms(noun)),
    }
    forms.dedup();
    forms
}

fn adjective_form(word: &str, inflected: bool) -> String {
    let base = adjective_base(word);
    match (inflected, base) {
        (true, Some(_)) => word.to_owned(),
        (false, Some(base)) if crate::is_adjective(word) => base,
        (true, None) if crate::is_adjective(word) => open_syllable(word, "e"),
        _ => word.to_owned(),
    }
}
