//! Sharing with the central server: everything at once, and one change for everybody who works.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use begrip_app::schema::SyncRequest;
use begrip_app::{App, OpenOptions, ServerOverride};
use begrip_domain::ConceptId;
use begrip_link::{Server, Settings};
use begrip_measure::machine;
use begrip_measure::page::figures;
use begrip_measure::statistics::Stat;
use begrip_postgres::{Cluster, Database, Serving};
use begrip_sync::{
    Act, Answer, Ask, Change, Changes, Command as Shared, Got, Outcome, Sharing, limits,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Barrier, mpsc};
use uuid::Uuid;

use crate::bench::{Bench, micros, refused};
use crate::row::{Row, Unit};
use crate::rows::established;

/// Workstations that are open at one time.
const OPEN: usize = 200;

/// Of which so many are of one user: a server gives nobody lines without end.
pub(super) const OF_ONE: usize = 20;

/// Measures, or says why not.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = [
        Row::new(
            "first_sync",
            "the first sync of everything that the chain shares",
            (Unit::Millis, Stat::P95),
            "the command `sync_now` on an empty workstation, from its first question until both ends were found equal by their sums",
        ),
        Row::new(
            "shared_change",
            "a change on every open workstation",
            (Unit::Millis, Stat::P95),
            "from before a change was sent until a workstation that was told of it has it in hand",
        ),
        Row::new(
            "established_everywhere",
            "a definition that a reviewer establishes, in the store of every open workstation",
            (Unit::Millis, Stat::P95),
            "from before the command `review_act` on the reviewer's workstation until the command `concept_get` of another, which was told by the server as an open window is, \
             gives the definition as established",
        ),
        Row::new(
            "server_memory",
            "memory of the server",
            (Unit::Megabytes, Stat::P95),
            "`Pss` of /proc/PID/smaps_rollup, while those workstations are open",
        ),
    ]
    .map(|row| row.against_nothing("the old way shares nothing"));
    let Some(program) = &bench.server else {
        for row in &mut rows {
            row.ours.does = "not in this run: `--server PATH` names an optimised server".to_owned();
        }
        return Ok(rows.into());
    };
    let cluster = Cluster::at_hand().context("PostgreSQL cannot be started")?;
    let site = Site::new(program, &cluster)?;
    let node = Serving::start(&mut site.command(&["serve"]))?;
    let author = link(&node, &site.token("author")?)?;
    fill(&author, bench.concepts).await?;
    let first = first_syncs(bench, &site, &node).await?;
    let open = bench.pick(OPEN, 10);
    let (changes, memory) = changes(bench, &site, &node, &author, open).await?;
    let apps = bench.pick(OPEN, 5);
    let established = established::times(bench, &Site::new(program, &cluster)?, apps).await?;
    let [sync, change, everywhere, server] = rows;
    let shared = figures(bench.concepts as f64);
    Ok(vec![
        sync.ours(first)
            .must("≤ 20 s", |s| s.max <= 20_000.0)
            .note(format!(
                "{shared} concepts, server and PostgreSQL on the same machine"
            )),
        change
            .ours(changes)
            .must("p95 ≤ 1 s", |s| s.p95 <= 1_000.0)
            .note(format!(
                "{open} open workstations, all of them on this machine"
            )),
        everywhere
            .ours(established)
            .must("p95 ≤ 1 s", |s| s.p95 <= 1_000.0)
            .note(format!(
                "{apps} open workstations, each a program's whole use cases with a store of its own, all of them in one process on the server's machine: they share its processor"
            )),
        server
            .ours(memory)
            .must("≤ 150 MB", |s| s.max <= 150.0)
            .note(format!("{open} open workstations, {shared} concepts")),
    ])
}

/// A database with one organisation, and the program that serves it.
pub(super) struct Site<'a> {
    program: &'a Path,
    database: Database<'a>,
}

