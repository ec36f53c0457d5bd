//! `begrip`: the use cases on a terminal and in scripts.
//!
//! | file | holds |
//! |---|---|
//! | `args` | the command line, with its help |
//! | `run` | one function for each command |
//! | `jsonl` | `check --jsonl`: many definitions, line by line |
//! | `print` | text for a terminal |
//! | `exit` | the exit codes |

use std::process::ExitCode;

use clap::Parser;

mod args;
mod exit;
mod jsonl;
mod print;
mod run;

fn main() -> ExitCode {
    let args = args::Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("BEGRIP_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let json = args.json;
    match run::run(args) {
        Ok(code) => code.into(),
        Err(failure) => {
            exit::report(&failure, json);
            failure.code().into()
        }
    }
}
