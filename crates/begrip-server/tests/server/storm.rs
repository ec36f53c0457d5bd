//! Everything at once: users who write, review and ask, and programs that are killed in a random order.
//! After each round nothing that was acknowledged is lost, nothing is done twice, and nothing waits.
//!
//! By hand, for long:
//!
//! ```text
//! BEGRIP_FAULT_ROUNDS=200 BEGRIP_FAULT_SEED=7 BEGRIP_LOAD_RESULTS=results cargo test --package begrip-server --test server storm -- --nocapture
//! ```
#![allow(
    clippy::print_stdout,
    reason = "a long run by hand tells how far it is"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use begrip_measure::about::About;
use begrip_measure::scenario::Scenario;
use begrip_mock_model::{MockConfig, MockModel};
use begrip_postgres::Cluster;
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::homes::{Home, Running};
use crate::models::{KEY, Models, asking, question};
use crate::support::{Caller, Node, Site, wait_for};

/// Rounds in every run of the tests.
const ROUNDS: u64 = 10;

/// Rounds from which a run says something.
const LONG: u64 = 200;

/// Terms that the gateway is asked about in a round.
const ASKED: u64 = 30;

/// Numbers that are used once.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// A made-up word, another one for each number.
fn word(mut number: u64) -> String {
    let mut word = String::from("v");
    for _ in 0..4 {
        for letters in [&b"aeou"[..], b"bdfgklmp"] {
            let many = letters.len() as u64;
            word.push(char::from(letters[(number % many) as usize]));
            number /= many;
        }
    }
    word
}

/// A text that breaks no rule and looks like no other.
fn new_text() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (from, to) = (word(number * 7_919), word(number * 104_729 + 1));
    format!("gebod om van {from} naar {to} te gaan")
}

/// A workstation whose program can be killed by somebody else while it runs.
struct Place {
    home: Home,
    running: Mutex<Option<Child>>,
    /// Commands that were killed.
    killed: AtomicU64,
}

impl Place {
    fn new(home: Home) -> Self {
        Self {
            home,
            running: Mutex::default(),
            killed: AtomicU64::new(0),
        }
    }

