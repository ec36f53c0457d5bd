use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Language, PromptInForce};
use crate::UserError;

/// What the program is and how it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AppInfo {
    /// Version of the program.
    pub version: String,
    /// Version of the active rule pack.
    pub pack_version: String,
    /// Rules in it.
    pub rules: u32,
    /// Version of the prompt that the next draft gets, and why.
    pub prompt: PromptInForce,
    /// Concepts in the store.
    pub concepts: u32,
    /// Things the user must know at the start, such as a file that was recovered.
    pub notices: Vec<Notice>,
    /// The account's name, shown as author when the settings name nobody.
    pub account: String,
    /// How the model stands.
    pub model: ModelStatus,
}

/// Something that the user must know, told once.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Notice {
    /// The message, with its code.
    pub message: UserError,
}

/// How the model stands, as far as known without asking it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelStatus {
    /// The state.
    pub state: ModelState,
    /// Host of the endpoint; none when not configured.
    pub host: Option<String>,
    /// The model's name as configured.
    pub model: String,
    /// True when the endpoint is the included demonstration.
    pub demonstration: bool,
}

/// States of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// No endpoint is configured.
    NotConfigured,
    /// Configured; not asked yet since the start.
    Unknown,
    /// The latest call worked.
    Ready,
    /// The latest call found nobody: look-up and checking go on.
    Offline,
}

/// Name of a buffer: 1 to 200 letters, digits, `-`, `_`, `:` or `.`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BufferKey {
    /// For instance `compose` or `edit:018f…`.
    pub key: String,
}

/// Keeps what stands in an editor, so that no keystroke is lost.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BufferSave {
    /// Name of the buffer.
    pub key: String,
    /// What stands in the editor, as JSON of the screen's own; at most 4 MB.
    pub content: String,
}

/// A kept editor text.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Buffer {
    /// Name of the buffer.
    pub key: String,
    /// As it was saved.
    pub content: String,
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
}

/// The response cache's figures since the program started, and what is kept.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CacheStats {
    /// Requests asked of the cache.
    pub requests: u32,
    /// Answered from memory.
    pub hits_memory: u32,
    /// Answered from disk.
    pub hits_disk: u32,
    /// Answered with an outdated entry because no model could be asked.
    pub stale: u32,
    /// Not there.
    pub misses: u32,
    /// Not looked up on purpose.
    pub bypassed: u32,
    /// Joined a call under way.
    pub coalesced: u32,
    /// Replies that were not kept because they were bad.
    pub refused: u32,
    /// The same, by reason.
    pub refused_by: Vec<NamedCount>,
    /// Entries pushed out by size, of both tiers.
    pub evicted: u32,
    /// Entries removed by hand or by an event.
    pub removed: u32,
    /// Entries brought into memory at the start.
    pub warmed: u32,
    /// Calls to a model.
    pub calls: u32,
    /// How often the disk tier could not be read or written.
    pub disk_errors: u32,
    /// Tokens not sent again.
    pub tokens_saved: f64,
    /// Euro not spent again, by the price of the model that answered then; none when none of them has a price.
    pub eur_saved: Option<f64>,
    /// The same for each organisation; one without a name on a workstation of its own.
    pub by_organisation: Vec<OrganisationStats>,
    /// The memory tier.
    pub memory: TierStats,
    /// The disk tier.
    pub disk: TierStats,
    /// Compiled versions of the rules, in memory.
    pub packs: TierStats,
    /// What was asked and answered about cases in this run, in memory.
    pub case_exchanges: TierStats,
    /// Concepts that texts were judged beside, in memory.
    pub neighbours: TierStats,
    /// In how many definitions words stand, in memory.
    pub word_counts: TierStats,
}

/// What one tier or another cache holds and did.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TierStats {
    /// Entries.
    pub entries: u32,
    /// Bytes.
    pub bytes: f64,
    /// Bytes that it may hold.
    pub limit: f64,
    /// Entries pushed out by size.
    pub evicted: u32,
    /// Look-ups since the start that found something.
    pub hits: u32,
    /// Look-ups since the start that found nothing.
    pub misses: u32,
}

/// How often something was so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NamedCount {
    /// What.
    pub name: String,
    /// How often.
    pub count: u32,
}

/// What the cache did for one organisation since the program started.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OrganisationStats {
    /// Its name.
    pub organisation: String,
    /// Requests asked of the cache.
    pub requests: u32,
    /// Answered from memory.
    pub hits_memory: u32,
    /// Answered from disk.
    pub hits_disk: u32,
    /// Answered with an outdated entry because no model could be asked.
    pub stale: u32,
    /// Not there.
    pub misses: u32,
    /// Not looked up on purpose.
    pub bypassed: u32,
    /// Joined a call under way.
    pub coalesced: u32,
    /// Tokens not sent again.
    pub tokens_saved: f64,
    /// See [`CacheStats::eur_saved`].
    pub eur_saved: Option<f64>,
}

/// Removes cached answers: all when nothing is named, else those of the one thing that is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct CacheClear {
    /// Those of this term.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub term: Option<String>,
    /// This one, by the name that its answer bore.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub entry: Option<String>,
    /// Those that this model was asked for.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub model: Option<String>,
    /// Those of this version of the prompt.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub prompt_version: Option<String>,
    /// Those of this version of the rules.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub pack_version: Option<String>,
    /// Those of this organisation.
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub organisation: Option<String>,
    /// Also what was asked and answered for concepts that were kept, as far as it is of these answers.
    pub with_exchanges: bool,
}

/// How much was removed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Removed {
    /// Entries removed.
    pub entries: u32,
}

/// The state of the workplace.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DoctorReport {
    /// True when nothing needs attention.
    pub healthy: bool,
    /// The language of what was found: that of the settings.
    pub language: Language,
    /// What was looked at.
    pub checks: Vec<DoctorCheck>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DoctorCheck {
    /// Stable name in English: `store`, `key`, `rules` …
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, in the report's language.
    pub found: String,
    /// What to do, when something is wrong.
    pub error: Option<UserError>,
}
