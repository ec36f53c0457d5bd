//! The server as a process, on a PostgreSQL of the tests' own.
// A test says what is wrong by stopping.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    missing_docs,
    reason = "a test says what is wrong by stopping"
)]

mod administering;
mod administering_cli;
mod asked_to_wait;
mod asking;
mod backup;
mod connecting;
mod crowded;
mod delta;
mod encrypted;
mod faults;
mod five;
mod foreign;
mod foreign_issuer;
mod fuzzing;
mod gateway;
mod homes;
mod identity;
mod image;
mod in_step;
mod inviting;
mod jobs;
mod jobs_ends;
mod jobs_lasting;
mod jobs_sent;
mod jobs_sheet;
mod jobs_told;
mod jobs_turns;
mod jobs_whole;
mod lines;
mod machine_tokens;
mod models;
mod nodes;
mod openapi;
mod over_tls;
mod own_bounds;
mod permissions;
mod plans;
mod polling;
mod prometheus;
mod publishing;
mod reviewing;
mod rollouts;
mod rules_in_force;
mod signing_in;
mod spending;
mod starting;
mod storm;
mod support;
mod telemetry;
mod upgrading;
mod upkeep;
mod vectors;
mod walls;
mod watching;
