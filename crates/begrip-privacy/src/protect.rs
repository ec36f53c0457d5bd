use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use begrip_language::Span;
use regex::Regex;

use crate::kind::Kind;
use crate::party::{self, Party};
use crate::view::{View, key};
use crate::words::words;
use crate::{dates, names, numbers, places, references};

/// What the user decided by hand. Texts are compared by their letters and digits, in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Texts that are replaced wherever they stand.
    pub also: Vec<String>,
    /// Found texts that may go out as they are; each as the whole of what was found.
    pub let_out: Vec<String>,
}

/// A text that is not for showing or keeping: no `Clone`, no `Serialize`, and `Debug` without it.
#[derive(PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the user's own screen.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// One place where something was replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Where it stood, in characters of the text as given.
    pub span: Span,
    /// Where its placeholder stands, in characters of the protected text.
    pub span_after: Span,
    /// What it is.
    pub kind: Kind,
    /// What stood there.
    pub original: Secret,
    /// What stands there now, brackets included: the same for the same person or thing.
    pub placeholder: String,
}

/// A text that may leave the machine: what identified somebody is replaced, except what the user
/// let out. Made by [`protect`] and [`protect_all`] alone; the default is the empty text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Protected {
    text: String,
    replaced: Vec<Replacement>,
    /// What each placeholder stands for, without its brackets.
    pub(crate) values: BTreeMap<String, Secret>,
}

impl Protected {
    /// The text that may go out.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What was replaced, in the order of the text.
    pub fn replaced(&self) -> &[Replacement] {
        &self.replaced
    }
}

/// A text in which the gate found nobody and no case, except what the user let out: it may leave the
/// machine as it is. Made by [`nameless`] and [`nameless_label`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nameless(String);

