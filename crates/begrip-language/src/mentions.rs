//! What a text is about: its content words, and the stretches of it that may name a term.

use std::ops::Range;

use crate::classes::Class;
use crate::fold::search_words;
use crate::key::{KeyWord, TermKey, key_of};
use crate::text::Text;
use crate::words::{Break, Word};

/// A content word of a text: no article, preposition, pronoun, conjunction or auxiliary verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentWord {
    /// Its search words ([`search_words`]), joined: equal for all its inflections.
    pub stem: String,
    /// Its index among [`Text::words`].
    pub word: usize,
}

/// A stretch of a text that may name a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Indices of its words.
    pub words: Range<usize>,
    /// The key that a term with this name has ([`crate::term_key`]).
    pub key: TermKey,
}

/// The longest name that is looked for, in words.
const LONGEST: usize = 6;

/// How many content words, from the first on, tell how a text begins.
const START: usize = 3;

impl Text<'_> {
    /// The content words in order. A negation is one: it turns the meaning around.
    pub fn content_words(&self) -> Vec<ContentWord> {
        let words = self.words().iter().enumerate();
        words
            .filter(|(_, word)| is_content(word))
            .filter_map(|(at, word)| {
                let stem = match &*word.lower {
                    plain if plain.bytes().all(|b| b.is_ascii_lowercase()) => stem_of(plain),
                    other => search_words(other).concat(),
                };
                (!stem.is_empty()).then_some(ContentWord { stem, word: at })
            })
            .collect()
    }

    /// Every stretch of up to six words that may name a term: within one clause, ending in what
    /// can be a noun. By place, the longest first at each place.
    pub fn mentions(&self) -> Vec<Mention> {
        let words = self.words();
        let keys: Vec<Option<KeyWord>> = words.iter().map(KeyWord::of).collect();
        let mut mentions = Vec::new();
        for start in 0..words.len() {
            if !may_begin(&words[start]) {
                continue;
            }
            // One clause, without a word that breaks a name off.
            let mut end = start;
            while end < words.len() && end - start < LONGEST && keys[end].is_some() {
                let last = &words[end];
                end += 1;
                if !matches!(last.after, Break::Space | Break::Hyphen) || breaks_off(last) {
                    break;
                }
            }
            for end in (start + 1..=end).rev() {
                // *in beslag genomen voorwerp* begins with a preposition, *in beslag* is no name.
                let bare = end - start < 3 && is_link(&words[start]);
                if bare || !may_end(&words[end - 1]) {
                    continue;
                }
                let parts: Vec<&KeyWord> = keys[start..end].iter().flatten().collect();
                mentions.push(Mention {
                    words: start..end,
                    key: key_of(&parts),
                });
            }
        }
        mentions
    }
}

/// How a text begins that has these content words: equal for texts that begin with the same three,
/// whatever their inflection. None for a shorter text.
pub fn start_of(content: &[ContentWord]) -> Option<String> {
    let stems: Vec<&str> = content
        .get(..START)?
        .iter()
        .map(|word| word.stem.as_str())
        .collect();
    Some(stems.join(" "))
}

fn stem_of(plain: &str) -> String {
    search_words(plain).concat()
}

fn is_content(word: &Word<'_>) -> bool {
    const FUNCTION: [Class; 10] = [
        Class::Article,
        Class::Determiner,
        Class::Pronoun,
        Class::Relative,
        Class::Preposition,
        Class::Conjunction,
        Class::Subordinator,
        Class::Adverb,
        Class::Copula,
        Class::Modal,
    ];
    if matches!(&*word.lower, "heeft" | "hebben" | "had" | "hadden") {
        return false;
    }
    word.classes
        .any(&[Class::Noun, Class::Negation, Class::Numeral])
        && !word.is(Class::Article)
        || !word.classes.any(&FUNCTION)
}

fn is_link(word: &Word<'_>) -> bool {
    word.classes
        .any(&[Class::Preposition, Class::Conjunction, Class::Article])
        && !word.is(Class::Noun)
}

