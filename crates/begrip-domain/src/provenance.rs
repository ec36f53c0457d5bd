use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a concept's text came from and who brought it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Provenance {
    /// What kind of origin the text has.
    pub origin: Origin,
    /// Who brought it in: a person's name or account, or `Begrip` for the starter set.
    pub author: String,
    /// The model call, when a model wrote the first text; kept when a person edits it after.
    #[serde(default)]
    pub model: Option<ModelProvenance>,
}

/// The kind of origin of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Came with the program; not established by anybody.
    StarterSet,
    /// Written by a person.
    Person,
    /// Drafted by a language model.
    Model,
    /// Read from a file.
    Import,
    /// A definition that a law itself gives.
    Statute,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 5] = [
        Self::StarterSet,
        Self::Person,
        Self::Model,
        Self::Import,
        Self::Statute,
    ];

    /// The name as it stands in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StarterSet => "starter_set",
            Self::Person => "person",
            Self::Model => "model",
            Self::Import => "import",
            Self::Statute => "statute",
        }
    }

    /// Reads [`Origin::as_str`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }
}

/// What is known of the model call that wrote a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelProvenance {
    /// The model as the endpoint named itself in the reply.
    pub model: String,
    /// The endpoint's address without path, user or secret.
    pub endpoint: String,
    /// Version of the prompt template.
    pub prompt_version: String,
    /// Version of the rule pack that the text was checked against.
    pub pack_version: String,
    /// When the model answered; for a cached answer, when it was first given.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub answered_at: Timestamp,
    /// True when the answer came from the response cache.
    pub cached: bool,
    /// Tokens sent, as the endpoint or else our own count says.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// Calls to the model that this text took: 0 cached, 1 plain, 2 with a repair.
    pub calls: u32,
    /// The definition as the model gave it, before any person changed it.
    pub original_text: String,
    /// Leads to what was asked and answered, word for word; none for a text of before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub exchange: Option<ExchangeRef>,
}

/// Leads from a text to the exchange with a model that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExchangeRef {
    /// The id under which the call went out; for a kept answer that of the call that once gave it.
    pub id: String,
    /// Where the answer came from.
    pub source: CacheSource,
    /// True when the question may be about a case: there were notes or known parties, or the gate found
    /// somebody in a wish or in a version that it was about. Then the exchange never reaches a disk.
    pub with_notes: bool,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CacheSource {
    /// A call was made.
    Miss,
    /// From memory.
    Memory,
    /// From the disk.
    Disk,
    /// From the disk, past its date; shown because no model could be asked.
    Stale,
}
