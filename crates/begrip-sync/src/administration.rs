//! What an administrator sees and does of the own organisation, as it goes over the wire.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::decide::Role;

/// An organisation of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminOrganisation"))]
pub struct Organisation {
    /// Short name, as concepts are shared with.
    pub name: String,
    /// Full name.
    pub title: String,
}

/// Somebody, or a machine, who may ask for the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminUser"))]
pub struct User {
    /// Names the account to the server.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Uuid,
    /// Name within the organisation.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The address that was invited; nothing when none was.
    pub email: Option<String>,
    /// Whether somebody signed in with it.
    pub signs_in: bool,
    /// Whether it is, or ever was, somebody's who signs in: no token is made for it here.
    pub person: bool,
    /// Tokens that hold.
    pub tokens: u32,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it is the one who asks.
    pub oneself: bool,
    /// Since when it is there.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub since: Timestamp,
}

/// A user to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminNewUser"))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Name within the organisation, 1 to 200 characters.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whoever first signs in with this address is this user; nothing for a machine.
    #[serde(default)]
    pub email: Option<String>,
}

/// What changes of a user; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminUserChange"))]
#[serde(default, deny_unknown_fields)]
pub struct UserChange {
    /// Another role.
    pub role: Option<Role>,
    /// Closed, or open again.
    pub closed: Option<bool>,
    /// An invitation.
    pub email: Option<String>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminToken"))]
pub struct Token {
    /// Names it to the server; no part of the secret.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Uuid,
    /// Name of the user who holds it.
    pub user: String,
    /// Who made it; empty for the operator.
    pub by: String,
    /// When it was made.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub since: Timestamp,
    /// When it ends; nothing for one that holds until it is revoked.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub until: Option<Timestamp>,
    /// Whether it holds now.
    pub holds: bool,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A token to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminNewToken"))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// The user who is to hold it.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub user: Uuid,
    /// After so many days it ends, 1 to 365.
    pub days: u16,
}

/// A token that was just made. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminMadeToken"))]
pub struct MadeToken {
    /// Names it to the server.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Uuid,
    /// The token itself, told this once.
    pub secret: String,
}

impl fmt::Debug for MadeToken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("MadeToken")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What may be spent on models; what is left out has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminBounds"))]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// Tokens of text on a day.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub day_tokens: Option<u64>,
    /// Tokens of text in a month.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub month_tokens: Option<u64>,
    /// Euro on a day.
    pub day_euro: Option<f64>,
    /// Euro in a month.
    pub month_euro: Option<f64>,
}

/// What changes of the own bounds. One that is not named stays as whoever came before left it; none is a bound too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminBoundsChange"))]
#[serde(default, deny_unknown_fields)]
pub struct BoundsChange {
    /// Tokens of text on a day.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number | null"))]
    pub day_tokens: Option<Option<u64>>,
    /// Tokens of text in a month.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number | null"))]
    pub month_tokens: Option<Option<u64>>,
    /// Euro on a day.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number | null"))]
    pub day_euro: Option<Option<f64>>,
    /// Euro in a month.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number | null"))]
    pub month_euro: Option<Option<f64>>,
}

/// A field that is there, be it with `null`: one that is not there is another thing to say.
fn named<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

/// What was spent, with what is set aside for calls under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminSpent"))]
pub struct Spent {
    /// Calls of a model.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub calls: u64,
    /// Tokens of text.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub tokens: u64,
    /// Euro.
    pub euro: f64,
}

/// What one user spent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminUserSpent"))]
pub struct UserSpent {
    /// Name; empty for calls that are nobody's.
    pub name: String,
    /// Today.
    pub day: Spent,
    /// This month.
    pub month: Spent,
}

