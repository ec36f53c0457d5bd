//! OpenID Connect from both of its sides: a workstation that signs in at an issuer, and a server that
//! tells whether a token is one of that issuer's.
//!
//! The protocol's own arithmetic is that of `oauth2` and `jsonwebtoken`; here stands what they leave
//! open: which addresses are trusted, which algorithms, how keys are fetched and how often, what of an
//! answer must be equal to what was asked.
//!
//! | file | holds |
//! |---|---|
//! | `issuer` | the issuer's own description, and its keys |
//! | `token` | whether a token is one of the issuer's, for whom, and until when |
//! | `sign_in` | authorisation code with PKCE: begin, exchange, renew, revoke |
//! | `redirect` | the port on this machine to which the browser comes back |
//! | `web` | one request to the issuer |
//! | `error` | what can go wrong |

mod error;
mod issuer;
mod redirect;
mod sign_in;
mod token;
mod web;

pub use error::{Fault, OpenIdError};
pub use issuer::Issuer;
pub use oauth2::{AccessToken, RefreshToken};
pub use sign_in::{Begun, Client, Tokens};
pub use token::{Claims, SKEW};
