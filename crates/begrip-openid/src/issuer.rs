//! The issuer's own description, and its keys.
//!
//! Keys are fetched when the first token comes, and again when a token names a key that is not among
//! them: an issuer changes its keys without telling. Whoever sends tokens with invented keys makes at
//! most [`FETCHES`] requests a minute to the issuer.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::Url;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::error::{Fault, OpenIdError};
use crate::web::Web;

/// After this long the keys are read again: one that was taken back ends to hold.
const FRESH: Duration = Duration::from_secs(600);

/// While the issuer does not answer, its keys hold for this long.
const STALE: Duration = Duration::from_secs(24 * 3_600);

/// So many times in [`WINDOW`] the keys are fetched at most.
const FETCHES: usize = 5;

/// See [`FETCHES`].
const WINDOW: Duration = Duration::from_secs(60);

/// What an issuer says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Description {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub revocation_endpoint: Option<String>,
    /// Whether the browser brings the issuer's name back.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// An issuer of tokens. Makes no connection before it is needed.
#[derive(Debug)]
pub struct Issuer {
    name: String,
    pub(crate) web: Web,
    known: RwLock<Option<Arc<Known>>>,
    /// When there were attempts to fetch the keys; held by whoever fetches.
    fetching: Mutex<Vec<Instant>>,
}

/// The issuer as it was at one time.
#[derive(Debug)]
struct Known {
    description: Description,
    keys: Vec<Key>,
    since: Instant,
}

/// A key that may have signed a token.
#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Issuer {
    /// The issuer of this name, which is its address, letter for letter as it stands in its tokens.
    ///
    /// Errors: no `https` address (`http` on this machine), or certificates that cannot be read.
    pub fn new(name: &str, ca_pem: Option<&str>) -> Result<Self, OpenIdError> {
        let url = Url::parse(name).map_err(|_| OpenIdError::Address("no address"))?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(OpenIdError::Address("it holds more than an address"));
        }
        let web = Web::new(&url, ca_pem)?;
        web.address(name)?;
        Ok(Self {
            name: name.to_owned(),
            web,
            known: RwLock::default(),
            fetching: Mutex::default(),
        })
    }

    /// The issuer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the issuer says of itself. Errors: it does not answer, or says something else.
    pub(crate) async fn description(&self) -> Result<Description, OpenIdError> {
        Ok(self.known().await?.description.clone())
    }

    /// The key that signed a token. Errors: there is none, or the issuer cannot be asked.
    pub(crate) async fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, OpenIdError> {
        let known = self.known().await?;
        if let Some(key) = known.key(id, algorithm)? {
            return Ok(key);
        }
        let newer = self.fetch(Some(&known)).await?;
        let found = newer.key(id, algorithm)?;
        found.ok_or_else(|| Fault::Key.into())
    }

    /// What is known, fetched when it is missing or old.
    async fn known(&self) -> Result<Arc<Known>, OpenIdError> {
        let known = self.now_known();
        match &known {
            Some(known) if known.since.elapsed() < FRESH => Ok(Arc::clone(known)),
            Some(old) if old.since.elapsed() < STALE => Ok(self.renewed(old).await),
            _ => self.fetch(known.as_ref()).await,
        }
    }

    /// What is known, fetched anew when that goes well. Nobody waits for somebody else who is at it, nor
    /// for an issuer that did not answer of late: what is known still holds.
    async fn renewed(&self, old: &Arc<Known>) -> Arc<Known> {
        let Ok(mut attempts) = self.fetching.try_lock() else {
            return Arc::clone(old);
        };
        if attempts.last().is_some_and(|at| at.elapsed() < WINDOW) {
            return self.now_known().unwrap_or_else(|| Arc::clone(old));
        }
        match self.fetch_alone(&mut attempts, Some(old)).await {
            Ok(newer) => newer,
            Err(error) => {
                tracing::warn!(%error, "the issuer's keys could not be read again");
                Arc::clone(old)
            }
        }
    }

    /// Fetches description and keys, unless somebody else did since `seen`, or it was done too often
    /// of late: then what is known holds.
    async fn fetch(&self, seen: Option<&Arc<Known>>) -> Result<Arc<Known>, OpenIdError> {
        let mut attempts = self.fetching.lock().await;
        self.fetch_alone(&mut attempts, seen).await
    }

    async fn fetch_alone(
        &self,
        attempts: &mut Vec<Instant>,
        seen: Option<&Arc<Known>>,
    ) -> Result<Arc<Known>, OpenIdError> {
        if let Some(now) = self.now_known()
            && seen.is_none_or(|seen| !Arc::ptr_eq(seen, &now))
        {
            return Ok(now);
        }
        attempts.retain(|at| at.elapsed() < WINDOW);
        if attempts.len() >= FETCHES {
            return seen
                .map(Arc::clone)
                .ok_or_else(|| OpenIdError::Unreachable("asked too often of late".to_owned()));
        }
        attempts.push(Instant::now());
        let known = Arc::new(self.read().await?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn read(&self) -> Result<Known, OpenIdError> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.name.trim_end_matches('/')
        );
        let description: Description = self.web.document(&address).await?;
        if description.issuer != self.name {
            return Err(OpenIdError::Nonsense("it calls itself otherwise"));
        }
        for address in [
            &description.authorization_endpoint,
            &description.token_endpoint,
        ]
        .into_iter()
        .chain(&description.revocation_endpoint)
        {
            self.web.address(address)?;
        }
        let set: JwkSet = self.web.document(&description.jwks_uri).await?;
        let keys = set.keys.iter().filter_map(Key::of).collect();
        tracing::info!(issuer = self.name, "the issuer's keys were read");
        Ok(Known {
            description,
            keys,
            since: Instant::now(),
        })
    }

    fn now_known(&self) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map(Arc::clone)
    }
}

impl Known {
    /// The key with this number, or the only one that fits where the token names none. Errors: the
    /// key with this number is for another algorithm.
    fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, OpenIdError> {
        let fits = |key: &&Key| key.algorithm == algorithm;
        let Some(id) = id else {
            let mut fitting = self.keys.iter().filter(fits);
            return Ok(match (fitting.next(), fitting.next()) {
                (Some(only), None) => Some(only.key.clone()),
                _ => None,
            });
        };
        let mut named = self.keys.iter().filter(|key| key.id.as_deref() == Some(id));
        match named.clone().next() {
            None => Ok(None),
            Some(_) => match named.find(fits) {
                Some(key) => Ok(Some(key.key.clone())),
                None => Err(Fault::Algorithm.into()),
            },
        }
    }
}

impl Key {
    /// A public key for signatures of an algorithm that is trusted. Which algorithm follows from the
    /// key and never from a token.
    fn of(jwk: &Jwk) -> Option<Self> {
        let signs = matches!(
            jwk.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        );
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            _ => return None,
        };
        let said = jwk.common.key_algorithm;
        let other = said.is_some_and(|said| said != algorithm.into());
        if !signs || other {
            return None;
        }
        Some(Self {
            id: jwk.common.key_id.clone(),
            algorithm,
            key: DecodingKey::from_jwk(jwk).ok()?,
        })
    }
}
