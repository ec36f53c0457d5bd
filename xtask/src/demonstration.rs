//! The demonstration model, started when no model is configured.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::shell::command;

/// A running demonstration model; stops when it is dropped.
pub struct Demonstration {
    child: Child,
    /// Its base address, with `/v1`.
    pub url: String,
}

impl Demonstration {
    /// Starts the built program on a free port.
    pub fn start(program: &str) -> Result<Self> {
        let mut child = command(program, ["--port", "0", "--profile", "demo", "--print-url"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the demonstration model cannot be started")?;
        let mut url = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut url)?;
        }
        let url = format!("{}/v1", url.trim());
        Ok(Self { child, url })
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        // Ends with its parent; an error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
