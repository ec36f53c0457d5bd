//! Answers that all nodes have in common, and turns at a question: one node calls, the others wait.
//!
//! A turn is an advisory lock of PostgreSQL on one line that each node keeps open. A node that dies
//! loses its line and with it every lock, at once; nothing has to run out. Who waits is told when an
//! answer is there or the lock is free, and looks by itself now and then, for who dies tells nobody.
//! Without a line, and for text from a case, a node asks alone.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use begrip_llm::{Claim, DataClass, Key, Request, SharedTier, Stored, Turn};
use begrip_sync::back_off;
use deadpool_postgres::{Pool, Timeouts};
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, mpsc};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_util::sync::CancellationToken;

use crate::database;
use crate::health::Part;
use crate::settings::Settings;

/// How often is looked, beside being told.
const LOOK: Duration = Duration::from_millis(500);

/// The answers of all nodes.
#[derive(Clone)]
pub struct Answers {
    pool: Pool,
    fresh: Duration,
    /// How long another is waited for.
    patience: Duration,
    line: Arc<RwLock<Option<Arc<Client>>>>,
    /// Locks that were let go.
    free: broadcast::Sender<i64>,
}

impl Answers {
    /// In this database, each fresh for so long; another's call is waited for no longer than `patience`.
    pub fn new(pool: Pool, fresh: Duration, patience: Duration) -> Self {
        Self {
            pool,
            fresh,
            patience,
            line: Arc::default(),
            free: broadcast::Sender::new(1_024),
        }
    }