fn may_begin(word: &Word<'_>) -> bool {
    const NEVER: [Class; 7] = [
        Class::Article,
        Class::Determiner,
        Class::Pronoun,
        Class::Relative,
        Class::Copula,
        Class::Modal,
        Class::Subordinator,
    ];
    word.is(Class::Noun) || word.is(Class::Preposition) || !word.classes.any(&NEVER)
}

fn breaks_off(word: &Word<'_>) -> bool {
    !word.is(Class::Noun)
        && !word.is(Class::Preposition)
        && word.classes.any(&[
            Class::Relative,
            Class::Copula,
            Class::Modal,
            Class::Subordinator,
        ])
}

/// Whether a name can end in this word: a noun, an infinitive, or what the lists do not know.
fn may_end(word: &Word<'_>) -> bool {
    let nouns = [
        Class::Noun,
        Class::PluralNoun,
        Class::AdjectivalNoun,
        Class::Infinitive,
    ];
    word.classes.is_unknown() || word.classes.any(&nouns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term_key;
    use proptest::prelude::*;

    fn names(text: &str, term: &str) -> bool {
        let key = term_key(term);
        Text::new(text).mentions().iter().any(|m| m.key == key)
    }

    #[test]
    fn a_term_in_a_text_is_among_its_mentions_in_every_inflection() {
        for (term, text) in [
            ("verdachte", "verhoor van verdachten door de politie"),
            ("strafbaar feit", "een van de strafbare feiten in de wet"),
            (
                "officier van justitie",
                "bevel van de officieren van justitie",
            ),
            (
                "in beslag genomen voorwerp",
                "verkoop van in beslag genomen voorwerpen",
            ),
            ("Voorlopige hechtenis", "duur van de voorlopige hechtenis"),
            (
                "last onder dwangsom",
                "besluit dat een last onder dwangsom oplegt",
            ),
            ("e-mail", "bericht per e-mail aan een partij"),
            (
                "gevangenis",
                "verblijf in een gevangenis of huis van bewaring",
            ),
            (
                "huis van bewaring",
                "verblijf in een gevangenis of huis van bewaring",
            ),
            ("minderjarige", "kind dat minderjarige is"),
        ] {
            assert!(names(text, term), "{term} in {text}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_among_the_mentions() {
        for (term, text) in [
            ("straf", "strafbare gedraging zonder vrijheidsstraf"),
            ("straf van de rechter", "straf, van de rechter"),
            ("de", "persoon die de zaak behandelt"),
            ("in", "verblijf in een gevangenis"),
            ("persoon die werkt", "persoon die werkt"),
        ] {
            assert!(!names(text, term), "{term} in {text}");
        }
    }

    #[test]
    fn content_words_leave_out_what_only_joins() {
        let stems = |text: &str| -> Vec<String> {
            let words = Text::new(text).content_words();
            words.into_iter().map(|word| word.stem).collect()
        };
        assert_eq!(
            stems("Een straf die de rechter heeft opgelegd"),
            stems("straffen door rechters opgelegd")
        );
        assert_ne!(
            stems("straf die is betaald"),
            stems("straf die niet is betaald")
        );
        assert_ne!(stems("straf van twee jaar"), stems("straf van drie jaar"));
        let words = Text::new("schriftelijke beslissing van een rechter");
        let other = Text::new("de schriftelijke beslissingen door rechters in Utrecht");
        assert!(start_of(&words.content_words()).is_some());
        assert_eq!(
            start_of(&words.content_words()),
            start_of(&other.content_words())
        );
        assert_eq!(
            start_of(&Text::new("beslissing van een rechter").content_words()),
            None
        );
    }

    proptest! {
        /// A name has the key that the term has when it is kept: otherwise it would not be found.
        #[test]
        fn a_mention_has_the_key_of_its_own_words(
            text in "(([A-Z]?[a-z]{1,9}(ën|en|s|'s)?|officier van justitie|e-mail|één|art\\.|2\\.1)[ ,]){0,9}"
        ) {
            let text = Text::new(&text);
            for mention in text.mentions() {
                let source = &text.source()[text.bytes_of(text.span_of(mention.words.clone()))];
                prop_assert_eq!(mention.key, term_key(source), "{}", source);
            }
        }
    }
}
