//! What is settled before a definition is asked for: the category where the user chose none, and
//! words to search with where no article was found. Rules and index first; then perhaps one small
//! question for both.

use begrip_domain::{Category, Status};
use begrip_language::{category_of, compound_heads, fold};
use begrip_llm::{
    CachePolicy, CancellationToken, DataClass, LlmError, Piece, Request, Validate, key_of,
};
use begrip_prompt::{
    PREPARE_VERSION, PrepareInput, PrepareReply, Prompt, Tiktoken, Wanted, compose_prepare,
    read_prepare,
};
use jiff::SignedDuration;
use std::sync::Arc;

use crate::define::label;
use crate::gather::{DEADLINE, Gathered};
use crate::open::Core;
use crate::passages::Candidates;
use crate::protect::Gate;
use crate::routing::{Route, Task};
use crate::schema::{AssumedBy, AssumedCategory, DraftInput, FirstQuestion};
use crate::{App, UserError};

/// Words of concepts that are searched with.
const INDEX_WORDS: usize = 8;

/// Tokens that an answer may have.
const LONGEST_REPLY: u32 = 120;

/// Whether a small question may be asked.
#[derive(Clone, Copy)]
pub(crate) enum Small<'a> {
    /// Only what is kept of an earlier one is used: for showing what would be sent.
    Never,
    /// Asked as a part of this draft.
    Ask {
        request_id: &'a str,
        offline: bool,
        cancel: &'a CancellationToken,
    },
}

/// Articles that fit, and how they were found.
#[derive(Debug, Default)]
struct Found {
    candidates: Candidates,
    /// Words of the index that they were found with, when the term found none.
    searched_with: Vec<String>,
    /// There are laws, and neither term nor index finds an article in them.
    missing: bool,
}

/// A small question, ready to be asked.
struct Question {
    wanted: Wanted,
    prompt: Prompt,
    route: Route,
    request: Request,
}

impl App {
    /// The part of [`Gathered`] that rules, index and a small question settle, and the best of the
    /// articles that were found.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn prepare(
        &self,
        input: &DraftInput,
        small: Small<'_>,
    ) -> Result<Gathered, UserError> {
        let (mut gathered, candidates) = self.settled(input, small).await?;
        let candidates = self.ranked(input, candidates, small, DEADLINE).await;
        let most = self.core.settings().gather.passages as usize;
        gathered.passages = candidates.choose(most);
        Ok(gathered)
    }

    /// Counts the small question that a draft, asked in this way and just answered by a model, was
    /// spared.
    pub(crate) async fn note_spared(
        &self,
        how: (Task, CachePolicy),
        input: &DraftInput,
        gathered: &Arc<Gathered>,
    ) -> Result<(), UserError> {
        // Whoever wants another version or asks anew has had the small question's answer before.
        if how != (Task::Define, CachePolicy::Use) || gathered.spared.is_none() {
            return Ok(());
        }
        let (input, gathered) = (input.clone(), Arc::clone(gathered));
        self.blocking(move |core| {
            core.count_spared(&input, &gathered);
            Ok(())
        })
        .await
    }

    async fn settled(
        &self,
        input: &DraftInput,
        small: Small<'_>,
    ) -> Result<(Gathered, Candidates), UserError> {
        let (own, question) = (input.clone(), input.clone());
        let gathering = &self.core.gathering;
        let assumed = self.blocking(move |core| core.assume(&own));
        let found = self.blocking(move |core| core.find(&question));
        let (assumed, found) = gathering
            .both(
                gathering.within("category", DEADLINE, assumed),
                gathering.within("passage", DEADLINE, found),
            )
            .await?;
        let mut gathered = Gathered {
            assumed: assumed.0,
            searched_with: found.0.searched_with,
            left_out: [assumed.1, found.1].into_iter().flatten().collect(),
            ..Gathered::default()
        };
        let wanted = Wanted {
            category: input.category.is_none() && gathered.assumed.is_none(),
            words: found.0.missing,
        };
        let mut candidates = found.0.candidates;
        if !self.core.settings().routing.small_calls {
            return Ok((gathered, candidates));
        }
        if !(wanted.category || wanted.words) {
            gathered.spared = spared(&gathered);
            return Ok((gathered, candidates));
        }
        let own = input.clone();
        let Some(question) = self
            .blocking(move |core| core.small_question(&own, wanted))
            .await?
        else {
            return Ok((gathered, candidates));
        };
        if let Some((model, reply)) = self.answer(question, small, &mut gathered).await? {
            if let Some(category) = reply.category {
                gathered.assumed = Some(AssumedCategory {
                    category,
                    by: AssumedBy::Model,
                    because: model,
                });
            }
            if !reply.words.is_empty() {
                let (input, words) = (input.clone(), reply.words.clone());
                let found = self.blocking(move |core| core.candidates(&input, &words.join(" ")));
                let late;
                (candidates, late) = gathering.within("passage", DEADLINE, found).await?;
                gathered.searched_with = reply.words;
                gathered.left_out.extend(late);
            }
        }
        Ok((gathered, candidates))
    }

    /// The answer to a small question with the model that gave it; none when there is none, which
    /// is named.
    async fn answer(
        &self,
        question: Question,
        small: Small<'_>,
        gathered: &mut Gathered,
    ) -> Result<Option<(String, PrepareReply)>, UserError> {
        let core = &self.core;
        let wanted = question.wanted;
        let kept = |model: &str| {
            let mut request = question.request.clone();
            model.clone_into(&mut request.model);
            let text = core.model.kept(&request)?;
            Some((model.to_owned(), read_prepare(&text, wanted).ok()?))
        };
        let Small::Ask {
            request_id,
            offline,
            cancel,
        } = small
        else {
            let known = question.route.models().iter().find_map(|model| kept(model));
            if known.is_none() {
                gathered.first = Some(FirstQuestion {
                    model: question.route.model().to_owned(),
                    tokens: question.prompt.tokens,
                    messages: question.prompt.messages,
                });
            }
            return Ok(known);
        };
        // What the one that stood in has answered is not asked again of the first.
        let mut route = question.route;
        if let Some(at) = route
            .models()
            .iter()
            .position(|model| kept(model).is_some())
        {
            route.begin_at(at);
        }
        let mut request = question.request;
        request.request_id = Some(format!("{request_id}-prepare"));
        let valid: Validate = Arc::new(move |text| {
            read_prepare(text, wanted)
                .map(|_| ())
                .map_err(|error| error.to_string())
        });
        let policy = match offline {
            true => CachePolicy::Offline,
            // A new definition is wanted then, not another category.
            false => CachePolicy::Use,
        };
        let asked = core
            .ask(&route, &request, policy, &valid, |_: Piece<'_>| {}, cancel)
            .await;
        match asked {
            Ok(asked) => {
                let reply = read_prepare(&asked.answer.text, wanted).ok();
                if reply.is_none() {
                    gathered.left_out.push(Task::Prepare.name().to_owned());
                }
                Ok(reply.map(|reply| (asked.request.model, reply)))
            }
            Err(LlmError::Cancelled) => Err(LlmError::Cancelled.into()),
            Err(_) => {
                gathered.left_out.push(Task::Prepare.name().to_owned());
                Ok(None)
            }
        }
    }
}