    fn line(&self) -> Option<Arc<Client>> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.clone().filter(|client| !client.is_closed())
    }

    fn set_line(&self, client: Option<Arc<Client>>) {
        *self.line.write().unwrap_or_else(PoisonError::into_inner) = client;
    }

    /// Whether kept answers are found and turns can be taken; `None` when the database itself does not answer, or has no
    /// connection free: that is told as its own.
    pub async fn part(&self) -> Option<Part> {
        let patience = Timeouts {
            wait: Some(LOOK),
            create: Some(LOOK),
            recycle: Some(LOOK),
        };
        let mut client = self.pool.timeout_get(&patience).await.ok()?;
        let looked = async {
            let transaction = client.transaction().await?;
            // Given up there and not here: a statement that goes on would hold the connection.
            let bound = format!("SET LOCAL statement_timeout = {}", LOOK.as_millis());
            transaction.batch_execute(&bound).await?;
            let nothing: &[u8] = &[0; 32];
            transaction
                .query_one("SELECT find_answer($1, $2, $3)", &[&"", &nothing, &0.0])
                .await
                .map(drop)
        };
        let sound = match tokio::time::timeout(LOOK * 4, looked).await.ok()? {
            Ok(()) => self.line().is_some(),
            // What a database that stops or a line that is cut says is not about answers.
            Err(error) => match error.code() {
                Some(code) if !is_of_database(code) => false,
                _ => return None,
            },
        };
        Some(match sound {
            true => Part::Ok,
            false => Part::Down,
        })
    }

    async fn find(&self, organisation: &str, key: &Key) -> Option<Stored> {
        let found = async {
            let client = self.pool.get().await.ok()?;
            let row = client
                .query_one(
                    "SELECT find_answer($1, $2, $3)",
                    &[&organisation, &&key[..], &self.fresh.as_secs_f64()],
                )
                .await
                .inspect_err(|error| tracing::warn!(%error, "kept answers cannot be read"))
                .ok()?;
            row.get::<_, Option<Vec<u8>>>(0)
        };
        Stored::from_bytes(&found.await?)
    }

    async fn keep(&self, key: &Key, stored: &Stored) {
        let kept = async {
            let client = self.pool.get().await?;
            let tags = &stored.tags;
            let body = stored.to_bytes().map_err(anyhow::Error::from)?;
            let statement = "SELECT keep_answer($1, $2, $3, $4, $5, $6, $7, $8)";
            client
                .execute(
                    statement,
                    &[
                        &tags.organisation,
                        &&key[..],
                        &tags.data_class.as_str(),
                        &tags.model,
                        &tags.prompt_version,
                        &tags.pack_version,
                        &stored.answered_at,
                        &body,
                    ],
                )
                .await?;
            Ok::<_, anyhow::Error>(())
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "an answer cannot be kept for the other nodes");
        }
    }

    async fn turn_at(&self, key: &Key, request: &Request) -> Turn {
        let organisation = &request.scope.organisation;
        if request.scope.data_class == DataClass::Case {
            return Turn::Alone;
        }
        if request.is_asked_anew() {
            return Turn::Call(Box::new(self.claim(*key, None)));
        }
        let mut free = self.free.subscribe();
        let deadline = Instant::now() + self.patience;
        let lock = lock_of(key);
        loop {
            if let Some(stored) = self.find(organisation, key).await {
                return Turn::Kept(Arc::new(stored));
            }
            let line = self.line().filter(|_| Instant::now() < deadline);
            let Some(line) = line else {
                return Turn::Call(Box::new(self.claim(*key, None)));
            };
            // In a task of its own: a lock that comes after its asker has left is let go again.
            let taking = tokio::spawn(self.clone().take(*key, line));
            // A line whose other end is gone does not answer.
            let Ok(taken) = tokio::time::timeout(LOOK * 4, taking).await else {
                return Turn::Call(Box::new(self.claim(*key, None)));
            };
            match taken {
                Ok(Some(Some(claim))) => {
                    // Another may have brought it between the look and the lock.
                    return match self.find(organisation, key).await {
                        Some(stored) => Turn::Kept(Arc::new(stored)),
                        None => Turn::Call(Box::new(claim)),
                    };
                }
                Ok(Some(None)) => {}
                Ok(None) | Err(_) => return Turn::Call(Box::new(self.claim(*key, None))),
            }
            let told = async {
                // Whoever was told too much at once looks too.
                while free.recv().await.is_ok_and(|told| told != lock) {}
            };
            let _ = tokio::time::timeout(LOOK, told).await;
        }
    }

    /// The lock, if nobody else holds it; none at all when the line is lost.
    async fn take(self, key: Key, line: Arc<Client>) -> Option<Option<Held>> {
        let take = "SELECT pg_try_advisory_lock($1)";
        let row = line.query_one(take, &[&lock_of(&key)]).await.ok()?;
        let got: bool = row.get(0);
        Some(got.then(|| self.claim(key, Some(line))))
    }

    fn claim(&self, key: Key, line: Option<Arc<Client>>) -> Held {
        Held {
            answers: self.clone(),
            key,
            line,
        }
    }

    /// Keeps a line open until `stop`, and makes a lost one again. `forget` is called when answers were
    /// removed, or may have been while nobody listened.
    pub async fn hear(
        self,
        settings: Arc<Settings>,
        forget: impl Fn() + Send,
        stop: CancellationToken,
    ) {
        let mut failures = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                heard = self.hear_once(&settings, &forget) => {
                    self.set_line(None);
                    failures = match heard {
                        Ok(()) => 1,
                        Err(error) => {
                            tracing::warn!(error = format!("{error:#}"), "no line for the gateway");
                            failures + 1
                        }
                    };
                }
            }
            let wait = back_off(failures, 0.5, None).min(Duration::from_secs(10));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn hear_once(&self, settings: &Settings, forget: &impl Fn()) -> anyhow::Result<()> {
        let (heard, mut notifications) = mpsc::unbounded_channel();
        let client = database::listener(settings, heard).await?;
        client.batch_execute("LISTEN begrip_answer").await?;
        forget();
        self.set_line(Some(Arc::new(client)));
        while let Some(notification) = notifications.recv().await {
            match notification.payload().parse() {
                // Nobody may be waiting.
                Ok(lock) => drop(self.free.send(lock)),
                Err(_) => forget(),
            }
        }
        Ok(())
    }
}

/// Whether a fault is of the whole database: of connections, of its resources, or because it stops.
fn is_of_database(code: &SqlState) -> bool {
    // `57014` is a statement that took too long, and that is about what it asked.
    let classes = ["08", "53", "57P", "58"];
    classes.iter().any(|class| code.code().starts_with(class))
}

/// Two questions with one lock only wait for each other.
fn lock_of(key: &Key) -> i64 {
    let mut head = [0; 8];
    head.copy_from_slice(&key[..8]);
    i64::from_le_bytes(head)
}

impl SharedTier for Answers {
    fn turn<'a>(&'a self, key: &'a Key, request: &'a Request) -> BoxFuture<'a, Turn> {
        Box::pin(self.turn_at(key, request))
    }
}

/// The right to call, with the line on which the lock is held.
struct Held {
    answers: Answers,
    key: Key,
    line: Option<Arc<Client>>,
}

impl Claim for Held {
    fn answered(self: Box<Self>, stored: Arc<Stored>) -> BoxFuture<'static, ()> {
        // The lock is let go when this is dropped: after the answer is there.
        Box::pin(async move { self.answers.keep(&self.key, &stored).await })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        let lock = lock_of(&self.key);
        // A runtime that ends closes the line, which lets go as well.
        tokio::spawn(async move {
            let let_go = "SELECT pg_advisory_unlock($1), pg_notify('begrip_answer', $2)";
            let _ = line.query_one(let_go, &[&lock, &lock.to_string()]).await;
        });
    }
}
