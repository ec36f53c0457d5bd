//! Where a draft came from: what is known of its calls, and the exchange with the model itself.
//!
//! It is kept from the moment that the draft is there, so that it is known however late the draft
//! becomes a concept. An exchange with notes in it is about a case: it stays in memory.

use std::sync::Arc;

use begrip_cache::Bounded;
use begrip_domain::{CacheSource, ConceptId, ExchangeRef, ModelProvenance};
use begrip_llm::{Answer, CacheUse, DataClass, Request};
use begrip_store::{Store, StoredExchange};
use jiff::{SignedDuration, Timestamp};

use crate::define::Drafted;
use crate::ledger::Spent;
use crate::open::Core;
use crate::routing::Asked;
use crate::schema::{ConceptGet, Exchange, ExchangeState, ExchangeTurn};
use crate::{App, ErrorCode, UserError};

/// Bytes that exchanges of drafts which nobody kept may take on the disk: some thousands of drafts.
const ROOM: u64 = 20_000_000;

/// Bytes that exchanges with notes may take in memory.
const ROOM_IN_MEMORY: u64 = 4_000_000;

/// Exchanges about a case, by their ids.
pub(crate) type CaseExchanges = Bounded<String, Arc<Vec<ExchangeTurn>>>;

pub(crate) fn case_exchanges() -> CaseExchanges {
    Bounded::new(ROOM_IN_MEMORY, |_, turns| {
        let texts = turns.iter().map(|turn| {
            let said: usize = turn.messages.iter().map(|said| said.content.len()).sum();
            said + turn.answer.as_ref().map_or(0, String::len)
        });
        u32::try_from(texts.sum::<usize>()).unwrap_or(u32::MAX)
    })
}

impl App {
    /// What was asked of a model for a concept's first text and what it answered, or why that is not
    /// there.
    ///
    /// Error: no such concept.
    pub async fn concept_exchange(&self, request: ConceptGet) -> Result<Exchange, UserError> {
        self.blocking(move |core| core.exchange_of(request.id))
            .await
    }
}

/// A question with its answer, if there was one.
pub(crate) fn turn(request: &Request, answer: Option<&Answer>, used: bool) -> ExchangeTurn {
    let usage = answer.map(|answer| answer.usage).unwrap_or_default();
    let id = answer.and_then(|answer| answer.request_id.clone());
    ExchangeTurn {
        task: request.task.to_owned(),
        // Who joined another's call has an id of its own under which nothing went out.
        request_id: id
            .or_else(|| request.request_id.clone())
            .unwrap_or_default(),
        model: answer
            .map_or(&request.model, |answer| &answer.model)
            .clone(),
        prompt_version: request.scope.prompt_version.clone(),
        pack_version: request.scope.pack_version.clone(),
        answered_at: answer.map(|answer| answer.answered_at),
        tokens_in: usage.tokens_in,
        tokens_out: usage.tokens_out,
        messages: request.sent(),
        answer: answer.map(|answer| answer.text.clone()),
        used,
    }
}

/// Where an answer came from.
pub(crate) fn source(answer: &Answer) -> CacheSource {
    match answer.cache {
        CacheUse::Miss => CacheSource::Miss,
        CacheUse::Memory => CacheSource::Memory,
        CacheUse::Disk => CacheSource::Disk,
        CacheUse::Stale => CacheSource::Stale,
    }
}

impl Core {
    /// What is known of the calls that gave a draft.
    pub(crate) fn provenance(
        &self,
        asked: &Asked,
        draft: &Drafted,
        spent: &Spent,
    ) -> ModelProvenance {
        let answer = &asked.answer;
        ModelProvenance {
            model: answer.model.clone(),
            endpoint: self.model.address().unwrap_or_default(),
            prompt_version: draft.version.to_string(),
            pack_version: draft.report.pack_version.clone(),
            answered_at: answer.answered_at,
            cached: answer.cache != CacheUse::Miss,
            tokens_in: spent.tokens_in,
            tokens_out: spent.tokens_out,
            calls: spent.calls,
            original_text: draft.reply.definition.clone(),
            exchange: answer.request_id.clone().map(|id| ExchangeRef {
                id,
                source: source(answer),
                with_notes: asked.request.scope.data_class == DataClass::Case,
            }),
        }
    }

