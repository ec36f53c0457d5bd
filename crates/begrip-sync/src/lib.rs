//! The sync protocol as types, and a pure engine for both of its ends.
//!
//! No I/O, no clock, no chance: what the network brought, which time it is and what was drawn come
//! in as arguments. The same functions run in the workstation, in the server and in a simulation
//! that plays faults by the thousand. `docs/sync.md` tells the protocol and what it guarantees.
//!
//! ```text
//! workstation                                        server
//! what the user changed ── Changes ── outbox ──push──▶ decide ── accepted, same, stale, refused
//! what the user sees    ◀─ replay ◀── base   ◀─pages── every concept by sequence, then the sums
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `texts` | what is shared of a concept: named fields, their changes, their digest |
//! | `protocol` | what goes over the wire |
//! | `version` | which versions of the protocol two programs have in common |
//! | `decide` | what the server does with a command |
//! | `review` | what it does with a step of a review |
//! | `replay` | what a user sees: the server's text and the changes it has not taken yet |
//! | `trail` | who did what, when, by which rules and with which model |
//! | `sums` | counts and checksums by range: whether two ends hold the same |
//! | `session` | what a workstation asks next, and what it keeps of each answer |
//! | `administration` | what an administrator sees and does of the own organisation |
//! | `back_off` | how long it waits after a failure |

pub mod administration;
mod back_off;
mod decide;
mod protocol;
mod published;
mod replay;
mod review;
mod session;
mod sums;
mod texts;
mod trail;
mod version;

pub use back_off::back_off;
pub use decide::{Caller, Decision, Deletions, Next, Role, decide};
pub use protocol::{
    Act, Answer, Closing, Command, Hello, Item, Outcome, Page, Push, Pushed, RangeRows, Refusal,
    Sharing, limits,
};
pub use published::{Catalogue, Published, PublishedKind};
pub use replay::{is_news, replay};
pub use review::{
    Asks, Bench, Checked, Comment, Decided, Drafter, Failing, Proposal, Review, Signature, Verdict,
    replaced_by, review,
};
pub use session::{
    Ask, Effect, Ending, Got, Halt, Held, Kept, Saved, Session, Wishes, too_many_gone,
};
pub use sums::{RANGES, Sum, Sums, range_of};
pub use texts::{Change, Changes, FIELDS, Texts};
pub use trail::{Deed, Entry, Link, Trail};
pub use version::{CAPABILITIES, Mismatch, PROTOCOL, Supported, Upgrade, negotiate};
