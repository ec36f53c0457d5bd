//! What a workstation asks next, and what it keeps of each answer.
//!
//! A session runs from a greeting to an ending; whoever drives it sends what it asks and keeps the
//! effects of each answer in one transaction before it goes on. A session that is cut off anywhere is
//! begun again from what was kept: every step may be done twice.
//!
//! ```text
//! greet ─▶ push (until nothing waits) ─▶ read pages (to the last) ─▶ compare the sums ─▶ end
//!                                              ▲                          │ differ
//!                                              └── read those ranges ◀────┘ once
//! ```

use std::collections::BTreeSet;

use begrip_domain::ConceptId;
use uuid::Uuid;

use crate::decide::Role;
use crate::protocol::{Answer, Closing, Command, Hello, Item, Page, Pushed, RangeRows, limits};
use crate::sums::{RANGES, Sums};

/// What a workstation knows of the server between two sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The server's epoch; `None` before the first session.
    pub epoch: Option<Uuid>,
    /// For which organisation.
    pub organisation: String,
    /// Everything up to this sequence has been kept.
    pub position: u64,
    /// What is kept may be of another epoch: what the server says goes over it, until both ends have
    /// been found equal.
    pub anew: bool,
}

/// A concept of the server as the workstation holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The sequence at which it was told.
    pub sequence: u64,
    /// See [`Item::mark`].
    pub mark: u64,
    /// Whether it is a tombstone.
    pub deleted: bool,
}

/// What the workstation holds of the server's concepts.
pub trait Held {
    /// A concept.
    fn of(&self, id: ConceptId) -> Option<Kept>;
    /// How many concepts are no tombstones; asked when some of those are withdrawn.
    fn live(&self) -> u32;
    /// Every concept of a range with the sequence at which it was told.
    fn range(&self, range: u8) -> Vec<(ConceptId, u64)>;
}

/// What to ask now.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Who the server is.
    Hello,
    /// Send these commands.
    Push(Vec<Command>),
    /// The changes after a sequence; with the sums, when `closing`.
    Changes {
        /// The sequence.
        after: u64,
        /// Whether the last page shall tell the sums.
        closing: bool,
    },
    /// Not the server but the workstation itself: the sums of what it holds.
    OwnSums,
    /// Everything of a range.
    Range(u8),
    /// Nothing any more.
    End(Ending),
}

impl Ask {
    /// What comes after this answer, as far as that can be told before it is kept: the next page. Whoever drives a
    /// session may ask for it meanwhile, and uses what came only when the session does ask that next.
    pub fn ahead(&self, got: &Got) -> Option<Self> {
        match (self, got) {
            (Self::Changes { closing, .. }, Got::Page(page)) if page.more => Some(Self::Changes {
                after: page.next,
                closing: *closing,
            }),
            _ => None,
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Got {
    /// To [`Ask::Hello`].
    Hello(Hello),
    /// To [`Ask::Push`].
    Pushed(Pushed),
    /// To [`Ask::Changes`].
    Page(Page),
    /// To [`Ask::OwnSums`].
    OwnSums(Sums),
    /// To [`Ask::Range`].
    Range(RangeRows),
}

/// What to keep.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// This is known of the server from now on.
    Save(Saved),
    /// A command has its answer.
    Answered(Answer),
    /// A concept stands so at the server; `forced` also over a version with a higher number, when the
    /// server began anew or what was kept is wrong.
    Take {
        /// The concept.
        item: Box<Item>,
        /// Whether it goes over whatever is kept.
        forced: bool,
    },
    /// The server has no such concept for this organisation; the user's own text stays.
    Gone(ConceptId),
    /// Both ends hold the same, by the sums.
    Equal,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Commands that were answered.
    pub pushed: u32,
    /// Of those, the ones that were not taken.
    pub not_taken: u32,
    /// Concepts that were told.
    pub pulled: u32,
    /// Ranges that were read again.
    pub repaired: u32,
    /// Nothing was pushed, because the caller's role only reads; what waits goes on waiting.
    pub held_back: bool,
    /// Whether both ends hold the same; `None` when that was not asked.
    pub equal: Option<bool>,
}

/// Why a session cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The server's answer is no answer to what was asked.
    Nonsense(&'static str),
    /// So many concepts would be withdrawn at once that a person has to look at it first.
    TooManyGone {
        /// How many would be withdrawn.
        gone: u32,
        /// Of how many.
        live: u32,
    },
}

/// True when so many withdrawals at one time look like a mistake: more than twenty, and more than a
/// tenth of what there is.
pub fn too_many_gone(live: u32, gone: u32) -> bool {
    gone > 20 && gone > live / 10
}

/// What a session is asked to do beside bringing both ends together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Compare the sums at the end.
    pub compare: bool,
    /// A person has seen that very much is withdrawn, and wants it so.
    pub accept_withdrawals: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Greeting,
    Pushing,
    Pulling,
    Comparing(Closing),
    Repairing(Vec<u8>),
    Ended,
}

/// One run of a sync.
#[derive(Clone, Debug)]
pub struct Session {
    saved: Saved,
    wishes: Wishes,
    phase: Phase,
    repaired: bool,
    gone: u32,
    ending: Ending,
}

impl Session {
    /// A session that goes on from what is known of the server.
    pub fn new(saved: Saved, wishes: Wishes) -> Self {
        Self {
            saved,
            wishes,
            phase: Phase::Greeting,
            repaired: false,
            gone: 0,
            ending: Ending::default(),
        }
    }

