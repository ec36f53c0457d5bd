//! What crosses the border between a screen (or script) and the use cases: requests, answers and
//! streamed events. TypeScript types are generated from these; nothing here has behaviour.

mod administration;
mod concepts;
mod costs;
mod drafting;
mod exchange;
mod experiments;
mod jobs;
mod privacy;
mod review;
mod rules;
mod server_jobs;
mod settings;
mod sources;
mod sync;
mod workplace;

pub use begrip_domain::CacheSource;

pub use administration::{AdminChange, AdminLogAsk, AdminRef, Role, admin};
pub use concepts::{
    ConceptFilter, ConceptGet, ConceptList, ConceptPage, ConceptRow, ConceptSort, ConceptView,
    Copied, CopyForm, CopyRequest, DiffOp, DiffPart, DuplicateHit, DuplicateKind,
    DuplicatesRequest, FieldDiff, HistoryEntry, RevertConcept, SaveConcept, SaveOutcome, SearchHit,
    SearchRequest, SearchResponse, StatusChange,
};
pub use costs::{
    Costs, CostsBy, CostsRequest, CostsRow, Insight, InsightRequest, LimitUse, ModelPrice, Prices,
    RoutingSaved, RuleFailures, StorageUse, WorkNow,
};
pub use drafting::{
    AnswerReason, AssumedBy, AssumedCategory, CancelRequest, CheckRequest, CitedSource,
    ContextKind, ContextSuggestRequest, DefineEvent, DefineRequest, DefineResult, DefineStage,
    DraftInput, DraftTurn, FirstQuestion, OutgoingSection, PreviewResponse, Refinement,
};
pub use exchange::{Exchange, ExchangeState, ExchangeTurn};
pub use experiments::{
    ArmFigures, ArmReport, Decision, DraftRef, ExperimentReport, ExperimentReports,
    ExperimentState, ExperimentsAsk, FlagsExperiment, FlagsImport, FlagsView, Mean, PromptBy,
    PromptInForce, Share, Verdict,
};
pub use jobs::{
    JobAct, JobAction, JobCreate, JobExport, JobFile, JobFileOut, JobFormat, JobItemPage,
    JobItemRef, JobItemState, JobItemView, JobItems, JobKind, JobPreview, JobPreviewRow, JobRef,
    JobState, JobView,
};
pub use privacy::{PrivacyChoices, PseudonymiseRequest, Pseudonymised, PutBack, ReplacedText};
pub use review::{
    CommentView, MayDecide, ProposalView, ReviewAct, ReviewAsks, ReviewFinding, ReviewInbox,
    ReviewNews, ReviewNewsKind, ReviewProblem, ReviewSeen, ReviewStep, SignatureView, StepView,
    TrailEntry, TrailExport, TrailFormat,
};
pub use rules::{
    ConceptImpact, PackCompare, PackDiff, PackFile, PackImpact, PackImport, PackRef, PackView,
    RuleChange, RuleFieldChange, RuleTry,
};
pub use server_jobs::{
    ServerJob, ServerJobAct, ServerJobAction, ServerJobCreate, ServerJobDraft, ServerJobEnded,
    ServerJobOrigin, ServerJobPage, ServerJobReply, ServerJobRow, ServerJobRows, ServerJobState,
    ServerJobTold, ServerRowState,
};
pub use settings::{
    BatchSettings, Budgets, CacheSettings, EndpointFlavour, GatherSettings, KeyPlace, KeyRequest,
    KeyState, Language, ModelPreset, ModelSettings, ModelTestResult, RoutingSettings,
    ServerSettings, Settings, SettingsView, TaskRoute, TelemetrySettings, TelemetryState, TextSize,
    Theme, UserSettings,
};
pub use sources::{
    CitationLookup, PassageHit, PassageSearch, SourceArticle, SourceArticleRequest, SourceContents,
    SourceContentsRequest, SourceFile, SourceLine, SourceOutcome, SourceRef, SourceRow,
    SourceVersionRow, SourcesImport,
};
pub use sync::{
    AccountBy, AccountView, ConceptSharing, ConflictField, ConflictReason, SettleConflict,
    ShareConcept, ShareWith, Side, SignInBegun, SignInRequest, SyncConflict, SyncReport,
    SyncRequest, SyncStatus,
};
pub use workplace::{
    AppInfo, Buffer, BufferKey, BufferSave, CacheClear, CacheStats, DoctorCheck, DoctorReport,
    ModelState, ModelStatus, NamedCount, Notice, OrganisationStats, Removed, TierStats,
};
