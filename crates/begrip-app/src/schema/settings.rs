use begrip_domain::Context;
use serde::{Deserialize, Serialize};

use super::Prices;

/// Everything that the user can set. Holds no secret.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Settings {
    /// Name and screen.
    pub user: UserSettings,
    /// The model endpoint.
    pub model: ModelSettings,
    /// The response cache.
    pub cache: CacheSettings,
    /// Limits on what a draft may use.
    pub budgets: Budgets,
    /// What models cost.
    pub prices: Prices,
    /// Batches of terms.
    pub batch: BatchSettings,
    /// Which model does what.
    pub routing: RoutingSettings,
    /// What goes along with a question.
    pub gather: GatherSettings,
    /// What is told to whoever looks after the workstations.
    pub telemetry: TelemetrySettings,
    /// The central server.
    pub server: ServerSettings,
}

/// Who works here and how the screen looks.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct UserSettings {
    /// The name under which changes are kept; the account's name when empty.
    pub name: String,
    /// The own context: goes first in search and is filled in for a new draft.
    pub own_context: Context,
    /// Language of the screens.
    pub language: Language,
    /// Colours.
    pub theme: Theme,
    /// Size of text.
    pub text_size: TextSize,
}

/// Languages of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

/// Colours of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// What the operating system asks for.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Strong contrast.
    HighContrast,
}

/// Size of text on the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// 100 %.
    #[default]
    Normal,
    /// 125 %.
    Large,
    /// 150 %.
    Larger,
    /// 200 %.
    Largest,
}

/// The model endpoint.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ModelSettings {
    /// Base address, for instance `https://api.openai.com/v1`; empty when none is configured.
    pub base_url: String,
    /// Model or, on Azure, deployment.
    pub model: String,
    /// How the endpoint is spoken to.
    pub flavour: EndpointFlavour,
    /// Azure's `api-version`; unused elsewhere.
    pub api_version: String,
    /// 0 to 2.
    pub temperature: f64,
    /// At most this many tokens in a reply.
    pub max_reply_tokens: u32,
    /// Seconds to connect, between two pieces of text, and in all.
    pub connect_timeout_s: u32,
    /// See `connect_timeout_s`.
    pub idle_timeout_s: u32,
    /// See `connect_timeout_s`.
    pub total_timeout_s: u32,
    /// Address of a proxy; empty for the system's own.
    pub proxy: String,
    /// Path of a PEM file with certificates to trust besides the system's.
    pub ca_file: String,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            model: String::new(),
            flavour: EndpointFlavour::OpenAi,
            api_version: String::new(),
            temperature: begrip_prompt::TEMPERATURE,
            max_reply_tokens: begrip_prompt::REPLY_TOKENS,
            connect_timeout_s: 5,
            idle_timeout_s: 20,
            total_timeout_s: 60,
            proxy: String::new(),
            ca_file: String::new(),
        }
    }
}

/// How an endpoint is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EndpointFlavour {
    /// OpenAI's paths and bearer token; most servers speak this.
    #[default]
    OpenAi,
    /// Azure's deployment paths and `api-key` header.
    Azure,
    /// Through the central server of the user's organisation, with its own token: the address and the
    /// key of the model are not used.
    Server,
}

/// The response cache.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct CacheSettings {
    /// Off means that nothing is looked up or kept.
    pub enabled: bool,
    /// Hours for which an answer counts as fresh.
    pub ttl_hours: u32,
    /// The same for an answer to a question with notes, which may hold a case.
    pub ttl_hours_case: u32,
    /// Megabytes (10⁶ bytes) that the file on disk may have.
    pub disk_mb: u32,
    /// Megabytes in memory.
    pub memory_mb: u32,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            ttl_hours: 24 * 30,
            ttl_hours_case: 24 * 7,
            disk_mb: 200,
            memory_mb: 16,
        }
    }
}

/// Limits on what a draft may use.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Budgets {
    /// Tokens of one request; at most 3,000.
    pub prompt_tokens: u32,
    /// Tokens sent and received in a day; 0 for no limit, here and below. Days and months begin at
    /// midnight UTC. A call is made only when all that it may take fits, its longest answer included.
    pub tokens_per_day: u32,
    /// Tokens sent and received in a month.
    pub tokens_per_month: u32,
    /// Euro for one call.
    pub eur_per_call: f64,
    /// Euro in a day. Models without a price count as free.
    pub eur_per_day: f64,
    /// Euro in a month.
    pub eur_per_month: f64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            prompt_tokens: 3_000,
            tokens_per_day: 0,
            tokens_per_month: 0,
            eur_per_call: 0.0,
            eur_per_day: 0.0,
            eur_per_month: 0.0,
        }
    }
}

/// The central server, with which concepts are shared.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct ServerSettings {
    /// Its address, for instance `https://begrip.example`; empty when there is none.
    pub url: String,
    /// Path of a PEM file with certificates to trust besides the system's.
    pub ca_file: String,
}