    /// Keeps a draft's provenance until the draft is kept, also over a restart, and with it the
    /// exchange when this draft brought a new one: both or neither, durably. Of a kept answer it is written soon: at
    /// the latest with [`Core::write_drafts`], and before anything else that lasts can name the draft.
    pub(crate) fn keep_draft(
        &self,
        id: &str,
        provenance: &ModelProvenance,
        asked: &Asked,
        repair: Option<ExchangeTurn>,
    ) -> Result<(), UserError> {
        let exchange = provenance
            .exchange
            .as_ref()
            .filter(|exchange| exchange.source == CacheSource::Miss);
        let mut on_disk = None;
        if let Some(exchange) = exchange {
            let turns: Vec<_> = std::iter::once(turn(&asked.request, Some(&asked.answer), true))
                .chain(repair)
                .collect();
            if exchange.with_notes {
                self.case_exchanges
                    .put(exchange.id.clone(), Arc::new(turns));
            } else {
                on_disk = Some(stored(&exchange.id, asked, &turns)?);
            }
        }
        let text = serde_json::to_string(provenance).map_err(unwritable)?;
        let key = format!("{DRAFT}{id}");
        let now = self.clock.now();
        if exchange.is_none() && asked.answer.cache != CacheUse::Miss {
            return Ok(self.store.keep_draft_soon(&key, &text, now)?);
        }
        Ok(self
            .store
            .keep_draft(&key, &text, now, on_disk.as_ref(), ROOM)?)
    }

    /// Writes where drafts came from that were answered before that stood on the disk.
    pub(crate) fn write_drafts(&self) -> Result<(), UserError> {
        Ok(self.store.write_drafts()?)
    }

    /// Forgets where drafts about a case came from: the model's own text is in it.
    pub(crate) fn forget_case_drafts(&self) -> Result<u64, UserError> {
        Ok(self.store.remove_drafts(DRAFT, "$.exchange.with_notes")?)
    }

    /// The provenance of a draft; none when it is not known (any more).
    pub(crate) fn draft_provenance(&self, id: &str) -> Result<Option<ModelProvenance>, UserError> {
        self.write_drafts()?;
        let kept = self.store.text(&format!("{DRAFT}{id}"))?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept.content).ok()))
    }

    pub(crate) fn forget_draft(&self, id: &str) -> Result<(), UserError> {
        // What is written later would come back.
        self.write_drafts()?;
        Ok(self.store.forget_text(&format!("{DRAFT}{id}"))?)
    }

    fn exchange_of(&self, id: ConceptId) -> Result<Exchange, UserError> {
        let without = |state, source| Exchange {
            state,
            source,
            turns: Vec::new(),
        };
        let Some(model) = self.concept(id)?.provenance.model else {
            return Ok(without(ExchangeState::NoModel, None));
        };
        let Some(exchange) = model.exchange else {
            return Ok(without(ExchangeState::Unknown, None));
        };
        let source = Some(exchange.source);
        if exchange.with_notes {
            return Ok(match self.case_exchanges.get(&exchange.id) {
                Some(turns) => Exchange {
                    state: ExchangeState::InMemory,
                    source,
                    turns: turns.to_vec(),
                },
                None => without(ExchangeState::WithNotes, source),
            });
        }
        let Some(kept) = self.store.exchange(&exchange.id)? else {
            return Ok(without(ExchangeState::Removed, source));
        };
        Ok(Exchange {
            state: ExchangeState::Kept,
            source,
            turns: serde_json::from_str(&kept.body).map_err(unwritable)?,
        })
    }
}

fn stored(id: &str, asked: &Asked, turns: &[ExchangeTurn]) -> Result<StoredExchange, UserError> {
    let Request {
        scope, model, term, ..
    } = &asked.request;
    Ok(StoredExchange {
        id: id.to_owned(),
        key: asked.answer.entry,
        body: serde_json::to_string(turns).map_err(unwritable)?,
        term: term.clone().unwrap_or_default(),
        organisation: scope.organisation.clone(),
        model: model.clone(),
        prompt_version: scope.prompt_version.clone(),
        pack_version: scope.pack_version.clone(),
        created_at: asked.answer.answered_at,
    })
}

fn unwritable(error: serde_json::Error) -> UserError {
    UserError::new(ErrorCode::StoreFailed, error.to_string())
}

/// Days for which a draft that no editor holds any more can still be kept as a concept.
const DRAFT_DAYS: i64 = 90;

/// Forgets where drafts came from that nobody kept: old ones that no editor text speaks of. Tells how many
/// drafts and exchanges went.
pub(crate) fn forget_old_drafts(store: &Store, now: Timestamp) -> Result<u64, UserError> {
    let old = SignedDuration::from_hours(24 * DRAFT_DAYS);
    let (drafts, editors): (Vec<_>, Vec<_>) = store
        .texts()?
        .into_iter()
        .partition(|text| text.key.starts_with(DRAFT));
    let mut forgotten = 0;
    for draft in drafts {
        let id = draft.key.trim_start_matches(DRAFT);
        let held = || editors.iter().any(|text| text.content.contains(id));
        if now.duration_since(draft.at) > old && !held() {
            store.forget_text(&draft.key)?;
            forgotten += 1;
        }
    }
    let before = now.saturating_sub(old).unwrap_or(now);
    Ok(forgotten + store.forget_exchanges(before)?)
}

/// Editor texts with this beginning are the program's own.
pub(crate) const DRAFT: &str = "draft:";
