//! Who signed in at the issuer of the central server, and the tokens of that.
//!
//! The refresh token is kept in the keyring, or, where there is none, in the encrypted store. The access
//! token is in memory alone; it is renewed before it ends, and once when the server refuses it. An issuer
//! may take a refresh token that comes twice for a stolen one: of the programs on a home one renews at a
//! time, with what the one before was given.

mod kept;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use begrip_link::{LinkError, Server};
use begrip_llm::CancellationToken;
use begrip_openid::{AccessToken, Begun, Claims, Client, Issuer, OpenIdError, Tokens};
use begrip_sync::{Ask, Got};

use crate::environment::Browser;
use crate::open::lock;
use crate::schema::{AccountBy, AccountView, EndpointFlavour, SignInBegun, SignInRequest};
use crate::{App, ErrorCode, UserError};
use kept::{Access, SignedIn, used_for};

/// So long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_secs(300);

/// What an issuer calls it when a refresh token does not hold any more, or the user must come back.
const ENDS: [&str; 4] = [
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
];

/// How long is waited for a browser to start.
const BROWSER: Duration = Duration::from_secs(5);

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
                None => Some(self.core.clock.now() + used_for(tokens)),
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
