//! A database with organisations, and servers on it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Command as Process, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use begrip_domain::ConceptId;
use begrip_postgres::{Cluster, Database, Serving};
use begrip_rules::RulePack;
use begrip_sync::{Act, Answer, Change, Checked, Command, Item, Page, Push, Pushed, Sharing};
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

pub const SERVER: &str = env!("CARGO_BIN_EXE_begrip-server");

/// One PostgreSQL for all tests of this program; it ends with the program.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::at_hand().unwrap())
}

/// A database with tables, and what was made in it.
pub struct Site<'a> {
    pub database: Database<'a>,
}

impl Site<'static> {
    /// With the organisations OM, Rechtspraak and DJI.
    pub fn new() -> Self {
        Self::on(cluster())
    }
}

impl<'a> Site<'a> {
    pub fn on(cluster: &'a Cluster) -> Self {
        let site = Self {
            database: cluster.database().unwrap(),
        };
        site.run(&["migrate"]);
        for name in ["OM", "Rechtspraak", "DJI"] {
            site.run(&["organisation", "add", name]);
        }
        site
    }

    /// The program with this database, as an operator starts it; an optimised one where a long run names it.
    pub fn command(&self, args: &[&str]) -> Process {
        let program = std::env::var_os("BEGRIP_LOAD_SERVER");
        let mut command = Process::new(program.as_deref().unwrap_or(SERVER.as_ref()));
        command
            .env_clear()
            .args(args)
            .envs(self.database.settings())
            // Tests ask without pause; those of the bound set their own.
            .env("BEGRIP_SERVER_RATE_USER", "1000000")
            .env("BEGRIP_SERVER_RATE_ORGANISATION", "1000000")
            .stdin(Stdio::null());
        command
    }

    /// Runs a chore that must succeed; what it says.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// A token for a new user.
    pub fn token(&self, organisation: &str, role: &str) -> String {
        let name = format!("{role} van {organisation}");
        let of = ["--organisation", organisation];
        self.run(&[&["user", "add", &name, "--role", role][..], &of[..]].concat());
        self.run(&[&["token", "create", &name][..], &of[..]].concat())
    }

    /// Starts a server and waits until it listens.
    pub fn node(&self) -> Node {
        Node::of(self.command(&["serve"]))
    }
}

/// A running server.
pub struct Node {
    serving: Serving,
    pub url: String,
}

impl Node {
    /// Runs a server and waits until it listens.
    pub fn of(command: Process) -> Self {
        Self::telling(command, Stdio::null())
    }

    /// The same, with its log in a new file.
    pub fn logging(command: Process, log: &Path) -> Self {
        Self::telling(command, File::create(log).unwrap().into())
    }

    fn telling(mut command: Process, log: Stdio) -> Self {
        let serving = Serving::start(command.stderr(log)).unwrap();
        let url = serving.url.clone();
        Self { serving, url }
    }

    pub fn pid(&self) -> u32 {
        self.serving.process.id()
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.serving.process.kill().unwrap();
        self.serving.process.wait().unwrap();
    }

    pub fn terminate(&mut self) {
        let pid = self.pid().to_string();
        assert!(
            Process::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> bool {
        self.serving.process.wait().unwrap().success()
    }

    /// Somebody with this token who asks here.
    pub fn caller(&self, token: &str) -> Caller {
        Caller {
            url: self.url.clone(),
            token: token.to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub token: String,
    pub http: reqwest::Client,
}

impl Caller {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .header("begrip-protocol", "1")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Pushes; the error is that no whole answer came.
    pub async fn try_push(&self, commands: &[Command]) -> Result<Vec<Answer>, String> {
        let push = Push {
            commands: commands.to_vec(),
        };
        let request = self.request(Method::POST, "/v1/sync/commands").json(&push);
        let response = request.send().await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(response.status().to_string());
        }
        let pushed: Pushed = response.json().await.map_err(|error| error.to_string())?;
        Ok(pushed.answers)
    }

    pub async fn push(&self, commands: &[Command]) -> Vec<Answer> {
        self.try_push(commands).await.unwrap()
    }

    pub async fn page(&self, after: u64) -> Page {
        let response = self
            .get(&format!("/v1/sync/changes?after={after}&closing=true"))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    /// Everything that this caller may see, in order of sequence.
    pub async fn everything(&self) -> Vec<Item> {
        let (mut items, mut after) = (Vec::new(), 0);
        loop {
            let page = self.page(after).await;
            after = page.next;
            items.extend(page.items);
            if !page.more {
                return items;
            }
        }
    }
}

/// What an error says.
pub async fn told(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body["message"].as_str().unwrap().ends_with('.'), "{body}");
    (status, body["error"].as_str().unwrap().to_owned())
}

pub fn concept(number: u128) -> ConceptId {
    ConceptId(Uuid::from_u128(number))
}

/// A command that changes fields, each written as `[from, to]`.
pub fn put(
    concept: ConceptId,
    base_version: u32,
    changes: Value,
    sharing: Option<Sharing>,
) -> Command {
    let changes: BTreeMap<String, Change> = changes
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, pair)| {
            (
                name.clone(),
                Change {
                    from: pair[0].clone(),
                    to: pair[1].clone(),
                },
            )
        })
        .collect();
    act(concept, base_version, Act::Put { changes, sharing })
}

pub fn act(concept: ConceptId, base_version: u32, act: Act) -> Command {
    Command {
        key: Uuid::new_v4(),
        concept,
        base_version,
        act,
        author: "Anna".to_owned(),
        at: Timestamp::now(),
        reason: "test".to_owned(),
    }
}

/// A look at an item's text by the rules of the program, in which no rule failed.
fn checked(item: &Item) -> Checked {
    Checked {
        text: item.texts.wording(),
        pack: RulePack::built_in_facts().unwrap().version,
        failing: Vec::new(),
    }
}

/// Proposes an item as it stands.
pub fn proposal(item: &Item) -> Act {
    Act::Propose {
        checked: checked(item),
        drafter: None,
        withdrawal: false,
    }
}

/// Accepts an item as it stands.
pub fn acceptance(item: &Item) -> Act {
    Act::Accept {
        checked: checked(item),
    }
}

/// A new concept, shared so.
pub fn new(number: u128, term: &str, sharing: Sharing) -> Command {
    let changes = json!({"term": [null, term], "definition": [null, "tekst"]});
    put(concept(number), 0, changes, Some(sharing))
}

/// A server of the tests' own on a free port of this machine, for as long as the test lasts; gives its address.
pub async fn listening(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Waits until something is so; fails when it does not come.
pub async fn wait_for<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let begun = Instant::now();
    while !so().await {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "waited for {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
