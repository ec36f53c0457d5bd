//! Who signed in at the issuer of the central server, and the tokens of that.
//!
//! The refresh token is kept in the keyring, or, where there is none, in the encrypted store. The access
//! token is in memory alone; it is renewed before it ends, and once when the server refuses it. An issuer
//! may take a refresh token that comes twice for a stolen one: of the programs on a home one renews at a
//! time, with what the one before was given.

use std::fs::File;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use begrip_link::{LinkError, Server};
use begrip_llm::CancellationToken;
use begrip_openid::{
    AccessToken, Begun, Claims, Client, Issuer, OpenIdError, RefreshToken, Tokens,
};
use begrip_store::Secret;
use begrip_sync::{Ask, Got};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::environment::Browser;
use crate::open::{Core, lock};
use crate::schema::{AccountBy, AccountView, EndpointFlavour, SignInBegun, SignInRequest};
use crate::{App, ErrorCode, UserError};

/// Name of the refresh token in the keyring.
const REFRESH: &str = "sign-in";

/// Name of the document that says who signed in.
const DOCUMENT: &str = "sign_in";

/// So long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_secs(300);

/// An access token is renewed this long before its end, or a fifth of its time when that is shorter.
const MARGIN: Duration = Duration::from_secs(60);

/// How long an access token is used whose issuer does not say.
const UNSAID: Duration = Duration::from_secs(300);

/// An access token is renewed after this time, however long it is said to hold.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What an issuer calls it when a refresh token does not hold any more, or the user must come back.
const ENDS: [&str; 4] = [
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
];

/// How long is waited for a browser to start.
const BROWSER: Duration = Duration::from_secs(5);

/// What is kept of whoever signed in, in the encrypted store.
#[derive(Clone, Deserialize, Serialize)]
struct SignedIn {
    /// The server for which it is: no other gets its tokens.
    server: String,
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
    subject: String,
    name: String,
    organisation: String,
    /// The refresh token, where no keyring keeps it.
    refresh: Option<String>,
    /// The issuer said that it has ended.
    ended: bool,
    /// When it ends whatever is done, where the issuer gave nothing to renew it by.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// The access token of now.
struct Access {
    subject: String,
    token: AccessToken,
    until: Instant,
}

/// A sign-in that waits for the browser.
struct Waiting {
    client: Client,
    begun: Begun,
    server: String,
}

/// What this program knows of a sign-in.
pub(crate) struct Signing {
    browser: Browser,
    waiting: Mutex<Option<Waiting>>,
    /// The page that is waited for, and what ends the wait.
    waits_at: Mutex<Option<(String, CancellationToken)>>,
    access: Mutex<Option<Access>>,
    /// Held by whoever renews.
    renewing: tokio::sync::Mutex<()>,
}

impl Signing {
    pub fn new(browser: Browser) -> Self {
        Self {
            browser,
            waiting: Mutex::default(),
            waits_at: Mutex::default(),
            access: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
        }
    }
}

impl From<OpenIdError> for UserError {
    fn from(error: OpenIdError) -> Self {
        let code = match &error {
            OpenIdError::Unreachable(_) => ErrorCode::SignInUnreachable,
            OpenIdError::Refused(_) => ErrorCode::SignInRefused,
            OpenIdError::TooLate => ErrorCode::SignInTooLate,
            OpenIdError::Address(_)
            | OpenIdError::Tls(_)
            | OpenIdError::Nonsense(_)
            | OpenIdError::Token(_)
            | OpenIdError::Mismatch(_)
            | OpenIdError::Port(_) => ErrorCode::SignInFailed,
        };
        Self::new(code, error.to_string())
    }
}

impl App {
    /// Asks the central server where its users sign in, opens a port for the browser to come back to,
    /// and, when asked to, the browser. One that waited before stops waiting.
    ///
    /// Errors: no server is set up, it has no issuer, or the issuer does not answer.
    pub async fn sign_in_begin(&self, request: SignInRequest) -> Result<SignInBegun, UserError> {
        self.stop_waiting();
        let (server, url, ca_pem) = self
            .blocking(|core| Ok((core.server_with("")?, core.server_url(), core.server_ca()?)))
            .await?;
        let openid = server.openid().await?;
        let openid = openid.ok_or_else(|| UserError::new(ErrorCode::SignInNotOffered, ""))?;
        let issuer = Issuer::new(&openid.issuer, ca_pem.as_deref())?;
        let client = Client::new(issuer, openid.client_id, openid.scopes).prompting(openid.prompt);
        let begun = client.begin().await?;
        let address = begun.address().to_owned();
        let signing = &self.core.signing;
        *lock(&signing.waits_at) = Some((address.clone(), CancellationToken::new()));
        *lock(&signing.waiting) = Some(Waiting {
            client,
            begun,
            server: url,
        });
        let opened = request.open && self.open_page(address.clone()).await;
        Ok(SignInBegun { address, opened })
    }

