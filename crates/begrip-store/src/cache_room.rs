//! How large the cache file may be: counted in pages of the file itself, not in texts.

use rusqlite::Connection;

use crate::{CacheEntry, StoreError};

/// Bytes of the journal beside the file before it is folded in: little, since the file may be small.
const JOURNAL: i64 = 1 << 20;

/// Bytes of a page, as SQLCipher makes it: its file is always read so.
const PAGE: i64 = 4096;

/// Part of the room that is made free at once, so that not every put has to push something out.
const SPARE: u64 = 10;

/// What a row takes beside its texts: its key twice, numbers, its use and their indexes, about.
const FRAME: usize = 200;

/// A new file gives pages back to the disk, and its journal stays small. A file of before is
/// rewritten once.
pub(crate) fn prepare(writer: &Connection) -> Result<(), StoreError> {
    const INCREMENTAL: i64 = 2;
    let mode = |writer: &Connection| {
        writer.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0))
    };
    if mode(writer)? != INCREMENTAL {
        writer.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
        // Before there is a table nothing has to be rewritten.
        if writer.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })? > 0
        {
            writer.execute_batch("VACUUM")?;
        }
    }
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "journal_size_limit", JOURNAL)?;
    writer.pragma_update(None, "wal_autocheckpoint", JOURNAL / PAGE)?;
    Ok(())
}

/// What an entry takes, about.
pub(crate) fn size_of(entry: &CacheEntry) -> u64 {
    let texts = [
        entry.body.len(),
        // In its row, and in the index by term.
        2 * entry.term.len(),
        entry.organisation.len() + entry.model.len(),
        entry.prompt_version.len() + entry.pack_version.len(),
    ];
    (texts.iter().sum::<usize>() + FRAME) as u64
}

/// Bytes of the file that hold something.
pub(crate) fn taken(connection: &Connection) -> Result<u64, StoreError> {
    let pages = count(connection, "page_count")? - count(connection, "freelist_count")?;
    Ok((pages * PAGE).unsigned_abs())
}

/// Pushes the least recently used answers out when more than `limit` bytes are taken, until a tenth
/// of the room is free; tells how many went. What they leave half full is pushed out as well.
pub(crate) fn make(connection: &Connection, limit: u64) -> Result<u64, StoreError> {
    let mut gone = 0;
    let mut taken = self::taken(connection)?;
    if taken <= limit {
        return Ok(gone);
    }
    let aim = limit - limit / SPARE;
    while taken > aim {
        let mut rows: Vec<i64> = Vec::new();
        let mut freed = 0;
        {
            let mut oldest =
                connection.prepare_cached("SELECT row, size FROM answer_use ORDER BY at")?;
            let mut found = oldest.query([])?;
            while let Some(row) = found.next()? {
                if freed >= taken - aim {
                    break;
                }
                rows.push(row.get(0)?);
                freed += row.get::<_, i64>(1)?.unsigned_abs();
            }
        }
        // Nothing is left but the tables themselves.
        if rows.is_empty() {
            break;
        }
        let mut remove = connection.prepare_cached("DELETE FROM answer WHERE row = ?1")?;
        for row in &rows {
            remove.execute([row])?;
        }
        gone += rows.len() as u64;
        taken = self::taken(connection)?;
    }
    Ok(gone)
}

/// Gives free pages back to the disk when the file is larger than `limit` bytes.
pub(crate) fn give_back(writer: &Connection, limit: u64) -> Result<(), StoreError> {
    let file = (count(writer, "page_count")? * PAGE).unsigned_abs();
    if file > limit && count(writer, "freelist_count")? > 0 {
        // Each step of this statement frees one page.
        let mut vacuum = writer.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

fn count(connection: &Connection, pragma: &str) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
