//! What the indexes of a list are worth: the two statements of a filtered list without them.
//!
//! `list_scan HOME LIMIT` reads a line `CONDITIONS|ORDER` and answers with `MICROSECONDS TOTAL`: how long counting and
//! reading the first page took, and how many pass. A program of its own because only `begrip-store` may know SQLite;
//! `begrip-bench` starts it.
#![allow(clippy::print_stdout, reason = "it answers on standard output")]

mod opened;

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

/// What the store reads of a row of a list.
const COLUMNS: &str = "c.row, c.id, c.term, c.context, c.category, c.status, c.origin, substr(c.definition, 1, 240), \
                       c.modified_at, c.version, c.valid_from, c.valid_until";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(limit)) = (arguments.next(), arguments.next()) else {
        return Err("list_scan HOME LIMIT".into());
    };
    let limit: u32 = limit.parse()?;
    let connection = opened::connection(Path::new(&home))?;
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let line = line?;
        let (conditions, order) = line.split_once('|').ok_or("CONDITIONS|ORDER")?;
        let from = format!("FROM concept c NOT INDEXED WHERE {conditions}");
        let began = Instant::now();
        let mut count = connection.prepare_cached(&format!("SELECT count(*) {from}"))?;
        let total: u32 = count.query_row([], |row| row.get(0))?;
        let page = format!("SELECT {COLUMNS} {from} ORDER BY {order} LIMIT {limit}");
        let mut page = connection.prepare_cached(&page)?;
        let mut rows = page.query([])?;
        while let Some(row) = rows.next()? {
            let shown: (i64, String, String) = (row.get(0)?, row.get(2)?, row.get(7)?);
            std::hint::black_box(shown);
        }
        let micros = began.elapsed().as_secs_f64() * 1e6;
        writeln!(out, "{micros:.1} {total}")?;
        out.flush()?;
    }
    Ok(())
}
