//! From a draft to an established text, and from there to the next: what the server does with a step
//! of a review.
//!
//! | step | from → to | who |
//! |---|---|---|
//! | propose | in preparation → proposed | author of the owner |
//! | propose a revision | in preparation → revised and proposed; the text it replaces: established → in revision | author of the owner |
//! | propose a withdrawal | established → in revision | author of the owner |
//! | retract | back to where it came from | author of the owner |
//! | accept | → established; what it replaces → superseded; a withdrawal → withdrawn | reviewer who wrote none of it and checked it by the rules in force |
//! | reject, with a reason | back to where it came from | reviewer |
//! | comment | stays | author |
//!
//! A text that is proposed, established or later is never changed: a change is a new concept that
//! [replaces](Review::replaces) it.

use begrip_domain::{ConceptId, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::{Caller, Decision, Next, Role, first, next};
use crate::protocol::{Act, Command, Item, Refusal, limits};

/// What a check of a text found, bound to that very text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Which text: [`crate::Texts::wording`].
    pub text: String,
    /// Version of the rules.
    pub pack: String,
    /// The rules that fail, in the pack's order.
    pub failing: Vec<Failing>,
}

/// A rule that a text breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// The rule's id.
    pub rule: String,
    /// Whether it keeps the text from being established.
    pub blocking: bool,
    /// Why, in Dutch.
    pub reason: String,
}

/// The model that drafted a text, as the proposer's workstation knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafter {
    /// Its name.
    pub model: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Version of the rules that it was given.
    pub pack_version: String,
    /// When it answered.
    pub answered_at: Timestamp,
}

/// Who did something, by the server's books, and when by its clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Name of the account.
    pub by: String,
    /// For which organisation.
    pub organisation: String,
    /// When.
    pub at: Timestamp,
    /// In their own words; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What is asked of a reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// To establish a new text.
    Establish,
    /// To establish a text in the place of another.
    Replace,
    /// To withdraw an established text.
    Withdraw,
}

/// A proposal, and what was decided upon it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is asked.
    pub asks: Asks,
    /// Who proposed it.
    pub proposed: Signature,
    /// What the proposer's check found.
    pub checked: Checked,
    /// The model that drafted it, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafter: Option<Drafter>,
    /// What was decided; `None` while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What was decided upon a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it was accepted.
    pub accepted: bool,
    /// By whom.
    pub signature: Signature,
}

/// A proposal that was decided upon before another took its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was asked.
    pub asks: Asks,
    /// Who proposed it.
    pub proposed: Signature,
    /// What was decided.
    pub verdict: Verdict,
}

/// What somebody said of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The field's name.
    pub field: String,
    /// What was said, and by whom.
    pub said: Signature,
}

/// How a concept stands in review. Travels with the concept, so that it can be read offline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The concept whose place this one takes when it is established.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ConceptId>,
    /// The latest proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What was said since the latest text was established, at most [`limits::COMMENTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// Proposals before the latest that were decided upon, the latest of them last, at most
    /// [`limits::DECIDED`]: whoever proposed one may be told of it only now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
}

impl Review {
    /// True when there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every decision that is told of, the latest last.
    pub fn decisions(&self) -> Vec<Decided> {
        let latest = self.proposal.as_ref().and_then(|proposal| {
            Some(Decided {
                asks: proposal.asks,
                proposed: proposal.proposed.clone(),
                verdict: proposal.verdict.clone()?,
            })
        });
        self.decided.iter().cloned().chain(latest).collect()
    }

    /// The proposal that waits for a reviewer.
    pub fn open(&self) -> Option<&Proposal> {
        self.proposal
            .as_ref()
            .filter(|proposal| proposal.verdict.is_none())
    }
}

/// What the server knows beside the concept itself.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    /// The caller's name by the server's books.
    pub name: &'a str,
    /// When.
    pub at: Timestamp,
    /// Whether the caller wrote or proposed anything of what is to be accepted.
    pub wrote: bool,
    /// The version of the rules that a text is established by; `None` where any will do, because none was published.
    pub pack: Option<&'a str>,
    /// What the server's own check of the text found.
    pub failing: &'a [Failing],
    /// The concept whose place is taken, when the caller may see it.
    pub replaced: Option<&'a Item>,
}

