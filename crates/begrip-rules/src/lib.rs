//! A rule: executable check, prompt instruction and its own good and bad examples; rule packs;
//! the report.
//!
//! Invariant: this crate does no I/O, reads no clock and spawns nothing. The built-in pack is part
//! of the program, compiled once by [`RulePack::built_in`] and then only read.
//!
//! A rule is a file in `rules/`: what it asks, why, the line for the prompt, the check with its
//! word lists, and examples that pass and fail. The check names a primitive (one file each under
//! `checks/`) and gives it parameters, so that a rule is read and changed without touching code.
//!
//! | file | holds |
//! |---|---|
//! | `file` | the form of a rule file |
//! | `pack` | a pack: rules and version, compiled; checking a text |
//! | `bounds` | how much a pack may hold |
//! | `signed` | a file with a signature over what it says |
//! | `pack_file` | a pack as such a file |
//! | `keys` | the keys that sign and verify |
//! | `report` | level, outcome, finding, report |
//! | `subject` | what is checked, and what may be asked of its neighbours |
//! | `shelf` | concepts in memory as neighbours |
//! | `checks` | the primitives |

mod bounds;
mod checks;
mod file;
mod keys;
mod pack;
mod pack_file;
mod report;
mod shelf;
mod signed;
mod subject;

pub use checks::CheckSpec;
pub use file::{Example, Other, RuleFile, facts_text, parse_facts, parse_rule, rule_text};
pub use keys::{KeyError, PublicKey, SecretKey, TrustedKey, maintainers};
pub use pack::{PackBody, PackError, PackFacts, Rule, RulePack, RuleView};
pub use pack_file::{PackFile, PackFileError};
pub use report::{Finding, Fix, Level, Outcome, Report, RuleId};
pub use shelf::{Others, Shelf};
pub use signed::{FileError, FileKind, MOST_BYTES, SignedFile};
pub use subject::{Alone, Labelled, Neighbour, Neighbours, Said, Subject};
