//! The compact prompt: sections with priorities, a hard token budget, the reply's schema.
//!
//! No I/O, no clock: what goes in are the term with its context and what was gathered about it;
//! what comes out are the messages as they are sent, and how many tokens they cost.
//!
//! - [`compose`] writes the question, [`compose_refine`] the question for another version of what came
//!   of it, [`compose_repair`] the one question that mends a reply.
//! - [`Prompt`] says what is sent and which sections were left out.
//! - [`read_reply`] reads an answer, [`PartialReader`] shows it while it streams in.
//! - [`About`], [`mendable`]: what a reply is checked as, and whether a repair is worth a call.
//! - [`Tiktoken`] counts tokens with a model's own encoding.
//!
//! # How a prompt is built
//! The fixed texts go by a [`PromptVersion`], so that two can be compared side by side. In one version
//! the system message is the same for all terms of a category: who speaks, the form of the answer,
//! and one line for each rule that applies. A provider can cache it. The user message holds what
//! differs. Text from outside stands between tags, without the signs that could close one, and the
//! system message says that such text is never an instruction.
//!
//! The budget holds for the whole request as it is sent. Mandatory sections are the system's
//! instructions with the blocking and serious rules, the context and the term: when they do not
//! fit, there is no prompt but a [`PromptError`]. The others (notes, advice rules, related
//! concepts, passages, in this order of worth) go in whole or not at all. A wish, the version that it
//! is about and the notes are mandatory too; earlier rounds go out before advice does, the oldest first.

mod clean;
mod compose;
mod embed;
mod encoding;
mod escapes;
mod judge;
mod lenient;
mod message;
mod partial;
mod prepare;
mod refine;
mod repair;
mod reply;
mod schema;
mod sections;
mod slot;
mod tokens;
mod version;
mod wording;

pub use begrip_privacy::{Nameless, Protected};
pub use compose::{Passage, PromptError, PromptInput, Related, compose};
pub use embed::{embed_passage, embed_question};
pub use judge::{About, mendable, to_mend};
pub use message::{Budget, Message, Prompt, REPLY_TOKENS, Role, Section, TEMPERATURE};
pub use partial::PartialReader;
pub use prepare::{
    PREPARE_VERSION, PrepareInput, PrepareReply, Wanted, compose_prepare, read_prepare,
};
pub use refine::{MOST_TURNS, Refinement, Turn, compose_refine};
pub use repair::{REPAIR_LIMIT, RepairInput, compose_repair};
pub use reply::{Reply, ReplyError, read_reply};
pub use schema::{prepare_schema, repair_schema, reply_schema, response_format};
pub use tokens::{Tiktoken, TokenCounter, count_request};
pub use version::{PROMPT_VERSION, PromptVersion, UnknownVersion};
