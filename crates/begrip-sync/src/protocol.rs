//! What goes over the wire.

use std::collections::{BTreeMap, BTreeSet};

use begrip_domain::{ConceptId, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::review::{Checked, Drafter, Review};
use crate::sums::{Sum, mark};
use crate::texts::{Changes, Texts};
use crate::version::Supported;

/// How much fits into one message.
pub mod limits {
    /// Commands of one push.
    pub const PUSH: usize = 100;
    /// Concepts of one page.
    pub const PAGE: usize = 1_000;
    /// Bytes of one page, after which no more concepts come into it.
    pub const PAGE_BYTES: usize = 4 << 20;
    /// Bytes of one concept, as JSON.
    pub const CONCEPT_BYTES: usize = 512 * 1024;
    /// Fields of one concept, unknown ones included.
    pub const FIELDS: usize = 64;
    /// Characters of a field's name.
    pub const NAME_CHARS: usize = 64;
    /// Characters of a reason and of an author's name.
    pub const LINE_CHARS: usize = 5_000;
    /// Comments upon one text.
    pub const COMMENTS: usize = 100;
    /// Proposals of one concept before the latest that are told of.
    pub const DECIDED: usize = 5;
    /// Failing rules in one report.
    pub const FAILING: usize = 500;
}

/// Who may see a concept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum Sharing {
    /// The organisation that owns it.
    Organisation,
    /// That one and these.
    Named {
        /// Names of organisations.
        organisations: BTreeSet<String>,
    },
    /// Every organisation on the server.
    Chain,
}

impl Sharing {
    /// True when everybody who may see it under `self` may see it under `other` too. What somebody
    /// has seen cannot be made unseen: sharing only grows.
    pub fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Chain) | (Self::Organisation, _) => true,
            (Self::Named { organisations: a }, Self::Named { organisations: b }) => a.is_subset(b),
            (Self::Chain | Self::Named { .. }, _) => false,
        }
    }

    /// True when an organisation may see what `owner` shares so.
    pub fn reaches(&self, owner: &str, organisation: &str) -> bool {
        owner == organisation
            || match self {
                Self::Organisation => false,
                Self::Named { organisations } => organisations.contains(organisation),
                Self::Chain => true,
            }
    }
}

/// A shared concept as it stands at the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The concept.
    pub id: ConceptId,
    /// Given by the server: 1 for the first text, one more with each change.
    pub version: u32,
    /// Given by the server: one more with each change of any concept.
    pub sequence: u64,
    /// The organisation that shared it first.
    pub owner: String,
    /// Who may see it.
    pub sharing: Sharing,
    /// A tombstone: withdrawn for everybody. The texts are the last that it had.
    pub deleted: bool,
    /// The texts.
    pub texts: Texts,
    /// Who made the latest change: the name of the account at the server, whatever the workstation calls
    /// its user.
    pub author: String,
    /// For which organisation.
    pub organisation: String,
    /// When, by the server's clock. Orders nothing.
    pub at: Timestamp,
    /// How it stands in review.
    #[serde(default, skip_serializing_if = "Review::is_empty")]
    pub review: Review,
    /// What a newer server tells beside this; kept as it came.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

impl Item {
    /// What this concept adds to the sum of its range.
    pub fn mark(&self) -> u64 {
        mark(self.id, self.version, self.deleted, &self.texts)
    }

    /// Its status; `None` when this program does not know it.
    pub fn status(&self) -> Option<Status> {
        self.texts.status()
    }

    /// True once it was proposed: its text is changed by a review alone.
    pub fn is_locked(&self) -> bool {
        !matches!(
            self.status(),
            Some(Status::InPreparation | Status::Withdrawn)
        )
    }
}

