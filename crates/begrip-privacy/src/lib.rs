//! Finds what identifies a person or a case in Dutch text, and puts a role in its place before the
//! text leaves the machine; puts it back in the answer.
//!
//! No I/O, no clock: text, known parties and the user's choices come in; what comes out is
//! [`Protected`] or [`Nameless`], which nothing else can make, so that a function that takes one
//! cannot be handed an unprotected text.
//!
//! | file | holds |
//! |---|---|
//! | `protect` | the whole way: find, settle overlaps, choose placeholders, replace |
//! | `restore` | placeholders in an answer back to what they stand for |
//! | `view` | the text as it is searched: no hidden signs, no accents, every digit and dash plain |
//! | `words` | the words of a view |
//! | `numbers` | BSN, IBAN, telephone numbers, licence plates |
//! | `references` | parket and case numbers, ECLI, documents, e-mail |
//! | `places` | addresses, postcodes, places of birth and residence |
//! | `dates` | dates of birth |
//! | `party` | the parties that the user named, in all their forms |
//! | `names` | names that nobody told of, by lists and patterns |
//! | `lexicon` | those lists, and the titles and roles before a name |
//!
//! What is beyond it: letters of another script that look like ours, names misspelt on purpose, and
//! facts that point to somebody without naming them. That is why the user sees what leaves.

mod dates;
mod introduced;
mod kind;
mod lexicon;
mod names;
mod numbers;
mod party;
mod places;
mod protect;
mod references;
mod restore;
mod view;
mod words;

pub use kind::Kind;
pub use party::{Party, ROLES};
pub use protect::{
    Choices, Nameless, Protected, Replacement, Secret, nameless, nameless_label, protect,
    protect_all, protect_label,
};
