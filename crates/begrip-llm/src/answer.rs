//! What a question gives back.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::counters::Fate;
use crate::key::Key;
use crate::tier::Stored;

/// An answer, new or kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The whole text.
    pub text: String,
    /// The tokens that it took. For an answer from the cache: that it took then, and saves now.
    pub usage: Usage,
    /// The model that answered, by its own word.
    pub model: String,
    /// Why the model stopped.
    pub finish_reason: FinishReason,
    /// Where the answer comes from.
    pub cache: CacheUse,
    /// What became of the question: why it was answered so.
    pub fate: Fate,
    /// How old it is; zero for a new answer.
    pub age: Duration,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// How many calls this question made: 0 from the cache, and for those who joined another's.
    pub calls: u32,
    /// True when the same question was already under way and this one joined it.
    pub coalesced: bool,
    /// Why the answer was not kept, if it was not.
    pub refusal: Option<Refusal>,
    /// The id under which the call that gave it went out; for a kept answer that of then, and for one
    /// that joined another's call that of the other. None when it is not known.
    pub request_id: Option<String>,
    /// The entry in the cache that it has, or would have.
    pub entry: Key,
    /// Removals from the cache before the call for it; none for a kept answer.
    pub(crate) asked_at: Option<u64>,
}

impl Answer {
    /// Whether it may not be kept, whatever is made of its text.
    pub(crate) fn is_unfit(&self) -> bool {
        matches!(
            self.refusal,
            Some(Refusal::FinishReason(_) | Refusal::SwitchedOff)
        )
    }
}

/// A kept answer, handed on as it was streamed.
pub(crate) fn replay(
    stored: &Stored,
    key: Key,
    fate: Fate,
    now: Timestamp,
    sink: &mut impl FnMut(Piece<'_>),
) -> Answer {
    for text in stored.pieces() {
        sink(Piece {
            text,
            replayed: true,
        });
    }
    Answer {
        text: stored.text.clone(),
        usage: stored.usage,
        model: stored.model.clone(),
        finish_reason: FinishReason::Stop,
        cache: match fate {
            Fate::Memory => CacheUse::Memory,
            Fate::Disk => CacheUse::Disk,
            _ => CacheUse::Stale,
        },
        fate,
        age: age(stored, now).unwrap_or_default(),
        answered_at: stored.answered_at,
        calls: 0,
        coalesced: false,
        refusal: None,
        request_id: stored.request_id.clone(),
        entry: key,
        asked_at: None,
    }
}

/// How old it is; none for an answer from a clock that is ahead.
pub(crate) fn age(stored: &Stored, now: Timestamp) -> Option<Duration> {
    Duration::try_from(now.duration_since(stored.answered_at)).ok()
}

/// Tokens of one or more calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub tokens_in: u32,
    /// Tokens of the answer.
    pub tokens_out: u32,
    /// Those of the prompt that the server had in its own prompt cache.
    pub tokens_cached: u32,
    /// True when the server did not tell and they were counted here.
    pub counted_here: bool,
}

impl Usage {
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
            tokens_cached: self.tokens_cached.saturating_add(other.tokens_cached),
            counted_here: self.counted_here || other.counted_here,
        }
    }
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The answer was complete.
    Stop,
    /// Something else, by the server's word. Such answers are not kept.
    Other(String),
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheUse {
    /// From the model.
    Miss,
    /// From memory.
    Memory,
    /// From the disk.
    Disk,
    /// From the cache, older than it should be: nothing newer was to be had offline.
    Stale,
}

/// Why an answer was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller did not accept it; its reason.
    NotValid(String),
    /// The model stopped for an unknown reason.
    FinishReason(String),
    /// The cache is switched off.
    SwitchedOff,
}

impl Refusal {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotValid(_) => "not_valid",
            Self::FinishReason(_) => "finish_reason",
            Self::SwitchedOff => "switched_off",
        }
    }
}

/// What may be done with the cache for one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// A kept answer when there is a fresh one, else the model.
    #[default]
    Use,
    /// The model, also when there is a kept answer, which a good new one replaces.
    Refresh,
    /// A kept answer of any age, and never the model.
    Offline,
}

/// A part of an answer, as soon as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text that comes after what was given before.
    pub text: &'a str,
    /// True when it comes from the cache.
    pub replayed: bool,
}
