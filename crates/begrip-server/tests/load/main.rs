//! The server under load: every answer is looked at, and questions that it knows are told apart from new
//! ones.
//!
//! The test command plays each scenario small and short, which shows that every answer is right. By hand
//! each is one command on a machine that does nothing else; `docs/performance-test-plan.md` names them
//! with their bars. A bar fails the long run alone: a busy machine would make it lie.
//!
//! | file | holds |
//! |---|---|
//! | `known` | how many known answers the gateway gives in a second, beside the model server itself |
//! | `users` | people who work: what they ask, what they look at, and whether it was right |
//! | `arrivals` | when they come: thinking, at one instant, or at a rate whatever the server does |
//! | `told` | what came of it: percentiles, the server's process, a file of results |
//! | `scenarios` | the scenarios with their bars |
//! | `batch` | judges beside a job of the server |
//! | `available` | whether users can go on while parts fail |
//! | `probes` | what whoever watches the server sees of it meanwhile, and how long that takes |
//! | `soak` | a long time: slopes of memory, handles and database with their intervals |
//! | `sums` | what one thing takes, for the sums of the operator's guide |
//! | `journal` | each line of the log goes into an index of ECS by `_bulk` |
//! | `beside` | LiteLLM beside the gateway, in one run |
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    missing_docs,
    reason = "a test says what is wrong by stopping, and what it measured by printing; parts are shared with other tests"
)]

mod arrivals;
mod available;
mod batch;
mod beside;
#[path = "../../../begrip-journal/tests/support/index.rs"]
mod index;
mod journal;
mod known;
#[path = "../server/models.rs"]
mod models;
mod probes;
mod scenarios;
mod soak;
mod sums;
#[path = "../server/support.rs"]
mod support;
mod told;
mod users;

/// A number that the environment may set, or what the test command takes.
fn setting(name: &str, usual: f64) -> f64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}
