//! A model server for tests and demonstration that speaks the OpenAI protocol and keeps its own
//! call log.
//!
//! It listens on the loopback address alone, answers like an OpenAI-compatible chat endpoint
//! (plain and streamed, also under Azure's paths), gives embeddings, and says in every reply's model name
//! ([`MODEL_NAME`]) that it is no real model. Tests give it a latency model, a capacity and
//! faults; its log is the independent witness of how often the program called a model.
//!
//! - [`config`]: what a server is started with.
//! - [`behaviour`]: the faults and quirks, and which request gets which.
//! - [`log`]: one record for each call.
//! - [`replies`]: what it answers, read from `replies/*.toml`.
//! - [`workload`]: questions as people ask them.
//! - [`TlsServer`]: another one, with a certificate of an authority of its own; [`Certified`] is such a certificate.
//! - `chat`, `steps`, `embed`, `server`: the protocol.
//!
//! ```
//! use begrip_mock_model::{Behaviour, MockConfig, MockModel, When};
//!
//! # fn main() -> anyhow::Result<()> {
//! let model = MockModel::start_blocking(MockConfig::default())?;
//! model.set_behaviour(When::Next { times: 1 }, Behaviour::status(500));
//! assert!(model.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(model.calls(), 0);
//! # Ok(())
//! # }
//! ```

pub mod behaviour;
mod chat;
pub mod config;
mod embed;
pub mod log;
pub mod replies;
mod running;
mod server;
mod steps;
mod tls;
mod tokens;
pub mod workload;

pub use behaviour::{Behaviour, When};
pub use config::{Capacity, Excess, Latency, MockConfig};
pub use log::{Call, Outcome};
pub use running::MockModel;
pub use tls::{Certified, TlsServer};

/// The model name in every reply, whatever model was asked for.
pub const MODEL_NAME: &str = "begrip-demo-1";
