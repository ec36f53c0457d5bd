//! Names that nobody told of: after a title or role, with initials, by lists of names, and by capitals
//! where a sentence has none.

use begrip_language::classes;

use crate::introduced::{
    DETERMINERS, acts, in_small_letters, introduces, is_small_name, is_strange, is_titled, is_trade,
};
use crate::kind::Kind;
use crate::lexicon::{ADDRESSED, GIVEN, GIVEN_WORDS, NOT_NAMES, SURNAMES};
use crate::party::SMALL;
use crate::protect::Find;
use crate::view::View;
use crate::words::Word;

/// Initials that are an abbreviation.
const ABBREVIATIONS: [&str; 20] = [
    "bv", "nv", "om", "hr", "eg", "eu", "vof", "nj", "ab", "evrm", "vn", "vs", "ao", "rb", "pi",
    "tbs", "ro", "ho", "jo", "mvt",
];

/// After a name with a hyphen these make a term of law of it: *Salduz-verweer*.
const OF_LAW: [&str; 13] = [
    "norm",
    "verweer",
    "arrest",
    "criterium",
    "criteria",
    "jurisprudentie",
    "formule",
    "wet",
    "beschikking",
    "beschikkingen",
    "toets",
    "feit",
    "feiten",
];

/// Small words that a name has inside without another one beside them.
const INSIDE: [&str; 26] = [
    "van", "de", "den", "der", "ter", "ten", "te", "von", "zu", "la", "le", "du", "des", "di",
    "da", "dos", "del", "della", "el", "al", "bin", "ibn", "ben", "ould", "abu", "mac",
];

/// After these a capital is that of a place, a firm or a thing.
const BEFORE_OTHERS: [&str; 36] = [
    "in",
    "te",
    "naar",
    "uit",
    "bij",
    "nabij",
    "vanuit",
    "tot",
    "over",
    "rond",
    "richting",
    "regio",
    "gemeente",
    "merk",
    "op",
    "langs",
    "per",
    "via",
    "firma",
    "bedrijf",
    "stichting",
    "cafe",
    "hotel",
    "restaurant",
    "winkel",
    "supermarkt",
    "school",
    "stad",
    "dorp",
    "wijk",
    "station",
    "straat",
    "type",
    "sint",
    "inrichting",
    "locatie",
];

/// A name as it was read.
struct Name {
    first: usize,
    last: usize,
    initials: Vec<usize>,
    /// Words with a capital before any small word, and those after it.
    given: Vec<usize>,
    family: Vec<usize>,
}

/// Somebody who is named in the text.
struct Person {
    given: Option<String>,
    initial: Option<char>,
    surname: Option<String>,
    shown: String,
}

