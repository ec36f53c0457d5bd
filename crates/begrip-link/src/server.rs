//! Where the server is, and one question with its answer.

use std::time::Duration;

use begrip_domain::ConceptId;
use begrip_sync::administration::Why;
use begrip_sync::{Ask, Catalogue, Got, PROTOCOL, Push, Trail};
use begrip_wire::{Unread, cause, is_this_machine};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Client, Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::error::LinkError;

/// Says which versions of the protocol this program speaks.
const PROTOCOL_HEADER: HeaderName = HeaderName::from_static("begrip-protocol");

/// Names a request in every log that it comes by.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 64 << 20;

/// Where the server is and how it is reached.
pub struct Settings<'a> {
    /// `https://…`, or `http://` on this machine.
    pub url: &'a str,
    /// The token; goes into a header that is never shown. Empty for what is told to anybody.
    pub token: &'a str,
    /// Certificates of private authorities (PEM), trusted beside the operating system's.
    pub ca_pem: Option<&'a str>,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole question may take.
    pub total: Duration,
}

/// What goes to the server.
pub(crate) struct Body {
    pub kind: &'static str,
    /// Names the request, which may then come twice.
    pub key: Option<String>,
    pub bytes: Vec<u8>,
}

/// Where users of the server sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OpenId {
    /// The issuer's name and address.
    pub issuer: String,
    /// The name under which the issuer knows workstations.
    pub client_id: String,
    /// What to ask the issuer for.
    pub scopes: Vec<String>,
    /// What the issuer is to ask of whoever signs in; an older server says nothing of it.
    #[serde(default)]
    pub prompt: Option<String>,
}

/// The server, ready to be asked. Its `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Server {
    base: Url,
    total: Duration,
    pub(crate) http: Client,
}

impl Server {
    /// Makes no connection yet.
    ///
    /// Errors: an address, token or certificate that cannot be used.
    pub fn new(settings: &Settings<'_>) -> Result<Self, LinkError> {
        let base = address(settings.url)?;
        let here = is_this_machine(&base);
        let mut builder = begrip_wire::client()
            .connect_timeout(settings.connect)
            .default_headers(headers(settings.token)?);
        if here {
            builder = builder.no_proxy();
        }
        if let Some(pem) = settings.ca_pem {
            builder = begrip_wire::trusting(builder, pem)
                .map_err(|error| LinkError::Tls(error.to_string()))?;
        }
        let http = builder
            .build()
            .map_err(|error| LinkError::Tls(cause(&error)))?;
        Ok(Self {
            base,
            total: settings.total,
            http,
        })
    }

    /// The address as it may be shown.
    pub fn address(&self) -> String {
        shown(&self.base)
    }

    /// Asks one question of a session. Errors: no answer, or none that can be used; also for what is
    /// not the server's to answer.
    pub async fn ask(&self, asked: &Ask) -> Result<Got, LinkError> {
        let none: Option<&()> = None;
        match asked {
            Ask::Hello => Ok(Got::Hello(self.get("v1/sync/hello", none).await?)),
            Ask::Push(commands) => {
                let push = Push {
                    commands: commands.clone(),
                };
                Ok(Got::Pushed(
                    self.send(Method::POST, "v1/sync/commands", Some(&push))
                        .await?,
                ))
            }
            Ask::Changes { after, closing } => {
                let path = format!("v1/sync/changes?after={after}&closing={closing}");
                Ok(Got::Page(self.get(&path, none).await?))
            }
            Ask::Range(range) => {
                let path = format!("v1/sync/ranges/{range}");
                Ok(Got::Range(self.get(&path, none).await?))
            }
            Ask::OwnSums | Ask::End(_) => Err(LinkError::Nonsense("no question to the server")),
        }
    }

    /// Who did what to a concept. Errors: as for [`Server::ask`].
    pub async fn trail(&self, concept: ConceptId) -> Result<Trail, LinkError> {
        let none: Option<&()> = None;
        self.get(&format!("v1/concepts/{concept}/trail"), none)
            .await
    }

