//! A file that goes from one organisation to another: JSON with a signature.
//!
//! What is signed is not the text but what it says: every member but `signature`, in a canonical form
//! that white space and the order of the members do not change. The signature is verified before
//! anything else of the file is looked at.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::keys::{SecretKey, TrustedKey};

/// The form that this program writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// The largest file that is read.
pub const MOST_BYTES: usize = 4 << 20;

/// What a file is. Goes before what is signed, so that a signature over one kind of file is never one
/// over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A rule pack.
    RulePack,
    /// Which experiments run, and which version of the prompt is used.
    Flags,
}

impl FileKind {
    fn purpose(self) -> &'static [u8] {
        match self {
            Self::RulePack => b"begrip rule pack\0",
            Self::Flags => b"begrip flags\0",
        }
    }
}

/// A signed file that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Larger than [`MOST_BYTES`].
    #[error("het bestand is groter dan 4 MB")]
    TooLarge,
    /// Not such a file: not JSON, or of another form; says what is wrong.
    #[error("{0}")]
    Unreadable(String),
    /// A newer form than this program knows.
    #[error("het bestand heeft vorm {0}; dit programma kent vorm {FORMAT}")]
    Newer(u64),
    /// No signature.
    #[error("er staat geen handtekening in")]
    Unsigned,
    /// Signed with a key that is not trusted; the key's fingerprint.
    #[error("sleutel {0}")]
    UnknownKey(String),
    /// The signature does not belong to what stands in the file.
    #[error("de handtekening past niet bij de inhoud")]
    Changed,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// Fingerprint of the key.
    key: String,
    /// The signature, base64.
    value: String,
}

/// A signed file, read but not yet trusted: ask [`SignedFile::signer`] before [`SignedFile::members`].
#[derive(Clone, Debug)]
pub struct SignedFile {
    kind: FileKind,
    /// Every member but the signature.
    members: Map<String, Value>,
    mark: Option<Mark>,
    digest: [u8; 32],
}

impl SignedFile {
    /// A file of these members, without a signature.
    pub fn new(kind: FileKind, mut members: Map<String, Value>) -> Self {
        members.insert("format".to_owned(), FORMAT.into());
        Self::of(kind, members, None)
    }

    /// Reads a file. A byte order mark does not matter.
    ///
    /// Errors: too large, not JSON, a newer form. Nothing is said yet of who signed it.
    pub fn parse(kind: FileKind, text: &str) -> Result<Self, FileError> {
        if text.len() > MOST_BYTES {
            return Err(FileError::TooLarge);
        }
        let text = text.trim_start_matches('\u{FEFF}');
        let mut members: Map<String, Value> = serde_json::from_str(text).map_err(unreadable)?;
        match members.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(FileError::Newer(newer)),
            _ => return Err(FileError::Unreadable("‘format’ ontbreekt".to_owned())),
        }
        let mark = match members.remove("signature") {
            None | Some(Value::Null) => None,
            Some(mark) => Some(serde_json::from_value(mark).map_err(|_| FileError::Changed)?),
        };
        Ok(Self::of(kind, members, mark))
    }

    fn of(kind: FileKind, members: Map<String, Value>, mark: Option<Mark>) -> Self {
        let mut digest = Sha256::new();
        object(&members, &mut digest);
        Self {
            kind,
            members,
            mark,
            digest: digest.finalize().into(),
        }
    }

    /// SHA-256 over what the file says, its signature left out: one for every way to write it.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// What the file says: every member but `format` and `signature`.
    pub fn members(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.members.iter().filter(|(name, _)| *name != "format")
    }

    /// The file, signed with this key in the place of any signature before.
    #[must_use]
    pub fn signed(self, key: &SecretKey) -> Self {
        let mark = Mark {
            key: key.public().fingerprint(),
            value: key.sign(&self.message()),
        };
        Self {
            mark: Some(mark),
            ..self
        }
    }

    /// Which of the trusted keys signed exactly this.
    ///
    /// Errors: no signature, a key that is not trusted, a signature over something else.
    pub fn signer<'a>(&self, trusted: &'a [TrustedKey]) -> Result<&'a TrustedKey, FileError> {
        let mark = self.mark.as_ref().ok_or(FileError::Unsigned)?;
        let key = trusted
            .iter()
            .find(|trusted| trusted.key.fingerprint() == mark.key)
            // A stranger's file may name anything as its key.
            .ok_or_else(|| FileError::UnknownKey(mark.key.chars().take(64).collect()))?;
        match key.key.verifies(&self.message(), &mark.value) {
            true => Ok(key),
            false => Err(FileError::Changed),
        }
    }

    /// The file's text, on one line: as short as it can be, so that a file that could be read can also
    /// be read again after it was kept.
    ///
    /// Error: larger than a file may be.
    pub fn to_text(&self) -> Result<String, FileError> {
        let mut members = self.members.clone();
        if let Some(mark) = &self.mark {
            members.insert(
                "signature".to_owned(),
                serde_json::to_value(mark).map_err(unreadable)?,
            );
        }
        let mut text = serde_json::to_string(&members).map_err(unreadable)?;
        text.push('\n');
        match text.len() > MOST_BYTES {
            true => Err(FileError::TooLarge),
            false => Ok(text),
        }
    }

    fn message(&self) -> Vec<u8> {
        [self.kind.purpose(), &self.digest].concat()
    }
}

pub(crate) fn unreadable(error: serde_json::Error) -> FileError {
    FileError::Unreadable(error.to_string())
}

/// Feeds a value in a form that can be read in one way only: kind, length, content.
fn canonical(value: &Value, into: &mut Sha256) {
    let mut text = |kind: u8, text: &str| {
        into.update([kind]);
        into.update((text.len() as u64).to_le_bytes());
        into.update(text);
    };
    match value {
        Value::Null => into.update(b"0"),
        Value::Bool(true) => into.update(b"t"),
        Value::Bool(false) => into.update(b"f"),
        Value::Number(number) => text(b'n', &number.to_string()),
        Value::String(string) => text(b's', string),
        Value::Array(items) => {
            into.update(b"a");
            into.update((items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| canonical(item, into));
        }
        Value::Object(members) => object(members, into),
    }
}

fn object(members: &Map<String, Value>, into: &mut Sha256) {
    into.update(b"o");
    into.update((members.len() as u64).to_le_bytes());
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in members {
        into.update((name.len() as u64).to_le_bytes());
        into.update(name);
        canonical(value, into);
    }
}
