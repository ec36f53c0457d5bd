//! The parties that the user named, in all the forms in which a name is written.

use std::ops::Range;

use crate::kind::Kind;
use crate::protect::{Find, same_signs};
use crate::view::{View, key};
use crate::words::{Word, words};

/// Roles that a placeholder may name. Another word before a name might say who it is.
pub const ROLES: [&str; 46] = [
    "aangeefster",
    "aangever",
    "advocaat",
    "appellant",
    "arts",
    "bedrijf",
    "belanghebbende",
    "benadeelde",
    "betrokkene",
    "bewindvoerder",
    "broer",
    "curator",
    "dader",
    "deskundige",
    "dochter",
    "echtgenoot",
    "eiser",
    "eiseres",
    "familielid",
    "gedaagde",
    "gedetineerde",
    "geïntimeerde",
    "getuige",
    "kind",
    "medeverdachte",
    "melder",
    "minderjarige",
    "moeder",
    "nabestaande",
    "officier van justitie",
    "partner",
    "raadsman",
    "raadsvrouw",
    "rechter",
    "slachtoffer",
    "tolk",
    "vader",
    "verbalisant",
    "verdachte",
    "veroordeelde",
    "verweerder",
    "verweerster",
    "verzoeker",
    "verzoekster",
    "zoon",
    "zus",
];

/// Small words in a name.
pub(crate) const SMALL: [&str; 50] = [
    "van", "de", "den", "der", "ter", "ten", "te", "het", "t", "s", "in", "op", "aan", "bij",
    "uit", "uijt", "voor", "onder", "over", "von", "zu", "zur", "vom", "la", "le", "les", "du",
    "des", "di", "da", "dos", "del", "della", "el", "al", "bin", "bint", "ibn", "ben", "ould",
    "abu", "abd", "st", "d", "l", "o", "mc", "mac", "af", "y",
];

/// Small words with which a line may begin that gives a surname alone; *Ben* is a given name there.
const OPENS_SURNAME: [&str; 13] = [
    "de", "van", "den", "der", "te", "ten", "ter", "el", "al", "op", "het", "in", "von",
];

/// Words before a name that are no part of it.
const TITLES: [&str; 20] = [
    "dhr", "heer", "hr", "mevr", "mevrouw", "mw", "mr", "mrs", "drs", "dr", "ing", "ir", "prof",
    "jr", "sr", "bsc", "msc", "llm", "dhrn", "juffrouw",
];

/// Names that are words as well: without a capital they are the word, unless more of the name
/// stands beside them.
const ALSO_WORDS: [&str; 92] = [
    "bakker",
    "boer",
    "bos",
    "berg",
    "dijk",
    "smit",
    "mulder",
    "visser",
    "meijer",
    "koning",
    "prins",
    "keizer",
    "graaf",
    "jager",
    "herder",
    "schipper",
    "timmerman",
    "slager",
    "kok",
    "kuiper",
    "schilder",
    "snijder",
    "kramer",
    "molenaar",
    "schoenmaker",
    "wever",
    "post",
    "vos",
    "wolf",
    "haan",
    "leeuw",
    "beer",
    "vogel",
    "wit",
    "groot",
    "klein",
    "lang",
    "jong",
    "bruin",
    "zwart",
    "blom",
    "bloem",
    "roos",
    "mark",
    "wil",
    "bas",
    "storm",
    "ster",
    "jan",
    "mei",
    "rein",
    "lief",
    "rood",
    "groen",
    "brouwer",
    "dekker",
    "ruiter",
    "veld",
    "hof",
    "kamp",
    "beek",
    "brink",
    "meer",
    "broek",
    "hout",
    "heuvel",
    "bergen",
    "zee",
    "zand",
    "winter",
    "zomer",
    "mol",
    "kat",
    "hond",
    "haas",
    "valk",
    "rijk",
    "goed",
    "best",
    "recht",
    "dag",
    "wet",
    "stam",
    "bond",
    "pot",
    "vink",
    "tol",
    "spruit",
    "boom",
    "land",
    "horst",
    "wal",
];

/// A person or firm that the user named.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    role: Option<&'static str>,
    names: Vec<Name>,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Name {
    written: String,
    /// Given names and surnames, in small letters.
    core: Vec<String>,
    small: Vec<String>,
    /// The first letters of the given names, in order.
    initials: Vec<String>,
    /// The first letter of the surname, and what stands before it.
    surname: Option<(Vec<String>, String)>,
    /// The name, or its surname, as one word.
    glued: Vec<String>,
    firm: bool,
}

impl Party {
    /// Reads a line as a user writes it: `verdachte: Jan de Vries`, or the name alone; more names of
    /// the same party stand after `/` or `;`. None when there is no name in it.
    ///
    /// A role that is not one of [`ROLES`] is read over: the placeholder is then `[partij]`.
    pub fn read(line: &str) -> Option<Self> {
        let (role, rest) = match line.split_once([':', '=']) {
            Some((role, rest)) => (Some(role.trim().to_lowercase()), rest),
            None => (None, line),
        };
        let role = role.and_then(|role| ROLES.into_iter().find(|known| *known == role));
        let names: Vec<Name> = rest.split(['/', ';']).filter_map(Name::read).collect();
        (!names.is_empty()).then_some(Self { role, names })
    }

