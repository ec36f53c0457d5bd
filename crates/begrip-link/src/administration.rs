//! What an administrator asks of the server.

use begrip_sync::administration::{BoundsChange, NewToken, NewUser, UserChange};
use reqwest::Method;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::LinkError;
use crate::server::Server;

/// A question or an act of administration, with what it is about.
#[derive(Clone, Debug)]
pub enum Administer {
    /// The organisations of the chain.
    Organisations,
    /// The users of the own organisation.
    Users,
    /// Adds a user.
    AddUser(NewUser),
    /// Changes a user.
    ChangeUser(Uuid, UserChange),
    /// Has nobody sign in as this user any more.
    UnlinkUser(Uuid),
    /// The tokens of the own organisation.
    Tokens,
    /// Makes a token.
    MakeToken(NewToken),
    /// Revokes a token.
    RevokeToken(Uuid),
    /// What was spent and may be.
    Quota,
    /// What the organisation allows itself, as far as it is named.
    ChangeBounds(BoundsChange),
    /// Rules and experiments that are meant for the organisation.
    Published,
    /// Acts of administration, those before a number.
    Log(Option<i64>),
}

impl Server {
    /// Asks as an administrator; `T` is what the address answers. Errors: as for [`Server::ask`], and
    /// [`LinkError::Administration`] for what the server does not do.
    pub async fn administer<T: DeserializeOwned>(
        &self,
        asked: &Administer,
    ) -> Result<T, LinkError> {
        let none: Option<&()> = None;
        match asked {
            Administer::Organisations => self.get("v1/admin/organisations", none).await,
            Administer::Users => self.get("v1/admin/users", none).await,
            Administer::AddUser(user) => {
                self.send(Method::POST, "v1/admin/users", Some(user)).await
            }
            Administer::ChangeUser(user, change) => {
                let path = format!("v1/admin/users/{user}");
                self.send(Method::PATCH, &path, Some(change)).await
            }
            Administer::UnlinkUser(user) => {
                let path = format!("v1/admin/users/{user}/sign-in");
                self.send(Method::DELETE, &path, none).await
            }
            Administer::Tokens => self.get("v1/admin/tokens", none).await,
            Administer::MakeToken(token) => {
                self.send(Method::POST, "v1/admin/tokens", Some(token))
                    .await
            }
            Administer::RevokeToken(token) => {
                let path = format!("v1/admin/tokens/{token}");
                self.send(Method::DELETE, &path, none).await
            }
            Administer::Quota => self.get("v1/admin/quota", none).await,
            Administer::ChangeBounds(change) => {
                self.send(Method::PATCH, "v1/admin/quota", Some(change))
                    .await
            }
            Administer::Published => self.get("v1/admin/published", none).await,
            Administer::Log(before) => {
                let before = before.map(|before| format!("?before={before}"));
                let path = format!("v1/admin/log{}", before.unwrap_or_default());
                self.get(&path, none).await
            }
        }
    }
}
