use std::path::PathBuf;

use begrip_domain::ConceptId;
use rusqlite::ErrorCode;

/// What can go wrong with the store. Holds no text of a concept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was made by a newer program; nothing was changed.
    #[error("the file was made by a newer version of the program")]
    Newer,
    /// The file is there and its key is nowhere.
    #[error("the key of {0} is lost")]
    KeyLost(PathBuf),
    /// There is a key, and it is not this file's.
    #[error("the key does not fit {0}")]
    KeyWrong(PathBuf),
    /// The key is in a keyring that cannot be asked now: locked, stopped or switched off.
    #[error("the keyring does not answer: {0}")]
    Keyring(String),
    /// Another process keeps the file occupied for longer than the busy time-out.
    #[error("the file is busy")]
    Busy,
    /// No space is left.
    #[error("the disk is full")]
    Full,
    /// No right to read or write.
    #[error("no access to {0}")]
    Denied(PathBuf),
    /// The file is damaged.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Another concept has the term and context that this one would get.
    #[error("concept {0} has this term in this context")]
    Twin(ConceptId),
    /// The concept does not exist.
    #[error("there is no such concept")]
    NotFound,
    /// The job does not exist.
    #[error("there is no such job")]
    NoJob,
    /// The concept's status does not allow the change.
    #[error("the concept is not editable")]
    NotEditable,
    /// A rule pack with this version is there, and says something else.
    #[error("there is another rule pack with version {0}")]
    OtherPack(String),
    /// There is no rule pack with this version.
    #[error("there is no rule pack with version {0}")]
    NoPack(String),
    /// Flags with a higher number are in force.
    #[error("flags with number {0} are in force")]
    OlderFlags(u32),
    /// Flags with this number are there, and say something else.
    #[error("there are other flags with number {0}")]
    OtherFlags(u32),
    /// A key or content outside its limits.
    #[error("{0}")]
    Invalid(&'static str),
    /// Anything else that SQLite or the system says.
    #[error("{0}")]
    Other(String),
}

impl StoreError {
    /// The same for another who is told of it.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::Busy => Self::Busy,
            Self::Denied(path) => Self::Denied(path.clone()),
            Self::Damaged(what) => Self::Damaged(what.clone()),
            other => Self::Other(other.to_string()),
        }
    }

    /// The error of a file operation on `path`.
    pub(crate) fn io(path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            PermissionDenied | ReadOnlyFilesystem => Self::Denied(path.to_owned()),
            StorageFull => Self::Full,
            _ => Self::Other(format!("{}: {error}", path.display())),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                Self::Denied(PathBuf::new())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}
