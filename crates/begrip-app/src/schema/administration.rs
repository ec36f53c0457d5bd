pub use begrip_sync::Role;
pub use begrip_sync::administration as admin;
use begrip_sync::administration::UserChange;
use serde::Deserialize;
use uuid::Uuid;

/// A user or a token of the own organisation.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AdminRef {
    /// Its number.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Uuid,
}

/// Changes a user.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AdminChange {
    /// Who.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Uuid,
    /// What.
    pub change: UserChange,
}

/// Which acts of administration.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AdminLogAsk {
    /// Those before this number; the latest when there is none.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub before: Option<i64>,
}
