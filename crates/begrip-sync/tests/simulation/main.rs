//! Random plans from a seed: users who work, a network that loses, holds and repeats, programs that
//! are killed, clocks that are wrong, old programs, roles that change, workstations that lie. After the
//! faults both ends hold the same (convergence), nothing waits any more (liveness), nothing that was
//! acknowledged is lost, and no text came to stand past a review (`promises.rs`).
//!
//! `BEGRIP_SIM_SEED=17` plays one plan; `BEGRIP_SIM_PLANS=10000` plays that many, and with
//! `BEGRIP_LOAD_RESULTS=results` writes down what came of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test says what fails by failing"
)]

mod client;
mod promises;
mod reviewer;
mod server;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use begrip_measure::about::About;
use begrip_measure::scenario::Scenario;
use begrip_sync::{Act, Ask, Command, Got, Outcome, Push, Refusal, Role};
use client::{Client, Disk};
use fastrand::Rng;
use serde_json::json;
use server::{Account, Server};

/// Plans in every run of the tests.
const PLANS: u64 = 200;

/// After the faults, sessions in which everything must have come together.
const SESSIONS_TO_PEACE: usize = 4;

#[test]
fn after_any_faults_both_ends_hold_the_same_and_nothing_waits() {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    let seeds: Vec<u64> = match number("BEGRIP_SIM_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("BEGRIP_SIM_PLANS").unwrap_or(PLANS)).collect(),
    };
    let count = seeds.len() as u64;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let about = About::begin(&root, !cfg!(debug_assertions), count <= PLANS, 0);
    let mut run = Scenario::begin(
        "sync-plans",
        about,
        json!({"plans": count, "first_seed": seeds[0]}),
    );
    let mut seen = Seen::default();
    let mut failed = Failed::default();
    for seed in &seeds {
        failed.heed(*seed, || Plan::new(*seed).play(&mut seen));
    }
    run.figure("plans", count);
    run.figure("divergences", failed.diverged);
    run.figure("stuck_queues", failed.stuck);
    run.figure("other_faults", failed.other);
    run.figure(
        "seen",
        json!(seen.all().into_iter().collect::<BTreeMap<_, _>>()),
    );
    run.bar(
        "every plan ends with both ends equal and nothing waiting",
        failed.first.is_none(),
    );
    if let Some(folder) = std::env::var_os("BEGRIP_LOAD_RESULTS") {
        let file = run.write(&root.join(folder)).unwrap();
        eprintln!("{}", file.display());
    }
    if let Some(first) = failed.first {
        resume_unwind(first);
    }
    // A simulation in which nothing happens proves nothing.
    if count >= PLANS {
        seen.check(count);
    }
}

/// What plans that failed say begins so.
const DIVERGED: &str = "diverged";
const STUCK: &str = "stuck";

/// The plans that failed.
#[derive(Default)]
struct Failed {
    diverged: u64,
    stuck: u64,
    other: u64,
    /// With what the first one failed.
    first: Option<Box<dyn Any + Send>>,
}

impl Failed {
    /// Plays a plan, and goes on when it fails: a long run tells of all.
    fn heed(&mut self, seed: u64, play: impl FnOnce()) {
        let Err(with) = catch_unwind(AssertUnwindSafe(play)) else {
            return;
        };
        eprintln!("the plan of seed {seed} failed; play it again with BEGRIP_SIM_SEED={seed}");
        let said = with.downcast_ref::<String>().cloned().unwrap_or_default();
        match () {
            () if said.contains(DIVERGED) => self.diverged += 1,
            () if said.contains(STUCK) => self.stuck += 1,
            () => self.other += 1,
        }
        self.first.get_or_insert(with);
    }
}

