//! What a word can be, and how that is told: by the lexicon, else by its shape.

use crate::lexicon::lexicon;
use crate::spelling::{close_syllable, soften};

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

/// The longest word that is taken apart, in bytes. Dutch compounds are long, but what is longer is
/// no word, and looking for the parts of a megabyte without a space would take for ever.
pub(crate) const LONGEST_WORD: usize = 96;

/// Prefixes that leave their verb (*houdt … aan*) and stand before it in a subordinate clause and
/// in infinitive and participle. Longer ones first.
const SEPARABLE: [&str; 70] = [
    "terbeschikking",
    "inverzekering",
    "tenuitvoer",
    "schadeloos",
    "achterover",
    "achteruit",
    "tenlaste",
    "openbaar",
    "gevangen",
    "tegemoet",
    "inbeslag",
    "totstand",
    "terneder",
    "misbruik",
    "staande",
    "overeen",
    "tentoon",
    "terecht",
    "vooruit",
    "voorbij",
    "gebruik",
    "gelijk",
    "bekend",
    "achter",
    "binnen",
    "teweeg",
    "tussen",
    "kennis",
    "plaats",
    "buiten",
    "gereed",
    "vooraf",
    "teniet",
    "stand",
    "tegen",
    "terug",
    "samen",
    "onder",
    "boven",
    "kwijt",
    "voort",
    "bloot",
    "goed",
    "deel",
    "stil",
    "heen",
    "door",
    "mede",
    "over",
    "voor",
    "vast",
    "vrij",
    "weer",
    "neer",
    "waar",
    "open",
    "rond",
    "dood",
    "leeg",
    "aan",
    "bij",
    "los",
    "mee",
    "toe",
    "uit",
    "weg",
    "af",
    "in",
    "na",
    "op",
];
const SEPARABLE_SHORT: [&str; 2] = ["om", "her"];

/// Endings that only nouns have.
const NOUN_ENDINGS: [&str; 18] = [
    "heid", "teit", "ing", "schap", "tie", "sie", "isme", "ment", "nis", "logie", "cratie", "uur",
    "dom", "sel", "iek", "eur", "ant", "ent",
];

/// Endings in *-e* that only nouns have.
const NOUN_ENDINGS_E: [&str; 9] = [
    "tie", "sie", "logie", "nomie", "age", "ette", "euse", "rice", "iste",
];

/// Endings that only adjectives have (without *-e*).
const ADJECTIVE_ENDINGS: [&str; 15] = [
    "bekwaam", "bevoegd", "bewust", "gericht", "gebonden", "lijk", "baar", "zaam", "loos", "isch",
    "ig", "achtig", "air", "matig", "waardig",
];

/// What `word` (lower case, NFC) can be. Unknown words give an empty set.
pub fn classes(word: &str) -> Classes {
    let lexicon = lexicon();
    if word.len() > LONGEST_WORD {
        return Classes::default();
    }
    if let Some(known) = lexicon.classes(word) {
        return known;
    }
    if word.chars().next().is_some_and(|c| c.is_ascii_digit()) {
        return classes_of_number(word);
    }
    if let Some((_, last)) = word.rsplit_once('-') {
        return if last.is_empty() {
            Class::Noun.into()
        } else {
            classes(last)
        };
    }
    if let Some(found) = verb_form(word) {
        return found;
    }
    by_shape(word)
}

fn classes_of_number(word: &str) -> Classes {
    match word.rsplit_once('-') {
        Some((_, last)) => classes(last),
        None => Class::Numeral.into(),
    }
}

fn by_shape(word: &str) -> Classes {
    if let Some(noun) = compound(word) {
        return noun;
    }
    if word.ends_with(['e', 'ë']) {
        if NOUN_ENDINGS_E.iter().any(|e| ends_after(word, e, 3)) {
            return Class::Noun.into();
        }
        if let Some(base) = adjective_base(word) {
            let known = lexicon().classes(&base).or_else(|| verb_form(&base));
            let base = known.unwrap_or_else(|| shape_of_base(&base));
            if base.any(&[
                Class::Adjective,
                Class::Participle,
                Class::PresentParticiple,
            ]) {
                return Class::Inflected.into();
            }
        }
        return Classes::default();
    }
    shape_of_base(word)
}

/// A compound is what its last part is, as far as that is a noun: *rechtsorde*, *hoofdgetuige*.
fn compound(word: &str) -> Option<Classes> {
    let lexicon = lexicon();
    let starts = word.char_indices().map(|(at, _)| at).skip(3);
    for at in starts {
        let last = &word[at..];
        if last.len() < 4 {
            return None;
        }
        if let Some(found) = lexicon.classes(last)
            && found.has(Class::Noun)
        {
            return Some(found.only_noun(last.len()));
        }
    }
    None
}

