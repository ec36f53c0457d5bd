//! What must be true of everything that ever stood at the server, whatever happened. Told from the
//! versions alone: nothing here asks the engine.

use std::collections::{BTreeMap, BTreeSet};

use begrip_domain::{ConceptId, Status};
use begrip_sync::{Act, Asks, Item, Role, Texts};
use serde_json::Value;

use crate::Seen;
use crate::server::{RULES, Server, Version, findings};

/// Status before, status after, and what does it.
const TRANSITIONS: [(Status, Status, &str); 14] = {
    use Status::{
        Established, EstablishedInRevision, InPreparation, Proposed, RevisedProposed, Superseded,
        Withdrawn,
    };
    [
        (InPreparation, Proposed, "propose"),
        (InPreparation, RevisedProposed, "propose"),
        (Established, EstablishedInRevision, "propose"),
        (Proposed, InPreparation, "back"),
        (RevisedProposed, InPreparation, "back"),
        (EstablishedInRevision, Established, "back"),
        (Proposed, Established, "accept"),
        (RevisedProposed, Established, "accept"),
        (EstablishedInRevision, Superseded, "accept"),
        (EstablishedInRevision, Withdrawn, "accept"),
        // An author's own draft.
        (InPreparation, Withdrawn, "put"),
        (Withdrawn, InPreparation, "put"),
        (InPreparation, InPreparation, "put"),
        (Withdrawn, Withdrawn, "put"),
    ]
};

fn kind(act: &Act) -> &'static str {
    match act {
        Act::Put { .. } | Act::Revise { .. } => "put",
        Act::Delete => "delete",
        Act::Propose { .. } => "propose",
        Act::Retract | Act::Reject { .. } => "back",
        Act::Accept { .. } => "accept",
        Act::Comment { .. } => "comment",
        Act::Unknown => "unknown",
    }
}

fn is_draft(status: Status) -> bool {
    matches!(status, Status::InPreparation | Status::Withdrawn)
}

fn without_status(texts: &Texts) -> Texts {
    let mut texts = texts.clone();
    texts.set("status", Value::Null);
    texts
}

impl Server {
    pub fn check(&self, seen: &mut Seen) {
        self.check_numbers();
        let mut versions: BTreeMap<ConceptId, Vec<&Version>> = BTreeMap::new();
        for version in &self.history {
            let before = versions.entry(version.item.id).or_default();
            self.check_step(before, version, seen);
            before.push(version);
        }
        for item in self.items.values() {
            self.check_standing(item);
        }
    }

    /// Numbers have no gap and no double, and no command was done twice.
    fn check_numbers(&self) {
        let sequences = self.history.iter().map(|version| version.item.sequence);
        assert!(sequences.eq(1..=self.history.len() as u64));
        let keys: BTreeSet<_> = self
            .history
            .iter()
            .map(|version| (version.command.key, version.item.id))
            .collect();
        assert_eq!(keys.len(), self.history.len(), "a command was done twice");
    }

    fn check_step(&self, before: &[&Version], version: &Version, seen: &mut Seen) {
        let Version { command, item, .. } = version;
        assert!(version.role >= Role::Author, "a reader changed something");
        let was = before.last().map(|version| &version.item);
        assert_eq!(item.version, was.map_or(0, |was| was.version) + 1);
        let status = item.status().unwrap();
        let Some(was) = was else {
            assert!(is_draft(status), "{status:?} without a review");
            return;
        };
        // Nobody ever replaced a text that they had not seen.
        let none = BTreeMap::new();
        let changes = match &command.act {
            Act::Put { changes, .. } => changes,
            _ => &none,
        };
        for (name, change) in changes {
            let stood = was.texts.get(name);
            let known = *stood == change.from || *stood == change.to;
            assert!(known, "{stood} was not seen");
        }
        let names: BTreeSet<&str> = was.texts.names().chain(item.texts.names()).collect();
        for name in names.into_iter().filter(|name| *name != "status") {
            let asked = changes.contains_key(name);
            let stays = item.texts.get(name) == was.texts.get(name);
            assert!(asked || stays, "{name} changed by {:?}", command.act);
        }
        let stood = was.status().unwrap();
        // What is proposed or established stays as it is, and is not withdrawn past a review.
        if !is_draft(stood) {
            assert_eq!(without_status(&item.texts), without_status(&was.texts));
            assert!(!item.deleted);
        }
        let kind = kind(&command.act);
        let known = TRANSITIONS.contains(&(stood, status, kind))
            || stood == status && matches!(kind, "put" | "delete" | "comment");
        assert!(known, "{stood:?} → {status:?} by {kind}");
        if kind == "accept" && command.concept == item.id {
            self.check_accepted(before, version, was);
            match status {
                Status::Withdrawn => seen.withdrawn += 1,
                _ => seen.established += 1,
            }
        }
        seen.superseded += u64::from(status == Status::Superseded);
        seen.sent_back += u64::from(kind == "back" && command.concept == item.id);
    }

    /// Four eyes, the right role, the very text, the rules in force, and no blocking finding of either end.
    fn check_accepted(&self, before: &[&Version], version: &Version, was: &Item) {
        let Act::Accept { checked } = &version.command.act else {
            panic!("{:?}", version.command)
        };
        assert!(version.role >= Role::Reviewer);
        assert_eq!(checked.text, was.texts.wording(), "another text was seen");
        let proposal = was.review.open().unwrap();
        if proposal.asks != Asks::Withdraw {
            let found = findings(&was.texts);
            let mut found = found.iter().chain(&checked.failing);
            assert!(!found.any(|rule| rule.blocking), "a blocking finding");
            assert_eq!(checked.pack, RULES, "by other rules");
        }
        let accepts = &self.accounts[version.by];
        assert_ne!(proposal.proposed.by, accepts.name, "of their own proposal");
        let accepted = |earlier: &&Version| {
            matches!(earlier.command.act, Act::Accept { .. })
                && earlier.command.concept == version.item.id
        };
        let since = before.iter().rposition(accepted).map_or(0, |at| at + 1);
        for earlier in &before[since..] {
            let (Act::Put { changes, .. } | Act::Revise { changes, .. }) = &earlier.command.act
            else {
                continue;
            };
            let stands = changes
                .iter()
                .find(|(name, change)| *was.texts.get(name) == change.to);
            let own = earlier.by == version.by;
            assert!(!own || stands.is_none(), "they wrote {stands:?} themselves");
        }
    }

    /// Nothing stands where nobody can decide upon it.
    fn check_standing(&self, item: &Item) {
        let open = item.review.open().map(|proposal| proposal.asks);
        let successor = |status: &[Status]| {
            self.items.values().any(|other| {
                other.review.replaces == Some(item.id) && status.contains(&other.status().unwrap())
            })
        };
        let sound = match item.status().unwrap() {
            Status::InPreparation | Status::Withdrawn | Status::Established => open.is_none(),
            Status::Proposed => open == Some(Asks::Establish),
            Status::RevisedProposed => open == Some(Asks::Replace),
            Status::EstablishedInRevision => {
                (open == Some(Asks::Withdraw)) != successor(&[Status::RevisedProposed])
            }
            Status::Superseded => {
                open.is_none()
                    && successor(&[
                        Status::Established,
                        Status::EstablishedInRevision,
                        Status::Superseded,
                        Status::Withdrawn,
                        Status::InPreparation,
                        Status::Proposed,
                        Status::RevisedProposed,
                    ])
            }
        };
        assert!(sound, "{item:?} stands where nobody can decide upon it");
    }
}
