//! Whether a token is one of the issuer's, for whom, and until when.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Fault, OpenIdError};
use crate::issuer::Issuer;

/// So far two clocks may differ.
pub const SKEW: Duration = Duration::from_secs(60);

/// Bytes of a token at most.
const LONGEST: usize = 16 << 10;

/// Asymmetric, and each with one key type. `none` and those with a shared secret are not among them.
const TRUSTED: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What a token says that was found to hold.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    /// The person, for this issuer alone and for good.
    pub sub: String,
    /// Until when, in seconds since 1970.
    exp: u64,
    /// The person's name, as it may be shown.
    pub name: Option<String>,
    /// Another name, as it may be shown.
    pub preferred_username: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    nonce: Option<String>,
    azp: Option<String>,
    aud: Value,
}

impl Claims {
    /// The e-mail address, when the issuer says that it is the person's.
    pub fn verified_email(&self) -> Option<&str> {
        let verified = match &self.email_verified {
            Some(Value::Bool(verified)) => *verified,
            // Some issuers write it as a text.
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        self.email.as_deref().filter(|_| verified)
    }

    /// A name to show; empty when the token holds none.
    pub fn shown_name(&self) -> String {
        let names = [&self.name, &self.preferred_username, &self.email];
        let name = names.into_iter().flatten().next();
        name.map(|name| name.chars().take(200).collect())
            .unwrap_or_default()
    }

    /// How long the token still holds, the allowed difference of clocks included.
    pub fn holds_for(&self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let until = Duration::from_secs(self.exp).saturating_add(SKEW);
        until.saturating_sub(now.unwrap_or_default())
    }
}

impl Issuer {
    /// What a token says, when it is this issuer's, for this audience, and its time is now.
    ///
    /// Errors: it does not hold, or the issuer's keys cannot be had.
    pub async fn check(&self, token: &str, audience: &str) -> Result<Claims, OpenIdError> {
        if token.len() > LONGEST {
            return Err(Fault::Form.into());
        }
        let header = decode_header(token).map_err(|error| fault(&error))?;
        if !TRUSTED.contains(&header.alg) {
            return Err(Fault::Algorithm.into());
        }
        let kind = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        // What must be understood is not, and a token of another kind is for another use.
        if header.crit.is_some()
            || !["jwt", "at+jwt", "application/at+jwt"].contains(&kind.as_str())
        {
            return Err(Fault::Form.into());
        }
        let key = self.key(header.kid.as_deref(), header.alg).await?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = SKEW.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&[self.name()]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let read = decode::<Claims>(token, &key, &validation).map_err(|error| fault(&error))?;
        match read.claims.sub.is_empty() || read.claims.sub.len() > 255 {
            true => Err(Fault::Claim.into()),
            false => Ok(read.claims),
        }
    }

    /// What a token about who signed in says: as [`Issuer::check`], for this client and this sign-in.
    pub(crate) async fn check_signed_in(
        &self,
        token: &str,
        client_id: &str,
        nonce: &str,
    ) -> Result<Claims, OpenIdError> {
        let claims = self.check(token, client_id).await?;
        if claims.nonce.as_deref() != Some(nonce) {
            return Err(OpenIdError::Mismatch("nonce"));
        }
        // For several at one time, it must have been given to this one.
        let many = claims.aud.as_array().is_some_and(|all| all.len() > 1);
        match &claims.azp {
            Some(given_to) if given_to != client_id => Err(Fault::Audience.into()),
            None if many => Err(Fault::Audience.into()),
            _ => Ok(claims),
        }
    }
}

fn fault(error: &Error) -> OpenIdError {
    let fault = match error.kind() {
        ErrorKind::InvalidSignature => Fault::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Fault::Algorithm,
        ErrorKind::InvalidIssuer => Fault::Issuer,
        ErrorKind::InvalidAudience => Fault::Audience,
        ErrorKind::ExpiredSignature => Fault::Expired,
        ErrorKind::ImmatureSignature => Fault::Early,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => Fault::Claim,
        _ => Fault::Form,
    };
    fault.into()
}
