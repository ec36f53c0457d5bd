//! What is kept of a sign-in: the refresh token in the keyring or the store, the access token in memory.

use std::fs::File;
use std::time::{Duration, Instant};

use begrip_openid::{AccessToken, Client, Issuer, OpenIdError, RefreshToken, Tokens};
use begrip_store::Secret;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::open::{Core, lock};
use crate::{ErrorCode, UserError};

/// Name of the refresh token in the keyring.
const REFRESH: &str = "sign-in";

/// Name of the document that says who signed in.
const DOCUMENT: &str = "sign_in";

/// An access token is renewed this long before its end, or a fifth of its time when that is shorter.
const MARGIN: Duration = Duration::from_secs(60);

/// How long an access token is used whose issuer does not say.
const UNSAID: Duration = Duration::from_secs(300);

/// An access token is renewed after this time, however long it is said to hold.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What is kept of whoever signed in, in the encrypted store.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct SignedIn {
    /// The server for which it is: no other gets its tokens.
    pub(super) server: String,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) subject: String,
    pub(super) name: String,
    pub(super) organisation: String,
    /// The refresh token, where no keyring keeps it.
    pub(super) refresh: Option<String>,
    /// The issuer said that it has ended.
    pub(super) ended: bool,
    /// When it ends whatever is done, where the issuer gave nothing to renew it by.
    #[serde(default)]
    pub(super) until: Option<Timestamp>,
}

/// The access token of now.
pub(super) struct Access {
    subject: String,
    token: AccessToken,
    until: Instant,
}

/// How long an access token is used: until it is renewed, or until the user must sign in again.
pub(super) fn used_for(tokens: &Tokens) -> Duration {
    let holds = tokens.access_for.unwrap_or(UNSAID).min(LONGEST);
    holds - MARGIN.min(holds / 5)
}

impl SignedIn {
    pub(super) fn client(&self, ca_pem: Option<&str>) -> Result<Client, OpenIdError> {
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
    pub(super) fn signed_in(&self) -> Result<Option<SignedIn>, UserError> {
        if self.server_overrule.token.is_some() {
            return Ok(None);
        }
        let kept = self.store.document(DOCUMENT)?;
        // What a newer program wrote otherwise is no sign-in here.
        let held = kept.and_then(|text| serde_json::from_str::<SignedIn>(&text).ok());
        Ok(held.filter(|held| held.server == self.server_url()))
    }

    /// Whether somebody signed in here; also when that has ended since.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.signed_in().is_ok_and(|held| held.is_some())
    }

    /// Whether somebody was signed in and must sign in again.
    pub(crate) fn sign_in_ended(&self) -> bool {
        self.signed_in()
            .is_ok_and(|held| held.is_some_and(|held| self.is_over(&held)))
    }

    /// Whether the user must sign in again: the issuer said so, or there is nothing to renew by and this program does
    /// not hold the one access token that there was, which is in memory alone.
    pub(super) fn is_over(&self, held: &SignedIn) -> bool {
        held.ended || held.until.is_some() && self.access_now(held, Instant::now()).is_none()
    }

    /// What to tell of a sign-in that holds and cannot be renewed.
    pub(super) fn ends_soon(&self, held: &SignedIn) -> Option<UserError> {
        let until = held.until.filter(|_| !self.is_over(held))?;
        let until = until
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M");
        Some(UserError::new(ErrorCode::SignInShort, until.to_string()))
    }

    pub(super) fn refresh_token(&self, held: &SignedIn) -> Option<RefreshToken> {
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
    pub(super) fn is_still(&self, held: &SignedIn) -> Result<bool, UserError> {
        let now = self.signed_in()?;
        Ok(now.is_some_and(|now| now.subject == held.subject))
    }

    /// Keeps what the issuer gave. It may give no new refresh token, and then the one before holds.
    pub(super) fn keep_tokens(&self, mut held: SignedIn, tokens: &Tokens) -> Result<(), UserError> {
        if let Some(refresh) = &tokens.refresh {
            let secret = Secret::new(refresh.secret().clone());
            // A keyring may be there and still not take it, such as one for short texts alone.
            let kept = self.store.keys().keep(REFRESH, &secret).unwrap_or(false);
            held.refresh = (!kept).then(|| refresh.secret().clone());
        }
        held.ended = false;
        self.keep(&held)?;
        *lock(&self.signing.access) = Some(Access {
            subject: held.subject,
            token: tokens.access.clone(),
            until: Instant::now() + used_for(tokens),
        });
        self.tell_gateway()
    }

    /// Keeps who it was, so that the user sees for whom to sign in again.
    pub(super) fn keep_ended(&self, held: SignedIn) -> Result<(), UserError> {
        *lock(&self.signing.access) = None;
        self.store.keys().forget(REFRESH)?;
        self.keep(&SignedIn {
            refresh: None,
            ended: true,
            ..held
        })
    }

    pub(super) fn keep(&self, held: &SignedIn) -> Result<(), UserError> {
        let text = serde_json::to_string(held)
            .map_err(|error| UserError::new(ErrorCode::SignInFailed, error.to_string()))?;
        Ok(self.store.keep_document(DOCUMENT, &text)?)
    }

    pub(super) fn forget_signed_in(&self) -> Result<(), UserError> {
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

    pub(super) fn access_now(&self, held: &SignedIn, now: Instant) -> Option<AccessToken> {
        let access = lock(&self.signing.access);
        let access = access.as_ref()?;
        let holds = access.subject == held.subject && now < access.until && !held.ended;
        holds.then(|| access.token.clone())
    }

    pub(super) fn access_until(&self) -> Option<Instant> {
        lock(&self.signing.access)
            .as_ref()
            .map(|access| access.until)
    }

    /// Held by the one program on this home that changes the tokens. Blocks until it is.
    pub(super) fn renewing_alone(&self) -> Result<File, UserError> {
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
