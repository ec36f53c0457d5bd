//! What a word can be.

use crate::shapes::{adjective_base, classes};

/// One thing that a word can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// *de, het, een*
    Article,
    /// Stands where an article stands: *deze, elk, geen, zijn, onze, zodanige*
    Determiner,
    /// *twee, beide, eerste*, digits
    Numeral,
    /// *hij, het, iemand, degene*
    Pronoun,
    /// Opens a relative clause: *die, dat, wie, waarbij, waarin*
    Relative,
    /// *van, door, ten, krachtens*
    Preposition,
    /// *en, of, maar, dan wel*
    Conjunction,
    /// *indien, omdat, wanneer, dat*
    Subordinator,
    /// *niet, reeds, ten minste, geheel*
    Adverb,
    /// *niet, geen, nooit, zonder*
    Negation,
    /// *is, zijn, was, wordt, betreft, betekent* …: what joins a term to its definition
    Copula,
    /// *kan, mag, moet, zal, dient*
    Modal,
    /// A finite verb form
    Finite,
    /// An infinitive
    Infinitive,
    /// A past participle, without *-e*
    Participle,
    /// A present participle, without *-e*: *dringend, durend*
    PresentParticiple,
    /// An adjective, without *-e*
    Adjective,
    /// An adjective or participle with *-e*
    Inflected,
    /// A noun
    Noun,
    /// A noun in the plural
    PluralNoun,
    /// A noun that exists in the plural alone, or means something else in the singular
    PluralOnly,
    /// A noun in *-en* or *-s* that is singular: *teken, vonnis*
    SingularForm,
    /// A noun from an adjective: *verdachte, minderjarige*
    AdjectivalNoun,
    /// A noun with *het*: *besluit, slachtoffer*
    Neuter,
}

/// A set of [`Class`]es. Empty means that neither list nor shape says anything: mostly a noun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Classes(u32);

impl Classes {
    /// Whether the word can be `class`.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u32) != 0
    }

    /// Whether the word can be any of `classes`.
    pub fn any(self, classes: &[Class]) -> bool {
        classes.iter().any(|c| self.has(*c))
    }

    /// Whether nothing is known of the word.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The classes that a section of the lexicon stands for; none for an unknown section.
    pub(crate) fn of_section(section: &str) -> Self {
        let mut out = Self::default();
        for name in section.split_whitespace() {
            let class = match name {
                "article" => Class::Article,
                "determiner" => Class::Determiner,
                "numeral" => Class::Numeral,
                "pronoun" => Class::Pronoun,
                "relative" => Class::Relative,
                "preposition" => Class::Preposition,
                "conjunction" => Class::Conjunction,
                "subordinator" => Class::Subordinator,
                "adverb" => Class::Adverb,
                "negation" => Class::Negation,
                "copula" => Class::Copula,
                "modal" => Class::Modal,
                "finite" => Class::Finite,
                "infinitive" => Class::Infinitive,
                "participle" => Class::Participle,
                "adjective" => Class::Adjective,
                "inflected" => Class::Inflected,
                "noun" => Class::Noun,
                "plural-noun" => Class::PluralNoun,
                "plural-only" => Class::PluralOnly,
                "singular-form" => Class::SingularForm,
                "adjectival-noun" => Class::AdjectivalNoun,
                "neuter" => Class::Neuter,
                _ => return Self::default(),
            };
            out = out.with(class.into());
        }
        out
    }
}

impl From<Class> for Classes {
    fn from(class: Class) -> Self {
        Self(1 << class as u32)
    }
}

impl Classes {
    pub(crate) fn only_noun(self, letters: usize) -> Self {
        const NOUN: u32 = 1 << Class::Noun as u32
            | 1 << Class::PluralNoun as u32
            | 1 << Class::PluralOnly as u32
            | 1 << Class::SingularForm as u32
            | 1 << Class::AdjectivalNoun as u32
            | 1 << Class::Neuter as u32;
        // *werkers* is no kind of *kers*: a short end proves a noun and nothing about its number.
        let short = if letters < 5 {
            1 << Class::SingularForm as u32
        } else {
            0
        };
        Self(self.0 & NOUN & !short)
    }

    pub(crate) fn only_verb(self) -> Self {
        const VERB: u32 = 1 << Class::Finite as u32
            | 1 << Class::Infinitive as u32
            | 1 << Class::Participle as u32
            | 1 << Class::PresentParticiple as u32
            | 1 << Class::Inflected as u32;
        Self(self.0 & VERB)
    }
}

/// Whether `word` (lower case) is a finite verb form and no noun: *is*, *omvat*, *beslist* are;
/// *besluit*, *recht*, *verband* are nouns.
///
/// Without the words around it some forms cannot be told. A form that is a present tense and a
/// participle counts as finite (*beperkt*); one that is a past tense and something else does not
/// (*betrokken*, *bepaalde*), since definitions are in the present. [`crate::Opening`] looks at
/// the place as well.
pub fn is_finite_verb(word_lower: &str) -> bool {
    let found = classes(word_lower);
    const OTHER: [Class; 8] = [
        Class::Noun,
        Class::Adjective,
        Class::Inflected,
        Class::Determiner,
        Class::Preposition,
        Class::Adverb,
        Class::Conjunction,
        Class::Numeral,
    ];
    if found.has(Class::Infinitive) {
        return false;
    }
    let past_participle = found.has(Class::Participle) && word_lower.ends_with("en");
    found.any(&[Class::Copula, Class::Modal])
        || (found.has(Class::Finite) && !found.any(&OTHER) && !past_participle)
}

/// Whether `word` (lower case) is a form of a modal verb: *kan, mocht, moeten, zou, dient*.
pub fn is_modal(word_lower: &str) -> bool {
    classes(word_lower).has(Class::Modal)
}

/// Whether `word` (lower case) can be an infinitive: *aanhouden*, *zijn*.
pub fn is_infinitive(word_lower: &str) -> bool {
    classes(word_lower).has(Class::Infinitive)
}

/// Whether `word` (lower case) is a past or present participle, with or without *-e*.
pub fn is_participle(word_lower: &str) -> bool {
    let participle = |w: &str| classes(w).any(&[Class::Participle, Class::PresentParticiple]);
    participle(word_lower) || adjective_base(word_lower).is_some_and(|base| participle(&base))
}

/// Whether `word` (lower case) can be an adjective, participles and forms in *-e* included.
pub fn is_adjective(word_lower: &str) -> bool {
    let found = classes(word_lower);
    found.any(&[
        Class::Adjective,
        Class::Inflected,
        Class::Participle,
        Class::PresentParticiple,
    ])
}
