//! Putting a backup into an empty database.

use std::path::Path;
use std::pin::pin;

use anyhow::{Context, Error, Result};
use axum::body::Bytes;
use futures_util::SinkExt;
use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::file::Reader;
use super::{Head, Part, target};
use crate::refusal::{ChoreError, ChoreFault};
use crate::settings::Settings;
use crate::{database, migrate, trail};

/// Puts a backup into an empty database and brings its tables up to date: all of it, or nothing.
///
/// Workstations read everything again at their next sync, because the database begins a new epoch. Errors: a file
/// that is not whole or is of a newer program; a database that is not empty or does not answer; a trail that was not
/// whole when the backup was made, which is restored all the same.
pub async fn restore(settings: &Settings, path: &Path) -> Result<()> {
    let done = put_back(settings, path).await;
    done.map_err(|error| match no_room(&error) {
        Some(said) => ChoreError::new(ChoreFault::DatabaseFull, said).into(),
        None => error,
    })
}

/// What PostgreSQL says when its disk is full, in whatever was under way.
fn no_room(error: &Error) -> Option<String> {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>())
        .filter_map(tokio_postgres::Error::as_db_error)
        .find(|said| *said.code() == SqlState::DISK_FULL)
        .map(|said| said.message().to_owned())
}

fn unlike(about: &str) -> ChoreError {
    ChoreError::new(ChoreFault::Unlike, about)
}

async fn put_back(settings: &Settings, path: &Path) -> Result<()> {
    let mut file = Reader::open(path)?;
    let head: Head = serde_json::from_slice(&file.frame()?).context(unlike(""))?;
    if head.schema > migrate::latest() {
        let versions = format!(
            "tabellen van versie {}, deze kent {}",
            head.schema,
            migrate::latest()
        );
        return Err(ChoreError::new(ChoreFault::Newer, versions).into());
    }
    let mut client = database::owner(settings).await?;
    migrate::make_role(&client).await?;
    let transaction = client.transaction().await?;
    migrate::lock(&transaction).await?;
    if !is_empty(&transaction).await? {
        return Err(ChoreError::from(ChoreFault::NotEmpty).into());
    }
    migrate::up_to(&transaction, head.schema).await?;
    let tables = empty_tables(&transaction).await?;
    loop {
        match serde_json::from_slice(&file.frame()?).context(unlike(""))? {
            Part::Table { name, columns } => {
                read_table(&transaction, &mut file, &name, &columns).await?;
            }
            Part::Sequence { name, value, given } => {
                let sql = "SELECT setval(format('public.%I', $1::text)::regclass, $2, $3)";
                let set = transaction.execute(sql, &[&name, &value, &given]).await;
                set.with_context(|| unlike(&name))?;
            }
            Part::End => break,
        }
    }
    for table in tables {
        let sql = format!("ALTER TABLE {table} ENABLE TRIGGER USER");
        transaction.batch_execute(&sql).await?;
    }
    migrate::up_to(&transaction, migrate::latest()).await?;
    // The time since the backup was made is not held against jobs that were open then.
    let sql = "UPDATE server SET epoch = gen_random_uuid(); \
               UPDATE job SET progress_at = now() WHERE state IN ('queued', 'running')";
    transaction.batch_execute(sql).await?;
    let trail = trail::check_at(&transaction).await;
    transaction.commit().await?;
    // All of it stands there: what makes questions quick can be done by PostgreSQL itself, later.
    if let Err(error) = client.batch_execute("ANALYZE").await {
        tracing::warn!(%error, "the tables were not analysed");
    }
    // A trail that was changed before the backup is told and not lost with everything else.
    let (count, hash) = trail.context(ChoreError::from(ChoreFault::Trail))?;
    println!(
        "Hersteld: {} wijzigingen tot {}, logboek van {count} regels tot {hash}.",
        head.sequence, head.at
    );
    Ok(())
}

async fn is_empty(transaction: &Transaction<'_>) -> Result<bool> {
    let sql =
        "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)";
    Ok(transaction.query_one(sql, &[]).await?.get(0))
}

/// Takes out what migrations put in, and keeps triggers still while rows come back; every table, as SQL.
async fn empty_tables(transaction: &Transaction<'_>) -> Result<Vec<String>> {
    let sql = "SELECT format('public.%I', relname) FROM pg_class \
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    let rows = transaction.query(sql, &[]).await?;
    let tables: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for table in &tables {
        let sql = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
        transaction.batch_execute(&sql).await?;
    }
    let sql = format!("TRUNCATE {}", tables.join(", "));
    transaction.batch_execute(&sql).await?;
    Ok(tables)
}

async fn read_table(
    transaction: &Transaction<'_>,
    file: &mut Reader,
    name: &str,
    columns: &[String],
) -> Result<()> {
    let sql = format!("COPY {} FROM STDIN", target(name, columns));
    let rows = transaction.copy_in(&sql).await;
    let rows = rows.with_context(|| unlike(name))?;
    let mut rows = pin!(rows);
    loop {
        let piece = file.frame()?;
        if piece.is_empty() {
            break;
        }
        let sent = rows.send(Bytes::from(piece)).await;
        sent.with_context(|| unlike(name))?;
    }
    rows.finish().await.with_context(|| unlike(name))?;
    Ok(())
}