/// A change that a user made, kept in the workstation's outbox until the server has answered it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The server answers a key once and repeats that answer for ever.
    pub key: Uuid,
    /// The concept.
    pub concept: ConceptId,
    /// The version that the server had last told when the change was made; 0 for a new concept.
    pub base_version: u32,
    /// What is to be done.
    #[serde(flatten)]
    pub act: Act,
    /// Who made the change.
    pub author: String,
    /// When, by the workstation's clock. Shown, and compared with nothing.
    pub at: Timestamp,
    /// Why; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Makes, changes, shares more widely, or brings back.
    Put {
        /// The fields that change.
        #[serde(default)]
        changes: Changes,
        /// Who may see it from now on; absent for no change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sharing: Option<Sharing>,
    },
    /// Withdraws for everybody.
    Delete,
    /// Begins a new text that is to take the place of an established one.
    Revise {
        /// The established concept.
        of: ConceptId,
        /// Its fields.
        changes: Changes,
    },
    /// Asks reviewers to establish the text, or to withdraw an established one. The command's
    /// reason goes along.
    Propose {
        /// What the workstation's check of that text found.
        checked: Checked,
        /// The model that drafted it, when one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drafter: Option<Drafter>,
        /// Whether it asks to withdraw.
        #[serde(default)]
        withdrawal: bool,
    },
    /// Takes a proposal back.
    Retract,
    /// Does what is proposed.
    Accept {
        /// What the reviewer's workstation found in the text that the reviewer saw.
        checked: Checked,
    },
    /// Sends a proposal back, for the command's reason.
    Reject {
        /// The text that the reviewer saw: [`Texts::wording`].
        text: String,
    },
    /// Says the command's reason about a field.
    Comment {
        /// The field's name.
        field: String,
    },
    /// Something that only a newer program knows.
    #[serde(other)]
    Unknown,
}

impl Act {
    /// True for a step of a review: [`crate::review()`] decides upon it.
    pub fn is_review(&self) -> bool {
        !matches!(self, Self::Put { .. } | Self::Delete | Self::Unknown)
    }
}

/// Commands in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// At most [`limits::PUSH`].
    pub commands: Vec<Command>,
}

/// An answer for each command of a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pushed {
    /// In the order of the commands.
    pub answers: Vec<Answer>,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The command's key.
    pub key: Uuid,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done; the concept now stands so.
    Accepted {
        /// The concept with its new version.
        item: Box<Item>,
        /// Somebody else had changed other fields in the meantime: both changes stand in it.
        merged: bool,
    },
    /// It stood like that already; nothing was written.
    Same {
        /// The concept.
        item: Box<Item>,
    },
    /// Somebody else was first; nothing was written. The other text is in `item`, the own one is
    /// in the command, and what both began from as well.
    Stale {
        /// The concept as it stands.
        item: Box<Item>,
        /// The fields that both changed; empty when the whole concept is meant.
        fields: Vec<String>,
    },
    /// Not done, and asking again would not help.
    Refused {
        /// Why.
        why: Refusal,
        /// The concept as it stands, when the caller may see it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Box<Item>>,
        /// The rules that stood in the way, by id.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rules: Vec<String>,
    },
}

impl Outcome {
    /// True when the change stands at the server.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::Same { .. })
    }

    /// The concept as it stands, when the answer tells.
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Accepted { item, .. } | Self::Same { item } | Self::Stale { item, .. } => {
                Some(item)
            }
            Self::Refused { item, .. } => item.as_deref(),
        }
    }
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It builds upon a version that the server does not have.
    MissingBase,
    /// The concept was withdrawn.
    Deleted,
    /// The role does not allow it, or the concept belongs to another organisation.
    NotAllowed,
    /// It would empty a definition or a term.
    Empties,
    /// What would stand there is no concept, or too large.
    Invalid,
    /// So many concepts are withdrawn at once that it looks like a mistake.
    TooManyDeletions,
    /// The same key came with another command before.
    KeyUsed,
    /// The text waits for a review or came out of one: it is changed by a new proposal.
    UnderReview,
    /// The concept does not stand where this step begins.
    WrongStatus,
    /// Nobody establishes a text that they wrote or proposed themselves.
    OwnText,
    /// A rule that may not be broken is broken.
    Blocking,
    /// The reviewer's check was made by other rules than those published for establishing texts; which these are stands
    /// where else the broken rules stand.
    OtherRules,
    /// The server does not know what is asked.
    #[serde(other)]
    Unknown,
}

/// What a server says of itself and of the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The versions of the protocol that it speaks.
    pub protocol: Supported,
    /// What it can do beside.
    pub capabilities: Vec<String>,
    /// Changes when the database begins anew or is put back from a backup.
    pub epoch: Uuid,
    /// The sequence of the latest change.
    pub sequence: u64,
    /// The caller's organisation.
    pub organisation: String,
    /// The caller's name.
    pub account: String,
    /// What the caller may do: `reader`, `author`, `reviewer` or `administrator`.
    pub role: String,
    /// Grows with each change of what the server hands out beside concepts; 0 when it never did.
    #[serde(default)]
    pub published: u64,
}