fn shape_of_base(word: &str) -> Classes {
    const NUMBERS: [&str; 6] = [
        "twintig", "dertig", "veertig", "vijftig", "honderd", "duizend",
    ];
    if NUMBERS.iter().any(|e| word.ends_with(e)) {
        return Class::Numeral.into();
    }
    let verb = match word.strip_suffix("eren") {
        Some(rest) => !rest.ends_with('i') && rest.chars().any(crate::spelling::is_vowel),
        None => word.ends_with("ëren"),
    };
    if verb && word.strip_suffix("en").and_then(compound).is_none() {
        // Verbs in *-eren* are too many to list; plurals in *-eren* are few and listed.
        return Class::Infinitive.into();
    }
    if let Some(rest) = word.strip_prefix("on") {
        let known = lexicon().classes(rest).or_else(|| verb_form(rest));
        if known.is_some_and(|c| c.any(&[Class::Adjective, Class::Participle])) {
            return Class::Adjective.into();
        }
    }
    if NOUN_ENDINGS.iter().any(|e| ends_after(word, e, 2)) {
        return Class::Noun.into();
    }
    if ADJECTIVE_ENDINGS.iter().any(|e| ends_after(word, e, 2)) {
        return Class::Adjective.into();
    }
    if word.ends_with("end") && word.len() > 5 {
        return Class::PresentParticiple.into();
    }
    let weak = ["igd", "eerd", "oord"]
        .iter()
        .any(|e| ends_after(word, e, 3));
    let prefixed = word.starts_with("ge") && word.ends_with(['d', 't']) && word.len() >= 7;
    if weak || prefixed {
        return Class::Participle.into();
    }
    if word.ends_with("eert") && word.len() > 6 {
        // Verbs in *-eren* are too many to list, and no noun ends so.
        return Class::Finite.into();
    }
    Classes::default()
}

fn ends_after(word: &str, ending: &str, letters_before: usize) -> bool {
    word.len() >= ending.len() + letters_before && word.ends_with(ending)
}

/// A form of a verb with a separable prefix (*aanhoudt*, *opgelegd*), or of a verb known by one of
/// the inseparable prefixes (*herplaatst*).
fn verb_form(word: &str) -> Option<Classes> {
    let lexicon = lexicon();
    SEPARABLE.iter().chain(&SEPARABLE_SHORT).find_map(|prefix| {
        let rest = word.strip_prefix(prefix)?;
        let verb = lexicon.infinitive(rest)?;
        let found = lexicon.classes(rest)?;
        // *medeverdachten*: what follows is a noun before it is a past tense.
        let noun = found.has(Class::Noun)
            && !found.any(&[Class::Infinitive, Class::Participle])
            && rest != "staat";
        if noun || verb.len() <= 3 {
            return None;
        }
        let found = found.only_verb();
        // *uitspraken* is the plural of a noun before it is a past tense.
        let plural = !found.has(Class::Infinitive) && crate::nouns::is_known_plural(word);
        Some(match plural {
            true => Classes::from(Class::Noun).with(Class::PluralNoun.into()),
            false => found,
        })
    })
}

impl Classes {
    fn only_noun(self, letters: usize) -> Self {
        const NOUN: u32 = 1 << Class::Noun as u32
            | 1 << Class::PluralNoun as u32
            | 1 << Class::PluralOnly as u32
            | 1 << Class::SingularForm as u32
            | 1 << Class::AdjectivalNoun as u32;
        // *werkers* is no kind of *kers*: a short end proves a noun and nothing about its number.
        let short = if letters < 5 {
            1 << Class::SingularForm as u32
        } else {
            0
        };
        Self(self.0 & NOUN & !short)
    }

    fn only_verb(self) -> Self {
        const VERB: u32 = 1 << Class::Finite as u32
            | 1 << Class::Infinitive as u32
            | 1 << Class::Participle as u32
            | 1 << Class::PresentParticiple as u32
            | 1 << Class::Inflected as u32;
        Self(self.0 & VERB)
    }
}

/// The infinitive of a verb form (*opgelegd* → *opleggen*), when the lexicon knows the verb.
pub fn infinitive_of(form_lower: &str) -> Option<String> {
    let lexicon = lexicon();
    if let Some(infinitive) = lexicon.infinitive(form_lower) {
        return Some(infinitive.to_owned());
    }
    SEPARABLE.iter().chain(&SEPARABLE_SHORT).find_map(|prefix| {
        let infinitive = lexicon.infinitive(form_lower.strip_prefix(prefix)?)?;
        Some(format!("{prefix}{infinitive}"))
    })
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

/// The form without *-e* of an adjective (*strafbare* → *strafbaar*, *valse* → *vals*,
/// *formele* → *formeel*, *dubbele* → *dubbel*); `None` when the word does not end in *-e*.
pub fn adjective_base(word_lower: &str) -> Option<String> {
    let open = word_lower.strip_suffix('e')?;
    if open.len() < 3 {
        return None;
    }
    let lexicon = lexicon();
    let known = |word: &str| {
        lexicon.classes(word).is_some_and(|c| {
            c.any(&[
                Class::Adjective,
                Class::Participle,
                Class::PresentParticiple,
            ])
        })
    };
    // *gesloten* → *geslotene* is rare; *open*, *dubbel* keep their unstressed e.
    let mut short = open.to_owned();
    soften(&mut short);
    if known(&short) {
        return Some(short);
    }
    let unstressed = open.ends_with("er") && !known(&close_syllable(open, true))
        || open.ends_with("ibel")
        || open.ends_with("abel");
    Some(close_syllable(open, !unstressed))
}
