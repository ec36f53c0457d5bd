//! The one way to ask a model.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::answer::{Answer, CachePolicy, CacheUse, FinishReason, Piece, Refusal, age, replay};
use crate::breaker::{BreakerSettings, BreakerState};
use crate::cache::{CacheSettings, Found, ResponseCache};
use crate::counters::{CacheStats, Fate};
use crate::embed::Work;
use crate::endpoint::Endpoint;
use crate::error::LlmError;
use crate::flight::{Flights, Joined, Pilot};
use crate::key::{Key, key_of};
use crate::observe::CallObserver;
use crate::question::Question;
use crate::request::Request;
use crate::retry::{RetryBudget, RetrySettings};
use crate::shared::{SharedTier, Turn};
use crate::tier::{DiskTier, Selector, Stored, Tags, TierError};
use crate::upstream::{Place, Reply, Rules};
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
    /// The tier that other programs share.
    pub shared: Option<Arc<dyn SharedTier>>,
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
            shared: None,
            observer: Arc::new(()),
            count_tokens: Arc::new(crate::estimate),
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

pub(crate) struct Shared {
    pub(crate) upstream: Place,
    /// Where embeddings come from.
    pub(crate) embeddings: Place,
    pub(crate) cache: Arc<ResponseCache>,
    between: Option<Arc<dyn SharedTier>>,
    flights: Arc<Flights<Landed>>,
    /// Flights that have not come to their end, also those that nobody waits for any more.
    flying: AtomicU64,
    breaker: BreakerSettings,
    pub(crate) rules: Rules,
}

/// What a flight lands with.
struct Landed {
    stored: Arc<Stored>,
    finish_reason: FinishReason,
    calls: u32,
    refusal: Option<Refusal>,
    asked_at: u64,
    /// True when another program had it.
    kept: bool,
}

