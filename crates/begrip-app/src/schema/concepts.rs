use begrip_domain::{
    Category, Concept, ConceptFields, ConceptId, Context, InForce, Label, Origin, Status, Validity,
};
use begrip_rules::Report;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A search while typing.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SearchRequest {
    /// What was typed so far; empty gives no hits.
    pub query: String,
    /// At most this many hits, 1 to 100; 20 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub limit: Option<u32>,
    /// Only what holds on this day, `2026-01-31`; left out, everything is found, and what does not
    /// hold today comes last.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub valid_on: Option<String>,
}

/// Ranked hits: exact term, status, own context, then text.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SearchResponse {
    /// The query that was answered, so that a late answer can be told from the current one.
    pub query: String,
    /// Best first.
    pub hits: Vec<SearchHit>,
}

/// One hit.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SearchHit {
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub term: Label,
    /// The synonym that matched, when it was a synonym.
    pub synonym: Option<String>,
    /// Its context, for telling homonyms apart.
    pub context: Context,
    /// Its category, when chosen.
    pub category: Option<Category>,
    /// Its editorial status.
    pub status: Status,
    /// Where it came from.
    pub origin: Origin,
    /// The definition, shortened to whole words.
    pub snippet: String,
    /// What matched: `term`, `synonym`, `definition` or `explanation`.
    pub matched: String,
    /// True when term or synonym equals the query but for case and inflection.
    pub exact: bool,
    /// On which days it holds.
    pub validity: Validity,
    /// How it stands today.
    pub in_force: InForce,
}

/// Which concept to show.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptGet {
    /// The concept.
    pub id: ConceptId,
}

/// A concept as its page shows it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptView {
    /// The concept.
    pub concept: Concept,
    /// The outcome of every rule on the present text.
    pub report: Report,
    /// Other concepts with the same term in another context.
    pub homonyms: Vec<ConceptRow>,
    /// True when the text may be edited (a draft).
    pub editable: bool,
    /// How it stands today, by its validity.
    pub in_force: InForce,
}

/// One line of a list of concepts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptRow {
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub term: Label,
    /// Its context.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// Its status.
    pub status: Status,
    /// Where it came from.
    pub origin: Origin,
    /// The definition, shortened.
    pub snippet: String,
    /// Latest change.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub modified_at: Timestamp,
    /// Version of the latest change.
    pub version: u32,
    /// On which days it holds.
    pub validity: Validity,
    /// How it stands today.
    pub in_force: InForce,
}

/// Which concepts to list; every filter left out lets all through.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ConceptFilter {
    /// Only these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// Only these origins; empty means all.
    pub origins: Vec<Origin>,
    /// Only this category.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub category: Option<Category>,
    /// Only concepts that match this search text.
    pub text: String,
    /// Only what holds on this day, `2026-01-31`.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub valid_on: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ConceptList {
    /// Which.
    pub filter: ConceptFilter,
    /// In which order.
    pub sort: ConceptSort,
    /// How many to skip.
    pub offset: u32,
    /// At most this many, 1 to 500; 0 means 50.
    pub limit: u32,
}

/// Orders of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConceptSort {
    /// Latest change first.
    #[default]
    Modified,
    /// By term, A to Z.
    Term,
    /// By status, then latest change.
    Status,
}

/// A page of concepts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConceptPage {
    /// The rows of this page.
    pub rows: Vec<ConceptRow>,
    /// How many concepts pass the filter in all.
    pub total: u32,
}

/// Keeps a concept: a new one, or a change of an existing one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SaveConcept {
    /// The concept to change; left out for a new one.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub id: Option<ConceptId>,
    /// The version that the change was based on; required with `id`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub base_version: Option<u32>,
    /// The new text.
    pub fields: ConceptFields,
    /// Why; may be empty.
    #[serde(default)]
    pub reason: String,
    /// The draft that this text came from (`DefineResult::draft_id`), so that its model
    /// provenance is kept with it.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub draft_id: Option<String>,
    /// Keep it although the same term and context exist; the user said why in `reason`.
    #[serde(default)]
    pub accept_duplicate: bool,
}

/// What became of a save.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SaveOutcome {
    /// Kept.
    Kept {
        /// The concept as it now stands.
        view: Box<ConceptView>,
    },
    /// Somebody else changed it first (another window): nothing was written.
    Stale {
        /// What stands in the store now.
        current: Box<Concept>,
    },
    /// The same term in the same context exists: nothing was written.
    Duplicate {
        /// Those that exist.
        hits: Vec<DuplicateHit>,
    },
}

/// Takes a concept back to an earlier revision, as a new version.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RevertConcept {
    /// The concept.
    pub id: ConceptId,
    /// The version whose text comes back.
    pub to_version: u32,
    /// The version that the user sees now.
    pub base_version: u32,
}

/// Changes a concept's status: withdraw a draft, or bring it back.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StatusChange {
    /// The concept.
    pub id: ConceptId,
    /// The version that the user sees.
    pub base_version: u32,
    /// The new status: `withdrawn` or `in_preparation`.
    pub status: Status,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// One kept change, with what it changed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HistoryEntry {
    /// The version that the change made.
    pub version: u32,
    /// Who.
    pub author: String,
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Why; may be empty.
    pub reason: String,
    /// The status after the change.
    pub status: Status,
    /// Field by field against the version before; empty for the first.
    pub changes: Vec<FieldDiff>,
}

/// The difference of one field, word by word.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FieldDiff {
    /// Name of the field as in `ConceptFields`, or `status`.
    pub field: String,
    /// Kept, removed and added pieces in reading order.
    pub parts: Vec<DiffPart>,
}

/// A piece of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DiffPart {
    /// What happened to it.
    pub op: DiffOp,
    /// The text, white space included.
    pub text: String,
}

/// What happened to a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DiffOp {
    /// Stands in both.
    Same,
    /// Stands only in the older text.
    Removed,
    /// Stands only in the newer text.
    Added,
}

/// A concept as text for the clipboard.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CopyRequest {
    /// The concept.
    pub id: ConceptId,
    /// As what.
    pub form: CopyForm,
}

/// Forms of a copied concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CopyForm {
    /// Term, definition and explanation.
    Text,
    /// The definition with its sources, status, version and date, for a ruling or a footnote.
    Citation,
}

/// Text for the clipboard.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Copied {
    /// Plain text.
    pub text: String,
}

/// Is it there already?
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DuplicatesRequest {
    /// The term as typed; an empty one gives no hits.
    pub term: String,
    /// Where.
    #[serde(default)]
    pub context: Context,
    /// A definition to compare with, when there is one.
    #[serde(default)]
    pub text: String,
}

/// A concept that may be the same.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DuplicateHit {
    /// The concept.
    pub row: ConceptRow,
    /// Why it is offered.
    pub kind: DuplicateKind,
    /// For `near_text`: how near, 0 to 1. Otherwise 1.
    pub similarity: f32,
}

/// Why a concept may be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKind {
    /// Same term key, same context.
    SameConcept,
    /// Same term key, other context.
    OtherContext,
    /// A synonym has the term's key.
    Synonym,
    /// The definition is nearly equal.
    NearText,
}