    /// Waits until the user has signed in in the browser, keeps that, and asks the server who that is. A sign-in that
    /// cannot be renewed is told at once ([`AccountView::notice`]).
    ///
    /// Errors: nothing was begun or it was stopped, the issuer refused, what came back cannot be
    /// trusted, or the server has no account for this user; then nothing is kept.
    pub async fn sign_in_end(&self, (): ()) -> Result<AccountView, UserError> {
        let stopped = || UserError::new(ErrorCode::SignInStopped, "");
        let signing = &self.core.signing;
        let waiting = lock(&signing.waiting).take().ok_or_else(stopped)?;
        let stop = lock(&signing.waits_at)
            .as_ref()
            .map(|(_, stop)| stop.clone());
        let stop = stop.ok_or_else(stopped)?;
        let (client, server) = (waiting.client, waiting.server);
        let ended = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            () = self.core.closing.cancelled() => Err(stopped()),
            ended = client.end(waiting.begun, PATIENCE) => ended.map_err(UserError::from),
        };
        // Another may have begun since, and that one still waits.
        if !stop.is_cancelled() {
            *lock(&signing.waits_at) = None;
        }
        let (tokens, claims) = ended?;
        self.keep_signed_in(&client, server, &tokens, &claims)
            .await?;
        self.find_account().await?;
        self.core.shared_changed.notify_one();
        self.who_am_i(()).await
    }

    /// Stops waiting for the browser and closes the port.
    pub async fn sign_in_stop(&self, (): ()) -> Result<AccountView, UserError> {
        self.stop_waiting();
        self.who_am_i(()).await
    }

    /// Forgets who signed in at once, and then has the issuer end it, when it can be reached. What was
    /// shared or waits stays as it is.
    pub async fn sign_out(&self, (): ()) -> Result<AccountView, UserError> {
        self.stop_waiting();
        let forgotten = self
            .blocking(|core| {
                let held = core.signed_in()?;
                let refresh = held.as_ref().and_then(|held| core.refresh_token(held));
                core.forget_signed_in()?;
                Ok(held.zip(refresh).zip(Some(core.server_ca().ok().flatten())))
            })
            .await?;
        if let Some(((held, refresh), ca_pem)) = forgotten
            && let Ok(client) = held.client(ca_pem.as_deref())
        {
            match client.revoke(&refresh).await {
                Ok(true) => {}
                Ok(false) => tracing::info!("the issuer has no way to end a sign-in"),
                Err(error) => tracing::warn!(%error, "the issuer did not end the sign-in"),
            }
        }
        self.core.shared_changed.notify_one();
        self.who_am_i(()).await
    }

    /// As whom this computer speaks to the central server. Makes no connection.
    pub async fn who_am_i(&self, (): ()) -> Result<AccountView, UserError> {
        self.blocking(|core| {
            let held = core.signed_in()?;
            let own = core.store.own_account()?;
            let by = match &held {
                Some(_) => AccountBy::SignIn,
                None if core.server_token().is_some() => AccountBy::Token,
                None => AccountBy::Nothing,
            };
            let known = by != AccountBy::Nothing;
            let text = |text: String| if known { text } else { String::new() };
            let waits_at = lock(&core.signing.waits_at);
            Ok(AccountView {
                server: !core.server_url().is_empty(),
                by,
                account: text(own.name),
                role: text(own.role),
                // Known from the sign-in on; the store learns it with the first sync.
                organisation: match &held {
                    Some(held) => held.organisation.clone(),
                    None => text(own.organisation),
                },
                ended: held.as_ref().is_some_and(|held| core.is_over(held)),
                notice: held.as_ref().and_then(|held| core.ends_soon(held)),
                issuer: held
                    .as_ref()
                    .map(|held| held.issuer.clone())
                    .unwrap_or_default(),
                name: held.map(|held| held.name).unwrap_or_default(),
                waits_at: waits_at.as_ref().map(|(address, _)| address.clone()),
            })
        })
        .await
    }