/// Concepts that changed, by sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// At most [`limits::PAGE`], each at its latest version, tombstones too.
    pub items: Vec<Item>,
    /// Where to go on: everything up to this sequence has been told.
    pub next: u64,
    /// True when there is more.
    pub more: bool,
    /// With the last page, when asked for: what the caller should now hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
}

/// What a caller should hold that has everything up to a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// The sequence.
    pub sequence: u64,
    /// A sum for each of the [`crate::RANGES`] ranges.
    pub ranges: Vec<Sum>,
}

/// Everything that the caller may see of one range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeRows {
    /// Which range.
    pub range: u8,
    /// The sequence of the latest change at that moment.
    pub sequence: u64,
    /// The concepts, tombstones too.
    pub items: Vec<Item>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item() -> Value {
        json!({"id": "00000000-0000-0000-0000-000000000001", "version": 2, "sequence": 9,
            "owner": "OM", "sharing": {"with": "chain"}, "deleted": false,
            "texts": {"term": "vonnis", "colour": "red"}, "author": "A", "organisation": "OM",
            "at": "2026-01-01T00:00:00Z", "approved_by": ["B"]})
    }

    #[test]
    fn what_a_newer_server_tells_is_kept() {
        let read: Item = serde_json::from_value(item()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), item());
    }

    #[test]
    fn an_act_or_a_refusal_of_a_newer_program_can_be_read() {
        let command = json!({"key": "00000000-0000-0000-0000-000000000002",
            "concept": "00000000-0000-0000-0000-000000000001", "base_version": 1,
            "act": "translate", "language": "fy", "author": "A", "at": "2026-01-01T00:00:00Z"});
        let command: Command = serde_json::from_value(command).unwrap();
        assert_eq!(command.act, Act::Unknown);
        let refusal: Refusal = serde_json::from_value(json!("moon_phase")).unwrap();
        assert_eq!(refusal, Refusal::Unknown);
    }

    #[test]
    fn commands_and_answers_read_back() {
        let checked = json!({"text": "ab", "pack": "1", "failing": [{"rule": "STR-01", "blocking": true, "reason": "x"}]});
        for act in [
            json!({"act": "put", "changes": {"term": {"from": null, "to": "a"}}}),
            json!({"act": "put", "changes": {}, "sharing": {"with": "named", "organisations": ["DJI"]}}),
            json!({"act": "delete"}),
            json!({"act": "revise", "of": "00000000-0000-0000-0000-000000000001", "changes": {}}),
            json!({"act": "propose", "checked": checked, "withdrawal": false}),
            json!({"act": "retract"}),
            json!({"act": "accept", "checked": checked}),
            json!({"act": "reject", "text": "ab"}),
            json!({"act": "comment", "field": "term"}),
        ] {
            let read: Act = serde_json::from_value(act.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), act);
        }
        for answer in [
            json!({"outcome": "accepted", "item": item(), "merged": true}),
            json!({"outcome": "same", "item": item()}),
            json!({"outcome": "stale", "item": item(), "fields": ["definition"]}),
            json!({"outcome": "refused", "why": "missing_base"}),
        ] {
            let read: Outcome = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), answer);
        }
    }

    #[test]
    fn sharing_only_grows() {
        let named = |names: &[&str]| Sharing::Named {
            organisations: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (from, to, grows) in [
            (Sharing::Organisation, Sharing::Chain, true),
            (Sharing::Organisation, named(&["DJI"]), true),
            (named(&["DJI"]), named(&["CJIB", "DJI"]), true),
            (named(&["DJI"]), named(&["CJIB"]), false),
            (named(&["DJI"]), Sharing::Organisation, false),
            (Sharing::Chain, named(&["DJI"]), false),
            (Sharing::Chain, Sharing::Chain, true),
        ] {
            assert_eq!(from.is_within(&to), grows, "{from:?} {to:?}");
        }
    }

    #[test]
    fn sharing_reaches_the_owner_and_those_who_are_named() {
        let named = Sharing::Named {
            organisations: BTreeSet::from(["DJI".to_owned()]),
        };
        assert!(named.reaches("OM", "OM") && named.reaches("OM", "DJI"));
        assert!(!named.reaches("OM", "CJIB") && !Sharing::Organisation.reaches("OM", "DJI"));
        assert!(Sharing::Chain.reaches("OM", "CJIB"));
    }
}
