//! From a term to a draft: the one path.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use begrip_domain::{CacheSource, Label};
use begrip_llm::{
    CachePolicy, CacheScope, CacheUse, CancellationToken, DataClass, Fate, LlmError, Piece,
    Request, Validate,
};
use begrip_prompt::{
    About, Budget, Prompt, PromptError, PromptInput, PromptVersion, Refinement, Reply, Tiktoken,
    Turn, compose, compose_refine, read_reply, response_format,
};
use begrip_rules::{Report, RulePack, Subject};

use crate::answers::name_of;
use crate::concepts::new_id;
use crate::experiments::{of_a_draft, passes};
use crate::gather::Gathered;
use crate::ledger::Tokens;
use crate::model::is_demonstration;
use crate::open::{Core, lock};
use crate::prepare::Small;
use crate::protect::{Gate, Outgoing, has_own_words, shown};
use crate::provenance::source;
use crate::repair::Bench;
use crate::routing::{Asked, Task};
use crate::schema::{
    AnswerReason, CancelRequest, DefineEvent, DefineRequest, DefineResult, DefineStage, DraftInput,
    ExchangeTurn, ModelState, OutgoingSection, PreviewResponse,
};
use crate::telling::Teller;
use crate::together::Prepared;
use crate::{App, ErrorCode, UserError};

/// Tokens of a request, whatever the settings say.
pub(crate) const HARD_LIMIT: u32 = 3_000;

/// Tokens that a definition with all that goes with it usually has, for the estimate of its cost.
const USUAL_REPLY: u32 = 300;

impl App {
    /// What would leave the machine for a draft. Sends nothing.
    ///
    /// Errors: no term, a request that cannot fit its budget.
    pub async fn preview(&self, input: DraftInput) -> Result<PreviewResponse, UserError> {
        let gathered = self.gather(&input, Small::Never).await?;
        let input = gathered.settle(&input);
        self.blocking(move |core| {
            let term = label(&input.term)?;
            let pack = core.pack();
            let own = Gate::outgoing(&input)?;
            let assigned = core.assigned();
            let prompt = core.compose(assigned.version, &pack, &input, &own, &gathered)?;
            let request = core.request(&pack, term.as_str(), own.class, &prompt, "preview");
            let request = assigned.marked(request);
            let model = core.route(Task::Define).model().to_owned();
            let duplicates = core
                .store
                .similar(term.as_str(), &[], &input.context, "", None)?;
            Ok(PreviewResponse {
                host: core.model.address(),
                cost_eur: core.ledger.eur(
                    &model,
                    Tokens {
                        sent: prompt.tokens,
                        cached: 0,
                        received: USUAL_REPLY,
                    },
                ),
                model,
                tokens: prompt.tokens,
                budget: prompt.budget,
                sections: prompt
                    .sections
                    .into_iter()
                    .map(|s| OutgoingSection {
                        name: s.name,
                        tokens: s.tokens,
                        dropped: s.dropped,
                    })
                    .collect(),
                cached: core.model.is_kept(&request),
                duplicates: duplicates
                    .into_iter()
                    .map(|found| core.duplicate(found))
                    .collect(),
                held_back: gathered.held_back(),
                assumed: gathered.assumed,
                first: gathered.first,
                privacy: shown(&input.notes, &own.notes),
                wish: input
                    .refine
                    .as_ref()
                    .zip(own.wish.as_ref())
                    .map(|(before, after)| shown(&before.wish, after)),
                messages: prompt.messages,
            })
        })
        .await
    }

    /// Stops a running draft; unknown ids are no error.
    pub async fn define_cancel(&self, request: CancelRequest) -> Result<(), UserError> {
        // Two windows may have chosen one name: a user who stops means what is seen to run.
        for (id, cancel) in lock(&self.core.running).values() {
            if *id == request.request_id {
                cancel.cancel();
            }
        }
        Ok(())
    }

