//! What stands in the tables of jobs, and what has stood there too long.

use std::sync::Arc;
use std::time::Duration;

use crate::portions::{Chore, see_to};
use crate::refusal::{JobFault, Refusal};
use crate::routes::Node;

/// How often the figures are looked at.
const COUNT: Duration = Duration::from_secs(5);

/// How often old jobs are removed, and idle ones ended.
const SWEEP: Duration = Duration::from_secs(3_600);

/// Jobs in a portion: each has thousands of rows.
const MOST: i32 = 16;

/// Tells the figures, ends jobs that get nowhere and removes old ones, until the server stops.
pub async fn keep(node: Arc<Node>) {
    loop {
        if let Err(error) = look(&node).await {
            tracing::warn!(?error, "jobs cannot be looked after");
        }
        sweep(&node).await;
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = tokio::time::sleep(COUNT) => {}
        }
    }
}

async fn look(node: &Node) -> Result<(), Refusal> {
    let client = node.pool.get().await?;
    client.execute("SELECT end_lapsed_rows()", &[]).await?;
    let rows = client
        .query("SELECT state, many FROM job_figures()", &[])
        .await?;
    let of = |state: &str| {
        let row = rows.iter().find(|row| row.get::<_, &str>(0) == state);
        row.map_or(0, |row| row.get(1))
    };
    node.figures.job_rows(of);
    let waits = client.query_one("SELECT job_waits()", &[]).await?;
    node.figures.job_waits.set(waits.get(0));
    Ok(())
}

async fn sweep(node: &Node) {
    let settings = node.jobs.settings;
    let why = JobFault::Idle(settings.idle_days).told().to_string();
    for chore in [
        Chore {
            name: "idle_jobs",
            pause: SWEEP,
            most: MOST,
            sql: "SELECT end_idle_jobs($1, $2, $3)",
            with: &[&settings.idle_days, &why],
        },
        Chore {
            name: "jobs",
            pause: SWEEP,
            most: MOST,
            sql: "SELECT sweep_jobs($1, $2)",
            with: &[&settings.days],
        },
    ] {
        let name = chore.name;
        match see_to(&node.pool, chore, &node.stop).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(chore = name, jobs, "upkeep of jobs"),
            Err(error) => {
                tracing::warn!(
                    chore = name,
                    error = format!("{error:#}"),
                    "no upkeep of jobs"
                );
            }
        }
    }
}
