//! People who work with one server: what they ask, what they look at, and whether it was right.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use begrip_domain::ConceptId;
use begrip_mock_model::{Latency, MockConfig, MockModel};
use begrip_sync::{Act, Command, Hello, Item, Outcome, Page, Push, Pushed, Sharing, Trail};
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::models::{KEY, Models, asking, header, question, streamed};
use crate::support::{Caller, Node, Site, acceptance, act, concept, new, proposal, put};
use crate::told::{Became, TIME_OUT};

/// Organisations of the users, in turn.
const ORGANISATIONS: [&str; 3] = ["OM", "Rechtspraak", "DJI"];

/// Terms that each organisation has asked about before.
pub const KNOWN: u64 = 20;

/// Questions that are known, over all organisations, once [`World::new`] is there.
pub const KNOWN_KEYS: u64 = KNOWN * ORGANISATIONS.len() as u64;

/// Which of them is asked.
pub const IN_TURN: &str =
    "each as often as any other, in turn; an organisation knows its own third";

/// After so long an answer has not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A definition that breaks no rule.
const SOUND: &str = "gebod van de rechter om zich in een bepaald gebied te bevinden";

/// What somebody does at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Asks the gateway what somebody of the organisation asked before.
    Known,
    /// Asks what nobody asked before: a call.
    New,
    /// Looks whether there is anything new, and takes it.
    Sync,
    /// Makes or changes a concept of their own.
    Change,
    /// Looks up who did what with an established concept.
    Trail,
    /// Makes and proposes a text, which somebody else establishes.
    Review,
}

impl Deed {
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known answer",
            Self::New => "new answer",
            Self::Sync => "sync",
            Self::Change => "change",
            Self::Trail => "trail",
            Self::Review => "review",
        }
    }
}

/// What people do, in parts of a hundred: mostly what was asked before.
pub const MIX: [(Deed, u32); 6] = [
    (Deed::Known, 60),
    (Deed::New, 10),
    (Deed::Sync, 15),
    (Deed::Change, 8),
    (Deed::Trail, 5),
    (Deed::Review, 2),
];

/// One of these, in proportion.
pub fn drawn(rng: &mut fastrand::Rng) -> Deed {
    let all: u32 = MIX.iter().map(|(_, part)| part).sum();
    let mut point = rng.u32(..all);
    for (deed, part) in MIX {
        if point < part {
            return deed;
        }
        point -= part;
    }
    Deed::Known
}

/// Somebody with an account.
pub struct User {
    number: u64,
    pub caller: Caller,
    /// Where the sync has come to, and the own concept with its text.
    state: tokio::sync::Mutex<(u64, Option<(Item, u64)>)>,
    /// Changes that the open line told of.
    told: AtomicU64,
}

/// A server with models behind it and users before it.
pub struct World {
    pub models: Models<'static>,
    pub node: Node,
    /// A model server that answers at once: what is right.
    itself: MockModel,
    right: Mutex<HashMap<String, String>>,
    pub users: Vec<Arc<User>>,
    established: Mutex<Vec<ConceptId>>,
    next: AtomicU64,
}

impl World {
    /// With so many users, each with an open line as workstations have, and models that take their time.
    pub async fn new(users: usize, latency: Latency) -> Arc<Self> {
        Self::with("", users, latency).await
    }

    /// The same with more in the file of the gateway.
    pub async fn with(gateway: &str, users: usize, latency: Latency) -> Arc<Self> {
        Self::made(gateway, users, latency, |models| models.node()).await
    }

    /// The same as [`World::new`], with the server's log in a new file.
    pub async fn logging(log: &Path, users: usize, latency: Latency) -> Arc<Self> {
        let node = |models: &Models<'_>| Node::logging(models.serving(), log);
        Self::made("", users, latency, node).await
    }

