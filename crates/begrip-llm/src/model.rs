//! The one way to ask a model.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::answer::{Answer, CachePolicy, CacheUse, FinishReason, Piece, Refusal};
use crate::breaker::{BreakerSettings, BreakerState};
use crate::cache::{CacheSettings, Found, ResponseCache};
use crate::counters::{CacheStats, Fate};
use crate::endpoint::Endpoint;
use crate::error::LlmError;
use crate::flight::{Flights, Joined, Pilot};
use crate::key::{Key, key_of};
use crate::observe::CallObserver;
use crate::request::Request;
use crate::retry::{RetryBudget, RetrySettings};
use crate::tier::{DiskTier, Selector, Stored, Tags, TierError};
use crate::upstream::{Reply, Rules, Upstream};
use crate::{Clock, CountTokens, Validate};

/// What a [`Model`] is made of. The default keeps answers in memory alone, tells nobody, and
/// estimates tokens at four bytes each.
pub struct Setup {
    /// Sizes and ages of the cache.
    pub cache: CacheSettings,
    /// How often is tried again.
    pub retry: RetrySettings,
    /// When an endpoint is left alone for a while.
    pub breaker: BreakerSettings,
    /// The tier that outlives the program.
    pub disk: Option<Arc<dyn DiskTier>>,
    /// Is told of each call.
    pub observer: Arc<dyn CallObserver>,
    /// Counts tokens where neither the caller nor the server does.
    pub count_tokens: CountTokens,
    /// The time.
    pub clock: Clock,
    /// The largest prompt that is sent, in tokens.
    pub prompt_limit: Option<u32>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            cache: CacheSettings::default(),
            retry: RetrySettings::default(),
            breaker: BreakerSettings::default(),
            disk: None,
            observer: Arc::new(()),
            count_tokens: Arc::new(|text| u32::try_from(text.len() / 4 + 1).unwrap_or(u32::MAX)),
            clock: Arc::new(Timestamp::now),
            prompt_limit: None,
        }
    }
}

/// A model behind its cache. Cheap to clone: clones share everything.
#[derive(Clone)]
pub struct Model {
    shared: Arc<Shared>,
}

struct Shared {
    upstream: RwLock<Option<Arc<Upstream>>>,
    cache: Arc<ResponseCache>,
    flights: Arc<Flights<Landed>>,
    breaker: BreakerSettings,
    rules: Rules,
}

/// What a flight lands with.
struct Landed {
    stored: Arc<Stored>,
    finish_reason: FinishReason,
    calls: u32,
    refusal: Option<Refusal>,
}

