use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version of the wording and form of the prompts. Part of the key of the response cache: a change
/// of a text or schema of this crate is a new version (a test holds it to that).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum PromptVersion {
    /// The first.
    #[default]
    #[serde(rename = "1")]
    One,
    /// A candidate: fewer tokens, and told what a placeholder is.
    #[serde(rename = "2")]
    Two,
}

/// The version that is used where nothing says otherwise.
pub const PROMPT_VERSION: PromptVersion = PromptVersion::One;

impl PromptVersion {
    /// Every version, the oldest first.
    pub const ALL: [Self; 2] = [Self::One, Self::Two];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

impl fmt::Display for PromptVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that no version has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no version of the prompt is called {0}")]
pub struct UnknownVersion(pub String);

impl FromStr for PromptVersion {
    type Err = UnknownVersion;

    fn from_str(name: &str) -> Result<Self, UnknownVersion> {
        let mut all = Self::ALL.into_iter();
        all.find(|version| version.as_str() == name)
            .ok_or_else(|| UnknownVersion(name.to_owned()))
    }
}
