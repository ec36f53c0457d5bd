//! Where a model is, and how it is spoken to.

use std::time::Duration;

use reqwest::Url;

use crate::error::{BadEndpoint, LlmError};
use crate::secret::Secret;

/// One model behind one address.
#[derive(Debug)]
pub struct Endpoint {
    /// The address as a person gives it: with or without `/v1`, trailing slash or
    /// `/chat/completions`. For [`Flavour::Azure`] the resource's address.
    pub base_url: String,
    /// The model that is asked for unless a request names another.
    pub model: String,
    /// The key, when the server wants one.
    pub api_key: Option<Secret>,
    /// How paths and key are written.
    pub flavour: Flavour,
    /// How long is waited for what.
    pub timeouts: Timeouts,
    /// How the server is reached.
    pub proxy: Proxy,
    /// Certificates of private authorities, PEM, trusted beside the operating system's.
    pub ca_pem: Option<String>,
    /// Headers that go with each request; their values are treated as secrets.
    pub headers: Vec<(String, Secret)>,
    /// How the form of the reply is asked for at first; see [`Structured`].
    pub structured: Structured,
    /// How large a reply may be.
    pub limits: Limits,
    /// True for the gateway of the user's organisation: it is told under which versions is asked and
    /// what kind of text goes along, so that it knows what it may keep.
    pub gateway: bool,
}

impl Endpoint {
    /// An OpenAI-compatible endpoint without key, with default times.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            model: model.into(),
            api_key: None,
            flavour: Flavour::OpenAi,
            timeouts: Timeouts::default(),
            proxy: Proxy::System,
            ca_pem: None,
            headers: Vec::new(),
            structured: Structured::JsonSchema,
            limits: Limits::default(),
            gateway: false,
        }
    }

    /// The same endpoint with a key; an empty one means none.
    pub fn with_key(mut self, key: Secret) -> Self {
        self.api_key = (!key.is_empty()).then_some(key);
        self
    }

    /// The full address for chat completions.
    ///
    /// # Errors
    /// [`LlmError::BadEndpoint`] when the address is no `http` or `https` URL with a host.
    pub fn chat_url(&self) -> Result<Url, LlmError> {
        self.chat_url_for(&self.model)
    }

    /// The same where a request names `model`: on Azure a model other than the endpoint's own is
    /// a deployment of that name.
    pub(crate) fn chat_url_for(&self, model: &str) -> Result<Url, LlmError> {
        match &self.flavour {
            Flavour::OpenAi => self.open_ai_url("chat/completions"),
            Flavour::Azure {
                deployment,
                api_version,
            } => {
                let deployment = if model == self.model {
                    deployment
                } else {
                    model
                };
                self.azure_url(
                    &["deployments", deployment, "chat", "completions"],
                    api_version,
                )
            }
        }
    }

    /// The full address for embeddings by the endpoint's own model.
    ///
    /// # Errors
    /// As [`Endpoint::chat_url`].
    pub fn embeddings_url(&self) -> Result<Url, LlmError> {
        match &self.flavour {
            Flavour::OpenAi => self.open_ai_url("embeddings"),
            Flavour::Azure {
                deployment,
                api_version,
            } => self.azure_url(&["deployments", deployment, "embeddings"], api_version),
        }
    }

    /// Whether an address leads to the server of this endpoint: the same scheme, host and port.
    pub fn is_same_server(&self, address: &str) -> bool {
        let other = Url::parse(address.trim());
        let own = self.parsed();
        matches!((own, other), (Ok(own), Ok(other)) if own.origin() == other.origin())
    }

    /// The full address of the list of models.
    ///
    /// # Errors
    /// As [`Endpoint::chat_url`].
    pub fn models_url(&self) -> Result<Url, LlmError> {
        match &self.flavour {
            Flavour::OpenAi => self.open_ai_url("models"),
            Flavour::Azure { api_version, .. } => self.azure_url(&["models"], api_version),
        }
    }

    /// The address as it may be shown: no user, password, query or fragment. Text that is no
    /// address is not shown at all, since a key may have been pasted there.
    pub fn display_url(&self) -> String {
        self.parsed()
            .map_or_else(|_| "(?)".to_owned(), |url| display(&url))
    }

    /// True when the key would cross a network unencrypted: `http` to another machine.
    pub fn key_travels_in_clear(&self) -> bool {
        let has_secret = self.api_key.is_some() || !self.headers.is_empty();
        has_secret
            && self
                .parsed()
                .is_ok_and(|url| url.scheme() == "http" && !begrip_wire::is_this_machine(&url))
    }

    fn parsed(&self) -> Result<Url, LlmError> {
        let text = self.base_url.trim();
        if text.is_empty() {
            return Err(LlmError::NotConfigured);
        }
        let url = Url::parse(text).map_err(|_| LlmError::BadEndpoint(BadEndpoint::Url))?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
            return Err(LlmError::BadEndpoint(BadEndpoint::Url));
        }
        Ok(url)
    }

    fn open_ai_url(&self, end: &str) -> Result<Url, LlmError> {
        let mut url = self.parsed()?;
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let ends = ["/chat/completions", "/models", "/embeddings"];
        let path = ends.iter().find_map(|end| path.strip_suffix(end));
        let path = path.unwrap_or(url.path().trim_end_matches('/')).to_owned();
        let versioned = path.split('/').any(is_version);
        let version = if versioned { "" } else { "/v1" };
        url.set_path(&format!("{path}{version}/{end}"));
        Ok(url)
    }

    fn azure_url(&self, end: &[&str], api_version: &str) -> Result<Url, LlmError> {
        let mut url = self.parsed()?;
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = path.split("/openai").next().unwrap_or_default().to_owned();
        url.set_path(&path);
        url.path_segments_mut()
            .map_err(|()| LlmError::BadEndpoint(BadEndpoint::Url))?
            .pop_if_empty()
            .push("openai")
            .extend(end);
        url.query_pairs_mut()
            .append_pair("api-version", api_version);
        Ok(url)
    }
}

