/// What can go wrong between this program and an issuer. Holds no token and no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdError {
    /// The issuer's address is no `https` address; `http` is for this machine alone.
    #[error("the address of the issuer cannot be used: {0}")]
    Address(&'static str),
    /// The certificates to trust cannot be read, or the issuer's is not trusted.
    #[error("no trusted connection with the issuer: {0}")]
    Tls(String),
    /// Nobody answers, or not in time.
    #[error("the issuer cannot be reached: {0}")]
    Unreachable(String),
    /// What came is not what an issuer says.
    #[error("the issuer's answer cannot be used: {0}")]
    Nonsense(&'static str),
    /// The issuer says no; its own short name for why, such as `access_denied` or `invalid_grant`.
    #[error("the issuer refuses: {0}")]
    Refused(String),
    /// A token does not hold.
    #[error("the token does not hold: {0}")]
    Token(#[from] Fault),
    /// What came back from the browser belongs to another sign-in.
    #[error("what came back is no answer to this sign-in: {0}")]
    Mismatch(&'static str),
    /// Nobody signed in in time.
    #[error("nobody signed in in time")]
    TooLate,
    /// No port can be opened on this machine for the browser to come back to.
    #[error("no port for the browser to come back to: {0}")]
    Port(String),
}

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no signed token of three parts, or too long, or of another type.
    #[error("another form")]
    Form,
    /// It is signed with an algorithm that is not trusted, or that does not go with the key.
    #[error("another algorithm")]
    Algorithm,
    /// The issuer has no such key.
    #[error("an unknown key")]
    Key,
    /// The signature is not by the key.
    #[error("another signature")]
    Signature,
    /// It is of another issuer.
    #[error("another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("another audience")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not valid yet")]
    Early,
    /// Something that it must say is missing.
    #[error("a missing claim")]
    Claim,
}
