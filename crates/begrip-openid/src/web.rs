//! One request to the issuer.

use std::error::Error as _;
use std::pin::Pin;
use std::time::Duration;

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Certificate, Client, Request, Response, Url, redirect};
use serde::de::DeserializeOwned;

use crate::error::OpenIdError;

/// How long a request may take.
const TOTAL: Duration = Duration::from_secs(15);

/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Asks an issuer.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    http: Client,
    /// `http` is for an issuer on this machine.
    local: bool,
}

impl Web {
    /// `ca_pem` holds certificates of private authorities, trusted beside the operating system's.
    pub fn new(issuer: &Url, ca_pem: Option<&str>) -> Result<Self, OpenIdError> {
        let local = is_this_machine(issuer);
        let mut builder = Client::builder()
            .user_agent(concat!("begrip/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .timeout(TOTAL)
            // A redirect could carry a code or a token to another host.
            .redirect(redirect::Policy::none());
        if local {
            builder = builder.no_proxy();
        }
        if let Some(pem) = ca_pem {
            let unreadable =
                |_| OpenIdError::Tls("the file with certificates cannot be read".to_owned());
            let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(unreadable)?;
            builder = builder.tls_certs_merge(certificates);
        }
        let http = builder
            .build()
            .map_err(|error| OpenIdError::Tls(cause(&error)))?;
        Ok(Self { http, local })
    }

    /// An address that may be asked: `https`, or `http` on this machine for an issuer on this machine.
    pub fn address(&self, text: &str) -> Result<Url, OpenIdError> {
        let url = Url::parse(text).map_err(|_| OpenIdError::Address("no address"))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.local && is_this_machine(&url) => Ok(url),
            _ => Err(OpenIdError::Address("it must begin with https://")),
        }
    }

    /// Reads a document of the issuer.
    pub async fn document<T: DeserializeOwned>(&self, address: &str) -> Result<T, OpenIdError> {
        let url = self.address(address)?;
        let response = self.http.get(url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(match response.status().is_server_error() {
                true => OpenIdError::Unreachable(response.status().to_string()),
                false => OpenIdError::Nonsense("no such document"),
            });
        }
        serde_json::from_slice(&whole(response).await?)
            .map_err(|_| OpenIdError::Nonsense("another form"))
    }

    /// Carries a request of the `oauth2` crate.
    pub async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, OpenIdError> {
        self.address(&request.uri().to_string())?;
        let request = Request::try_from(request).map_err(failed)?;
        let response = self.http.execute(request).await.map_err(failed)?;
        let mut answer = HttpResponse::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = whole(response).await?;
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = OpenIdError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OpenIdError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.carry(request))
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The whole answer, when it is not too large.
async fn whole(mut response: Response) -> Result<Vec<u8>, OpenIdError> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        if bytes.len() + piece.len() > MOST_BYTES {
            return Err(OpenIdError::Nonsense("too large"));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// What a failure of the transport means.
fn failed(error: reqwest::Error) -> OpenIdError {
    let cause = cause(&error);
    let lower = cause.to_lowercase();
    let tls = ["certificate", "tls", "handshake"];
    match tls.iter().any(|word| lower.contains(word)) {
        true => OpenIdError::Tls(cause),
        false => OpenIdError::Unreachable(cause),
    }
}

/// The innermost cause; an outer one could hold the address with a code in it.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match error.source() {
        Some(_) => cause.to_string().chars().take(200).collect(),
        None => "no connection".to_owned(),
    }
}
