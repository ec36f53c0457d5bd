//! Dutch text: sentences, words, head noun, number, verb forms, inflection-insensitive keys.
//!
//! Invariant: this crate does no I/O, reads no clock and spawns nothing. Its only data are the
//! word lists in `lexicon/`, part of the program and read once, on first use.
//!
//! | file | holds |
//! |---|---|
//! | `text` | a text analysed once: words, sentences, opening, character spans |
//! | `words` | where words begin and end, and what stands between them |
//! | `sentences` | which full stop ends a sentence |
//! | `opening` | the noun group that a definition opens with, and its head |
//! | `noun_group` | how a noun group is read up to its head |
//! | `classes` | what a word can be: article, noun, finite verb … |
//! | `shapes` | how that is told, by lexicon and by shape |
//! | `lexicon` | the word lists |
//! | `conjugate` | the forms of a verb, made from its infinitive |
//! | `nouns` | number, singular and plural |
//! | `spelling` | open and closed syllables: *zaak–zaken*, *straf–straffen*, *brief–brieven* |
//! | `key` | the term key |
//! | `antecedent` | what a pronoun points back to |
//! | `mentions` | content words, and stretches of a text that may name a term |
//! | `category` | what the form of a term tells of its category |
//! | `compound` | what a compound is a kind of |
//! | `term` | a term that finds itself in texts, in any inflection |
//! | `fold` | folding and search words |
//! | `abbreviation` | abbreviations by shape |
//!
//! Where spelling alone cannot tell (*besluit* is a noun, *beslist* a verb), the lexicon decides;
//! where the lexicon does not know the word, shape and place in the text do. Every guess leans to
//! the side that keeps a lawyer's good text from being faulted.
//!
//! ```
//! use begrip_language::{Number, Text, term_key};
//!
//! let text = Text::new("door de rechter opgelegde, onherroepelijk geworden straffen");
//! let opening = text.opening();
//! let head = opening.head.map(|head| text.words()[head].raw);
//! assert_eq!((head, opening.number), (Some("straffen"), Number::Plural));
//! assert_eq!(term_key("Vonnissen "), term_key("vonnis"));
//! ```

mod abbreviation;
mod antecedent;
mod category;
mod classes;
mod compound;
mod conjugate;
mod fold;
mod key;
mod lexicon;
mod mentions;
mod noun_group;
mod nouns;
mod opening;
mod sentences;
mod shapes;
mod spelling;
mod term;
mod text;
mod words;

pub use abbreviation::{abbreviation_shape, asked_form};
pub use category::category_of;
pub use classes::{
    Class, Classes, is_adjective, is_finite_verb, is_infinitive, is_modal, is_participle,
};
pub use compound::compound_heads;
pub use fold::{fold, search_words};
pub use key::{TermKey, term_key};
pub use mentions::{ContentWord, Mention, start_of};
pub use nouns::{Number, inflections_of, number, plural_forms, singular};
pub use opening::{Opening, OpeningKind};
pub use shapes::{adjective_base, classes, infinitive_of, is_compound, is_listed};
pub use term::Term;
pub use text::{Sentence, Span, Text};
pub use words::{Break, Word};
