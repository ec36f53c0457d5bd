//! What can go wrong between a question and its answer.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::observe::Limit;

/// Why there is no answer. Each kind asks something else of the user, so that each can have its own
/// code and sentence; the texts here are for logs. No text holds a key, a password or a query.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LlmError {
    /// No endpoint has been set.
    #[error("no model is configured")]
    NotConfigured,
    /// The endpoint's settings cannot be used as they are.
    #[error("the endpoint's settings cannot be used: {0}")]
    BadEndpoint(BadEndpoint),
    /// No connection: host unknown, port closed, network down.
    #[error("cannot reach the model server: {0}")]
    Unreachable(String),
    /// The connection was made but not trusted.
    #[error("no trusted connection with the model server: {0}")]
    Tls(String),
    /// The proxy is unreachable or refuses.
    #[error("the proxy does not let the request through: {0}")]
    Proxy(String),
    /// 401: key missing or wrong.
    #[error("the model server does not accept the key")]
    Unauthorised,
    /// 403: the key is known but may not do this.
    #[error("the model server does not allow this: {0}")]
    Forbidden(String),
    /// 404 that names the model or deployment.
    #[error("the model server does not know the model: {0}")]
    ModelNotFound(String),
    /// 404 or 405 otherwise: nothing at this path.
    #[error("there is no chat service at this address")]
    PathNotFound,
    /// 429.
    #[error("too many requests")]
    RateLimited {
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// 402, or 429 because credit or quota has run out: waiting does not help.
    #[error("credit or quota has run out: {0}")]
    QuotaExhausted(String),
    /// 413, or 400 because the prompt is longer than the model can read.
    #[error("the prompt is too long for the model: {0}")]
    PromptTooLong(String),
    /// Over the prompt limit that was set here; nothing was sent.
    #[error("the prompt has {tokens} tokens, {limit} are allowed")]
    OverBudget {
        /// Tokens of the prompt.
        tokens: u32,
        /// The limit.
        limit: u32,
    },
    /// A limit leaves no room for this call; nothing was sent.
    #[error("not asked: a limit leaves no room ({0:?})")]
    OverLimit(Limit),
    /// Nobody can tell what was spent, so that a limit cannot be kept; nothing was sent.
    #[error("not asked: the ledger cannot be used: {0}")]
    LedgerAway(String),
    /// Another 4xx: the server does not accept the request.
    #[error("the model server refuses the request ({status}): {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the server says, shortened.
        detail: String,
    },
    /// 3xx: redirects are not followed, since they could carry text and key to another host.
    #[error("the model server refers to another address: {0}")]
    Redirected(String),
    /// 5xx, or an error object in a reply.
    #[error("the model server failed ({status}): {detail}")]
    Server {
        /// The HTTP status; 200 when the error came inside a reply.
        status: u16,
        /// What the server says, shortened.
        detail: String,
    },
    /// Waited too long.
    #[error("no answer in time ({0:?})")]
    Timeout(Wait),
    /// The connection broke before the end of the reply.
    #[error("the reply broke off: {0}")]
    BrokenStream(String),
    /// `finish_reason` length: cut off by the token limit.
    #[error("the reply was cut off at the token limit")]
    Truncated,
    /// Withheld by a content filter, or refused by the model.
    #[error("the reply was withheld by a content filter")]
    ContentFilter,
    /// A good reply without text.
    #[error("the reply is empty")]
    Empty,
    /// Larger than the limits allow.
    #[error("the reply is larger than {limit} bytes")]
    TooLarge {
        /// The limit that was passed, in bytes.
        limit: usize,
    },
    /// Not a reply of a model.
    #[error("the reply is not understood: {0}")]
    BadReply(BadReply),
    /// Several failures in a row: nothing is sent until then.
    #[error("not asked: the model server failed repeatedly")]
    CircuitOpen {
        /// When it may be tried again.
        until: Timestamp,
    },
    /// The caller no longer wants the answer.
    #[error("cancelled")]
    Cancelled,
    /// Offline, and the question is not in the cache.
    #[error("offline, and not in the cache")]
    OfflineMiss,
    /// The work on the answer stopped unexpectedly.
    #[error("the call stopped unexpectedly")]
    Interrupted,
}

