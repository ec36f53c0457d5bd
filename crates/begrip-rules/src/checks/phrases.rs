//! Words and turns that should not stand in a text: the primitive that most rules live by.

use std::collections::HashMap;
use std::ops::Range;

use begrip_language::{Break, Class, OpeningKind, Span, Text, Word};
use serde::{Deserialize, Serialize};

use super::{CheckError, Scene, Verdict, mend};

/// Parameters of the check.
///
/// A phrase is words in small letters: `dient te`. `*` at the end of a word takes any ending
/// (`bedoeld*`), `…` takes up to eight words (`om … te`), within one clause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhraseSpec {
    /// The phrases.
    pub phrases: Vec<String>,
    /// Adjectives without ending; every inflected form counts.
    pub adjectives: Vec<String>,
    /// Words that make the phrase harmless when they stand right before it.
    pub unless_before: Vec<String>,
    /// Words of which the one after the phrase makes it harmless.
    pub unless_after: Vec<String>,
    /// Harmless when any of these words stands earlier in the same sentence.
    pub unless_earlier: Vec<String>,
    /// Harmless when any of these words follows later in the same sentence.
    pub unless_later: Vec<String>,
    /// Harmless unless one of these words follows later in the same sentence; empty for no such
    /// condition.
    pub only_with_later: Vec<String>,
    /// Further phrases, which open a list after a comma or without a verb (*…, waaronder een boete*),
    /// and a clause otherwise (*eis waaronder een partij levert*); the clause is harmless.
    pub list_or_clause: Vec<String>,
    /// Further phrases, which open a list only when three things or more follow (*zoals huur, water en
    /// gas*).
    pub opens_long_list: Vec<String>,
    /// Further phrases, which nothing makes harmless.
    pub always: Vec<String>,
    /// Further phrases, harmless after the place that they point to (*het in het vonnis genoemde*).
    pub harmless_after_place: Vec<String>,
    /// Further phrases, which count only when they are all that the text says.
    pub bare: Vec<String>,
    /// Further phrases, which count only where they open the text with a clause (*als iemand …*).
    pub opens_text: Vec<String>,
    /// Only at the head of the text: the phrase's first word is the opening noun.
    pub at_head: bool,
    /// Says that a machine cannot tell, instead of failing.
    pub needs_person: bool,
    /// The reason, Dutch; `{found}` stands for what was found.
    pub reason: String,
    /// Proposes to move the phrase and what follows to the explanation.
    pub move_to_explanation: bool,
    /// Proposes these words instead of those found.
    pub replace: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Word(String),
    Prefix(String),
    Gap,
}

impl Part {
    fn fits(&self, word: &Word<'_>) -> bool {
        match self {
            Self::Word(text) => word.lower == *text,
            Self::Prefix(text) => word.lower.starts_with(text.as_str()),
            Self::Gap => true,
        }
    }
}

/// How many words `…` takes at most.
const GAP: usize = 8;

/// How far before and after a phrase a sentence is searched, in words: keeps the search short for
/// any text.
const NEAR: usize = 120;

/// Finds phrases in a text: one look-up a word.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    by_word: HashMap<String, Vec<Vec<Part>>>,
    by_prefix: Vec<Vec<Part>>,
}

impl Matcher {
    pub fn new(phrases: &[String]) -> Result<Self, CheckError> {
        let mut matcher = Self::default();
        for phrase in phrases {
            matcher.add(phrase)?;
        }
        Ok(matcher)
    }

    fn add(&mut self, phrase: &str) -> Result<(), CheckError> {
        let mut parts: Vec<Part> = Vec::new();
        // A phrase is cut into words as a text is, so that *dat wil zeggen* and *d.w.z.* both work.
        for piece in phrase.split_whitespace() {
            match piece.strip_suffix('*') {
                _ if piece == "…" => parts.push(Part::Gap),
                Some(prefix) => parts.push(Part::Prefix(prefix.to_lowercase())),
                None => parts.extend(
                    Text::new(piece)
                        .words()
                        .iter()
                        .map(|w| Part::Word(w.lower.to_string())),
                ),
            }
        }
        match parts.first() {
            Some(Part::Word(word)) => self.by_word.entry(word.clone()).or_default().push(parts),
            Some(Part::Prefix(_)) => self.by_prefix.push(parts),
            Some(Part::Gap) | None => return Err(CheckError::Phrase(phrase.to_owned())),
        }
        Ok(())
    }

