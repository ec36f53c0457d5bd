//! Kept answers: their figures, what takes them away, and bringing them to mind at the start.

use begrip_cache::Stats;
use begrip_domain::Label;
use begrip_llm::tier::Selector;
use begrip_llm::{Counts, Key};

use crate::open::Core;
use crate::schema::{CacheClear, CacheStats, NamedCount, OrganisationStats, Removed, TierStats};
use crate::tier::in_store;
use crate::workplace::small;
use crate::{App, ErrorCode, UserError};

/// Less than any answer takes in memory: so many keys are enough to fill it.
const SMALLEST_ANSWER: u32 = 500;

impl App {
    /// The response cache's figures.
    pub async fn cache_stats(&self, (): ()) -> Result<CacheStats, UserError> {
        self.blocking(|core| Ok(core.cache_stats())).await
    }

    /// Removes cached answers from every tier, and what was asked and answered for them: what a kept
    /// concept leads to only when that is asked for. What is there about cases goes altogether, answers and
    /// the first texts of drafts that no concept came of: so nothing is left about any person, whatever was named.
    ///
    /// Errors: a name of an entry that is none, more than one thing named.
    pub async fn cache_clear(&self, request: CacheClear) -> Result<Removed, UserError> {
        self.blocking(move |core| {
            let with_held = request.with_exchanges;
            let selector = selector(request)?;
            // First what is about a case: a disk that fails keeps it from nobody.
            let cases = small(core.model.forget_cases());
            core.case_exchanges.remove_where(|_, _| true);
            let entries = core.forget(&selector)? + cases;
            let drafts = core.forget_case_drafts();
            core.store
                .remove_exchanges(&in_store(&selector), with_held)?;
            drafts?;
            Ok(Removed { entries })
        })
        .await
    }

    /// Brings the answers that were used most into memory, up to half of what memory may hold, and
    /// tells how many. Blocks for as long as the disk takes, and ends at [`App::close`]: for a thread of
    /// its own, once the window is there.
    pub fn warm_up(&self) -> u32 {
        let core = &self.core;
        let cache = core.settings().cache;
        let most = cache.memory_mb.saturating_mul(1_000_000) / 2 / SMALLEST_ANSWER;
        let keys: Vec<Key> = match core.store.cache().most_used(most) {
            Ok(keys) => keys,
            Err(error) => {
                tracing::warn!(%error, "no answers were brought to mind");
                return 0;
            }
        };
        let warmed = small(core.model.warm(keys, &core.closing));
        tracing::info!(warmed, "answers brought to mind");
        warmed
    }
}

impl Core {
    /// No kept answer about this term is given any more; tells how many went.
    pub fn forget_about(&self, term: &Label) -> Result<u32, UserError> {
        let key = begrip_language::term_key(term.as_str());
        self.forget(&Selector::Term(key.to_string()))
    }

    fn forget(&self, selector: &Selector) -> Result<u32, UserError> {
        let removed = self
            .model
            .clear(selector)
            .map_err(|error| UserError::new(ErrorCode::StoreFailed, error.to_string()))?;
        Ok(small(removed))
    }

    fn cache_stats(&self) -> CacheStats {
        let stats = self.model.stats();
        let counts = stats.counts;
        let disk = stats.disk.unwrap_or_default();
        CacheStats {
            requests: small(counts.requests),
            hits_memory: small(counts.memory_hits),
            hits_disk: small(counts.disk_hits),
            stale: small(counts.stale),
            misses: misses(&counts),
            bypassed: small(counts.bypassed),
            coalesced: small(counts.coalesced),
            refused: small(stats.refused.values().sum()),
            refused_by: stats
                .refused
                .into_iter()
                .map(|(name, count)| NamedCount {
                    name,
                    count: small(count),
                })
                .collect(),
            evicted: small(stats.memory.evicted + disk.evicted),
            removed: small(stats.removed),
            warmed: small(stats.warmed),
            calls: small(stats.calls),
            disk_errors: small(stats.disk_errors),
            tokens_saved: counts.tokens_in_saved as f64 + counts.tokens_out_saved as f64,
            eur_saved: self.ledger.eur_saved(None),
            by_organisation: stats
                .by_organisation
                .iter()
                .map(|(organisation, counts)| OrganisationStats {
                    organisation: organisation.clone(),
                    requests: small(counts.requests),
                    hits_memory: small(counts.memory_hits),
                    hits_disk: small(counts.disk_hits),
                    stale: small(counts.stale),
                    misses: misses(counts),
                    bypassed: small(counts.bypassed),
                    coalesced: small(counts.coalesced),
                    tokens_saved: counts.tokens_in_saved as f64 + counts.tokens_out_saved as f64,
                    eur_saved: self.ledger.eur_saved(Some(organisation)),
                })
                .collect(),
            memory: tier(stats.memory),
            disk: tier(disk),
            packs: tier(self.packs.stats()),
            case_exchanges: tier(self.case_exchanges.stats()),
            neighbours: tier(self.neighbours.stats()),
            word_counts: tier(self.store.word_counts()),
        }
    }
}

fn misses(counts: &Counts) -> u32 {
    small(counts.misses + counts.revalidated + counts.offline_misses)
}

fn tier(stats: Stats) -> TierStats {
    TierStats {
        entries: small(stats.entries),
        bytes: stats.bytes as f64,
        limit: stats.limit as f64,
        evicted: small(stats.evicted),
        hits: small(stats.hits),
        misses: small(stats.misses),
    }
}

/// The one thing that a request names; all when it names nothing.
fn selector(request: CacheClear) -> Result<Selector, UserError> {
    let CacheClear {
        term,
        entry,
        model,
        prompt_version,
        pack_version,
        organisation,
        with_exchanges: _,
    } = request;
    type Way = fn(String) -> Result<Selector, UserError>;
    let ways: [(Option<String>, Way); 6] = [
        (term, |term| {
            let key = begrip_language::term_key(&term);
            Ok(Selector::Term(key.to_string()))
        }),
        (entry, |name| {
            let unknown = || UserError::new(ErrorCode::EntryUnknown, "entry");
            key_of(&name).map(Selector::Entry).ok_or_else(unknown)
        }),
        (model, |name| Ok(Selector::Model(name))),
        (prompt_version, |name| Ok(Selector::PromptVersion(name))),
        (pack_version, |name| Ok(Selector::PackVersion(name))),
        (organisation, |name| Ok(Selector::Organisation(name))),
    ];
    let mut named = ways
        .into_iter()
        .filter_map(|(value, way)| value.map(|value| (value, way)));
    match (named.next(), named.next()) {
        (None, _) => Ok(Selector::All),
        (Some((value, way)), None) => way(value),
        _ => Err(UserError::new(ErrorCode::BadRequest, "one thing at a time")),
    }
}

/// The name of an entry, as an answer tells it.
pub(crate) fn name_of(key: &Key) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_of(name: &str) -> Option<Key> {
    let digits = name.trim().as_bytes();
    let mut key = Key::default();
    // A sign before a digit is read as a number too.
    if digits.len() != 2 * key.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_the_name_that_it_was_told_by() {
        let mut key = Key::default();
        key[0] = 0xab;
        key[31] = 7;
        assert_eq!(key_of(&name_of(&key)), Some(key));
        for name in ["", "ab", "zz", &"é".repeat(32), &"+1".repeat(32)] {
            assert!(key_of(name).is_none(), "{name}");
        }
    }
}