    /// Drafts a definition: the cache, else one call, and at most one repair.
    ///
    /// `events` is told of each step and of the text as it comes in; of an answer that is kept already, nothing.
    /// Nothing is kept as a concept.
    pub async fn define(
        &self,
        request: DefineRequest,
        events: impl FnMut(DefineEvent) + Send + 'static,
    ) -> Result<DefineResult, UserError> {
        let mut input = request.input.clone();
        let running = Running::begin(&self.core, &request.request_id);
        let (mut result, pack) = self.draft(request, events, &running.cancel).await?;
        if result.cache != CacheSource::Miss {
            self.write_drafts_meanwhile();
        }
        if !has_own_words(&input) {
            return Ok(result);
        }
        let assumed = result.assumed.as_ref().map(|assumed| assumed.category);
        input.category = input.category.or(assumed);
        // From here on it is the user's own: what goes out is behind us.
        self.blocking(move |core| {
            if let Some(back) = core.put_back(&pack, &input, &result.reply)? {
                result.reply = back.reply;
                result.report = back.report;
                result.put_back = back.put_back;
            }
            Ok(result)
        })
        .await
    }

    /// The same with its placeholders still in it: the form in which a draft may be kept.
    pub(crate) async fn define_in_roles(
        &self,
        request: DefineRequest,
        events: impl FnMut(DefineEvent) + Send + 'static,
    ) -> Result<DefineResult, UserError> {
        let running = Running::begin(&self.core, &request.request_id);
        let (result, _) = self.draft(request, events, &running.cancel).await?;
        // Whoever keeps it keeps its name along; of a new answer all is written.
        if result.cache != CacheSource::Miss {
            self.blocking(Core::write_drafts).await?;
        }
        Ok(result)
    }

    /// What was answered from the cache does not wait for the disk.
    fn write_drafts_meanwhile(&self) {
        let core = Arc::clone(&self.core);
        let Some(mut turn) = core.writing_drafts.take() else {
            // Who writes at this moment goes round once more for it.
            return;
        };
        tokio::task::spawn_blocking(move || {
            loop {
                if let Err(error) = core.write_drafts() {
                    tracing::error!(code = error.code, "drafts still wait to be written");
                }
                match turn.another() {
                    Some(next) => turn = next,
                    None => return,
                }
            }
        });
    }

    async fn draft(
        &self,
        request: DefineRequest,
        events: impl FnMut(DefineEvent) + Send + 'static,
        cancel: &CancellationToken,
    ) -> Result<(DefineResult, Arc<RulePack>), UserError> {
        let request_id = new_id(self.core.clock.now()).to_string();
        let draft = self.draft_as(&request_id, request, events, cancel).await;
        draft.map_err(|error| error.of_question(&request_id))
    }

