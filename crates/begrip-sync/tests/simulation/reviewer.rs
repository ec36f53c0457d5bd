//! What a user does in a review: mostly what the screen offers, now and then what only a program that
//! means harm would send.

use begrip_domain::{ConceptId, Status};
use begrip_sync::{Act, Checked, Drafter, Failing, Texts};
use fastrand::Rng;
use jiff::Timestamp;
use uuid::Uuid;

use crate::client::{Client, text};
use crate::server::RULES;

#[derive(Clone, Copy)]
enum Step {
    Propose,
    ProposeWithdrawal,
    Revise,
    Retract,
    Accept,
    Reject,
    Comment,
    /// Establishes by hand, past any review.
    Force,
    /// Of a program that is newer than the server.
    Newer,
}

const ALL: [Step; 9] = [
    Step::Propose,
    Step::ProposeWithdrawal,
    Step::Revise,
    Step::Retract,
    Step::Accept,
    Step::Reject,
    Step::Comment,
    Step::Force,
    Step::Newer,
];

impl Client {
    /// A step of a review.
    pub fn review(&mut self, rng: &mut Rng, clock: i64) {
        let pairs: Vec<(ConceptId, Step)> = match rng.u8(..8) {
            0 => self
                .disk
                .seen
                .keys()
                .map(|id| (*id, ALL[rng.usize(..ALL.len())]))
                .collect(),
            _ => self
                .disk
                .seen
                .keys()
                .flat_map(|id| self.offered(*id).iter().map(|step| (*id, *step)))
                .collect(),
        };
        if pairs.is_empty() {
            return;
        }
        let (id, step) = pairs[rng.usize(..pairs.len())];
        let seen = self.disk.seen[&id].clone();
        let mut concept = id;
        let act = match step {
            Step::Propose | Step::ProposeWithdrawal => Act::Propose {
                checked: self.checked(&seen, rng),
                drafter: rng.bool().then(|| Drafter {
                    model: "m".to_owned(),
                    prompt_version: "1".to_owned(),
                    pack_version: "1".to_owned(),
                    answered_at: Timestamp::UNIX_EPOCH,
                }),
                withdrawal: matches!(step, Step::ProposeWithdrawal),
            },
            Step::Revise => {
                concept = ConceptId(Uuid::from_u128(rng.u128(..)));
                let mut draft = seen;
                draft.set("status", Status::InPreparation.as_str().into());
                draft.set("definition", text(rng));
                let changes = Texts::default().changes_to(&draft, &self.fields);
                Act::Revise { of: id, changes }
            }
            Step::Retract => Act::Retract,
            Step::Accept => Act::Accept {
                checked: self.checked(&seen, rng),
            },
            Step::Reject => Act::Reject {
                text: seen.wording(),
            },
            Step::Comment => Act::Comment {
                field: "definition".to_owned(),
            },
            Step::Force => {
                let mut forced = seen.clone();
                let status = [Status::Established, Status::Proposed, Status::Withdrawn];
                forced.set("status", status[rng.usize(..3)].as_str().into());
                Act::Put {
                    changes: seen.changes_to(&forced, &self.fields),
                    sharing: None,
                }
            }
            Step::Newer => Act::Unknown,
        };
        self.write(concept, act, rng, clock);
    }

    /// What the screen offers about a concept.
    fn offered(&self, id: ConceptId) -> &'static [Step] {
        let base = self.disk.bases.get(&id);
        let own = base.is_none_or(|item| item.owner == self.organisation);
        let open = base.and_then(|item| item.review.open());
        let other = open.is_some_and(|proposal| proposal.proposed.by != self.own_name);
        match self.disk.seen[&id].status() {
            Some(Status::InPreparation) if own => &[Step::Propose],
            Some(Status::Established) if own => {
                &[Step::ProposeWithdrawal, Step::Revise, Step::Revise]
            }
            _ if other && self.reviews => &[
                Step::Accept,
                Step::Accept,
                Step::Accept,
                Step::Accept,
                Step::Reject,
                Step::Comment,
            ],
            _ if own && open.is_some() => match self.disk.outbox.len() % 8 {
                0 => &[Step::Retract],
                _ => &[Step::Comment],
            },
            _ => &[],
        }
    }

    /// What the rules on this workstation say of a text.
    fn checked(&self, seen: &Texts, rng: &mut Rng) -> Checked {
        let breaks = self.strict && seen.get("definition") == "t4";
        let failing = Failing {
            rule: "newer".to_owned(),
            blocking: true,
            reason: "simulation".to_owned(),
        };
        // Now and then of a text that stood there before.
        let wording = match rng.u8(..12) {
            0 => Texts::default().wording(),
            _ => seen.wording(),
        };
        Checked {
            text: wording,
            // Now and then by rules that the server does not establish by any more.
            pack: match rng.u8(..12) {
                0 => "1".to_owned(),
                _ => RULES.to_owned(),
            },
            failing: match breaks && !self.lies {
                true => vec![failing],
                false => Vec::new(),
            },
        }
    }
}
