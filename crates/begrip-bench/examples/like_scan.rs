//! The old way of looking up: a scan with `LIKE` over the store's own file, without rank.
//!
//! `like_scan HOME LIMIT` reads a text a line and answers each with `MICROSECONDS HITS`. A program
//! of its own because only `begrip-store` may know SQLite; `begrip-bench` starts it.
#![allow(clippy::print_stdout, reason = "it answers on standard output")]

mod opened;

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(limit)) = (arguments.next(), arguments.next()) else {
        return Err("like_scan HOME LIMIT".into());
    };
    let home = Path::new(&home);
    let limit: u32 = limit.parse()?;
    let connection = opened::connection(home)?;
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
