//! The store as the model's disk tier and as its ledger.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use begrip_llm::tier::{DiskTier, Selector, Stored, TierError, TierStats};
use begrip_llm::{CallObserver, CallReport, Key, Model, Setup};
use begrip_prompt::{Tiktoken, TokenCounter};
use begrip_store::{CacheEntry, CacheSelector, LedgerRow, Store, StoreError};

use crate::clock::Clock;
use crate::open::lock;
use crate::schema::{ModelSettings, Settings};

/// The model behind its cache, with the store as disk tier and ledger; tokens that a reply does
/// not tell are counted as `model` counts them. Makes no connection.
pub(crate) fn model(
    store: &Arc<Store>,
    settings: &Settings,
    model: &str,
    clock: &Arc<dyn Clock>,
    prices: &Arc<Prices>,
) -> Model {
    tracing::info!(service = "model", "made");
    let cache = &settings.cache;
    store
        .cache()
        .set_limit(u64::from(cache.disk_mb) * 1_000_000);
    let fresh = Duration::from_secs(u64::from(cache.ttl_hours) * 3600);
    let clock = Arc::clone(clock);
    let counter = Tiktoken::for_model(model);
    Model::new(Setup {
        cache: begrip_llm::CacheSettings {
            enabled: cache.enabled,
            memory_bytes: u64::from(cache.memory_mb) * 1_000_000,
            fresh_general: fresh,
            fresh_case: fresh,
        },
        disk: Some(Arc::new(Disk(Arc::clone(store)))),
        observer: Arc::new(Ledger {
            store: Arc::clone(store),
            prices: Arc::clone(prices),
        }),
        count_tokens: Arc::new(move |text| counter.count(text)),
        clock: Arc::new(move || clock.now()),
        // The budget of the user is never above this one: see `define`.
        prompt_limit: Some(crate::define::HARD_LIMIT),
        ..Setup::default()
    })
}

struct Disk(Arc<Store>);

impl DiskTier for Disk {
    fn get(&self, key: &Key) -> Result<Option<Stored>, TierError> {
        let body = self.0.cache().get(key).map_err(failed)?;
        // An entry of another form, or a damaged one, is absent: it will be asked for again.
        Ok(body.and_then(|body| serde_json::from_slice(&body).ok()))
    }

    fn put(&self, key: &Key, stored: &Stored) -> Result<(), TierError> {
        let body = serde_json::to_vec(stored).map_err(|error| TierError(error.to_string()))?;
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

    fn clear(&self, selector: &Selector) -> Result<u64, TierError> {
        let selector = match selector.clone() {
            Selector::All => CacheSelector::All,
            Selector::Entry(key) => CacheSelector::Key(key),
            Selector::Term(term) => CacheSelector::Term(term),
            Selector::Model(name) => CacheSelector::Model(name),
            Selector::PromptVersion(version) => CacheSelector::PromptVersion(version),
            Selector::PackVersion(version) => CacheSelector::PackVersion(version),
            Selector::Organisation(name) => CacheSelector::Organisation(name),
            Selector::AnsweredBefore(time) => CacheSelector::Before(time),
        };
        self.0.cache().clear(&selector).map_err(failed)
    }

    fn removals(&self) -> u64 {
        self.0.cache().removals()
    }

    fn stats(&self) -> Result<TierStats, TierError> {
        let figures = self.0.cache().figures().map_err(failed)?;
        Ok(TierStats {
            entries: figures.entries,
            bytes: figures.bytes,
            evicted: figures.evicted,
        })
    }
}

fn failed(error: StoreError) -> TierError {
    TierError(error.to_string())
}

/// Prices of the model in force, for the ledger.
#[derive(Debug, Default)]
pub(crate) struct Prices(Mutex<(f64, f64)>);

impl Prices {
    pub fn set(&self, model: &ModelSettings) {
        *lock(&self.0) = (model.eur_per_million_in, model.eur_per_million_out);
    }

    /// Cost in euro; none when the model has no price.
    pub fn of(&self, tokens_in: u32, tokens_out: u32) -> Option<f64> {
        let (price_in, price_out) = *lock(&self.0);
        (price_in > 0.0 || price_out > 0.0)
            .then(|| (f64::from(tokens_in) * price_in + f64::from(tokens_out) * price_out) / 1e6)
    }
}

struct Ledger {
    store: Arc<Store>,
    prices: Arc<Prices>,
}

impl CallObserver for Ledger {
    fn observe(&self, report: &CallReport) {
        let usage = report.usage;
        let cost = self
            .prices
            .of(usage.tokens_in, usage.tokens_out)
            .unwrap_or(0.0);
        let (request_id, task) = match report.request_id.strip_suffix("-repair") {
            Some(id) => (id, "repair"),
            None => (report.request_id.as_str(), "define"),
        };
        let row = LedgerRow {
            at: report.started_at,
            request_id: request_id.to_owned(),
            task: task.to_owned(),
            model: report
                .model_answered
                .clone()
                .unwrap_or_else(|| report.model_asked.clone()),
            outcome: report.outcome.to_owned(),
            tokens_in: usage.tokens_in,
            tokens_out: usage.tokens_out,
            tokens_cached: usage.tokens_cached,
            // Millionths of a euro; more than 4,000 euro for one call cannot be.
            cost_micro_eur: (cost * 1e6).round().clamp(0.0, f64::from(u32::MAX)) as u32,
            latency_ms: u32::try_from(report.latency.as_millis()).unwrap_or(u32::MAX),
            prompt_version: report.scope.prompt_version.clone(),
            pack_version: report.scope.pack_version.clone(),
        };
        let store = Arc::clone(&self.store);
        // A call is told on the call's own task, which must not wait for the disk.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = store.append_call(&row) {
                tracing::error!(%error, "a call could not be written down");
            }
        });
    }
}
