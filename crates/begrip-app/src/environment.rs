//! What a host tells the use cases at the start: where the data stand, and what the environment
//! lays over the settings. Read once, by the host; nothing below looks at the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use begrip_telemetry::Telemetry;

use crate::schema::{EndpointFlavour, ModelSettings};
use crate::{ErrorCode, TelemetryOverride, UserError};

/// How to open the workplace.
pub struct OpenOptions {
    /// Folder with the store, the key file and the log.
    pub home: PathBuf,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Whether the operating system's keyring may be used; off in tests and on shared machines.
    pub keyring: bool,
    /// Model settings that overrule those of the user.
    pub model: ModelOverride,
    /// Listens to the program's steps; the host makes it and puts it among its layers. Sends nothing
    /// unless the settings or the environment say where to.
    pub telemetry: Telemetry,
    /// Where telemetry goes, in place of what the settings say.
    pub telemetry_by: TelemetryOverride,
    /// What overrules the user's settings of the central server.
    pub server: ServerOverride,
    /// Opens pages for a user to sign in.
    pub browser: Browser,
    /// Name of the account, the author of changes when the settings name nobody.
    pub account: String,
    /// How long a job waits before it tries again what kept it from going on; twice as long each time
    /// in vain, up to five minutes.
    pub retry: Duration,
    /// How often the central server is asked what is new while no line of events stays open.
    pub poll: Duration,
    /// How what goes along with a question is gathered.
    pub gathering: Gathering,
}

/// How what goes along with a question is gathered: all of it at one time. The rest is there to measure what
/// that is worth.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    /// One branch after the other.
    pub in_turn: bool,
    /// How much longer a branch (`related`, `passage`, `category`) takes than it does.
    pub held_up: BTreeMap<&'static str, Duration>,
}

/// Opens a page in the system's browser; `false` when there is none.
pub type Browser = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The usual first wait of a job.
const RETRY: Duration = Duration::from_secs(5);

/// How often the central server is usually asked without events.
const POLL: Duration = Duration::from_secs(30);

/// Model settings from the environment.
#[derive(Default)]
pub struct ModelOverride {
    /// `BEGRIP_LLM_URL`
    pub url: Option<String>,
    /// `BEGRIP_LLM_MODEL`
    pub model: Option<String>,
    /// `BEGRIP_LLM_KEY`; a secret.
    pub key: Option<String>,
}

/// The central server from the environment.
#[derive(Default)]
pub struct ServerOverride {
    /// `BEGRIP_SERVER_URL`
    pub url: Option<String>,
    /// `BEGRIP_SERVER_TOKEN`; a secret.
    pub token: Option<String>,
}

impl OpenOptions {
    /// Options for a home folder, with nothing overruled, without the keyring and without a browser.
    pub fn at(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            clock: Arc::new(SystemClock),
            keyring: false,
            model: ModelOverride::default(),
            telemetry: Telemetry::default(),
            telemetry_by: TelemetryOverride::default(),
            server: ServerOverride::default(),
            browser: Arc::new(|_| false),
            account: "onbekend".to_owned(),
            retry: RETRY,
            poll: POLL,
            gathering: Gathering::default(),
        }
    }

    /// Options from the process's environment.
    ///
    /// `home` overrules `BEGRIP_HOME`, which overrules the account's data folder.
    /// `BEGRIP_KEYRING=off` keeps away from the keyring. Error: no home can be found.
    pub fn from_environment(home: Option<PathBuf>) -> Result<Self, UserError> {
        let var = |name: &str| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty())
        };
        let home = home
            .or_else(|| var("BEGRIP_HOME").map(PathBuf::from))
            .or_else(|| dirs::data_local_dir().map(|folder| folder.join("begrip")))
            .ok_or_else(|| UserError::new(ErrorCode::StoreDenied, "BEGRIP_HOME"))?;
        Ok(Self {
            home,
            clock: Arc::new(SystemClock),
            keyring: var("BEGRIP_KEYRING").as_deref() != Some("off"),
            model: ModelOverride {
                url: var("BEGRIP_LLM_URL"),
                model: var("BEGRIP_LLM_MODEL"),
                key: var("BEGRIP_LLM_KEY"),
            },
            telemetry: Telemetry::default(),
            telemetry_by: TelemetryOverride {
                otlp_url: var("BEGRIP_OTLP_URL"),
                otlp_headers: var("BEGRIP_OTLP_HEADERS"),
                otlp_allow_http: var("BEGRIP_OTLP_ALLOW_HTTP").as_deref() == Some("true"),
                sentry_dsn: var("BEGRIP_SENTRY_DSN"),
            },
            server: ServerOverride {
                url: var("BEGRIP_SERVER_URL"),
                token: var("BEGRIP_SERVER_TOKEN"),
            },
            browser: Arc::new(|page| webbrowser::open(page).is_ok()),
            account: var("USER")
                .or_else(|| var("USERNAME"))
                .unwrap_or_else(|| "onbekend".into()),
            retry: RETRY,
            poll: POLL,
            gathering: Gathering::default(),
        })
    }
}

/// What stands in the place of a model's address for the central server of the user's organisation.
const VIA_SERVER: &str = "server";

impl ModelOverride {
    /// The settings with what the environment lays over them.
    pub(crate) fn over(&self, settings: &ModelSettings) -> ModelSettings {
        let mut effective = settings.clone();
        if let Some(url) = &self.url {
            match (url.trim() == VIA_SERVER, effective.flavour) {
                (true, _) => effective.flavour = EndpointFlavour::Server,
                // Who names an address means that one.
                (false, EndpointFlavour::Server) => effective.flavour = EndpointFlavour::OpenAi,
                (false, _) => {}
            }
            effective.base_url.clone_from(url);
        }
        if let Some(model) = &self.model {
            effective.model.clone_from(model);
        }
        effective
    }

    /// Names of the variables that are set.
    pub(crate) fn names(&self) -> Vec<String> {
        [
            ("BEGRIP_LLM_URL", self.url.is_some()),
            ("BEGRIP_LLM_MODEL", self.model.is_some()),
            ("BEGRIP_LLM_KEY", self.key.is_some()),
        ]
        .into_iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| name.to_owned())
        .collect()
    }
}
