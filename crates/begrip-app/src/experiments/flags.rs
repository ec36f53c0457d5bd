//! The file that says which experiments run and which version of the prompt is used: signed as a rule
//! pack is, and kept as it came.
//!
//! ```json
//! { "format": 1, "serial": 7, "date": "2026-12-01", "prompt_version": "1",
//!   "experiments": [ { "name": "korte-opdracht", "rollout": 10, "organisations": [], "killed": false,
//!     "arms": [ { "name": "nu", "prompt_version": "1", "weight": 1 },
//!               { "name": "kort", "prompt_version": "2", "weight": 1 } ] } ],
//!   "signature": { "key": "0f3a…", "value": "…" } }
//! ```

use std::collections::BTreeSet;

use begrip_domain::Context;
use begrip_prompt::{PROMPT_VERSION, PromptVersion};
use begrip_rules::{FileError, FileKind, SecretKey, SignedFile};
use begrip_store::StoredFlags;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::open::Core;
use crate::packs::trusted;
use crate::schema::{FlagsExperiment, FlagsImport, FlagsView};
use crate::{App, ErrorCode, UserError};

/// The longest name of an experiment or arm, in characters.
const LONGEST_NAME: usize = 40;

/// Experiments in a file, and arms in an experiment, at most.
const MOST: usize = 20;

/// The largest weight of an arm.
const HEAVIEST: u32 = 1_000;

/// What such a file says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flags {
    /// Higher in each file that comes after.
    pub serial: u32,
    /// When it was made.
    pub date: Date,
    /// The version of the prompt for whoever is in no experiment.
    #[serde(default = "usual")]
    pub prompt_version: String,
    /// The first one that an installation takes part in counts.
    #[serde(default)]
    pub experiments: Vec<Experiment>,
}

/// Two or more versions of the prompt, side by side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    pub name: String,
    /// Percent of the installations that take part.
    pub rollout: u32,
    /// The organisations whose people take part; all when empty.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// Stopped: nobody takes part any more.
    #[serde(default)]
    pub killed: bool,
    /// What is compared; the first one is what the others are compared with.
    pub arms: Vec<Arm>,
}

/// One side of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arm {
    pub name: String,
    pub prompt_version: String,
    /// Its part of the installations, beside the weights of the others.
    #[serde(default = "one")]
    pub weight: u32,
}

fn usual() -> String {
    PROMPT_VERSION.to_string()
}

fn one() -> u32 {
    1
}

/// A version that [`Flags::read`] has seen to exist.
fn known(version: &str) -> PromptVersion {
    version.parse().unwrap_or(PROMPT_VERSION)
}

impl Arm {
    pub fn version(&self) -> PromptVersion {
        known(&self.prompt_version)
    }
}

impl Experiment {
    /// Whether it holds for somebody who works in this context.
    pub fn is_for(&self, context: &Context) -> bool {
        let named = |organisation: &String| {
            let mut own = context.organisations.iter();
            own.any(|own| own.as_str().to_lowercase() == organisation.trim().to_lowercase())
        };
        self.organisations.is_empty() || self.organisations.iter().any(named)
    }
}

impl Flags {
    pub fn version(&self) -> PromptVersion {
        known(&self.prompt_version)
    }

    /// What a file says, if this program can do all of it.
    ///
    /// Errors: another form, a version of the prompt that this program does not have.
    fn read(file: &SignedFile) -> Result<Self, UserError> {
        let members: Map<String, Value> = file
            .members()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let flags: Self = serde_json::from_value(Value::Object(members))
            .map_err(|error| unreadable(&error.to_string()))?;
        flags.fits()?;
        Ok(flags)
    }

    fn fits(&self) -> Result<(), UserError> {
        let mut versions = vec![&self.prompt_version];
        let mut names = BTreeSet::new();
        if self.experiments.len() > MOST {
            return Err(unreadable("te veel proeven"));
        }
        for experiment in &self.experiments {
            let name = &experiment.name;
            let fault = |what: &str| Err(unreadable(&format!("{}: {what}", shortened(name))));
            if !is_name(name) || !names.insert(name) {
                return fault("geen naam, of een naam die al bestaat");
            }
            if experiment.rollout > 100 {
                return fault("‘rollout’ is hoger dan 100");
            }
            let arms: BTreeSet<&String> = experiment.arms.iter().map(|arm| &arm.name).collect();
            let named = experiment.arms.iter().all(|arm| is_name(&arm.name));
            if !(2..=MOST).contains(&experiment.arms.len())
                || arms.len() != experiment.arms.len()
                || !named
            {
                return fault("‘arms’ heeft niet twee of meer verschillende namen");
            }
            let weights = experiment.arms.iter().map(|arm| arm.weight);
            if weights.clone().any(|weight| weight > HEAVIEST) || weights.sum::<u32>() == 0 {
                return fault("een gewicht is hoger dan 1000, of alle zijn 0");
            }
            versions.extend(experiment.arms.iter().map(|arm| &arm.prompt_version));
        }
        for version in versions {
            if version.parse::<PromptVersion>().is_err() {
                return Err(UserError::new(
                    ErrorCode::FlagsPromptUnknown,
                    shortened(version),
                ));
            }
        }
        Ok(())
    }
}