    #[tracing::instrument(name = "define", skip_all, fields(request_id = request_id))]
    async fn draft_as(
        &self,
        request_id: &str,
        mut request: DefineRequest,
        mut events: impl FnMut(DefineEvent) + Send + 'static,
        cancel: &CancellationToken,
    ) -> Result<(DefineResult, Arc<RulePack>), UserError> {
        let core = &self.core;
        if !request.offline {
            self.know_at_gateway().await?;
        }
        let policy = match (request.offline, request.regenerate) {
            (true, _) => CachePolicy::Offline,
            (false, true) => CachePolicy::Refresh,
            (false, false) => CachePolicy::Use,
        };
        let prepared = self.prepared(request_id, &request, cancel).await?;
        let Prepared {
            gathered,
            pack,
            assigned,
            own,
            prompt,
            ..
        } = &*prepared;
        request.input = prepared.input.clone();
        let task = match own.wish {
            None => Task::Define,
            Some(_) => Task::Refine,
        };
        let term = &request.input.term;
        let question = core.request(pack, term, own.class, prompt, request_id);
        let question = assigned.marked(question);
        // An answer that stands here comes at once, and whole: what is told on the way would be so many messages and
        // pictures that nobody sees.
        let is_kept = policy == CachePolicy::Use && core.model.is_kept(&question);
        let stage = |events: &mut dyn FnMut(DefineEvent), stage, left_out| {
            if !is_kept {
                events(DefineEvent::Stage { stage, left_out });
            }
        };
        stage(
            &mut events,
            DefineStage::Gathering,
            gathered.left_out.clone(),
        );
        // Held from before the question: who asks the same meanwhile shares the check and the repair as well.
        let bench = core.repairs.bench(&question);
        stage(&mut events, DefineStage::Asking, Vec::new());
        let mut teller = Teller::new(own);
        let asked = core
            .ask(
                &core.route(task),
                &question,
                policy,
                &validate(pack, &request.input),
                |piece: Piece<'_>| teller.tell(piece, &mut events),
                cancel,
            )
            .await;
        if !is_kept {
            teller.tell_owed(&mut events);
        }
        // What was not meant to be sent tells nothing of the model.
        if policy != CachePolicy::Offline {
            core.note_outcome(asked.as_ref().map(|asked| asked.answer.cache));
        }
        let asked = asked?;
        let (answer, question) = (&asked.answer, &asked.request);
        stage(&mut events, DefineStage::Checking, Vec::new());
        // An experiment compares what comes of one question, without a user's wishes on top.
        let mut trial = match task {
            Task::Define => assigned.trial(question, answer),
            _ => None,
        };
        let reply = match read_reply(&answer.text) {
            Ok(reply) => reply,
            Err(error) => {
                if let Some(trial) = trial {
                    self.note_trial(trial).await;
                }
                return Err(UserError::new(ErrorCode::ModelBadReply, error.to_string()));
            }
        };
        if let Some(trial) = &mut trial {
            trial.passed = passes(pack, &request.input, &reply);
        }
        let mut draft = Drafted {
            version: prompt.version,
            report: self
                .check_reply(pack, &request.input, &reply, &bench)
                .await?,
            reply,
            repair: None,
        };
        if answer.calls > 0 {
            core.ledger.count_failures(&draft.report, core.clock.now());
            self.note_spared((task, policy), &request.input, gathered)
                .await?;
        }
        // Written before it is told: what does not fit is not asked.
        if answer.cache == CacheUse::Miss
            && let Some(mending) = core.mending(pack, &own.term, &asked, &draft)
        {
            events(DefineEvent::Stage {
                stage: DefineStage::Repairing,
                left_out: Vec::new(),
            });
            draft = self
                .repair(pack, &request.input, &mending, draft, &bench, cancel)
                .await?;
        }
        let result = self
            .result(&request.input, gathered, prompt, &asked, draft)
            .await?;
        if let Some(trial) = trial {
            self.note_trial(of_a_draft(trial, &result.draft_id, &request))
                .await;
        }
        // The span around it says which question it was; nothing of its text is told.
        tracing::info!(
            task = task.name(),
            calls = result.calls,
            tokens_in = result.tokens_in,
            tokens_out = result.tokens_out,
            "drafted"
        );
        Ok((result, Arc::clone(pack)))
    }

    /// What the rules say of a reply beside the concepts of the store.
    #[tracing::instrument(name = "check", skip_all)]
    pub(crate) async fn check_reply(
        &self,
        pack: &Arc<RulePack>,
        input: &DraftInput,
        reply: &Reply,
        bench: &Arc<Bench>,
    ) -> Result<Report, UserError> {
        let (pack, input, reply) = (Arc::clone(pack), input.clone(), reply.clone());
        let bench = Arc::clone(bench);
        self.blocking(move |core| core.judge_on(&bench, &pack, &input, &reply))
            .await
    }

