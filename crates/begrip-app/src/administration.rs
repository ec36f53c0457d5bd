//! Administering the own organisation on the central server. Nothing of it is kept on this computer; a new
//! token goes to the screen and nowhere else.

use begrip_link::{Administer, LinkError};
use begrip_sync::Role;
use begrip_sync::administration::{
    BoundsChange, Log, MadeToken, NewToken, NewUser, Organisation, Quota, Release, Token, User, Why,
};
use serde::de::DeserializeOwned;

use crate::open::Core;
use crate::schema::{AdminChange, AdminLogAsk, AdminRef};
use crate::sign_in::LinkErrorOr;
use crate::{App, ErrorCode, UserError};

impl From<Why> for ErrorCode {
    fn from(why: Why) -> Self {
        match why {
            Why::NotAdministrator => ErrorCode::AdminRole,
            Why::Oneself => ErrorCode::AdminOneself,
            Why::NoUser | Why::NoToken => ErrorCode::AdminGone,
            Why::NameTaken => ErrorCode::AdminNameTaken,
            Why::EmailTaken => ErrorCode::AdminEmailTaken,
            Why::OtherDomain => ErrorCode::AdminOtherDomain,
            Why::Person => ErrorCode::AdminTokenPerson,
            Why::Decides => ErrorCode::AdminTokenDecides,
            Why::HoldsToken => ErrorCode::AdminHoldsToken,
            Why::Closed => ErrorCode::AdminClosed,
            Why::AboveBudget => ErrorCode::AdminAboveBudget,
        }
    }
}

impl App {
    /// The organisations of the chain. Errors, here and below: no server is set up, it cannot be asked, or
    /// whoever asks is no administrator.
    pub async fn admin_organisations(&self, (): ()) -> Result<Vec<Organisation>, UserError> {
        self.administer(Administer::Organisations).await
    }

    /// The users of the own organisation.
    pub async fn admin_users(&self, (): ()) -> Result<Vec<User>, UserError> {
        self.administer(Administer::Users).await
    }

    /// Adds a user. Error: the name or the address is taken, or the address is of another organisation.
    pub async fn admin_user_add(&self, user: NewUser) -> Result<User, UserError> {
        self.administer(Administer::AddUser(user)).await
    }

    /// Gives a user another role or an invitation, closes the account or opens it again. Error: it is the
    /// own account, or somebody else may hold a token of it.
    pub async fn admin_user_change(&self, request: AdminChange) -> Result<User, UserError> {
        self.administer(Administer::ChangeUser(request.id, request.change))
            .await
    }

    /// Has nobody sign in as this user any more. Error: it is the own account.
    pub async fn admin_user_unlink(&self, user: AdminRef) -> Result<User, UserError> {
        self.administer(Administer::UnlinkUser(user.id)).await
    }

    /// The tokens of the own organisation, without their secrets.
    pub async fn admin_tokens(&self, (): ()) -> Result<Vec<Token>, UserError> {
        self.administer(Administer::Tokens).await
    }

    /// Makes a token, which is told this once. Error: the user signs in, decides, or is closed.
    pub async fn admin_token_make(&self, token: NewToken) -> Result<MadeToken, UserError> {
        self.administer(Administer::MakeToken(token)).await
    }

    /// Revokes a token.
    pub async fn admin_token_revoke(&self, token: AdminRef) -> Result<Token, UserError> {
        self.administer(Administer::RevokeToken(token.id)).await
    }

    /// What the own organisation spent and may spend.
    pub async fn admin_quota(&self, (): ()) -> Result<Quota, UserError> {
        self.administer(Administer::Quota).await
    }

    /// Changes what the own organisation allows itself; bounds that are not named stay as they are, also those that
    /// somebody else set just now. Error: more than the operator allows.
    pub async fn admin_quota_set(&self, change: BoundsChange) -> Result<Quota, UserError> {
        self.administer(Administer::ChangeBounds(change)).await
    }

    /// Rules and experiments that are meant for the own organisation, the latest first.
    pub async fn admin_published(&self, (): ()) -> Result<Vec<Release>, UserError> {
        self.administer(Administer::Published).await
    }

    /// What was done in administration, the latest first.
    pub async fn admin_log(&self, asked: AdminLogAsk) -> Result<Log, UserError> {
        self.administer(Administer::Log(asked.before)).await
    }

    async fn administer<T: DeserializeOwned>(&self, asked: Administer) -> Result<T, UserError> {
        let server = self.server().await?;
        let answered = match server.administer(&asked).await {
            // A token that is refused is renewed once, and nothing was done by the old one.
            Err(refused) => match self.server_anew(refused).await {
                Ok(server) => server.administer(&asked).await.map_err(LinkErrorOr::from),
                Err(error) => Err(error),
            },
            answered => answered.map_err(LinkErrorOr::from),
        };
        answered.map_err(|error| match error {
            LinkErrorOr::Link(LinkError::Role) => UserError::new(ErrorCode::AdminRole, ""),
            LinkErrorOr::Link(LinkError::Refused {
                status: 400, said, ..
            }) => UserError::new(ErrorCode::ServerInput, said),
            error => error.into(),
        })
    }
}

impl Core {
    /// Whether the user may administer, as the server last said it: the server decides.
    pub(crate) fn administers(&self) -> Result<bool, UserError> {
        let role = self.store.own_account()?.role;
        Ok(role == Role::Administrator.as_str() && !self.sign_in_ended())
    }
}
