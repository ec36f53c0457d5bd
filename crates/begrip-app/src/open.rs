//! Opening the workplace: every service is made once, here, and shared by reference.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use begrip_domain::Context;
use begrip_llm::{CancellationToken, Model};
use begrip_rules::RulePack;
use begrip_store::{OpenReport, Recovery, Store, StoreError};
use begrip_telemetry::Telemetry;

use crate::beside::{KnownNeighbours, known_neighbours};
use crate::clock::Clock;
use crate::environment::{Gathering, ModelOverride, OpenOptions, ServerOverride};
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::packs::Packs;
use crate::provenance::{CaseExchanges, case_exchanges, forget_old_drafts};
use crate::repair::Repairs;
use crate::schema::{ModelState, Notice, Settings};
use crate::sign_in::Signing;
use crate::standing::Standing;
use crate::sync::KeptServer;
use crate::telemetry::UnlessOpened;
use crate::together::Preparing;
use crate::turns::Turns;
use crate::{ErrorCode, TelemetryOverride, UserError, settings, starter, tier};

/// The workplace. Cheap to clone: clones share everything.
#[derive(Clone)]
pub struct App {
    pub(crate) core: Arc<Core>,
}

pub(crate) struct Core {
    pub store: Arc<Store>,
    pub packs: Packs,
    pub model: Model,
    pub clock: Arc<dyn Clock>,
    pub account: String,
    pub overrule: ModelOverride,
    pub server_overrule: ServerOverride,
    pub settings: RwLock<Settings>,
    /// Listens to the steps of this program, and sends them where the settings say.
    pub telemetry: Telemetry,
    pub telemetry_by: TelemetryOverride,
    /// The user's secrets where this machine has no keyring: gone when the program closes.
    pub memory_keys: Mutex<HashMap<&'static str, begrip_store::Secret>>,
    /// The central server, as it was made last.
    pub server: Mutex<Option<KeptServer>>,
    /// Held by the one sync that this program runs.
    pub syncing: tokio::sync::Mutex<()>,
    /// What kept the latest sync from its end.
    pub sync_error: Mutex<Option<UserError>>,
    /// How sharing stood, after which change of the store and for which server.
    pub standing: Mutex<Option<(i64, String, Standing)>>,
    /// What kept the latest of what the server hands out from being taken over.
    pub published_error: Mutex<Option<UserError>>,
    /// Who signed in, and the token of now.
    pub signing: Signing,
    /// Tells that something waits for the server.
    pub shared_changed: tokio::sync::Notify,
    /// Drafts under way: number, name and what stops them.
    pub running: Mutex<HashMap<u64, (String, CancellationToken)>>,
    /// Drafts begun so far.
    pub drafts: AtomicU64,
    /// Who writes down where drafts came from.
    pub writing_drafts: Arc<Turns>,
    /// What was asked and answered about cases in this run.
    pub case_exchanges: CaseExchanges,
    /// Concepts that texts were judged beside.
    pub neighbours: KnownNeighbours,
    /// Questions that are being made ready.
    pub preparing: Preparing,
    /// Repairs under way.
    pub repairs: Repairs,
    /// Jobs that this program runs.
    pub jobs: Jobs,
    pub model_state: Mutex<ModelState>,
    pub notices: Vec<Notice>,
    pub home: PathBuf,
    pub opened: OpenReport,
    pub ledger: Arc<Ledger>,
    /// Ends what goes on in the background.
    pub closing: CancellationToken,
    /// How often the central server is asked without events.
    pub poll: std::time::Duration,
    pub gathering: Gathering,
}

