//! The demonstration model, started when no model is configured.

use std::path::Path;

use anyhow::{Context, Result};
use begrip_postgres::Serving;

use crate::shell::command;

/// A running demonstration model; stops when it is dropped.
pub struct Demonstration {
    /// Its process; ends when it is dropped.
    pub serving: Serving,
    /// Its base address, with `/v1`.
    pub url: String,
}

impl Demonstration {
    /// Starts the built program on a free port. It writes each call into `log`.
    pub fn start(program: &str, log: Option<&Path>) -> Result<Self> {
        let arguments = ["--port", "0", "--profile", "demo", "--print-url"];
        let mut model = command(program, arguments);
        if let Some(log) = log {
            model.arg("--log").arg(log);
        }
        let serving =
            Serving::start(&mut model).context("the demonstration model cannot be started")?;
        let url = format!("{}/v1", serving.url);
        Ok(Self { serving, url })
    }
}
