//! The store's own file, opened past the store: for what the store itself would never do.

use std::error::Error;
use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// The file of the workplace in `home`, with the pragmas of the store's own readers.
pub fn connection(home: &Path) -> Result<Connection, Box<dyn Error>> {
    let key = fs::read_to_string(home.join("begrip.key"))?;
    // Not read-only: a reader of a WAL file takes part in its shared memory.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(home.join("begrip.db"), flags)?;
    connection.pragma_update(None, "key", format!("x'{}'", key.trim()))?;
    connection.execute_batch(
        "PRAGMA cipher_memory_security = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16000; PRAGMA query_only = ON;",
    )?;
    Ok(connection)
}
