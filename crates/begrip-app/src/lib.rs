//! The use cases, one function each, and the one command schema from which every host follows.
//!
//! | file | holds |
//! |---|---|
//! | `commands` | the command schema: every command, declared once |
//! | `schema` | what crosses the border to a host: requests, answers, events |
//! | `error` | the table of everything a user can be told |
//! | `open` | opening the workplace, closing it |
//! | `concepts`, `history` | look-up, keeping, listing, history |
//! | `define`, `gather`, `repair`, `model` | from a term to a draft; the model behind it |
//! | `together` | what those who ask the same at one time have in common |
//! | `turns` | work that many ask for and one does at a time |
//! | `telling` | what is told of a draft while its text comes in |
//! | `protect` | what is replaced before text goes out, and put back in the answer |
//! | `provenance` | where a draft came from, and what was asked and answered for it |
//! | `jobs` | batches of terms, and drafts that wait for the network |
//! | `check` | checking a text |
//! | `packs` | versions of the rules: which is in force, import, export |
//! | `rules` | reading, trying and comparing rules; what a version changes |
//! | `settings`, `presets`, `environment` | what can be set, and what overrules it |
//! | `answers` | kept answers: figures, removal, warming up |
//! | `telemetry` | who is told of steps and errors, if anybody; the user's secrets |
//! | `sync`, `sharing` | the central server: staying in step, sharing, what was not taken |
//! | `sign_in` | who signed in at the issuer of the central server, and the tokens of that |
//! | `review`, `trail` | proposing and deciding; who did what to a shared concept |
//! | `workplace` | editor texts, doctor |
//! | `standing` | how sharing stands, counted after a change alone |
//! | `upkeep` | what is done once a day without anybody asking |
//! | `sources`, `source_files`, `legal_concepts` | laws and decisions: files, look-up, the concepts that laws define |
//! | `experiments` | versions of the prompt side by side |
//! | `starter` | the concepts that come with the program |
//! | `tier` | the store as the model's disk tier |
//! | `ledger`, `costs`, `insight` | each call and question written down, limits, what a month took |
//!
//! Invariant: nothing here knows Tauri, HTTP or the terminal.

mod administration;
mod answers;
mod beside;
mod check;
pub mod clock;
pub mod commands;
mod concepts;
mod costs;
mod define;
mod environment;
mod error;
mod experiments;
mod gather;
mod history;
mod insight;
mod jobs;
mod labels;
mod ledger;
mod legal_concepts;
mod model;
mod open;
mod packs;
mod passages;
mod prepare;
mod presets;
mod protect;
mod provenance;
mod published;
mod rank;
mod repair;
mod review;
mod routing;
mod rules;
pub mod schema;
mod server_jobs;
mod server_said;
mod settings;
mod sharing;
mod sign_in;
mod source_files;
mod sources;
mod standing;
pub mod starter;
mod sync;
mod telemetry;
mod telling;
mod tier;
mod together;
mod trail;
mod turns;
#[cfg(feature = "typescript")]
pub mod typescript;
mod upkeep;
mod validity;
mod workplace;

pub use begrip_interchange::{OpenQuote, Quotes};
pub use begrip_llm::CancellationToken as Cancel;
pub use begrip_telemetry::Telemetry;
pub use concepts::{field_name, status_name};
pub use environment::{Browser, Gathering, ModelOverride, OpenOptions, ServerOverride};
pub use error::{Bilingual, ErrorCode, ErrorRow, UserError};
pub use experiments::{ExperimentRun, sign_flags};
pub use open::App;
pub use packs::{built_in_pack, refused as pack_file_refused};
pub use sources::date;
pub use telemetry::TelemetryOverride;
pub use tier::disk_tier;
pub use trail::{deed_name, role_name};
pub use upkeep::Upkeep;
pub use validity::{month_name, validity_name};
