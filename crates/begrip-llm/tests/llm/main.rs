//! The client against a model server over HTTP, and against a socket that sends what it likes.
//!
//! What was asked is read from the server's own call log, never from the client's counters alone.
// Tests may stop at the first thing that is not as promised.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod calls;
mod framing;
mod kept;
mod key_matrix;
mod ledger;
mod network;
mod never_kept;
mod probing;
mod single_flight;
mod support;
mod warming;
mod workload;