impl Nameless {
    /// The text, which may go out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nameless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text in which [`protect`] replaces nothing; none when it would.
pub fn nameless(text: &str, parties: &[Party], choices: &Choices) -> Option<Nameless> {
    unchanged(text, &protect(text, parties, choices))
}

/// A term, a label or a text of law in which [`protect_label`] replaces nothing; none when it would.
pub fn nameless_label(text: &str, parties: &[Party], choices: &Choices) -> Option<Nameless> {
    unchanged(text, &protect_label(text, parties, choices))
}

fn unchanged(text: &str, after: &Protected) -> Option<Nameless> {
    after.replaced.is_empty().then(|| Nameless(text.to_owned()))
}

/// Something that was found in a view.
#[derive(Clone, Debug)]
pub(crate) struct Find {
    /// Its bytes in the view.
    pub at: Range<usize>,
    pub kind: Kind,
    /// Two finds of one kind with the same key are the same person or thing.
    pub key: String,
}

impl Find {
    pub fn new(at: Range<usize>, kind: Kind, key: String) -> Self {
        Self { at, kind, key }
    }
}

/// Replaces in `text` what identifies a person or a case.
///
/// Takes time in proportion to the text, and some milliseconds once for its patterns. Never fails.
pub fn protect(text: &str, parties: &[Party], choices: &Choices) -> Protected {
    run(text, parties, choices, true)
}

/// The same for a term, a label or a text of law. A name that nobody told of is found there only
/// behind a title, or where both its parts are known for names: many a term of law has the name of
/// somebody (*Salduz-verweer*, *Wet Mulder*).
pub fn protect_label(text: &str, parties: &[Party], choices: &Choices) -> Protected {
    run(text, parties, choices, false)
}

/// Protects texts that go out together: who is named in one is known in all of them, and has one
/// placeholder throughout. Each puts back what was replaced in any.
pub fn protect_all(texts: &[&str], parties: &[Party], choices: &Choices) -> Vec<Protected> {
    let joined = texts.join(APART);
    let whole = protect(&joined, parties, choices);
    let signs: Vec<char> = joined.chars().collect();
    let mut start = 0;
    let parts = texts.iter().map(|text| {
        let range = start..start + text.chars().count();
        start = range.end + APART.chars().count();
        part(&whole, &signs, range)
    });
    parts.collect()
}

/// What stands between texts that are protected together: more than may stand inside anything that is
/// looked for.
const APART: &str = "\n\n* * * * *\n\n";

/// A piece of a protected text by the characters of the text as given.
fn part(whole: &Protected, signs: &[char], range: Range<usize>) -> Protected {
    let original = |at: Range<usize>| signs.get(at).unwrap_or_default().iter().collect::<String>();
    let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let place = |at: usize| u32::try_from(at - range.start).unwrap_or(u32::MAX);
    let mut out = Protected {
        values: whole
            .values
            .iter()
            .map(|(label, secret)| (label.clone(), Secret(secret.0.clone())))
            .collect(),
        ..Protected::default()
    };
    let mut from = range.start;
    for each in &whole.replaced {
        let start = range.start.max(each.span.start as usize);
        let end = range.end.min(each.span.end as usize);
        if start >= end {
            continue;
        }
        out.text.push_str(&original(from..start));
        let start_after = length(&out.text);
        out.text.push_str(&each.placeholder);
        out.replaced.push(Replacement {
            span: Span {
                start: place(start),
                end: place(end),
            },
            span_after: Span {
                start: start_after,
                end: length(&out.text),
            },
            kind: each.kind,
            original: Secret(original(start..end)),
            placeholder: each.placeholder.clone(),
        });
        from = end;
    }
    out.text.push_str(&original(from..range.end));
    out
}

fn run(text: &str, parties: &[Party], choices: &Choices, free: bool) -> Protected {
    if text.trim().is_empty() {
        return Protected {
            text: text.to_owned(),
            ..Protected::default()
        };
    }
    let view = View::of(text);
    let words = words(&view);
    let mut found = Vec::new();
    numbers::find(&view, &mut found);
    references::find(&view, &mut found);
    places::find(&view, &mut found);
    party::find(&view, &words, parties, &mut found);
    for phrase in &choices.also {
        find_phrase(&view, phrase, &mut found);
    }
    let people = names::find(&view, &words, free, &mut found);
    let ends: Vec<usize> = found
        .iter()
        .filter(|find| matches!(find.kind, Kind::Person | Kind::Party))
        .map(|find| find.at.end)
        .collect();
    dates::find(&view, &ends, &mut found);
    let mut settled = settle(found);
    let out: BTreeSet<String> = choices.let_out.iter().map(|text| key(text)).collect();
    settled.retain(|find| {
        find.kind == Kind::Added || !out.contains(&key(view.original(view.span(&find.at))))
    });
    replace(&view, settled, parties, &people)
}

/// Of finds that overlap, the widest wins and takes in the others: nothing that was found stays in
/// the text. Of two that cover the same, the surer kind wins.
fn settle(mut found: Vec<Find>) -> Vec<Find> {
    found.retain(|find| !find.at.is_empty());
    found.sort_by_key(|find| (find.at.start, std::cmp::Reverse(find.at.end), find.kind));
    let mut settled: Vec<Find> = Vec::new();
    for find in found {
        match settled.last_mut() {
            Some(last) if find.at.start < last.at.end => {
                let surer = find.at.len() > last.at.len()
                    || find.at.len() == last.at.len() && find.kind < last.kind
                    || find.kind == Kind::Added;
                let at = last.at.start..last.at.end.max(find.at.end);
                if surer && last.kind != Kind::Added {
                    *last = find;
                }
                last.at = at;
            }
            _ => settled.push(find),
        }
    }
    settled
}

fn replace(view: &View<'_>, settled: Vec<Find>, parties: &[Party], people: &[String]) -> Protected {
    let taken = labels_in(view);
    let labels = Labels::new(&settled, parties, &taken);
    let mut text = String::new();
    let mut replaced = Vec::new();
    let mut values: BTreeMap<String, Secret> = BTreeMap::new();
    let (mut from, mut length) = (0, 0);
    let mut push = |text: &mut String, part: &str| {
        text.push_str(part);
        length += u32::try_from(part.chars().count()).unwrap_or(u32::MAX);
        length
    };
    for find in settled {
        let span = view.span(&find.at);
        let start = push(
            &mut text,
            view.original(Span {
                start: from,
                end: span.start,
            }),
        );
        from = span.end;
        let label = labels.of(&find);
        let placeholder = format!("[{label}]");
        let end = push(&mut text, &placeholder);
        let original = view.original(span);
        values
            .entry(label)
            .or_insert_with(|| Secret(whole(&find, original, parties, people)));
        replaced.push(Replacement {
            span,
            span_after: Span { start, end },
            kind: find.kind,
            original: Secret(original.to_owned()),
            placeholder,
        });
    }
    push(
        &mut text,
        view.original(Span {
            start: from,
            end: view.length(),
        }),
    );
    Protected {
        text,
        replaced,
        values,
    }
}

/// What a placeholder is put back as: a name in full where it is known.
fn whole(find: &Find, original: &str, parties: &[Party], people: &[String]) -> String {
    let at = || find.key.parse::<usize>().ok();
    let known = match find.kind {
        Kind::Party => at()
            .and_then(|at| parties.get(at))
            .map(|party| party.name().to_owned()),
        Kind::Person => at().and_then(|at| people.get(at)).cloned(),
        _ => None,
    };
    let text = known.unwrap_or_else(|| original.to_owned());
    let seen = text.split_whitespace().collect::<Vec<_>>().join(" ");
    seen.chars().filter(|c| !c.is_control()).collect()
}

/// Words between brackets in the text itself: no placeholder may be one of them.
fn labels_in(view: &View<'_>) -> BTreeSet<String> {
    let inside = |part: &str| Some(part.split_once(']')?.0.trim().to_lowercase());
    view.text.split('[').skip(1).filter_map(inside).collect()
}

/// Which placeholder each person or thing has.
struct Labels<'a> {
    of: BTreeMap<(Kind, String), String>,
    parties: &'a [Party],
}

