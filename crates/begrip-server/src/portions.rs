//! Upkeep of tables in portions: each is a transaction of its own, so that what was done stays done.
//!
//! A portion that takes too long is rolled back and tried again with half as much. So a table that has grown
//! without end, or a database that is slow today, costs more portions and never stops the upkeep. What takes too long
//! by itself is left until the chore is due once more.

use std::time::Duration;

use deadpool_postgres::{Pool, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_util::sync::CancellationToken;

/// Writes down that a chore was done, until it is due again.
const DONE: &str = "SELECT chore_done($1)";

/// Something to be done now and then, by whichever node comes first.
pub struct Chore<'a> {
    /// Its name in the table `upkeep`.
    pub name: &'static str,
    /// How long ago it was done when it is due again.
    pub pause: Duration,
    /// Rows, or whatever it counts, in the first portion.
    pub most: i32,
    /// Does a portion of as many as its last parameter says, and tells of how many: fewer is the last one.
    pub sql: &'static str,
    /// The parameters before that.
    pub with: &'a [&'a (dyn ToSql + Sync)],
}

/// Does a chore that is due, until nothing is left of it or until `stop`; of how many it was. What another node
/// does is not waited for.
///
/// Errors: the database refuses, or a portion of one takes too long. What was done before that stays.
pub async fn see_to(
    pool: &Pool,
    chore: Chore<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<i64> {
    let (mut most, mut all) = (chore.most.max(1), 0);
    while !stop.is_cancelled() {
        let mut client = pool.get().await?;
        let transaction = client.transaction().await?;
        match portion(&transaction, &chore, most).await {
            Ok(None) => break,
            Ok(Some(many)) => {
                transaction.commit().await?;
                all += many;
                if many < i64::from(most) {
                    break;
                }
            }
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) && most > 1 => {
                transaction.rollback().await?;
                most /= 2;
                tracing::info!(
                    chore = chore.name,
                    most,
                    "smaller portions, for it took too long"
                );
            }
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
                transaction.rollback().await?;
                // Tried at each look it would keep what comes after it waiting.
                client.execute(DONE, &[&chore.name]).await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

/// One portion; none when the chore is not due, or another node's.
async fn portion(
    transaction: &Transaction<'_>,
    chore: &Chore<'_>,
    most: i32,
) -> Result<Option<i64>, tokio_postgres::Error> {
    let hold = "SELECT hold_chore($1, $2)";
    let pause = chore.pause.as_secs_f64();
    let held = transaction.query_one(hold, &[&chore.name, &pause]).await?;
    if !held.get::<_, bool>(0) {
        return Ok(None);
    }
    let with: [&(dyn ToSql + Sync); 1] = [&most];
    let row = transaction
        .query_one(chore.sql, &[chore.with, &with[..]].concat())
        .await?;
    let many = row.get(0);
    if many < i64::from(most) {
        transaction.execute(DONE, &[&chore.name]).await?;
    }
    Ok(Some(many))
}