    async fn made(
        gateway: &str,
        users: usize,
        latency: Latency,
        node: impl FnOnce(&Models<'_>) -> Node,
    ) -> Arc<Self> {
        let mock = MockConfig {
            latency,
            forget_bodies: true,
            ..MockConfig::default()
        };
        let models = Models::on(Site::new(), gateway, mock).await;
        let node = node(&models);
        let tokens = tokens(&models.site, users);
        let caller = node.caller("");
        let people = tokens.into_iter().enumerate().map(|(number, token)| {
            let number = number as u64;
            Arc::new(User {
                number,
                caller: Caller {
                    token,
                    ..caller.clone()
                },
                state: tokio::sync::Mutex::default(),
                told: AtomicU64::new(0),
            })
        });
        let itself = MockModel::start(MockConfig {
            forget_bodies: true,
            ..MockConfig::default()
        });
        let world = Arc::new(Self {
            users: people.collect(),
            node,
            itself: itself.await.unwrap(),
            right: Mutex::default(),
            models,
            established: Mutex::default(),
            next: AtomicU64::new(0),
        });
        // One after the other: the first use of a token costs the server much, on purpose.
        for user in &world.users {
            user.listen().await;
        }
        world.warm().await;
        world
    }

    /// Every organisation has asked these once, and there is something to look up.
    async fn warm(self: &Arc<Self>) {
        let one_of_each = &self.users[..ORGANISATIONS.len().min(self.users.len())];
        let asked = one_of_each.iter().flat_map(|user| {
            (0..KNOWN).map(move |number| self.asked(user, format!("bekend {number}"), "miss"))
        });
        for told in futures_util::future::join_all(asked).await {
            told.unwrap();
        }
        self.review(&self.users[0]).await.unwrap();
    }

    /// Calls that the models were asked for, by their own word.
    pub fn calls(&self) -> usize {
        self.models.calls()
    }

    /// Milliseconds that the models took for each answer, by their own word.
    pub fn model_times(&self) -> Vec<f64> {
        let log = self.models.first.log();
        log.iter().map(|call| call.total_ms).collect()
    }

    /// Does this as somebody; when the first words of an answer were there. Error: what was wrong.
    pub async fn does(&self, user: &User, deed: Deed) -> Became {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        match deed {
            Deed::Known => {
                let term = format!("bekend {}", number % KNOWN);
                self.asked(user, term, "hit").await
            }
            Deed::New => self.asked(user, format!("nieuw {number}"), "miss").await,
            Deed::Sync => user.sync().await.map(|()| None),
            Deed::Change => user.change().await.map(|()| None),
            Deed::Trail => self.trail(user).await.map(|()| None),
            Deed::Review => self.review(user).await.map(|()| None),
        }
    }

    /// Asks about a term, as a stream, as workstations do; the text must be the model's own. `from` is `miss`,
    /// `hit` or anything.
    pub async fn asked(&self, user: &User, term: String, from: &str) -> Became {
        let question = question(&term);
        let response = sent(asking(&user.caller, &streamed(question.clone()))).await?;
        let came = header(&response, "begrip-cache");
        let said = Said::of(response).await?;
        let right = self.right(term, &question).await?;
        if (said.text.as_str(), said.finish.as_str()) != (right.as_str(), "stop") {
            return Err(format!("another answer: {said:?}"));
        }
        match (from, came.as_str()) {
            ("miss", "miss") | ("any", _) => Ok(said.first),
            ("hit", came) if came != "miss" => Ok(said.first),
            _ => Err(format!("{came} and not {from}")),
        }
    }

    async fn right(&self, term: String, question: &Value) -> Result<String, String> {
        if let Some(text) = self.right.lock().unwrap().get(&term) {
            return Ok(text.clone());
        }
        let http = &self.users[0].caller.http;
        let url = format!("{}/v1/chat/completions", self.itself.url());
        let body: Value = got(http.post(url).bearer_auth(KEY).json(question)).await?;
        let text = body["choices"][0]["message"]["content"].as_str();
        let text = text.unwrap_or_default().to_owned();
        self.right.lock().unwrap().insert(term, text.clone());
        Ok(text)
    }

    async fn trail(&self, user: &User) -> Result<(), String> {
        let id = *self.established.lock().unwrap().last().unwrap();
        let path = format!("/v1/concepts/{}/trail", id.0);
        let trail: Trail = got(user.caller.request(Method::GET, &path)).await?;
        let acts: Vec<String> = trail
            .links
            .iter()
            .map(|link| serde_json::to_string(&link.entry.act).unwrap())
            .collect();
        right(
            acts == [r#""made""#, r#""proposed""#, r#""accepted""#],
            &acts,
        )
    }

    async fn review(&self, user: &User) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = concept(1 << 64 | u128::from(number));
        let term = format!("begrip {number}");
        let fields = json!({"term": [null, term], "definition": [null, SOUND]});
        let made = user.push(put(id, 0, fields, Some(Sharing::Chain))).await?;
        user.push(act(id, made.version, proposal(&made))).await?;
        let other = &self.users[(user.number as usize + 1) % self.users.len()];
        let item = other
            .push(act(id, made.version + 1, acceptance(&made)))
            .await?;
        let so = item.texts.get("status") == "established" && item.texts.get("definition") == SOUND;
        right(so, &item)?;
        self.established.lock().unwrap().push(id);
        Ok(())
    }
}

/// What came as a stream.
#[derive(Debug, Default)]
struct Said {
    text: String,
    finish: String,
    /// When the first words were there.
    first: Option<Instant>,
}

impl Said {
    async fn of(response: reqwest::Response) -> Result<Self, String> {
        let (mut said, mut came) = (Self::default(), response.bytes_stream());
        let (mut begun, mut ended) = (Vec::new(), false);
        while let Some(bytes) = came.next().await {
            begun.extend_from_slice(&bytes.map_err(|error| broken(&error))?);
            // Each line is one event; the last may not be whole yet.
            while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = begun.drain(..=end).collect();
                match line.trim_ascii().strip_prefix(b"data: ") {
                    Some(b"[DONE]") => ended = true,
                    Some(event) => said.take(event)?,
                    None => {}
                }
            }
        }
        ended.then_some(said).ok_or_else(|| "cut off".to_owned())
    }

