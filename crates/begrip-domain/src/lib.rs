//! Concept, term, context, citation, status, version, provenance: the words of the product.
//!
//! Invariant: this crate does no I/O, reads no clock and makes no identifier of its own accord;
//! time and ids come in as arguments. The names follow SKOS and NL-SBB for concepts,
//! Juriconnect for citations and ECLI for decisions.
//!
//! | file | holds |
//! |---|---|
//! | `label` | a non-empty, normalised piece of text: term, organisation, area, law |
//! | `context` | organisations × legal areas × statutory bases |
//! | `category` | type, particular, process, result |
//! | `citation` | a source: statute article or court decision |
//! | `status` | the NL-SBB editorial status |
//! | `validity` | on which days a concept holds |
//! | `day` | when a day begins in the Netherlands |
//! | `provenance` | where a text came from |
//! | `concept` | the concept itself and its revisions |

mod category;
mod citation;
mod concept;
mod context;
mod day;
mod label;
mod provenance;
mod status;
mod validity;

pub use category::Category;
pub use citation::{Address, AddressError, Citation};
pub use concept::{Concept, ConceptFields, ConceptId, FieldError, Revision, limits};
pub use context::Context;
pub use day::dutch_day;
pub use label::{Label, LabelError};
pub use provenance::{CacheSource, ExchangeRef, ModelProvenance, Origin, Provenance};
pub use status::Status;
pub use validity::{InForce, Validity};
