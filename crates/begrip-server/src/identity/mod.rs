//! Who signs in by OpenID Connect.
//!
//! A token of the issuer says who somebody is; what they may do stands in their account. The account is
//! found by issuer and subject. An operator binds it by the subject, or invites an e-mail address: the
//! first who signs in with it, verified by the issuer, is bound for good.

mod open_id;

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use begrip_openid::{Issuer, OpenIdError};
use deadpool_postgres::Pool;
use serde::Serialize;
use std::sync::Arc;

use crate::administration::email;
use crate::refusal::Refusal;
use crate::routes::Node;
use crate::token::{By, Holder};

pub use self::open_id::OpenId;

/// The issuer whose tokens are believed.
pub struct Identity {
    issuer: Issuer,
    audience: String,
    told: Told,
}

/// What a workstation needs to sign its user in.
#[derive(Clone, Serialize)]
struct Told {
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
}

impl Identity {
    /// Makes no connection. Errors: a setting that cannot be, by its name.
    pub fn new(settings: &OpenId) -> anyhow::Result<Self> {
        let issuer = Issuer::new(&settings.issuer, settings.ca_pem.as_deref());
        Ok(Self {
            issuer: issuer.map_err(|error| anyhow::anyhow!("oidc_issuer: {error}"))?,
            audience: settings.audience.clone(),
            told: Told {
                issuer: settings.issuer.clone(),
                client_id: settings.client_id.clone(),
                scopes: settings.scopes.clone(),
                prompt: settings.prompt.clone(),
            },
        })
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &str {
        self.issuer.name()
    }

    /// Who holds a token of the issuer, and how long it still holds.
    ///
    /// Errors: it does not hold, the issuer does not answer, or the account is not there or closed.
    pub async fn holder(&self, pool: &Pool, token: &str) -> Result<(Holder, Duration), Refusal> {
        let claims = self.issuer.check(token, &self.audience).await;
        let claims = claims.map_err(|error| match error {
            OpenIdError::Token(fault) => {
                tracing::info!(%fault, "a token of an issuer is refused");
                Refusal::SignIn
            }
            error => {
                tracing::warn!(%error, "no keys of the issuer");
                Refusal::Issuer
            }
        })?;
        let client = pool.get().await?;
        let sql = "SELECT account, name, organisation, role, disabled FROM find_identity($1, $2)";
        let find = || async {
            client
                .query_opt(sql, &[&self.issuer.name(), &claims.sub])
                .await
        };
        let mut found = find().await?;
        if let (None, Some(claimed)) = (&found, claims.verified_email()) {
            // In the form in which addresses are invited; and as it came, which is how older invitations stand.
            let forms = email(claimed).map(|email| [email, claimed.to_lowercase()]);
            let sql = "SELECT link_identity($1, $2, $3)";
            for form in forms.iter().flatten() {
                client
                    .execute(sql, &[&self.issuer.name(), &claims.sub, form])
                    .await?;
                found = find().await?;
                if found.is_some() {
                    break;
                }
            }
        }
        let row = found.ok_or(Refusal::NoAccount)?;
        if row.get("disabled") {
            return Err(Refusal::AccountClosed);
        }
        let by = By::Issuer {
            until: Instant::now() + claims.holds_for(),
            subject: claims.sub.clone(),
        };
        Ok((Holder::of(&row, by)?, claims.holds_for()))
    }
}

/// What workstations are told: the issuer to sign in at, or that there is none.
pub async fn tell(State(node): State<Arc<Node>>) -> Json<serde_json::Value> {
    let told = node.tokens.identity().map(|identity| &identity.told);
    Json(serde_json::json!({ "openid": told }))
}