    /// What the server hands out beside concepts. Errors: as for [`Server::ask`].
    pub async fn catalogue(&self) -> Result<Catalogue, LinkError> {
        let none: Option<&()> = None;
        self.get("v1/published", none).await
    }

    /// A file that the server hands out, signature included. Errors: as for [`Server::ask`].
    pub async fn published(&self, id: Uuid) -> Result<Value, LinkError> {
        let none: Option<&()> = None;
        self.get(&format!("v1/published/{id}"), none).await
    }

    /// Where users sign in; `None` when the server knows tokens alone. Errors: as for [`Server::ask`].
    pub async fn openid(&self) -> Result<Option<OpenId>, LinkError> {
        #[derive(Deserialize)]
        struct Told {
            openid: Option<OpenId>,
        }
        let none: Option<&()> = None;
        let told: Told = match self.get("v1/identity", none).await {
            // An older server does not know the address.
            Err(LinkError::Refused { status: 404, .. }) => return Ok(None),
            told => told?,
        };
        Ok(told.openid)
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        none: Option<&()>,
    ) -> Result<T, LinkError> {
        self.send(Method::GET, path, none).await
    }

    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, LinkError> {
        let written = |body| serde_json::to_vec(body).map_err(|_| LinkError::Nonsense("no JSON"));
        let body = body.map(written).transpose()?.map(|bytes| Body {
            kind: "application/json",
            key: None,
            bytes,
        });
        let bytes = self.fetch(method, path, body).await?;
        serde_json::from_slice(&bytes).map_err(|_| LinkError::Nonsense("another form"))
    }

    /// The one place from which anything goes to the server.
    pub(crate) async fn fetch(
        &self,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Vec<u8>, LinkError> {
        // The server's log names it, and so does ours when it goes wrong.
        let id = Uuid::now_v7().to_string();
        let mut request = self
            .http
            .request(method, self.at(path)?)
            .header(REQUEST_ID, &id)
            .timeout(self.total);
        if let Some(Body { kind, key, bytes }) = body {
            request = request.header(CONTENT_TYPE, kind).body(bytes);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
        }
        let answered = async {
            let response = request.send().await.map_err(|error| failed(&error))?;
            whole(good(response).await?).await
        };
        answered.await.inspect_err(|error| {
            tracing::info!(http.request.id = id, %error, "the server did not do what was asked");
        })
    }

    pub(crate) fn at(&self, path: &str) -> Result<Url, LinkError> {
        self.base
            .join(path)
            .map_err(|_| LinkError::Address("no address"))
    }
}

/// The address of a server as it may be shown. Error: it cannot be one.
pub fn shown_address(text: &str) -> Result<String, LinkError> {
    Ok(shown(&address(text)?))
}

fn shown(base: &Url) -> String {
    let path = base.path().trim_end_matches('/');
    format!("{}{path}", base.origin().ascii_serialization())
}

/// Whether this can be the address of a server.
pub fn is_address(text: &str) -> bool {
    address(text).is_ok()
}

fn address(text: &str) -> Result<Url, LinkError> {
    let mut url = Url::parse(text.trim()).map_err(|_| LinkError::Address("no address"))?;
    let named = !url.username().is_empty() || url.password().is_some();
    if named || url.query().is_some() || url.fragment().is_some() {
        return Err(LinkError::Address("it holds more than an address"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        _ => return Err(LinkError::Address("it must begin with https://")),
    }
    // Without a slash at its end the last part of a path would be replaced.
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn headers(token: &str) -> Result<HeaderMap, LinkError> {
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| LinkError::Token)?;
    bearer.set_sensitive(true);
    let bearer = (!token.trim().is_empty()).then_some((AUTHORIZATION, bearer));
    let versions = format!("{}-{}", PROTOCOL.min, PROTOCOL.max);
    let versions = HeaderValue::from_str(&versions).map_err(|_| LinkError::Token)?;
    let versions = [(PROTOCOL_HEADER, versions)];
    Ok(versions.into_iter().chain(bearer).collect())
}

/// The answer, when it is a good one.
pub(crate) async fn good(response: Response) -> Result<Response, LinkError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let header = |name: &HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.chars().take(100).collect::<String>())
    };
    let after = header(&RETRY_AFTER).and_then(|text| text.parse().ok());
    let request = header(&REQUEST_ID).unwrap_or_default();
    let (name, said) = said(response).await;
    Err(match status {
        StatusCode::UNAUTHORIZED => LinkError::SignIn,
        StatusCode::FORBIDDEN if name == "no_account" => LinkError::NoAccount,
        StatusCode::FORBIDDEN if name == "account_closed" => LinkError::AccountClosed,
        StatusCode::PRECONDITION_FAILED => LinkError::Protocol(said),
        StatusCode::SERVICE_UNAVAILABLE if name == "no_model" => LinkError::NoModel,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => LinkError::Busy {
            after: after.map(Duration::from_secs),
        },
        status => match Why::parse(&name) {
            Some(why) => LinkError::Administration(why),
            None if status == StatusCode::FORBIDDEN => LinkError::Role,
            None => LinkError::Refused {
                status: status.as_u16(),
                request,
                said,
            },
        },
    })
}

