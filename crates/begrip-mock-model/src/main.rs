//! `begrip-mock-model`: the mock model server as a program, for demonstrations and for tests that
//! kill and start programs.
#![allow(
    clippy::print_stdout,
    reason = "a program that prints its address for the script that started it"
)]

use std::io::Write;
use std::path::PathBuf;

use begrip_mock_model::{Capacity, Excess, Latency, MockConfig, MockModel};
use clap::{Parser, ValueEnum};

/// A model server for demonstrations and tests. It speaks the OpenAI protocol on 127.0.0.1 and is
/// no real model: its answers are fixed texts, under the model name begrip-demo-1.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How fast it answers.
    #[arg(long, value_enum, default_value_t = Profile::Fast)]
    profile: Profile,
    /// Appends each call to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Prints the base URL as the only line on standard output.
    #[arg(long)]
    print_url: bool,
    /// Milliseconds to the first token that do not depend on the prompt.
    #[arg(long, value_name = "MS")]
    first_ms: Option<f64>,
    /// Milliseconds to the first token for each prompt token.
    #[arg(long, value_name = "MS")]
    per_prompt_token_ms: Option<f64>,
    /// Milliseconds for each token of the answer.
    #[arg(long, value_name = "MS")]
    per_output_token_ms: Option<f64>,
    /// Answers this many requests at one time; others wait.
    #[arg(long, value_name = "N")]
    at_once: Option<u32>,
    /// With --at-once: others get 429 instead of waiting.
    #[arg(long, requires = "at_once")]
    refuse: bool,
    /// Refuses requests without this key. For tests: the key is visible in the process list.
    #[arg(long, value_name = "KEY")]
    require_key: Option<String>,
    /// Leaves request bodies out of the log.
    #[arg(long)]
    forget_bodies: bool,
}

const EXAMPLES: &str = "Examples:
  begrip-mock-model --port 8899 --profile demo
  begrip-mock-model --print-url --log calls.jsonl
  curl http://127.0.0.1:8899/_mock/log
  curl http://127.0.0.1:8899/_mock/behaviour -H 'content-type: application/json' \\
    -d '{\"when\": {\"next\": {\"times\": 1}}, \"behaviour\": {\"kind\": \"status\", \"status\": 503}}'";

#[derive(Clone, Copy, ValueEnum)]
enum Profile {
    /// About as fast as a hosted model.
    Demo,
    /// At once.
    Fast,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut latency = match arguments.profile {
        Profile::Demo => Latency::demo(),
        Profile::Fast => Latency::default(),
    };
    for (given, setting) in [
        (arguments.first_ms, &mut latency.first_ms),
        (
            arguments.per_prompt_token_ms,
            &mut latency.per_prompt_token_ms,
        ),
        (
            arguments.per_output_token_ms,
            &mut latency.per_output_token_ms,
        ),
    ] {
        if let Some(ms) = given {
            *setting = ms;
        }
    }
    let excess = if arguments.refuse {
        Excess::Refuse
    } else {
        Excess::Wait
    };
    let capacity = arguments
        .at_once
        .map(|at_once| Capacity { at_once, excess });
    let model = MockModel::start_blocking(MockConfig {
        port: arguments.port,
        latency,
        capacity,
        api_key: arguments.require_key,
        log_file: arguments.log,
        forget_bodies: arguments.forget_bodies,
    })?;
    if arguments.print_url {
        println!("{}", model.url());
        std::io::stdout().flush()?;
    } else {
        eprintln!(
            "begrip-mock-model listens on {} (model begrip-demo-1)",
            model.url()
        );
    }
    model.wait();
    Ok(())
}
