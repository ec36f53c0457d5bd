//! What a pronoun or a relative points back to.
//!
//! Gender and number rule nouns out (*die* is no *feit*, *het* no *straffen*); of those that are left the
//! nearest is meant, and for *hij* the nearest person.

use crate::classes::Class;
use crate::nouns::{Number, number};
use crate::words::{Break, Word};

/// The longest way back, in words: keeps the search short for any text.
const REACH: usize = 120;

/// The noun before `at` that the word there points back to; `None` when it points back to nothing, or is
/// no word that does. The index of the noun.
pub(crate) fn find(words: &[Word<'_>], at: usize) -> Option<usize> {
    let word = words.get(at)?;
    let fits: fn(&Word<'_>) -> bool = match &*word.lower {
        "die" | "deze" => |noun| is_plural(noun) || !is_neuter(noun),
        "dat" | "dit" | "het" => |noun| !is_plural(noun) && !is_common(noun),
        "hij" | "hem" | "diens" | "zijn" | "haar" | "wiens" => |noun| !is_plural(noun),
        "hun" | "hen" => names_several,
        "zij" | "ze" | "wier" | "ervan" | "ermee" | "erin" | "eruit" | "erop" => |_| true,
        other if other.starts_with("waar") && word.is(Class::Relative) => |_| true,
        other if points_at_thing(other) => |_| true,
        _ => return None,
    };
    let from = before_own_group(words, at);
    let nouns = || {
        (at.saturating_sub(REACH)..from)
            .rev()
            .filter(|index| is_noun(words, *index))
    };
    let person = matches!(&*word.lower, "hij" | "hem" | "diens")
        .then(|| nouns().find(|index| names_person(&words[*index]) && fits(&words[*index])))
        .flatten();
    // *hun* after *een man en een vrouw*: two things joined.
    let joined = || {
        let several = matches!(&*word.lower, "hun" | "hen");
        let joins = |word: &Word<'_>| matches!(&*word.lower, "en" | "of" | "alsmede");
        nouns()
            .next()
            .filter(|_| several && words[..from].iter().any(joins))
    };
    person
        .or_else(|| nouns().find(|index| fits(&words[*index])))
        .or_else(joined)
}

/// *daarvan*, *hiermee*, *laatstgenoemde*
fn points_at_thing(word: &str) -> bool {
    let adverb = |begin: &str| word.strip_prefix(begin).is_some_and(|rest| rest.len() >= 2);
    adverb("daar") || adverb("hier") || word.ends_with("noemde") || word == "dezelve"
}

/// Where the nouns end that can be meant. *verlaging van dit bedrag*, *de vruchten daarvan*: what the word's
/// own group depends on is none of them.
fn before_own_group(words: &[Word<'_>], at: usize) -> usize {
    if matches!(&*words[at].lower, "daarvan" | "hiervan" | "ervan") {
        return match at.checked_sub(1) {
            Some(before) if is_noun(words, before) => before,
            _ => at,
        };
    }
    let determiner = matches!(&*words[at].lower, "deze" | "dit")
        && words.get(at + 1).is_some_and(|next| {
            next.classes.is_unknown() || next.classes.any(&[Class::Noun, Class::Inflected])
        });
    let depends = determiner
        && at >= 2
        && words[at - 1].is(Class::Preposition)
        && words[at - 1].after == Break::Space
        && words[at - 2].after == Break::Space
        && (is_noun(words, at - 2) || words[at - 2].is(Class::Infinitive));
    if depends { at - 2 } else { at }
}

/// Whether a thing is named here: a noun, a word that nobody listed, or *degene*, *iemand*, *hetgeen*.
fn is_noun(words: &[Word<'_>], index: usize) -> bool {
    const NAMES: [&str; 9] = [
        "degene", "diegene", "degenen", "iemand", "hetgeen", "datgene", "iets", "ieder", "eenieder",
    ];
    let word = &words[index];
    // *bevoegde* in *bevoegde rechter* is no noun.
    let attribute = word.is(Class::Inflected)
        && word.after == Break::Space
        && words
            .get(index + 1)
            .is_some_and(|next| next.is(Class::Noun) && !next.is(Class::Preposition));
    let unknown = word.classes.is_unknown() && word.lower.chars().any(char::is_alphabetic);
    // *straffen* is a verb too.
    let plural = word.is(Class::Infinitive) && is_plural(word);
    (word.classes.any(&[Class::Noun, Class::AdjectivalNoun]) && !attribute)
        || plural
        || unknown
        || NAMES.contains(&&*word.lower)
}

fn is_plural(noun: &Word<'_>) -> bool {
    number(&noun.lower) == Number::Plural
}

/// A plural, or people taken together.
fn names_several(noun: &Word<'_>) -> bool {
    const TOGETHER: [&str; 15] = [
        "groep",
        "gezin",
        "paar",
        "echtpaar",
        "familie",
        "bevolking",
        "volk",
        "team",
        "bestuur",
        "college",
        "commissie",
        "personeel",
        "publiek",
        "partij",
        "gemeenschap",
    ];
    is_plural(noun) || TOGETHER.iter().any(|end| noun.lower.ends_with(end))
}

/// A noun with *het*.
fn is_neuter(noun: &Word<'_>) -> bool {
    const ENDINGS: [&str; 6] = ["isme", "ment", "sel", "tje", "pje", "dom"];
    noun.is(Class::Neuter)
        || (noun.is(Class::Infinitive) && !noun.is(Class::PluralNoun))
        || matches!(&*noun.lower, "iets" | "hetgeen" | "datgene")
        || ENDINGS.iter().any(|ending| noun.lower.ends_with(ending))
}

/// A noun with *de*, as far as its ending or its being a person tells.
fn is_common(noun: &Word<'_>) -> bool {
    const ENDINGS: [&str; 10] = [
        "heid", "teit", "ing", "tie", "sie", "iek", "nis", "age", "ij", "te",
    ];
    if noun.is(Class::Neuter) {
        return false;
    }
    names_person(noun) || ENDINGS.iter().any(|ending| noun.lower.ends_with(ending))
}

fn names_person(noun: &Word<'_>) -> bool {
    const ENDINGS: [&str; 9] = [
        "persoon", "aar", "eur", "ist", "ant", "man", "vrouw", "ier", "oor",
    ];
    const WORDS: [&str; 14] = [
        "kind",
        "slachtoffer",
        "mens",
        "burger",
        "ouder",
        "rechter",
        "advocaat",
        "getuige",
        "arts",
        "partij",
        "degene",
        "diegene",
        "iemand",
        "ieder",
    ];
    noun.is(Class::AdjectivalNoun)
        || WORDS.contains(&&*noun.lower)
        || ENDINGS.iter().any(|end| noun.lower.ends_with(end))
        || (noun.lower.ends_with("er") && !noun.is(Class::Neuter))
}
