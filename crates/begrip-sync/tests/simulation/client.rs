//! A workstation: what stands on its disk, what its user does, and its side of a session.

use std::collections::BTreeMap;

use begrip_domain::{ConceptId, Status};
use begrip_sync::{
    Act, Answer, Ask, Command, Effect, FIELDS, Got, Held, Item, Kept, Outcome, Saved, Session,
    Sharing, Sums, Texts, Wishes, is_news, range_of, replay,
};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A command in the outbox, with what became of it.
#[derive(Clone)]
pub struct Row {
    pub command: Command,
    pub answer: Option<Outcome>,
    /// Not done, or not done yet: the user still sees it.
    pub open: bool,
}

/// What outlives a crash.
#[derive(Clone, Default)]
pub struct Disk {
    pub saved: Saved,
    pub bases: BTreeMap<ConceptId, Item>,
    pub outbox: Vec<Row>,
    /// What the user sees.
    pub seen: BTreeMap<ConceptId, Texts>,
}

pub struct Client {
    pub name: String,
    /// Number of the account at the server.
    pub account: usize,
    /// Who the server says the user is, and whether they began as a reviewer.
    pub own_name: String,
    pub reviews: bool,
    pub organisation: String,
    pub disk: Disk,
    pub session: Option<Session>,
    /// Its disk has forgotten something.
    pub damaged: bool,
    /// Seconds that its clock is wrong.
    pub skew: i64,
    /// Speaks a protocol that the server has left behind.
    pub outdated: bool,
    /// Fields that this version of the program knows.
    pub fields: Vec<&'static str>,
    /// Has rules that the server does not have yet.
    pub strict: bool,
    /// Tells of its own check that it found nothing, whatever it found.
    pub lies: bool,
}

impl Held for Disk {
    fn of(&self, id: ConceptId) -> Option<Kept> {
        self.bases.get(&id).map(|item| Kept {
            sequence: item.sequence,
            mark: item.mark(),
            deleted: item.deleted,
        })
    }

    fn live(&self) -> u32 {
        self.bases
            .values()
            .filter(|item| !item.deleted)
            .count()
            .try_into()
            .unwrap()
    }

    fn range(&self, range: u8) -> Vec<(ConceptId, u64)> {
        let bases = self
            .bases
            .values()
            .filter(|item| range_of(item.id) == range);
        bases.map(|item| (item.id, item.sequence)).collect()
    }
}

impl Disk {
    fn open(&self, id: ConceptId) -> Vec<Command> {
        let rows = self
            .outbox
            .iter()
            .filter(|row| row.open && row.command.concept == id);
        rows.map(|row| row.command.clone()).collect()
    }

    fn show(&mut self, id: ConceptId) {
        let (base, open) = (self.bases.get(&id), self.open(id));
        // What the server never took stays with the user as it is.
        if base.is_some() || !open.is_empty() {
            let seen = replay(base, &open);
            self.seen.insert(id, seen);
        }
    }

    fn take(&mut self, item: &Item, forced: bool) {
        let kept = self.bases.get(&item.id).map(|kept| kept.version);
        if is_news(kept, item, forced) {
            self.bases.insert(item.id, item.clone());
        }
        self.show(item.id);
    }

    fn keep(&mut self, effect: Effect) {
        match effect {
            Effect::Save(saved) => self.saved = saved,
            Effect::Take { item, forced } => self.take(&item, forced),
            Effect::Gone(id) => drop(self.bases.remove(&id)),
            Effect::Equal => {}
            Effect::Answered(Answer { key, outcome }) => {
                let row = self
                    .outbox
                    .iter_mut()
                    .find(|row| row.command.key == key)
                    .unwrap();
                // Answered by another session on the same disk already.
                if row.answer.is_some() {
                    return;
                }
                // A step of a review that was not taken is told, and is no conflict.
                row.open = !outcome.is_done() && !row.command.act.is_review();
                row.answer = Some(outcome.clone());
                let id = row.command.concept;
                match outcome.item() {
                    Some(item) => self.take(item, false),
                    None => self.show(id),
                }
            }
        }
    }

    fn own_sums(&self) -> Sums {
        let mut sums = Sums::default();
        self.bases
            .values()
            .for_each(|item| sums.add(item.id, item.mark()));
        sums
    }

