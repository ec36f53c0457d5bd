//! The trail of a concept: who did what, when, by which rules and with which model.

use std::collections::BTreeMap;

use begrip_domain::ConceptId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::review::{Checked, Drafter};

/// What happened, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The first text.
    Made,
    /// Another text, or shared with more.
    Changed,
    /// Withdrawn without a review: it was never proposed.
    Withdrawn,
    /// The first text of what is to replace an established one.
    Revised,
    /// Proposed.
    Proposed,
    /// A proposal was taken back.
    Retracted,
    /// Done as proposed.
    Accepted,
    /// Sent back.
    Rejected,
    /// Somebody said something of a field.
    Commented,
    /// Another concept takes its place, or was to.
    Replaced,
    /// Something that only a newer program knows.
    #[serde(other)]
    Unknown,
}

impl Deed {
    /// True when whoever did it had a hand in the text that a reviewer decides upon.
    pub fn is_of_author(self) -> bool {
        matches!(
            self,
            Self::Made | Self::Changed | Self::Revised | Self::Proposed
        )
    }
}

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the trail of the whole server, from 1.
    pub number: u64,
    /// The concept.
    pub concept: ConceptId,
    /// The version that came of it.
    pub version: u32,
    /// What happened.
    pub act: Deed,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Name of the account.
    pub by: String,
    /// Number of the account.
    pub account: Uuid,
    /// Its organisation.
    pub organisation: String,
    /// Its role at that moment.
    pub role: String,
    /// Who the workstation said it was.
    pub author: String,
    /// In their own words.
    #[serde(default)]
    pub reason: String,
    /// The status before; empty for the first text.
    #[serde(default)]
    pub from: String,
    /// The status after.
    pub to: String,
    /// Which fields changed, or were commented upon.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The text: [`crate::Texts::wording`].
    pub text: String,
    /// SHA-256 of the version as the server keeps it, in hexadecimal digits.
    pub item: String,
    /// What the workstation's check found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// What the server's own check found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_checked: Option<Checked>,
    /// The model that drafted the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafter: Option<Drafter>,
    /// What a newer server tells beside this.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// An entry with its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What happened.
    pub entry: Entry,
    /// The hash that binds it to every entry before it, in hexadecimal digits.
    pub hash: String,
}

/// The trail of one concept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// In order, the first text first.
    pub links: Vec<Link>,
}
