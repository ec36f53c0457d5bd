use begrip_privacy::Kind;
use serde::{Deserialize, Serialize};

/// What is known of a case, and what the user decided about its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyChoices {
    /// Known parties, each as a line: `verdachte: Jan Jansen`, or the name alone.
    pub parties: Vec<String>,
    /// Texts that are replaced as well, wherever they stand.
    pub also: Vec<String>,
    /// Texts that were found and may go out as they are.
    pub let_out: Vec<String>,
}

/// Asks what would be replaced in a text. Nothing is kept and nothing leaves the machine.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct PseudonymiseRequest {
    /// The text, at most 20,000 characters.
    pub text: String,
    /// What is known of the case.
    pub privacy: PrivacyChoices,
}

/// A text before and after. For the user's own screen: it holds what is replaced.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Pseudonymised {
    /// The text as typed.
    pub before: String,
    /// The text as it goes out.
    pub after: String,
    /// What is replaced, in the order of the text.
    pub replaced: Vec<ReplacedText>,
}

/// One place where something is replaced.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReplacedText {
    /// First character in the text as typed.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// First character of the placeholder in the text as it goes out.
    pub start_after: u32,
    /// One past the last.
    pub end_after: u32,
    /// What it is.
    pub kind: Kind,
    /// What stood there.
    pub original: String,
    /// What stands there now; the same for the same person or thing.
    pub placeholder: String,
}

/// A placeholder in an answer, and what was put back for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PutBack {
    /// The placeholder, with its brackets.
    pub placeholder: String,
    /// What was put back.
    pub original: String,
}