impl App {
    /// Opens the workplace. Blocks for some tens of milliseconds; makes no connection.
    ///
    /// Errors: a newer file, a lost or wrong key, no access, a full disk, broken rules.
    #[tracing::instrument(skip_all)]
    pub fn open(options: OpenOptions) -> Result<Self, UserError> {
        let OpenOptions {
            home,
            clock,
            keyring,
            model: overrule,
            server: server_overrule,
            telemetry,
            telemetry_by,
            browser,
            account,
            retry,
            poll,
            gathering,
        } = options;
        let now = clock.now();
        let mut unless_opened =
            UnlessOpened(Some((telemetry.clone(), telemetry_by.destinations())));
        let opening = Opening::begin(&home);
        let (store, opened) = Store::open(&home, keyring, now).map_err(UserError::from)?;
        tracing::info!(service = "store", "made");
        let store = Arc::new(store);
        let (packs, told) = Packs::open(&store)?;
        install_starter(&store, now)?;
        drop(opening);
        if let Err(error) = forget_old_drafts(&store, now) {
            tracing::warn!(code = error.code, "old drafts could not be forgotten");
        }
        let (settings, lost) = settings::read(&store)?;
        let ledger = Ledger::new(&store, &settings);
        give_up_calls(&store, now);
        let in_force = overrule.over(&settings.model);
        let model = tier::model(&store, &settings, &in_force.model, &clock, &ledger);
        let mut notices = notices(&opened, &lost);
        notices.extend(told);
        let core = Core {
            notices,
            store,
            packs,
            home,
            model,
            clock,
            account,
            overrule,
            server_overrule,
            settings: RwLock::new(settings),
            telemetry,
            telemetry_by,
            memory_keys: Mutex::default(),
            server: Mutex::default(),
            syncing: tokio::sync::Mutex::default(),
            sync_error: Mutex::default(),
            standing: Mutex::default(),
            published_error: Mutex::default(),
            signing: Signing::new(browser),
            shared_changed: tokio::sync::Notify::new(),
            running: Mutex::default(),
            drafts: AtomicU64::default(),
            writing_drafts: Arc::default(),
            case_exchanges: case_exchanges(),
            neighbours: known_neighbours(),
            preparing: Preparing::default(),
            repairs: Repairs::default(),
            jobs: Jobs::new(retry),
            model_state: Mutex::new(ModelState::Unknown),
            opened,
            ledger,
            closing: CancellationToken::new(),
            poll,
            gathering,
        };
        let app = Self {
            core: Arc::new(core),
        };
        unless_opened.0 = None;
        app.core.configure_telemetry(&app.core.settings());
        // Settings that cannot be used are told when the model is asked, not by refusing to start.
        if let Err(error) = app.core.configure_model() {
            tracing::warn!(code = error.code, "the model settings cannot be used");
        }
        Ok(app)
    }

    /// The way out of a lost key: keeps the file that cannot be opened aside and begins anew.
    pub fn open_afresh(options: OpenOptions) -> Result<Self, UserError> {
        Store::set_aside(&options.home, options.clock.now()).map_err(UserError::from)?;
        Self::open(options)
    }

    /// Stops what is running and waits until the end of each call is written down, up to two
    /// seconds, and until a backup that is being made stands. Everything else that is kept is on disk already.
    pub async fn close(&self) {
        self.core.closing.cancel();
        let running = std::mem::take(&mut *lock(&self.core.running));
        for (_, cancel) in running.into_values() {
            cancel.cancel();
        }
        self.core.jobs.ended(None).await;
        for _ in 0..200 {
            if self.core.model.is_idle() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let written = self
            .blocking(|core| {
                core.store.finish_backup();
                let drafts = core.write_drafts();
                core.ledger.write_down()?;
                drafts
            })
            .await;
        if let Err(error) = written {
            tracing::error!(
                code = error.code,
                "questions or drafts could not be written down"
            );
        }
    }

    /// Runs blocking work off the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, UserError> + Send + 'static,
    ) -> Result<T, UserError> {
        let core = Arc::clone(&self.core);
        let step = tracing::Span::current();
        tokio::task::spawn_blocking(move || step.in_scope(|| work(&core)))
            .await
            // What a panic says may hold a text; it stands in the log of the host.
            .map_err(|error| {
                let what = if error.is_panic() { "panic" } else { "stopped" };
                UserError::new(ErrorCode::BadRequest, what)
            })?
    }
}

