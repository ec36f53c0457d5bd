use serde::{Deserialize, Serialize};

/// Who speaks in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions.
    System,
    /// The question.
    User,
    /// An earlier answer.
    Assistant,
}

impl Role {
    /// The name in the chat protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a chat, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A message by `role`.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        let content = content.into();
        Self { role, content }
    }
}

/// A part of a prompt, for showing what is sent and what was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Section {
    /// `head`, `rules`, `advice`, `advice_rest` (rules of level advice beyond what a compact prompt
    /// tells), `passage_1`…, `related_1`…, `context`, `category`, `notes`, `term` or `schema`; the
    /// question for another version has `turn_1`… and `wish` as well; a repair has `head`, `rules`, `other_rules`, `text`, `term`, `schema`.
    pub name: String,
    /// Its tokens, counted by itself. For a section too large to be counted: a lower bound.
    pub tokens: u32,
    /// Whether it was left out because it did not fit.
    pub dropped: bool,
}

/// A prompt, ready to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Prompt {
    /// The messages in order, the unchanging part first.
    pub messages: Vec<Message>,
    /// Tokens of the whole request: messages with their overhead, and the reply's form as
    /// [`crate::response_format`] sends it. Never over `budget`.
    pub tokens: u32,
    /// The limit that `tokens` was held to.
    pub budget: u32,
    /// The parts, in the order in which they stand, and those that were dropped.
    pub sections: Vec<Section>,
    /// The JSON schema of the reply.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub schema: serde_json::Value,
    /// The version of the fixed texts; part of the key of the response cache.
    pub version: crate::PromptVersion,
}

impl Prompt {
    /// The sections that did not fit.
    pub fn dropped(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| section.dropped)
    }
}

/// How freely a model answers, unless a setting says otherwise: a definition is no story.
pub const TEMPERATURE: f64 = 0.2;

/// The most tokens of a reply, unless a setting says otherwise.
pub const REPLY_TOKENS: u32 = 900;

/// How many tokens a request may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Budget {
    /// What is sent and the reserve for the reply together never exceed this.
    pub limit: u32,
    /// Tokens kept free for the reply, for models whose window holds both; 0 for all others.
    pub reserve_reply: u32,
}

impl Budget {
    /// The limit of the design, for what is sent.
    pub const DEFAULT_LIMIT: u32 = 3_000;

    /// What is left for the request.
    pub fn for_request(self) -> u32 {
        self.limit.saturating_sub(self.reserve_reply)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            limit: Self::DEFAULT_LIMIT,
            reserve_reply: 0,
        }
    }
}