/// The concept whose place a command, or the concept that it is about, takes.
pub fn replaced_by(command: &Command, current: Option<&Item>) -> Option<ConceptId> {
    match &command.act {
        Act::Revise { of, .. } => Some(*of),
        _ => current?.review.replaces,
    }
}

/// Decides upon a step of a review about a concept that now stands as `current`.
pub fn review(
    command: &Command,
    current: Option<&Item>,
    caller: Caller<'_>,
    bench: &Bench<'_>,
) -> Decision {
    match judge(command, current, caller, bench) {
        Ok(next) => Decision::Write(Box::new(next)),
        Err(decision) => *decision,
    }
}

type Judged = Result<Next, Box<Decision>>;

fn no(why: Refusal) -> Box<Decision> {
    Box::new(Decision::Refuse(why))
}

fn judge(
    command: &Command,
    current: Option<&Item>,
    caller: Caller<'_>,
    bench: &Bench<'_>,
) -> Judged {
    if caller.role < Role::Author {
        return Err(no(Refusal::NotAllowed));
    }
    let long = |text: &str| text.chars().count() > limits::LINE_CHARS;
    if long(&command.author) || long(&command.reason) {
        return Err(no(Refusal::Invalid));
    }
    let signature = || Signature {
        by: bench.name.to_owned(),
        organisation: caller.organisation.to_owned(),
        at: bench.at,
        reason: command.reason.trim().to_owned(),
    };
    if let Act::Revise { changes, .. } = &command.act {
        return revise(command, changes, current, caller, bench);
    }
    let item = current.ok_or_else(|| no(Refusal::MissingBase))?;
    if item.deleted {
        return Err(no(Refusal::Deleted));
    }
    let case = Case {
        item,
        own: item.owner == caller.organisation,
        bench,
        signature: signature(),
    };
    match &command.act {
        Act::Propose {
            checked,
            drafter,
            withdrawal,
        } => case.propose(checked, drafter.as_ref(), *withdrawal),
        Act::Retract if !case.own => Err(no(Refusal::NotAllowed)),
        Act::Retract => {
            let (mut next, _) = case.back()?;
            next.review.proposal = None;
            Ok(next)
        }
        Act::Accept { .. } | Act::Reject { .. } if caller.role < Role::Reviewer => {
            Err(no(Refusal::NotAllowed))
        }
        Act::Accept { checked } => case.accept(checked),
        Act::Reject { text } => case.reject(text),
        Act::Comment { field } => case.comment(field),
        _ => Err(no(Refusal::Unknown)),
    }
}

/// A new concept that is to take the place of an established one.
fn revise(
    command: &Command,
    changes: &crate::Changes,
    current: Option<&Item>,
    caller: Caller<'_>,
    bench: &Bench<'_>,
) -> Judged {
    let replaced = bench.replaced.ok_or_else(|| no(Refusal::MissingBase))?;
    if replaced.owner != caller.organisation {
        return Err(no(Refusal::NotAllowed));
    }
    if current.is_some() || command.base_version > 0 || !stands_as(replaced, Status::Established) {
        return Err(no(Refusal::WrongStatus));
    }
    match first(changes, Some(&replaced.sharing), caller) {
        Decision::Write(mut next) => {
            next.review.replaces = Some(replaced.id);
            Ok(*next)
        }
        other => Err(Box::new(other)),
    }
}

fn stands_as(item: &Item, status: Status) -> bool {
    !item.deleted && item.status() == Some(status)
}

struct Case<'a> {
    item: &'a Item,
    own: bool,
    bench: &'a Bench<'a>,
    signature: Signature,
}