/// What the server says of a refusal: its name (`error`) and a sentence (`message`).
async fn said(response: Response) -> (String, String) {
    let read = async {
        let bytes = whole(response).await.ok()?;
        serde_json::from_slice::<serde_json::Value>(&bytes).ok()
    };
    let body = read.await.unwrap_or_default();
    let text = |name: &str| {
        let text = body.get(name).and_then(serde_json::Value::as_str);
        text.unwrap_or_default().chars().take(500).collect()
    };
    (text("error"), text("message"))
}

/// The whole answer, when it is not too large.
async fn whole(response: Response) -> Result<Vec<u8>, LinkError> {
    let read = begrip_wire::whole(response, MOST_BYTES).await;
    read.map_err(|error| match error {
        Unread::TooLarge => LinkError::Nonsense("too large"),
        Unread::Broken(error) => failed(&error),
    })
}

/// What a failure of the transport means. The text holds neither address nor token.
pub(crate) fn failed(error: &reqwest::Error) -> LinkError {
    if error.is_timeout() {
        return LinkError::Timeout;
    }
    let cause = cause(error);
    let lower = cause.to_lowercase();
    match ["certificate", "tls", "handshake", "issuer"]
        .iter()
        .any(|word| lower.contains(word))
    {
        true => LinkError::Tls(cause),
        false => LinkError::Unreachable(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<Server, LinkError> {
        Server::new(&Settings {
            url,
            token: "begrip_geheim",
            ca_pem: None,
            connect: Duration::from_secs(1),
            total: Duration::from_secs(1),
        })
    }

    #[test]
    fn a_token_never_crosses_a_network_unencrypted() {
        for (url, good) in [
            ("https://begrip.example", true),
            ("http://127.0.0.1:8600", true),
            ("http://localhost:8600/", true),
            ("http://[::1]:8600", true),
            ("http://begrip.example", false),
            ("ftp://begrip.example", false),
            ("https://jan:geheim@begrip.example", false),
            ("begrip.example", false),
        ] {
            assert_eq!(server(url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn a_path_of_the_server_stays_and_the_token_is_not_shown() {
        let server = server("https://begrip.example/keten").unwrap();
        let url = server.at("v1/sync/hello").unwrap();
        assert_eq!(url.as_str(), "https://begrip.example/keten/v1/sync/hello");
        assert_eq!(server.address(), "https://begrip.example/keten");
        assert!(!format!("{server:?}").contains("geheim"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told_as_that_and_passes() {
        // Bound and let go: nobody listens there.
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = server(&format!("http://{free}"))
            .unwrap()
            .ask(&Ask::Hello)
            .await
            .unwrap_err();
        assert!(
            matches!(error, LinkError::Unreachable(_)) && error.passes(),
            "{error:?}"
        );
    }
}
