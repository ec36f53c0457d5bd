use begrip_domain::CacheSource;
use begrip_prompt::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was asked of a model for a concept's first text, and what it answered.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Exchange {
    /// Whether it is there, and why it is not.
    pub state: ExchangeState,
    /// Where the answer came from; none when no model wrote the text, or when that is not known.
    pub source: Option<CacheSource>,
    /// The questions with their answers, in order; empty when it is not there.
    pub turns: Vec<ExchangeTurn>,
}

/// Whether an exchange is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExchangeState {
    /// No model wrote the text.
    NoModel,
    /// The text is of before exchanges were kept.
    Unknown,
    /// It is kept.
    Kept,
    /// Words about a case went along: it is in memory until the program closes.
    InMemory,
    /// Words about a case went along: it was not kept.
    WithNotes,
    /// It was kept and has been removed.
    Removed,
}

/// One question to a model with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExchangeTurn {
    /// What it was for: `define`, `refine` (another version of a draft) or `repair`.
    pub task: String,
    /// The id under which it went out.
    pub request_id: String,
    /// The model: by its own word, or as it was asked for when it gave no answer.
    pub model: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// When it answered; none when it did not.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub answered_at: Option<Timestamp>,
    /// Tokens sent.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// The messages, to the letter as they went out.
    pub messages: Vec<Message>,
    /// The answer, to the letter as it came in; none when there was none.
    pub answer: Option<String>,
    /// False for a repair that the draft was not made better by.
    pub used: bool,
}
