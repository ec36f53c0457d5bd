//! The real program on real files and against the model server of the tests, judged from outside:
//! by its output, its exit code and the server's own log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod batch;
mod cache;
mod concepts;
mod costs;
mod define;
mod doctor;
mod exchange;
mod experiment;
mod findings;
mod guide;
mod help;
mod jsonl;
mod lookup;
#[cfg(target_os = "linux")]
mod offline;
mod privacy;
mod processes;
mod prompt;
mod rules;
mod settings;
mod sources;
mod streaming;
mod support;
mod telemetry;
#[cfg(unix)]
mod terminal;
mod trace;