    /// Its role, where it is a known one.
    pub fn role(&self) -> Option<&'static str> {
        self.role
    }

    /// The name as the user wrote it.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", |name| &name.written)
    }
}

const FIRMS: [&str; 11] = [
    "bv",
    "nv",
    "vof",
    "stichting",
    "vereniging",
    "holding",
    "cooperatie",
    "maatschap",
    "ltd",
    "gmbh",
    "inc",
];

impl Name {
    fn read(written: &str) -> Option<Self> {
        let written = written.trim();
        let view = View::of(written);
        let all = words(&view);
        let (lead, given_last) = match view.text.find(',') {
            // *Vries, Jan de*
            Some(comma) => (
                all.iter().filter(|word| word.at.start < comma).count(),
                true,
            ),
            None => (0, false),
        };
        let flat = key(written);
        let firm_word = |word: &Word| FIRMS.contains(&word.lower.as_str());
        let spelt_firm = ["b.v", "n.v", "v.o.f"]
            .iter()
            .any(|form| view.text.to_lowercase().contains(form));
        let mut name = Self {
            written: written.to_owned(),
            core: Vec::new(),
            small: Vec::new(),
            initials: Vec::new(),
            surname: None,
            glued: Vec::new(),
            firm: spelt_firm || all.iter().any(firm_word),
        };
        if name.firm {
            let bare = flat_without_form(&all);
            name.glued = vec![flat, bare];
            name.glued.retain(|form| form.chars().count() > 2);
            return (!name.glued.is_empty()).then_some(name);
        }
        let mut given: Vec<&Word> = Vec::new();
        let mut family: Vec<&Word> = Vec::new();
        let mut before: Vec<String> = Vec::new();
        let parts: Vec<&Word> = all
            .iter()
            .filter(|word| !TITLES.contains(&word.lower.as_str()))
            .collect();
        for (at, word) in parts.iter().enumerate() {
            let small = SMALL.contains(&word.lower.as_str());
            let in_front = at == 0 && word.capital && word.lower.len() > 1 && parts.len() > 1;
            let dotted = view.char_at(word.at.end) == Some('.');
            if word.is_letter() && (dotted || word.capital) {
                name.initials.push(word.lower.clone());
            } else if small && (!in_front || OPENS_SURNAME.contains(&word.lower.as_str())) {
                name.small.push(word.lower.clone());
                if family.is_empty() {
                    before.push(word.lower.clone());
                }
            } else {
                name.core.push(word.lower.clone());
                let is_family = match given_last {
                    true => at < lead,
                    false => !before.is_empty() || at + 1 == parts.len(),
                };
                if is_family {
                    family.push(word);
                } else {
                    given.push(word);
                }
            }
        }
        name.initials
            .extend(given.iter().filter_map(|word| first_letter(&word.lower)));
        name.surname = family
            .first()
            .and_then(|word| Some((before.clone(), first_letter(&word.lower)?)));
        let joined =
            |words: &[&Word]| -> String { words.iter().map(|word| word.lower.as_str()).collect() };
        let surname = format!("{}{}", before.concat(), joined(&family));
        name.glued = vec![
            surname.clone(),
            format!("{}{surname}", joined(&given)),
            flat,
        ];
        if let Some(first) = name.initials.first() {
            name.glued.push(format!("{first}{surname}"));
        }
        name.glued.retain(|form| form.chars().count() > 3);
        (!name.core.is_empty() || !name.initials.is_empty()).then_some(name)
    }

    /// Whether the word is a given name or surname of this party, also with the *s* of possession.
    fn is_core(&self, word: &Word) -> bool {
        let is = |form: &str| self.core.iter().any(|core| core == form);
        is(&word.lower) || word.lower.strip_suffix('s').is_some_and(is)
    }

    fn is_glued(&self, word: &Word) -> bool {
        let is = |form: &str| self.glued.iter().any(|glued| glued == form);
        is(&word.lower) || word.lower.strip_suffix('s').is_some_and(is)
    }

    fn is_part(&self, word: &Word) -> bool {
        let of = |list: &[String]| list.contains(&word.lower);
        of(&self.small) || (word.is_letter() && of(&self.initials)) || self.is_core(word)
            // Two or three initials without stops.
            || (word.shouted && word.lower == self.initials.concat())
    }
}

fn first_letter(word: &str) -> Option<String> {
    word.chars().next().map(String::from)
}

fn flat_without_form(words: &[Word]) -> String {
    let lowers: Vec<&str> = words.iter().map(|word| word.lower.as_str()).collect();
    let mut end = lowers.len();
    while end > 1 && (FIRMS.contains(&lowers[end - 1]) || lowers[end - 1].len() == 1) {
        end -= 1;
    }
    let mut start = 0;
    while start + 1 < end && FIRMS.contains(&lowers[start]) {
        start += 1;
    }
    lowers[start..end].concat()
}