impl Case<'_> {
    fn propose(
        self,
        checked: &Checked,
        drafter: Option<&crate::Drafter>,
        withdrawal: bool,
    ) -> Judged {
        if !self.own {
            return Err(no(Refusal::NotAllowed));
        }
        self.same_text(&checked.text)?;
        if checked.failing.len() > limits::FAILING {
            return Err(no(Refusal::Invalid));
        }
        if self.item.texts.get("definition").is_null() {
            return Err(no(Refusal::Empties));
        }
        let status = self.item.status().ok_or_else(|| no(Refusal::Invalid))?;
        let (asks, to, other) = match (withdrawal, status, self.item.review.replaces) {
            (false, Status::InPreparation, None) => (Asks::Establish, Status::Proposed, None),
            (false, Status::InPreparation, Some(_)) => {
                // Whoever sees the new text sees the one that it replaces.
                let seen = |old: &&Item| self.item.sharing.is_within(&old.sharing);
                let old = self.bench.replaced.filter(seen);
                if !old.is_some_and(|old| stands_as(old, Status::Established)) {
                    return Err(no(Refusal::WrongStatus));
                }
                let revision = Status::EstablishedInRevision;
                (Asks::Replace, Status::RevisedProposed, Some(revision))
            }
            (true, Status::Established, _) => (Asks::Withdraw, Status::EstablishedInRevision, None),
            _ => return Err(no(Refusal::WrongStatus)),
        };
        let mut next = self.to(to, other);
        next.review.decided = next.review.decisions();
        let too_many = next.review.decided.len().saturating_sub(limits::DECIDED);
        next.review.decided.drain(..too_many);
        next.review.proposal = Some(Proposal {
            asks,
            proposed: self.signature,
            checked: checked.clone(),
            drafter: drafter.cloned(),
            verdict: None,
        });
        Ok(next)
    }

    fn accept(self, checked: &Checked) -> Judged {
        let proposal = self.open()?;
        if self.bench.wrote {
            return Err(no(Refusal::OwnText));
        }
        self.same_text(&checked.text)?;
        let (to, other) = match proposal.asks {
            Asks::Withdraw => (Status::Withdrawn, None),
            Asks::Establish => (Status::Established, None),
            Asks::Replace => {
                let revision = Status::EstablishedInRevision;
                if !self
                    .bench
                    .replaced
                    .is_some_and(|old| stands_as(old, revision))
                {
                    return Err(no(Refusal::WrongStatus));
                }
                (Status::Established, Some(Status::Superseded))
            }
        };
        let meant = self.bench.pack;
        if proposal.asks != Asks::Withdraw && meant.is_some_and(|pack| checked.pack != pack) {
            return Err(no(Refusal::OtherRules));
        }
        let found = self.bench.failing.iter().chain(&checked.failing);
        if proposal.asks != Asks::Withdraw && found.into_iter().any(|rule| rule.blocking) {
            return Err(no(Refusal::Blocking));
        }
        let mut next = self.to(to, other);
        next.review.comments.clear();
        decided(&mut next, true, self.signature);
        Ok(next)
    }

    fn reject(self, text: &str) -> Judged {
        self.open()?;
        self.same_text(text)?;
        if self.signature.reason.is_empty() {
            return Err(no(Refusal::Invalid));
        }
        let (mut next, case) = self.back()?;
        decided(&mut next, false, case.signature);
        Ok(next)
    }

    fn comment(self, field: &str) -> Judged {
        let known = crate::FIELDS.contains(&field);
        let full = self.item.review.comments.len() >= limits::COMMENTS;
        if !known || full || self.signature.reason.is_empty() {
            return Err(no(Refusal::Invalid));
        }
        let mut next = next(self.item);
        next.review.comments.push(Comment {
            field: field.to_owned(),
            said: self.signature,
        });
        Ok(next)
    }

    /// The text as it stood before the proposal.
    fn back(self) -> Result<(Next, Self), Box<Decision>> {
        let (to, other) = match self.open()?.asks {
            Asks::Establish => (Status::InPreparation, None),
            Asks::Replace => (Status::InPreparation, Some(Status::Established)),
            Asks::Withdraw => (Status::Established, None),
        };
        Ok((self.to(to, other), self))
    }

    fn open(&self) -> Result<&Proposal, Box<Decision>> {
        let open = self.item.review.open();
        open.ok_or_else(|| no(Refusal::WrongStatus))
    }

    /// Nobody decides upon a text that they have not seen.
    fn same_text(&self, text: &str) -> Result<(), Box<Decision>> {
        match self.item.texts.wording() == text {
            true => Ok(()),
            false => Err(Box::new(Decision::Stale(Vec::new()))),
        }
    }

    fn to(&self, status: Status, replaced: Option<Status>) -> Next {
        let mut next = next(self.item);
        next.texts.set("status", status.as_str().into());
        next.replaced = replaced;
        next
    }
}

fn decided(next: &mut Next, accepted: bool, signature: Signature) {
    if let Some(proposal) = &mut next.review.proposal {
        proposal.verdict = Some(Verdict {
            accepted,
            signature,
        });
    }
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
