//! Changes, told to every open connection on every node.
//!
//! PostgreSQL tells each node of each change (`LISTEN`); the node tells its open connections. What is
//! told is a number and no text: whoever listens asks for the changes after it. A node that has lost
//! its line to the database asks for the number when it has one again, so a change in between is told
//! too late and not lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use begrip_sync::back_off;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::settings::Settings;
use crate::token::Tokens;
use crate::{database, sharing};

/// The sequence of the latest change, for whoever waits for the next.
pub struct Events {
    latest: watch::Sender<u64>,
    /// Jobs to which something happened; nil when it may be any.
    jobs: broadcast::Sender<Uuid>,
    hears: AtomicBool,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            latest: watch::Sender::new(0),
            jobs: broadcast::Sender::new(256),
            hears: AtomicBool::new(false),
        }
    }
}

impl Events {
    /// Waits for changes from now on.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// Waits for news of jobs from now on.
    pub fn listen_to_jobs(&self) -> broadcast::Receiver<Uuid> {
        self.jobs.subscribe()
    }

    /// Nobody may be listening.
    fn tell_of_job(&self, job: Uuid) {
        let _ = self.jobs.send(job);
    }

    /// Whether the database tells us.
    pub fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }

    /// How many listen.
    pub fn streams(&self) -> usize {
        self.latest.receiver_count()
    }

    fn tell(&self, sequence: u64) {
        self.latest.send_if_modified(|latest| {
            let news = sequence != *latest;
            *latest = sequence;
            news
        });
    }
}

/// Listens until `stop`; a lost line is made again.
pub async fn hear(
    settings: Arc<Settings>,
    events: Arc<Events>,
    tokens: Arc<Tokens>,
    stop: CancellationToken,
) {
    let mut failures = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            heard = hear_once(&settings, &events, &tokens) => {
                events.hears.store(false, Ordering::Relaxed);
                failures = match heard {
                    Ok(()) => 1,
                    Err(error) => {
                        tracing::warn!(error = format!("{error:#}"), "no line to the database");
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

/// Until the line is lost.
async fn hear_once(settings: &Settings, events: &Events, tokens: &Tokens) -> anyhow::Result<()> {
    let (heard, mut notifications) = mpsc::unbounded_channel();
    let client = database::listener(settings, heard).await?;
    client
        .batch_execute("LISTEN begrip_changed; LISTEN begrip_tokens; LISTEN begrip_job")
        .await?;
    // What was told while nobody listened.
    tokens.forget();
    events.tell(sharing::sequence(&client).await?);
    events.tell_of_job(Uuid::nil());
    events.hears.store(true, Ordering::Relaxed);
    while let Some(notification) = notifications.recv().await {
        match notification.channel() {
            "begrip_tokens" => tokens.forget(),
            "begrip_job" => {
                events.tell_of_job(notification.payload().parse().unwrap_or_default());
            }
            _ => events.tell(notification.payload().parse().unwrap_or_default()),
        }
    }
    Ok(())
}