#[test]
fn a_plan_that_fails_is_counted_as_what_it_is_and_the_others_go_on() {
    let mut failed = Failed::default();
    failed.heed(1, || {
        assert_eq!(1, 2, "{DIVERGED}: one end has another text")
    });
    failed.heed(2, || panic!("{STUCK}: {:?} waits", "a command"));
    failed.heed(3, || assert_eq!(3, 4));
    failed.heed(4, || ());
    assert_eq!((failed.diverged, failed.stuck, failed.other), (1, 1, 1));
    let first = failed.first.unwrap().downcast::<String>().unwrap();
    assert!(first.contains("another text"), "{first}");
}

/// What happened, over all plans.
#[derive(Debug, Default)]
struct Seen {
    accepted: u64,
    merged: u64,
    same: u64,
    stale: u64,
    refused: u64,
    deleted_refused: u64,
    lost: u64,
    repeated: u64,
    crashes: u64,
    repaired: u64,
    upgraded: u64,
    roles: u64,
    established: u64,
    superseded: u64,
    withdrawn: u64,
    sent_back: u64,
    own_text: u64,
    blocking: u64,
    under_review: u64,
}

impl Seen {
    /// How often each thing happened.
    fn all(&self) -> [(&'static str, u64); 19] {
        [
            ("accepted", self.accepted),
            ("merged", self.merged),
            ("same", self.same),
            ("stale", self.stale),
            ("refused", self.refused),
            ("refused for a tombstone", self.deleted_refused),
            ("lost on the way", self.lost),
            ("sent twice", self.repeated),
            ("killed", self.crashes),
            ("repaired", self.repaired),
            ("brought up to date", self.upgraded),
            ("given another role", self.roles),
            ("established", self.established),
            ("superseded", self.superseded),
            ("withdrawn by a review", self.withdrawn),
            ("sent back", self.sent_back),
            ("refused as their own", self.own_text),
            ("refused for a blocking finding", self.blocking),
            ("refused as under review", self.under_review),
        ]
    }

    fn check(&self, plans: u64) {
        for (what, count) in self.all() {
            assert!(
                count > plans / 20,
                "{what} happened {count} times in {plans} plans: {self:?}"
            );
        }
    }
}

struct Plan {
    rng: Rng,
    server: Server,
    clients: Vec<Client>,
    /// Pushes that the network still holds; they arrive late, after their sender asked again.
    held: Vec<(usize, Push)>,
    /// Until which step a client is cut off.
    cut_off: Vec<usize>,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let organisations = ["OM", "Rechtspraak", "DJI"];
        let roles = [Role::Reader, Role::Author, Role::Reviewer, Role::Reviewer];
        let count = rng.usize(2..6);
        let accounts: Vec<Account> = (0..count)
            .map(|number| Account {
                name: format!("gebruiker {number}"),
                organisation: organisations[rng.usize(..organisations.len())].to_owned(),
                role: roles[rng.usize(..roles.len())],
            })
            .collect();
        let clients: Vec<Client> = (0..count)
            .map(|number| {
                // Some work at two workstations.
                let account = match rng.u8(..8) {
                    0 => 0,
                    _ => number,
                };
                Client {
                    name: format!("werkplek {number}"),
                    account,
                    own_name: accounts[account].name.clone(),
                    reviews: accounts[account].role >= Role::Reviewer,
                    organisation: accounts[account].organisation.clone(),
                    disk: Disk::default(),
                    session: None,
                    damaged: false,
                    skew: rng.i64(-3_600..=3_600),
                    outdated: rng.u8(..5) == 0,
                    fields: match rng.bool() {
                        true => begrip_sync::FIELDS.to_vec(),
                        // A newer program than the others.
                        false => [&begrip_sync::FIELDS[..], &["colour"]].concat(),
                    },
                    strict: rng.bool(),
                    lies: rng.u8(..8) == 0,
                }
            })
            .collect();
        Self {
            server: Server::of(accounts),
            held: Vec::new(),
            cut_off: vec![0; clients.len()],
            clients,
            rng,
        }
    }

