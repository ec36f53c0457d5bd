//! Jobs: definitions of many terms, kept in PostgreSQL and asked by whichever node has room.
//!
//! ```text
//! POST /v1/jobs ─ create: rows, those that ask the same joined
//!                   └ claim (any node, a lease) ─ draft: prompt ─ gateway ─ reply ─ rules ─ one repair
//!                       └ end: the row and all that follow it, in one transaction
//! ```
//!
//! A row is a node's for as long as it renews the lease. Whoever takes over a row of a node that died
//! asks the same question, and finds the answer if there was one: a call that came back is not made
//! again. What would make every row fail puts the row back and has the job wait, longer each time.
//!
//! | file | holds |
//! |---|---|
//! | `create` | a file of terms as rows |
//! | `view` | a job and its rows as they are shown |
//! | `export` | results as a file |
//! | `news` | progress as a line of events |
//! | `work` | claiming rows, keeping leases |
//! | `keep` | figures; ending jobs that get nowhere, removing old ones |
//! | `draft` | one row, from question to checked definition |
//! | `trouble` | what becomes of a row without an answer |

mod create;
mod draft;
mod export;
mod keep;
mod news;
mod trouble;
mod view;
mod work;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::routes::{Caller, Node};
use crate::settings;
use crate::sharing::as_organisation;

pub use create::create;
pub use keep::keep;
pub use news::events;
pub use work::work;

/// Rows of a page at most.
const MOST_OF_A_PAGE: i64 = 500;

/// What a node needs for jobs.
pub struct Jobs {
    pub settings: settings::Jobs,
    /// Files that are read or written at one time: a workbook takes many times its size.
    files: Arc<Semaphore>,
}

impl Jobs {
    pub fn new(settings: settings::Jobs) -> Self {
        Self {
            settings,
            files: Arc::new(Semaphore::new(1)),
        }
    }
}

/// `GET /v1/jobs`
pub async fn list(State(node): State<Arc<Node>>, caller: Caller) -> Result<Json<Value>, Refusal> {
    let mut client = node.pool.get().await?;
    let jobs = view::jobs(&mut client, &caller.0, None).await?;
    Ok(Json(json!({ "jobs": jobs })))
}

/// `GET /v1/jobs/{job}`
pub async fn one(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(shown(&node, &caller, named(path)?).await?))
}

fn named(path: Result<Path<Uuid>, PathRejection>) -> Result<Uuid, Refusal> {
    let Path(job) = path.map_err(|_| Refusal::Form("een reeks heeft een nummer"))?;
    Ok(job)
}

async fn shown(node: &Node, caller: &Caller, job: Uuid) -> Result<Value, Refusal> {
    let mut client = node.pool.get().await?;
    let found = view::jobs(&mut client, &caller.0, Some(job)).await?.pop();
    found.ok_or(Refusal::NoJob)
}

#[derive(Deserialize)]
pub struct Page {
    #[serde(default)]
    after: i32,
    limit: Option<i64>,
    state: Option<String>,
}

/// `GET /v1/jobs/{job}/rows`
pub async fn rows(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
    query: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let job = named(path)?;
    let Query(page) = query.map_err(|_| Refusal::Form("after en limit zijn getallen"))?;
    let limit = page.limit.unwrap_or(100);
    if !(1..=MOST_OF_A_PAGE).contains(&limit) {
        return Err(Refusal::Form("limit is 1 tot en met 500"));
    }
    let states = ["queued", "running", "done", "failed"];
    if page
        .state
        .as_deref()
        .is_some_and(|state| !states.contains(&state))
    {
        return Err(Refusal::Form("state is queued, running, done of failed"));
    }
    let mut client = node.pool.get().await?;
    let rows = view::rows(
        &mut client,
        &caller.0,
        job,
        page.after,
        limit,
        page.state.as_deref(),
    )
    .await?;
    let next = rows.last().filter(|_| rows.len() as i64 == limit);
    let next = next.map(|row| row.number);
    Ok(Json(json!({ "rows": rows, "next": next })))
}