/// `v1`, `v1beta`, `v4`: a part of a path that names the version of an API.
fn is_version(part: &str) -> bool {
    let mut chars = part.chars();
    chars.next() == Some('v') && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// A URL without anything that may be secret.
pub(crate) fn display(url: &Url) -> String {
    let mut url = url.clone();
    // Both can only fail for URLs without a host, which were refused before.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// How paths and key are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `Authorization: Bearer …`, the model in the body: OpenAI, Ollama, llama.cpp, vLLM, gateways.
    OpenAi,
    /// `api-key: …`, the deployment in the path.
    Azure {
        /// The deployment's name.
        deployment: String,
        /// For instance `2024-10-21`.
        api_version: String,
    },
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection, TLS included.
    pub connect: Duration,
    /// From the request to the first byte of the reply; a local model reads the prompt meanwhile.
    pub first_byte: Duration,
    /// Between two pieces; a keep-alive counts as a piece.
    pub idle: Duration,
    /// For the whole question: all attempts and the waits between them.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(60),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(180),
        }
    }
}

/// How the server is reached.
#[derive(Debug)]
pub enum Proxy {
    /// As the operating system and `HTTPS_PROXY`, `NO_PROXY` say.
    System,
    /// Straight, whatever the system says.
    None,
    /// Through this one.
    Explicit {
        /// `http://host:port`.
        url: String,
        /// User and password, when it wants them.
        login: Option<(String, Secret)>,
    },
}

/// How the form of a reply is asked for. A server that refuses one with 400 is asked with the
/// next, and this is remembered for as long as the endpoint is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Structured {
    /// `response_format: {type: json_schema}`: the server holds the model to the schema.
    JsonSchema,
    /// `response_format: {type: json_object}`: JSON of any form.
    JsonObject,
    /// Not at all: the prompt alone asks for JSON.
    None,
}

impl Structured {
    pub(crate) fn next(self) -> Option<Self> {
        match self {
            Self::JsonSchema => Some(Self::JsonObject),
            Self::JsonObject => Some(Self::None),
            Self::None => None,
        }
    }
}

