//! A program of the project that listens, and is gone when its test is.

use std::io::{self, BufRead, BufReader, Error};
use std::process::{Child, Command, Stdio};

use crate::Database;

/// A running program that told where it listens; killed, as by a power cut, when it is dropped.
#[derive(Debug)]
pub struct Serving {
    /// Its process.
    pub process: Child,
    /// Where it listens.
    pub url: String,
}

impl Serving {
    /// Starts a program and waits for the first line that it writes, which is its address.
    ///
    /// Errors: it cannot be started, or its first line is no address.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut serving = Self {
            process,
            url: String::new(),
        };
        if let Some(out) = serving.process.stdout.take() {
            BufReader::new(out).read_line(&mut serving.url)?;
        }
        serving.url.truncate(serving.url.trim_end().len());
        match serving.url.starts_with("http") {
            true => Ok(serving),
            false => Err(Error::other("it does not start")),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Database<'_> {
    /// What the environment of a server on this database says: the database, and any port that is free.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("BEGRIP_SERVER_DATABASE_URL", self.url("begrip_server")),
            ("BEGRIP_SERVER_OWNER_URL", self.url("begrip_owner")),
            ("BEGRIP_SERVER_LISTEN", "127.0.0.1:0".to_owned()),
        ]
    }
}
