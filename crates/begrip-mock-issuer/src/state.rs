//! Who is signed in, and what was given.

use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::keys::{KeyKind, SigningKey};

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The issuer's own number of the person.
    pub subject: String,
    /// Name to show.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Whether the issuer says that the address is the person's.
    pub email_verified: bool,
}

/// How the provider behaves.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who signs in.
    pub person: Person,
    /// For whom access tokens are.
    pub audience: String,
    /// How long an access token holds, in seconds.
    pub access_seconds: i64,
    /// Whether it gives a token to renew with.
    pub renews: bool,
    /// Whether the provider has an address to sign out.
    pub revokes: bool,
    /// Sends the browser back with this error in place of a code.
    pub denies: Option<String>,
    /// Sends the browser back with another state.
    pub other_state: bool,
    /// Says another nonce.
    pub other_nonce: bool,
    /// Does not answer with its keys.
    pub no_keys: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            person: Person {
                subject: "anna-1".to_owned(),
                name: "Anna de Vries".to_owned(),
                email: "anna@om.example".to_owned(),
                email_verified: true,
            },
            audience: "begrip".to_owned(),
            access_seconds: 300,
            renews: true,
            revokes: true,
            denies: None,
            other_state: false,
            other_nonce: false,
            no_keys: false,
        }
    }
}

/// How often was asked for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The provider's description.
    pub descriptions: usize,
    /// Its keys.
    pub keys: usize,
    /// Codes that were changed for tokens.
    pub codes: usize,
    /// Refresh tokens that gave a new access token.
    pub renewals: usize,
    /// Refresh tokens that were taken back.
    pub revocations: usize,
}

/// A code that was given, with what it is bound to.
pub(crate) struct Code {
    pub challenge: String,
    pub nonce: Option<String>,
    pub redirect: String,
    pub person: Person,
}

/// Everything that changes.
pub(crate) struct State {
    pub url: String,
    pub client: String,
    pub plan: Plan,
    pub counts: Counts,
    /// The last one signs.
    pub keys: Vec<SigningKey>,
    pub made: usize,
    pub codes: HashMap<String, Code>,
    /// Each with the sign-in that it came from.
    pub refresh: HashMap<String, (usize, Person)>,
    pub used: HashMap<String, usize>,
    pub ended: HashSet<usize>,
    pub sign_ins: usize,
}

impl State {
    pub fn key(&self) -> Result<&SigningKey> {
        self.keys.last().context("no key")
    }

    pub fn rotate(&mut self, kind: KeyKind, keep: bool) -> Result<()> {
        self.made += 1;
        let key = SigningKey::new(kind, &format!("sleutel-{}", self.made))?;
        if !keep {
            self.keys.clear();
        }
        self.keys.push(key);
        Ok(())
    }

    /// What an access token for somebody says.
    pub fn claims(&self, person: &Person) -> Value {
        let now = now();
        json!({
            "iss": self.url,
            "sub": person.subject,
            "aud": self.plan.audience,
            "iat": now,
            "nbf": now,
            "exp": now + self.plan.access_seconds,
            "name": person.name,
            "email": person.email,
            "email_verified": person.email_verified,
        })
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_secs()).unwrap_or_default()
}
