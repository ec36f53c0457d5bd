//! Authorisation code with PKCE: begin, exchange, renew, revoke.

use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::url::form_urlencoded::Serializer;
use oauth2::{
    AccessToken, AuthUrl, AuthorizationCode, ClientId, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    TokenUrl,
};
use serde::{Deserialize, Serialize};

use crate::error::OpenIdError;
use crate::issuer::{Description, Issuer};
use crate::redirect::Redirect;
use crate::token::Claims;

/// What an answer holds beside the usual.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct SignedIn {
    id_token: Option<String>,
}

impl ExtraTokenFields for SignedIn {}

type Answer = StandardTokenResponse<SignedIn, BasicTokenType>;

type Oauth = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A program that signs people in at an issuer. It has no secret: whoever has the program would have it.
#[derive(Debug)]
pub struct Client {
    issuer: Issuer,
    id: String,
    scopes: Vec<String>,
    prompt: Option<String>,
}

/// A sign-in that has begun: this program listens for the browser. Dropping it closes the port.
#[derive(Debug)]
pub struct Begun {
    address: String,
    redirect: Redirect,
    nonce: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl Begun {
    /// The page to open in the browser.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// What an issuer gave. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Shown with each request.
    pub access: AccessToken,
    /// How long that holds, when the issuer says so.
    pub access_for: Option<Duration>,
    /// Gives a new one; the issuer may give another with each use.
    pub refresh: Option<RefreshToken>,
}

impl Client {
    /// A program that the issuer knows by this name, and what it asks for: `openid` is among it.
    pub fn new(issuer: Issuer, id: String, scopes: Vec<String>) -> Self {
        Self {
            issuer,
            id,
            scopes,
            prompt: None,
        }
    }

    /// The same with what the issuer is to ask of whoever signs in, such as `consent`: an issuer that goes by the
    /// letter of the protocol gives a token to renew with (`offline_access`) to nobody who was not asked.
    #[must_use]
    pub fn prompting(self, prompt: Option<String>) -> Self {
        Self { prompt, ..self }
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &str {
        self.issuer.name()
    }

    /// The name under which the issuer knows this program.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is asked for.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Opens a port on this machine for the browser to come back to.
    ///
    /// Errors: the issuer does not say how, or no port can be opened.
    pub async fn begin(&self) -> Result<Begun, OpenIdError> {
        let description = self.issuer.description().await?;
        let expected = description
            .authorization_response_iss_parameter_supported
            .then(|| description.issuer.clone());
        let redirect = Redirect::open(CsrfToken::new_random(), expected).await?;
        let nonce = CsrfToken::new_random();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let oauth = self.oauth(description, Some(&redirect.address()))?;
        let mut request = oauth
            .authorize_url(|| redirect.state().clone())
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", nonce.secret())
            .set_pkce_challenge(challenge);
        if let Some(prompt) = &self.prompt {
            request = request.add_extra_param("prompt", prompt);
        }
        let (url, _) = request.url();
        Ok(Begun {
            address: url.into(),
            redirect,
            nonce,
            verifier,
        })
    }

    /// Waits for the browser, closes the port, and changes the code for tokens.
    ///
    /// Errors: nobody came within `patience`, the issuer refused, or what came is no answer to this
    /// sign-in.
    pub async fn end(
        &self,
        begun: Begun,
        patience: Duration,
    ) -> Result<(Tokens, Claims), OpenIdError> {
        let returns_to = begun.redirect.address();
        let code = tokio::time::timeout(patience, begun.redirect.code())
            .await
            .map_err(|_| OpenIdError::TooLate)??;
        let oauth = self.oauth(self.issuer.description().await?, Some(&returns_to))?;
        let answer = oauth
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(begun.verifier)
            .request_async(&self.issuer.web)
            .await
            .map_err(refused)?;
        let told = answer.extra_fields().id_token.as_deref();
        let told = told.ok_or(OpenIdError::Nonsense("it does not say who signed in"))?;
        let claims = self
            .issuer
            .check_signed_in(told, &self.id, begun.nonce.secret())
            .await?;
        Ok((tokens(&answer), claims))
    }

    /// Gets a new access token. Errors: [`OpenIdError::Refused`] when the sign-in has ended.
    pub async fn renew(&self, refresh: &RefreshToken) -> Result<Tokens, OpenIdError> {
        let oauth = self.oauth(self.issuer.description().await?, None)?;
        let answer = oauth
            .exchange_refresh_token(refresh)
            .request_async(&self.issuer.web)
            .await
            .map_err(refused)?;
        Ok(tokens(&answer))
    }

    /// Has the issuer end what a token gave; `false` when it offers no way to. Errors: as for any
    /// request.
    pub async fn revoke(&self, refresh: &RefreshToken) -> Result<bool, OpenIdError> {
        let Some(address) = self.issuer.description().await?.revocation_endpoint else {
            return Ok(false);
        };
        // By hand: the crate takes no issuer on this machine for it, and tests have no other.
        let form = Serializer::new(String::new())
            .append_pair("token", refresh.secret())
            .append_pair("token_type_hint", "refresh_token")
            .append_pair("client_id", &self.id)
            .finish();
        let request = oauth2::http::Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .map_err(|_| OpenIdError::Nonsense("an address"))?;
        let answer = self.issuer.web.carry(request).await?;
        match answer.status().is_success() {
            true => Ok(true),
            false => Err(OpenIdError::Refused(answer.status().as_u16().to_string())),
        }
    }

    fn oauth(
        &self,
        description: Description,
        returns_to: Option<&str>,
    ) -> Result<Oauth, OpenIdError> {
        let no_address = |_| OpenIdError::Nonsense("an address");
        let oauth = oauth2::Client::new(ClientId::new(self.id.clone()))
            .set_auth_uri(AuthUrl::new(description.authorization_endpoint).map_err(no_address)?)
            .set_token_uri(TokenUrl::new(description.token_endpoint).map_err(no_address)?);
        Ok(match returns_to {
            Some(address) => {
                let address = RedirectUrl::new(address.to_owned()).map_err(no_address)?;
                oauth.set_redirect_uri(address)
            }
            None => oauth,
        })
    }
}

fn tokens(answer: &Answer) -> Tokens {
    Tokens {
        access: answer.access_token().clone(),
        access_for: answer.expires_in(),
        refresh: answer.refresh_token().cloned(),
    }
}

/// Why not; the issuer's own short name for it, and nothing that it says beside.
fn refused(error: RequestTokenError<OpenIdError, BasicErrorResponse>) -> OpenIdError {
    match error {
        RequestTokenError::ServerResponse(told) => {
            OpenIdError::Refused(short(told.error().as_ref()))
        }
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            OpenIdError::Nonsense("another form")
        }
    }
}

/// A name that an issuer gave, as far as it is one.
pub(crate) fn short(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c);
    name.chars().filter(plain).take(60).collect()
}
