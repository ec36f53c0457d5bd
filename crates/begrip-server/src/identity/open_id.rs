//! What can be set about where people sign in.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Where people sign in.
pub struct OpenId {
    pub issuer: String,
    pub audience: String,
    pub client_id: String,
    pub scopes: Vec<String>,
    /// What the issuer is to ask of whoever signs in.
    pub prompt: Option<String>,
    pub ca_pem: Option<String>,
}

impl OpenId {
    /// None when no issuer is named. Errors: one of the others is missing or cannot be, by its name.
    pub(crate) fn of(
        issuer: Option<String>,
        audience: Option<String>,
        client_id: Option<String>,
        scopes: Option<String>,
        prompt: Option<String>,
        ca: Option<PathBuf>,
    ) -> Result<Option<Self>> {
        let Some(issuer) = issuer.filter(|issuer| !issuer.trim().is_empty()) else {
            return Ok(None);
        };
        let named = |name: &str, value: Option<String>| {
            let value = value.filter(|value| !value.trim().is_empty());
            value.with_context(|| format!("{name}: nodig naast oidc_issuer"))
        };
        let scopes = scopes.unwrap_or_else(|| "openid profile email offline_access".to_owned());
        let scopes: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
        if !scopes.iter().any(|scope| scope == "openid") {
            bail!("oidc_scopes: openid moet erbij");
        }
        let prompt = match prompt {
            // The protocol has a sign-in that lasts asked for, and its strict providers give none unasked.
            None if scopes.iter().any(|scope| scope == "offline_access") => "consent".to_owned(),
            given => given.unwrap_or_default().trim().to_owned(),
        };
        let known = |word: &str| ["consent", "login", "select_account"].contains(&word);
        if !prompt.split_whitespace().all(known) {
            bail!("oidc_prompt: kies consent, login of select_account, of \"\" voor niets");
        }
        let audience = named("oidc_audience", audience)?;
        let client_id = named("oidc_client_id", client_id)?;
        if audience == client_id {
            // Else a token that only says who signed in would do for whoever asks.
            bail!("oidc_audience: kies een andere naam dan oidc_client_id");
        }
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(&path);
            text.with_context(|| format!("oidc_ca: {}", path.display()))
        };
        Ok(Some(Self {
            issuer,
            audience,
            client_id,
            scopes,
            prompt: Some(prompt).filter(|prompt| !prompt.is_empty()),
            ca_pem: ca.map(read).transpose()?,
        }))
    }
}
