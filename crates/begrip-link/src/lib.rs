//! A workstation's line to the central server.
//!
//! Sends what a [`begrip_sync::Session`] asks and reads the answer; decides nothing. What leaves
//! here are the session's own questions, the commands of the outbox and files of terms, and nothing
//! else: there is one function that sends.
//!
//! | file | holds |
//! |---|---|
//! | `server` | where the server is, and one question with its answer |
//! | `jobs` | definitions of many terms, which the server makes |
//! | `events` | the line on which the server tells of changes |
//! | `administration` | what an administrator asks |
//! | `error` | what can go wrong on the way |

mod administration;
mod error;
mod events;
mod jobs;
mod server;

pub use administration::Administer;
pub use error::LinkError;
pub use events::Events;
pub use jobs::Jobs;
pub use server::{OpenId, Server, Settings, is_address, shown_address};
