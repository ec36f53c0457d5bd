//! Whether every statement of this crate goes by an index: the test listens to what SQLite is asked while a store goes
//! through all that it does, has each statement explained, and refuses a walk over a table that grows.
//!
//! | file | holds |
//! |---|---|
//! | `walk`, `work` | a store that does everything once |
//! | `allowed` | walks that are allowed, each with its reason |

mod allowed;
mod walk;
mod work;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use allowed::{ALLOWED, Allowed, NARROWER};

use crate::Secret;
use crate::connection::{self, Mode};

thread_local! {
    /// Whether connections that this thread opens are listened to.
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// What was asked. Of a process, not of a thread: the cache writes on one of its own.
static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Listens to a connection from its opening on, when the thread that opens it asked for that.
pub(crate) fn listen(connection: &Connection) {
    if LISTENS.get() {
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(noted));
    }
}

fn noted(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, sql) = event {
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(sql.to_owned());
    }
}

/// The tables of a file with how each is made.
type Tables = BTreeMap<String, String>;

fn tables(connection: &Connection) -> Tables {
    let sql = "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'table'";
    let mut query = connection.prepare(sql).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// The words of a statement, its brackets and its commas.
fn words(sql: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = None;
    for (at, c) in sql.char_indices() {
        match (c.is_alphanumeric() || c == '_', from) {
            (true, None) => from = Some(at),
            (false, Some(begin)) => {
                words.push(&sql[begin..at]);
                from = None;
            }
            _ => {}
        }
        if "(),".contains(c) {
            words.push(&sql[at..=at]);
        }
    }
    words.extend(from.map(|begin| &sql[begin..]));
    words
}

/// The table that a step means by a name; none for what the statement itself makes. A name that could be either is a
/// table's.
fn table_of<'t>(name: &str, sql: &str, tables: &'t Tables) -> Result<Option<&'t str>, String> {
    let stored = |name: &str| tables.get_key_value(name).map(|(name, _)| name.as_str());
    let words: Vec<&str> = words(sql)
        .into_iter()
        .filter(|word| *word != "AS")
        .collect();
    let mut made = false;
    for pair in words.windows(2) {
        if pair[1] != name {
            continue;
        }
        match stored(pair[0]) {
            Some(table) => return Ok(Some(table)),
            // `(SELECT …) name`, `json_each(?1) name`, `WITH RECURSIVE name`.
            None => made |= [")", "RECURSIVE"].contains(&pair[0]),
        }
    }
    match (stored(name), made) {
        (Some(table), _) => Ok(Some(table)),
        (None, true) => Ok(None),
        (None, false) => Err(format!("nothing is called {name}")),
    }
}

/// Whether an index that is walked holds every column `c.…` that its statement filters and sorts by: then no row is
/// read that is not shown.
fn holds_all(index: &str, sql: &str, connection: &Connection) -> bool {
    let info = "SELECT name FROM pragma_index_info(?1)";
    let mut query = connection.prepare(info).unwrap();
    let columns = query.query_map([index], |row| row.get::<_, String>(0));
    let columns: BTreeSet<String> = columns.unwrap().map(Result::unwrap).collect();
    let after = sql
        .split_once(" FROM concept c ")
        .map_or("", |(_, after)| after);
    let asked = after.split("c.").skip(1);
    asked
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
        .all(|column| columns.contains(column))
}

/// What is wrong with a step; with the walk that allows it when one has to.
fn judge(step: &str, sql: &str, file: &File) -> Result<Option<usize>, String> {
    let tables = &file.tables;
    let Some(rest) = step.strip_prefix("SCAN ") else {
        return Ok(None);
    };
    let (name, how) = rest.split_once(' ').unwrap_or((rest, ""));
    // Values that stand in the statement.
    if rest.ends_with("CONSTANT ROW") || rest.ends_with("CONSTANT ROWS") {
        return Ok(None);
    }
    // A part of the statement that has no name, and rows made of a value.
    if name.starts_with('(') || name == "json_each" {
        return Ok(None);
    }
    let Some(table) = table_of(name, sql, tables)? else {
        return Ok(None);
    };
    if tables[table].starts_with("CREATE VIRTUAL TABLE") {
        // The number of the way and what is searched for; `0:` is all of it.
        let way = how.split_once("VIRTUAL TABLE INDEX ");
        if way.is_some_and(|(_, way)| way != "0:") {
            return Ok(None);
        }
    }
    if table == "concept" && !how.is_empty() && !how.contains("COVERING") {
        let index = how.rsplit(' ').next().unwrap_or_default();
        if !holds_all(index, sql, &file.connection) {
            return Err(format!("{index} leaves rows to be read"));
        }
    } else if table == "concept" && how.is_empty() && sql.contains(" c ") {
        return Err("all rows of concept are read".to_owned());
    }
    let fits = |allowed: &Allowed| {
        let table = allowed.table == table && sql.contains(allowed.statement);
        table && (!allowed.index_alone || how.contains("COVERING INDEX"))
    };
    match ALLOWED.iter().position(fits) {
        Some(at) => Ok(Some(at)),
        None => Err(format!("all of {table} is walked")),
    }
}

/// A file that statements are explained on.
struct File {
    connection: Connection,
    tables: Tables,
}

impl File {
    fn open(home: &Path, name: &str, key: &Secret) -> Self {
        let connection = connection::open(&home.join(name), key, Mode::Write).unwrap();
        let trigger = DbConfig::SQLITE_DBCONFIG_TRIGGER_EQP;
        // What triggers do is told as well.
        connection.set_db_config(trigger, true).unwrap();
        let tables = tables(&connection);
        Self { connection, tables }
    }