#[derive(Deserialize)]
pub struct Form {
    format: Option<String>,
}

/// `GET /v1/jobs/{job}/results`
pub async fn results(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
    query: Result<Query<Form>, QueryRejection>,
) -> Result<Response, Refusal> {
    let job = named(path)?;
    let Query(form) = query.map_err(|_| Refusal::Form("format is json, csv of xlsx"))?;
    let format = export::Format::named(form.format.as_deref().unwrap_or("json"))?;
    let told = shown(&node, &caller, job).await?;
    let alone = Arc::clone(&node.jobs.files).acquire_owned().await;
    let alone = alone.map_err(|_| Refusal::Fault)?;
    let rows = {
        let mut client = node.pool.get().await?;
        view::rows(&mut client, &caller.0, job, 0, i64::MAX, None).await?
    };
    export::file(told, rows, format, alone).await
}

/// `POST /v1/jobs/{job}/cancel`: what was not asked yet is not asked; what is under way ends.
pub async fn cancel(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    let sql = "UPDATE job SET state = 'cancelled', ended_at = now(), halt = NULL, halts = 0 \
               WHERE id = $1 AND state IN ('queued', 'running')";
    let stop = [sql, "SELECT stop_job_rows($1)"];
    act(&node, &caller, named(path)?, &stop, false).await
}

/// `POST /v1/jobs/{job}/retry`: rows that failed are asked again, but for those that can never be asked. From
/// then on the job is of whoever asks this: so a colleague goes on with one whose owner left, also where nothing
/// failed. A job of somebody else that goes well stays theirs.
pub async fn retry(
    State(node): State<Arc<Node>>,
    caller: Caller,
    path: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    let rows = "UPDATE job_row SET state = 'queued', attempts = 0, error = NULL, result = NULL, \
                ended_at = NULL WHERE job = $1 AND state = 'failed' AND NOT faulty";
    // One that was ended opens with rows to ask alone: what is under way ends by itself, with what follows it.
    let job = "UPDATE job SET state = CASE state WHEN 'running' THEN state ELSE 'queued' END, ended_at = NULL, \
               ended_why = NULL, halt = NULL, halts = 0, not_before = now(), progress_at = now() \
               WHERE id = $1 AND (queued > 0 OR state IN ('queued', 'running') AND running > 0)";
    act(&node, &caller, named(path)?, &[rows, job], true).await
}

/// Changes a job of the caller's organisation, and tells how it stands then. One that may be taken over asks what it
/// still has to ask for the caller, when the first statement changed rows or its owner may ask nothing any more.
async fn act(
    node: &Node,
    caller: &Caller,
    job: Uuid,
    statements: &[&str],
    taken_over: bool,
) -> Result<Json<Value>, Refusal> {
    {
        let mut client = node.pool.get().await?;
        let transaction = client.transaction().await?;
        as_organisation(&transaction, &caller.0).await?;
        let lock = "SELECT FROM job WHERE id = $1 FOR UPDATE";
        let known: &[&(dyn ToSql + Sync)] = &[&job];
        if transaction.query_opt(lock, known).await?.is_none() {
            return Err(Refusal::NoJob);
        }
        let mut changed = Vec::new();
        for statement in statements {
            changed.push(transaction.execute(*statement, known).await?);
        }
        if taken_over {
            let sql = "UPDATE job SET account = $2, token = $3 \
                       WHERE id = $1 AND state IN ('queued', 'running') AND queued + running > 0 \
                         AND ($4 OR job_barred($1) IS NOT NULL)";
            let again = changed.first().is_some_and(|rows| *rows > 0);
            let by: &[&(dyn ToSql + Sync)] =
                &[&job, &caller.0.account, &caller.0.by.token(), &again];
            transaction.execute(sql, by).await?;
        }
        transaction.execute("SELECT job_went_on($1)", known).await?;
        transaction.commit().await?;
    }
    Ok(Json(shown(node, caller, job).await?))
}
