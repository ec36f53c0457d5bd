//! A server that keeps everything in memory and decides with the engine.

use std::collections::{BTreeMap, BTreeSet};

use begrip_domain::ConceptId;
use begrip_sync::{
    Act, Answer, Caller, Closing, Command, Decision, Deletions, Hello, Item, Outcome, PROTOCOL,
    Page, Push, Pushed, RangeRows, Refusal, Role, Sums, decide, range_of,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Small, so that a plan sees many pages.
const PAGE: usize = 3;

#[derive(Default)]
pub struct Server {
    pub items: BTreeMap<ConceptId, Item>,
    /// Every version that ever stood, with the command that made it.
    pub history: Vec<(Command, Item)>,
    answers: BTreeMap<(String, Uuid), (String, Outcome)>,
    sequence: u64,
    /// When concepts were withdrawn, in seconds of its own clock.
    withdrawn: Vec<(String, i64)>,
    pub clock: i64,
}

impl Server {
    pub fn hello(&self, organisation: &str) -> Hello {
        Hello {
            protocol: PROTOCOL,
            capabilities: vec!["sums".to_owned()],
            epoch: Uuid::from_u128(1),
            sequence: self.sequence,
            organisation: organisation.to_owned(),
            account: "somebody".to_owned(),
            role: "author".to_owned(),
            published: 0,
        }
    }

    pub fn push(&mut self, organisation: &str, push: &Push) -> Pushed {
        let answers = push.commands.iter().map(|command| Answer {
            key: command.key,
            outcome: self.answer(organisation, command),
        });
        Pushed {
            answers: answers.collect(),
        }
    }

    fn answer(&mut self, organisation: &str, command: &Command) -> Outcome {
        let said = serde_json::to_string(command).unwrap();
        let place = (organisation.to_owned(), command.key);
        if let Some((before, outcome)) = self.answers.get(&place) {
            return match *before == said {
                true => outcome.clone(),
                false => Outcome::Refused {
                    why: Refusal::KeyUsed,
                    item: None,
                    rules: Vec::new(),
                },
            };
        }
        let outcome = self.decide(organisation, command);
        self.answers.insert(place, (said, outcome.clone()));
        outcome
    }

    fn decide(&mut self, organisation: &str, command: &Command) -> Outcome {
        let role = Role::Author;
        let caller = Caller { organisation, role };
        let found = self.items.get(&command.concept);
        let seen = found.filter(|item| item.sharing.reaches(&item.owner, organisation));
        let item = seen.cloned().map(Box::new);
        if found.is_some() && seen.is_none() {
            let why = Refusal::NotAllowed;
            let rules = Vec::new();
            return Outcome::Refused { why, item, rules };
        }
        match decide(command, seen, caller, self.deletions(organisation)) {
            Decision::Write(next) => {
                self.sequence += 1;
                if next.deleted {
                    self.withdrawn.push((organisation.to_owned(), self.clock));
                }
                let item = Item {
                    id: command.concept,
                    version: next.version,
                    sequence: self.sequence,
                    owner: next.owner,
                    sharing: next.sharing,
                    deleted: next.deleted,
                    texts: next.texts,
                    author: command.author.clone(),
                    organisation: organisation.to_owned(),
                    at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.clock),
                    review: next.review,
                    rest: BTreeMap::new(),
                };
                self.items.insert(item.id, item.clone());
                self.history.push((command.clone(), item.clone()));
                Outcome::Accepted {
                    item: Box::new(item),
                    merged: next.merged,
                }
            }
            Decision::Refuse(why) => Outcome::Refused {
                why,
                item,
                rules: Vec::new(),
            },
            Decision::Same => Outcome::Same {
                item: item.unwrap(),
            },
            Decision::Stale(fields) => Outcome::Stale {
                item: item.unwrap(),
                fields,
            },
        }
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

    /// Numbers have no gap and no double, no command was done twice, and nobody ever replaced a text
    /// that they had not seen.
    pub fn check(&self) {
        let sequences: Vec<u64> = self.history.iter().map(|(_, item)| item.sequence).collect();
        let all: Vec<u64> = (1..=self.history.len() as u64).collect();
        assert_eq!(sequences, all);
        let keys: BTreeSet<_> = self
            .history
            .iter()
            .map(|(command, item)| (command.key, &item.organisation))
            .collect();
        assert_eq!(keys.len(), self.history.len(), "a command was done twice");
        let mut latest: BTreeMap<ConceptId, &Item> = BTreeMap::new();
        for (command, item) in &self.history {
            let before = latest.insert(item.id, item);
            assert_eq!(item.version, before.map_or(0, |before| before.version) + 1);
            let (Some(before), Act::Put { changes, .. }) = (before, &command.act) else {
                continue;
            };
            for (name, change) in changes {
                let stood = before.texts.get(name);
                assert!(
                    *stood == change.from || *stood == change.to,
                    "{stood} was not seen"
                );
            }
            for name in before.texts.names() {
                let asked = changes.contains_key(name);
                assert!(
                    asked || item.texts.get(name) == before.texts.get(name),
                    "{name}"
                );
            }
        }
    }
}