impl Model {
    /// A model without an endpoint: it answers from the cache alone until [`Model::configure`].
    pub fn new(setup: Setup) -> Self {
        let Setup {
            cache,
            retry,
            breaker,
            disk,
            shared: between,
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
            upstream: Place::default(),
            embeddings: Place::default(),
            cache: Arc::new(ResponseCache::new(cache, disk)),
            between,
            flights: Flights::new(),
            flying: AtomicU64::new(0),
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
        self.shared.upstream.put(endpoint, self.shared.breaker)
    }

    /// The same for the endpoint that [`Model::embed`] asks.
    ///
    /// # Errors
    /// When the settings cannot be used; then the endpoint stays as it was.
    pub fn configure_embeddings(&self, endpoint: Option<Endpoint>) -> Result<(), LlmError> {
        self.shared.embeddings.put(endpoint, self.shared.breaker)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
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
    #[tracing::instrument(skip_all)]
    pub async fn ask(
        &self,
        request: Request,
        policy: CachePolicy,
        validate: Validate,
        sink: impl FnMut(Piece<'_>) + Send,
        cancel: &CancellationToken,
    ) -> Result<Answer, LlmError> {
        self.ask_for(Work::Answer, request, policy, validate, sink, cancel)
            .await
    }

    /// The same for either kind of answer.
    pub(crate) async fn ask_for(
        &self,
        work: Work,
        mut request: Request,
        policy: CachePolicy,
        validate: Validate,
        mut sink: impl FnMut(Piece<'_>) + Send,
        cancel: &CancellationToken,
    ) -> Result<Answer, LlmError> {
        let Shared { cache, flights, .. } = &*self.shared;
        let key = work.key_of(&request);
        let now = (self.shared.rules.clock)();
        request.anew = policy == CachePolicy::Refresh;
        let request = Arc::new(request);
        let mut question = Question::new(&self.shared, Arc::clone(&request), now);
        let mut from_cache = |mut question: Question<'_>, stored: &Stored, fate: Fate| {
            question.became(fate);
            question.answered(stored.usage);
            Ok(replay(stored, key, fate, now, &mut sink))
        };
        let found = if cache.may_read(policy) {
            cache.look_up(&key, now)
        } else {
            Found::Nothing
        };
        let (fate, stale) = match found {
            Found::Memory(stored) => return from_cache(question, &stored, Fate::Memory),
            Found::Disk(stored) => return from_cache(question, &stored, Fate::Disk),
            Found::Stale(stored) if policy == CachePolicy::Offline => {
                return from_cache(question, &stored, Fate::Stale);
            }
            Found::Nothing if policy == CachePolicy::Offline => {
                question.became(Fate::OfflineMiss);
                question.passed_on = request.once;
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
        question.alone = fate;
        let (fate, seat) = match flights.join(key, landed) {
            Joined::Landed(stored) => return from_cache(question, &stored, Fate::Memory),
            Joined::Follow(seat) => (Fate::Coalesced, seat),
            Joined::Lead(seat, pilot) => {
                let flying = Flying::begin(&self.shared);
                let flight =
                    Arc::clone(&self.shared).fly(work, pilot, Arc::clone(&request), key, validate);
                let flight = async move {
                    flight.await;
                    drop(flying);
                };
                tokio::spawn(flight.instrument(tracing::info_span!("fetch")));
                (fate, seat)
            }
        };
        question.became(fate);
        let give = |text: &str, replayed: bool| sink(Piece { text, replayed });
        let (any_piece, outcome) = seat.follow(give, cancel).await;
        match outcome {
            Ok(landed) => {
                let fate = match landed.kept && fate != Fate::Coalesced {
                    true => Fate::Disk,
                    false => fate,
                };
                question.became(fate);
                if landed.kept || fate == Fate::Coalesced {
                    question.answered(landed.stored.usage);
                }
                Ok(landed.answer(key, fate, (self.shared.rules.clock)()))
            }
            Err(error) => match stale {
                Some(stored) if !any_piece && is_like_offline(&error) => {
                    question.became(Fate::Stale);
                    question.answered(stored.usage);
                    Ok(replay(&stored, key, Fate::Stale, now, &mut sink))
                }
                _ => {
                    question.passed_on =
                        request.once && !any_piece && error.asks_for_another_model();
                    Err(error)
                }
            },
        }
    }

    /// Keeps `text` as the answer to `request`: what `repair` has made of the answer `faulty`, which
    /// was not valid. It counts for the tokens of both. It is not kept when entries were removed since
    /// `faulty` was asked for, nor when either of the two stopped for an unknown reason.
    pub async fn keep_repaired(
        &self,
        request: &Request,
        text: String,
        faulty: &Answer,
        repair: &Answer,
    ) {
        let cache = &self.shared.cache;
        let fit = !faulty.is_unfit() && !repair.is_unfit() && cache.settings().enabled;
        if let Some(asked_at) = faulty.asked_at.filter(|_| fit) {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let stored = Stored {
                piece_ends: vec![end],
                text,
                model: repair.model.clone(),
                usage: faulty.usage.plus(repair.usage),
                answered_at: repair.answered_at,
                request_id: faulty.request_id.clone(),
                tags: tags(request),
            };
            cache
                .keep(key_of(request), Arc::new(stored), asked_at)
                .await;
        }
    }

    /// Whether the cache has a fresh answer, without counting it as a question: for showing
    /// beforehand whether a call will be made.
    pub fn is_kept(&self, request: &Request) -> bool {
        let Shared { cache, rules, .. } = &*self.shared;
        let found = cache.find(&key_of(request), (rules.clock)());
        cache.settings().enabled && matches!(found, Found::Memory(_) | Found::Disk(_))
    }

    /// The text of the fresh answer that the cache has, without counting it as a question.
    pub fn kept(&self, request: &Request) -> Option<String> {
        let now = (self.shared.rules.clock)();
        let cache = &self.shared.cache;
        match cache.look_up(&key_of(request), now) {
            Found::Memory(stored) | Found::Disk(stored) if cache.settings().enabled => {
                Some(stored.text.clone())
            }
            _ => None,
        }
    }

    /// Goes by these sizes and ages from now on.
    pub fn set_cache(&self, settings: CacheSettings) {
        self.shared.cache.set(settings);
    }

    /// Brings entries from disk into memory in this order, as far as they are there and fresh, until
    /// half of what memory may hold is taken or until `cancel`, and tells how many it brought. Blocks
    /// for as long as the disk takes. Nothing is counted as a question; [`CacheStats::warmed`] tells of it.
    pub fn warm(&self, keys: impl IntoIterator<Item = Key>, cancel: &CancellationToken) -> u64 {
        let now = (self.shared.rules.clock)();
        let cache = &self.shared.cache;
        let (mut brought, mut bytes) = (0, 0);
        for key in keys {
            let settings = cache.settings();
            // The other half is for what is asked now.
            let is_full = bytes >= settings.memory_bytes / 2;
            if cancel.is_cancelled() || !settings.enabled || is_full {
                break;
            }
            if let Found::Disk(stored) = cache.look_up(&key, now) {
                bytes += u64::from(stored.weight());
                brought += 1;
                cache.counters.warmed.fetch_add(1, Ordering::Relaxed);
            }
        }
        brought
    }

    /// Removes entries from both tiers and tells how many there were.
    ///
    /// # Errors
    /// When the disk tier could not be cleared; memory has been all the same.
    pub fn clear(&self, selector: &Selector) -> Result<u64, TierError> {
        self.shared.cache.clear(selector)
    }

    /// Removes every answer about a case, and tells how many there were. They are in memory alone: nothing
    /// says who such an answer is about.
    pub fn forget_cases(&self) -> u64 {
        self.shared.cache.forget_cases()
    }

    /// Counters and sizes.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            under_way: self.shared.flights.len() as u64,
            ..self.shared.cache.stats()
        }
    }

    /// Whether no call is under way, nor the telling of its end.
    pub fn is_idle(&self) -> bool {
        self.shared.flying.load(Ordering::SeqCst) == 0
    }

    /// What the circuit breaker of the endpoint's own model does now; `None` without an endpoint.
    pub fn breaker(&self) -> Option<BreakerState> {
        self.shared
            .upstream
            .get()
            .map(|upstream| upstream.breaker(&upstream.endpoint.model).state())
    }

    /// The endpoint's address as it may be shown; `None` without an endpoint.
    pub fn address(&self) -> Option<String> {
        self.shared
            .upstream
            .get()
            .map(|upstream| upstream.endpoint.display_url())
    }
}

impl Shared {
    async fn fly(
        self: Arc<Self>,
        work: Work,
        pilot: Pilot<Landed>,
        request: Arc<Request>,
        key: Key,
        validate: Validate,
    ) {
        let cancel = pilot.cancel();
        let asked_at = self.cache.removals();
        let claim = match self
            .between
            .as_ref()
            .filter(|_| self.cache.settings().enabled)
        {
            None => None,
            Some(between) => tokio::select! {
                () = cancel.cancelled() => return pilot.land(Err(LlmError::Cancelled)),
                turn = between.turn(&key, &request) => match turn {
                    Turn::Alone => None,
                    Turn::Call(claim) => Some(claim),
                    Turn::Kept(stored) => {
                        let landed = self.of_another(stored, asked_at);
                        pilot.replays();
                        landed.stored.pieces().for_each(|text| pilot.piece(text));
                        self.cache.keep(key, Arc::clone(&landed.stored), asked_at).await;
                        return pilot.land(Ok(landed));
                    }
                },
            },
        };
        let mut piece = |text: &str| pilot.piece(text);
        let run = self.work(work, &request, &key, &cancel, &mut piece);
        let Some(run) = run.await else {
            return pilot.land(Err(LlmError::NotConfigured));
        };
        let counters = &self.cache.counters;
        counters
            .calls
            .fetch_add(run.calls.into(), Ordering::Relaxed);
        let outcome = match run.result {
            Ok(reply) => {
                let landed = self.judge(reply, run.calls, &request, &validate, asked_at);
                if landed.refusal.is_none() {
                    self.cache
                        .keep(key, Arc::clone(&landed.stored), asked_at)
                        .await;
                    if let Some(claim) = claim.filter(|_| self.cache.removals() == asked_at) {
                        claim.answered(Arc::clone(&landed.stored)).await;
                    }
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

    /// What another program had.
    fn of_another(&self, stored: Arc<Stored>, asked_at: u64) -> Landed {
        Landed {
            stored,
            finish_reason: FinishReason::Stop,
            calls: 0,
            refusal: None,
            asked_at,
            kept: true,
        }
    }

    /// Says of a reply whether it may be kept.
    fn judge(
        &self,
        reply: Reply,
        calls: u32,
        request: &Request,
        validate: &Validate,
        asked_at: u64,
    ) -> Landed {
        let stored = Arc::new(Stored {
            text: reply.text,
            piece_ends: reply.piece_ends,
            model: reply.model,
            usage: reply.usage,
            answered_at: (self.rules.clock)(),
            request_id: request.request_id.clone(),
            tags: tags(request),
        });
        let refusal = match &reply.finish_reason {
            FinishReason::Other(word) => Some(Refusal::FinishReason(word.clone())),
            FinishReason::Stop => validate(&stored.text).err().map(Refusal::NotValid),
        };
        let refusal = refusal.or((!self.cache.settings().enabled).then_some(Refusal::SwitchedOff));
        if let Some(refusal) = &refusal {
            self.cache.counters.refused(refusal.code());
        }
        Landed {
            stored,
            finish_reason: reply.finish_reason,
            calls,
            refusal,
            asked_at,
            kept: false,
        }
    }
}

/// A flight that has not come to its end.
pub(crate) struct Flying(Arc<Shared>);

impl Flying {
    pub(crate) fn begin(shared: &Arc<Shared>) -> Self {
        shared.flying.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.flying.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Landed {
    fn answer(&self, key: Key, fate: Fate, now: Timestamp) -> Answer {
        let stored = &self.stored;
        let coalesced = fate == Fate::Coalesced;
        Answer {
            text: stored.text.clone(),
            usage: stored.usage,
            model: stored.model.clone(),
            finish_reason: self.finish_reason.clone(),
            cache: match self.kept {
                true => CacheUse::Disk,
                false => CacheUse::Miss,
            },
            fate,
            age: age(stored, now).filter(|_| self.kept).unwrap_or_default(),
            answered_at: stored.answered_at,
            calls: if coalesced { 0 } else { self.calls },
            coalesced,
            refusal: self.refusal.clone(),
            request_id: stored.request_id.clone(),
            entry: key,
            asked_at: Some(self.asked_at),
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

/// True for errors that mean as much as being offline: an outdated answer is better than none.
fn is_like_offline(error: &LlmError) -> bool {
    error.is_trouble()
        || matches!(
            error,
            LlmError::NotConfigured
                | LlmError::CircuitOpen { .. }
                | LlmError::RateLimited { .. }
                | LlmError::OverLimit(_)
        )
}