/// Batches of terms.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct BatchSettings {
    /// Questions under way at one time, 1 to 16.
    pub at_once: u32,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { at_once: 2 }
    }
}

/// Which model does what. All are asked of the one endpoint; only model and time differ.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct RoutingSettings {
    /// A definition with what goes with it.
    pub define: TaskRoute,
    /// A definition that breaks blocking rules, mended; an empty model means the one that wrote it,
    /// which also mends when this one does not answer.
    pub repair: TaskRoute,
    /// Category and search words, where rules and index do not decide.
    pub prepare: TaskRoute,
    /// Whether that may take a call. Off: what rules and index do not decide stays undecided.
    pub small_calls: bool,
    /// The model that drafts when that of `define` is unknown, fails or takes too long, and mends when
    /// the one that wrote does; empty for none.
    pub fallback_model: String,
}

impl Default for RoutingSettings {
    fn default() -> Self {
        Self {
            define: TaskRoute::default(),
            repair: TaskRoute::default(),
            prepare: TaskRoute {
                model: String::new(),
                // What is only of help may not keep a user waiting.
                timeout_s: 4,
            },
            small_calls: false,
            fallback_model: String::new(),
        }
    }
}

/// Model and time of a task.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct TaskRoute {
    /// Its model; the main model when empty.
    pub model: String,
    /// Seconds that an answer may take in all, up to 600; 0 for the endpoint's own time.
    pub timeout_s: u32,
}

/// What goes along with a question for a definition.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct GatherSettings {
    /// Articles, up to 10; 0 for none. Up to 5 go along when the index cannot tell which is meant.
    pub passages: u32,
    /// Related concepts, up to 10; 0 for none.
    pub related: u32,
    /// Whether a model of embeddings has a say in which articles those are.
    pub rerank: bool,
    /// Where that model is; empty for the endpoint of the model. The key goes to that server alone.
    pub rerank_url: String,
    /// Its name.
    pub rerank_model: String,
}

impl Default for GatherSettings {
    fn default() -> Self {
        Self {
            passages: 3,
            related: 3,
            rerank: false,
            rerank_url: String::new(),
            rerank_model: String::new(),
        }
    }
}

/// What is told to whoever looks after the workstations: times and error codes, never a text.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct TelemetrySettings {
    /// Address of a collector that speaks OTLP over HTTP; empty for none. Gets the time of each step.
    pub otlp_url: String,
    /// Whether errors are sent to the address that the keyring holds.
    pub errors: bool,
}

/// What is known of the telemetry; never its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TelemetryState {
    /// The environment names the collector, and the setting does not count.
    pub otlp_by_environment: bool,
    /// What is known of the address for errors.
    pub errors: KeyState,
    /// Steps and errors sent since the start.
    pub sent: u32,
    /// Steps and errors since the start that did not get there.
    pub dropped: u32,
}

/// The settings with what is known about them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SettingsView {
    /// As kept.
    pub settings: Settings,
    /// The model endpoint that is in force: the settings', or what the environment lays over it.
    pub effective_model: ModelSettings,
    /// Names of environment variables that overrule the model settings.
    pub overruled_by: Vec<String>,
    /// What is known of the model key.
    pub key: KeyState,
    /// What is known of the telemetry.
    pub telemetry: TelemetryState,
    /// Endpoints to start from.
    pub presets: Vec<ModelPreset>,
}

/// What is known of a key of the user; never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyState {
    /// True when a key is there.
    pub present: bool,
    /// Where it is kept.
    pub place: KeyPlace,
}

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// The operating system's keyring.
    Keyring,
    /// Memory only: gone when the program closes, because this machine has no keyring.
    Memory,
    /// The environment: `BEGRIP_LLM_KEY`, `BEGRIP_SENTRY_DSN` or `BEGRIP_SERVER_TOKEN`.
    Environment,
    /// Nowhere.
    None,
}

/// Sets or, when empty, forgets a key.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyRequest {
    /// The key.
    pub key: String,
}

impl std::fmt::Debug for KeyRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRequest { key: [redacted] }")
    }
}

/// An endpoint to start from.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelPreset {
    /// Stable name: `central`, `openai`, `azure`, `ollama`, `llama_cpp`.
    pub id: String,
    /// Name on the screen.
    pub name: String,
    /// Base address, with `<…>` where the user fills in.
    pub base_url: String,
    /// A usual model; empty when it depends on the place.
    pub model: String,
    /// How it is spoken to.
    pub flavour: EndpointFlavour,
    /// Azure's `api-version`.
    pub api_version: String,
    /// Whether a key is needed.
    pub needs_key: bool,
}

/// What the test button found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelTestResult {
    /// True when a definition could be asked for.
    pub ok: bool,
    /// The steps that were tried, in order, with what each found.
    pub steps: Vec<super::DoctorCheck>,
}
