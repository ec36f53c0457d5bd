//! Bringing this computer and the central server together: now, or for as long as the program runs.

use std::sync::Arc;
use std::time::Duration;

use begrip_domain::Label;
use begrip_link::{Events, LinkError, Server, Settings as Link};
use begrip_sync::{Ask, Effect, Ending, Got, Halt, Session, Wishes, back_off, limits};

use crate::open::{Core, lock};
use crate::schema::{
    KeyPlace, KeyRequest, KeyState, ServerSettings, SyncReport, SyncRequest, SyncStatus,
};
use crate::sign_in::LinkErrorOr;
use crate::{App, ErrorCode, UserError};

/// With events the server is asked this often all the same, for what another program on this home has changed.
const SELDOM: Duration = Duration::from_secs(120);

/// So many syncs go by without a comparison of the checksums.
const COMPARE_EACH: u32 = 20;

/// After a failure that does not pass by itself, such as a refused token.
const LONG: Duration = Duration::from_secs(300);

/// The server that was made last, and of what.
pub(crate) struct KeptServer {
    url: String,
    ca_file: String,
    server: Server,
}

/// A sync under way. However it ends, and when it is only left, the store folds the journal that it let grow.
struct Folded(Arc<Core>);

impl Drop for Folded {
    fn drop(&mut self) {
        if !self.0.store.hurries() {
            return;
        }
        let core = Arc::clone(&self.0);
        let fold = move || {
            if let Err(error) = core.store.take_time() {
                tracing::warn!(%error, "the journal is not folded");
            }
        };
        // It waits for the disk.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(fold)),
            Err(_) => fold(),
        }
    }
}

/// Why a sync did not come to its end.
struct Fault {
    error: UserError,
    /// How long to wait before it is worth trying again, when the server said so.
    asked: Option<Duration>,
    /// It may well be gone by then without anybody doing anything.
    passes: bool,
}

impl From<UserError> for Fault {
    fn from(error: UserError) -> Self {
        Self {
            error,
            asked: None,
            passes: false,
        }
    }
}

impl From<LinkError> for Fault {
    fn from(error: LinkError) -> Self {
        Self {
            asked: error.asked_to_wait(),
            passes: error.passes(),
            error: error.into(),
        }
    }
}

impl From<LinkErrorOr> for Fault {
    fn from(error: LinkErrorOr) -> Self {
        match error {
            LinkErrorOr::Link(error) => error.into(),
            // An issuer that is away may well be back without anybody doing anything.
            LinkErrorOr::User(error) => Self {
                passes: error.is(ErrorCode::SignInUnreachable),
                ..error.into()
            },
        }
    }
}

impl From<LinkError> for UserError {
    fn from(error: LinkError) -> Self {
        let code = match &error {
            LinkError::Address(_) | LinkError::Token => ErrorCode::SettingInvalid,
            LinkError::Tls(_) => ErrorCode::ServerTls,
            LinkError::Unreachable(_) | LinkError::Timeout => ErrorCode::ServerUnreachable,
            LinkError::SignIn => ErrorCode::ServerTokenRefused,
            LinkError::Role => ErrorCode::ServerRole,
            LinkError::NoAccount => ErrorCode::NoAccount,
            LinkError::AccountClosed => ErrorCode::AccountClosed,
            LinkError::NoModel => ErrorCode::ServerNoModel,
            LinkError::Protocol(_) => ErrorCode::ServerProtocol,
            LinkError::Busy { .. } => ErrorCode::ServerBusy,
            LinkError::Administration(why) => (*why).into(),
            LinkError::Refused { .. } | LinkError::Nonsense(_) => ErrorCode::ServerFailed,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Halt> for UserError {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Nonsense(what) => Self::new(ErrorCode::ServerFailed, what),
            Halt::TooManyGone { gone, live } => {
                Self::new(ErrorCode::TooManyWithdrawn, format!("{gone} / {live}"))
            }
        }
    }
}

impl App {
    /// How sharing with other organisations stands. Makes no connection.
    pub async fn sync_status(&self, (): ()) -> Result<SyncStatus, UserError> {
        self.blocking(Core::sync_status).await
    }

    /// Sets or, when empty, forgets the token of the central server.
    pub async fn server_token(&self, request: KeyRequest) -> Result<KeyState, UserError> {
        self.blocking(move |core| {
            core.keep_secret(SERVER_TOKEN, &request.key)?;
            core.forget_server();
            // The gateway is asked with the same token.
            core.configure_model()?;
            core.shared_changed.notify_one();
            let place = match core.server_overrule.token {
                Some(_) => KeyPlace::Environment,
                None => core.place_of(SERVER_TOKEN),
            };
            Ok(KeyState {
                present: place != KeyPlace::None,
                place,
            })
        })
        .await
    }

    /// Sends what waits, takes what is new, and compares both ends when asked to.
    ///
    /// Errors: no server is set up, it cannot be reached, or refuses; what was done until then
    /// holds, and what waits goes on waiting.
    pub async fn sync_now(&self, request: SyncRequest) -> Result<SyncReport, UserError> {
        let report = self.sync_once(request).await.map_err(|fault| fault.error)?;
        match report.status.error {
            Some(error) => Err(error),
            None => Ok(report),
        }
    }

