//! The store through its public calls, on real files.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod answers;
mod arriving;
mod durable;
mod embeddings;
mod exchanges;
mod faults;
mod jobs;
mod keeping;
mod ledger;
mod neighbours;
mod news;
mod opening;
mod packs;
mod pages;
mod refusing;
mod removing;
mod revisions;
mod searching;
mod shared;
mod similar;
mod sources;
mod support;
mod trials;