/// What the organisation spent and may spend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminQuota"))]
pub struct Quota {
    /// What the operator allows.
    pub budget: Bounds,
    /// What the organisation allows itself; of both the lower one holds.
    pub own: Bounds,
    /// Today.
    pub day: Spent,
    /// This month.
    pub month: Spent,
    /// By user, who spent most this month first.
    pub users: Vec<UserSpent>,
}

/// A version of the rules, or a file with experiments, that is meant for the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminRelease"))]
pub struct Release {
    /// `pack` or `flags`.
    pub kind: String,
    /// Version of the rules, or the serial of the flags.
    pub version: String,
    /// For so many of each hundred workstations; 0 when it was taken back.
    pub percent: u8,
    /// Who signed it.
    pub signer: String,
    /// Whether it is for every organisation.
    pub everyone: bool,
    /// When it was published.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub since: Timestamp,
}

/// An act of administration. It is never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminRecord"))]
pub struct Record {
    /// Its number; a later act has a higher one.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub id: i64,
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Who, by the name of then; empty for the operator.
    pub by: String,
    /// What, such as `user_added`.
    pub act: String,
    /// About whom or what.
    pub about: String,
    /// What stood there.
    pub was: Option<String>,
    /// What stands there since.
    pub became: Option<String>,
}

/// Acts of administration, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AdminLog"))]
pub struct Log {
    /// The acts.
    pub records: Vec<Record>,
    /// Whether there are earlier ones.
    pub more: bool,
}

/// Why an act of administration is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Whoever asks is no administrator (any more).
    NotAdministrator,
    /// Nobody closes, unlinks or gives another role to themselves.
    Oneself,
    /// There is no such user in the organisation.
    NoUser,
    /// There is no such token in the organisation.
    NoToken,
    /// The organisation has a user with this name.
    NameTaken,
    /// The address belongs to another user.
    EmailTaken,
    /// The address is in no e-mail domain of the organisation.
    OtherDomain,
    /// A token would let somebody act in the name of a person.
    Person,
    /// A token would let a machine, or whoever has it, decide in a review or administer.
    Decides,
    /// Somebody else may hold a token of this account: revoke it first.
    HoldsToken,
    /// The account is closed.
    Closed,
    /// More than the operator allows.
    AboveBudget,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::NotAdministrator,
        Self::Oneself,
        Self::NoUser,
        Self::NoToken,
        Self::NameTaken,
        Self::EmailTaken,
        Self::OtherDomain,
        Self::Person,
        Self::Decides,
        Self::HoldsToken,
        Self::Closed,
        Self::AboveBudget,
    ];

    /// The name as the database and the server's answers say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAdministrator => "not_administrator",
            Self::Oneself => "oneself",
            Self::NoUser => "no_user",
            Self::NoToken => "no_token",
            Self::NameTaken => "name_taken",
            Self::EmailTaken => "email_taken",
            Self::OtherDomain => "other_domain",
            Self::Person => "person",
            Self::Decides => "decides",
            Self::HoldsToken => "holds_token",
            Self::Closed => "closed",
            Self::AboveBudget => "above_budget",
        }
    }

    /// Reads [`Why::as_str`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_and_a_made_token_is_not_shown() {
        for why in Why::ALL {
            assert_eq!(Why::parse(why.as_str()), Some(why));
        }
        let made = MadeToken {
            id: Uuid::nil(),
            secret: "begrip_geheim".to_owned(),
        };
        assert!(!format!("{made:?}").contains("geheim"));
    }

    #[test]
    fn a_bound_that_is_not_named_is_another_thing_than_none() {
        let change = BoundsChange {
            day_tokens: Some(Some(5)),
            month_euro: Some(None),
            ..BoundsChange::default()
        };
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(text, r#"{"day_tokens":5,"month_euro":null}"#);
        let read = |text| serde_json::from_str::<BoundsChange>(text);
        assert_eq!(read(&text).unwrap(), change);
        assert_eq!(read("{}").unwrap(), BoundsChange::default());
        assert!(read(r#"{"week_euro":5}"#).is_err());
    }
}
