//! Texts as vectors: what a model of embeddings was asked is not asked again.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::{Store, StoreError, queries};

/// Vectors that are kept: some megabytes.
const MOST: i64 = 10_000;

impl Store {
    /// The vector of each text by this model, in their order; none for a text that was not asked.
    /// Only where they point is kept, not how long they are.
    pub fn embeddings(
        &self,
        model: &str,
        texts: &[&str],
    ) -> Result<Vec<Option<Vec<f32>>>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::EMBEDDING)?;
            let mut found = Vec::with_capacity(texts.len());
            for text in texts {
                let bytes: Option<Vec<u8>> = query
                    .query_row(params![model, hash(text)], |row| row.get(0))
                    .optional()?;
                let vector = |bytes: Vec<u8>| {
                    let numbers = bytes.into_iter().map(|byte| f32::from(byte.cast_signed()));
                    numbers.collect()
                };
                found.push(bytes.map(vector));
            }
            Ok(found)
        })
    }

    /// Keeps vectors of texts by a model. Those of other models go: they cannot be compared with these.
    pub fn keep_embeddings(
        &self,
        model: &str,
        vectors: &[(&str, Vec<f32>)],
    ) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        // By the index from both sides; `<>` would read every vector.
        transaction.execute(
            "DELETE FROM embedding WHERE model < ?1 OR model > ?1",
            [model],
        )?;
        for (text, vector) in vectors {
            transaction.execute(
                "INSERT OR REPLACE INTO embedding (model, text, vector) VALUES (?1, ?2, ?3)",
                params![model, hash(text), small(vector)],
            )?;
        }
        transaction.execute(
            "DELETE FROM embedding WHERE row <= (SELECT max(row) FROM embedding) - ?1",
            [MOST],
        )?;
        Ok(transaction.commit()?)
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// One byte a number, of the largest: fine enough to compare directions.
fn small(vector: &[f32]) -> Vec<u8> {
    let largest = vector.iter().fold(0.0_f32, |most, n| most.max(n.abs()));
    let scale = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    // Within -127 and 127, by the scale.
    #[allow(clippy::cast_possible_truncation)]
    let byte = |n: &f32| ((n * scale).round() as i8).cast_unsigned();
    vector.iter().map(byte).collect()
}