    /// Concepts with a change that the server did not take.
    pub fn conflicts(&self) -> Vec<ConceptId> {
        let open = self
            .outbox
            .iter()
            .filter(|row| row.open && row.answer.is_some());
        let mut ids: Vec<ConceptId> = open.map(|row| row.command.concept).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

impl Client {
    /// What to send now; nothing when the answer is at home.
    pub fn ask(&mut self, compare: bool) -> Option<Ask> {
        let disk = &mut self.disk;
        let session = self.session.get_or_insert_with(|| {
            let wishes = Wishes {
                compare,
                accept_withdrawals: true,
            };
            Session::new(disk.saved.clone(), wishes)
        });
        loop {
            let waiting = || {
                let rows = disk.outbox.iter().filter(|row| row.answer.is_none());
                rows.take(4).map(|row| row.command.clone()).collect()
            };
            let asked = session.ask(waiting);
            match asked {
                Ask::OwnSums => {
                    let own = Got::OwnSums(disk.own_sums());
                    let effects = session.got(&asked, own, disk).unwrap();
                    effects.into_iter().for_each(|effect| disk.keep(effect));
                }
                Ask::End(_) => return None,
                asked => return Some(asked),
            }
        }
    }

    /// Keeps an answer. In one transaction: either all of it or, after a crash, nothing.
    pub fn got(&mut self, asked: &Ask, got: Got) {
        let Some(session) = &mut self.session else {
            return;
        };
        let effects = session.got(asked, got, &self.disk).unwrap();
        effects
            .into_iter()
            .for_each(|effect| self.disk.keep(effect));
    }

    pub fn crash(&mut self) {
        self.session = None;
    }

    pub fn write(&mut self, id: ConceptId, act: Act, rng: &mut Rng, clock: i64) {
        let base_version = self.disk.bases.get(&id).map_or(0, |item| item.version);
        let command = Command {
            key: Uuid::from_u128(rng.u128(..)),
            concept: id,
            base_version,
            act,
            author: self.name.clone(),
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + clock + self.skew),
            reason: "om een reden".to_owned(),
        };
        self.disk.outbox.push(Row {
            command,
            answer: None,
            open: true,
        });
        self.disk.show(id);
    }

    /// The user makes, changes, shares, withdraws, brings back, decides or reviews something.
    pub fn work(&mut self, rng: &mut Rng, clock: i64, others: &[String]) {
        let mine: Vec<ConceptId> = self.disk.seen.keys().copied().collect();
        let conflicts = self.disk.conflicts();
        match rng.u8(..20) {
            0 => self.make(rng, clock, others),
            2 if !conflicts.is_empty() => {
                let id = conflicts[rng.usize(..conflicts.len())];
                self.settle(id, rng, clock);
            }
            3 if !mine.is_empty() => {
                let id = mine[rng.usize(..mine.len())];
                if self.disk.bases.get(&id).is_some_and(|item| !item.deleted) {
                    self.write(id, Act::Delete, rng, clock);
                }
            }
            4 if !mine.is_empty() => {
                let id = mine[rng.usize(..mine.len())];
                let sharing = Some(Sharing::Chain);
                let changes = BTreeMap::new();
                self.write(id, Act::Put { changes, sharing }, rng, clock);
            }
            5..=14 => self.review(rng, clock),
            _ if !mine.is_empty() => {
                let id = mine[rng.usize(..mine.len())];
                // The program does not let its user change a text under review; an older one does.
                let locked = !matches!(
                    self.disk.seen[&id].status(),
                    Some(Status::InPreparation | Status::Withdrawn)
                );
                if !locked || rng.u8(..6) == 0 {
                    self.edit(id, rng, clock);
                }
            }
            _ => self.make(rng, clock, others),
        }
    }

    fn make(&mut self, rng: &mut Rng, clock: i64, others: &[String]) {
        let id = ConceptId(Uuid::from_u128(rng.u128(..)));
        let mut texts = Texts::default();
        texts.set("term", text(rng));
        texts.set("definition", text(rng));
        texts.set("status", "in_preparation".into());
        let changes = Texts::default().changes_to(&texts, &self.fields);
        let sharing = Some(match rng.u8(..6) {
            0 => Sharing::Organisation,
            1 => Sharing::Named {
                organisations: [others[rng.usize(..others.len())].clone()].into(),
            },
            _ => Sharing::Chain,
        });
        self.write(id, Act::Put { changes, sharing }, rng, clock);
    }

    fn edit(&mut self, id: ConceptId, rng: &mut Rng, clock: i64) {
        let seen = self.disk.seen[&id].clone();
        let mut to = seen.clone();
        // What was withdrawn is brought back to be worked on.
        if seen.status() == Some(Status::Withdrawn) && rng.bool() {
            to.set("status", Status::InPreparation.as_str().into());
        }
        let names = ["definition", "explanation", "term", "colour"];
        for _ in 0..rng.usize(1..3) {
            let name = names[rng.usize(..names.len())];
            let empties = rng.u8(..6) == 0;
            to.set(name, if empties { Value::Null } else { text(rng) });
        }
        let changes = seen.changes_to(&to, &self.fields);
        let sharing = None;
        if !changes.is_empty() {
            self.write(id, Act::Put { changes, sharing }, rng, clock);
        }
    }

    /// The user decides upon what the server did not take: mine, theirs or something between.
    pub fn settle(&mut self, id: ConceptId, rng: &mut Rng, clock: i64) {
        let mine = self.disk.seen[&id].clone();
        for row in &mut self.disk.outbox {
            if row.command.concept == id && row.answer.is_some() {
                row.open = false;
            }
        }
        self.disk.show(id);
        let theirs = self.disk.seen[&id].clone();
        let mut chosen = theirs.clone();
        for name in FIELDS {
            if rng.bool() {
                chosen.set(name, mine.get(name).clone());
            }
        }
        let changes = theirs.changes_to(&chosen, &self.fields);
        let sharing = None;
        if self.disk.bases.contains_key(&id) && !changes.is_empty() {
            self.write(id, Act::Put { changes, sharing }, rng, clock);
        }
    }
}

/// Few texts, so that two users write the same now and then.
pub fn text(rng: &mut Rng) -> Value {
    format!("t{}", rng.u8(..6)).into()
}