impl LlmError {
    /// A short, stable name for logs, metrics and the table of messages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::BadEndpoint(_) => "bad_endpoint",
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls",
            Self::Proxy(_) => "proxy",
            Self::Unauthorised => "unauthorised",
            Self::Forbidden(_) => "forbidden",
            Self::ModelNotFound(_) => "model_not_found",
            Self::PathNotFound => "path_not_found",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExhausted(_) => "quota_exhausted",
            Self::PromptTooLong(_) => "prompt_too_long",
            Self::OverBudget { .. } => "over_budget",
            Self::OverLimit(_) => "over_limit",
            Self::LedgerAway(_) => "ledger_away",
            Self::Refused { .. } => "refused",
            Self::Redirected(_) => "redirected",
            Self::Server { .. } => "server",
            Self::Timeout(_) => "timeout",
            Self::BrokenStream(_) => "broken_stream",
            Self::Truncated => "truncated",
            Self::ContentFilter => "content_filter",
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::BadReply(_) => "bad_reply",
            Self::CircuitOpen { .. } => "circuit_open",
            Self::Cancelled => "cancelled",
            Self::OfflineMiss => "offline_miss",
            Self::Interrupted => "interrupted",
        }
    }

    /// True when another attempt may go better: 429, 5xx, a broken or impossible connection. Time
    /// that ran out is not tried again: the wait was already as long as the user was promised.
    pub(crate) fn may_be_tried_again(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unreachable(_) | Self::BrokenStream(_) => true,
            Self::Server { status, .. } => [200, 500, 502, 503, 504, 529].contains(status),
            Self::Timeout(wait) => *wait == Wait::Connect,
            _ => false,
        }
    }

    /// True when another model of the same server may do better: this one is not known, fails, is
    /// left alone for a while, is asked too much (limits are per model), or takes too long; or,
    /// offline, has no answer kept.
    pub fn asks_for_another_model(&self) -> bool {
        matches!(
            self,
            Self::ModelNotFound(_)
                | Self::Server { .. }
                | Self::CircuitOpen { .. }
                | Self::RateLimited { .. }
                | Self::OfflineMiss
                | Self::Timeout(Wait::FirstByte | Wait::Idle | Wait::Total)
        )
    }

    /// True when a model of another server may do better: this server is in trouble, or does not do for
    /// us what it should.
    pub fn asks_for_another_server(&self) -> bool {
        let refuses_us = matches!(
            self,
            Self::NotConfigured
                | Self::BadEndpoint(_)
                | Self::Unauthorised
                | Self::Forbidden(_)
                | Self::PathNotFound
                | Self::QuotaExhausted(_)
                | Self::Redirected(_)
                | Self::BadReply(_)
        );
        self.is_trouble() || self.asks_for_another_model() || refuses_us
    }

    /// True when an answer came that is none: cut off, withheld, empty or of another form.
    pub fn is_of_no_use(&self) -> bool {
        matches!(
            self,
            Self::BrokenStream(_)
                | Self::Truncated
                | Self::ContentFilter
                | Self::Empty
                | Self::TooLarge { .. }
                | Self::BadReply(_)
        )
    }

    /// True when it tells that the server is in trouble, so that others had better not ask it now.
    pub(crate) fn is_trouble(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Tls(_)
                | Self::Proxy(_)
                | Self::Server { .. }
                | Self::Timeout(_)
                | Self::BrokenStream(_)
        )
    }
}

/// What is wrong with an endpoint's settings.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadEndpoint {
    /// The address is no `http` or `https` URL.
    #[error("the address is no web address")]
    Url,
    /// The proxy's address is no URL.
    #[error("the proxy's address is no web address")]
    Proxy,
    /// The private certificate is no PEM.
    #[error("the certificate is no PEM text")]
    Certificate,
    /// The key or a header has characters that no header can hold.
    #[error("the key or a header has characters that cannot be sent")]
    Header,
}

/// For what was waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For the connection.
    Connect,
    /// For the first byte of the reply.
    FirstByte,
    /// For the next piece.
    Idle,
    /// For the whole answer.
    Total,
}

/// In what way a reply is not one of a model.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadReply {
    /// A web page: often a proxy's sign-in or error page, or the wrong address.
    #[error("it is a web page")]
    Html,
    /// Neither JSON nor an event stream.
    #[error("it is neither JSON nor an event stream")]
    NotJson,
    /// JSON without what a chat reply has.
    #[error("it has not the form of a chat reply")]
    WrongForm,
}
