//! The use cases through their one door: the command schema, JSON in and JSON out.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod along;
mod budgets;
mod caching;
mod caring;
mod categories;
mod commands;
mod costs;
mod drafting;
mod exchanges;
mod experiments;
mod failing;
mod finding;
mod jobs;
mod keeping;
mod leaking;
mod looking;
mod neighbours;
mod odd_files;
mod once;
mod pack_faults;
mod packs;
#[path = "../../../begrip-store/tests/store/pages.rs"]
mod pages;
mod privacy;
mod ranking;
mod real_laws;
mod refining;
mod remembering;
mod repairing;
mod routing;
mod settings;
mod small_models;
mod sources;
mod sparing;
mod starting;
mod support;
mod telemetry;
mod typing;
mod upkeep;
mod waiting;
mod widening;
mod workload;
