//! The store as the model's disk tier.

use std::sync::Arc;
use std::time::Duration;

use begrip_cache::{Cache, Stats};
use begrip_llm::tier::{DiskTier, Selector, Stored, TierError};
use begrip_llm::{CallObserver, Key, Model, Setup};
use begrip_prompt::{Tiktoken, TokenCounter};
use begrip_store::{CacheEntry, CacheSelector, Store, StoreError};

use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::schema::{CacheSettings, Settings};

/// The model behind its cache, with the store as disk tier and ledger; tokens that a reply does
/// not tell are counted as `model` counts them. Makes no connection.
pub(crate) fn model(
    store: &Arc<Store>,
    settings: &Settings,
    model: &str,
    clock: &Arc<dyn Clock>,
    ledger: &Arc<Ledger>,
) -> Model {
    tracing::info!(service = "model", "made");
    // A limit that cannot be kept yet is kept with the next answer.
    if let Err(error) = store.cache().set_limit(on_disk(&settings.cache)) {
        tracing::warn!(%error, "the cache file could not be made smaller");
    }
    let clock = Arc::clone(clock);
    let counter = Tiktoken::for_model(model);
    Model::new(Setup {
        cache: sizes(&settings.cache),
        disk: Some(disk_tier(store)),
        observer: Arc::clone(ledger) as Arc<dyn CallObserver>,
        count_tokens: Arc::new(move |text| counter.count(text)),
        clock: Arc::new(move || clock.now()),
        // The budget of the user is never above this one: see `define`.
        prompt_limit: Some(crate::define::HARD_LIMIT),
        ..Setup::default()
    })
}

/// How much is kept in memory and for how long an answer is fresh.
pub(crate) fn sizes(cache: &CacheSettings) -> begrip_llm::CacheSettings {
    let hours = |hours: u32| Duration::from_secs(u64::from(hours) * 3_600);
    begrip_llm::CacheSettings {
        enabled: cache.enabled,
        memory_bytes: u64::from(cache.memory_mb) * 1_000_000,
        fresh_general: hours(cache.ttl_hours),
        fresh_case: hours(cache.ttl_hours_case),
    }
}

/// Bytes that the file on disk may have.
pub(crate) fn on_disk(cache: &CacheSettings) -> u64 {
    u64::from(cache.disk_mb) * 1_000_000
}

/// The store as a disk tier.
pub fn disk_tier(store: &Arc<Store>) -> Arc<dyn DiskTier> {
    Arc::new(Disk(Arc::clone(store)))
}

struct Disk(Arc<Store>);

impl Cache for Disk {
    type Key = Key;
    type Value = Stored;
    type Error = TierError;

    fn get(&self, key: &Key) -> Result<Option<Stored>, TierError> {
        let body = self.0.cache().get(key).map_err(failed)?;
        // An entry of another form, or a damaged one, is absent: it will be asked for again.
        Ok(body.and_then(|body| Stored::from_bytes(&body)))
    }

    fn put(&self, key: &Key, stored: &Stored) -> Result<(), TierError> {
        let body = stored.to_bytes()?;
        let tags = stored.tags.clone();
        let entry = CacheEntry {
            key: *key,
            body,
            term: tags.term.unwrap_or_default(),
            organisation: tags.organisation,
            model: tags.model,
            prompt_version: tags.prompt_version,
            pack_version: tags.pack_version,
            created_at: stored.answered_at,
        };
        self.0.cache().put(entry).map_err(failed)
    }

    fn remove(&self, key: &Key) -> Result<bool, TierError> {
        Ok(self.remove_picked(&Selector::Entry(*key))? > 0)
    }

    fn clear(&self) -> Result<u64, TierError> {
        self.remove_picked(&Selector::All)
    }

    fn stats(&self) -> Result<Stats, TierError> {
        let figures = self.0.cache().figures().map_err(failed)?;
        Ok(Stats {
            entries: figures.entries,
            bytes: figures.bytes,
            evicted: figures.evicted,
            limit: figures.limit,
            hits: figures.hits,
            misses: figures.misses,
        })
    }
}

impl DiskTier for Disk {
    fn remove_picked(&self, selector: &Selector) -> Result<u64, TierError> {
        self.0.cache().clear(&in_store(selector)).map_err(failed)
    }

    fn removals(&self) -> u64 {
        self.0.cache().removals()
    }
}

/// The same in the store's words.
pub(crate) fn in_store(selector: &Selector) -> CacheSelector {
    match selector.clone() {
        Selector::All => CacheSelector::All,
        Selector::Entry(key) => CacheSelector::Key(key),
        Selector::Term(term) => CacheSelector::Term(term),
        Selector::Model(name) => CacheSelector::Model(name),
        Selector::PromptVersion(version) => CacheSelector::PromptVersion(version),
        Selector::PackVersion(version) => CacheSelector::PackVersion(version),
        Selector::Organisation(name) => CacheSelector::Organisation(name),
        Selector::AnsweredBefore(time) => CacheSelector::Before(time),
    }
}

fn failed(error: StoreError) -> TierError {
    TierError(error.to_string())
}

#[cfg(test)]
mod tests {
    use begrip_llm::Usage;
    use begrip_llm::tier::Tags;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_encrypted_tier_keeps_the_promises_of_a_cache() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        store.cache().set_limit(200_000).unwrap();
        let entry = |number: u32| {
            let mut key = Key::default();
            key[..4].copy_from_slice(&number.to_le_bytes());
            let stored = Stored {
                text: format!("{number:4000}"),
                piece_ends: vec![4_000],
                model: "gpt-4o".to_owned(),
                usage: Usage::default(),
                answered_at: Timestamp::UNIX_EPOCH,
                request_id: None,
                tags: Tags::default(),
            };
            (key, stored)
        };
        let told = |stored: &Stored| stored.text.clone();
        begrip_cache::contract::holds(&Disk(Arc::new(store)), entry, told);
    }
}
