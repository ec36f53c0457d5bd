//! Putting a backup into an empty database.

use std::path::Path;
use std::pin::pin;

use anyhow::{Context, Result, bail};
use axum::body::Bytes;
use futures_util::SinkExt;
use tokio_postgres::Transaction;

use super::file::Reader;
use super::{Head, Part, target};
use crate::settings::Settings;
use crate::{database, migrate, trail};

/// Puts a backup into an empty database and brings its tables up to date: all of it, or nothing.
///
/// Workstations read everything again at their next sync, because the database begins a new epoch. Errors: a file
/// that is not whole or is of a newer program; a database that is not empty or does not answer; a trail that was not
/// whole when the backup was made, which is restored all the same.
pub async fn restore(settings: &Settings, path: &Path) -> Result<()> {
    let mut file = Reader::open(path)?;
    let head: Head = serde_json::from_slice(&file.frame()?).context("de back-up is onleesbaar")?;
    if head.schema > migrate::latest() {
        bail!(
            "de back-up is van een nieuwere begrip-server (tabellen van versie {}, deze kent {}); herstel met die",
            head.schema,
            migrate::latest()
        );
    }
    let mut client = database::owner(settings).await?;
    migrate::make_role(&client).await?;
    let transaction = client.transaction().await?;
    migrate::lock(&transaction).await?;
    if !is_empty(&transaction).await? {
        bail!("owner_url: deze database is niet leeg; herstel in een nieuwe, lege database");
    }
    migrate::up_to(&transaction, head.schema).await?;
    let tables = empty_tables(&transaction).await?;
    loop {
        match serde_json::from_slice(&file.frame()?).context("de back-up is onleesbaar")? {
            Part::Table { name, columns } => {
                read_table(&transaction, &mut file, &name, &columns).await?;
            }
            Part::Sequence { name, value, given } => {
                let sql = "SELECT setval(format('public.%I', $1::text)::regclass, $2, $3)";
                transaction.execute(sql, &[&name, &value, &given]).await?;
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
    client.batch_execute("ANALYZE").await?;
    // A trail that was changed before the backup is told and not lost with everything else.
    let (count, hash) = trail.context("alles is hersteld, maar het logboek klopt niet")?;
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
    let unlike = || format!("de tabel {name} past niet bij deze begrip-server");
    let rows = transaction.copy_in(&sql).await.with_context(unlike)?;
    let mut rows = pin!(rows);
    loop {
        let piece = file.frame()?;
        if piece.is_empty() {
            break;
        }
        rows.send(Bytes::from(piece)).await.with_context(unlike)?;
    }
    rows.finish().await.with_context(unlike)?;
    Ok(())
}