/// Finds names; gives what each person is called, by the key of the finds. Where they are not `free`
/// only what can be nothing else than a name is one.
pub(crate) fn find(
    view: &View<'_>,
    words: &[Word],
    free: bool,
    found: &mut Vec<Find>,
) -> Vec<String> {
    let is_name = if free { is_person } else { is_surely_person };
    // What is something else is no name; a party's name may be part of somebody else's.
    let claimed = |word: &Word, kinds: fn(Kind) -> bool| {
        let covers = |find: &Find| {
            kinds(find.kind) && find.at.start <= word.at.start && word.at.end <= find.at.end
        };
        found.iter().any(covers)
    };
    let unclaimed: Vec<bool> = words
        .iter()
        .map(|word| !claimed(word, |kind| kind != Kind::Place))
        .collect();
    let other: Vec<bool> = words
        .iter()
        .map(|word| claimed(word, |kind| !matches!(kind, Kind::Place | Kind::Party)))
        .collect();
    let mut names = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let name = read(view, words, at, &other).filter(|name| is_name(view, words, name));
        match name {
            Some(name)
                if (name.first..=name.last).any(|word| unclaimed[word] && words[word].capital) =>
            {
                at = name.last + 1;
                names.push(name);
            }
            _ => at += 1,
        }
    }
    let mut people: Vec<Person> = Vec::new();
    // Who is named in full is known before somebody is named by a part.
    names.sort_by_key(|name| {
        (
            name.given.is_empty() && name.initials.is_empty(),
            name.first,
        )
    });
    for name in &names {
        let person = identify(view, words, name, &mut people);
        let mut end = words[name.last].at.end;
        if words[name.last].is_letter() && view.char_at(end) == Some('.') {
            end += 1;
        }
        let range = words[name.first].at.start..end;
        found.push(Find::new(range, Kind::Person, person.to_string()));
    }
    let mut inside: Vec<bool> = vec![false; words.len()];
    for name in &names {
        inside[name.first..=name.last].fill(true);
    }
    if free {
        for name in in_small_letters(view, words, &unclaimed) {
            let known = people.iter().position(|person| {
                let surname = person.surname.as_deref();
                surname.is_some_and(|surname| is_same(surname, &name.surname))
            });
            let key = known.unwrap_or(people.len());
            if known.is_none() {
                people.push(Person {
                    given: None,
                    initial: None,
                    surname: Some(name.surname),
                    shown: name.shown,
                });
            }
            for (word, inside) in words.iter().zip(&mut inside) {
                *inside |= name.at.start <= word.at.start && word.at.end <= name.at.end;
            }
            found.push(Find::new(name.at, Kind::Person, key.to_string()));
        }
    }
    let may_be = |at: usize| {
        let word = &words[at];
        let is_name = word.capital || (free && is_small_name(word));
        is_name && unclaimed[at] && !inside[at] && word.lower.chars().count() >= 3
    };
    elsewhere(view, words, may_be, &people, found);
    people.into_iter().map(|person| person.shown).collect()
}

/// Reads a name that begins at a word: initials, words with a capital, small words between them.
fn read(view: &View<'_>, words: &[Word], first: usize, other: &[bool]) -> Option<Name> {
    let mut name = Name {
        first,
        last: first,
        initials: Vec::new(),
        given: Vec::new(),
        family: Vec::new(),
    };
    let mut at = first;
    let mut small_before = false;
    while let Some(word) = words.get(at) {
        let gap = match at.checked_sub(1).filter(|_| at > first) {
            Some(before) => view.get(words[before].at.end..word.at.start),
            None => "",
        };
        let after_initial = at > first && name.initials.last() == Some(&(at - 1));
        let joined = match gap.trim_matches([' ', '\n']) {
            "" => gap.len() <= 2,
            "." => after_initial,
            "-" | "'" => gap.len() <= 3,
            _ => false,
        };
        let dotted = view.char_at(word.at.end) == Some('.');
        let initial = word.is_letter() && word.capital && dotted;
        if !joined || other[at] {
            break;
        } else if initial && name.family.is_empty() && name.given.is_empty() && !small_before {
            name.initials.push(at);
        } else if let Some(next) =
            small_words(words, at).filter(|_| name.family.is_empty() || gap.contains('-'))
        {
            let titled = first > 0 && introduces(&words[first - 1].lower);
            let opens_with = at == first && !titled;
            if opens_with && !words[at].capital && next == at + 1 && !known_surname(words, next) {
                break;
            }
            small_before = true;
            at = next;
            continue;
        } else if word.capital && !word.is_letter() && !is_stopped(word) {
            if small_before || gap == "-" && name.given.is_empty() {
                name.family.push(at);
            } else {
                name.given.push(at);
            }
        } else {
            break;
        }
        name.last = at;
        if name.given.len() + name.family.len() == 4 {
            break;
        }
        at += 1;
    }
    if name.family.is_empty()
        && let Some(last) = name.given.pop()
    {
        name.family.push(last);
    }
    (!name.family.is_empty()).then_some(name)
}

