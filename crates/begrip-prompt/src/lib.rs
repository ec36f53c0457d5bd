//! The compact prompt: sections with priorities, a hard token budget, the reply's schema.

mod message;

pub use message::{Message, Role};
