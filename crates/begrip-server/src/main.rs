//! `begrip-server`: what organisations share of their concepts.
//!
//! Any number of these run on one database behind a balancer: none keeps anything that another
//! would miss. `docs/sync.md` tells what the protocol guarantees.
//!
//! | file | holds |
//! |---|---|
//! | `args` | the command line, with its help |
//! | `settings` | what can be set, by file, environment and command line |
//! | `database` | connections, and which role they have |
//! | `migrate` | the tables, and bringing them up to date |
//! | `administration` | who belongs to an organisation: by address for its administrators, on the command line for the operator |
//! | `identity` | who signs in by OpenID Connect |
//! | `token` | making tokens, and telling who holds one |
//! | `desk` | one push of commands at work, with the steps of a review |
//! | `trail` | what happened to each concept, each entry bound to all before it |
//! | `gateway` | models of the organisations behind one address |
//! | `sharing` | pages and sums in PostgreSQL |
//! | `connections` | connections with callers, plain or by TLS, and their bounds |
//! | `rules` | by which rules texts are checked here |
//! | `routes` | the addresses, and what each answers |
//! | `around` | what stands around every request: its number, its time, its line in the log |
//! | `openapi` | the addresses as OpenAPI tells them |
//! | `pace` | how often somebody may ask |
//! | `lines` | how many lines of events somebody may hold open, and for how long |
//! | `portions` | upkeep of tables, a portion at a time |
//! | `panics` | counting what should never happen |
//! | `publish` | versions of the rules and experiments that are handed out |
//! | `refusal` | what a caller is told when something is not done |
//! | `events` | changes, told to every open connection |
//! | `health` | whether the server can work |
//! | `figures` | what is counted |
//! | `telemetry` | who is told of times and errors |
//! | `serve` | from start to an orderly end |
//! | `doctor` | looking everything over |
//! | `backup` | everything in one file, and back |

mod administration;
mod args;
mod around;
mod backup;
mod connections;
mod database;
mod desk;
mod doctor;
mod events;
mod figures;
mod gateway;
mod health;
mod identity;
mod jobs;
mod lines;
mod migrate;
mod openapi;
mod pace;
mod panics;
mod portions;
mod publish;
mod refusal;
mod routes;
mod rules;
mod serve;
mod settings;
mod sharing;
mod telemetry;
mod token;
mod trail;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let done = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(args.command.run(args.given)));
    match done {
        Ok(code) => code,
        Err(error) => {
            // Standard error is where an operator looks when a start fails.
            eprintln!("begrip-server: {}", refusal::told(&error));
            ExitCode::FAILURE
        }
    }
}