impl Model {
    /// A model without an endpoint: it answers from the cache alone until [`Model::configure`].
    pub fn new(setup: Setup) -> Self {
        let Setup {
            cache,
            retry,
            breaker,
            disk,
            observer,
            count_tokens,
            clock,
            prompt_limit,
        } = setup;
        let rules = Rules {
            retry,
            budget: RetryBudget::new(retry),
            observer,
            count_tokens,
            clock,
            prompt_limit,
        };
        let shared = Shared {
            upstream: RwLock::new(None),
            cache: Arc::new(ResponseCache::new(cache, disk)),
            flights: Flights::new(),
            breaker,
            rules,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sets the endpoint for questions from now on; `None` takes it away. Makes no connection.
    ///
    /// # Errors
    /// When the settings cannot be used; then the endpoint stays as it was.
    pub fn configure(&self, endpoint: Option<Endpoint>) -> Result<(), LlmError> {
        let upstream = match endpoint {
            Some(endpoint) => Some(Arc::new(Upstream::new(endpoint, self.shared.breaker)?)),
            None => None,
        };
        let mut place = self
            .shared
            .upstream
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = upstream;
        Ok(())
    }

    /// Asks a question: of the cache, of the same question that is under way, or of the model.
    ///
    /// Each piece of text goes to `sink` as soon as it is there, also from the cache. The answer is
    /// kept when it is complete and `validate` accepts it (that of the first, where several ask
    /// the same at one time). Dropping the future is leaving, as `cancel` is: the call ends when
    /// nobody waits for it any more. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Every [`LlmError`] says what went wrong. Where a kept but outdated answer exists, trouble
    /// with the server gives that answer, as [`CacheUse::Stale`], as long as no piece of a new one
    /// has been handed on.
    pub async fn ask(
        &self,
        request: Request,
        policy: CachePolicy,
        validate: Validate,
        mut sink: impl FnMut(Piece<'_>) + Send,
        cancel: &CancellationToken,
    ) -> Result<Answer, LlmError> {
        let Shared { cache, flights, .. } = &*self.shared;
        let key = key_of(&request);
        let now = (self.shared.rules.clock)();
        let organisation = request.scope.organisation.clone();
        let count = |fate| cache.counters.count(&organisation, fate);
        let mut from_cache = |stored: &Stored, from: CacheUse| {
            cache.counters.saved(&organisation, stored.usage);
            Ok(replay(stored, key, from, now, &mut sink))
        };
        let found = if cache.may_read(policy) {
            cache.look_up(&key, now)
        } else {
            Found::Nothing
        };
        let (fate, stale) = match found {
            Found::Memory(stored) => {
                count(Fate::Memory);
                return from_cache(&stored, CacheUse::Memory);
            }
            Found::Disk(stored) => {
                count(Fate::Disk);
                return from_cache(&stored, CacheUse::Disk);
            }
            Found::Stale(stored) if policy == CachePolicy::Offline => {
                count(Fate::Stale);
                return from_cache(&stored, CacheUse::Stale);
            }
            Found::Nothing if policy == CachePolicy::Offline => {
                count(Fate::OfflineMiss);
                return Err(LlmError::OfflineMiss);
            }
            Found::Stale(stored) => (Fate::Revalidated, Some(stored)),
            Found::Nothing if cache.may_read(policy) => (Fate::Miss, None),
            Found::Nothing => (Fate::Bypassed, None),
        };
        let landed = || {
            cache
                .just_landed(&key, now)
                .filter(|_| cache.may_read(policy))
        };
        let (fate, seat) = match flights.join(key, landed) {
            Joined::Landed(stored) => {
                count(Fate::Memory);
                return from_cache(&stored, CacheUse::Memory);
            }
            Joined::Follow(seat) => (Fate::Coalesced, seat),
            Joined::Lead(seat, pilot) => {
                let shared = Arc::clone(&self.shared);
                tokio::spawn(shared.fly(pilot, request, key, validate));
                (fate, seat)
            }
        };
        count(fate);
        let give = |text: &str| {
            sink(Piece {
                text,
                replayed: false,
            })
        };
        let (any_piece, outcome) = seat.follow(give, cancel).await;
        match outcome {
            Ok(landed) => {
                let coalesced = fate == Fate::Coalesced;
                if coalesced {
                    cache.counters.saved(&organisation, landed.stored.usage);
                }
                Ok(landed.answer(key, coalesced))
            }
            Err(error) => match stale {
                Some(stored) if !any_piece && is_like_offline(&error) => {
                    cache.counters.turn(&organisation, fate, Fate::Stale);
                    cache.counters.saved(&organisation, stored.usage);
                    Ok(replay(&stored, key, CacheUse::Stale, now, &mut sink))
                }
                _ => Err(error),
            },
        }
    }

    /// Keeps `text` as the answer to `request` in the place of one that was not valid: what a
    /// repair has made of it. `answer` is that of the repair.
    pub async fn keep_repaired(&self, request: &Request, text: String, answer: &Answer) {
        let cache = &self.shared.cache;
        if cache.settings.enabled {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let stored = Stored {
                piece_ends: vec![end],
                text,
                model: answer.model.clone(),
                usage: answer.usage,
                answered_at: answer.answered_at,
                tags: tags(request),
            };
            cache
                .keep(key_of(request), Arc::new(stored), cache.removals())
                .await;
        }
    }

    /// Whether the cache has a fresh answer, without counting it as a question: for showing
    /// beforehand whether a call will be made.
    pub fn is_kept(&self, request: &Request) -> bool {
        let now = (self.shared.rules.clock)();
        let cache = &self.shared.cache;
        let key = key_of(request);
        cache.settings.enabled
            && matches!(cache.look_up(&key, now), Found::Memory(_) | Found::Disk(_))
    }

    /// Brings entries from disk into memory, as far as they are there and fresh, and tells how many
    /// are in memory then. Blocks for as long as the disk takes. Nothing is counted as a question.
    pub fn warm(&self, keys: impl IntoIterator<Item = Key>) -> u64 {
        let now = (self.shared.rules.clock)();
        let cache = &self.shared.cache;
        let there =
            |key: &Key| matches!(cache.look_up(key, now), Found::Memory(_) | Found::Disk(_));
        if cache.settings.enabled {
            keys.into_iter().filter(there).count() as u64
        } else {
            0
        }
    }

    /// Removes entries from both tiers and tells how many there were.
    ///
    /// # Errors
    /// When the disk tier could not be cleared; memory has been all the same.
    pub fn clear(&self, selector: &Selector) -> Result<u64, TierError> {
        self.shared.cache.clear(selector)
    }

    /// Counters and sizes.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            under_way: self.shared.flights.len() as u64,
            ..self.shared.cache.stats()
        }
    }

    /// What the endpoint's circuit breaker does now; `None` without an endpoint.
    pub fn breaker(&self) -> Option<BreakerState> {
        self.shared
            .upstream()
            .map(|upstream| upstream.breaker.state())
    }

    /// The endpoint's address as it may be shown; `None` without an endpoint.
    pub fn address(&self) -> Option<String> {
        self.shared
            .upstream()
            .map(|upstream| upstream.endpoint.display_url())
    }
}

impl Shared {
    fn upstream(&self) -> Option<Arc<Upstream>> {
        self.upstream
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn fly(
        self: Arc<Self>,
        pilot: Pilot<Landed>,
        request: Request,
        key: Key,
        validate: Validate,
    ) {
        let Some(upstream) = self.upstream() else {
            return pilot.land(Err(LlmError::NotConfigured));
        };
        let cancel = pilot.cancel();
        let asked_at = self.cache.removals();
        let mut piece = |text: &str| pilot.piece(text);
        let run = upstream
            .run(&request, &key, &self.rules, &cancel, &mut piece)
            .await;
        let counters = &self.cache.counters;
        counters
            .calls
            .fetch_add(run.calls.into(), Ordering::Relaxed);
        let outcome = match run.result {
            Ok(reply) => {
                let landed = self.judge(reply, run.calls, &request, &validate);
                if landed.refusal.is_none() {
                    self.cache
                        .keep(key, Arc::clone(&landed.stored), asked_at)
                        .await;
                }
                Ok(landed)
            }
            Err(error) => {
                counters.refused(error.code());
                Err(error)
            }
        };
        pilot.land(outcome);
    }

    /// Says of a reply whether it may be kept.
    fn judge(&self, reply: Reply, calls: u32, request: &Request, validate: &Validate) -> Landed {
        let stored = Arc::new(Stored {
            text: reply.text,
            piece_ends: reply.piece_ends,
            model: reply.model,
            usage: reply.usage,
            answered_at: (self.rules.clock)(),
            tags: tags(request),
        });
        let refusal = match &reply.finish_reason {
            FinishReason::Other(word) => Some(Refusal::FinishReason(word.clone())),
            FinishReason::Stop => validate(&stored.text).err().map(Refusal::NotValid),
        };
        let refusal = refusal.or((!self.cache.settings.enabled).then_some(Refusal::SwitchedOff));
        if let Some(refusal) = &refusal {
            self.cache.counters.refused(refusal.code());
        }
        Landed {
            stored,
            finish_reason: reply.finish_reason,
            calls,
            refusal,
        }
    }
}

impl Landed {
    fn answer(&self, key: Key, coalesced: bool) -> Answer {
        let stored = &self.stored;
        Answer {
            text: stored.text.clone(),
            usage: stored.usage,
            model: stored.model.clone(),
            finish_reason: self.finish_reason.clone(),
            cache: CacheUse::Miss,
            age: Duration::ZERO,
            answered_at: stored.answered_at,
            calls: if coalesced { 0 } else { self.calls },
            coalesced,
            refusal: self.refusal.clone(),
            entry: key,
        }
    }
}

fn tags(request: &Request) -> Tags {
    Tags {
        term: request.term.clone(),
        model: request.model.clone(),
        prompt_version: request.scope.prompt_version.clone(),
        pack_version: request.scope.pack_version.clone(),
        organisation: request.scope.organisation.clone(),
        data_class: request.scope.data_class,
    }
}

fn replay(
    stored: &Stored,
    key: Key,
    from: CacheUse,
    now: Timestamp,
    sink: &mut impl FnMut(Piece<'_>),
) -> Answer {
    for text in stored.pieces() {
        sink(Piece {
            text,
            replayed: true,
        });
    }
    let age = now.duration_since(stored.answered_at);
    Answer {
        text: stored.text.clone(),
        usage: stored.usage,
        model: stored.model.clone(),
        finish_reason: FinishReason::Stop,
        cache: from,
        age: Duration::try_from(age).unwrap_or(Duration::ZERO),
        answered_at: stored.answered_at,
        calls: 0,
        coalesced: false,
        refusal: None,
        entry: key,
    }
}

/// True for errors that mean as much as being offline: an outdated answer is better than none.
fn is_like_offline(error: &LlmError) -> bool {
    error.is_trouble()
        || matches!(
            error,
            LlmError::NotConfigured | LlmError::CircuitOpen { .. } | LlmError::RateLimited { .. }
        )
}
