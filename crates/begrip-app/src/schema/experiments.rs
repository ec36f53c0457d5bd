use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Bilingual;
use crate::experiments::Sum;

/// Which version of the prompt the next draft gets, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PromptInForce {
    /// The version.
    pub version: String,
    /// What says so.
    pub by: PromptBy,
    /// The experiment, when it is one that says so.
    pub experiment: Option<String>,
    /// The arm of that experiment.
    pub arm: Option<String>,
}

/// What says which version of the prompt is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PromptBy {
    /// The program itself.
    Program,
    /// The file with experiments, for whoever is in none.
    Flags,
    /// An experiment.
    Experiment,
}

/// A signed file with experiments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FlagsImport {
    /// The file's text.
    pub content: String,
}

/// Which experiments run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FlagsView {
    /// What the next draft gets.
    pub prompt: PromptInForce,
    /// Number of the file in force; none before the first.
    pub serial: Option<u32>,
    /// When it was made, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Who signed it.
    pub signer: Option<String>,
    /// When it was imported.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub imported_at: Option<Timestamp>,
    /// The experiments in it.
    pub experiments: Vec<FlagsExperiment>,
}

/// An experiment as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FlagsExperiment {
    /// Its name.
    pub name: String,
    /// Percent of the installations that take part.
    pub rollout: u32,
    /// The organisations that it holds for; all when empty.
    pub organisations: Vec<String>,
    /// Whether it was stopped.
    pub killed: bool,
    /// Each arm as `name = version`, the one that the others are compared with first.
    pub arms: Vec<String>,
    /// The arm of this installation; none when it takes no part.
    pub own_arm: Option<String>,
}

/// A draft that the user throws away.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DraftRef {
    /// The draft's `draft_id`.
    pub draft_id: String,
}

/// Asks how experiments stand.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ExperimentsAsk {
    /// Figures of other computers, from their reports, to be added.
    #[cfg_attr(feature = "typescript", ts(type = "ArmFigures[]", optional))]
    pub others: Vec<ArmFigures>,
}

/// How experiments stand.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExperimentReports {
    /// What the next draft gets.
    pub prompt: PromptInForce,
    /// Those in the file in force, in its order, and those that are over.
    pub experiments: Vec<ExperimentReport>,
}

/// How an experiment stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExperimentReport {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub state: ExperimentState,
    /// Percent of the installations that take part.
    pub rollout: u32,
    /// The arm of this installation; none when it takes no part.
    pub own_arm: Option<String>,
    /// The arms; the first one is what the others are compared with.
    pub arms: Vec<ArmReport>,
    /// What the figures say of each of the others.
    pub verdicts: Vec<Verdict>,
}

/// Whether an experiment runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExperimentState {
    /// It runs.
    Running,
    /// It stands in the file in force, and nobody takes part.
    Stopped,
    /// It is in the file in force no more.
    Over,
}

/// What one arm came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArmReport {
    /// The counts and sums, which can be added to those of another computer.
    pub figures: ArmFigures,
    /// Texts whose first reply kept every blocking and serious rule, of all.
    pub passed: Option<Share>,
    /// Texts that were kept as they were, of those that were decided on.
    pub kept: Option<Share>,
    /// Texts that were kept with another definition.
    pub edited: Option<Share>,
    /// Texts that were thrown away, or not kept within seven days.
    pub discarded: Option<Share>,
    /// Tokens sent for a text.
    pub tokens_in: Option<Mean>,
    /// Tokens received for a text.
    pub tokens_out: Option<Mean>,
    /// Milliseconds from question to answer.
    pub latency_ms: Option<Mean>,
    /// Euro for a text, of those whose model has a price.
    pub cost_eur: Option<Mean>,
}

/// The counts and sums of an arm.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ArmFigures {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the arm.
    pub arm: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Texts that took a call.
    pub drafts: u32,
    /// Those whose first reply kept every blocking and serious rule.
    pub passed: u32,
    /// Kept as they were.
    pub kept: u32,
    /// Kept with another definition.
    pub edited: u32,
    /// Thrown away, or not kept within seven days.
    pub discarded: u32,
    /// Not decided on yet.
    pub open: u32,
    /// Tokens sent.
    pub tokens_in: Sum,
    /// Tokens received.
    pub tokens_out: Sum,
    /// Milliseconds from question to answer.
    pub latency_ms: Sum,
    /// Euro, of those whose model has a price.
    pub cost_eur: Sum,
}

/// A part of a whole with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Share {
    /// How many.
    pub part: u32,
    /// Of how many.
    pub whole: u32,
    /// 0 to 1.
    pub share: f64,
    /// The interval's lower bound, 0 to `share`.
    pub low: f64,
    /// The interval's upper bound, `share` to 1.
    pub high: f64,
}

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Mean {
    /// Of how many.
    pub n: u32,
    /// The mean.
    pub mean: f64,
    /// The interval's lower bound; none below two numbers.
    pub low: Option<f64>,
    /// The interval's upper bound.
    pub high: Option<f64>,
}

/// What the figures say of an arm beside the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Verdict {
    /// The arm.
    pub arm: String,
    /// What they say.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Bilingual>,
}

/// Whether a version may take the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may.
    Promote,
    /// There is too little to go by.
    NotYet,
    /// It may not.
    No,
}
