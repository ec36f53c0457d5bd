//! The workstation's encrypted SQLite files: concepts, search, revisions, editor texts, settings,
//! the response cache's disk tier and the ledger.
//!
//! Only this crate knows SQLite. Calls block; times and ids come in as arguments. Nothing here is
//! overwritten silently: a change of a concept is a new revision in the same transaction, and a
//! damaged file is kept aside.
//!
//! Two files stand in the home folder, both SQLCipher with one key: `begrip.db` (precious, backed
//! up) and `cache.db` (answers that can be asked again; never backed up, so that what is removed
//! from it is gone).
//!
//! | file | holds |
//! |---|---|
//! | `key` | where the key is kept, and what happens when it is lost |
//! | `connection` | opening one connection; the writer and the pool of readers |
//! | `schema` | tables and migrations |
//! | `open` | opening a home: migrate, back up, recover |
//! | `queries` | the queries that matter most |
//! | `concepts` | keeping, reading and listing concepts and their revisions |
//! | `rows` | a concept as rows: read back |
//! | `index` | a concept as rows: written, with its labels and its place in the indexes |
//! | `search` | ranked search while typing |
//! | `similar` | concepts that may be the same |
//! | `neighbours` | what stands beside a text that is checked |
//! | `documents` | editor texts, settings, and what the store knows of itself |
//! | `drafts` | where drafts came from, many in one commit |
//! | `exchanges` | what was asked of a model for a draft, and what it answered |
//! | `sources` | laws and decisions, their articles in several versions, and the concepts that laws define |
//! | `passages` | the articles that fit a question best |
//! | `embeddings` | texts as vectors, which put those in order |
//! | `packs` | rule packs, and which of them is in force |
//! | `jobs` | work for the model that goes on by itself |
//! | `flags`, `trials` | which experiments run, and what became of their drafts |
//! | `outbox` | what the user did to shared concepts, and what became of it |
//! | `review` | steps of a review, and what waits for a decision |
//! | `news` | what became of the user's own proposals, until it was seen |
//! | `shared` | what the server told, and how far this computer is with it |
//! | `arrivals` | the same for concepts that come in for the first time, hundreds at once |
//! | `cache` | the response cache's disk tier |
//! | `ledger` | one row for each model call |

mod arrivals;
mod cache;
mod cache_room;
mod concepts;
mod connection;
mod documents;
mod drafts;
mod embeddings;
mod error;
mod exchanges;
mod flags;
mod index;
mod jobs;
mod key;
mod ledger;
mod neighbours;
mod news;
mod open;
mod outbox;
mod packs;
mod passages;
#[cfg(test)]
mod plans;
mod queries;
mod review;
mod rows;
mod schema;
mod search;
mod shared;
mod similar;
mod sources;
mod trials;

pub use cache::{CacheEntry, CacheFigures, CacheSelector, ResponseCache};
pub use concepts::{Change, Filter, Listed, Page, Sort, Twins};
pub use connection::make_room;
pub use documents::SavedText;
pub use error::StoreError;
pub use exchanges::StoredExchange;
pub use flags::StoredFlags;
pub use jobs::{
    ClaimedItem, ItemState, JobCounts, JobKind, JobState, NewItem, StoredItem, StoredJob, Work,
};
pub use key::{KeyPlace, Keys, Secret};
pub use ledger::{Admission, Allowance, Asked, FailedRule, LedgerRow, LedgerSum, UNDER_WAY, day};
pub use neighbours::Beside;
pub use news::{News, NewsKind};
pub use open::{OpenReport, Recovery, Store};
pub use outbox::{Conflict, Standing};
pub use packs::{PackOrigin, StoredPack};
pub use passages::Passage;
pub use review::{OwnAccount, OwnStep};
pub use rows::Row;
pub use search::{Hit, Matched};
pub use shared::{HeldRows, SyncFigures};
pub use similar::{Similar, SimilarKind};
pub use sources::{
    Article, ArticleTitle, KeptSource, NewArticle, NewSource, SourceKind, SourceVersion,
};
pub use trials::{Decision, Trial, TrialSpent, TrialState};