/// How large a reply may be. What is counted is what arrives decompressed: compression is not
/// asked for and not undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the answer's text.
    pub text_bytes: usize,
    /// Bytes of the whole reply with its wrapping, about 250 a piece in a stream.
    pub wire_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 256 * 1024,
            wire_bytes: 16 * 1024 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_the_address_leads_to_the_same_path() {
        for (given, chat) in [
            ("http://h:1", "http://h:1/v1/chat/completions"),
            ("http://h:1/", "http://h:1/v1/chat/completions"),
            ("  http://h:1/v1 ", "http://h:1/v1/chat/completions"),
            ("http://h:1/v1/", "http://h:1/v1/chat/completions"),
            (
                "http://h:1/v1/chat/completions",
                "http://h:1/v1/chat/completions",
            ),
            ("https://h/v1/models#x", "https://h/v1/chat/completions"),
            ("https://h/llm", "https://h/llm/v1/chat/completions"),
            (
                "https://h/v1beta/openai/",
                "https://h/v1beta/openai/chat/completions",
            ),
            ("https://h/v1?k=1", "https://h/v1/chat/completions?k=1"),
        ] {
            let endpoint = Endpoint::new(given, "m");
            assert_eq!(endpoint.chat_url().unwrap().as_str(), chat, "{given}");
        }
        let models = Endpoint::new("http://h/v1/", "m").models_url().unwrap();
        assert_eq!(models.as_str(), "http://h/v1/models");
        for given in ["http://h", "http://h/v1/embeddings", "http://h/v1/models/"] {
            let embeddings = Endpoint::new(given, "m").embeddings_url().unwrap();
            assert_eq!(embeddings.as_str(), "http://h/v1/embeddings", "{given}");
        }
    }

    #[test]
    fn only_the_same_scheme_host_and_port_is_the_same_server() {
        let endpoint = Endpoint::new("https://llm.example/v1", "m");
        for (address, same) in [
            ("https://llm.example:443/other", true),
            ("http://llm.example/v1", false),
            ("https://llm.example:8443/v1", false),
            ("https://example/v1", false),
            ("", false),
        ] {
            assert_eq!(endpoint.is_same_server(address), same, "{address}");
        }
    }

    #[test]
    fn azure_puts_deployment_and_version_in_the_address() {
        for given in [
            "https://x.openai.azure.com",
            "https://x.openai.azure.com/openai/deployments/a/chat",
        ] {
            let mut endpoint = Endpoint::new(given, "m");
            endpoint.flavour = Flavour::Azure {
                deployment: "gpt 4".to_owned(),
                api_version: "2024-10-21".to_owned(),
            };
            assert_eq!(
                endpoint.chat_url().unwrap().as_str(),
                "https://x.openai.azure.com/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21"
            );
            // A route that names another model goes to the deployment of that name.
            for (model, deployment) in [("m", "gpt%204"), ("klein", "klein"), ("a/b", "a%2Fb")] {
                let url = endpoint.chat_url_for(model).unwrap();
                let path = format!("/openai/deployments/{deployment}/chat/completions");
                assert_eq!(url.path(), path, "{model}");
                assert_eq!(url.query(), Some("api-version=2024-10-21"));
            }
            let embeddings = endpoint.embeddings_url().unwrap();
            assert_eq!(embeddings.path(), "/openai/deployments/gpt%204/embeddings");
        }
    }

    #[test]
    fn the_shown_address_has_no_user_password_or_query() {
        let endpoint = Endpoint::new("https://jan:geheim@h/v1?sleutel=geheim#geheim", "m");
        assert_eq!(endpoint.display_url(), "https://h/v1");
        assert_eq!(Endpoint::new("sk-geheim", "m").display_url(), "(?)");
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for given in ["h:1", "ftp://h", "http://", "/v1", "sk-abc"] {
            let refused = Endpoint::new(given, "m").chat_url();
            assert!(
                matches!(refused, Err(LlmError::BadEndpoint(BadEndpoint::Url))),
                "{given}: {refused:?}"
            );
        }
        let empty = Endpoint::new(" ", "m").chat_url();
        assert!(matches!(empty, Err(LlmError::NotConfigured)));
    }

    #[test]
    fn a_key_over_plain_http_to_another_machine_is_pointed_out() {
        for (url, warned) in [
            ("http://llm.example/v1", true),
            ("https://llm.example/v1", false),
            ("http://localhost:11434", false),
            ("http://[::1]:8080", false),
            ("http://127.0.0.2:8080", false),
        ] {
            let endpoint = Endpoint::new(url, "m").with_key(Secret::new("k"));
            assert_eq!(endpoint.key_travels_in_clear(), warned, "{url}");
        }
        assert!(!Endpoint::new("http://llm.example", "m").key_travels_in_clear());
    }
}
