//! Experiments with the prompt: who gets which version, what became of it, and what that says.
//!
//! | file | holds |
//! |---|---|
//! | `flags` | the signed file that says which experiments run |
//! | `assign` | who is in an experiment, and in which arm |
//! | `outcomes` | what became of the drafts of an experiment |
//! | `statistics` | shares and means with their intervals |
//! | `verdict` | the rule by which a version takes the place of another |
//! | `report` | an experiment's figures and verdict |
//! | `run` | two versions side by side on a list of terms |

mod assign;
mod flags;
mod outcomes;
mod report;
mod run;
mod statistics;
mod verdict;

use begrip_llm::Request;
use begrip_prompt::{PROMPT_VERSION, PromptVersion};

use crate::UserError;
use crate::model::is_demonstration;
use crate::open::Core;
use crate::routing::Task;
use crate::schema::{PromptBy, PromptInForce};
use flags::{Arm, Experiment};

pub(crate) use assign::is_in;
pub use flags::sign_flags;
pub(crate) use outcomes::{of_a_draft, passes};
pub use run::ExperimentRun;
pub use statistics::Sum;

/// The name of the document with this installation's number.
const INSTALLATION: &str = "installation";

/// What a draft goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    /// The version of the prompt.
    pub version: PromptVersion,
    by: By,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Program,
    Flags,
    Experiment { name: String, arm: String },
}

impl Assigned {
    /// The request with the arm in its cache key and in the ledger.
    pub fn marked(&self, mut request: Request) -> Request {
        if let By::Experiment { name, arm } = &self.by {
            request.scope.arm = format!("{name}/{arm}");
        }
        request
    }

    /// As it is shown.
    pub fn told(&self) -> PromptInForce {
        let (by, experiment, arm) = match &self.by {
            By::Program => (PromptBy::Program, None, None),
            By::Flags => (PromptBy::Flags, None, None),
            By::Experiment { name, arm } => {
                let (name, arm) = (name.clone(), arm.clone());
                (PromptBy::Experiment, Some(name), Some(arm))
            }
        };
        PromptInForce {
            version: self.version.to_string(),
            by,
            experiment,
            arm,
        }
    }
}

impl Core {
    /// What the next draft goes by. Looks at the flags in force each time, so that an experiment
    /// that was stopped is stopped for the next draft.
    pub fn assigned(&self) -> Assigned {
        let Some(flags) = self.flags() else {
            return Assigned {
                version: PROMPT_VERSION,
                by: By::Program,
            };
        };
        let mut experiments = flags.experiments.iter();
        let taken = experiments.find_map(|experiment| {
            let arm = self.own_arm(experiment)?;
            Some(Assigned {
                version: arm.version(),
                by: By::Experiment {
                    name: experiment.name.clone(),
                    arm: arm.name.clone(),
                },
            })
        });
        taken.unwrap_or_else(|| Assigned {
            version: flags.version(),
            by: By::Flags,
        })
    }

    /// The arm that this installation would have in an experiment; none when it takes no part.
    fn own_arm<'e>(&self, experiment: &'e Experiment) -> Option<&'e Arm> {
        // The included demonstration is no model whose answers say anything.
        if is_demonstration(self.route(Task::Define).model())
            || !experiment.is_for(&self.own_context())
        {
            return None;
        }
        match self.installation() {
            Ok(id) => assign::arm(&id, experiment),
            Err(error) => {
                tracing::error!(code = error.code, "the installation has no number");
                None
            }
        }
    }

    /// The number of this installation: random, made once, and never sent anywhere.
    pub(crate) fn installation(&self) -> Result<String, UserError> {
        if let Some(id) = self.store.document(INSTALLATION)? {
            return Ok(id);
        }
        let new = uuid::Uuid::new_v4().to_string();
        Ok(self.store.keep_first_document(INSTALLATION, &new)?)
    }
}
