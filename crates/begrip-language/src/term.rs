//! A term, ready to be found in texts in any inflection.

use std::ops::Range;

use crate::classes::{Class, Classes};
use crate::fold::modifier_stem;
use crate::nouns::{Number, number, singular};
use crate::shapes::{classes, infinitive_of};
use crate::text::Text;
use crate::words::{Word, lower, split};

/// A term, cut into words once, that finds itself in texts: whole words in any inflection
/// (*strafbaar feit* in *strafbare feiten*, *aanhouden* in *aangehouden*). Longer words that
/// contain it (*strafbaar* for *straf*) and derivations (*rechter* for *recht*) are others.
#[derive(Clone, Debug)]
pub struct Term {
    words: Vec<TermWord>,
    /// Index of the head among the words.
    head: usize,
}

#[derive(Clone, Debug)]
struct TermWord {
    lower: String,
    classes: Classes,
    /// What all inflections of it share.
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// A noun, by its singular.
    Noun(String),
    /// An adjective or participle, by its stem.
    Modifier(String),
    /// A verb, by its infinitive.
    Verb(String),
}

impl Term {
    /// Reads a term as typed; an empty one has no words and is found nowhere.
    pub fn new(term: &str) -> Self {
        let lowers: Vec<String> = split(term)
            .into_iter()
            .map(|w| w.lower.into_owned())
            .collect();
        let link =
            |w: &String| classes(w).any(&[Class::Preposition, Class::Article, Class::Subordinator]);
        let group = lowers
            .iter()
            .skip(1)
            .position(link)
            .map_or(lowers.len(), |at| at + 1);
        let head = headline(&lowers[..group]).unwrap_or(group.saturating_sub(1));
        let words = lowers
            .into_iter()
            .enumerate()
            .map(|(index, lower)| TermWord::new(lower, index >= head))
            .collect();
        Self { words, head }
    }

    /// The head in small letters: *officieren* in *officieren van justitie*, *hechtenis* in
    /// *voorlopige hechtenis*.
    pub fn head(&self) -> Option<&str> {
        self.words.get(self.head).map(|w| w.lower.as_str())
    }

    /// The number of the head; unknown for an empty term.
    pub fn number(&self) -> Number {
        self.head().map_or(Number::Unknown, number)
    }

    /// The term with its head in the singular, when that head is a plural with a singular.
    pub fn in_singular(&self) -> Option<String> {
        let one = singular(self.head()?)?;
        let words = self
            .words
            .iter()
            .enumerate()
            .map(|(index, word)| match index {
                i if i == self.head => one.as_str(),
                _ => word.lower.as_str(),
            });
        Some(words.collect::<Vec<_>>().join(" "))
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has no words at all.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// What the head can be; nothing for an empty term.
    pub fn head_classes(&self) -> Classes {
        self.words
            .get(self.head)
            .map(|w| w.classes)
            .unwrap_or_default()
    }

    /// The term, when it stands at `start` of these words.
    pub fn at(&self, words: &[Word<'_>], start: usize) -> Option<Range<usize>> {
        let end = start.checked_add(self.words.len())?;
        let found = words.get(start..end)?;
        let fits = found
            .iter()
            .zip(&self.words)
            .all(|(word, own)| own.is_in(word));
        (fits && !found.is_empty()).then_some(start..end)
    }

    /// Every place where the term stands in `text`, as index ranges of its words.
    pub fn find_in<'s>(&'s self, text: &'s Text<'_>) -> impl Iterator<Item = Range<usize>> + 's {
        (0..text.words().len()).filter_map(|start| self.at(text.words(), start))
    }
}

/// The head of a group that leaves its preposition out, as a headline does: *evacuatie kwetsbare
/// groepen*, *toename ziekenhuisopnamen*. A singular noun stands before a plural, and tells no quality.
fn headline(group: &[String]) -> Option<usize> {
    let last = group.len().checked_sub(1)?;
    if number(&group[last]) != Number::Plural || classes(&group[0]).has(Class::Preposition) {
        return None;
    }
    const QUALITY: [Class; 5] = [
        Class::Adjective,
        Class::Inflected,
        Class::Participle,
        Class::AdjectivalNoun,
        Class::Numeral,
    ];
    group[..last].iter().position(|word| {
        let found = classes(word);
        found.has(Class::Noun) && !found.any(&QUALITY) && number(word) == Number::Singular
    })
}

impl TermWord {
    fn new(lower: String, noun_place: bool) -> Self {
        let classes = classes(&lower);
        let noun = classes.has(Class::Noun) || classes.is_unknown();
        let form = if classes.has(Class::Infinitive) && !classes.has(Class::Noun) {
            Form::Verb(lower.clone())
        } else if noun && (noun_place || !classes.has(Class::AdjectivalNoun)) {
            Form::Noun(without_hyphens(
                &singular(&lower).unwrap_or_else(|| lower.clone()),
            ))
        } else {
            Form::Modifier(modifier_stem(&lower))
        };
        Self {
            lower,
            classes,
            form,
        }
    }