impl Core {
    /// A snapshot of the settings.
    pub fn settings(&self) -> Settings {
        self.settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Under which name changes are kept.
    pub fn author(&self) -> String {
        let name = self.settings().user.name.trim().to_owned();
        if name.is_empty() {
            self.account.clone()
        } else {
            name
        }
    }

    /// The rules in force, also when another program on this home has just switched them. Hold on to
    /// it for as long as one answer is made, so that a switch does not fall in between.
    pub fn pack(&self) -> Arc<RulePack> {
        self.packs.in_force()
    }

    /// The user's own context.
    pub fn own_context(&self) -> Context {
        self.settings().user.own_context
    }
}

/// Locks, also after a panic elsewhere: what is guarded here is whole at every moment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Held while the workplace is opened: a window and a terminal that start at one time on a new
/// home must not both make its files.
struct Opening {
    home: Option<File>,
    /// Within one process: SQLCipher is not ready for a second thread while the first one that ever
    /// opens a file still sets it up.
    _process: MutexGuard<'static, ()>,
}

impl Opening {
    /// Waits for its turn. A folder that cannot hold the lock is told by the store, in its words.
    fn begin(home: &Path) -> Self {
        static PROCESS: Mutex<()> = Mutex::new(());
        let path = home.join("begrip.lock");
        let file = std::fs::create_dir_all(home)
            .and_then(|()| File::options().create(true).append(true).open(path))
            .and_then(|file| file.lock().map(|()| file));
        Self {
            home: file.ok(),
            _process: lock(&PROCESS),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if let Some(file) = &self.home {
            // Closing the file does the same; on some systems later.
            let _ = file.unlock();
        }
    }
}

/// Longer than any call may take, see the settings of the model.
const LONGEST_CALL: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// Calls whose program was killed before they ended.
fn give_up_calls(store: &Store, now: jiff::Timestamp) {
    let before = now.saturating_sub(LONGEST_CALL).unwrap_or(now);
    match store.give_up_calls(before) {
        Ok(0) => {}
        Ok(lost) => tracing::warn!(lost, "calls whose end nobody wrote down"),
        Err(error) => tracing::warn!(%error, "lost calls could not be written down"),
    }
}

fn install_starter(store: &Store, now: jiff::Timestamp) -> Result<(), UserError> {
    let version = starter::version();
    if store.document("starter_version")?.as_deref() == Some(version.as_str()) {
        return Ok(());
    }
    let concepts = starter::concepts(now)
        .map_err(|error| UserError::new(ErrorCode::StartFailed, error.to_string()))?;
    let change = begrip_store::Change {
        author: starter::STARTER_AUTHOR,
        at: now,
        reason: starter::STARTER_REASON,
    };
    let written = store.install_starter(&version, &concepts, &change)?;
    tracing::info!(written, "the starter set stands");
    Ok(())
}

/// What the user must know of how the store was opened; `lost` names the settings that could not
/// be read.
fn notices(report: &OpenReport, lost: &[&str]) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut tell = |code, detail: String| {
        notices.push(Notice {
            message: UserError::new(code, detail),
        })
    };
    match &report.recovery {
        None => {}
        Some(Recovery::Backup { aside }) => {
            tell(ErrorCode::StoreRecovered, aside.display().to_string())
        }
        Some(Recovery::Rescued { aside, concepts }) => {
            tell(
                ErrorCode::StoreRescued,
                format!("{concepts}; {}", aside.display()),
            );
        }
    }
    if report.key_was_open {
        tell(ErrorCode::StoreKeyOpen, "begrip.key".to_owned());
    }
    if report.cache_renewed {
        tell(ErrorCode::CacheRenewed, "cache.db".to_owned());
    }
    if !lost.is_empty() {
        tell(ErrorCode::SettingsLost, lost.join(", "));
    }
    notices
}

impl From<StoreError> for UserError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Newer => ErrorCode::StoreNewer,
            StoreError::KeyLost(_) => ErrorCode::StoreKeyLost,
            StoreError::KeyWrong(_) => ErrorCode::StoreKeyWrong,
            StoreError::Busy => ErrorCode::StoreBusy,
            StoreError::Full => ErrorCode::StoreFull,
            StoreError::Denied(_) => ErrorCode::StoreDenied,
            StoreError::NotFound => ErrorCode::NotFound,
            StoreError::Twin(_) => ErrorCode::AlreadyThere,
            StoreError::NoJob => ErrorCode::JobUnknown,
            StoreError::OtherPack(_) => ErrorCode::PackOther,
            StoreError::NoPack(_) => ErrorCode::PackUnknown,
            StoreError::OlderFlags(_) => ErrorCode::FlagsOlder,
            StoreError::OtherFlags(_) => ErrorCode::FlagsOther,
            StoreError::NotEditable => ErrorCode::NotEditable,
            StoreError::Invalid(_) => ErrorCode::BufferInvalid,
            StoreError::Keyring(_) => ErrorCode::StoreKeyringAway,
            StoreError::Damaged(_) | StoreError::Other(_) => ErrorCode::StoreFailed,
        };
        Self::new(code, error.to_string())
    }
}