/// The word after small words that stand before a name.
fn small_words(words: &[Word], at: usize) -> Option<usize> {
    let mut next = at;
    while next < at + 3
        && words
            .get(next)
            .is_some_and(|word| SMALL.contains(&word.lower.as_str()))
    {
        next += 1;
    }
    let name = words
        .get(next)
        .filter(|word| word.capital && !word.is_letter() && !is_stopped(word));
    let smalls = words.get(at..next).unwrap_or_default();
    let is = |word: &Word, list: &[&str]| list.contains(&word.lower.as_str());
    // *in de Dorpsstraat* is no name, *in 't Veld* and *op den Kamp* are.
    let sure = smalls.iter().all(|word| is(word, &INSIDE))
        || smalls.iter().any(|word| is(word, &["t", "den"]))
        || (smalls.len() > 1 && known_surname(words, next));
    (next > at && name.is_some() && sure).then_some(next)
}

fn known_surname(words: &[Word], at: usize) -> bool {
    words
        .get(at)
        .is_some_and(|word| SURNAMES.contains(word.lower.as_str()))
}

fn is_stopped(word: &Word) -> bool {
    let lower = word.lower.as_str();
    // An acronym; a name of four capitals is known by its list.
    let acronym =
        word.shouted && lower.len() <= 4 && !GIVEN.contains(lower) && !SURNAMES.contains(lower);
    acronym || NOT_NAMES.contains(lower)
}

/// Whether what was read is a person's name.
fn is_person(view: &View<'_>, words: &[Word], name: &Name) -> bool {
    let first = &words[name.first];
    let main = &words[*name.family.last().unwrap_or(&name.last)];
    if is_of_law(view, words, name) {
        return false;
    }
    let before = name.first.checked_sub(1).map(|at| &words[at]);
    let gap = before.map_or("", |before| view.get(before.at.end..first.at.start));
    let before = before.map(|word| word.lower.as_str()).unwrap_or_default();
    if is_titled(words, name.first, before, gap) {
        return true;
    }
    if born_follows(view, words, name) && !first.opens {
        return true;
    }
    let initials: String = name
        .initials
        .iter()
        .map(|at| words[*at].lower.as_str())
        .collect();
    if !initials.is_empty() {
        return !ABBREVIATIONS.contains(&initials.as_str());
    }
    let capitals = name.given.len() + name.family.len();
    let given = name.given.first().unwrap_or(&name.family[0]);
    let given = &words[*given];
    let in_front = given.at == first.at;
    if in_front && GIVEN_WORDS.contains(given.lower.as_str()) {
        return capitals > 1 && !given.opens;
    }
    if in_front && GIVEN.contains(given.lower.as_str()) {
        return !matches!(before, "sint" | "st");
    }
    let small = words[name.first..=name.last]
        .iter()
        .filter(|word| SMALL.contains(&word.lower.as_str()))
        .count();
    if SURNAMES.contains(main.lower.as_str()) && !DETERMINERS.contains(&before) {
        return small > 0 || !first.opens || capitals > 1;
    }
    // *De Vries* and *van der Xanten* are names whatever stands behind them.
    if SMALL.contains(&first.lower.as_str()) {
        let capital = first.capital && !first.opens;
        let second = words.get(name.first + 1).map(|word| word.lower.as_str());
        let van_der = first.lower == "van" && matches!(second, Some("der" | "den"));
        return (capital || van_der) && !DETERMINERS.contains(&before);
    }
    if capitals == 1 {
        let after = view.char_at(main.at.end);
        // *Rechtbank Rhenen*: part of an institution's name.
        let of_stopped = name.first > 0
            && gap == " "
            && words[name.first - 1].capital
            && is_stopped(&words[name.first - 1]);
        let strange = match first.opens {
            true => classes(&first.lower).is_unknown() && acts(view, words, name.last),
            false => {
                is_strange(&first.lower)
                    && !DETERMINERS.contains(&before)
                    && !BEFORE_OTHERS.contains(&before)
            }
        };
        return strange
            && first.lower.chars().count() > 3
            && !first.shouted
            && after != Some('-')
            && !of_stopped;
    }
    let unknown = !first.opens || classes(&first.lower).is_unknown();
    capitals > 1 && unknown && !DETERMINERS.contains(&before) && !is_heading(words, name)
}