    fn play(mut self, seen: &mut Seen) {
        for step in 0..self.rng.usize(50..1_200) {
            self.server.clock += self.rng.i64(0..120);
            // Set right or wrong by somebody.
            if self.rng.u8(..50) == 0 {
                self.server.clock += self.rng.i64(-3_600..=3_600);
            }
            self.step(step, seen);
        }
        self.peace(seen);
    }

    fn step(&mut self, step: usize, seen: &mut Seen) {
        let at = self.rng.usize(..self.clients.len());
        match self.rng.u8(..20) {
            0..=5 => {
                let others: Vec<String> = self
                    .clients
                    .iter()
                    .map(|client| client.organisation.clone())
                    .collect();
                let clock = self.server.clock;
                self.clients[at].work(&mut self.rng, clock, &others);
            }
            6 => self.cut_off[at] = step + self.rng.usize(..60),
            7 => {
                self.clients[at].crash();
                seen.crashes += 1;
            }
            8 if !self.held.is_empty() => {
                let late = self.rng.usize(..self.held.len());
                let (account, push) = self.held.swap_remove(late);
                self.server.push(account, &push);
                seen.repeated += 1;
            }
            9 if self.clients[at].outdated && self.rng.u8(..4) == 0 => {
                self.clients[at].outdated = false;
                seen.upgraded += 1;
            }
            // A disk that forgets a bit.
            10 if self.rng.u8(..4) == 0 => {
                if let Some(item) = self.clients[at].disk.bases.values_mut().next() {
                    item.texts.set("explanation", "damaged".into());
                    self.clients[at].damaged = true;
                    seen.repaired += 1;
                }
            }
            11 if self.rng.u8(..8) == 0 => {
                let account = self.clients[at].account;
                self.server.accounts[account].role = Role::ALL[self.rng.usize(..4)];
                seen.roles += 1;
            }
            _ if step < self.cut_off[at] => {}
            _ => self.exchange(at, seen),
        }
    }

    /// One question of a client and its answer, each of which the network may lose.
    fn exchange(&mut self, at: usize, seen: &mut Seen) {
        let compare = self.rng.u8(..4) == 0;
        let client = &mut self.clients[at];
        let Some(asked) = client.ask(compare) else {
            client.session = None;
            return;
        };
        if self.rng.u8(..10) == 0 {
            seen.lost += 1;
            client.session = None;
            return;
        }
        if client.outdated {
            // 412: the session ends and everything stays as it is.
            client.session = None;
            return;
        }
        if let Ask::Push(commands) = &asked
            && self.rng.u8(..6) == 0
        {
            let push = Push {
                commands: commands.clone(),
            };
            self.held.push((client.account, push));
        }
        let got = answer(&mut self.server, client, &asked);
        match self.rng.u8(..10) {
            // The answer is lost, or the program is killed before it has kept it.
            0 => {
                seen.lost += 1;
                client.session = None;
            }
            _ => client.got(&asked, got),
        }
    }

    /// The faults are over: every client syncs a few times, and all of it must have come together.
    fn peace(mut self, seen: &mut Seen) {
        for (account, push) in std::mem::take(&mut self.held) {
            self.server.push(account, &push);
        }
        // What a reader did in another role waits until they have one again.
        for account in &mut self.server.accounts {
            account.role = account.role.max(Role::Author);
        }
        for round in 0..SESSIONS_TO_PEACE {
            for client in &mut self.clients {
                client.outdated = false;
                client.crash();
                let mut questions = 0;
                while let Some(asked) = client.ask(true) {
                    let got = answer(&mut self.server, client, &asked);
                    client.got(&asked, got);
                    questions += 1;
                    assert!(questions < 10_000, "{STUCK}: a session without end");
                }
                let asked = client.session.as_mut().unwrap().ask(Vec::new);
                let Ask::End(ending) = asked else {
                    panic!("{asked:?}")
                };
                assert_eq!(ending.equal, Some(true), "{DIVERGED} in round {round}");
                // Repair is for what the disk forgot, not for what the session missed.
                assert!(ending.repaired == 0 || client.damaged);
            }
        }
        self.server.check(seen);
        for client in &self.clients {
            check(client, &self.server, seen);
        }
    }
}

