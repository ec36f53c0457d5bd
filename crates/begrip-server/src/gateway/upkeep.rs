//! What the gateway's tables need now and then, from whichever node comes first.

use std::time::Duration;

use deadpool_postgres::Pool;
use tokio_util::sync::CancellationToken;

use crate::portions::{Chore, see_to};

/// How often a node looks whether anything is due.
const LOOK: Duration = Duration::from_secs(60);

/// How long ago something was done when it is due again. Less than [`LOOK`], so that one node that
/// is alone does it at each look.
const ANSWERS: Duration = Duration::from_secs(50);
const CALLS: Duration = Duration::from_secs(60 * 60);

/// Rows of a portion.
const MOST: i32 = 2_000;

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
        // One that fails keeps no other from being done.
        let fresh = bounds.fresh.as_secs_f64();
        for chore in [
            Chore {
                name: "answers",
                pause: ANSWERS,
                most: MOST,
                sql: "SELECT sweep_answers($1, $2, $3)",
                with: &[&fresh, &bounds.bytes],
            },
            Chore {
                name: "calls",
                pause: CALLS,
                most: MOST,
                sql: "SELECT tidy_calls($1, $2)",
                with: &[&bounds.days],
            },
        ] {
            let name = chore.name;
            match see_to(&pool, chore, &stop).await {
                Ok(rows) => tracing::debug!(chore = name, rows, "upkeep"),
                Err(error) => {
                    tracing::warn!(chore = name, error = format!("{error:#}"), "no upkeep");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