/// In a term or a label: behind *mevrouw* and the like, behind a role when it can be no other word,
/// or a known surname with initials or a known given name before it.
fn is_surely_person(view: &View<'_>, words: &[Word], name: &Name) -> bool {
    if is_of_law(view, words, name) {
        return false;
    }
    let lower = |at: usize| words[at].lower.as_str();
    let main = lower(*name.family.last().unwrap_or(&name.last));
    let known = SURNAMES.contains(main);
    let full = !name.initials.is_empty()
        || name
            .given
            .first()
            .is_some_and(|at| GIVEN.contains(lower(*at)));
    if known && full {
        return true;
    }
    let Some(before) = name.first.checked_sub(1) else {
        return false;
    };
    let gap = view.get(words[before].at.end..words[name.first].at.start);
    let no_word = known || GIVEN.contains(main) || classes(main).is_unknown();
    is_titled(words, name.first, lower(before), gap)
        && (no_word || ADDRESSED.contains(&lower(before)))
}

/// *…, geboren te*, *… (geb. 1980)*: what stands before it is a name.
fn born_follows(view: &View<'_>, words: &[Word], name: &Name) -> bool {
    let end = words[name.last].at.end;
    words.get(name.last + 1).is_some_and(|next| {
        let gap = view.get(end..next.at.start);
        matches!(next.lower.as_str(), "geboren" | "geb") && gap.len() <= 3
    })
}

/// *Wet Mulder*, *Haviltex-norm*: law that is called after somebody.
fn is_of_law(view: &View<'_>, words: &[Word], name: &Name) -> bool {
    let after = words.get(name.last + 1);
    let named = after.is_some_and(|next| {
        let gap = view.get(words[name.last].at.end..next.at.start);
        matches!(gap, "-" | " ")
            && OF_LAW.contains(&next.lower.as_str())
            && (gap == "-" || next.lower == "arrest")
    });
    let law = name.first.checked_sub(1).is_some_and(|at| {
        matches!(
            words[at].lower.as_str(),
            "wet" | "lex" | "arrest" | "commissie" | "besluit" | "rapport" | "regeling"
        ) && words[at].at.end + 1 == words[name.first].at.start
    });
    named || law
}

/// Several words with a capital of which most could be ordinary ones: a heading or an institution.
fn is_heading(words: &[Word], name: &Name) -> bool {
    let capitals = name.given.iter().chain(&name.family);
    let ordinary = capitals.filter(|at| {
        let word = &words[**at];
        !GIVEN.contains(word.lower.as_str()) && !classes(&word.lower).is_unknown()
    });
    ordinary.count() > 1
}

/// Who this is: somebody known by now, or one more.
fn identify(view: &View<'_>, words: &[Word], name: &Name, people: &mut Vec<Person>) -> usize {
    let lower = |at: &usize| words[*at].lower.clone();
    let initial = |word: &Word| word.lower.chars().next();
    let single = name.given.is_empty() && name.family.len() == 1 && name.initials.is_empty();
    let only_given = single && GIVEN.contains(words[name.family[0]].lower.as_str());
    let wanted = Person {
        given: match only_given {
            true => Some(lower(&name.family[0])),
            false => name.given.first().map(lower),
        },
        initial: match (name.initials.first(), name.given.first()) {
            (Some(at), _) | (None, Some(at)) => initial(&words[*at]),
            (None, None) if only_given => initial(&words[name.family[0]]),
            _ => None,
        },
        surname: (!only_given).then(|| name.family.iter().map(lower).collect::<String>()),
        shown: view
            .original(view.span(&(words[name.first].at.start..words[name.last].at.end)))
            .to_owned(),
    };
    let known = people.iter().position(|person| {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        let surname = match (&wanted.surname, &person.surname) {
            (Some(one), Some(other)) => is_same(one, other),
            (None, _) => person.given == wanted.given,
            (Some(_), None) => false,
        };
        let letter = wanted.initial.is_none()
            || person.initial.is_none()
            || wanted.initial == person.initial;
        surname && letter && same(&wanted.given, &person.given)
    });
    known.unwrap_or_else(|| {
        people.push(wanted);
        people.len() - 1
    })
}