/// Names stand in the ledger, in keys and in tables.
fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || c == '-')
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

fn unreadable(what: &str) -> UserError {
    // What a parser says may quote the file.
    let what: String = what.chars().take(400).collect();
    UserError::new(ErrorCode::FlagsUnreadable, what)
}

fn refused(error: FileError) -> UserError {
    match &error {
        FileError::TooLarge | FileError::Unreadable(_) | FileError::Newer(_) => {
            unreadable(&error.to_string())
        }
        FileError::Unsigned | FileError::UnknownKey(_) | FileError::Changed => {
            UserError::new(ErrorCode::FlagsUntrusted, error.to_string())
        }
    }
}

/// The text of a file with experiments, signed with this key in the place of any signature before.
///
/// Errors: no such file, a version of the prompt that this program does not have.
pub fn sign_flags(content: &str, key: &SecretKey) -> Result<String, UserError> {
    let file = SignedFile::parse(FileKind::Flags, content).map_err(refused)?;
    Flags::read(&file)?;
    file.signed(key).to_text().map_err(refused)
}

impl App {
    /// Puts a signed file with experiments in force, from the next draft on.
    ///
    /// Errors: no such file, not signed by somebody who is trusted, an older one than the one in force,
    /// a version of the prompt that this program does not have. Then nothing changes.
    pub async fn flags_import(&self, request: FlagsImport) -> Result<FlagsView, UserError> {
        self.blocking(move |core| {
            let file = SignedFile::parse(FileKind::Flags, &request.content).map_err(refused)?;
            let keys = trusted(&core.home);
            let signer = file.signer(&keys).map_err(refused)?;
            let flags = Flags::read(&file)?;
            core.store.keep_flags(&StoredFlags {
                serial: flags.serial,
                digest: *file.digest(),
                body: file.to_text().map_err(refused)?,
                signer: format!("{} ({})", signer.name, signer.key.fingerprint()),
                imported_at: core.clock.now(),
            })?;
            tracing::info!(serial = flags.serial, "flags are in force");
            core.flags_view()
        })
        .await
    }

    /// Which experiments run, and which version of the prompt the next draft here gets.
    pub async fn flags_show(&self, (): ()) -> Result<FlagsView, UserError> {
        self.blocking(Core::flags_view).await
    }
}

impl Core {
    /// The flags in force; none before the first file.
    ///
    /// Errors: the store cannot be read, or what it keeps is of no use to this program.
    pub(super) fn flags_kept(&self) -> Result<Option<(StoredFlags, Flags)>, UserError> {
        let Some(stored) = self.store.flags()? else {
            return Ok(None);
        };
        let file = SignedFile::parse(FileKind::Flags, &stored.body).map_err(refused)?;
        if *file.digest() != stored.digest {
            return Err(unreadable("beschadigd"));
        }
        let flags = Flags::read(&file)?;
        Ok(Some((stored, flags)))
    }

    /// The flags in force. Those that cannot be used switch every experiment off: an older file might
    /// have one running that was stopped since.
    pub(super) fn flags(&self) -> Option<Flags> {
        match self.flags_kept() {
            Ok(kept) => kept.map(|(_, flags)| flags),
            Err(error) => {
                tracing::error!(
                    code = error.code,
                    detail = error.detail,
                    "the flags cannot be used"
                );
                None
            }
        }
    }

    fn flags_view(&self) -> Result<FlagsView, UserError> {
        let kept = self.flags_kept()?;
        let prompt = self.assigned().told();
        let Some((stored, flags)) = kept else {
            return Ok(FlagsView {
                prompt,
                serial: None,
                date: None,
                signer: None,
                imported_at: None,
                experiments: Vec::new(),
            });
        };
        let experiment = |experiment: &Experiment| FlagsExperiment {
            name: experiment.name.clone(),
            rollout: experiment.rollout,
            organisations: experiment.organisations.clone(),
            killed: experiment.killed,
            arms: experiment
                .arms
                .iter()
                .map(|arm| format!("{} = {}", arm.name, arm.prompt_version))
                .collect(),
            own_arm: self.own_arm(experiment).map(|arm| arm.name.clone()),
        };
        Ok(FlagsView {
            prompt,
            serial: Some(stored.serial),
            date: Some(flags.date.to_string()),
            signer: Some(stored.signer),
            imported_at: Some(stored.imported_at),
            experiments: flags.experiments.iter().map(experiment).collect(),
        })
    }
}