    fn take(&mut self, event: &[u8]) -> Result<(), String> {
        let event: Value = serde_json::from_slice(event).map_err(|error| error.to_string())?;
        if !event["error"].is_null() {
            return Err(event.to_string());
        }
        let choice = &event["choices"][0];
        let words = choice["delta"]["content"].as_str().unwrap_or_default();
        if !words.is_empty() {
            self.first.get_or_insert_with(Instant::now);
            self.text.push_str(words);
        }
        if let Some(finish) = choice["finish_reason"].as_str() {
            finish.clone_into(&mut self.finish);
        }
        Ok(())
    }
}

/// A token for each of so many new reviewers.
fn tokens(site: &Site<'_>, users: usize) -> Vec<String> {
    let made = Mutex::new(vec![String::new(); users]);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed) as usize;
                    if number >= users {
                        return;
                    }
                    let organisation = ORGANISATIONS[number % ORGANISATIONS.len()];
                    let name = format!("gebruiker {number}");
                    let of = ["--organisation", organisation];
                    let add = ["user", "add", &name, "--role", "reviewer"];
                    site.run(&[&add[..], &of[..]].concat());
                    let token = site.run(&[&["token", "create", &name][..], &of[..]].concat());
                    made.lock().unwrap()[number] = token;
                }
            });
        }
    });
    made.into_inner().unwrap()
}

impl User {
    /// Keeps a line open on which the server tells of changes, for as long as there is a server.
    async fn listen(self: &Arc<Self>) {
        let user = Arc::clone(self);
        let response = user.caller.get("/v1/sync/events").await;
        tokio::spawn(async move {
            let mut events = response.bytes_stream();
            while let Some(Ok(piece)) = events.next().await {
                let lines = piece.split(|byte| *byte == b'\n');
                let told = lines.filter(|line| line.starts_with(b"data:")).count();
                user.told.fetch_add(told as u64, Ordering::Relaxed);
            }
        });
    }

    async fn sync(&self) -> Result<(), String> {
        let mut state = self.state.lock().await;
        let hello: Hello = got(self.caller.request(Method::GET, "/v1/sync/hello")).await?;
        right(hello.sequence >= state.0, &hello)?;
        loop {
            let path = format!("/v1/sync/changes?after={}&closing=true", state.0);
            let page: Page = got(self.caller.request(Method::GET, &path)).await?;
            let in_order = page.items.is_sorted_by_key(|item| item.sequence)
                && page.items.iter().all(|item| item.sequence > state.0);
            right(in_order && page.items.iter().all(is_right), &page)?;
            state.0 = page.next;
            if !page.more {
                return right(page.closing.is_some() && page.next >= hello.sequence, &page);
            }
        }
    }

    async fn change(&self) -> Result<(), String> {
        let mut state = self.state.lock().await;
        let text = |times: u64| format!("tekst {times} van gebruiker {}", self.number);
        let command = match &state.1 {
            None => {
                let mut command = new(u128::from(self.number) + 1, "begrip", Sharing::Chain);
                if let Act::Put { changes, .. } = &mut command.act {
                    changes.get_mut("definition").unwrap().to = text(0).into();
                }
                command
            }
            Some((item, times)) => {
                let fields = json!({"definition": [text(*times), text(times + 1)]});
                put(item.id, item.version, fields, None)
            }
        };
        let times = state.1.as_ref().map_or(0, |(_, times)| times + 1);
        let item = self.push(command).await?;
        right(
            item.texts.get("definition") == &Value::from(text(times)),
            &item,
        )?;
        state.1 = Some((item, times));
        Ok(())
    }

    /// Sends a command that must be accepted.
    async fn push(&self, command: Command) -> Result<Item, String> {
        let push = Push {
            commands: vec![command],
        };
        let request = self.caller.request(Method::POST, "/v1/sync/commands");
        let mut pushed: Pushed = got(request.json(&push)).await?;
        match pushed.answers.pop().map(|answer| answer.outcome) {
            Some(Outcome::Accepted { item, .. }) => Ok(*item),
            other => Err(format!("not accepted: {other:?}")),
        }
    }
}

/// Whether a concept is as somebody here wrote it.
fn is_right(item: &Item) -> bool {
    let number = item.id.0.as_u128();
    let definition = item.texts.get("definition").as_str().unwrap_or_default();
    match number >> 64 {
        0 => definition.ends_with(&format!(" van gebruiker {}", number - 1)),
        _ => definition == SOUND,
    }
}

fn right(so: bool, what: &impl std::fmt::Debug) -> Result<(), String> {
    so.then_some(()).ok_or_else(|| format!("wrong: {what:?}"))
}

fn broken(error: &reqwest::Error) -> String {
    match error.is_timeout() {
        true => TIME_OUT.to_owned(),
        false => format!("no answer: {error}"),
    }
}

async fn sent(request: RequestBuilder) -> Result<reqwest::Response, String> {
    let response = request.timeout(PATIENCE).send().await;
    let response = response.map_err(|error| broken(&error))?;
    match response.status().as_u16() {
        200 => Ok(response),
        status => Err(format!(
            "{status}: {}",
            response.text().await.unwrap_or_default()
        )),
    }
}

async fn got<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, String> {
    let response = sent(request).await?;
    response.json().await.map_err(|error| error.to_string())
}
