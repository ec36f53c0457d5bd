//! How callers are let in, as it was set.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Given, within};

/// Bounds on connections with callers.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    /// At one time.
    pub connections: usize,
    /// From the connection to the end of the first request's headers.
    pub headers: Duration,
    /// How long a connection stays on which nothing is asked, or the headers of a later request do not end.
    pub idle: Duration,
}

/// Who the server is, for TLS.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The file with its certificate, and those between that and the authority (PEM).
    pub chain: PathBuf,
    /// The file with the key (PEM).
    pub key: PathBuf,
}

impl Doors {
    pub(super) fn of(given: &Given, file: &Given) -> Result<Self> {
        let connections = given.connections.or(file.connections);
        let headers = given.headers_s.or(file.headers_s);
        let idle = given.idle_s.or(file.idle_s);
        let seconds = |whole: u32| Duration::from_secs(u64::from(whole));
        Ok(Self {
            connections: within("connections", connections, 30_000, 1..=1_000_000)? as usize,
            headers: seconds(within("headers_s", headers, 10, 1..=300)?),
            idle: seconds(within("idle_s", idle, 120, 1..=3_600)?),
        })
    }
}

impl Certificate {
    pub(super) fn of(chain: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>> {
        match (chain, key) {
            (None, None) => Ok(None),
            (Some(chain), Some(key)) => Ok(Some(Self { chain, key })),
            (Some(_), None) => bail!("tls_key: ontbreekt naast tls_certificate"),
            (None, Some(_)) => bail!("tls_certificate: ontbreekt naast tls_key"),
        }
    }
}
