//! Claiming rows and keeping leases.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use begrip_llm::CancellationToken;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::draft::{Stop, draft};
use super::trouble::{Verdict, verdict};
use crate::health::Part;
use crate::refusal::Refusal;
use crate::routes::Node;

/// How often is looked for rows, beside being told.
const LOOK: Duration = Duration::from_secs(1);

/// How often the end of a row is tried to be written down when the database is away; after that the row
/// is taken over, and its answer found.
const WRITES: u32 = 5;

/// A row that is this node's for as long as the lease lasts.
#[derive(Clone)]
pub struct Claimed {
    pub organisation: String,
    pub job: Uuid,
    pub number: i32,
    claim: Uuid,
    /// How often it was asked before in vain.
    attempts: i32,
    /// How often its job was halted in a row.
    halts: i32,
}

/// Rows under way here, each with what stops it.
type Leases = Arc<Mutex<Vec<(Uuid, CancellationToken)>>>;

/// Asks rows until the server stops; those that are under way then get `patience` to end. Returns at
/// once on a node that works on no jobs.
pub async fn work(node: Arc<Node>, patience: Duration) {
    let settings = node.jobs.settings;
    if settings.at_once == 0 || node.gateway.model_for(None).is_none() {
        return;
    }
    let leases = Leases::default();
    let renewing = tokio::spawn(renew(Arc::clone(&node), Arc::clone(&leases)));
    let mut news = node.events.listen_to_jobs();
    let mut rows: JoinSet<()> = JoinSet::new();
    while !node.stop.is_cancelled() {
        while rows.try_join_next().is_some() {}
        // Whoever waits for an answer goes before: then one row at a time goes on, so that no job stands still.
        let most = match node.gateway.room().asking() {
            0 => settings.at_once,
            _ => 1,
        };
        let free = rows.len() < most;
        if free {
            match claim(&node).await {
                Ok(Some(claimed)) => {
                    node.health.set("queue", Part::Ok);
                    rows.spawn(see_to(Arc::clone(&node), claimed, Arc::clone(&leases)));
                    continue;
                }
                Ok(None) => node.health.set("queue", Part::Ok),
                Err(error) => {
                    tracing::warn!(?error, "no rows of jobs can be had");
                    turned(&node, &error);
                }
            }
        }
        tokio::select! {
            () = node.stop.cancelled() => {}
            Some(_) = rows.join_next(), if !rows.is_empty() => {}
            () = node.gateway.room().left(), if !free => {}
            () = told(&mut news), if free => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    let all = async { while rows.join_next().await.is_some() {} };
    if tokio::time::timeout(patience, all).await.is_err() {
        // They go back, for another node or the next start.
        let leases: Vec<_> = held(&leases).clone();
        leases.iter().for_each(|(_, stop)| stop.cancel());
        let _ =
            tokio::time::timeout(LOOK, async { while rows.join_next().await.is_some() {} }).await;
    }
    renewing.abort();
}

/// Until anything happened to any job.
async fn told(news: &mut broadcast::Receiver<Uuid>) {
    if let Err(RecvError::Closed) = news.recv().await {
        std::future::pending::<()>().await;
    }
    *news = news.resubscribe();
}

fn held(leases: &Leases) -> std::sync::MutexGuard<'_, Vec<(Uuid, CancellationToken)>> {
    leases.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn claim(node: &Node) -> Result<Option<Claimed>, Refusal> {
    let settings = node.jobs.settings;
    let client = node.pool.get().await?;
    let sql = "SELECT organisation, job, number, claim, attempts, halts FROM claim_job_row($1, $2)";
    let statement = client.prepare_cached(sql).await?;
    let lease = settings.lease.as_secs_f64();
    let row = client
        .query_opt(&statement, &[&lease, &settings.organisation])
        .await?;
    Ok(row.map(|row| Claimed {
        organisation: row.get(0),
        job: row.get(1),
        number: row.get(2),
        claim: row.get(3),
        attempts: row.get(4),
        halts: row.get(5),
    }))
}

/// Says that the queue does not work, unless it is the database that does not: that is told as its own.
fn turned(node: &Node, error: &Refusal) {
    if !matches!(error, Refusal::Database | Refusal::Busy) {
        node.health.set("queue", Part::Down);
    }
}

/// Asks a row and writes down how it ended.
async fn see_to(node: Arc<Node>, claimed: Claimed, leases: Leases) {
    let stop = CancellationToken::new();
    held(&leases).push((claimed.claim, stop.clone()));
    let _under_way = UnderWay(leases, claimed.claim);
    let outcome = tokio::select! {
        outcome = draft(&node, &claimed, &stop) => Some(outcome),
        () = stop.cancelled() => None,
    };
    let end = End::of(outcome, &claimed);
    if let Some(word) = end.word() {
        node.figures.job_row(word);
    }
    for attempt in 1..=WRITES {
        match end.write(&node, &claimed).await {
            Ok(true) => break,
            Ok(false) => {
                tracing::info!("a row was taken over");
                break;
            }
            Err(error) => {
                tracing::warn!(?error, attempt, "the end of a row cannot be written down");
                turned(&node, &error);
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

/// A lease of this node until the row has ended, also when that is by a panic: nobody renews it then.
struct UnderWay(Leases, Uuid);

impl Drop for UnderWay {
    fn drop(&mut self) {
        held(&self.0).retain(|(claim, _)| *claim != self.1);
    }
}

/// How a row ended.
enum End {
    Done(String),
    Failed(String),
    /// It goes back, with so many attempts; why its job waits, for the how-many-th time, and how long.
    Back(i32, Option<(String, i32, Duration)>),
}

impl End {
    fn of(outcome: Option<Result<String, Stop>>, claimed: &Claimed) -> Self {
        let fault = match outcome {
            None => return Self::Back(claimed.attempts, None),
            Some(Ok(made)) => return Self::Done(made),
            Some(Err(Stop::Row(fault))) => return Self::Failed(fault.told()),
            Some(Err(Stop::Fault(fault))) => fault,
        };
        match verdict(&fault, claimed.attempts, claimed.halts) {
            Verdict::Failed(fault) => Self::Failed(fault.told()),
            Verdict::Later {
                attempts,
                why,
                halts,
                wait,
            } => Self::Back(attempts, Some((why, halts, wait))),
        }
    }

    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Done(_) => Some("done"),
            Self::Failed(_) => Some("failed"),
            Self::Back(_, Some(_)) => Some("later"),
            Self::Back(_, None) => None,
        }
    }

    /// False when the lease was lost: then it is another's to end.
    async fn write(&self, node: &Node, claimed: &Claimed) -> Result<bool, Refusal> {
        let client = node.pool.get().await?;
        let Claimed {
            organisation,
            job,
            number,
            claim,
            ..
        } = claimed;
        let row: [&(dyn ToSql + Sync); 4] = [organisation, job, number, claim];
        let ended = match self {
            Self::Done(_) | Self::Failed(_) => {
                let (state, why, made) = match self {
                    Self::Done(made) => ("done", None, Some(made)),
                    Self::Failed(why) => ("failed", Some(why), None),
                    Self::Back(..) => return Ok(false),
                };
                let sql = "SELECT end_job_row($1, $2, $3, $4, $5, $6, $7)";
                let statement = client.prepare_cached(sql).await?;
                let end: [&(dyn ToSql + Sync); 3] = [&state, &why, &made];
                client
                    .query_one(&statement, &[&row[..], &end[..]].concat())
                    .await?
            }
            Self::Back(attempts, halt) => {
                let why = halt.as_ref().map(|(why, ..)| why);
                let halts = halt.as_ref().map_or(0, |(_, halts, _)| *halts);
                let wait = halt.as_ref().map_or(0.0, |(_, _, wait)| wait.as_secs_f64());
                let sql = "SELECT release_job_row($1, $2, $3, $4, $5, $6, $7, $8)";
                let statement = client.prepare_cached(sql).await?;
                let end: [&(dyn ToSql + Sync); 4] = [attempts, &why, &halts, &wait];
                client
                    .query_one(&statement, &[&row[..], &end[..]].concat())
                    .await?
            }
        };
        Ok(ended.get(0))
    }
}

/// Makes leases last while their rows are under way; stops a row whose lease was lost.
async fn renew(node: Arc<Node>, leases: Leases) {
    let lease = node.jobs.settings.lease;
    loop {
        tokio::time::sleep(lease / 3).await;
        let rows: Vec<_> = held(&leases).clone();
        if rows.is_empty() {
            continue;
        }
        let claims: Vec<Uuid> = rows.iter().map(|(claim, _)| *claim).collect();
        let renewed = async {
            let client = node.pool.get().await?;
            let sql = "SELECT renew_job_rows($1, $2)";
            let kept = client.query(sql, &[&claims, &lease.as_secs_f64()]).await?;
            Ok::<Vec<Uuid>, Refusal>(kept.iter().map(|row| row.get(0)).collect())
        };
        match renewed.await {
            Ok(kept) => rows
                .iter()
                .filter(|(claim, _)| !kept.contains(claim))
                .for_each(|(_, stop)| stop.cancel()),
            Err(error) => tracing::warn!(?error, "leases of rows cannot be renewed"),
        }
    }
}