    /// The central server, as whoever signed in, else by the token. Errors: none is set up, or the
    /// sign-in has ended and cannot be renewed.
    pub(crate) async fn server(&self) -> Result<Server, UserError> {
        let access = self.access(false).await?;
        self.blocking(move |core| match access {
            Some(access) => core.server_with(access.secret()),
            None => core.server(),
        })
        .await
    }

    /// The server by another token of whoever signed in, when it refused the one before. Error: what it
    /// said, or that the sign-in has ended.
    pub(crate) async fn server_anew(&self, refused: LinkError) -> Result<Server, LinkErrorOr> {
        if refused != LinkError::SignIn {
            return Err(refused.into());
        }
        let Some(access) = self.access(true).await? else {
            return Err(refused.into());
        };
        let server = self.blocking(move |core| core.server_with(access.secret()));
        Ok(server.await?)
    }

    /// The access token of whoever signed in, renewed when it is about to end or `anew` is asked for;
    /// none when nobody did.
    async fn access(&self, anew: bool) -> Result<Option<AccessToken>, UserError> {
        let before = Instant::now();
        let Some(held) = self.blocking(|core| core.signed_in()).await? else {
            return Ok(None);
        };
        if !anew && let Some(access) = self.core.access_now(&held, before) {
            return Ok(Some(access));
        }
        let seen = self.core.access_until();
        let _one = self.core.signing.renewing.lock().await;
        // Somebody else may have renewed it meanwhile.
        if self.core.access_until() != seen
            && let Some(access) = self.core.access_now(&held, before)
        {
            return Ok(Some(access));
        }
        // Of other programs on this home too: what they were given is read after.
        let (_alone, held, refresh, ca_pem) = self
            .blocking(|core| {
                let alone = core.renewing_alone()?;
                let held = core.signed_in()?;
                let refresh = held.as_ref().and_then(|held| core.refresh_token(held));
                Ok((alone, held, refresh, core.server_ca()?))
            })
            .await?;
        let Some(held) = held else { return Ok(None) };
        let ended = |why: &str| UserError::new(ErrorCode::SignInEnded, why);
        let refresh = refresh.filter(|_| !held.ended);
        let refresh = refresh.ok_or_else(|| ended(""))?;
        match held.client(ca_pem.as_deref())?.renew(&refresh).await {
            Ok(tokens) => {
                let access = tokens.access.clone();
                let kept = self.blocking(move |core| match core.is_still(&held)? {
                    true => core.keep_tokens(held, &tokens).map(|()| true),
                    false => Ok(false),
                });
                Ok(kept.await?.then_some(access))
            }
            Err(OpenIdError::Refused(why)) if ENDS.contains(&why.as_str()) => {
                self.blocking(move |core| match core.is_still(&held)? {
                    true => core.keep_ended(held),
                    false => Ok(()),
                })
                .await?;
                Err(ended(&why))
            }
            // Such as `temporarily_unavailable`: another time it goes well.
            Err(OpenIdError::Refused(why)) => {
                Err(UserError::new(ErrorCode::SignInUnreachable, why))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has the gateway, when the model is behind it, know whoever signed in by a token that holds. An
    /// issuer that is away stops no question: a kept answer needs none, and the gateway tells the rest.
    ///
    /// Error: the sign-in has ended.
    pub(crate) async fn know_at_gateway(&self) -> Result<(), UserError> {
        if self.core.effective_model().flavour != EndpointFlavour::Server {
            return Ok(());
        }
        match self.access(false).await {
            Err(error) if error.is(ErrorCode::SignInEnded) => Err(error),
            Err(error) => {
                tracing::warn!(code = error.code, "the sign-in could not be renewed");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    async fn keep_signed_in(
        &self,
        client: &Client,
        server: String,
        tokens: &Tokens,
        claims: &Claims,
    ) -> Result<(), UserError> {
        let held = SignedIn {
            server,
            issuer: client.issuer().to_owned(),
            client_id: client.id().to_owned(),
            scopes: client.scopes().to_vec(),
            subject: claims.sub.clone(),
            name: claims.shown_name(),
            organisation: String::new(),
            refresh: None,
            ended: false,
            until: match tokens.refresh {
                Some(_) => None,
                None => Some(self.core.clock.now() + holds_for(tokens)),
            },
        };
        let tokens = tokens.clone();
        self.blocking(move |core| {
            let _alone = core.renewing_alone()?;
            core.forget_signed_in()?;
            core.keep_tokens(held, &tokens)
        })
        .await
    }

    /// Asks the server who signed in. Whoever has no account there is signed out again; a server that
    /// does not answer is asked with the next sync.
    async fn find_account(&self) -> Result<(), UserError> {
        let server = self.server().await?;
        let hello = match server.ask(&Ask::Hello).await {
            Ok(hello) => Ok(hello),
            Err(refused) => match self.server_anew(refused).await {
                Ok(server) => server.ask(&Ask::Hello).await.map_err(LinkErrorOr::from),
                Err(error) => Err(error),
            },
        };
        match hello {
            Ok(Got::Hello(hello)) => {
                self.blocking(move |core| {
                    core.store.note_account(&hello)?;
                    match core.signed_in()? {
                        Some(held) => core.keep(&SignedIn {
                            organisation: hello.organisation,
                            ..held
                        }),
                        None => Ok(()),
                    }
                })
                .await
            }
            Err(LinkErrorOr::Link(error)) if !error.passes() => {
                self.sign_out(()).await?;
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    async fn open_page(&self, address: String) -> bool {
        let browser = Arc::clone(&self.core.signing.browser);
        let opening = tokio::task::spawn_blocking(move || browser(&address));
        match tokio::time::timeout(BROWSER, opening).await {
            Ok(opened) => opened.unwrap_or(false),
            // One that holds on to its caller is a browser as well.
            Err(_) => true,
        }
    }

    fn stop_waiting(&self) {
        let signing = &self.core.signing;
        if let Some((_, stop)) = lock(&signing.waits_at).take() {
            stop.cancel();
        }
        *lock(&signing.waiting) = None;
    }
}

/// What can go wrong when the server is asked as whoever signed in.
pub(crate) enum LinkErrorOr {
    /// With the server.
    Link(LinkError),
    /// With the sign-in.
    User(UserError),
}

impl From<LinkError> for LinkErrorOr {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<UserError> for LinkErrorOr {
    fn from(error: UserError) -> Self {
        Self::User(error)
    }
}

impl From<LinkErrorOr> for UserError {
    fn from(error: LinkErrorOr) -> Self {
        match error {
            LinkErrorOr::Link(error) => error.into(),
            LinkErrorOr::User(error) => error,
        }
    }
}

/// How long an access token is used.
fn holds_for(tokens: &Tokens) -> Duration {
    tokens.access_for.unwrap_or(UNSAID).min(LONGEST)
}

impl SignedIn {
    fn client(&self, ca_pem: Option<&str>) -> Result<Client, OpenIdError> {
        let issuer = Issuer::new(&self.issuer, ca_pem)?;
        Ok(Client::new(
            issuer,
            self.client_id.clone(),
            self.scopes.clone(),
        ))
    }
}

impl Core {
    /// Who signed in for the server that is set up now; nobody while the environment gives a token.
    fn signed_in(&self) -> Result<Option<SignedIn>, UserError> {
        if self.server_overrule.token.is_some() {
            return Ok(None);
        }
        let kept = self.store.document(DOCUMENT)?;
        // What a newer program wrote otherwise is no sign-in here.
        let held = kept.and_then(|text| serde_json::from_str::<SignedIn>(&text).ok());
        Ok(held.filter(|held| held.server == self.server_url()))
    }

    /// Whether somebody is signed in who can still be believed.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.signed_in().is_ok_and(|held| held.is_some())
    }

    /// Whether somebody was signed in and must sign in again.
    pub(crate) fn sign_in_ended(&self) -> bool {
        self.signed_in()
            .is_ok_and(|held| held.is_some_and(|held| held.ended))
    }

    /// Whether the user must sign in again: the issuer said so, or there is nothing to renew by and this program does
    /// not hold the one access token that there was, which is in memory alone.
    fn is_over(&self, held: &SignedIn) -> bool {
        held.ended || held.until.is_some() && self.access_now(held, Instant::now()).is_none()
    }

    /// What to tell of a sign-in that holds and cannot be renewed.
    fn ends_soon(&self, held: &SignedIn) -> Option<UserError> {
        let until = held.until.filter(|_| !self.is_over(held))?;
        let until = until
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M");
        Some(UserError::new(ErrorCode::SignInShort, until.to_string()))
    }

    fn refresh_token(&self, held: &SignedIn) -> Option<RefreshToken> {
        let kept = match &held.refresh {
            Some(refresh) => Some(refresh.clone()),
            None => self
                .store
                .keys()
                .secret(REFRESH)
                .map(|kept| kept.reveal().to_owned()),
        };
        kept.map(RefreshToken::new)
    }

    /// Whether it is still who is signed in: the user may have signed out while the issuer was asked.
    fn is_still(&self, held: &SignedIn) -> Result<bool, UserError> {
        let now = self.signed_in()?;
        Ok(now.is_some_and(|now| now.subject == held.subject))
    }

    /// Keeps what the issuer gave. It may give no new refresh token, and then the one before holds.
    fn keep_tokens(&self, mut held: SignedIn, tokens: &Tokens) -> Result<(), UserError> {
        if let Some(refresh) = &tokens.refresh {
            let secret = Secret::new(refresh.secret().clone());
            // A keyring may be there and still not take it, such as one for short texts alone.
            let kept = self.store.keys().keep(REFRESH, &secret).unwrap_or(false);
            held.refresh = (!kept).then(|| refresh.secret().clone());
        }
        held.ended = false;
        self.keep(&held)?;
        let holds = holds_for(tokens);
        *lock(&self.signing.access) = Some(Access {
            subject: held.subject,
            token: tokens.access.clone(),
            until: Instant::now() + (holds - MARGIN.min(holds / 5)),
        });
        self.tell_gateway()
    }

    /// Keeps who it was, so that the user sees for whom to sign in again.
    fn keep_ended(&self, held: SignedIn) -> Result<(), UserError> {
        *lock(&self.signing.access) = None;
        self.store.keys().forget(REFRESH)?;
        self.keep(&SignedIn {
            refresh: None,
            ended: true,
            ..held
        })
    }

    fn keep(&self, held: &SignedIn) -> Result<(), UserError> {
        let text = serde_json::to_string(held)
            .map_err(|error| UserError::new(ErrorCode::SignInFailed, error.to_string()))?;
        Ok(self.store.keep_document(DOCUMENT, &text)?)
    }

    fn forget_signed_in(&self) -> Result<(), UserError> {
        *lock(&self.signing.access) = None;
        self.store.keep_document(DOCUMENT, "")?;
        self.store.keys().forget(REFRESH)?;
        self.tell_gateway()
    }

    /// The access token of now, however long it still holds.
    pub(crate) fn access_kept(&self) -> Option<AccessToken> {
        lock(&self.signing.access)
            .as_ref()
            .map(|access| access.token.clone())
    }

    fn access_now(&self, held: &SignedIn, now: Instant) -> Option<AccessToken> {
        let access = lock(&self.signing.access);
        let access = access.as_ref()?;
        let holds = access.subject == held.subject && now < access.until && !held.ended;
        holds.then(|| access.token.clone())
    }

    fn access_until(&self) -> Option<Instant> {
        lock(&self.signing.access)
            .as_ref()
            .map(|access| access.until)
    }

    /// Held by the one program on this home that changes the tokens. Blocks until it is.
    fn renewing_alone(&self) -> Result<File, UserError> {
        let failed =
            |error: std::io::Error| UserError::new(ErrorCode::StoreDenied, error.to_string());
        let path = self.home.join("sign-in.lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }
}