impl Core {
    /// The category that is assumed where the user chose none: that of the same term in another
    /// context, what the term's own form tells, or that of what it is a kind of.
    fn assume(&self, input: &DraftInput) -> Result<Option<AssumedCategory>, UserError> {
        if input.category.is_some() {
            return Ok(None);
        }
        let term = label(&input.term)?;
        let by_index = |category, because: &str| AssumedCategory {
            category,
            by: AssumedBy::Index,
            because: because.to_owned(),
        };
        if let Some(category) = self.category_in_store(term.as_str())? {
            return Ok(Some(by_index(category, term.as_str())));
        }
        if let Some((category, because)) = category_of(term.as_str()) {
            return Ok(Some(AssumedCategory {
                category,
                by: AssumedBy::Rule,
                because,
            }));
        }
        for head in heads(term.as_str()) {
            if let Some(category) = self.category_in_store(&head)? {
                return Ok(Some(by_index(category, &head)));
            }
        }
        Ok(None)
    }

    /// The one category that all concepts with this term have; none when they differ or have none.
    fn category_in_store(&self, term: &str) -> Result<Option<Category>, UserError> {
        let rows = self.store.with_term(term)?;
        let mut categories: Vec<Category> = rows
            .iter()
            .filter(|row| !matches!(row.status, Status::Withdrawn | Status::Superseded))
            .filter_map(|row| row.category)
            .collect();
        categories.dedup();
        Ok(match categories.as_slice() {
            [one] => Some(*one),
            _ => None,
        })
    }

    /// Articles by the term, else by what the concepts of the store know it as.
    fn find(&self, input: &DraftInput) -> Result<Found, UserError> {
        let candidates = self.candidates(input, &input.term)?;
        if !candidates.is_empty() {
            return Ok(Found {
                candidates,
                ..Found::default()
            });
        }
        if self.store.sources()?.is_empty() {
            return Ok(Found::default());
        }
        let words = self.index_words(&input.term)?;
        let candidates = match words.is_empty() {
            true => Candidates::default(),
            false => self.candidates(input, &words.join(" "))?,
        };
        Ok(match candidates.is_empty() {
            true => Found {
                missing: true,
                ..Found::default()
            },
            false => Found {
                candidates,
                searched_with: words,
                missing: false,
            },
        })
    }

