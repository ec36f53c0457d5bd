use begrip_domain::{CacheSource, Category, Citation, ConceptId, Context, Label};
use begrip_prompt::{Message, Reply};
use begrip_rules::Report;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DuplicateHit, PassageHit, PrivacyChoices, Pseudonymised, PutBack};

/// A text to check, while typing. Nothing is kept and nothing leaves the machine.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct CheckRequest {
    /// The concept that the text belongs to, so that it is not compared with itself.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub id: Option<ConceptId>,
    /// The term; may be empty.
    pub term: String,
    /// Its synonyms.
    #[cfg_attr(feature = "typescript", ts(type = "string[]", optional))]
    pub synonyms: Vec<Label>,
    /// The definition as typed: spans in the report count its characters.
    pub text: String,
    /// The chosen context.
    pub context: Context,
    /// The chosen category.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub category: Option<Category>,
    /// Whether a source is recorded; unknown for a pasted text.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub has_source: Option<bool>,
}

/// What the user has filled in to have a definition drafted.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct DraftInput {
    /// The term as typed.
    pub term: String,
    /// The chosen context.
    pub context: Context,
    /// The chosen category.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub category: Option<Category>,
    /// Own notes for the model. What identifies somebody in them is replaced before they go out.
    pub notes: String,
    /// What is known of the case, and what the user decided.
    pub privacy: PrivacyChoices,
    /// Asks for another version of a draft that came of all the above; none asks for the first.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub refine: Option<Refinement>,
}

/// Asks for another version of a draft. What identifies somebody in these texts is replaced before
/// they go out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Refinement {
    /// The rounds so far, the oldest first, at least one and at most 50: the wish is about the last
    /// one's definition. The last three go along as far as there is room.
    pub turns: Vec<DraftTurn>,
    /// What should be other, at most 1,000 characters.
    pub wish: String,
}

/// A round with a model: what was wished, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DraftTurn {
    /// The wish; empty for the first draft.
    #[serde(default)]
    pub wish: String,
    /// The definition, with what the user changed in it.
    pub definition: String,
}

/// What would leave the machine for this input.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PreviewResponse {
    /// The messages, to the letter.
    pub messages: Vec<Message>,
    /// The host they go to; none when no model is configured.
    pub host: Option<String>,
    /// The model they go to.
    pub model: String,
    /// Tokens of the whole request.
    pub tokens: u32,
    /// The hard limit.
    pub budget: u32,
    /// What the request is made of, dropped sections included.
    pub sections: Vec<OutgoingSection>,
    /// Estimated cost in euro, reply included; none when the model has no price.
    pub cost_eur: Option<f64>,
    /// True when the answer stands in the cache and nothing would be sent.
    pub cached: bool,
    /// Concepts that may be the same.
    pub duplicates: Vec<DuplicateHit>,
    /// The category that is assumed, when none was chosen.
    pub assumed: Option<AssumedCategory>,
    /// A small question that goes first; what it comes to can still change the request.
    pub first: Option<FirstQuestion>,
    /// The notes before and after.
    pub privacy: Pseudonymised,
    /// The wish before and after, when another version is asked for.
    pub wish: Option<Pseudonymised>,
    /// Citations and terms of what would go along but names somebody or a case.
    pub held_back: Vec<String>,
}

/// A category that nobody chose, and why it is assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AssumedCategory {
    /// The category.
    pub category: Category,
    /// Who tells it.
    pub by: AssumedBy,
    /// The ending of the term, the term of the concept that has this category, or the model's name.
    pub because: String,
}

/// Who tells a category that nobody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AssumedBy {
    /// The form of the term.
    Rule,
    /// A concept on this computer.
    Index,
    /// A small question to a model.
    Model,
}

/// A small question that goes out before the definition is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FirstQuestion {
    /// The model that it goes to.
    pub model: String,
    /// The messages, to the letter.
    pub messages: Vec<Message>,
    /// Its tokens.
    pub tokens: u32,
}

/// One section of the outgoing request.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OutgoingSection {
    /// Its name.
    pub name: String,
    /// Its tokens.
    pub tokens: u32,
    /// True when the budget left no room for it.
    pub dropped: bool,
}

