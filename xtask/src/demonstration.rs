//! The demonstration model, started when no model is configured.

use anyhow::{Context, Result};
use begrip_postgres::Serving;

use crate::shell::command;

/// A running demonstration model; stops when it is dropped.
pub struct Demonstration {
    #[expect(dead_code, reason = "ends when it is dropped")]
    serving: Serving,
    /// Its base address, with `/v1`.
    pub url: String,
}

impl Demonstration {
    /// Starts the built program on a free port.
    pub fn start(program: &str) -> Result<Self> {
        let arguments = ["--port", "0", "--profile", "demo", "--print-url"];
        let serving = Serving::start(&mut command(program, arguments))
            .context("the demonstration model cannot be started")?;
        let url = format!("{}/v1", serving.url);
        Ok(Self { serving, url })
    }
}
