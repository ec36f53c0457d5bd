//! Whether users can go on while parts fail: workstations with a home of their own, a server that is killed,
//! a PostgreSQL that is killed or locked, models that are away, and a slow line between.
//!
//! ```text
//! BEGRIP_LOAD_OPS=10000 cargo test --release --package begrip-server --test load available -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use begrip_app::schema::{
    CacheSource, ConceptGet, DefineRequest, DraftInput, EndpointFlavour, SearchRequest, SyncRequest,
};
use begrip_app::{App, OpenOptions, ServerOverride, UserError};
use begrip_mock_model::replies::reply_to;
use begrip_mock_model::{Behaviour, Latency, MockConfig, When};
use begrip_postgres::Cluster;
use begrip_sync::Sharing;
use fastrand::Rng;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use crate::models::Models;
use crate::scenarios::profile;
use crate::setting;
use crate::support::{Node, Site, concept, new};
use crate::told::{Process, Run};

/// Concepts that everybody holds.
const SHARED: u128 = 40;

/// Terms that each workstation has asked about before.
const ASKED: usize = 10;

/// So long somebody tries again before they give up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A line to a port that can be made slow: so many milliseconds for each piece.
struct Line {
    port: u16,
    slow: Arc<AtomicU64>,
}

impl Line {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let slow = Arc::new(AtomicU64::new(0));
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            slow: Arc::clone(&slow),
        };
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                // A server that is away closes the line, as it would itself.
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
                    continue;
                };
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(hand_on(near_in, far_out, Arc::clone(&slow)));
                tokio::spawn(hand_on(far_in, near_out, Arc::clone(&slow)));
            }
        });
        line
    }
}

async fn hand_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, slow: Arc<AtomicU64>) {
    let mut piece = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        sleep(Duration::from_millis(slow.load(Ordering::Relaxed))).await;
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}

/// What became of everything that users did.
type Classes = BTreeMap<&'static str, u64>;

/// A workstation and who works there.
struct Desk {
    app: App,
    number: usize,
    classes: Classes,
}

impl Desk {
    async fn new(folder: &Path, number: usize, url: String, token: String) -> Self {
        let mut options = OpenOptions::at(folder.join(number.to_string()));
        options.server = ServerOverride {
            url: Some(url),
            token: Some(token),
        };
        let app = App::open(options).unwrap();
        let mut settings = app.settings_get(()).await.unwrap().settings;
        settings.model.flavour = EndpointFlavour::Server;
        settings.model.model = "groot".to_owned();
        app.settings_save(settings).await.unwrap();
        let desk = Self {
            app,
            number,
            classes: Classes::new(),
        };
        desk.sync().await.unwrap();
        for asked in 0..ASKED {
            desk.define(&desk.known(asked), false).await.unwrap();
        }
        desk
    }

    fn known(&self, asked: usize) -> String {
        format!("bekend verbod {} {asked}", self.number)
    }

    async fn sync(&self) -> Result<(), UserError> {
        self.app.sync_now(SyncRequest::default()).await.map(drop)
    }

    /// A draft; its text must be the model's own.
    async fn define(&self, term: &str, offline: bool) -> Result<CacheSource, UserError> {
        let request = DefineRequest {
            request_id: term.to_owned(),
            input: DraftInput {
                term: term.to_owned(),
                ..DraftInput::default()
            },
            regenerate: false,
            offline,
        };
        let result = self.app.define(request, |_| {}).await?;
        assert_eq!(result.reply.definition, reply_to(term).definition);
        Ok(result.cache)
    }

    /// Finds a shared concept and reads it.
    async fn look_up(&self, rng: &mut Rng) {
        let number = rng.u128(..SHARED);
        let (term, id) = (term_of(number), concept(number + 1));
        let query = SearchRequest {
            query: term.clone(),
            ..SearchRequest::default()
        };
        let hits = self.app.search(query).await.unwrap().hits;
        assert!(hits.iter().any(|hit| hit.id == id), "{term} is not found");
        let view = self.app.concept_get(ConceptGet { id }).await.unwrap();
        assert_eq!(view.concept.fields.definition, "tekst");
    }

    fn count(&mut self, class: &'static str) {
        *self.classes.entry(class).or_default() += 1;
    }

    /// What somebody does at one time, and what became of it.
    async fn work(&mut self, rng: &mut Rng, next: &AtomicU64) {
        let class = match rng.u8(..100) {
            0..60 => {
                self.look_up(rng).await;
                "look-up: synced before"
            }
            60..85 => self.draft(&self.known(rng.usize(..ASKED))).await,
            85..95 => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                self.draft(&format!("nieuw gebod {number}")).await
            }
            _ => self.stay_in_step().await,
        };
        self.count(class);
    }

    async fn draft(&self, term: &str) -> &'static str {
        let begun = Instant::now();
        let mut first = true;
        loop {
            match self.define(term, false).await {
                Ok(CacheSource::Memory | CacheSource::Disk) => return "draft: kept here",
                Ok(CacheSource::Stale) => return "draft: kept here, outdated",
                Ok(_) if first => return "draft: live",
                Ok(_) => return "draft: live, after trying again",
                Err(error) => {
                    first = false;
                    if self.define(term, true).await.is_ok() {
                        return "draft: kept here, offline";
                    }
                    if begun.elapsed() > PATIENCE {
                        println!("given up: {error:?}");
                        return "FAILED";
                    }
                    sleep(Duration::from_millis(250)).await;
                }
            }
        }
    }

    async fn stay_in_step(&self) -> &'static str {
        let begun = Instant::now();
        let mut first = true;
        while let Err(error) = self.sync().await {
            first = false;
            if begun.elapsed() > PATIENCE {
                println!("given up: {error:?}");
                return "FAILED";
            }
            sleep(Duration::from_millis(250)).await;
        }
        match first {
            true => "sync: live",
            false => "sync: live, after trying again",
        }
    }
}

