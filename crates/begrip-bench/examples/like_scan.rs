//! The old way of looking up: a scan with `LIKE` over the store's own file, without rank.
//!
//! `like_scan HOME LIMIT` reads a text a line and answers each with `MICROSECONDS HITS`. A program
//! of its own because only `begrip-store` may know SQLite; `begrip-bench` starts it.
#![allow(clippy::print_stdout, reason = "it answers on standard output")]

use std::error::Error;
use std::fs;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, OpenFlags};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(limit)) = (arguments.next(), arguments.next()) else {
        return Err("like_scan HOME LIMIT".into());
    };
    let home = Path::new(&home);
    let limit: u32 = limit.parse()?;
    let key = fs::read_to_string(home.join("begrip.key"))?;
    // Not read-only: a reader of a WAL file takes part in its shared memory.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(home.join("begrip.db"), flags)?;
    connection.pragma_update(None, "key", format!("x'{}'", key.trim()))?;
    // As the store's own readers have them.
    connection.execute_batch(
        "PRAGMA cipher_memory_security = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16000; PRAGMA query_only = ON;",
    )?;
    let mut query = connection.prepare(
        "SELECT term, definition FROM concept \
         WHERE term LIKE ?1 OR definition LIKE ?1 LIMIT ?2",
    )?;
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let wanted = format!("%{}%", line?.replace(['%', '_'], " "));
        let began = Instant::now();
        let mut rows = query.query((&wanted, limit))?;
        let mut hits = 0;
        while let Some(row) = rows.next()? {
            let found: (String, String) = (row.get(0)?, row.get(1)?);
            std::hint::black_box(found);
            hits += 1;
        }
        drop(rows);
        let micros = began.elapsed().as_secs_f64() * 1e6;
        writeln!(out, "{micros:.1} {hits}")?;
        out.flush()?;
    }
    Ok(())
}