    /// Runs a command to its end; `None` when it was killed or refused.
    fn run(&self, args: &[&str]) -> Option<Value> {
        let mut child = self
            .home
            .command(&[args, &["--json"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        *self.running.lock().unwrap() = Some(child);
        let mut said = Vec::new();
        out.read_to_end(&mut said).unwrap();
        let mut child = self.running.lock().unwrap().take().unwrap();
        let good = child.wait().unwrap().success();
        good.then(|| serde_json::from_slice(&said).unwrap_or_default())
    }

    fn kill(&self) {
        if let Some(child) = &mut *self.running.lock().unwrap() {
            child.kill().unwrap();
            self.killed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What the author was told stands, by term: the last text, and those after it that may stand.
#[derive(Default)]
struct Written {
    acknowledged: BTreeMap<String, String>,
    perhaps: BTreeMap<String, Vec<String>>,
    shared: BTreeSet<String>,
}

impl Written {
    /// One thing that an author does.
    fn work(&mut self, place: &Place, rng: &mut Rng) {
        let terms: Vec<String> = self.shared.iter().cloned().collect();
        let term = terms.get(rng.usize(..terms.len().max(1)));
        match (rng.u8(..8), term) {
            (0, _) | (_, None) => self.begin(place),
            (1..=3, Some(term)) => self.edit(place, term),
            (4..=5, Some(term)) => drop(place.run(&["review", "propose", term])),
            _ => drop(place.run(&["sync"])),
        }
    }

    fn begin(&mut self, place: &Place) {
        let term = word(NEXT.fetch_add(1, Ordering::Relaxed) * 611_953);
        let text = new_text();
        let added = place.run(&["concepts", "add", &term, "--definition", &text]);
        // Killed: it is there or it is not.
        let (code, ..) = place.home.run(&["concepts", "show", &term]);
        assert!(added.is_none() || code == 0, "{term} is lost");
        if code == 0 {
            self.acknowledged.insert(term.clone(), text);
            while place.run(&["sync", "share", &term]).is_none() {}
            self.shared.insert(term);
        }
    }

    fn edit(&mut self, place: &Place, term: &str) {
        let text = new_text();
        match place.run(&["concepts", "edit", term, "--definition", &text]) {
            Some(_) => {
                self.acknowledged.insert(term.to_owned(), text);
                self.perhaps.remove(term);
            }
            // Killed, or under review by now.
            None => self.perhaps.entry(term.to_owned()).or_default().push(text),
        }
    }
}

/// What the reviewer was told was done: their own words, each used once.
#[derive(Default)]
struct Judged {
    acknowledged: BTreeSet<String>,
}

impl Judged {
    fn work(&mut self, place: &Place, rng: &mut Rng) {
        let _ = place.run(&["sync"]);
        let Some(inbox) = place.run(&["review", "inbox"]) else {
            return;
        };
        let waiting: Vec<&str> = inbox["waiting"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|proposal| proposal["term"].as_str())
            .collect();
        let Some(term) = waiting.get(rng.usize(..waiting.len().max(1))) else {
            return;
        };
        let words = format!("woord {}", word(NEXT.fetch_add(1, Ordering::Relaxed)));
        let told = match rng.u8(..6) {
            0 => place.run(&["review", "reject", term, "--reason", &words]),
            1..=2 => place.run(&["review", "comment", term, &words]),
            _ => place.run(&["review", "accept", term, "--reason", &words]),
        };
        if told.is_some() {
            self.acknowledged.insert(words);
        }
    }
}

/// Asks the gateway until every question has its answer, through whatever happens to it.
async fn ask(node: &Caller, told: &BTreeMap<String, String>, rng: &mut Rng) -> u64 {
    let mut again = 0;
    for (term, right) in told {
        loop {
            let asked = asking(node, &question(term));
            let answer = match asked.timeout(Duration::from_secs(60)).send().await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let kind = matches!(status, 200 | 429 | 503);
                    assert!(kind, "{status}: {:?}", response.text().await);
                    match status {
                        200 => response.json::<Value>().await.ok(),
                        _ => None,
                    }
                }
                Err(_) => None,
            };
            if let Some(answer) = answer {
                assert_eq!(answer["choices"][0]["message"]["content"], *right, "{term}");
                break;
            }
            again += 1;
            assert!(again < 3_000, "the gateway does not come back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(..30))).await;
    }
    again
}

/// What the model has to say to each of these, by its own word.
async fn right_answers(mock: &MockModel, round: u64) -> BTreeMap<String, String> {
    let mut right = BTreeMap::new();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for number in 0..ASKED {
        let term = format!("vraag {}", word(round * ASKED + number));
        let url = format!("{}/v1/chat/completions", mock.url());
        let sent = http.post(url).bearer_auth(KEY).json(&question(&term));
        let answer: Value = sent.send().await.unwrap().json().await.unwrap();
        let text = &answer["choices"][0]["message"]["content"];
        right.insert(term, text.as_str().unwrap().to_owned());
    }
    right
}

/// Tells the others when this is over, however it ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Storm<'a> {
    models: &'a Models<'a>,
    cluster: &'a Cluster,
    author: &'a Place,
    reviewer: &'a Place,
    reader: &'a Home,
    node: Node,
    port: u16,
    follow: Running,
    kills: [u64; 5],
}

fn follow(reader: &Home) -> Running {
    let mut command = reader.command(&["sync", "follow"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Running(command.spawn().unwrap())
}

impl Storm<'_> {
    /// Kills one of all programs as a power cut would, and starts it again.
    fn kill(&mut self, rng: &mut Rng) {
        let which = rng.usize(..5);
        self.kills[which] += 1;
        match which {
            0 => self.author.kill(),
            1 => self.reviewer.kill(),
            2 => {
                self.follow.0.kill().unwrap();
                self.follow.0.wait().unwrap();
                self.follow = follow(self.reader);
            }
            3 => {
                self.node.kill();
                self.node = self.models.node_at(self.port);
            }
            _ => self.cluster.kill_and_restart().unwrap(),
        }
    }

    fn sql(&self, sql: &str) -> String {
        let said = self.models.site.database.sql(sql).unwrap();
        said.trim().to_owned()
    }

    async fn check(&self, written: &Written, judged: &Judged) {
        let anybody = self.node.caller("");
        wait_for("the server", || async {
            let ready = anybody.http.get(format!("{}/health/ready", self.node.url));
            ready
                .send()
                .await
                .is_ok_and(|ready| ready.status().is_success())
        })
        .await;
        // The queues are empty, and both ends hold the same.
        for place in [self.author, self.reviewer] {
            place.home.sync();
            let status = place.home.good(&["sync", "status"]);
            let waits = (&status["waiting"], &status["conflicts"]);
            assert_eq!(waits, (&0.into(), &0.into()), "{status}");
        }
        let stands = self.stands(written);
        self.done_once(judged);
        // Whoever follows comes to hold it without doing anything.
        wait_for("the reader", || async {
            let status = self.reader.good(&["sync", "status"]);
            let last = stands.iter().next_back();
            let same = |(term, text): (&String, &String)| self.reader.definition(term) == *text;
            status["shared"] == stands.len() && last.is_none_or(same)
        })
        .await;
        let doctor = self.models.site.output(&["doctor"]);
        assert!(doctor.status.success(), "{doctor:?}");
        // No call that is not in the books.
        let calls = self.models.calls();
        let books: usize = self.sql("SELECT count(*) FROM model_call").parse().unwrap();
        assert!(calls <= books, "{calls} calls, {books} in the books");
    }

    /// What the author was told stands at the server, and nothing else does. Text by term.
    fn stands(&self, written: &Written) -> BTreeMap<String, String> {
        let rows = self.sql(
            "SELECT item::json -> 'texts' ->> 'term', item::json -> 'texts' ->> 'definition' \
             FROM concept",
        );
        let stands: BTreeMap<String, String> = pairs(&rows).collect();
        assert!(stands.keys().eq(&written.shared), "{stands:?}");
        assert_eq!(stands.len(), rows.lines().count(), "a concept stands twice");
        for (term, text) in &stands {
            let perhaps = written.perhaps.get(term).into_iter().flatten();
            let mut may = perhaps.chain([&written.acknowledged[term]]);
            assert!(may.any(|may| may == text), "{term}: {text}");
        }
        stands
    }

    /// What the reviewer was told was done was done once, and nothing was done twice.
    fn done_once(&self, judged: &Judged) {
        let rows = self.sql(
            "SELECT body::json ->> 'reason', count(*) FROM trail \
             WHERE act IN ('accepted', 'rejected', 'commented') GROUP BY 1",
        );
        let done: BTreeMap<String, String> = pairs(&rows).collect();
        for words in &judged.acknowledged {
            assert!(done.contains_key(words), "{words} is lost");
        }
        assert!(done.values().all(|times| times == "1"), "{done:?}");
        let numbers = "SELECT count(*) = count(DISTINCT item::json ->> 'sequence') \
             AND count(*) = (SELECT sequence FROM server) FROM revision";
        assert_eq!(self.sql(numbers), "t");
    }
}

fn pairs(rows: &str) -> impl Iterator<Item = (String, String)> {
    rows.lines().map(|line| {
        let (name, value) = line.split_once('|').unwrap();
        (name.to_owned(), value.to_owned())
    })
}

#[test]
fn whatever_is_killed_while_everybody_works_nothing_is_lost_doubled_or_stuck() {
    let rounds = setting("BEGRIP_FAULT_ROUNDS", ROUNDS);
    let seed = setting("BEGRIP_FAULT_SEED", 1);
    println!("{rounds} rounds, seed {seed}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let optimised = std::env::var_os("BEGRIP_LOAD_SERVER").is_some() || !cfg!(debug_assertions);
    let about = About::begin(&root, optimised, rounds < LONG, seed);
    let mut run = Scenario::begin(
        "kill-9",
        about,
        json!({"rounds": rounds, "questions_each": ASKED}),
    );
    let mut rng = Rng::with_seed(seed);
    let runtime = Runtime::new().unwrap();
    let cluster = Cluster::start().unwrap();
    let models = Models::on(Site::on(&cluster), "", MockConfig::default());
    let models = runtime.block_on(models);
    let itself = MockModel::start_blocking(MockConfig::default()).unwrap();
    let port = begrip_postgres::free_port().unwrap();
    let node = models.node_at(port);
    let home =
        |organisation, role, user| Home::new(&node, &models.site.token(organisation, role), user);
    let author = Place::new(home("OM", "author", "Anna"));
    let reviewer = Place::new(home("Rechtspraak", "reviewer", "Bert"));
    let reader = home("DJI", "reader", "Carla");
    let caller = node.caller(&models.site.token("DJI", "author"));
    let mut storm = Storm {
        models: &models,
        cluster: &cluster,
        author: &author,
        reviewer: &reviewer,
        follow: follow(&reader),
        reader: &reader,
        node,
        port,
        kills: [0; 5],
    };
    let (mut written, mut judged) = (Written::default(), Judged::default());
    let mut asked_again = 0;
    for round in 0..rounds {
        let right = runtime.block_on(right_answers(&itself, round));
        let over = AtomicBool::new(false);
        let mut rngs = [(); 3].map(|()| rng.fork());
        std::thread::scope(|scope| {
            let _over = Over(&over);
            let [one, other, third] = &mut rngs;
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    written.work(&author, one);
                }
            });
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    judged.work(&reviewer, other);
                }
            });
            let asking = scope.spawn(|| runtime.block_on(ask(&caller, &right, third)));
            for _ in 0..rng.usize(2..5) {
                std::thread::sleep(Duration::from_millis(rng.u64(50..700)));
                storm.kill(&mut rng);
            }
            asked_again += asking.join().unwrap();
        });
        runtime.block_on(storm.check(&written, &judged));
        println!("round {round} of seed {seed} is good");
    }
    let accepted = storm.sql("SELECT count(*) FROM trail WHERE act = 'accepted'");
    let killed = [&author, &reviewer].map(|place| place.killed.load(Ordering::Relaxed));
    let [by_author, by_reviewer, follower, server, postgres] = storm.kills;
    run.figure(
        "killed",
        json!({"author's program": by_author, "reviewer's program": by_reviewer, "follower": follower,
            "server": server, "PostgreSQL": postgres}),
    );
    run.figure(
        "killed_in_the_middle_of_a_command",
        killed.iter().sum::<u64>(),
    );
    run.figure("concepts", written.shared.len());
    run.figure("established", accepted.parse::<u64>().unwrap());
    run.figure("decisions_told", judged.acknowledged.len());
    run.figure("calls_of_models", models.calls());
    run.figure("questions_asked_again", asked_again);
    run.bar(
        "nothing acknowledged is lost, doubled or stuck, after each round",
        true,
    );
    if let Some(folder) = std::env::var_os("BEGRIP_LOAD_RESULTS") {
        let path = run.write(&root.join(folder)).unwrap();
        println!("written: {}", path.display());
    }
    assert_ne!(
        (accepted.as_str(), asked_again),
        ("0", 0),
        "nothing happened"
    );
}
