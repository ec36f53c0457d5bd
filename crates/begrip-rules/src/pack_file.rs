//! A pack as a file that goes from one organisation to another: JSON with a signature.
//!
//! ```json
//! { "format": 1, "version": "2026.2-om", "date": "2026-12-01", "changelog": ["…"],
//!   "rules": [ … ], "signature": { "key": "0f3a…", "value": "…" } }
//! ```
//!
//! What is signed is not the text but what it says: every member but `signature`, in a canonical form
//! that white space and the order of the members do not change. The signature is verified before
//! anything else of the file is looked at.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::file::RuleFile;
use crate::keys::{SecretKey, TrustedKey};
use crate::pack::{PackBody, PackError, PackFacts};

/// The form that this program writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// The largest file that is read.
pub const MOST_BYTES: usize = 4 << 20;

/// Goes before what is signed, so that a signature over a pack is never one over something else.
const PURPOSE: &[u8] = b"begrip rule pack\0";

/// A file that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackFileError {
    /// Larger than [`MOST_BYTES`].
    #[error("het bestand is groter dan 4 MB")]
    TooLarge,
    /// No pack: not JSON, or of another form; says what is wrong.
    #[error("{0}")]
    NoPack(String),
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
    /// Signed and whole, but its rules cannot be used.
    #[error(transparent)]
    Rules(#[from] PackError),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// Fingerprint of the key.
    key: String,
    /// The signature, base64.
    value: String,
}

/// A pack's file, read but not yet trusted: ask [`PackFile::signer`] before [`PackFile::body`].
#[derive(Clone, Debug)]
pub struct PackFile {
    /// Every member but the signature.
    members: Map<String, Value>,
    mark: Option<Mark>,
    digest: [u8; 32],
}

impl PackFile {
    /// The file of a pack, without a signature.
    pub fn new(body: &PackBody) -> Result<Self, PackFileError> {
        let value = |value: Result<Value, serde_json::Error>| {
            value.map_err(|error| PackFileError::NoPack(error.to_string()))
        };
        let mut members = Map::new();
        let facts = &body.facts;
        members.insert("format".to_owned(), FORMAT.into());
        members.insert("version".to_owned(), facts.version.clone().into());
        members.insert("date".to_owned(), facts.date.to_string().into());
        members.insert("changelog".to_owned(), facts.changelog.clone().into());
        members.insert(
            "rules".to_owned(),
            value(serde_json::to_value(&body.rules))?,
        );
        Ok(Self::of(members, None))
    }

    /// Reads a file. A byte order mark does not matter.
    ///
    /// Errors: too large, no pack, a newer form. Nothing is said yet of who signed it.
    pub fn parse(text: &str) -> Result<Self, PackFileError> {
        if text.len() > MOST_BYTES {
            return Err(PackFileError::TooLarge);
        }
        let no_pack = |error: serde_json::Error| PackFileError::NoPack(error.to_string());
        let text = text.trim_start_matches('\u{FEFF}');
        let mut members: Map<String, Value> = serde_json::from_str(text).map_err(no_pack)?;
        match members.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(PackFileError::Newer(newer)),
            _ => return Err(PackFileError::NoPack("‘format’ ontbreekt".to_owned())),
        }
        let mark = match members.remove("signature") {
            None | Some(Value::Null) => None,
            Some(mark) => Some(serde_json::from_value(mark).map_err(|_| PackFileError::Changed)?),
        };
        Ok(Self::of(members, mark))
    }

    fn of(members: Map<String, Value>, mark: Option<Mark>) -> Self {
        let mut digest = Sha256::new();
        object(&members, &mut digest);
        Self {
            members,
            mark,
            digest: digest.finalize().into(),
        }
    }

    /// SHA-256 over what the file says, its signature left out: one for every way to write it.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
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
    pub fn signer<'a>(&self, trusted: &'a [TrustedKey]) -> Result<&'a TrustedKey, PackFileError> {
        let mark = self.mark.as_ref().ok_or(PackFileError::Unsigned)?;
        let key = trusted
            .iter()
            .find(|trusted| trusted.key.fingerprint() == mark.key)
            // A stranger's file may name anything as its key.
            .ok_or_else(|| PackFileError::UnknownKey(mark.key.chars().take(64).collect()))?;
        match key.key.verifies(&self.message(), &mark.value) {
            true => Ok(key),
            false => Err(PackFileError::Changed),
        }
    }

    /// What the pack says.
    ///
    /// Errors: a member that is missing, unknown or of another form; for a rule, with its id.
    pub fn body(&self) -> Result<PackBody, PackFileError> {
        let rules = self
            .rules()?
            .iter()
            .enumerate()
            .map(|(at, rule)| {
                RuleFile::deserialize(rule).map_err(|error| PackError::File {
                    file: match rule.get("id").and_then(Value::as_str) {
                        Some(id) => id.chars().take(64).collect(),
                        None => format!("nummer {}", at + 1),
                    },
                    fault: error.to_string(),
                })
            })
            .collect::<Result<_, PackError>>()?;
        Ok(PackBody {
            facts: self.facts()?,
            rules,
        })
    }

    /// What the pack says of itself, without reading its rules.
    pub fn facts(&self) -> Result<PackFacts, PackFileError> {
        let own = |name: &str| name != "format" && name != "rules";
        let facts: Map<String, Value> = self
            .members
            .iter()
            .filter(|(name, _)| own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        serde_json::from_value(Value::Object(facts))
            .map_err(|error| PackFileError::NoPack(error.to_string()))
    }

    /// How many rules stand in it.
    pub fn rule_count(&self) -> Result<usize, PackFileError> {
        Ok(self.rules()?.len())
    }

    fn rules(&self) -> Result<&[Value], PackFileError> {
        match self.members.get("rules") {
            Some(Value::Array(rules)) => Ok(rules),
            _ => Err(PackFileError::NoPack("‘rules’ ontbreekt".to_owned())),
        }
    }

    /// The file's text, on one line: as short as it can be, so that a file that could be read can also
    /// be read again after it was kept.
    ///
    /// Error: larger than a file may be.
    pub fn to_text(&self) -> Result<String, PackFileError> {
        let no_pack = |error: serde_json::Error| PackFileError::NoPack(error.to_string());
        let mut members = self.members.clone();
        if let Some(mark) = &self.mark {
            members.insert(
                "signature".to_owned(),
                serde_json::to_value(mark).map_err(no_pack)?,
            );
        }
        let mut text = serde_json::to_string(&members).map_err(no_pack)?;
        text.push('\n');
        match text.len() > MOST_BYTES {
            true => Err(PackFileError::TooLarge),
            false => Ok(text),
        }
    }

    fn message(&self) -> Vec<u8> {
        [PURPOSE, &self.digest].concat()
    }
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