fn term_of(number: u128) -> String {
    let letter = |n: u128| char::from(b'a' + (n % 20) as u8);
    format!("ketenwoord{}e{}", letter(number), letter(number / 20))
}

/// Breaks one part after another until it is over.
async fn trouble(
    models: &Models<'_>,
    cluster: &Cluster,
    line: &Line,
    (mut node, port): (Node, u16),
    pid: &AtomicU32,
    over: &AtomicBool,
) -> BTreeMap<&'static str, u64> {
    let (mut rng, mut done) = (Rng::with_seed(3), BTreeMap::new());
    while !over.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(rng.u64(300..1_500))).await;
        let name = match rng.u8(..5) {
            0 => {
                node.kill();
                node = tokio::task::block_in_place(|| models.node_at(port));
                pid.store(node.pid(), Ordering::Relaxed);
                "server killed"
            }
            1 => {
                tokio::task::block_in_place(|| cluster.kill_and_restart().unwrap());
                "PostgreSQL killed"
            }
            2 => {
                let both = [&models.first, &models.second];
                for model in both {
                    model.set_behaviour(When::Always, Behaviour::status(503));
                }
                sleep(Duration::from_secs(1)).await;
                for model in both {
                    model.set_behaviour(When::Always, Behaviour::Normal);
                }
                "models away"
            }
            3 => {
                line.slow.store(200, Ordering::Relaxed);
                sleep(Duration::from_secs(1)).await;
                line.slow.store(0, Ordering::Relaxed);
                "line slow"
            }
            _ => {
                let sql = "BEGIN; LOCK TABLE server, token, model_call; SELECT pg_sleep(1); COMMIT";
                tokio::task::block_in_place(|| models.site.database.sql(sql).unwrap());
                "database locked"
            }
        };
        *done.entry(name).or_default() += 1;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn available_whatever_fails() {
    let long = std::env::var_os("BEGRIP_LOAD_OPS").is_some();
    let operations = setting("BEGRIP_LOAD_OPS", 240.0) as u64;
    let desks = setting("BEGRIP_LOAD_DESKS", if long { 8.0 } else { 3.0 }) as usize;
    let latency = Latency {
        first_ms: 50.0,
        ..Latency::default()
    };
    let mut run = Run::of(
        "available",
        3,
        json!({"arrivals": "closed: each workstation does the next when the one before has ended",
            "known_keys": ASKED, "distribution": "drawn by chance, all alike; each workstation has asked its own", "model": profile(latency),
            "operations": operations, "workstations": desks, "patience_s": 60,
            "mix": [["look-up", 60], ["draft asked before", 25], ["draft of a new term", 10], ["sync", 5]]}),
    );
    let cluster = Cluster::start().unwrap();
    let mock = MockConfig {
        latency,
        ..MockConfig::default()
    };
    let models = Models::on(Site::on(&cluster), "", mock).await;
    let port = begrip_postgres::free_port().unwrap();
    let node = models.node_at(port);
    let author = node.caller(&models.site.token("OM", "author"));
    for number in 0..SHARED {
        let mut command = new(number + 1, &term_of(number), Sharing::Chain);
        command.reason.clear();
        author.push(&[command]).await;
    }
    let line = Line::to(port).await;
    let folder = tempfile::tempdir().unwrap();
    let token = models.site.token("DJI", "author");
    let mut working = Vec::new();
    for number in 0..desks {
        let url = format!("http://127.0.0.1:{}", line.port);
        working.push(Desk::new(folder.path(), number, url, token.clone()).await);
    }
    let (next, over, left) = (
        AtomicU64::new(0),
        AtomicBool::new(false),
        AtomicU64::new(operations),
    );
    let (next, over, left) = (&next, &over, &left);
    let all = futures_util::future::join_all(working.iter_mut().map(|desk| async move {
        let mut rng = Rng::with_seed(desk.number as u64);
        while left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            desk.work(&mut rng, next).await;
            sleep(Duration::from_millis(rng.u64(..40))).await;
        }
    }));
    let pid = Arc::new(AtomicU32::new(node.pid()));
    let watched = Arc::clone(&pid);
    let watching = Process::over_time(move || watched.load(Ordering::Relaxed));
    let ended = async {
        all.await;
        over.store(true, Ordering::SeqCst);
    };
    let ((), faults) = tokio::join!(
        ended,
        trouble(&models, &cluster, &line, (node, port), &pid, over)
    );
    run.server(&watching.end().await);
    let mut classes = Classes::new();
    for desk in &working {
        for (class, count) in &desk.classes {
            *classes.entry(class).or_default() += count;
        }
        desk.app.close().await;
    }
    run.figure("faults", json!(faults));
    run.figure("classes", json!(classes));
    let failed = classes.get("FAILED").copied().unwrap_or_default();
    assert_eq!(classes.values().sum::<u64>(), operations);
    run.bar(
        "at most one in a thousand fails",
        failed * 1_000 <= operations,
    );
    assert!(failed * 1_000 <= operations, "{classes:?}");
    run.end();
}