    /// The steps of a statement; none when it is not one of this file.
    fn steps(&self, sql: &str) -> Option<Vec<String>> {
        let plan = self
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"));
        let mut plan = plan.ok()?;
        let values = vec![rusqlite::types::Value::Null; plan.parameter_count()];
        let values = rusqlite::params_from_iter(values);
        let steps = plan
            .query_map(values, |row| row.get::<_, String>(3))
            .unwrap();
        Some(steps.map(Result::unwrap).collect())
    }
}

/// What is wrong with the plans of statements on these files, and which walks had to be allowed.
fn look_at(heard: &BTreeSet<String>, files: &[File]) -> (Vec<String>, BTreeSet<usize>) {
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for sql in heard {
        let explained = files.iter().find_map(|file| Some((file.steps(sql)?, file)));
        let Some((steps, file)) = explained else {
            wrong.push(format!("no plan of: {sql}"));
            continue;
        };
        for step in &steps {
            match judge(step, sql, file) {
                Ok(allowed) => used.extend(allowed),
                Err(why) => wrong.push(format!("{why}: {sql}\n    {steps:?}")),
            }
        }
    }
    (wrong, used)
}

/// What a store asked while it did everything; `home` then holds what it left.
fn heard_at(home: &Path) -> BTreeSet<String> {
    LISTENS.set(true);
    HEARD.lock().unwrap_or_else(PoisonError::into_inner).clear();
    walk::everything(home);
    LISTENS.set(false);
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];
    let heard = std::mem::take(&mut *HEARD.lock().unwrap_or_else(PoisonError::into_inner));
    heard
        .into_iter()
        .filter(|sql| verbs.iter().any(|verb| sql.starts_with(verb)))
        // What the text index asks of its own tables, and the schema of itself.
        .filter(|sql| {
            !sql.contains("'main'.'")
                && !sql.contains("\"main\".")
                && !sql.contains("sqlite_schema")
        })
        .filter(|sql| !sql.contains("pragma_"))
        .collect()
}

fn files_of(home: &Path) -> [File; 2] {
    let key = Secret::new(
        fs::read_to_string(home.join("begrip.key"))
            .unwrap()
            .trim()
            .to_owned(),
    );
    ["begrip.db", "cache.db"].map(|name| File::open(home, name, &key))
}

/// The literals of a source file that are pieces of SQL, up to its tests.
fn pieces(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut pieces = Vec::new();
    for literal in without_comments(source).split('\u{0}').skip(1).step_by(2) {
        let is_sql = [
            "SELECT ", "INSERT ", "UPDATE ", "DELETE ", " FROM ", "FROM ", " WHERE ", " = ?",
            " < ?", "<= ?",
        ]
        .iter()
        .any(|word| literal.contains(word));
        // How a file was made is no table that grows.
        if is_sql && !literal.contains("sqlite_schema") {
            // What is put in between is heard with the statement.
            let mut rest = literal;
            while let Some((before, after)) = rest.split_once('{') {
                pieces.push(before.to_owned());
                rest = after.split_once('}').map_or("", |(_, after)| after);
            }
            pieces.push(rest.to_owned());
        }
    }
    pieces
}

/// A source with each string between two zeros, as the compiler reads it, and without comments.
fn without_comments(source: &str) -> String {
    let mut out = String::new();
    let mut chars = source.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match (in_string, c) {
            (false, '/') if chars.peek() == Some(&'/') => {
                while chars.next_if(|c| *c != '\n').is_some() {}
            }
            (false, '\'') if chars.peek() == Some(&'"') => {
                // A quote as a character.
                chars.next();
                chars.next();
            }
            (_, '"') => {
                in_string = !in_string;
                out.push('\u{0}');
            }
            (true, '\\') => match chars.next() {
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (_, c) => out.push(c),
        }
    }
    out
}

/// The sources of this crate with their names; without the schema, which is what statements are explained on.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true if name != "plans" => sources.extend(self::sources(&path)),
            false
                if name.ends_with(".rs") && !["schema.rs", "plans.rs"].contains(&name.as_str()) =>
            {
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
            _ => {}
        }
    }
    sources
}

#[test]
fn every_statement_goes_by_an_index_or_has_a_reason_and_a_lost_index_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let heard = heard_at(home.path());
    let files = files_of(home.path());

    // Whatever SQL stands in the sources was asked.
    let mut silent = Vec::new();
    for (name, source) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for piece in pieces(&source) {
            let known = heard.iter().any(|sql| sql.contains(&piece));
            if !known {
                silent.push(format!("{name}: {piece}"));
            }
        }
    }
    assert!(silent.is_empty(), "never asked:\n{}", silent.join("\n"));

    let (wrong, used) = look_at(&heard, &files);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (at, allowed) in ALLOWED.iter().enumerate() {
        let Allowed {
            statement,
            table,
            why,
            ..
        } = allowed;
        assert!(
            !why.is_empty() && used.contains(&at),
            "allowed for nothing: {statement} of {table}"
        );
    }

    let mut unnoticed = BTreeSet::new();
    for file in &files {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
        let mut query = file.connection.prepare(sql).unwrap();
        let names = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let names: Vec<String> = names.map(Result::unwrap).collect();
        drop(query);
        assert!(!names.is_empty());
        for name in names {
            let lose = format!("BEGIN; DROP INDEX {name}");
            file.connection.execute_batch(&lose).unwrap();
            if look_at(&heard, &files).0.is_empty() {
                unnoticed.insert(name);
            }
            file.connection.execute_batch("ROLLBACK").unwrap();
        }
    }
    let narrower = NARROWER.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(
        unnoticed,
        narrower.collect(),
        "an index was lost and nothing told"
    );
    assert_eq!(look_at(&heard, &files).0, Vec::<String>::new());
}
