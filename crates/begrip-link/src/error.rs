use std::time::Duration;

use begrip_sync::administration::Why;

/// What can go wrong between a workstation and the server. Holds no token and no text of a concept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The address is no `https` address; `http` is for this machine alone, or the token would cross
    /// a network unencrypted.
    #[error("the address of the server cannot be used: {0}")]
    Address(&'static str),
    /// The token holds what no header can hold.
    #[error("the token cannot be used")]
    Token,
    /// The certificates to trust cannot be read, or the server's is not trusted.
    #[error("no trusted connection: {0}")]
    Tls(String),
    /// Nobody answers.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the server does not answer in time")]
    Timeout,
    /// 401: the token does not hold (any more).
    #[error("the server does not know the token")]
    SignIn,
    /// 403: the role is too small.
    #[error("the role is too small for this")]
    Role,
    /// 403: whoever signed in has no account there.
    #[error("there is no account")]
    NoAccount,
    /// 403: the account is closed.
    #[error("the account is closed")]
    AccountClosed,
    /// 503: no model is set up there.
    #[error("there is no model")]
    NoModel,
    /// 412: no version of the protocol in common; the server's own sentence.
    #[error("{0}")]
    Protocol(String),
    /// An act of administration that the server does not do.
    #[error("not done: {}", .0.as_str())]
    Administration(Why),
    /// 429 or 503: not now, but after a while.
    #[error("the server is too busy")]
    Busy {
        /// After how long it is worth asking again, when the server says so.
        after: Option<Duration>,
    },
    /// Any other refusal.
    #[error("the server answers {status} (request {request}): {said}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The number of the request, for whoever looks into the server's log.
        request: String,
        /// The server's own sentence; empty when it gave none.
        said: String,
    },
    /// What came is no answer to what was asked.
    #[error("the server's answer cannot be read: {0}")]
    Nonsense(&'static str),
}

impl LinkError {
    /// True when the same question may well be answered later, without anybody doing anything.
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Timeout | Self::Busy { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// How long the server asked to wait.
    pub fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { after } => *after,
            _ => None,
        }
    }
}
