//! Drafts that were made in an experiment, and what became of them. No text stands in these rows; what
//! the calls took stands in the ledger.

use jiff::Timestamp;
use rusqlite::params;

use crate::rows::time;
use crate::{Store, StoreError, queries};

/// What a person did with a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Kept it as it was.
    Kept,
    /// Kept it with another definition.
    Edited,
    /// Threw it away.
    Discarded,
}

/// How a draft of an experiment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialState {
    /// Nobody is asked to decide on it: one of a batch, or a reply that could not be read.
    Undecidable,
    /// Nobody has decided yet.
    Open,
    /// It was decided.
    Decided(Decision),
}

impl TrialState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Undecidable => "none",
            Self::Open => "open",
            Self::Decided(Decision::Kept) => "kept",
            Self::Decided(Decision::Edited) => "edited",
            Self::Decided(Decision::Discarded) => "discarded",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "open" => Self::Open,
            "kept" => Self::Decided(Decision::Kept),
            "edited" => Self::Decided(Decision::Edited),
            "discarded" => Self::Decided(Decision::Discarded),
            _ => Self::Undecidable,
        }
    }
}

/// A draft of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Names the draft.
    pub draft: String,
    /// The request of its first call in the ledger; the repair's is this with `-repair` behind it.
    pub request_id: String,
    /// When it was made.
    pub at: Timestamp,
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the arm.
    pub arm: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Whether the first reply kept every blocking and serious rule.
    pub passed: bool,
    /// How it stands.
    pub state: TrialState,
}

/// A draft of an experiment with what its calls took, retries and repair included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialSpent {
    /// The draft.
    pub trial: Trial,
    /// Tokens sent.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// From question to answer, in milliseconds, the calls one after the other.
    pub latency_ms: u32,
    /// Cost in millionths of a euro; none when a call had no price.
    pub cost_micro_eur: Option<u32>,
}

impl Store {
    /// Writes down a draft of an experiment.
    pub fn add_trial(&self, trial: &Trial) -> Result<(), StoreError> {
        self.pool.write().execute(
            "INSERT INTO trial (draft, request_id, at, experiment, arm, prompt_version, passed, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                trial.draft,
                trial.request_id,
                trial.at.as_millisecond(),
                trial.experiment,
                trial.arm,
                trial.prompt_version,
                trial.passed,
                trial.state.as_str(),
            ],
        )?;
        Ok(())
    }

    /// Writes down what a person did with a draft; the first decision counts. A draft that is in no
    /// experiment is no error.
    pub fn decide_trial(&self, draft: &str, decision: Decision) -> Result<(), StoreError> {
        self.pool.write().execute(
            "UPDATE trial SET state = ?2 WHERE draft = ?1 AND state = 'open'",
            params![draft, TrialState::Decided(decision).as_str()],
        )?;
        Ok(())
    }

    /// Every draft of an experiment, the first made first.
    pub fn trials(&self) -> Result<Vec<TrialSpent>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::TRIALS)?;
            let rows = query.query_map([], |row| {
                let priced: bool = row.get(12)?;
                let cost: u32 = row.get(11)?;
                Ok(TrialSpent {
                    trial: Trial {
                        draft: row.get(0)?,
                        request_id: row.get(1)?,
                        at: time(row.get(2)?),
                        experiment: row.get(3)?,
                        arm: row.get(4)?,
                        prompt_version: row.get(5)?,
                        passed: row.get(6)?,
                        state: TrialState::named(&row.get::<_, String>(7)?),
                    },
                    tokens_in: row.get(8)?,
                    tokens_out: row.get(9)?,
                    latency_ms: row.get(10)?,
                    cost_micro_eur: priced.then_some(cost),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