    /// What to ask. `waiting` are the oldest commands without an answer, in order, at least one when
    /// there is any; only looked at when the session is at that point.
    pub fn ask(&mut self, waiting: impl FnOnce() -> Vec<Command>) -> Ask {
        if self.phase == Phase::Pushing {
            let mut commands = waiting();
            commands.truncate(limits::PUSH);
            if !commands.is_empty() {
                return Ask::Push(commands);
            }
            self.phase = Phase::Pulling;
        }
        match &self.phase {
            Phase::Greeting => Ask::Hello,
            Phase::Pushing | Phase::Pulling => Ask::Changes {
                after: self.saved.position,
                closing: self.compares(),
            },
            Phase::Comparing(_) => Ask::OwnSums,
            Phase::Repairing(ranges) => match ranges.last() {
                Some(range) => Ask::Range(*range),
                None => Ask::End(self.ending),
            },
            Phase::Ended => Ask::End(self.ending),
        }
    }

    /// What to keep of an answer, all of it in one transaction. `asked` is what it answers.
    pub fn got(&mut self, asked: &Ask, got: Got, held: &dyn Held) -> Result<Vec<Effect>, Halt> {
        match (asked, got) {
            (Ask::Hello, Got::Hello(hello)) => Ok(self.greeted(&hello)),
            (Ask::Push(commands), Got::Pushed(pushed)) => self.pushed(commands, pushed),
            (Ask::Changes { after, .. }, Got::Page(page)) => self.paged(*after, page, held),
            (Ask::OwnSums, Got::OwnSums(own)) => Ok(self.compared(&own)),
            (Ask::Range(range), Got::Range(rows)) => self.repaired(*range, rows, held),
            _ => Err(Halt::Nonsense("an answer to another question")),
        }
    }

    fn compares(&self) -> bool {
        self.wishes.compare || self.saved.anew
    }

    fn greeted(&mut self, hello: &Hello) -> Vec<Effect> {
        let same = self.saved.epoch == Some(hello.epoch)
            && self.saved.organisation == hello.organisation
            && self.saved.position <= hello.sequence;
        // A role that this program does not know is for the server to judge.
        self.ending.held_back = Role::parse(&hello.role).is_some_and(|role| role < Role::Author);
        self.phase = match self.ending.held_back {
            true => Phase::Pulling,
            false => Phase::Pushing,
        };
        if same {
            return Vec::new();
        }
        self.saved = Saved {
            anew: self.saved.epoch.is_some(),
            epoch: Some(hello.epoch),
            organisation: hello.organisation.clone(),
            position: 0,
        };
        // Kept with the first page: a session that is cut off before it begins anew once more.
        Vec::new()
    }