impl<'a> Labels<'a> {
    fn new(settled: &[Find], parties: &'a [Party], taken: &BTreeSet<String>) -> Self {
        let mut identities: Vec<(Kind, &str)> = Vec::new();
        for find in settled {
            if !identities.contains(&(find.kind, &find.key)) {
                identities.push((find.kind, &find.key));
            }
        }
        let mut labels = Self {
            of: BTreeMap::new(),
            parties,
        };
        let mut used = taken.clone();
        for &(kind, key) in &identities {
            let stem = labels.stem(kind, key);
            // Persons have a number at once; a second verdachte makes the first one number 1.
            let same = |(other, its): &&(Kind, &str)| labels.stem(*other, its) == stem;
            let alone = identities.iter().filter(same).count() == 1;
            let plain =
                (alone && kind != Kind::Person && !used.contains(&stem)).then(|| stem.clone());
            let numbered = (1..).map(|number: u32| format!("{stem} {number}"));
            let Some(label) =
                plain.or_else(|| numbered.into_iter().find(|each| !used.contains(each)))
            else {
                continue;
            };
            used.insert(label.clone());
            labels.of.insert((kind, key.to_owned()), label);
        }
        labels
    }

    fn stem(&self, kind: Kind, key: &str) -> String {
        let party = (kind == Kind::Party)
            .then(|| key.parse::<usize>().ok())
            .flatten();
        let role = party
            .and_then(|at| self.parties.get(at))
            .and_then(Party::role);
        role.unwrap_or_else(|| kind.stem()).to_owned()
    }

    fn of(&self, find: &Find) -> String {
        let known = self.of.get(&(find.kind, find.key.clone()));
        known
            .cloned()
            .unwrap_or_else(|| find.kind.stem().to_owned())
    }
}

/// Finds a phrase with the same letters and digits, whatever stands between its words.
fn find_phrase(view: &View<'_>, phrase: &str, found: &mut Vec<Find>) {
    let wanted = key(phrase);
    if wanted.is_empty() {
        return;
    }
    for range in same_signs(view, &wanted) {
        found.push(Find::new(range, Kind::Added, wanted.clone()));
    }
}

/// Where these letters and digits stand, over at most a few signs between two of them, with no
/// letter or digit right before or after.
pub(crate) fn same_signs(view: &View<'_>, wanted: &str) -> Vec<Range<usize>> {
    let signs: Vec<(usize, char)> = view
        .text
        .char_indices()
        .filter(|(_, c)| c.is_alphanumeric())
        .flat_map(|(at, c)| c.to_lowercase().map(move |lower| (at, lower)))
        .collect();
    let wanted: Vec<char> = wanted.chars().collect();
    let mut places = Vec::new();
    for window in signs.windows(wanted.len().max(1)) {
        if !window.iter().map(|(_, c)| c).eq(&wanted) {
            continue;
        }
        let (Some(first), Some(last)) = (window.first(), window.last()) else {
            continue;
        };
        let end = last.0 + view.char_at(last.0).map_or(0, char::len_utf8);
        let near = window
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if b.0 - a.0 <= 8));
        let beside = [view.char_before(first.0), view.char_at(end)];
        let apart = beside.iter().flatten().all(|c| !c.is_alphanumeric());
        if near && apart {
            places.push(first.0..end);
        }
    }
    places
}

/// A pattern of this crate. A view has plain signs alone, so `\w`, `\d` and `\b` need know no others:
/// that keeps the compiled pattern small.
pub(crate) fn pattern(written: &str) -> Regex {
    let mut plain = String::with_capacity(written.len() * 2);
    let mut inside = false;
    let mut signs = written.chars();
    while let Some(c) = signs.next() {
        match (c, inside) {
            ('\\', _) => match (signs.next(), inside) {
                (Some('w'), true) => plain.push_str("0-9A-Za-z_"),
                (Some('w'), false) => plain.push_str("[0-9A-Za-z_]"),
                (Some('d'), true) => plain.push_str("0-9"),
                (Some('d'), false) => plain.push_str("[0-9]"),
                (Some('s'), true) => plain.push_str(r" \n"),
                (Some('s'), false) => plain.push_str(r"[ \n]"),
                (Some('b'), false) => plain.push_str(r"(?-u:\b)"),
                (other, _) => {
                    plain.push('\\');
                    plain.extend(other);
                }
            },
            (c, _) => {
                inside = match c {
                    '[' => true,
                    ']' => false,
                    _ => inside,
                };
                plain.push(c);
            }
        }
    }
    Regex::new(&plain).unwrap_or_else(|error| unreachable!("a pattern of this crate: {error}"))
}
