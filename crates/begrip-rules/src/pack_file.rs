//! A pack as a file that goes from one organisation to another: see [`SignedFile`].
//!
//! ```json
//! { "format": 1, "version": "2026.2-om", "date": "2026-12-01", "changelog": ["…"],
//!   "rules": [ … ], "signature": { "key": "0f3a…", "value": "…" } }
//! ```

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::file::RuleFile;
use crate::keys::{SecretKey, TrustedKey};
use crate::pack::{PackBody, PackError, PackFacts};
use crate::signed::{FileError, FileKind, SignedFile, unreadable};

/// A pack's file that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackFileError {
    /// The file itself, or its signature.
    #[error(transparent)]
    File(#[from] FileError),
    /// Signed and whole, but its rules cannot be used.
    #[error(transparent)]
    Rules(#[from] PackError),
}

/// A pack's file, read but not yet trusted: ask [`PackFile::signer`] before [`PackFile::body`].
#[derive(Clone, Debug)]
pub struct PackFile(SignedFile);

impl PackFile {
    /// The file of a pack, without a signature.
    pub fn new(body: &PackBody) -> Result<Self, PackFileError> {
        let mut members = Map::new();
        let facts = &body.facts;
        members.insert("version".to_owned(), facts.version.clone().into());
        members.insert("date".to_owned(), facts.date.to_string().into());
        members.insert("changelog".to_owned(), facts.changelog.clone().into());
        members.insert(
            "rules".to_owned(),
            serde_json::to_value(&body.rules).map_err(unreadable)?,
        );
        Ok(Self(SignedFile::new(FileKind::RulePack, members)))
    }

    /// Reads a file. A byte order mark does not matter.
    ///
    /// Errors: too large, no pack, a newer form. Nothing is said yet of who signed it.
    pub fn parse(text: &str) -> Result<Self, PackFileError> {
        Ok(Self(SignedFile::parse(FileKind::RulePack, text)?))
    }

    /// SHA-256 over what the file says, its signature left out: one for every way to write it.
    pub fn digest(&self) -> &[u8; 32] {
        self.0.digest()
    }

    /// The file, signed with this key in the place of any signature before.
    #[must_use]
    pub fn signed(self, key: &SecretKey) -> Self {
        Self(self.0.signed(key))
    }

    /// Which of the trusted keys signed exactly this.
    ///
    /// Errors: no signature, a key that is not trusted, a signature over something else.
    pub fn signer<'a>(&self, trusted: &'a [TrustedKey]) -> Result<&'a TrustedKey, PackFileError> {
        Ok(self.0.signer(trusted)?)
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
        let facts: Map<String, Value> = self
            .0
            .members()
            .filter(|(name, _)| *name != "rules")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(serde_json::from_value(Value::Object(facts)).map_err(unreadable)?)
    }

    /// How many rules stand in it.
    pub fn rule_count(&self) -> Result<usize, PackFileError> {
        Ok(self.rules()?.len())
    }

    fn rules(&self) -> Result<&[Value], PackFileError> {
        match self.0.members().find(|(name, _)| *name == "rules") {
            Some((_, Value::Array(rules))) => Ok(rules),
            _ => Err(FileError::Unreadable("‘rules’ ontbreekt".to_owned()).into()),
        }
    }

    /// The file's text, on one line: see [`SignedFile::to_text`].
    ///
    /// Error: larger than a file may be.
    pub fn to_text(&self) -> Result<String, PackFileError> {
        Ok(self.0.to_text()?)
    }
}
