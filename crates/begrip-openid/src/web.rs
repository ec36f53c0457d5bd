//! One request to the issuer.

use std::pin::Pin;
use std::time::Duration;

use begrip_wire::{Unread, cause, is_this_machine};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, Request, Response, Url};
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
        let mut builder = begrip_wire::client()
            .connect_timeout(Duration::from_secs(10))
            .timeout(TOTAL);
        if local {
            builder = builder.no_proxy();
        }
        if let Some(pem) = ca_pem {
            builder = begrip_wire::trusting(builder, pem)
                .map_err(|error| OpenIdError::Tls(error.to_string()))?;
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

/// The whole answer, when it is not too large.
async fn whole(response: Response) -> Result<Vec<u8>, OpenIdError> {
    let read = begrip_wire::whole(response, MOST_BYTES).await;
    read.map_err(|error| match error {
        Unread::TooLarge => OpenIdError::Nonsense("too large"),
        Unread::Broken(error) => failed(error),
    })
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
