//! What calls took and what the cache saved.

use serde::{Deserialize, Serialize};

use super::NamedCount;

/// What the calls to a model cost.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Prices {
    /// One for each model; a model without one counts as free.
    pub models: Vec<ModelPrice>,
}

/// The price of one model.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelPrice {
    /// Its name as it is asked for; a `*` at the end stands for any end.
    pub model: String,
    /// Euro for a million tokens sent.
    pub eur_per_million_in: f64,
    /// Euro for a million tokens received.
    pub eur_per_million_out: f64,
    /// Euro for a million of those sent that the provider had in its own cache; as the others when
    /// left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub eur_per_million_cached: Option<f64>,
}

/// Asks what a month took.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct CostsRequest {
    /// `YYYY-MM`; this month when left out. Days begin at midnight UTC.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub month: Option<String>,
    /// What the rows stand for.
    pub by: CostsBy,
}

/// What the rows of the costs stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CostsBy {
    /// Days.
    #[default]
    Day,
    /// Models.
    Model,
    /// What calls were for.
    Task,
    /// Versions of the prompt.
    Prompt,
    /// Arms of experiments.
    Arm,
}

/// What a month took.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Costs {
    /// `YYYY-MM`.
    pub month: String,
    /// What the rows stand for.
    pub by: CostsBy,
    /// The rows, by name.
    pub rows: Vec<CostsRow>,
    /// All of them together.
    pub total: CostsRow,
    /// How much of each limit is used; only limits that are set.
    pub limits: Vec<LimitUse>,
    /// What it saved that not every question went to the main model.
    pub routing: RoutingSaved,
}

/// What it saved that not every question went to the main model.
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoutingSaved {
    /// Small questions that a rule answered: each was allowed and not kept, and is counted once in the
    /// time for which its answer would have been kept, however often its term was drafted.
    pub by_rule: u32,
    /// Those that the concepts on this computer answered.
    pub by_index: u32,
    /// Calls for small questions.
    pub small_calls: u32,
    /// Calls of other models than the main one, for any task.
    pub other_models: u32,
    /// What the same tokens would have cost more with the main model, at the prices of today; less
    /// than nothing when the others are dearer. None when a price is missing.
    pub eur_models: Option<f64>,
    /// What the answered questions would have cost as small calls, at the mean of those of this
    /// month; none when there was none with a price.
    pub eur_decided: Option<f64>,
}

/// Calls and questions together.
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CostsRow {
    /// What they have in common: a day, a model …
    pub name: String,
    /// Calls to a model; an attempt that was made again is one more.
    pub calls: u32,
    /// Those that gave no whole answer.
    pub failed: u32,
    /// Those of a model without a price: their cost is not known.
    pub unpriced: u32,
    /// Tokens sent.
    pub tokens_in: f64,
    /// Tokens received.
    pub tokens_out: f64,
    /// Those of the tokens sent that the provider had in its own cache.
    pub tokens_cached: f64,
    /// What the calls cost.
    pub cost_eur: f64,
    /// Milliseconds that half of the whole answers to drafts took at most; in a row for a task, to its
    /// own questions.
    pub latency_p50_ms: Option<u32>,
    /// Milliseconds that 95 of 100 of them took at most.
    pub latency_p95_ms: Option<u32>,
    /// Drafts that were asked for, whatever repairs and models each took; in a row for a task, its own
    /// questions.
    pub questions: u32,
    /// Those that were answered without a call, and so saved one.
    pub saved: u32,
    /// Tokens that were not sent or made again.
    pub tokens_saved: f64,
    /// What those would have cost.
    pub eur_saved: f64,
}

/// How much of a limit is used.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LimitUse {
    /// Name of the setting: `tokens_per_day`, `eur_per_month` …
    pub name: String,
    /// Tokens or euro used, calls under way at their most.
    pub used: f64,
    /// Tokens or euro allowed.
    pub allowed: f64,
}

/// Asks how the program is used.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct InsightRequest {
    /// `YYYY-MM`; this month when left out. Days begin at midnight UTC.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub month: Option<String>,
}

/// How the program is used in a month.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Insight {
    /// What it took and saved, by day.
    pub costs: Costs,
    /// What became of the drafts that were asked for: `memory`, `disk`, `miss` …, those that were.
    pub fates: Vec<NamedCount>,
    /// Rules that failed in new drafts, most often first.
    pub failures: Vec<RuleFailures>,
    /// What stands on the disk and in memory now.
    pub storage: Vec<StorageUse>,
    /// What runs and waits now.
    pub work: WorkNow,
    /// Months that can be asked for, the latest first: those with calls or questions, the one that is
    /// told here, and this month.
    pub months: Vec<String>,
    /// Today's month: `YYYY-MM`.
    pub this_month: String,
}

/// In how many new drafts a rule failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleFailures {
    /// Its id.
    pub rule: String,
    /// Its title; empty when the rules in force do not have it.
    pub title: String,
    /// Its level: `blocking`, `serious`, `advice`.
    pub level: String,
    /// How many drafts.
    pub drafts: u32,
}

/// Work of batches and of the queue that runs or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WorkNow {
    /// Batches that run, and the queue when it does.
    pub jobs_running: u32,
    /// Rows of batches that wait.
    pub rows_waiting: u32,
    /// Drafts that wait for the network, or are made now that it is back.
    pub drafts_waiting: u32,
}

/// What something takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StorageUse {
    /// `concepts`, `answers`, `memory`, `backups`.
    pub name: String,
    /// Bytes.
    pub bytes: f64,
    /// Bytes that it may take; none without a bound.
    pub limit: Option<f64>,
}
