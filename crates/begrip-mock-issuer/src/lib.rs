//! An OpenID provider for tests.
//!
//! It listens on the loopback address alone and signs in, without a question, the person that the test
//! named. It checks what a real one checks: client, redirect address, PKCE, each code once, each refresh
//! token once. A test can have it change its keys, refuse, or say something wrong.
//!
//! | file | holds |
//! |---|---|
//! | `keys` | keys of each kind, and tokens signed with them or forged |
//! | `state` | who is signed in, and what was given |
//! | `server` | the addresses |
//! | `running` | a provider that runs, and stops when its handle is dropped |

mod keys;
mod running;
mod server;
mod state;

pub use keys::{Forgery, KeyKind};
pub use running::MockIssuer;
pub use state::{Counts, Person, Plan};