/// The same name, also with the *s* of possession.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one.strip_suffix('s') == Some(other) || other.strip_suffix('s') == Some(one)
}

/// Where a part of somebody's name stands by itself, among the words that may be one.
fn elsewhere(
    view: &View<'_>,
    words: &[Word],
    may_be: impl Fn(usize) -> bool,
    people: &[Person],
    found: &mut Vec<Find>,
) {
    for (at, word) in words.iter().enumerate().filter(|(at, _)| may_be(*at)) {
        let person = people.iter().position(|person| {
            let is = |part: &Option<String>| {
                part.as_deref()
                    .is_some_and(|part| is_same(&word.lower, part))
            };
            is(&person.surname) || is(&person.given)
        });
        // A word that opens a sentence may be just that word.
        let doubtful = word.opens
            && !classes(&word.lower).is_unknown()
            && !SURNAMES.contains(word.lower.as_str());
        let Some(person) = person.filter(|_| !doubtful) else {
            continue;
        };
        if !word.capital && is_trade(words, at, &people[person].shown) {
            continue;
        }
        let mut first = at;
        while first > 0
            && SMALL.contains(&words[first - 1].lower.as_str())
            && words[first - 1].capital
            && view.get(words[first - 1].at.end..words[first].at.start) == " "
        {
            first -= 1;
        }
        let range = words[first].at.start..word.at.end;
        found.push(Find::new(range, Kind::Person, person.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use crate::{Choices, protect};

    fn check(text: &str, expected: &str) {
        assert_eq!(
            protect(text, &[], &Choices::default()).as_str(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn a_name_is_found_by_what_stands_around_it() {
        for (text, expected) in [
            ("De heer Xanthopoulos zweeg.", "De heer [persoon 1] zweeg."),
            (
                "Toen kwam mevr. De Wit-van Rijn.",
                "Toen kwam mevr. [persoon 1].",
            ),
            (
                "met mr. A.B.C. van den Hoogenband, advocaat",
                "met mr. [persoon 1], advocaat",
            ),
            (
                "Verdachte Bogdanov ontkent.",
                "Verdachte [persoon 1] ontkent.",
            ),
            (
                "Met J.P. Ølgaard is gesproken.",
                "Met [persoon 1] is gesproken.",
            ),
            (
                "Gisteren is Fatima gehoord.",
                "Gisteren is [persoon 1] gehoord.",
            ),
            ("Fatima Benhaddou is gehoord.", "[persoon 1] is gehoord."),
            ("Daar zag Jansen het.", "Daar zag [persoon 1] het."),
            ("Daar zag Van der Xanten het.", "Daar zag [persoon 1] het."),
            (
                "Daar liep Bogdan Kowalczyk weg.",
                "Daar liep [persoon 1] weg.",
            ),
            ("een man genaamd Rooie Sjors", "een man genaamd [persoon 1]"),
            (
                "officier van justitie Xerxes",
                "officier van justitie [persoon 1]",
            ),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn one_person_has_one_placeholder() {
        check(
            "Getuige Piet Zwollo en mevrouw Zwollo: Zwollo liep, Piet stond. Zwollo's fiets. P. Zwollo zag M. Zwollo.",
            "Getuige [persoon 1] en mevrouw [persoon 1]: [persoon 1] liep, [persoon 1] stond. [persoon 1]'s fiets. [persoon 1] zag [persoon 2].",
        );
    }

    #[test]
    fn law_has_no_names() {
        for text in [
            "De Hoge Raad der Nederlanden en het Openbaar Ministerie.",
            "Het Wetboek van Strafrecht, de Wet Mulder en het Salduz-verweer.",
            "Bij de Rechtbank Den Haag, en de Raad van State.",
            "De verdachte Nederlander, de rechter Amsterdam.",
            "Onze Minister van Justitie en Veiligheid kan regels stellen.",
            "Het Europees Hof voor de Rechten van de Mens.",
            "de Penitentiaire Inrichting Vught",
            "B.V. Holland",
        ] {
            check(text, text);
        }
    }
}
