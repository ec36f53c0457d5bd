//! Words and turns that should not stand in a text: the primitive that most rules live by.

use std::ops::Range;

use begrip_language::{Break, Class, Span, Word};
use serde::{Deserialize, Serialize};

use super::adjective::forms_of_adjective;
use super::coordination::is_question_word;
use super::matcher::Matcher;
use super::{CheckError, Scene, Verdict, clauses, mend};

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
    /// Further phrases, harmless after the place or thing that they point to (*het in het vonnis genoemde*,
    /// *voor bewoning geschikte*).
    pub harmless_after_place: Vec<String>,
    /// Further phrases, which count only when they are all that the text says.
    pub bare: Vec<String>,
    /// Further phrases, which count only where a verb of their own follows (*als iemand betaalt*, and not
    /// *geldt als bewijs*).
    pub with_own_verb: Vec<String>,
    /// Further phrases, harmless where they ask and do not set a condition (*noteert waar en wanneer*).
    pub or_question: Vec<String>,
    /// Further phrases, after which everything is named that the text holds (*te weten een boete of een
    /// taakstraf*): to move that would widen the text.
    pub exhaustive: Vec<String>,
    /// The reason for those, Dutch.
    pub exhaustive_reason: String,
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

/// How far before and after a phrase a sentence is searched, in words: keeps the search short for
/// any text.
const NEAR: usize = 120;

/// How much of what was found a reason shows, in characters.
const SHOWN: usize = 200;

/// The check, made ready.
#[derive(Debug)]
pub(crate) struct Phrases {
    matcher: Matcher,
    always: Matcher,
    list_or_clause: Matcher,
    harmless_after_place: Matcher,
    bare: Matcher,
    with_own_verb: Matcher,
    opens_long_list: Matcher,
    exhaustive: Matcher,
    or_question: Matcher,
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
        if spec.exhaustive_reason.is_empty() && !spec.exhaustive.is_empty() {
            return Err(CheckError::EmptyList("exhaustive_reason"));
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
            &spec.with_own_verb,
            &spec.opens_long_list,
            &spec.exhaustive,
            &spec.or_question,
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
            with_own_verb: Matcher::new(&spec.with_own_verb)?,
            opens_long_list: Matcher::new(&spec.opens_long_list)?,
            exhaustive: Matcher::new(&spec.exhaustive)?,
            or_question: Matcher::new(&spec.or_question)?,
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
        let text = scene.text.text_of(span);
        let shown = shown(text);
        if self.exhaustive.at(words, found.start).as_ref() == Some(&found) {
            let reason = self.spec.exhaustive_reason.replace("{found}", &shown);
            return Verdict::fail(span, reason);
        }
        let reason = self.spec.reason.replace("{found}", &shown);
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
        if is_in(&self.with_own_verb) && !clauses::has_own_verb(words, found) {
            return false;
        }
        if is_in(&self.or_question) && asks(words, found) {
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

/// *wie wanneer*, *waar en wanneer*, *wanneer, waar en voor wie*, *tijdstip wanneer*: a question or a time.
fn asks(words: &[Word<'_>], found: &Range<usize>) -> bool {
    let joins = |word: &Word<'_>| matches!(&*word.lower, "en" | "of");
    let last = words[..found.start]
        .iter()
        .rev()
        .find(|word| !joins(word))
        .filter(|word| word.after == Break::Space);
    let next = words[found.end..].iter().find(|word| !joins(word));
    let time = |word: &Word<'_>| {
        matches!(
            &*word.lower,
            "van" | "tijdstip" | "moment" | "ogenblik" | "dag" | "datum" | "uur"
        )
    };
    last.is_some_and(|word| is_question_word(&word.lower) || time(word))
        || next.is_some_and(|word| is_question_word(&word.lower))
}

/// *een goed dat aan een ander toebehoort*: a word that judges elsewhere, but names a thing here.
fn stands_as_noun(words: &[Word<'_>], found: &Range<usize>) -> bool {
    let can_be = found.len() == 1 && words.get(found.start).is_some_and(|w| w.is(Class::Noun));
    // *nadeel aan een goed heeft ondervonden*; but *wat goed is*
    let after_article = found
        .start
        .checked_sub(1)
        .is_some_and(|before| words[before].is(Class::Article));
    can_be
        && words.get(found.end).is_none_or(|next| {
            let closed = words[found.end - 1].after >= Break::Comma;
            closed
                || next
                    .classes
                    .any(&[Class::Relative, Class::Preposition, Class::Conjunction])
                || (after_article && next.is(Class::Finite) && !next.is(Class::Noun))
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

/// What was found, as a reason shows it: the beginning of a very long word is enough.
fn shown(found: &str) -> String {
    match found.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", found.get(..end).unwrap_or_default()),
        None => found.to_owned(),
    }
}

fn fits_with_star(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(ending), _) => word.ends_with(ending),
        (None, Some(beginning)) => word.starts_with(beginning),
        (None, None) => pattern == word,
    }
}