    /// Stays in step with the server until the program closes: at once when either side changes
    /// something, and by asking now and then when the server cannot tell. Tells how it stands after
    /// each time.
    pub async fn sync_follow(
        &self,
        mut told: impl FnMut(SyncStatus) + Send,
    ) -> Result<(), UserError> {
        let (mut failures, mut rounds) = (0, 0);
        let mut events = None;
        while !self.core.closing.is_cancelled() {
            let request = SyncRequest {
                compare: rounds % COMPARE_EACH == 0,
                ..SyncRequest::default()
            };
            let done = tokio::select! {
                () = self.core.closing.cancelled() => break,
                done = self.sync_once(request) => done,
            };
            told(self.sync_status(()).await?);
            match done {
                Ok(_) => {
                    (failures, rounds) = (0, rounds + 1);
                    self.wait_for_news(&mut events).await;
                }
                Err(fault) => {
                    failures += 1;
                    events = None;
                    let wait = match fault.passes {
                        true => back_off(failures, fastrand::f64(), fault.asked),
                        false => LONG,
                    };
                    tokio::select! {
                        () = self.core.closing.cancelled() => {}
                        () = self.core.shared_changed.notified(), if !fault.passes => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Stays in step in the background; must be called within the runtime. Makes no connection while
    /// no server is set up.
    pub fn keep_in_step(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            if let Err(error) = app.sync_follow(|_| {}).await {
                tracing::error!(code = error.code, "not in step with the server any more");
            }
        });
    }

    /// Until the server or this program has changed something, or it is time to ask.
    async fn wait_for_news(&self, events: &mut Option<Events>) {
        if events.is_none() {
            *events = self.line_of_events().await;
        }
        let patience = match events {
            Some(_) => SELDOM,
            None => self.core.poll,
        };
        let news = async {
            let Some(line) = events else {
                return std::future::pending().await;
            };
            loop {
                let known = self
                    .blocking(|core| Ok(core.store.sync_saved()?.position))
                    .await;
                match (line.next().await, known) {
                    // Told at once by a line that was just opened.
                    (Ok(sequence), Ok(known)) if sequence == known => {}
                    (Ok(_), _) => return,
                    (Err(_), _) => {
                        *events = None;
                        return;
                    }
                }
            }
        };
        tokio::select! {
            () = self.core.closing.cancelled() => {}
            () = self.core.shared_changed.notified() => {}
            () = news => {}
            () = tokio::time::sleep(patience) => {}
        }
    }

    async fn line_of_events(&self) -> Option<Events> {
        // A token that is refused is renewed by the next question.
        self.server().await.ok()?.listen().await.ok()
    }

    async fn sync_once(&self, request: SyncRequest) -> Result<SyncReport, Fault> {
        // Two at one time would do everything twice, which is harmless and of no use.
        let _alone = self.core.syncing.lock().await;
        let _folded = Folded(Arc::clone(&self.core));
        let done = self.drive(request).await;
        if done.is_err() {
            // Another program on this home may have kept another token since.
            self.core.forget_server();
        }
        *lock(&self.core.sync_error) = done.as_ref().err().map(|fault| fault.error.clone());
        let ending = done?;
        let mut status = self.sync_status(()).await?;
        if ending.held_back && status.waiting > 0 {
            let role = UserError::new(ErrorCode::ServerRole, "");
            *lock(&self.core.sync_error) = Some(role.clone());
            status.error = Some(role);
        }
        Ok(SyncReport {
            pushed: ending.pushed,
            not_taken: ending.not_taken,
            pulled: ending.pulled,
            repaired: ending.repaired,
            equal: ending.equal,
            status,
        })
    }

    /// Runs a session to its end.
    async fn drive(&self, request: SyncRequest) -> Result<Ending, Fault> {
        let mut server = self.server().await.map_err(LinkErrorOr::from)?;
        let wishes = Wishes {
            compare: request.compare,
            accept_withdrawals: request.accept_withdrawals,
        };
        let begin = move |core: &Core| Ok(Session::new(core.store.sync_saved()?, wishes));
        let mut session = self.blocking(begin).await?;
        let mut said = None;
        // The next page, read while the one before it was kept; one that failed is asked again in its turn, and told
        // then, unless the server asked to wait.
        let mut ahead = None;
        loop {
            let (asked, own);
            (session, asked, own) = self
                .blocking(move |core| {
                    let waiting = core.store.waiting_commands(limits::PUSH)?;
                    let asked = session.ask(|| waiting);
                    let own = match asked {
                        Ask::OwnSums => Some(Got::OwnSums(core.store.own_sums()?)),
                        _ => None,
                    };
                    Ok((session, asked, own))
                })
                .await?;
            if let Ask::End(ending) = asked {
                self.blocking(|core| Ok(core.store.note_synced(core.clock.now())?))
                    .await?;
                if let Some(hello) = said {
                    let taken = self.take_published(&server, &hello).await;
                    *lock(&self.core.published_error) = taken.err();
                }
                return Ok(ending);
            }
            let early = ahead.take().filter(|(early, _)| *early == asked);
            let got = match (own, early) {
                (Some(own), _) => own,
                (None, Some((_, Ok(got)))) => got,
                // Asked to wait: to ask once more at once is what it wants to be spared.
                (None, Some((_, Err(refused @ LinkError::Busy { .. })))) => {
                    return Err(refused.into());
                }
                (None, Some((_, Err(_))) | None) => match server.ask(&asked).await {
                    Ok(got) => got,
                    Err(refused) => {
                        server = self.server_anew(refused).await?;
                        server.ask(&asked).await?
                    }
                },
            };
            if let Got::Hello(hello) = &got {
                said = Some(hello.clone());
            }
            let next = asked.ahead(&got);
            let asking = async {
                let next = next?;
                let got = server.ask(&next).await;
                Some((next, got))
            };
            let keeping = self.blocking(move |core| {
                if let Got::Hello(hello) = &got {
                    core.store.note_account(hello)?;
                }
                let held = core.store.held_for(&got)?;
                let effects = session.got(&asked, got, &held)?;
                let others = core.other_statuses(&effects)?;
                core.store.keep_effects(&effects, core.clock.now())?;
                for term in &others {
                    core.forget_about(term)?;
                }
                Ok(session)
            });
            let kept;
            (kept, ahead) = tokio::join!(keeping, asking);
            session = kept?;
        }
    }
}

/// Name of the central server's token in the keyring.
const SERVER_TOKEN: &str = "server";

impl Core {
    /// The token of the central server; none when nobody gave one.
    pub(crate) fn server_token(&self) -> Option<begrip_store::Secret> {
        match &self.server_overrule.token {
            Some(token) => Some(begrip_store::Secret::new(token.clone())),
            None => self.secret(SERVER_TOKEN),
        }
    }

    /// The terms of the concepts here that get another status, or are withdrawn, or are not shared with
    /// this organisation any more: what was answered about them before is not to be given again.
    fn other_statuses(&self, effects: &[Effect]) -> Result<Vec<Label>, UserError> {
        let after = effects.iter().filter_map(|effect| match effect {
            Effect::Take { item, .. } => Some((item.id, item.status().filter(|_| !item.deleted))),
            Effect::Gone(id) => Some((*id, None)),
            Effect::Answered(_) | Effect::Save(_) | Effect::Equal => None,
        });
        Ok(self.store.with_another_status(after)?)
    }

    /// The server by its token; made once for an address and a file of certificates, because the keyring
    /// is slow and this is asked often. Errors: none is set up, or its address, token or certificates
    /// cannot be used.
    pub(crate) fn server(&self) -> Result<Server, UserError> {
        let (url, ca_file) = (self.server_url(), self.server_settings().ca_file);
        let none = || UserError::new(ErrorCode::ServerNotConfigured, "");
        if url.is_empty() {
            return Err(none());
        }
        let mut kept = lock(&self.server);
        match &*kept {
            Some(kept) if kept.url == url && kept.ca_file == ca_file => {
                return Ok(kept.server.clone());
            }
            _ => {}
        }
        let token = self.server_token().ok_or_else(none)?;
        let server = self.server_with(token.reveal())?;
        *kept = Some(KeptServer {
            url,
            ca_file,
            server: server.clone(),
        });
        Ok(server)
    }

    /// The server's settings in force: the user's, with what the environment lays over them.
    pub(crate) fn server_settings(&self) -> ServerSettings {
        let mut settings = self.settings().server;
        if let Some(given) = &self.server_overrule.url {
            settings.url.clone_from(given);
        }
        settings
    }

    /// The server in force, by this token; without any for what it tells anybody.
    pub(crate) fn server_with(&self, token: &str) -> Result<Server, UserError> {
        let url = self.server_url();
        if url.is_empty() {
            return Err(UserError::new(ErrorCode::ServerNotConfigured, ""));
        }
        Ok(Server::new(&Link {
            url: &url,
            token,
            ca_pem: self.server_ca()?.as_deref(),
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
        })?)
    }

    /// Makes the server anew at the next question: its token or certificates may be others now.
    fn forget_server(&self) {
        *lock(&self.server) = None;
    }

    /// The organisation that the server last said the user belongs to; empty when it never did.
    pub(crate) fn organisation(&self) -> String {
        match self.store.own_account() {
            Ok(account) => account.organisation,
            Err(error) => {
                tracing::warn!(%error, "the organisation could not be read");
                String::new()
            }
        }
    }

    /// The server's address; empty when none is set up.
    pub(crate) fn server_url(&self) -> String {
        self.server_settings().url.trim().to_owned()
    }

    /// Certificates to trust beside the operating system's. Error: the file cannot be read.
    pub(crate) fn server_ca(&self) -> Result<Option<String>, UserError> {
        match self.settings().server.ca_file.trim() {
            "" => Ok(None),
            path => std::fs::read_to_string(path).map(Some).map_err(|error| {
                UserError::new(ErrorCode::FileUnreadable, format!("{path}: {error}"))
            }),
        }
    }
}
