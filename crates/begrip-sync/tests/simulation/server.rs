//! A server that keeps everything in memory and decides with the engine.

use std::collections::BTreeMap;

use begrip_domain::ConceptId;
use begrip_sync::{
    Act, Answer, Bench, CAPABILITIES, Caller, Closing, Command, Decision, Deletions, Failing,
    Hello, Item, Next, Outcome, PROTOCOL, Page, Push, Pushed, RangeRows, Refusal, Role, Sums,
    Texts, decide, range_of, replaced_by, review,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Small, so that a plan sees many pages.
const PAGE: usize = 3;

/// The version of the rules that texts are established by.
pub const RULES: &str = "2";

/// Somebody by the server's books; may work at more than one workstation.
pub struct Account {
    pub name: String,
    pub organisation: String,
    pub role: Role,
}

/// A version of a concept, and how it came to be.
pub struct Version {
    pub command: Command,
    /// Number of the account.
    pub by: usize,
    /// Its role at that moment.
    pub role: Role,
    pub item: Item,
}

#[derive(Default)]
pub struct Server {
    pub accounts: Vec<Account>,
    pub items: BTreeMap<ConceptId, Item>,
    /// Every version that ever stood.
    pub history: Vec<Version>,
    answers: BTreeMap<(String, Uuid), (String, Outcome)>,
    sequence: u64,
    /// When concepts were withdrawn, in seconds of its own clock.
    withdrawn: Vec<(String, i64)>,
    pub clock: i64,
}

/// What the server's own rules say of a text.
pub fn findings(texts: &Texts) -> Vec<Failing> {
    let failing = |rule: &str, blocking| Failing {
        rule: rule.to_owned(),
        blocking,
        reason: "simulation".to_owned(),
    };
    match texts.get("definition").as_str() {
        Some("t5") => vec![failing("server", true)],
        Some("t3") => vec![failing("advice", false)],
        _ => Vec::new(),
    }
}

impl Server {
    pub fn of(accounts: Vec<Account>) -> Self {
        Self {
            accounts,
            ..Self::default()
        }
    }

    pub fn hello(&self, by: usize) -> Hello {
        let account = &self.accounts[by];
        Hello {
            protocol: PROTOCOL,
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            epoch: Uuid::from_u128(1),
            sequence: self.sequence,
            organisation: account.organisation.clone(),
            account: account.name.clone(),
            role: account.role.as_str().to_owned(),
            published: 0,
        }
    }

    pub fn push(&mut self, by: usize, push: &Push) -> Pushed {
        let answers = push.commands.iter().map(|command| Answer {
            key: command.key,
            outcome: self.answer(by, command),
        });
        Pushed {
            answers: answers.collect(),
        }
    }

    fn answer(&mut self, by: usize, command: &Command) -> Outcome {
        let said = serde_json::to_string(command).unwrap();
        let place = (self.accounts[by].organisation.clone(), command.key);
        if let Some((before, outcome)) = self.answers.get(&place) {
            return match *before == said {
                true => outcome.clone(),
                false => refused(Refusal::KeyUsed, None),
            };
        }
        let outcome = self.decide(by, command);
        self.answers.insert(place, (said, outcome.clone()));
        outcome
    }

    fn decide(&mut self, by: usize, command: &Command) -> Outcome {
        let seen = self.seen(command.concept, by).cloned();
        let item = seen.clone().map(Box::new);
        if seen.is_none() && self.items.contains_key(&command.concept) {
            return refused(Refusal::NotAllowed, None);
        }
        match self.judge(by, command, seen.as_ref()) {
            Decision::Write(next) => self.write(by, command, *next),
            Decision::Refuse(why) => refused(why, item),
            Decision::Same => Outcome::Same {
                item: item.unwrap(),
            },
            Decision::Stale(fields) => Outcome::Stale {
                item: item.unwrap(),
                fields,
            },
        }
    }

    fn judge(&self, by: usize, command: &Command, current: Option<&Item>) -> Decision {
        let Account {
            name,
            organisation,
            role,
        } = &self.accounts[by];
        let caller = Caller {
            organisation,
            role: *role,
        };
        if !command.act.is_review() {
            return decide(command, current, caller, self.deletions(organisation));
        }
        let found = current.map(|item| findings(&item.texts));
        let bench = Bench {
            name,
            at: self.now(),
            wrote: self.wrote(command.concept, by),
            pack: Some(RULES),
            failing: found.as_deref().unwrap_or_default(),
            replaced: replaced_by(command, current).and_then(|id| self.seen(id, by)),
        };
        review(command, current, caller, &bench)
    }

    /// Whether somebody had a hand in a text since one was last established.
    fn wrote(&self, concept: ConceptId, by: usize) -> bool {
        let versions = self.history.iter().rev();
        versions
            .filter(|version| version.item.id == concept && version.command.concept == concept)
            .take_while(|version| !matches!(version.command.act, Act::Accept { .. }))
            .any(|version| {
                let act = &version.command.act;
                let writes = matches!(
                    act,
                    Act::Put { .. } | Act::Revise { .. } | Act::Propose { .. }
                );
                version.by == by && writes
            })
    }

    fn write(&mut self, by: usize, command: &Command, next: Next) -> Outcome {
        if next.deleted {
            let organisation = self.accounts[by].organisation.clone();
            self.withdrawn.push((organisation, self.clock));
        }
        let item = Item {
            id: command.concept,
            version: next.version,
            sequence: 0,
            owner: next.owner,
            sharing: next.sharing,
            deleted: next.deleted,
            texts: next.texts,
            author: String::new(),
            organisation: String::new(),
            at: self.now(),
            review: next.review,
            rest: BTreeMap::new(),
        };
        let item = self.keep(by, command, item);
        if let (Some(status), Some(id)) = (next.replaced, item.review.replaces) {
            let mut old = self.items[&id].clone();
            old.version += 1;
            old.texts.set("status", status.as_str().into());
            self.keep(by, command, old);
        }
        Outcome::Accepted {
            item: Box::new(item),
            merged: next.merged,
        }
    }

    fn keep(&mut self, by: usize, command: &Command, item: Item) -> Item {
        self.sequence += 1;
        let account = &self.accounts[by];
        let item = Item {
            sequence: self.sequence,
            author: account.name.clone(),
            organisation: account.organisation.clone(),
            at: self.now(),
            ..item
        };
        self.items.insert(item.id, item.clone());
        self.history.push(Version {
            command: command.clone(),
            by,
            role: account.role,
            item: item.clone(),
        });
        item
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.clock)
    }

    /// A concept, when somebody may see it.
    fn seen(&self, id: ConceptId, by: usize) -> Option<&Item> {
        let organisation = &self.accounts[by].organisation;
        let found = self.items.get(&id);
        found.filter(|item| item.sharing.reaches(&item.owner, organisation))
    }

    fn deletions(&self, organisation: &str) -> Deletions {
        let live = self
            .items
            .values()
            .filter(|item| !item.deleted && item.owner == organisation);
        let recent = self
            .withdrawn
            .iter()
            .filter(|(of, at)| of == organisation && *at > self.clock - 3_600);
        Deletions {
            live: live.count().try_into().unwrap(),
            recent: recent.count().try_into().unwrap(),
        }
    }

    /// What an organisation may see, by sequence.
    pub fn visible(&self, organisation: &str) -> Vec<&Item> {
        let mut items: Vec<&Item> = self
            .items
            .values()
            .filter(|item| item.sharing.reaches(&item.owner, organisation))
            .collect();
        items.sort_by_key(|item| item.sequence);
        items
    }

    pub fn changes(&self, organisation: &str, after: u64, closing: bool) -> Page {
        let visible = self.visible(organisation);
        let mut later = visible.iter().filter(|item| item.sequence > after);
        let items: Vec<Item> = later
            .by_ref()
            .take(PAGE)
            .map(|item| (*item).clone())
            .collect();
        let more = later.next().is_some();
        let next = match (more, items.last()) {
            (true, Some(last)) => last.sequence,
            _ => self.sequence,
        };
        let mut sums = Sums::default();
        visible
            .iter()
            .for_each(|item| sums.add(item.id, item.mark()));
        Page {
            items,
            next,
            more,
            closing: (closing && !more).then(|| Closing {
                sequence: self.sequence,
                ranges: sums.as_slice().to_vec(),
            }),
        }
    }

    pub fn range(&self, organisation: &str, range: u8) -> RangeRows {
        let visible = self.visible(organisation).into_iter();
        RangeRows {
            range,
            sequence: self.sequence,
            items: visible
                .filter(|item| range_of(item.id) == range)
                .cloned()
                .collect(),
        }
    }
}

fn refused(why: Refusal, item: Option<Box<Item>>) -> Outcome {
    let rules = Vec::new();
    Outcome::Refused { why, item, rules }
}
