//! What is remembered to spare work. Every cache of the workspace is a [`Cache`]: bounded, counted,
//! and emptied in one way, as `contract` says in tests. [`Bounded`] is the one in memory.
//!
//! What must not be forgotten is no cache and has no place here: a registry of what runs, a setting.

use serde::Serialize;

mod bounded;
#[cfg(feature = "contract")]
pub mod contract;

pub use bounded::Bounded;

/// A store of results that can be had again: what it forgets costs time, never a fact.
pub trait Cache: Send + Sync {
    /// What a result is found by.
    type Key;
    /// A result.
    type Value;
    /// Why it cannot be used; [`std::convert::Infallible`] in memory.
    type Error;

    /// The result of this key. Counts as a hit or a miss.
    ///
    /// # Errors
    /// When the cache cannot be read. A damaged entry is no error but absent.
    fn get(&self, key: &Self::Key) -> Result<Option<Self::Value>, Self::Error>;

    /// Remembers a result in the place of an older one of the same key. What is there longest without
    /// having been used makes room; what alone is too large is not remembered.
    ///
    /// # Errors
    /// When the cache cannot be written.
    fn put(&self, key: &Self::Key, value: &Self::Value) -> Result<(), Self::Error>;

    /// Forgets the result of this key, and tells whether there was one.
    ///
    /// # Errors
    /// When the cache cannot be written.
    fn remove(&self, key: &Self::Key) -> Result<bool, Self::Error>;

    /// Forgets everything, and tells how much there was.
    ///
    /// # Errors
    /// When the cache cannot be written.
    fn clear(&self) -> Result<u64, Self::Error>;

    /// What it holds and did.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn stats(&self) -> Result<Stats, Self::Error>;
}

/// What a cache holds, and did since the start of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Look-ups that found a result.
    pub hits: u64,
    /// Look-ups that found none.
    pub misses: u64,
    /// Results that made room for others.
    pub evicted: u64,
    /// Results that it holds.
    pub entries: u64,
    /// Their size in bytes, about.
    pub bytes: u64,
    /// Bytes that it may hold.
    pub limit: u64,
}