    /// Other names of the concepts that go by this term, and what it is a kind of.
    fn index_words(&self, term: &str) -> Result<Vec<String>, UserError> {
        let key = begrip_language::term_key(term);
        let mut words: Vec<String> = Vec::new();
        for (_, _, beside) in self.store.beside_labels(&[key])? {
            words.push(beside.term.to_string());
            words.extend(beside.synonyms.iter().map(ToString::to_string));
        }
        for head in heads(term) {
            if !self.store.with_term(&head)?.is_empty() {
                words.push(head);
                break;
            }
        }
        let own = fold(term);
        words.retain(|word| fold(word) != own);
        words.truncate(INDEX_WORDS);
        Ok(words)
    }

    /// The one small question for all that is wanted; none for a term that is too long for it.
    ///
    /// Error: a term or label that identifies somebody.
    fn small_question(
        &self,
        input: &DraftInput,
        wanted: Wanted,
    ) -> Result<Option<Question>, UserError> {
        let route = self.route(Task::Prepare);
        let term = Gate::outgoing_term(input)?;
        let prepare = PrepareInput {
            term: &term,
            context: &input.context,
            asked: wanted,
        };
        let Ok(prompt) = compose_prepare(&prepare, &Tiktoken::for_model(route.model())) else {
            return Ok(None);
        };
        // Term and context alone: nothing of a case, and nothing that the rules change.
        let class = DataClass::General;
        let mut request = self.request(&self.pack(), &input.term, class, &prompt, "");
        request.model = route.model().to_owned();
        request.scope.prompt_version = PREPARE_VERSION.to_owned();
        request.scope.pack_version.clear();
        request.temperature = Some(0.0);
        request.max_tokens = Some(LONGEST_REPLY);
        Ok(Some(Question {
            wanted,
            prompt,
            route,
            request,
        }))
    }

    /// Counts the small question that this draft would have taken, had rules or index not answered it
    /// and its answer not been there: kept of a question that was asked, or by now kept of one that an
    /// earlier draft would have asked. One that was removed meanwhile does not count anew: a saving is
    /// rather told too low.
    fn count_spared(&self, input: &DraftInput, gathered: &Gathered) {
        let Some((by, wanted)) = gathered.spared else {
            return;
        };
        // What could not have been asked was not spared either.
        let Ok(Some(question)) = self.small_question(input, wanted) else {
            return;
        };
        let kept = question.route.models().iter().any(|model| {
            let mut request = question.request.clone();
            model.clone_into(&mut request.model);
            self.model.is_kept(&request)
        });
        if kept {
            return;
        }
        let (now, cache) = (self.clock.now(), self.settings().cache);
        let fresh = SignedDuration::from_hours(cache.ttl_hours.into());
        let since = now.saturating_sub(fresh).unwrap_or(now);
        // Without a cache each draft would have asked.
        let first = !cache.enabled
            || self
                .store
                .first_spared(&key_of(&question.request), now, since)
                .unwrap_or_else(|error| {
                    tracing::error!(%error, "what was spared could not be written down");
                    false
                });
        if first {
            self.ledger.count_decided(by, now);
        }
    }
}

/// Who answered the small question that is not needed, and what it would have asked; none when it had
/// nothing to ask. Rules come first where both took a part.
fn spared(gathered: &Gathered) -> Option<(&'static str, Wanted)> {
    let wanted = Wanted {
        category: gathered.assumed.is_some(),
        words: !gathered.searched_with.is_empty(),
    };
    let by_rule = gathered
        .assumed
        .as_ref()
        .is_some_and(|assumed| assumed.by == AssumedBy::Rule);
    let by = match by_rule {
        true => BY_RULE,
        false => BY_INDEX,
    };
    (wanted.category || wanted.words).then_some((by, wanted))
}

/// What became of a question that a rule answered.
pub(crate) const BY_RULE: &str = "rule";

/// What became of a question that the concepts of the store answered.
pub(crate) const BY_INDEX: &str = "index";

/// What a term of one word may be a kind of, the longest first.
fn heads(term: &str) -> Vec<String> {
    let lower = term.trim().to_lowercase();
    compound_heads(&lower)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

impl Gathered {
    /// The question with the category that is assumed.
    pub(crate) fn settle(&self, input: &DraftInput) -> DraftInput {
        let assumed = self.assumed.as_ref().map(|assumed| assumed.category);
        DraftInput {
            category: input.category.or(assumed),
            ..input.clone()
        }
    }
}
