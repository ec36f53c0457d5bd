//! The tables, and bringing them up to date.

use std::cmp::Ordering;

use anyhow::{Context, Result};
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::database;
use crate::refusal::{ChoreError, ChoreFault};
use crate::settings::Settings;

/// The migrations in order. One that has shipped is never changed: a later one mends it.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_sharing.sql"),
    include_str!("../migrations/0002_review.sql"),
    include_str!("../migrations/0003_gateway.sql"),
    include_str!("../migrations/0004_published.sql"),
    include_str!("../migrations/0005_identity.sql"),
    include_str!("../migrations/0006_upkeep.sql"),
    include_str!("../migrations/0007_jobs.sql"),
    include_str!("../migrations/0008_administration.sql"),
    include_str!("../migrations/0009_bounds.sql"),
    include_str!("../migrations/0010_indexes.sql"),
    include_str!("../migrations/0011_named_bounds.sql"),
    include_str!("../migrations/0012_walls.sql"),
    include_str!("../migrations/0013_token_end.sql"),
];

/// Two programs that migrate at one time wait for each other.
const LOCK: i64 = 0x6265_6772_6970;

/// Brings the tables up to date and says what was done.
#[expect(
    clippy::print_stdout,
    reason = "a chore speaks to an operator at a terminal"
)]
pub async fn run(settings: &Settings) -> Result<()> {
    let mut client = database::owner(settings).await?;
    let (from, to) = migrate(&mut client).await?;
    match from == to {
        true => println!("De tabellen zijn bij (versie {to})."),
        false => println!("De tabellen zijn bijgewerkt van versie {from} naar {to}."),
    }
    Ok(())
}

/// Brings the tables up to date, all of it in one transaction; from which version to which.
async fn migrate(client: &mut Client) -> Result<(usize, usize)> {
    make_role(client).await?;
    let transaction = client.transaction().await?;
    lock(&transaction).await?;
    let from = up_to(&transaction, latest()).await?;
    transaction.commit().await?;
    Ok((from, latest()))
}

/// Which version the tables have when they are up to date.
pub fn latest() -> usize {
    MIGRATIONS.len()
}

/// Makes the role that serves, where it is not there.
pub async fn make_role(client: &Client) -> Result<()> {
    // Roles belong to the whole of PostgreSQL: another database may be making it right now.
    client
        .batch_execute(
            "DO $$ BEGIN \
               IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'begrip_server') THEN \
                 CREATE ROLE begrip_server LOGIN; \
               END IF; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
        )
        .await
        .context("de rol begrip_server kan niet worden gemaakt")
}

/// Waits until nobody else changes the tables, and keeps others away until the end of the transaction.
pub async fn lock(transaction: &Transaction<'_>) -> Result<()> {
    let sql = "SELECT pg_advisory_xact_lock($1)";
    transaction.execute(sql, &[&LOCK]).await?;
    Ok(())
}

/// Brings the tables to a version; from which one. Under [`lock`].
pub async fn up_to(transaction: &Transaction<'_>, to: usize) -> Result<usize> {
    transaction
        .batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())")
        .await?;
    let from = version(transaction).await?;
    if from > latest() {
        return Err(newer(from).into());
    }
    for (number, sql) in (1_i32..).zip(MIGRATIONS.iter().take(to)).skip(from) {
        let named = || format!("migratie {number}");
        transaction.batch_execute(sql).await.with_context(named)?;
        transaction
            .execute(
                "INSERT INTO schema_version (version) VALUES ($1)",
                &[&number],
            )
            .await?;
    }
    transaction
        .batch_execute("GRANT SELECT ON schema_version TO begrip_server")
        .await?;
    Ok(from)
}

/// Which migration the tables have; 0 for an empty database.
async fn version(client: &impl GenericClient) -> Result<usize> {
    let row = client
        .query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[])
        .await?;
    Ok(usize::try_from(row.get::<_, i32>(0))?)
}

/// Refuses tables that this program does not know.
pub async fn check(client: &Client) -> Result<()> {
    let found = version(client)
        .await
        .context(ChoreError::from(ChoreFault::NoTables))?;
    match found.cmp(&latest()) {
        Ordering::Less => Err(ChoreError::from(ChoreFault::OldTables).into()),
        Ordering::Greater => Err(newer(found).into()),
        Ordering::Equal => Ok(()),
    }
}

fn newer(version: usize) -> ChoreError {
    ChoreError::new(ChoreFault::NewTables, format!("versie {version}"))
}