    #[tracing::instrument(skip_all)]
    async fn result(
        &self,
        input: &DraftInput,
        gathered: &Gathered,
        prompt: &Prompt,
        asked: &Asked,
        draft: Drafted,
    ) -> Result<DefineResult, UserError> {
        let answer = &asked.answer;
        let draft_id = new_id(self.core.clock.now()).to_string();
        let (id, term, of) = (draft_id.clone(), input.term.clone(), asked.clone());
        // In one go: a hundred who asked the same all come here at the same moment.
        let (draft, spent, sources, cited) = self
            .blocking(move |core| {
                let mut draft = draft;
                let asked_as = of.request.request_id.as_deref().unwrap_or_default();
                let spent = core.ledger.spent(asked_as)?;
                let provenance = core.provenance(&of, &draft, &spent);
                core.keep_draft(&id, &provenance, &of, draft.repair.take())?;
                let sources = core.sources_of_term(&term)?;
                let cited = core.cited(&draft.reply)?;
                Ok((draft, spent, sources, cited))
            })
            .await?;
        Ok(DefineResult {
            draft_id,
            reply: draft.reply,
            report: draft.report,
            sources,
            passages: gathered.sent(prompt),
            cited,
            left_out: gathered.left_out.clone(),
            assumed: gathered.assumed.clone(),
            searched_with: gathered.searched_with.clone(),
            held_back: gathered.held_back(),
            cache: source(answer),
            reason: match answer.fate {
                Fate::Memory | Fate::Disk => AnswerReason::Fresh,
                Fate::Stale => AnswerReason::NoNewer,
                Fate::Miss | Fate::OfflineMiss => AnswerReason::NotKept,
                Fate::Revalidated => AnswerReason::Outdated,
                Fate::Bypassed => AnswerReason::AskedAnew,
                Fate::Coalesced => AnswerReason::Shared,
            },
            age_s: u32::try_from(answer.age.as_secs()).unwrap_or(u32::MAX),
            entry: name_of(&answer.entry),
            answered_at: answer.answered_at,
            demonstration: is_demonstration(&answer.model),
            model: answer.model.clone(),
            instead_of: asked.instead_of.clone(),
            calls: spent.calls,
            tokens_in: spent.tokens_in,
            tokens_out: spent.tokens_out,
            cost_eur: spent.eur,
            dropped: prompt
                .sections
                .iter()
                .filter(|s| s.dropped)
                .map(|s| s.name.clone())
                .collect(),
            put_back: Vec::new(),
        })
    }
}

/// A draft under way, which can be stopped by its name for as long as this lives: also a host
/// that drops the question leaves nothing behind.
struct Running<'a> {
    core: &'a Core,
    number: u64,
    cancel: CancellationToken,
}

impl<'a> Running<'a> {
    fn begin(core: &'a Core, id: &str) -> Self {
        let number = core.drafts.fetch_add(1, Ordering::Relaxed);
        let cancel = CancellationToken::new();
        lock(&core.running).insert(number, (id.to_owned(), cancel.clone()));
        Self {
            core,
            number,
            cancel,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        lock(&self.core.running).remove(&self.number);
    }
}

/// A reply with its findings.
pub(crate) struct Drafted {
    /// Of the prompt that was answered.
    pub version: PromptVersion,
    pub reply: Reply,
    pub report: Report,
    /// The repair call, when there was one.
    pub repair: Option<ExchangeTurn>,
}

impl Core {
    pub(crate) fn budget(&self) -> Budget {
        let limit = self.settings().budgets.prompt_tokens.clamp(1, HARD_LIMIT);
        Budget {
            limit,
            ..Budget::default()
        }
    }

    #[tracing::instrument(skip_all)]
    pub(crate) fn compose(
        &self,
        version: PromptVersion,
        pack: &RulePack,
        input: &DraftInput,
        own: &Outgoing,
        gathered: &Gathered,
    ) -> Result<Prompt, UserError> {
        let counter = Tiktoken::for_model(self.route(Task::Define).model());
        let input = PromptInput {
            version,
            term: &own.term,
            context: &input.context,
            category: input.category,
            notes: &own.notes,
            related: &gathered.related,
            passages: &gathered.passages.out,
            pack,
            budget: self.budget(),
        };
        let prompt = match &own.wish {
            None => compose(&input, &counter),
            Some(wish) => {
                let turns = own.turns.iter();
                let turns: Vec<Turn<'_>> = turns
                    .map(|(wish, definition)| Turn { wish, definition })
                    .collect();
                compose_refine(
                    &input,
                    &Refinement {
                        turns: &turns,
                        wish,
                    },
                    &counter,
                )
            }
        };
        let prompt = prompt.map_err(unfit)?;
        // A draft that leaves out what the user wrote is not the draft that was asked for.
        match prompt
            .sections
            .iter()
            .any(|s| s.dropped && s.name == "notes")
        {
            true => Err(UserError::new(ErrorCode::PromptTooLarge, "notes")),
            false => Ok(prompt),
        }
    }

