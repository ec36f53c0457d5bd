//! Keeping everything in one file, and putting it back.
//!
//! The file is made in one snapshot while servers go on. It holds rows as PostgreSQL's own `COPY` writes them, and
//! no tables: those come from the migrations of the version that the backup has. So a backup goes back into
//! any later version of PostgreSQL and of this program, and neither side needs programs of PostgreSQL.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

mod file;
mod restore;

use std::path::Path;
use std::pin::pin;

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tokio_postgres::{IsolationLevel, Transaction};

use crate::refusal::{ChoreError, ChoreFault};
use crate::settings::Settings;
use crate::{database, migrate};
use file::Writer;
pub use restore::restore;

/// What the first frame says.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Which migration the tables have.
    schema: usize,
    /// When it was made, by the clock of the database.
    at: String,
    /// The latest change.
    sequence: i64,
    /// How long the trail is, and where it ends.
    trail_count: i64,
    trail_hash: String,
}

/// What comes next.
#[derive(Serialize, Deserialize)]
enum Part {
    /// Frames with rows of a table, until an empty frame.
    Table { name: String, columns: Vec<String> },
    /// Where a sequence of numbers stands, and whether that number was given.
    Sequence {
        name: String,
        value: i64,
        given: bool,
    },
    /// Nothing.
    End,
}

/// Keeps everything in a new file. Errors: the file is there already or cannot be written; a database that does not
/// answer, or has tables that this program does not know; a role that may not see everything.
pub async fn backup(settings: &Settings, path: &Path) -> Result<()> {
    let mut client = database::owner(settings).await?;
    migrate::check(&client).await?;
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    // A role whose rows would be left out gets an error instead.
    snapshot
        .batch_execute("SET LOCAL row_security = off")
        .await?;
    let head = head(&snapshot).await?;
    let mut file = Writer::new(path)?;
    file.frame(&serde_json::to_vec(&head)?)?;
    for (name, columns) in tables(&snapshot).await? {
        write_table(&snapshot, &mut file, name, columns).await?;
    }
    for part in sequences(&snapshot).await? {
        file.frame(&serde_json::to_vec(&part)?)?;
    }
    file.frame(&serde_json::to_vec(&Part::End)?)?;
    snapshot.commit().await?;
    let bytes = file.finish()?;
    println!(
        "{}: {} kB, {} wijzigingen, logboek van {} regels tot {}.",
        path.display(),
        bytes.div_ceil(1_000),
        head.sequence,
        head.trail_count,
        head.trail_hash
    );
    Ok(())
}

async fn head(snapshot: &Transaction<'_>) -> Result<Head> {
    let row = snapshot
        .query_one(
            "SELECT now()::text, sequence, trail_count, encode(trail_hash, 'hex'), \
               (SELECT max(version) FROM schema_version) FROM server",
            &[],
        )
        .await?;
    Ok(Head {
        at: row.get(0),
        sequence: row.get(1),
        trail_count: row.get(2),
        trail_hash: row.get(3),
        schema: usize::try_from(row.get::<_, i32>(4))?,
    })
}

async fn write_table(
    snapshot: &Transaction<'_>,
    file: &mut Writer,
    name: String,
    columns: Vec<String>,
) -> Result<()> {
    let sql = format!("COPY {} TO STDOUT", target(&name, &columns));
    let part = Part::Table { name, columns };
    file.frame(&serde_json::to_vec(&part)?)?;
    let rows = snapshot
        .copy_out(&sql)
        .await
        .context(ChoreError::from(ChoreFault::Blind))?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        // An empty frame is the end of the table.
        if !row.is_empty() {
            file.frame(&row)?;
        }
    }
    file.frame(&[])
}

/// A table with its columns, as SQL.
fn target(name: &str, columns: &[String]) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    format!("public.{} ({})", quoted(name), columns.join(", "))
}

/// Every table with the columns that are not worked out from others; a table comes after those that it refers to.
async fn tables(snapshot: &Transaction<'_>) -> Result<Vec<(String, Vec<String>)>> {
    let rows = snapshot
        .query(
            "SELECT c.relname::text, \
               ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 \
                     AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum), \
               ARRAY(SELECT f.confrelid::regclass::oid::text FROM pg_constraint f \
                     WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid), \
               c.oid::text \
             FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
             ORDER BY c.relname",
            &[],
        )
        .await?;
    let mut waiting: Vec<(String, Vec<String>, Vec<String>, String)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect();
    let (mut ordered, mut placed) = (Vec::new(), Vec::<String>::new());
    while !waiting.is_empty() {
        let next = waiting
            .iter()
            .position(|(_, _, refers, _)| refers.iter().all(|to| placed.contains(to)));
        let Some(next) = next else {
            let names: Vec<&str> = waiting.iter().map(|(name, ..)| name.as_str()).collect();
            return Err(ChoreError::new(ChoreFault::OddTables, names.join(", ")).into());
        };
        let (name, columns, _, oid) = waiting.remove(next);
        placed.push(oid);
        ordered.push((name, columns));
    }
    Ok(ordered)
}

async fn sequences(snapshot: &Transaction<'_>) -> Result<Vec<Part>> {
    let rows = snapshot
        .query(
            "SELECT sequencename::text, coalesce(last_value, start_value), last_value IS NOT NULL \
             FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
            &[],
        )
        .await?;
    let part = |row: &tokio_postgres::Row| Part::Sequence {
        name: row.get(0),
        value: row.get(1),
        given: row.get(2),
    };
    Ok(rows.iter().map(part).collect())
}
