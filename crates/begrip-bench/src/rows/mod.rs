//! The rows, each a measurement of its own.

mod batch;
mod beside;
mod cache;
mod cancel;
mod database;
mod day;
mod drafting;
mod established;
mod gather;
mod heartbeat;
mod list;
mod look_up;
mod many;
mod open_loop;
mod painted;
mod processes;
pub mod prompt;
pub mod repeated;
mod retrieval;
mod rules;
mod sharing;
mod single_flight;
mod start;
mod typing;
mod warm;
mod window;
mod workload;

use anyhow::{Result, bail};

pub use processes::be_child;

use crate::bench::Bench;
use crate::row::Row;

/// The measurements, in the order of the table.
pub const NAMES: [&str; 24] = [
    "prompt",
    "drafting",
    "day",
    "open_loop",
    "cancel",
    "gather",
    "batch",
    "rules",
    "many",
    "start",
    "look_up",
    "list",
    "database",
    "beside",
    "repeated",
    "cache",
    "warm",
    "workload",
    "single_flight",
    "build",
    "retrieval",
    "sharing",
    "processes",
    "window",
];

/// Measures the rows of one name.
pub async fn measure(name: &str, bench: &Bench) -> Result<Vec<Row>> {
    match name {
        "prompt" => prompt::tokens(bench).await,
        "drafting" => drafting::measure(bench).await,
        "day" => day::measure(bench).await,
        "cancel" => cancel::measure(bench).await,
        "gather" => gather::measure(bench),
        "open_loop" => open_loop::measure(bench).await,
        "batch" => batch::measure(bench).await,
        "rules" => rules::measure(bench).await,
        "many" => many::measure(bench),
        "start" => start::measure(bench),
        "database" => database::measure(bench),
        "list" => list::measure(bench).await,
        "look_up" => look_up::measure(bench).await,
        "beside" => beside::measure(bench).await,
        "repeated" => repeated::measure(bench).await,
        "cache" => cache::measure(bench),
        "warm" => warm::measure(bench).await,
        "workload" => workload::measure(bench).await,
        "single_flight" => single_flight::measure(bench).await,
        "build" => prompt::build(bench),
        "retrieval" => retrieval::measure(bench).await,
        "sharing" => sharing::measure(bench).await,
        "processes" => processes::measure(bench),
        "window" => window::measure(bench).await,
        other => bail!(
            "no measurement is called {other}; there are: {}",
            NAMES.join(", ")
        ),
    }
}