    fn pushed(&mut self, commands: &[Command], pushed: Pushed) -> Result<Vec<Effect>, Halt> {
        let asked = commands.iter().map(|command| command.key);
        if !asked.eq(pushed.answers.iter().map(|answer| answer.key)) {
            return Err(Halt::Nonsense("answers to other commands"));
        }
        for answer in &pushed.answers {
            self.ending.pushed += 1;
            self.ending.not_taken += u32::from(!answer.outcome.is_done());
        }
        Ok(pushed.answers.into_iter().map(Effect::Answered).collect())
    }

    fn paged(&mut self, after: u64, page: Page, held: &dyn Held) -> Result<Vec<Effect>, Halt> {
        let in_order = page.items.is_sorted_by_key(|item| item.sequence)
            && page
                .items
                .iter()
                .all(|item| (after + 1..=page.next).contains(&item.sequence));
        if page.next < after || !in_order || page.more && page.next == after {
            return Err(Halt::Nonsense("a page that leads nowhere"));
        }
        let withdrawn = page
            .items
            .iter()
            .filter(|item| item.deleted && held.of(item.id).is_some_and(|kept| !kept.deleted));
        let withdrawn = u32::try_from(withdrawn.count()).unwrap_or(u32::MAX);
        // What is held is only counted when some of it goes: a first sync has hundreds of pages.
        if withdrawn > 0 {
            self.gone = self.gone.saturating_add(withdrawn);
            let live = held.live();
            if too_many_gone(live, self.gone) && !self.wishes.accept_withdrawals {
                return Err(Halt::TooManyGone {
                    gone: self.gone,
                    live,
                });
            }
        }
        self.ending.pulled += u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        self.saved.position = page.next;
        let forced = self.saved.anew;
        let taken = page.items.into_iter().map(|item| Effect::Take {
            item: Box::new(item),
            forced,
        });
        let effects = taken.chain([Effect::Save(self.saved.clone())]).collect();
        if !page.more {
            self.phase = match page.closing {
                Some(closing) if self.compares() => Phase::Comparing(closing),
                _ => Phase::Ended,
            };
        }
        Ok(effects)
    }

    fn compared(&mut self, own: &Sums) -> Vec<Effect> {
        let Phase::Comparing(closing) = &self.phase else {
            return Vec::new();
        };
        let differing = own.differing(&closing.ranges);
        let equal = differing.is_empty();
        self.phase = match equal || self.repaired {
            true => {
                self.ending.equal = Some(equal);
                Phase::Ended
            }
            false => Phase::Repairing(differing),
        };
        if equal {
            vec![Effect::Equal]
        } else {
            Vec::new()
        }
    }

    fn repaired(
        &mut self,
        range: u8,
        rows: RangeRows,
        held: &dyn Held,
    ) -> Result<Vec<Effect>, Halt> {
        let of_range = |item: &Item| crate::range_of(item.id) == range;
        if rows.range != range || range >= RANGES || !rows.items.iter().all(of_range) {
            return Err(Halt::Nonsense("another range"));
        }
        let there: BTreeSet<ConceptId> = rows.items.iter().map(|item| item.id).collect();
        // What came in after the range was read is not older than it.
        let since = |sequence: u64| sequence > rows.sequence && !self.saved.anew;
        let gone = held
            .range(range)
            .into_iter()
            .filter(|(id, sequence)| !since(*sequence) && !there.contains(id))
            .map(|(id, _)| Effect::Gone(id));
        let mut effects: Vec<Effect> = gone.collect();
        effects.extend(rows.items.into_iter().filter_map(|item| {
            let kept = held.of(item.id);
            let sound = kept.is_some_and(|kept| kept.mark == item.mark() || since(kept.sequence));
            (!sound).then(|| Effect::Take {
                item: Box::new(item),
                forced: true,
            })
        }));
        self.ending.repaired += 1;
        if let Phase::Repairing(ranges) = &mut self.phase {
            ranges.retain(|waiting| *waiting != range);
            if ranges.is_empty() {
                self.repaired = true;
                self.phase = Phase::Pulling;
            }
        }
        Ok(effects)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
