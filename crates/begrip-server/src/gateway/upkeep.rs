//! What the gateway's tables need now and then, from whichever node comes first.

use std::time::Duration;

use deadpool_postgres::Pool;
use tokio_util::sync::CancellationToken;

/// How often a node looks whether anything is due.
const LOOK: Duration = Duration::from_secs(60);

/// How long ago something was done when it is due again. Less than [`LOOK`], so that one node that
/// is alone does it at each look.
const ANSWERS: Duration = Duration::from_secs(50);
const CALLS: Duration = Duration::from_secs(60 * 60);

/// How much the tables may hold.
pub struct Bounds {
    /// How long an answer counts as fresh.
    pub fresh: Duration,
    /// Bytes of all kept answers.
    pub bytes: i64,
    /// Days that each call is kept.
    pub days: i32,
}

/// Keeps the tables within their bounds until `stop`, from the start on.
pub async fn keep_up(pool: Pool, bounds: Bounds, stop: CancellationToken) {
    loop {
        match once(&pool, &bounds).await {
            Ok((answers, calls)) => tracing::debug!(answers, calls, "removed by the upkeep"),
            Err(error) => tracing::warn!(error = format!("{error:#}"), "no upkeep"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Kept answers and calls that were removed. What another node does is not waited for.
async fn once(pool: &Pool, bounds: &Bounds) -> anyhow::Result<(i64, i64)> {
    let client = pool.get().await?;
    // Each in one statement, so that a chore that fails is not written down as done.
    let answers = client
        .query_one(
            "SELECT CASE WHEN is_due('answers', $1) THEN sweep_answers($2, $3) ELSE 0 END",
            &[
                &ANSWERS.as_secs_f64(),
                &bounds.fresh.as_secs_f64(),
                &bounds.bytes,
            ],
        )
        .await?;
    let calls = client
        .query_one(
            "SELECT CASE WHEN is_due('calls', $1) THEN tidy_calls($2) ELSE 0 END",
            &[&CALLS.as_secs_f64(), &bounds.days],
        )
        .await?;
    Ok((answers.get(0), calls.get(0)))
}
