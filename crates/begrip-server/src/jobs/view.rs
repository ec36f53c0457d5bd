//! A job and its rows as they are shown.

use begrip_domain::{Category, Context};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::refusal::{JobFault, Refusal};
use crate::sharing::as_organisation;
use crate::token::Holder;

type Client = deadpool_postgres::Object;

/// Jobs that are listed, the newest first.
const LISTED: &str = "100";

/// From how many rows the pace of a job is taken.
const PACE: &str = "20";

/// The jobs of the caller's organisation, or one of them.
pub async fn jobs(
    client: &mut Client,
    holder: &Holder,
    only: Option<Uuid>,
) -> Result<Vec<Value>, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    // One condition for both would have PostgreSQL walk over all jobs for one of them.
    let which = match only {
        Some(_) => "j.id = $1",
        None => "$1::uuid IS NULL",
    };
    let sql = format!(
        "SELECT j.id, j.name, j.model, j.state, j.halt, greatest(j.not_before, now()), \
           j.created_at, j.changed_at, j.ended_at, \
           j.queued, j.running, j.done, j.failed, j.questions, j.open, p.each, \
           job_barred(j.id), j.ended_why, j.account = $2 \
         FROM job j \
         CROSS JOIN LATERAL (SELECT (extract(epoch FROM max(ended_at) - min(ended_at)) \
             / nullif(count(*) - 1, 0))::float8 AS each \
           FROM (SELECT ended_at FROM job_row WHERE job = j.id AND ended_at IS NOT NULL \
             AND follows IS NULL AND NOT faulty ORDER BY ended_at DESC LIMIT {PACE}) l) p \
         WHERE {which} ORDER BY j.created_at DESC, j.id LIMIT {LISTED}"
    );
    let statement = transaction.prepare_cached(&sql).await?;
    let rows = transaction
        .query(&statement, &[&only, &holder.account])
        .await?;
    transaction.commit().await?;
    Ok(rows.iter().map(job).collect())
}

fn job(row: &Row) -> Value {
    let number = |at: usize| row.get::<_, i32>(at);
    let time = |at: usize| row.get::<_, Option<Timestamp>>(at);
    let json = |at: usize| {
        let text: Option<&str> = row.get(at);
        text.and_then(|text| serde_json::from_str::<Value>(text).ok())
    };
    // Who may ask nothing any more goes before what a model said.
    let barred = row.get::<_, Option<&str>>(16).map(JobFault::barred);
    let halt = barred.map(|fault| fault.told()).or_else(|| {
        let mut halt = json(4)?;
        halt["until"] = json!(time(5));
        Some(halt)
    });
    let (state, open) = (row.get::<_, &str>(3), number(14));
    let each: Option<f64> = row.get(15);
    // Nobody knows how long what is halted will take.
    let eta = each.filter(|_| state == "running" && halt.is_none());
    let eta = eta.map(|each| (each * f64::from(open)).ceil());
    let (queued, running, done, failed) = (number(9), number(10), number(11), number(12));
    json!({
        "id": row.get::<_, Uuid>(0),
        "name": row.get::<_, &str>(1),
        "model": row.get::<_, &str>(2),
        "state": state,
        "own": row.get::<_, bool>(18),
        "halt": halt,
        "ended": json(17),
        "created_at": time(6),
        "changed_at": time(7),
        "ended_at": time(8),
        "total": queued + running + done + failed,
        "queued": queued,
        "running": running,
        "done": done,
        "failed": failed,
        "questions": number(13),
        "eta_s": eta,
    })
}

/// The job of an earlier request with this key, and what that asked.
pub async fn by_key(
    client: &mut Client,
    holder: &Holder,
    key: &str,
) -> Result<Option<(Uuid, Vec<u8>)>, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    let sql = "SELECT id, digest FROM job WHERE key = $1";
    let found = transaction.query_opt(sql, &[&key]).await?;
    transaction.commit().await?;
    Ok(found.map(|row| (row.get(0), row.get(1))))
}

/// A row.
#[derive(Serialize)]
pub struct JobRow {
    pub number: i32,
    pub term: String,
    pub context: Context,
    pub category: Option<Category>,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// An earlier row that asks the same.
    pub same_as: Option<i32>,
    /// Why there is no definition.
    pub error: Option<Value>,
    /// The definition with what goes with it, what the rules say of it, and where it comes from.
    pub draft: Option<Value>,
    pub ended_at: Option<Timestamp>,
}

/// Rows after a number, in a state or in any. Error: there is no such job.
pub async fn rows(
    client: &mut Client,
    holder: &Holder,
    job: Uuid,
    after: i32,
    limit: i64,
    state: Option<&str>,
) -> Result<Vec<JobRow>, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    let known = "SELECT FROM job WHERE id = $1";
    if transaction.query_opt(known, &[&job]).await?.is_none() {
        return Err(Refusal::NoJob);
    }
    let sql = "SELECT r.number, r.term, r.context, r.category, r.state, r.follows, r.error, \
                 CASE WHEN r.state = 'done' THEN coalesce(r.result, l.result) END, r.ended_at \
               FROM job_row r LEFT JOIN job_row l ON l.job = r.job AND l.number = r.follows \
               WHERE r.job = $1 AND r.number > $2 AND ($4::text IS NULL OR r.state = $4) \
               ORDER BY r.number LIMIT $3";
    let found = transaction
        .query(sql, &[&job, &after, &limit, &state])
        .await?;
    transaction.commit().await?;
    found.iter().map(row).collect()
}

fn row(row: &Row) -> Result<JobRow, Refusal> {
    let category: Option<&str> = row.get(3);
    let json = |at: usize| {
        let text: Option<&str> = row.get(at);
        text.map(serde_json::from_str).transpose()
    };
    Ok(JobRow {
        number: row.get(0),
        term: row.get(1),
        context: serde_json::from_str(row.get(2))?,
        category: category.and_then(Category::parse),
        state: row.get(4),
        same_as: row.get(5),
        error: json(6)?,
        draft: json(7)?,
        ended_at: row.get(8),
    })
}
