//! `begrip`: the use cases on a terminal and in scripts.
//!
//! | file | holds |
//! |---|---|
//! | `args` | the command line, with its help |
//! | `args_batch`, `args_rules` | that of `begrip batch` and `begrip rules` |
//! | `usage` | what is wrong with a command line, in Dutch |
//! | `run` | opening the workplace; look-up, check, prompt, doctor |
//! | `draft` | `define` and `cache` |
//! | `batch` | `batch`: all terms of a file |
//! | `concepts` | list, show, add, edit, export |
//! | `definitions` | a file of definitions, read one by one |
//! | `findings` | what the rules say of such a file, in six forms |
//! | `whole_file` | a file that is there as a whole or not at all |
//! | `rules` | `rules`: reading, trying, changing and sharing rules |
//! | `sources` | `sources`: laws and decisions |
//! | `sync`, `args_sync` | `sync`: the central server, sharing, and what was not taken |
//! | `admin`, `args_admin` | `admin`: users, tokens and limits of the own organisation |
//! | `review`, `args_review` | `review`: proposing, deciding, and who did what |
//! | `trace` | what takes how long |
//! | `upkeep` | `upkeep`: what the window does each day |
//! | `experiment` | `experiment`, `flags`: versions of the prompt side by side |
//! | `privacy` | what would be replaced in a text |
//! | `print`, `print_rules` | text for a terminal |
//! | `exit` | the exit codes and how a failure is told |

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use begrip_app::Telemetry;
use clap::Parser;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

mod admin;
mod args;
mod args_admin;
mod args_batch;
mod args_cache;
mod args_experiment;
mod args_review;
mod args_rules;
mod args_sync;
mod batch;
mod batch_server;
mod concepts;
mod costs;
mod definitions;
mod draft;
mod exchange;
mod exit;
mod experiment;
mod findings;
mod print;
mod print_rules;
mod privacy;
mod review;
mod rules;
mod run;
mod settings;
mod sources;
mod sync;
mod trace;
mod upkeep;
mod usage;
mod whole_file;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage::answer(&error).into(),
    };
    // Silent unless asked for: what a user must know is told with a code, once.
    let filter = EnvFilter::try_from_env("BEGRIP_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && print::colours())
        .with_filter(filter);
    let steps = trace::Steps::new();
    let traced = matches!(args.command, args::Command::Trace { .. });
    let telemetry = Told::begin();
    tracing_subscriber::registry()
        .with(log)
        .with(traced.then(|| steps.layer()))
        .with(telemetry.0.listen())
        .init();
    let json = args.json;
    match run::run(args, &steps, &telemetry.0) {
        Ok(code) => code.into(),
        Err(failure) => {
            exit::report(&failure, json);
            if let exit::Failure::User(error) = &failure
                && error.http_status() >= 500
            {
                let request_id = error.request_id.as_deref();
                tracing::error!(code = error.code, request_id, "the command failed");
            }
            failure.code().into()
        }
    }
}

/// Who is told of steps and errors, if anybody, until the program ends; also by a panic.
struct Told(Telemetry);

impl Told {
    /// What the end of the program waits for a collector at most.
    const AT_THE_END: Duration = Duration::from_millis(250);

    fn begin() -> Self {
        let telemetry = Telemetry::default();
        let told = telemetry.clone();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            told.panicked(info);
            usual(info);
        }));
        Self(telemetry)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.0.finish(Self::AT_THE_END);
    }
}