    fn is_in(&self, word: &Word<'_>) -> bool {
        if word.lower == self.lower.as_str() {
            return true;
        }
        // Nouns and adjectives begin alike in all their forms: asking that first keeps a long text
        // cheap.
        let letters = |word| str::chars(word).filter(|c| *c != '-').take(2);
        let alike = || letters(&word.lower).eq(letters(&self.lower));
        match &self.form {
            Form::Noun(own) => {
                alike() && {
                    let one = singular(&word.lower);
                    without_hyphens(one.as_deref().unwrap_or(&word.lower)) == *own
                }
            }
            Form::Modifier(own) => alike() && modifier_stem(&word.lower) == *own,
            Form::Verb(own) => {
                word.classes.any(&[
                    Class::Finite,
                    Class::Participle,
                    Class::Inflected,
                    Class::Infinitive,
                ]) && infinitive_of(&word.lower).is_some_and(|verb| verb == *own)
            }
        }
    }
}

fn without_hyphens(word: &str) -> String {
    lower(word).replace(['-', '\''], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(term: &str, text: &str) -> Vec<String> {
        let text = Text::new(text);
        let places = Term::new(term).find_in(&text).collect::<Vec<_>>();
        places
            .into_iter()
            .map(|range| text.source()[text.bytes_of(text.span_of(range))].to_owned())
            .collect()
    }

    #[test]
    fn a_term_is_found_in_every_inflection() {
        for (term, text, expected) in [
            (
                "straf",
                "de straffen en de straf",
                vec!["straffen", "straf"],
            ),
            (
                "strafbaar feit",
                "een van de strafbare feiten",
                vec!["strafbare feiten"],
            ),
            (
                "Strafbare feiten",
                "elk strafbaar feit",
                vec!["strafbaar feit"],
            ),
            (
                "officier van justitie",
                "alle Officieren van Justitie",
                vec!["Officieren van Justitie"],
            ),
            ("verdachte", "tegen verdachten.", vec!["verdachten"]),
            ("e-mail", "per email", vec!["email"]),
            (
                "aanhouden",
                "wie is aangehouden of aanhoudt",
                vec!["aangehouden", "aanhoudt"],
            ),
            ("opleggen", "de opgelegde straf", vec!["opgelegde"]),
            (
                "minderjarige verdachte",
                "minderjarige verdachten",
                vec!["minderjarige verdachten"],
            ),
            (
                "voorlopige hechtenis",
                "(voorlopige) hechtenis",
                vec!["voorlopige) hechtenis"],
            ),
        ] {
            assert_eq!(found(term, text), expected, "{term} in {text}");
        }
    }

    #[test]
    fn a_longer_word_or_a_derivation_is_another_word() {
        for (term, text) in [
            (
                "straf",
                "strafbare bestraffing zonder vrijheidsstraf, straffeloos",
            ),
            ("recht", "rechter, rechtbank en gerecht"),
            ("verdachte", "persoon die wordt verdacht, verdenking"),
            ("getuige", "getuigenis die getuigt"),
            ("officier van justitie", "officier bij de politie"),
            ("aanhouden", "aanhouding, houden"),
            ("", "iets"),
        ] {
            assert_eq!(found(term, text), Vec::<String>::new(), "{term} in {text}");
        }
    }

    #[test]
    fn the_head_of_a_term_carries_its_number() {
        for (term, head, number, one) in [
            (
                "officieren van justitie",
                "officieren",
                Number::Plural,
                Some("officier van justitie"),
            ),
            ("voorlopige hechtenis", "hechtenis", Number::Singular, None),
            (
                "persoonsgegevens",
                "persoonsgegevens",
                Number::Plural,
                Some("persoonsgegeven"),
            ),
            ("hersenen", "hersenen", Number::Plural, None),
            (
                "inrichting voor stelselmatige daders",
                "inrichting",
                Number::Singular,
                None,
            ),
            (
                "evacuatie kwetsbare groepen",
                "evacuatie",
                Number::Singular,
                None,
            ),
            (
                "in beslag genomen voorwerpen",
                "voorwerpen",
                Number::Plural,
                Some("in beslag genomen voorwerp"),
            ),
        ] {
            let term = Term::new(term);
            assert_eq!(term.head(), Some(head));
            assert_eq!(term.number(), number, "{head}");
            assert_eq!(term.in_singular().as_deref(), one, "{head}");
        }
        assert!(Term::new(" ").is_empty());
    }
}