    pub(crate) fn request(
        &self,
        pack: &RulePack,
        term: &str,
        data_class: DataClass,
        prompt: &Prompt,
        request_id: &str,
    ) -> Request {
        let settings = self.effective_model();
        let model = self.route(Task::Define).model().to_owned();
        let arm = if is_demonstration(&model) {
            "demonstration"
        } else {
            ""
        };
        let scope = CacheScope {
            organisation: self.organisation(),
            data_class,
            prompt_version: prompt.version.to_string(),
            pack_version: pack.version().to_owned(),
            arm: arm.to_owned(),
        };
        let mut request = Request::new(model, prompt.messages.clone(), scope);
        request.temperature = Some(settings.temperature);
        request.max_tokens = Some(settings.max_reply_tokens);
        request.schema = Some(response_format(&prompt.schema));
        request.prompt_tokens = Some(prompt.tokens);
        request.term = Some(begrip_language::term_key(term).to_string());
        request.request_id = Some(request_id.to_owned());
        request
    }

    /// What the latest answer says of the model's state.
    fn note_outcome(&self, outcome: Result<CacheUse, &LlmError>) {
        match outcome {
            Ok(CacheUse::Miss) => self.set_model_state(ModelState::Ready),
            Ok(CacheUse::Stale) => self.set_model_state(ModelState::Offline),
            Ok(CacheUse::Memory | CacheUse::Disk) => {}
            Err(error) => self.note_failure(error),
        }
    }
}

/// An answer is kept when it can be read and breaks no blocking rule by itself. The store has no say
/// in that: what stands in it today would keep a good answer from being kept, or have one asked for
/// again and again; how it stands to other concepts is told each time it is shown.
fn validate(pack: &Arc<RulePack>, input: &DraftInput) -> Validate {
    let (pack, input) = (Arc::clone(pack), input.clone());
    Arc::new(move |text| {
        let reply = read_reply(text).map_err(|error| error.to_string())?;
        match check_alone(&pack, &input, &reply)
            .blocking_failures()
            .next()
        {
            Some(finding) => Err(finding.rule.to_string()),
            None => Ok(()),
        }
    })
}

/// What the rules say of a reply by itself.
pub(crate) fn check_alone(pack: &RulePack, input: &DraftInput, reply: &Reply) -> Report {
    pack.check(&subject(input, reply))
}

pub(crate) fn subject<'a>(input: &'a DraftInput, reply: &'a Reply) -> Subject<'a> {
    let about = About {
        term: &input.term,
        context: &input.context,
        category: input.category,
    };
    about.subject(reply)
}

pub(crate) fn label(term: &str) -> Result<Label, UserError> {
    Label::new(term).map_err(|error| match error {
        begrip_domain::LabelError::Empty => UserError::new(ErrorCode::TermEmpty, ""),
        begrip_domain::LabelError::TooLong(n) => {
            UserError::new(ErrorCode::TermTooLong, n.to_string())
        }
    })
}

fn unfit(error: PromptError) -> UserError {
    match error {
        PromptError::NoTerm => UserError::new(ErrorCode::TermEmpty, ""),
        PromptError::NoWish => UserError::new(ErrorCode::WishEmpty, ""),
        PromptError::TooLarge { ref what, .. } if what == "wish" => {
            UserError::new(ErrorCode::WishTooLong, error.to_string())
        }
        PromptError::TooLarge { .. } => {
            UserError::new(ErrorCode::PromptTooLarge, error.to_string())
        }
    }
}
