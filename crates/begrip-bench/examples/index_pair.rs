//! What an index is worth: the query by which the store finds concepts with a term, with its index and without.
//!
//! `index_pair HOME COUNT EACH` asks it `COUNT` times about terms of the file, every `EACH`th time without the index as well,
//! and ends with one line of JSON: the microseconds of both.
#![allow(clippy::print_stdout, reason = "it answers on standard output")]

mod opened;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use rusqlite::Statement;

/// The words of the store's own query, with and without the index; the shortest rows that it can give.
const WITH: &str = "SELECT row FROM concept WHERE term_key = ?1 LIMIT 50";
const WITHOUT: &str = "SELECT row FROM concept NOT INDEXED WHERE term_key = ?1 LIMIT 50";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, count, each] = arguments.as_slice() else {
        return Err("index_pair HOME COUNT EACH".into());
    };
    let (count, each): (usize, usize) = (count.parse()?, each.parse()?);
    let connection = opened::connection(Path::new(home))?;
    let mut keys = connection.prepare("SELECT term_key FROM concept ORDER BY row")?;
    let keys = keys.query_map([], |row| row.get(0))?;
    let keys = keys.collect::<Result<Vec<String>, _>>()?;
    let mut with = connection.prepare(WITH)?;
    let mut without = connection.prepare(WITHOUT)?;
    let (mut quick, mut slow) = (Vec::new(), Vec::new());
    // A prime step: everywhere in the file, and never the same twice in a row.
    for (number, key) in keys.iter().cycle().step_by(7_919).take(count).enumerate() {
        let found = asked(&mut with, key, &mut quick)?;
        if number % each.max(1) == 0 && asked(&mut without, key, &mut slow)? != found {
            return Err("they find different rows".into());
        }
    }
    println!("{{\"with\": {quick:?}, \"without\": {slow:?}}}");
    Ok(())
}

fn asked(
    query: &mut Statement<'_>,
    key: &str,
    micros: &mut Vec<f64>,
) -> Result<Vec<i64>, Box<dyn Error>> {
    let began = Instant::now();
    let rows = query.query_map([key], |row| row.get(0))?;
    let mut rows = rows.collect::<Result<Vec<i64>, _>>()?;
    micros.push(began.elapsed().as_secs_f64() * 1e6);
    if rows.is_empty() {
        return Err("a term of the file is not found".into());
    }
    rows.sort_unstable();
    Ok(rows)
}
