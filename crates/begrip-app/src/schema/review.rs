use begrip_domain::{Category, ConceptId, Context, Validity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step of a review.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReviewAct {
    /// The concept.
    pub id: ConceptId,
    /// What is done.
    pub step: ReviewStep,
    /// Why, or what is said; needed to reject and to comment.
    #[serde(default)]
    pub reason: String,
    /// The field that is commented upon.
    #[serde(default)]
    pub field: Option<String>,
    /// The text that the user saw ([`ProposalView::text`]); absent for the one that stands here now.
    #[serde(default)]
    pub seen: Option<String>,
}

/// What is done in a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReviewStep {
    /// A new text was begun that is to take the place of an established one.
    Revise,
    /// Asks reviewers to establish the text.
    Propose,
    /// Asks reviewers to withdraw an established text.
    ProposeWithdrawal,
    /// Takes a proposal back.
    Retract,
    /// Does what is proposed.
    Accept,
    /// Sends it back.
    Reject,
    /// Says something of a field.
    Comment,
}

/// What a reviewer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReviewAsks {
    /// To establish a new text.
    Establish,
    /// To establish it in the place of another.
    Replace,
    /// To withdraw an established text.
    Withdraw,
}

/// Everything about review on this computer, by the latest sync.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReviewInbox {
    /// Whether a central server is set up.
    pub configured: bool,
    /// The user's name on the server; empty before the first sync.
    pub account: String,
    /// Their organisation.
    pub organisation: String,
    /// Their role: `reader`, `author`, `reviewer` or `administrator`.
    pub role: String,
    /// What waits for a reviewer, the latest first.
    pub waiting: Vec<ProposalView>,
    /// What was sent back to the own organisation, the latest first.
    pub returned: Vec<ProposalView>,
    /// The user's own steps that wait for the server or that it did not take.
    pub steps: Vec<StepView>,
}

/// Who did something, and when by the server's clock.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignatureView {
    /// Name of the account.
    pub by: String,
    /// Its organisation.
    pub organisation: String,
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// In their own words; may be empty.
    pub reason: String,
}

/// A rule that a text breaks.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReviewFinding {
    /// The rule's id.
    pub rule: String,
    /// Whether it keeps the text from being established.
    pub blocking: bool,
    /// Why, in Dutch.
    pub reason: String,
}

/// What somebody said of a field.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommentView {
    /// The field's name, as in a concept.
    pub field: String,
    /// What was said, and by whom.
    pub said: SignatureView,
}

/// Whether the user may decide upon a proposal, as far as can be told here; the server has the last
/// word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MayDecide {
    /// Yes.
    Yes,
    /// The role is too small.
    Role,
    /// The user proposed it.
    Own,
    /// The user has decided; that waits for the server.
    Sent,
}

/// A proposal with the text that it is about.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ProposalView {
    /// The concept.
    pub id: ConceptId,
    /// What is asked.
    pub asks: ReviewAsks,
    /// Names the text, for [`ReviewAct::seen`].
    pub text: String,
    /// Its term.
    pub term: String,
    /// Its context.
    pub context: Context,
    /// Its category.
    pub category: Option<Category>,
    /// Its definition.
    pub definition: String,
    /// Its explanation.
    pub explanation: String,
    /// The definition whose place it takes; `null` when there is none.
    pub before: Option<String>,
    /// On which days it is to hold.
    pub validity: Validity,
    /// On which days the text holds whose place it takes; `null` when there is none.
    pub validity_before: Option<Validity>,
    /// Who proposed it.
    pub proposed: SignatureView,
    /// The version of the rules that this computer checks by.
    pub pack: String,
    /// The rules that the text breaks, as this computer finds.
    pub failing: Vec<ReviewFinding>,
    /// The model that drafted it; empty when a person wrote it.
    pub model: String,
    /// What was said of it.
    pub comments: Vec<CommentView>,
    /// Why it was sent back; `null` while it waits.
    pub returned: Option<SignatureView>,
    /// Whether it belongs to the user's own organisation.
    pub own: bool,
    /// Whether the user may decide.
    pub decide: MayDecide,
}

/// Why the server did not take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReviewProblem {
    /// The user wrote or proposed some of the text.
    OwnText,
    /// A rule that may not be broken is broken.
    Blocking,
    /// The check was made by other rules than those of the server, which are named in [`StepView::rules`].
    OtherRules,
    /// The text has changed since the user saw it.
    TextChanged,
    /// The status has changed.
    NotNow,
    /// The role or the organisation does not allow it.
    NotAllowed,
    /// Something else.
    Unknown,
}

/// A step of the user's own.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StepView {
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    pub term: String,
    /// What was done.
    pub step: ReviewStep,
    /// When, by this computer's clock.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Why the server did not take it; `null` while it waits.
    pub problem: Option<ReviewProblem>,
    /// The rules that stood in the way; of [`ReviewProblem::OtherRules`] the version that a text is established by.
    pub rules: Vec<String>,
}

/// What happened to a shared concept.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TrailEntry {
    /// The version that came of it.
    pub version: u32,
    /// What happened: `made`, `changed`, `withdrawn`, `revised`, `proposed`, `retracted`, `accepted`,
    /// `rejected`, `commented`, `replaced` or `unknown`.
    pub act: String,
    /// Who, and when.
    pub signature: SignatureView,
    /// In which role.
    pub role: String,
    /// The status before; empty for the first text.
    pub from: String,
    /// The status after.
    pub to: String,
    /// Which fields changed or were commented upon.
    pub fields: Vec<String>,
    /// The versions of the rules that checked it: the workstation's and the server's.
    pub packs: Vec<String>,
    /// The rules that the text broke, by either check.
    pub failing: Vec<ReviewFinding>,
    /// The model that drafted it, with its version of the prompt; empty when a person wrote it.
    pub model: String,
    /// The hash that binds the entry to all before it.
    pub hash: String,
}

/// The trail of a concept as a file.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TrailExport {
    /// The concept.
    pub id: ConceptId,
    /// In which form.
    pub format: TrailFormat,
}

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TrailFormat {
    /// For programs: each entry letter for letter as the server keeps it.
    Json,
    /// For people.
    Html,
}

/// What became of a proposal of the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReviewNewsKind {
    /// The text was established.
    Established,
    /// The concept was withdrawn, as was proposed.
    Withdrawn,
    /// The proposal was sent back.
    Returned,
    /// Somebody said something of it.
    Commented,
}

/// Something that became of a proposal of the user's, and that the user has not seen yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReviewNews {
    /// Names it, for [`ReviewSeen`].
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub number: i64,
    /// The concept.
    pub id: ConceptId,
    /// Its term.
    pub term: String,
    /// What became of it.
    pub kind: ReviewNewsKind,
}

/// What the user has seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReviewSeen {
    /// The numbers of the [`ReviewNews`].
    #[cfg_attr(feature = "typescript", ts(type = "Array<number>"))]
    pub numbers: Vec<i64>,
}
