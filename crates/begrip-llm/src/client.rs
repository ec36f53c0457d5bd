//! The HTTP client of an endpoint, and what its errors mean.

use std::error::Error as _;

use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::endpoint::{Endpoint, Flavour, Proxy};
use crate::error::{BadEndpoint, LlmError, Wait};
use crate::refusal::one_line;

/// Builds the client. Takes some milliseconds, since the system's certificates are read.
pub(crate) fn build(endpoint: &Endpoint) -> Result<Client, LlmError> {
    let mut builder = begrip_wire::client()
        .connect_timeout(endpoint.timeouts.connect)
        // Attempts are counted: none may be made unseen.
        .retry(reqwest::retry::never());
    builder = match &endpoint.proxy {
        Proxy::System if is_this_machine(endpoint) => builder.no_proxy(),
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Explicit { url, login } => {
            let bad = |_| LlmError::BadEndpoint(BadEndpoint::Proxy);
            let mut proxy = reqwest::Proxy::all(url.trim()).map_err(bad)?;
            if let Some((user, password)) = login {
                proxy = proxy.basic_auth(user, password.expose());
            }
            builder.proxy(proxy)
        }
    };
    if let Some(pem) = &endpoint.ca_pem {
        let bad = |_| LlmError::BadEndpoint(BadEndpoint::Certificate);
        builder = begrip_wire::trusting(builder, pem).map_err(bad)?;
    }
    // What is left to go wrong is a certificate that the TLS library does not take.
    builder
        .build()
        .map_err(|error| LlmError::Tls(root_cause(&error)))
}

/// The headers that go with each request.
pub(crate) fn headers(endpoint: &Endpoint) -> Result<HeaderMap, LlmError> {
    let bad = || LlmError::BadEndpoint(BadEndpoint::Header);
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| bad())?;
        value.set_sensitive(true);
        Ok::<_, LlmError>(value)
    };
    let mut headers = HeaderMap::new();
    if let Some(key) = &endpoint.api_key {
        match endpoint.flavour {
            Flavour::OpenAi => {
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", key.expose()))?);
            }
            Flavour::Azure { .. } => {
                headers.insert("api-key", secret(key.expose())?);
            }
        }
    }
    for (name, value) in &endpoint.headers {
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| bad())?;
        headers.insert(name, secret(value.expose())?);
    }
    Ok(headers)
}

/// A proxy for the outside world is of no use for a model on this machine.
fn is_this_machine(endpoint: &Endpoint) -> bool {
    endpoint
        .chat_url()
        .is_ok_and(|url| begrip_wire::is_this_machine(&url))
}

/// What a failure of the transport means. The text never holds the address.
pub(crate) fn transport_error(error: reqwest::Error, endpoint: &Endpoint) -> LlmError {
    let error = error.without_url();
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        source = inner.source();
    }
    let chain = chain.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| chain.contains(word));
    let cause = scrubbed(&root_cause(&error), endpoint);
    if error.is_timeout() {
        return LlmError::Timeout(if error.is_connect() {
            Wait::Connect
        } else {
            Wait::Idle
        });
    }
    let explicit_proxy = matches!(endpoint.proxy, Proxy::Explicit { .. });
    if says(&["proxy", "tunnel"]) || (error.is_connect() && explicit_proxy && !says(&["certif"])) {
        LlmError::Proxy(cause)
    } else if says(&[
        "certificate",
        "tls",
        "handshake",
        "invalid peer",
        "unknownissuer",
        "corrupt message",
    ]) {
        LlmError::Tls(cause)
    } else if error.is_connect() {
        LlmError::Unreachable(cause)
    } else {
        LlmError::BrokenStream(cause)
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    one_line(&begrip_wire::cause(error))
}

/// The text without the key, should a server repeat it.
pub(crate) fn scrubbed(text: &str, endpoint: &Endpoint) -> String {
    let values = endpoint.headers.iter().map(|(_, value)| value);
    let secrets = endpoint.api_key.iter().chain(values);
    secrets
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose(), "***")
        })
}