/// Finds the parties; the key of a find is the party's place in the list.
pub(crate) fn find(view: &View<'_>, words: &[Word], parties: &[Party], found: &mut Vec<Find>) {
    for (at, party) in parties.iter().enumerate() {
        let mut places: Vec<Range<usize>> = Vec::new();
        for name in &party.names {
            if name.firm {
                places.extend(name.glued.iter().flat_map(|form| same_signs(view, form)));
                continue;
            }
            places.extend(in_a_row(view, words, name));
            places.extend(by_initials(view, words, name));
            places.extend(spaced_out(view, words, name));
        }
        let finds = places
            .into_iter()
            .map(|range| Find::new(range, Kind::Party, at.to_string()));
        found.extend(finds);
    }
}

/// Names, initials and small words of the party that stand in a row, with a name among them.
fn in_a_row(view: &View<'_>, words: &[Word], name: &Name) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let glued = name.is_glued(&words[at]);
        if !glued && !name.is_core(&words[at]) {
            at += 1;
            continue;
        }
        let (mut first, mut last) = (at, at);
        while first > 0 && name.is_part(&words[first - 1]) && near(view, words, first - 1) {
            first -= 1;
        }
        while last + 1 < words.len() && name.is_part(&words[last + 1]) && near(view, words, last) {
            last += 1;
        }
        // *de* after a name is the next word, but after a comma or an initial it belongs to it.
        while last > at && name.small.contains(&words[last].lower) && !name.is_core(&words[last]) {
            let gap = view.get(words[last - 1].at.end..words[last].at.start);
            if gap.contains([',', '.']) {
                break;
            }
            last -= 1;
        }
        let capital = words[first..=last]
            .iter()
            .any(|word| word.capital && (name.is_core(word) || glued));
        let cores = words[first..=last]
            .iter()
            .filter(|word| name.is_core(word))
            .count();
        let sure =
            glued || !ALSO_WORDS.contains(&words[at].lower.as_str()) && words[at].lower.len() > 3;
        if capital || sure || cores > 1 {
            let mut end = words[last].at.end;
            // The stop of an initial at the end goes along.
            if words[last].is_letter() && view.char_at(end) == Some('.') {
                end += 1;
            }
            places.push(words[first].at.start..end);
        }
        at = last + 1;
    }
    places
}

/// Whether the word after `at` stands so near that both may be one name.
fn near(view: &View<'_>, words: &[Word], at: usize) -> bool {
    let gap = view.get(words[at].at.end..words[at + 1].at.start);
    gap.chars().count() <= 6 && gap.chars().all(|c| " \n.,-'".contains(c))
}

/// *P.J.*, *J.d.V.*, *J. de V.*: the first letters, with stops.
fn by_initials(view: &View<'_>, words: &[Word], name: &Name) -> Vec<Range<usize>> {
    let (Some((before, surname)), Some(first)) = (&name.surname, name.initials.first()) else {
        return Vec::new();
    };
    let mut places = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if !word.capital || word.lower != *first || !word.is_letter() {
            continue;
        }
        let mut end = at + 1;
        for initial in &name.initials[1..] {
            match words.get(end) {
                Some(next) if next.is_letter() && next.lower == *initial => end += 1,
                _ => break,
            }
        }
        for small in before {
            let same = |word: &Word| {
                word.lower == *small || first_letter(small).as_ref() == Some(&word.lower)
            };
            match words.get(end) {
                Some(next) if same(next) => end += 1,
                _ => break,
            }
        }
        let Some(last) = words
            .get(end)
            .filter(|last| last.is_letter() && last.capital && last.lower == *surname)
        else {
            continue;
        };
        let stops = words[at..=end]
            .iter()
            .filter(|word| word.is_letter())
            .all(|word| view.char_at(word.at.end) == Some('.'));
        let close = (at..end).all(|at| near(view, words, at));
        let alone = !words
            .get(end + 1)
            .is_some_and(|next| next.at.start == last.at.end + 1 && next.is_letter())
            && view.char_before(word.at.start) != Some('.');
        if stops && close && alone {
            places.push(word.at.start..last.at.end + 1);
        }
    }
    places
}

/// A name whose letters stand apart (*J a n s e n*), or that breaks at the end of a line.
fn spaced_out(view: &View<'_>, words: &[Word], name: &Name) -> Vec<Range<usize>> {
    let known = |joined: &str| {
        joined.chars().count() > 3
            && (name.core.iter().any(|core| core == joined)
                || name.glued.iter().any(|glued| glued == joined))
    };
    let mut places = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let mut joined = word.lower.clone();
        for next in at + 1..words.len().min(at + 24) {
            let gap = view.get(words[next - 1].at.end..words[next].at.start);
            let letters = words[next].is_letter() && words[next - 1].is_letter() && gap.len() <= 3;
            let broken = gap.contains('\n')
                && gap.starts_with('-')
                && gap[1..].chars().all(char::is_whitespace);
            if !letters && !broken {
                break;
            }
            joined.push_str(&words[next].lower);
            if known(&joined) {
                places.push(word.at.start..words[next].at.end);
            }
        }
    }
    places
}
