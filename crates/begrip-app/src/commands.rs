//! The one command schema. Each command is declared once, below; every host (window, loopback
//! HTTP, command line) and the TypeScript types follow from it.
//!
//! A declaration without a method of the same name on [`App`] does not compile, and a host cannot
//! forget a command because hosts pass names through [`call`] and [`stream`].

use serde::de::DeserializeOwned;
use serde_json::Value;

use begrip_rules::{Finding, Report, RuleView};
use begrip_sync::administration as admin;

use crate::schema::*;
use crate::{App, ErrorCode, UserError};

/// Receives the events of a streamed command, in order.
pub type Sink = Box<dyn FnMut(Value) + Send>;

macro_rules! commands {
    (
        calls { $( $(#[doc = $call_doc:literal])+ $call:ident ( $req:ty ) -> $res:ty; )* }
        streams { $( $(#[doc = $stream_doc:literal])+ $stream:ident ( $sreq:ty ) : $event:ty => $sres:ty; )* }
    ) => {
        /// Names of the commands that give one answer.
        pub const COMMANDS: &[&str] = &[$( stringify!($call) ),*];

        /// Names of the commands that give events before their answer.
        pub const STREAMS: &[&str] = &[$( stringify!($stream) ),*];

        /// Runs a command.
        ///
        /// `args` is the command's request as JSON (`null` where it has none). Errors: an unknown
        /// name, a request of the wrong shape, and whatever the command itself refuses.
        pub async fn call(app: &App, command: &str, args: Value) -> Result<Value, UserError> {
            match command {
                $( stringify!($call) => answer::<$res>(&app.$call(request::<$req>(args)?).await?), )*
                _ => Err(UserError::new(ErrorCode::UnknownCommand, command)),
            }
        }

        /// Runs a streamed command; each event goes to `sink` as it happens.
        pub async fn stream(
            app: &App,
            command: &str,
            args: Value,
            mut sink: Sink,
        ) -> Result<Value, UserError> {
            match command {
                $( stringify!($stream) => {
                    let events = move |event: $event| match serde_json::to_value(event) {
                        Ok(event) => sink(event),
                        Err(error) => tracing::error!(%error, "an event could not be written as JSON"),
                    };
                    answer::<$sres>(&app.$stream(request::<$sreq>(args)?, events).await?)
                } )*
                _ => Err(UserError::new(ErrorCode::UnknownCommand, command)),
            }
        }

        #[cfg(feature = "typescript")]
        pub(crate) fn declare(out: &mut crate::typescript::Declarations) {
            $( out.call::<$req, $res>(stringify!($call), concat!($( $call_doc ),+)); )*
            $( out.stream::<$sreq, $event, $sres>(stringify!($stream), concat!($( $stream_doc ),+)); )*
        }
    };
}

commands! {
    calls {
        /// What the program is and how it stands.
        app_info(()) -> AppInfo;
        /// Searches while typing.
        search(SearchRequest) -> SearchResponse;
        /// A concept with its findings.
        concept_get(ConceptGet) -> ConceptView;
        /// Every kept change of a concept, latest first.
        concept_history(ConceptGet) -> Vec<HistoryEntry>;
        /// What was asked of a model for a concept and what it answered, word for word.
        concept_exchange(ConceptGet) -> Exchange;
        /// A page of concepts.
        concept_list(ConceptList) -> ConceptPage;
        /// Keeps a new or changed concept.
        concept_save(SaveConcept) -> SaveOutcome;
        /// Takes a concept back to an earlier text, as a new version.
        concept_revert(RevertConcept) -> SaveOutcome;
        /// Withdraws a draft, or brings it back.
        concept_status(StatusChange) -> SaveOutcome;
        /// A concept as text for the clipboard.
        concept_copy(CopyRequest) -> Copied;
        /// Concepts that may be the same.
        duplicates(DuplicatesRequest) -> Vec<DuplicateHit>;
        /// Checks a text with every rule.
        check(CheckRequest) -> Report;
        /// Checks a text with the rules that look at the text alone; the report leaves the others out.
        check_text(CheckRequest) -> Report;
        /// What would leave the machine for a draft.
        preview(DraftInput) -> PreviewResponse;
        /// What would be replaced in a text before it goes out.
        pseudonymise(PseudonymiseRequest) -> Pseudonymised;
        /// Stops a running draft.
        define_cancel(CancelRequest) -> ();
        /// Told when the user throws a draft away.
        draft_discard(DraftRef) -> ();
        /// Which experiments run, and which version of the prompt the next draft here gets.
        flags_show(()) -> FlagsView;
        /// Puts a signed file with experiments in force.
        flags_import(FlagsImport) -> FlagsView;
        /// How experiments stand.
        experiments(ExperimentsAsk) -> ExperimentReports;
        /// Suggestions for a context label.
        context_suggest(ContextSuggestRequest) -> Vec<String>;
        /// Every rule of a version, blocking first.
        rules_list(PackRef) -> Vec<RuleView>;
        /// Tries a text on one rule.
        rule_try(RuleTry) -> Finding;
        /// Every version of the rules on this computer, the latest made first.
        packs_list(()) -> Vec<PackView>;
        /// What differs between two versions.
        pack_compare(PackCompare) -> PackDiff;
        /// Which of the user's own concepts get another outcome from a version.
        pack_impact(PackRef) -> PackImpact;
        /// Puts a version in force.
        pack_activate(PackRef) -> PackView;
        /// Keeps a signed version from a file; it is not in force yet.
        pack_import(PackImport) -> PackView;
        /// A version as a file.
        pack_export(PackRef) -> PackFile;
        /// Keeps laws and decisions from files.
        sources_import(SourcesImport) -> Vec<SourceOutcome>;
        /// Every law and decision on this computer.
        sources_list(()) -> Vec<SourceRow>;
        /// The contents of a law on a day.
        source_contents(SourceContentsRequest) -> SourceContents;
        /// An article as it read on a day.
        source_article(SourceArticleRequest) -> SourceArticle;
        /// The articles that fit some words best.
        sources_search(PassageSearch) -> Vec<PassageHit>;
        /// The article behind a citation, when it is on this computer.
        citation_article(CitationLookup) -> Option<SourceArticle>;
        /// Removes a law or decision.
        source_remove(SourceRef) -> Removed;
        /// Keeps an editor's text.
        buffer_save(BufferSave) -> ();
        /// Gives a kept editor text back.
        buffer_load(BufferKey) -> Option<Buffer>;
        /// Every kept editor text, latest first.
        buffer_list(()) -> Vec<Buffer>;
        /// Forgets an editor's text.
        buffer_clear(BufferKey) -> ();
        /// The settings and what is known about them.
        settings_get(()) -> SettingsView;
        /// Keeps the settings.
        settings_save(Settings) -> SettingsView;
        /// Sets or forgets the model key.
        model_key(KeyRequest) -> KeyState;
        /// Sets or forgets where errors are sent.
        telemetry_dsn(KeyRequest) -> SettingsView;
        /// Tries the model endpoint and says what failed.
        model_test(()) -> ModelTestResult;
        /// The response cache's figures.
        cache_stats(()) -> CacheStats;
        /// Removes cached answers.
        cache_clear(CacheClear) -> Removed;
        /// What the calls of a month took, and what the cache saved.
        costs(CostsRequest) -> Costs;
        /// How the program is used in a month.
        insight(InsightRequest) -> Insight;
        /// What a file of terms holds; nothing is kept.
        job_preview(JobFile) -> JobPreview;
        /// Makes a batch of a file of terms.
        job_create(JobCreate) -> JobView;
        /// Every batch and the drafts that wait for the network, the newest first.
        job_list(()) -> Vec<JobView>;
        /// How a batch stands.
        job_get(JobRef) -> JobView;
        /// A page of a batch's rows with their results.
        job_items(JobItems) -> JobItemPage;
        /// Starts, pauses or cancels a batch, or has its failed rows asked again.
        job_act(JobAct) -> JobView;
        /// Removes a batch with its results.
        job_remove(JobRef) -> ();
        /// Removes one row, such as a draft that was taken over.
        job_item_remove(JobItemRef) -> ();
        /// A batch with its results as a file.
        job_export(JobExport) -> JobFileOut;
        /// Has a draft made as soon as the model can be reached.
        draft_queue(DraftInput) -> JobView;
        /// Has the server make definitions of the terms of a file.
        server_job_create(ServerJobCreate) -> ServerJob;
        /// The batches of the own organisation on the server, the newest first.
        server_job_list(()) -> Vec<ServerJob>;
        /// How a batch on the server stands.
        server_job_get(JobRef) -> ServerJob;
        /// A page of the rows of a batch on the server.
        server_job_rows(ServerJobRows) -> ServerJobPage;
        /// Stops a batch on the server, or has its failed rows asked again.
        server_job_act(ServerJobAct) -> ServerJob;
        /// The results of a batch on the server as a file.
        server_job_export(JobExport) -> JobFileOut;
        /// How sharing with other organisations stands.
        sync_status(()) -> SyncStatus;
        /// Sends what waits for the central server and takes what is new.
        sync_now(SyncRequest) -> SyncReport;
        /// Concepts with changes that the server did not take, with both texts.
        sync_conflicts(()) -> Vec<SyncConflict>;
        /// Ends a conflict with what the user chose.
        sync_settle(SettleConflict) -> SyncStatus;
        /// How a concept stands in sharing.
        concept_sharing(ConceptGet) -> ConceptSharing;
        /// Shares a concept, or shares it more widely.
        concept_share(ShareConcept) -> SyncStatus;
        /// Withdraws a shared concept for everybody.
        concept_unshare(ConceptGet) -> SyncStatus;
        /// What waits for a reviewer, what was sent back, and what became of the user's own steps.
        review_inbox(()) -> ReviewInbox;
        /// Proposes, decides, comments or takes a proposal back.
        review_act(ReviewAct) -> SyncStatus;
        /// The user has seen what became of own proposals.
        review_seen(ReviewSeen) -> SyncStatus;
        /// Begins a new text that is to take the place of an established one.
        review_revise(ConceptGet) -> ConceptView;
        /// Who did what to a shared concept, as the server wrote it down.
        review_trail(ConceptGet) -> Vec<TrailEntry>;
        /// The same as a file.
        review_trail_export(TrailExport) -> JobFileOut;
        /// Sets or forgets the token of the central server.
        server_token(KeyRequest) -> KeyState;
        /// Begins to sign in at the issuer of the central server.
        sign_in_begin(SignInRequest) -> SignInBegun;
        /// Waits until the user has signed in in the browser.
        sign_in_end(()) -> AccountView;
        /// Stops waiting for the browser.
        sign_in_stop(()) -> AccountView;
        /// Forgets who signed in, and has the issuer end it.
        sign_out(()) -> AccountView;
        /// As whom this computer speaks to the central server. Makes no connection.
        who_am_i(()) -> AccountView;
        /// The organisations of the chain, for an administrator.
        admin_organisations(()) -> Vec<admin::Organisation>;
        /// The users of the own organisation, for an administrator, as all that begins with `admin_`.
        admin_users(()) -> Vec<admin::User>;
        /// Adds a user, who may be invited.
        admin_user_add(admin::NewUser) -> admin::User;
        /// Another role, closed or open again, or an invitation.
        admin_user_change(AdminChange) -> admin::User;
        /// Has nobody sign in as this user any more.
        admin_user_unlink(AdminRef) -> admin::User;
        /// The tokens of the own organisation, without their secrets.
        admin_tokens(()) -> Vec<admin::Token>;
        /// Makes a token for a machine; it is told this once.
        admin_token_make(admin::NewToken) -> admin::MadeToken;
        /// Revokes a token at once.
        admin_token_revoke(AdminRef) -> admin::Token;
        /// What the own organisation spent on models and may spend.
        admin_quota(()) -> admin::Quota;
        /// Changes what the own organisation allows itself; a bound that is not named stays.
        admin_quota_set(admin::BoundsChange) -> admin::Quota;
        /// Rules and experiments that the server hands out to the own organisation.
        admin_published(()) -> Vec<admin::Release>;
        /// What was done in administration, the latest first.
        admin_log(AdminLogAsk) -> admin::Log;
        /// Looks the workplace over.
        doctor(()) -> DoctorReport;
    }
    streams {
        /// Drafts a definition.
        define(DefineRequest) : DefineEvent => DefineResult;
    }
}

fn request<T: DeserializeOwned>(args: Value) -> Result<T, UserError> {
    // A list would be taken for the fields in their order.
    if args.is_array() {
        return Err(UserError::new(
            ErrorCode::BadRequest,
            "the request has another form",
        ));
    }
    serde_json::from_value(args).map_err(|error| {
        // A label that is empty or too long is the user's to mend, not a fault of the program.
        let text = error.to_string();
        let code = match () {
            () if text.contains("the label is empty") => ErrorCode::TermEmpty,
            () if text.contains("the label has") => ErrorCode::TermTooLong,
            () => ErrorCode::BadRequest,
        };
        UserError::new(code, without_values(&text))
    })
}

/// What was wrong with a request, without what stood in it: that may be a key or a case's text.
fn without_values(text: &str) -> String {
    let own = |text: &str| text.chars().take(200).collect::<String>();
    // serde's sentences are "missing field `name`", or name the value and then what was expected.
    match text.rsplit_once(", expected ") {
        Some((found, expected)) => {
            let kind: &str = found.split(['`', '"']).next().unwrap_or_default();
            own(&format!("{}, expected {expected}", kind.trim_end()))
        }
        None if text.starts_with("missing field `") || text.starts_with("the label ") => own(text),
        None => "the request has another form".to_owned(),
    }
}

fn answer<T: serde::Serialize>(value: &T) -> Result<Value, UserError> {
    serde_json::to_value(value)
        .map_err(|error| UserError::new(ErrorCode::BadRequest, error.to_string()))
}