fn answer(server: &mut Server, client: &Client, asked: &Ask) -> Got {
    let organisation = &client.organisation;
    match asked {
        Ask::Hello => Got::Hello(server.hello(client.account)),
        Ask::Push(commands) => {
            let push = Push {
                commands: commands.clone(),
            };
            // Over the wire and back.
            let push = serde_json::from_str(&serde_json::to_string(&push).unwrap()).unwrap();
            Got::Pushed(server.push(client.account, &push))
        }
        Ask::Changes { after, closing } => {
            Got::Page(server.changes(organisation, *after, *closing))
        }
        Ask::Range(range) => Got::Range(server.range(organisation, *range)),
        Ask::OwnSums | Ask::End(_) => panic!("not the server's to answer"),
    }
}

fn check(client: &Client, server: &Server, seen: &mut Seen) {
    let disk = &client.disk;
    // Convergence.
    let theirs: Vec<_> = server
        .visible(&client.organisation)
        .into_iter()
        .cloned()
        .collect();
    let mut own: Vec<_> = disk.bases.values().cloned().collect();
    own.sort_by_key(|item| item.sequence);
    assert_eq!(own, theirs, "{DIVERGED}");
    for row in &disk.outbox {
        // Liveness.
        let outcome = row
            .answer
            .as_ref()
            .unwrap_or_else(|| panic!("{STUCK}: {:?} waits", row.command));
        count(outcome, seen);
        // What was acknowledged stands in the server's history, as it was sent.
        if let Outcome::Accepted { item, .. } = outcome {
            let kept = server
                .history
                .iter()
                .find(|version| version.command.key == row.command.key)
                .unwrap_or_else(|| panic!("{:?} is lost", row.command));
            assert_eq!((&kept.item, &kept.command), (item.as_ref(), &row.command));
            if let Act::Put { changes, .. } | Act::Revise { changes, .. } = &row.command.act {
                for (name, change) in changes {
                    assert_eq!(kept.item.texts.get(name), &change.to);
                }
            }
        }
    }
    for (id, texts) in &disk.seen {
        let base = disk.bases.get(id);
        let open: Vec<&Command> = disk
            .outbox
            .iter()
            .filter(|row| row.open && row.command.concept == *id)
            .map(|row| &row.command)
            .collect();
        // What the user typed last and nobody took still stands on their screen.
        let mut typed = BTreeMap::new();
        for command in &open {
            if let Act::Put { changes, .. } = &command.act {
                typed.extend(changes.iter().map(|(name, change)| (name, &change.to)));
            }
        }
        for (name, value) in typed {
            let withdrawn = name == "status";
            assert!(
                withdrawn || texts.get(name) == value,
                "{name}: {value} is lost"
            );
        }
        if open.is_empty()
            && let Some(base) = base.filter(|base| !base.deleted)
        {
            assert_eq!(*texts, base.texts, "{DIVERGED}");
        }
    }
}

fn count(outcome: &Outcome, seen: &mut Seen) {
    match outcome {
        Outcome::Accepted { merged, .. } => {
            seen.accepted += 1;
            seen.merged += u64::from(*merged);
        }
        Outcome::Same { .. } => seen.same += 1,
        Outcome::Stale { .. } => seen.stale += 1,
        Outcome::Refused { why, .. } => {
            seen.refused += 1;
            for (what, count) in [
                (Refusal::Deleted, &mut seen.deleted_refused),
                (Refusal::OwnText, &mut seen.own_text),
                (Refusal::Blocking, &mut seen.blocking),
                (Refusal::UnderReview, &mut seen.under_review),
            ] {
                *count += u64::from(*why == what);
            }
        }
    }
}