impl<'a> Site<'a> {
    fn new(program: &'a Path, cluster: &'a Cluster) -> Result<Self> {
        let database = cluster.database()?;
        let site = Self { program, database };
        site.run(&["migrate"])?;
        site.run(&["organisation", "add", "OM"])?;
        Ok(site)
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command
            .args(args)
            .envs(self.database.settings())
            .env("BEGRIP_SERVER_LOG", "error")
            // All of them come from one account here.
            .env("BEGRIP_SERVER_RATE_USER", "1000000")
            .env("BEGRIP_SERVER_RATE_ORGANISATION", "1000000")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Result<String> {
        let output = self.command(args).output()?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "begrip-server {args:?}: {told}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    pub(super) fn token(&self, role: &str) -> Result<String> {
        self.token_of(role, role)
    }

    /// A token for a new user.
    pub(super) fn token_of(&self, name: &str, role: &str) -> Result<String> {
        let of = ["--organisation", "OM"];
        self.run(&[&["user", "add", name, "--role", role], &of[..]].concat())?;
        self.run(&[&["token", "create", name], &of[..]].concat())
    }
}

pub(super) fn link(node: &Serving, token: &str) -> Result<Server> {
    Ok(Server::new(&Settings {
        url: &node.url,
        token,
        ca_pem: None,
        connect: Duration::from_secs(10),
        total: Duration::from_secs(60),
    })?)
}

pub(super) fn concept(number: usize) -> ConceptId {
    ConceptId(Uuid::from_u128(number as u128 + 1))
}

/// A command that changes one field, written as `[from, to]`, or makes a concept.
pub(super) fn put(
    number: usize,
    base_version: u32,
    fields: &[(&str, Value, Value)],
    make: bool,
) -> Shared {
    let changes: Changes = fields
        .iter()
        .map(|(name, from, to)| {
            let (from, to) = (from.clone(), to.clone());
            ((*name).to_owned(), Change { from, to })
        })
        .collect();
    Shared {
        key: Uuid::new_v4(),
        concept: concept(number),
        base_version,
        act: Act::Put {
            changes,
            sharing: make.then_some(Sharing::Chain),
        },
        author: "author".to_owned(),
        at: Timestamp::now(),
        reason: "meting".to_owned(),
    }
}

pub(super) async fn push(server: &Server, commands: Vec<Shared>) -> Result<Vec<Answer>> {
    let count = commands.len();
    let Got::Pushed(pushed) = server.ask(&Ask::Push(commands)).await? else {
        anyhow::bail!("another answer than to a push");
    };
    let done = |answer: &&Answer| matches!(answer.outcome, Outcome::Accepted { .. });
    let taken = pushed.answers.iter().filter(done).count();
    ensure!(
        taken == count,
        "{taken} of {count} were taken: {:?}",
        pushed.answers.first()
    );
    Ok(pushed.answers)
}

/// Shares so many concepts with the chain.
async fn fill(author: &Server, concepts: usize) -> Result<()> {
    let numbers: Vec<usize> = (0..concepts).collect();
    for part in numbers.chunks(limits::PUSH) {
        let commands = part
            .iter()
            .map(|number| {
                let term = format!("begrip {number}");
                let text = format!(
                    "handeling van een bestuursorgaan waarmee onderdeel {number} van een verzoek wordt afgedaan"
                );
                let fields = [
                    ("term", Value::Null, json!(term)),
                    ("definition", Value::Null, json!(text)),
                ];
                put(*number, 0, &fields, true)
            })
            .collect();
        push(author, commands).await?;
    }
    Ok(())
}

/// The first sync of workstations that hold nothing, in milliseconds each.
async fn first_syncs(bench: &Bench, site: &Site<'_>, node: &Serving) -> Result<Vec<f64>> {
    let token = site.token("reader")?;
    let mut took = Vec::new();
    for round in 0..bench.pick(3, 1) {
        let mut options = OpenOptions::at(bench.home(&format!("first-sync-{round}")));
        options.server = ServerOverride {
            url: Some(node.url.clone()),
            token: Some(token.clone()),
        };
        let app = App::open(options).map_err(refused)?;
        let request = SyncRequest {
            compare: true,
            ..SyncRequest::default()
        };
        let began = Instant::now();
        let report = app.sync_now(request).await.map_err(refused)?;
        took.push(micros(began) / 1_000.0);
        ensure!(report.equal == Some(true), "not equal after a sync");
        ensure!(
            report.status.shared as usize == bench.concepts,
            "not everything came"
        );
        app.close().await;
    }
    Ok(took)
}

/// How long each change took to each workstation, in milliseconds, and the server's memory after each.
async fn changes(
    bench: &Bench,
    site: &Site<'_>,
    node: &Serving,
    author: &Server,
    open: usize,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let users = 0..open.div_ceil(OF_ONE);
    let tokens = users.map(|user| site.token_of(&format!("reviewer {user}"), "reviewer"));
    let tokens = tokens.collect::<Result<Vec<String>>>()?;
    let begins = bench.concepts as u64;
    let (has, mut told) = mpsc::unbounded_channel();
    let ready = Arc::new(Barrier::new(open + 1));
    for token in tokens.iter().cycle().take(open) {
        let (link, has, ready) = (link(node, token)?, has.clone(), Arc::clone(&ready));
        tokio::spawn(async move {
            let ended = follow(&link, begins, &has, &ready).await;
            // Without all of them the measurement waits in vain, and says so.
            let _ = has.send(ended.map(|never| match never {}));
        });
    }
    ready.wait().await;
    let (mut took, mut memory) = (Vec::new(), Vec::new());
    for round in 1..=bench.pick(20, 2) {
        let text = format!("tekst {round}");
        let before = match round {
            1 => Value::Null,
            _ => json!(format!("tekst {}", round - 1)),
        };
        let version = u32::try_from(round)?;
        let change = put(0, version, &[("explanation", before, json!(text))], false);
        let began = Instant::now();
        push(author, vec![change]).await?;
        for _ in 0..open {
            let patience = Duration::from_secs(60);
            let at = tokio::time::timeout(patience, told.recv()).await;
            let at = at.context("a workstation was not told")?;
            let at: Instant = at.context("no workstation is left")??;
            took.push(at.duration_since(began).as_secs_f64() * 1_000.0);
        }
        memory.extend(machine::pss_mb(&node.process.id().to_string()));
    }
    Ok((took, memory))
}

/// Stays in step as a workstation does: waits to be told, and asks for what is new.
async fn follow(
    link: &Server,
    begins: u64,
    has: &mpsc::UnboundedSender<Result<Instant>>,
    ready: &Barrier,
) -> Result<std::convert::Infallible> {
    let mut events = link.listen().await?;
    let mut known = begins;
    events.next().await?;
    ready.wait().await;
    loop {
        if events.next().await? <= known {
            continue;
        }
        let ask = Ask::Changes {
            after: known,
            closing: false,
        };
        let Got::Page(page) = link.ask(&ask).await? else {
            anyhow::bail!("another answer than to a question for changes");
        };
        ensure!(page.items.len() == 1, "one concept has changed");
        known = page.next;
        has.send(Ok(Instant::now()))?;
    }
}