    /// The longest phrase that begins at this word.
    pub fn at(&self, words: &[Word<'_>], start: usize) -> Option<Range<usize>> {
        let first = words.get(start)?;
        self.by_word
            .get(&*first.lower)
            .into_iter()
            .flatten()
            .chain(&self.by_prefix)
            .filter_map(|parts| end_of(parts, words, start))
            .max()
            .map(|end| start..end)
    }

    /// Every phrase in the text, from left to right, none within another.
    pub fn all<'m>(&'m self, words: &'m [Word<'_>]) -> impl Iterator<Item = Range<usize>> + 'm {
        let mut from = 0;
        std::iter::from_fn(move || {
            while from < words.len() {
                match self.at(words, from) {
                    Some(found) => {
                        from = found.end;
                        return Some(found);
                    }
                    None => from += 1,
                }
            }
            None
        })
    }
}

/// Where the phrase that begins at `start` ends; the words of a phrase stand in one clause.
fn end_of(parts: &[Part], words: &[Word<'_>], start: usize) -> Option<usize> {
    let mut at = start;
    let mut rest = parts.iter();
    while let Some(part) = rest.next() {
        if *part == Part::Gap {
            let next = rest.next()?;
            let found = words
                .iter()
                .enumerate()
                .skip(at)
                .take(GAP)
                // The nearest beginning counts: *dient om iets te koelen* is no *dient te*.
                .take_while(|(_, w)| w.lower != "om")
                .find(|(_, w)| next.fits(w))?
                .0;
            at = found + 1;
            continue;
        }
        let word = words.get(at)?;
        let joined = at == start
            || words.get(at - 1).is_some_and(|before| {
                matches!(
                    before.after,
                    Break::Space | Break::Hyphen | Break::Other | Break::Slash | Break::Quote
                )
            });
        if !joined || !part.fits(word) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// The check, made ready.
#[derive(Debug)]
pub(crate) struct Phrases {
    matcher: Matcher,
    always: Matcher,
    list_or_clause: Matcher,
    harmless_after_place: Matcher,
    bare: Matcher,
    opens_text: Matcher,
    opens_long_list: Matcher,
    spec: PhraseSpec,
}

impl Phrases {
    pub fn compile(spec: &PhraseSpec) -> Result<Self, CheckError> {
        if spec.phrases.is_empty() && spec.adjectives.is_empty() && spec.replace.is_empty() {
            return Err(CheckError::EmptyList("phrases"));
        }
        if spec.reason.is_empty() {
            return Err(CheckError::EmptyList("reason"));
        }
        let mut matcher = Matcher::new(&spec.phrases)?;
        for adjective in &spec.adjectives {
            for form in forms_of_adjective(adjective) {
                matcher.add(&form)?;
            }
        }
        for wrong in spec.replace.keys().chain(&spec.always) {
            matcher.add(wrong)?;
        }
        let conditional = [
            &spec.list_or_clause,
            &spec.harmless_after_place,
            &spec.bare,
            &spec.opens_text,
            &spec.opens_long_list,
        ];
        for phrase in conditional.into_iter().flatten() {
            matcher.add(phrase)?;
        }
        Ok(Self {
            matcher,
            always: Matcher::new(&spec.always)?,
            list_or_clause: Matcher::new(&spec.list_or_clause)?,
            harmless_after_place: Matcher::new(&spec.harmless_after_place)?,
            bare: Matcher::new(&spec.bare)?,
            opens_text: Matcher::new(&spec.opens_text)?,
            opens_long_list: Matcher::new(&spec.opens_long_list)?,
            spec: spec.clone(),
        })
    }

    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        let Some(found) = self
            .matcher
            .all(words)
            .find(|found| self.counts(scene, found))
        else {
            return Verdict::pass();
        };
        let span = scene.text.span_of(found.clone());
        let text = scene
            .text
            .source()
            .get(scene.text.bytes_of(span))
            .unwrap_or_default();
        let reason = self.spec.reason.replace("{found}", text);
        let fix = match self.spec.move_to_explanation {
            true => mend::move_to_explanation(scene.text, found),
            false if self.spec.replace.is_empty() => None,
            false => self.respell(scene),
        };
        match self.spec.needs_person {
            true => Verdict::needs_person(span, reason),
            false => Verdict::fail(span, reason).with_fix(fix),
        }
    }

    fn counts(&self, scene: &Scene<'_>, found: &Range<usize>) -> bool {
        let words = scene.text.words();
        let spec = &self.spec;
        let is_in = |matcher: &Matcher| matcher.at(words, found.start).as_ref() == Some(found);
        if is_in(&self.always) {
            return true;
        }
        if is_in(&self.bare) {
            return found.len() == words.len();
        }
        if is_in(&self.opens_text)
            && (found.start > 0 || scene.text.opening().kind != OpeningKind::Clause)
        {
            return false;
        }
        if is_in(&self.opens_long_list) && !opens_long_list(words, found) {
            return false;
        }
        if is_in(&self.harmless_after_place) && names_place(words, found.start) {
            return false;
        }
        let is_one_of = |word: Option<&Word<'_>>, list: &[String]| {
            word.is_some_and(|word| list.iter().any(|other| fits_with_star(other, &word.lower)))
        };
        let before = found
            .start
            .checked_sub(1)
            .and_then(|index| words.get(index))
            .filter(|word| matches!(word.after, Break::Space | Break::Quote | Break::Slash));
        if is_one_of(before, &spec.unless_before)
            || is_one_of(words.get(found.end), &spec.unless_after)
        {
            return false;
        }
        if !spec.adjectives.is_empty() && stands_as_noun(words, found) {
            return false;
        }
        if is_in(&self.list_or_clause) && opens_clause(words, found) {
            return false;
        }
        if spec.at_head && scene.text.opening().head != Some(found.start) {
            return false;
        }
        let lists = [
            &spec.unless_earlier,
            &spec.unless_later,
            &spec.only_with_later,
        ];
        if lists.iter().any(|list| !list.is_empty()) {
            let sentences = scene.text.sentences();
            let sentence = sentences
                .partition_point(|sentence| sentence.words.start <= found.start)
                .checked_sub(1)
                .and_then(|at| sentences.get(at))
                .map_or(0..words.len(), |sentence| sentence.words.clone());
            let first = sentence.start.max(found.start.saturating_sub(NEAR));
            let last = sentence.end.min(found.end + NEAR);
            let earlier = words.get(first..found.start).unwrap_or_default();
            let later = words.get(found.end..last).unwrap_or_default();
            let any =
                |words: &[Word<'_>], list| words.iter().any(|word| is_one_of(Some(word), list));
            if any(earlier, &spec.unless_earlier)
                || any(later, &spec.unless_later)
                || (!spec.only_with_later.is_empty() && !any(later, &spec.only_with_later))
            {
                return false;
            }
        }
        spec.replace.is_empty() || self.better_spelling(scene, found).is_some()
    }

    /// The better spelling of what was found; none when it is spelled so as typed.
    fn better_spelling(&self, scene: &Scene<'_>, found: &Range<usize>) -> Option<String> {
        let words = scene.text.words().get(found.clone())?;
        let key: Vec<&str> = words.iter().map(|word| &*word.lower).collect();
        let better = self.spec.replace.get(&key.join(" "))?;
        let typed = scene
            .text
            .source()
            .get(scene.text.bytes_of(scene.text.span_of(found.clone())))?;
        let mut chars = better.chars();
        let better = match chars.next() {
            Some(first) if words.first()?.is_capitalised() => {
                first.to_uppercase().chain(chars).collect()
            }
            _ => better.clone(),
        };
        (better != typed).then_some(better)
    }

    /// Spells every word of the text well.
    fn respell(&self, scene: &Scene<'_>) -> Option<crate::report::Fix> {
        let better: Vec<(Span, String)> = self
            .matcher
            .all(scene.text.words())
            .filter(|found| self.counts(scene, found))
            .filter_map(|found| {
                let spelling = self.better_spelling(scene, &found)?;
                Some((scene.text.span_of(found), spelling))
            })
            .collect();
        mend::replace(scene.text, &better)
    }
}

/// *een goed dat aan een ander toebehoort*: a word that judges elsewhere, but names a thing here.
fn stands_as_noun(words: &[Word<'_>], found: &Range<usize>) -> bool {
    let can_be = found.len() == 1 && words.get(found.start).is_some_and(|w| w.is(Class::Noun));
    can_be
        && words.get(found.end).is_none_or(|next| {
            let closed = words[found.end - 1].after >= Break::Comma;
            closed
                || next
                    .classes
                    .any(&[Class::Relative, Class::Preposition, Class::Conjunction])
        })
}

/// Whether the word before ends the place that is pointed to: *in artikel 8* genoemde, *in het vonnis*
/// genoemde. In *de genoemde* and *van genoemde* no place is named.
fn names_place(words: &[Word<'_>], start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| words.get(at));
    before.is_some_and(|before| {
        let name = before.lower.chars().count() == 1;
        name || before.classes.any(&[Class::Noun, Class::Numeral]) || before.classes.is_unknown()
    })
}

/// *huur, energie, water en verzekering*: two commas, or a comma and a conjunction, before a verb.
fn opens_long_list(words: &[Word<'_>], found: &Range<usize>) -> bool {
    let later = words
        .get(found.end..(found.end + NEAR).min(words.len()))
        .unwrap_or_default();
    let mut parts = 1;
    for (at, word) in later.iter().enumerate() {
        if word
            .classes
            .any(&[Class::Relative, Class::Copula, Class::Modal])
            || word.is(Class::Finite) && !word.is(Class::Noun)
            || word.after > Break::Comma
        {
            break;
        }
        let joins = at > 0 && matches!(&*word.lower, "en" | "of");
        parts += u32::from(joins || word.after == Break::Comma);
    }
    parts >= 3
}

/// Whether a verb follows in the same clause, and no comma stands before.
fn opens_clause(words: &[Word<'_>], found: &Range<usize>) -> bool {
    let joined = found
        .start
        .checked_sub(1)
        .and_then(|before| words.get(before))
        .is_some_and(|before| before.after == Break::Space);
    let later = words
        .get(found.end..(found.end + NEAR).min(words.len()))
        .unwrap_or_default();
    joined
        && later.iter().any(|word| {
            word.classes
                .any(&[Class::Finite, Class::Copula, Class::Modal])
        })
}

fn fits_with_star(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(ending), _) => word.ends_with(ending),
        (None, Some(beginning)) => word.starts_with(beginning),
        (None, None) => pattern == word,
    }
}

/// The forms of an adjective: with *-e*, comparative and superlative, spelled the Dutch way.
fn forms_of_adjective(base: &str) -> Vec<String> {
    let chars: Vec<char> = base.chars().collect();
    let vowel = |c: char| "aeiou".contains(c);
    let stem = match chars.as_slice() {
        // adequaat → adequat(e): a long vowel in a syllable that opens.
        [.., a, b, last] if a == b && vowel(*a) && !vowel(*last) => {
            let mut stem: String = chars[..chars.len() - 2].iter().collect();
            stem.push(voiced(*last));
            stem
        }
        // fit → fitt(e): a short vowel in a stressed last syllable, which a short word has.
        [.., a, last]
            if vowel(*a) && !vowel(*last) && chars.len() <= 4 && !ends_in_two_vowels(&chars) =>
        {
            format!("{base}{last}")
        }
        // effectief → effectiev(e), serieus → serieuz(e)
        [.., a, last] if vowel(*a) => {
            let mut stem: String = chars[..chars.len() - 1].iter().collect();
            stem.push(if ends_in_two_vowels(&chars) {
                voiced(*last)
            } else {
                *last
            });
            stem
        }
        _ => base.to_owned(),
    };
    vec![
        base.to_owned(),
        format!("{stem}e"),
        format!("{stem}er"),
        format!("{stem}ere"),
        format!("{base}st"),
        format!("{base}ste"),
    ]
}

fn ends_in_two_vowels(chars: &[char]) -> bool {
    matches!(chars, [.., a, b, _] if "aeiou".contains(*a) && "aeiou".contains(*b))
}

fn voiced(last: char) -> char {
    match last {
        'f' => 'v',
        's' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjectives_are_found_in_every_form() {
        for (base, inflected) in [
            ("belangrijk", "belangrijke"),
            ("adequaat", "adequate"),
            ("effectief", "effectieve"),
            ("passend", "passende"),
            ("serieus", "serieuze"),
            ("groot", "grote"),
            ("snel", "snelle"),
            ("redelijk", "redelijke"),
            ("zorgvuldig", "zorgvuldige"),
            ("goed", "goede"),
        ] {
            assert!(
                forms_of_adjective(base).contains(&inflected.to_owned()),
                "{base}: {:?}",
                forms_of_adjective(base)
            );
        }
    }

    #[test]
    fn a_phrase_does_not_reach_over_a_comma_and_a_gap_is_short() {
        let matcher =
            Matcher::new(&["in staat".into(), "om … te".into(), "bedoeld*".into()]).unwrap();
        let found = |text: &str| matcher.all(Text::new(text).words()).count();
        assert_eq!(found("in staat van beschuldiging"), 1);
        assert_eq!(found("daar in, staat het"), 0);
        assert_eq!(found("recht om snel te handelen"), 1);
        assert_eq!(
            found("om een twee drie vier vijf zes zeven acht negen te gaan"),
            0
        );
        assert_eq!(found("de bedoelde zaak"), 1);
    }
}
