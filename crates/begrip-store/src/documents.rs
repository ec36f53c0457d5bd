//! Editor texts, the settings document, and what the store remembers of itself.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::rows::time;
use crate::{Store, StoreError, queries};

/// What stood in an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedText {
    /// Name of the editor.
    pub key: String,
    /// What stood in it.
    pub content: String,
    /// When it was kept.
    pub at: Timestamp,
}

/// The longest name and content of an editor text, in bytes.
const KEY_BYTES: usize = 200;
const CONTENT_BYTES: usize = 4 << 20;

impl Store {
    /// Keeps what stands in an editor; durable when the call returns.
    ///
    /// Errors: a name that is empty or longer than 200 bytes, a content longer than 4 MB.
    pub fn save_text(&self, key: &str, content: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        // It may name a draft.
        self.write_waiting(&mut writer)?;
        write_text(&writer, key, content, at)
    }

    /// What stood in an editor.
    pub fn text(&self, key: &str) -> Result<Option<SavedText>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection
                .prepare_cached(queries::BUFFER)?
                .query_row([key], saved)
                .optional()?)
        })
    }

    /// What stood in every editor, latest first.
    pub fn texts(&self) -> Result<Vec<SavedText>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT key, content, at FROM buffer ORDER BY at DESC, key")?;
            Ok(query.query_map([], saved)?.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets an editor text; one that is not there is no error.
    pub fn forget_text(&self, key: &str) -> Result<(), StoreError> {
        self.pool
            .write()
            .execute("DELETE FROM buffer WHERE key = ?1", [key])?;
        Ok(())
    }

    /// A document, such as the settings, as it was kept.
    pub fn document(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection
                .prepare_cached(queries::DOCUMENT)?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps a document if there is none of this name, and gives the one that is there now: two
    /// programs that begin at one time get the same.
    pub fn keep_first_document(&self, name: &str, content: &str) -> Result<String, StoreError> {
        let writer = self.pool.write();
        writer.execute(
            "INSERT INTO document (name, content) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            [name, content],
        )?;
        Ok(writer
            .prepare_cached(queries::DOCUMENT)?
            .query_row([name], |row| row.get(0))?)
    }

    /// Keeps a document in the place of the one before.
    pub fn keep_document(&self, name: &str, content: &str) -> Result<(), StoreError> {
        self.pool.write().execute(
            "INSERT INTO document (name, content) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET content = excluded.content",
            [name, content],
        )?;
        Ok(())
    }
}

/// Whether an editor text can be kept; errors as of [`Store::save_text`].
pub(crate) fn check_text(key: &str, content: &str) -> Result<(), StoreError> {
    let named = (1..=KEY_BYTES).contains(&key.len())
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || "-_:.".contains(c));
    if !named {
        return Err(StoreError::Invalid("the name of the editor text"));
    }
    if content.len() > CONTENT_BYTES {
        return Err(StoreError::Invalid("the editor text is longer than 4 MB"));
    }
    Ok(())
}

/// Keeps an editor text; its errors are those of [`Store::save_text`].
pub(crate) fn write_text(
    connection: &Connection,
    key: &str,
    content: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    check_text(key, content)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO buffer (key, content, at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (key) DO UPDATE SET content = excluded.content, at = excluded.at",
    )?;
    insert.execute(params![key, content, at.as_millisecond()])?;
    Ok(())
}

fn saved(row: &Row<'_>) -> rusqlite::Result<SavedText> {
    Ok(SavedText {
        key: row.get(0)?,
        content: row.get(1)?,
        at: time(row.get(2)?),
    })
}