/// Drafts a definition; answered by a stream of [`DefineEvent`] and a [`DefineResult`].
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DefineRequest {
    /// Chosen by the caller, unique while the request runs; names it for `define_cancel`.
    pub request_id: String,
    /// What to draft.
    pub input: DraftInput,
    /// Ask the model again although an answer stands in the cache.
    #[serde(default)]
    pub regenerate: bool,
    /// Show an answer from the cache only; never make a call.
    #[serde(default)]
    pub offline: bool,
}

/// Stops a running draft; unknown ids are no error.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CancelRequest {
    /// The draft's `request_id`.
    pub request_id: String,
}

/// Steps of a draft that the user is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DefineStage {
    /// Looking up passages and related concepts.
    Gathering,
    /// The request is on its way; nothing came back yet.
    Asking,
    /// Text is coming in.
    Writing,
    /// The rules are being applied.
    Checking,
    /// A blocking rule failed; one repair call is under way.
    Repairing,
}

/// What happens while a definition is drafted.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DefineEvent {
    /// A new step began.
    Stage {
        /// Which.
        stage: DefineStage,
        /// Optional branches that were too slow and left out.
        left_out: Vec<String>,
    },
    /// The text so far; each replaces the one before.
    Text {
        /// The definition so far.
        definition: String,
        /// The explanation so far.
        explanation: String,
    },
}

/// A drafted definition. Not kept yet: the user decides.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DefineResult {
    /// Names the draft until it is kept or left (see `SaveConcept::draft_id`).
    pub draft_id: String,
    /// What the model wrote.
    pub reply: Reply,
    /// The outcome of every rule.
    pub report: Report,
    /// Looked-up sources that went along.
    pub sources: Vec<Citation>,
    /// Articles that went along, each from the laws on this computer.
    pub passages: Vec<PassageHit>,
    /// Articles that the model's text names, and which of them were found.
    pub cited: Vec<CitedSource>,
    /// What was left out because it took too long or failed: `related`, `passage`, `category`,
    /// `prepare`.
    pub left_out: Vec<String>,
    /// The category that was assumed, when none was chosen.
    pub assumed: Option<AssumedCategory>,
    /// Words that the articles were found with, when the term itself found none.
    pub searched_with: Vec<String>,
    /// Citations and terms of what stayed here because it names somebody or a case.
    pub held_back: Vec<String>,
    /// Where the answer came from.
    pub cache: CacheSource,
    /// Why it came from there.
    pub reason: AnswerReason,
    /// How old the answer is, in seconds.
    pub age_s: u32,
    /// Names the answer among those kept; for removing it.
    pub entry: String,
    /// When the model gave the answer.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub answered_at: Timestamp,
    /// The model as it named itself.
    pub model: String,
    /// The model that should have answered, when it did not and another stood in.
    pub instead_of: Option<String>,
    /// True when the endpoint is the included demonstration.
    pub demonstration: bool,
    /// Calls made for this answer: 0 from the cache, 1, or 2 with a repair.
    pub calls: u32,
    /// Tokens sent in those calls.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// Cost in euro of the calls for it; none when one of them has no price.
    pub cost_eur: Option<f64>,
    /// Names of prompt sections that the budget left no room for.
    pub dropped: Vec<String>,
    /// Placeholders that stood in the answer, and what was put back for them.
    pub put_back: Vec<PutBack>,
}

/// An article that a text names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CitedSource {
    /// As the text names it.
    pub text: String,
    /// Its citation as it was looked up; none when it was not found, and then it is no source.
    pub citation: Option<Citation>,
}

/// Why an answer came from where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AnswerReason {
    /// It was kept and is fresh.
    Fresh,
    /// It was kept and is outdated, and a new one was not to be had or not to be asked.
    NoNewer,
    /// None was kept.
    NotKept,
    /// The one that was kept is outdated.
    Outdated,
    /// A new one was asked for, or nothing is kept.
    AskedAnew,
    /// The same question was under way: its answer serves both.
    Shared,
}

/// Which list of labels to suggest from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ContextKind {
    /// Organisations.
    Organisation,
    /// Areas of law.
    LegalArea,
    /// Laws.
    StatutoryBasis,
}

/// Suggestions while a context label is typed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ContextSuggestRequest {
    /// Which list.
    pub kind: ContextKind,
    /// What was typed; empty gives the most usual ones.
    #[serde(default)]
    pub query: String,
}
