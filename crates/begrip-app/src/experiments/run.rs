//! Versions of the prompt side by side on a list of terms: one call for each term and version, none of
//! them from the cache and none kept in it. The calls go the way of any call, with its limits and its
//! row in the ledger, under a task of their own.

use std::sync::Arc;
use std::time::Instant;

use begrip_llm::{CachePolicy, CancellationToken, LlmError, Piece, Validate};
use begrip_prompt::{PromptVersion, read_reply};
use begrip_rules::RulePack;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::outcomes::passes;
use super::report::report;
use super::verdict::ON_A_LIST;
use crate::concepts::new_id;
use crate::gather::Gathered;
use crate::jobs::{holds_for_all, inputs_of};
use crate::ledger::Tokens;
use crate::prepare::Small;
use crate::protect::Gate;
use crate::schema::{ArmFigures, DraftInput, ExperimentReport, ExperimentState};
use crate::{App, ErrorCode, UserError};

/// The task of these calls in the ledger.
const TASK: &str = "experiment";

/// Their arm in the ledger begins with this.
const ARM: &str = "proef";

/// The most calls of one run.
const MOST_CALLS: usize = 100_000;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentRun {
    /// Different questions in the file.
    pub terms: u32,
    /// The figures of each version and what they say. Nobody decides on these texts.
    pub report: ExperimentReport,
    /// Calls that gave no answer.
    pub failed: Vec<FailedCall>,
    /// What ended the run before its time, such as a limit; the figures are those until then.
    pub stopped: Option<UserError>,
}

/// A call that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedCall {
    /// The term.
    pub term: String,
    /// The version of the prompt.
    pub version: String,
    /// Why.
    pub error: UserError,
}

/// A term with all that its question is made from, the same for each version.
struct Case {
    input: DraftInput,
    gathered: Gathered,
}

/// What one call came to.
struct Measured {
    passed: bool,
    tokens: Tokens,
    latency_ms: f64,
    cost_eur: Option<f64>,
}

impl App {
    /// Asks each term of a file (as a batch reads it; or one term a line) once for each version, so
    /// many times over, and tells what the versions came to. The first version is what the others are
    /// compared with. `progress` is told how many calls are done, of how many. Ends soon after `cancel`.
    ///
    /// Errors: no terms, a version that does not exist, fewer than two of them, too much. What goes wrong
    /// with a call is told in the outcome.
    pub async fn experiment_run(
        &self,
        bytes: Vec<u8>,
        versions: &[String],
        repeat: u32,
        cancel: &CancellationToken,
        mut progress: impl FnMut(u32, u32) + Send,
    ) -> Result<ExperimentRun, UserError> {
        let versions = named(versions)?;
        let inputs = self.blocking(move |_| inputs_of(&bytes)).await?;
        let calls = inputs.len() * versions.len() * repeat.max(1) as usize;
        if calls > MOST_CALLS {
            return Err(UserError::new(ErrorCode::TableTooLarge, calls.to_string()));
        }
        let pack = self.core.pack();
        let mut run = Run {
            figures: versions.iter().map(|version| empty(*version)).collect(),
            failed: Vec::new(),
            stopped: None,
        };
        let mut cases = Vec::new();
        for input in inputs {
            // What no rule settles stays open: an experiment makes no other calls than its own.
            let gathered = self.gather(&input, Small::Never).await?;
            let input = gathered.settle(&input);
            cases.push(Arc::new(Case { input, gathered }));
        }
        let (mut done, all) = (0, u32::try_from(calls).unwrap_or(u32::MAX));
        progress(done, all);
        // Round by round: the same question twice at one time would be one call.
        for _ in 0..repeat.max(1) {
            let room = Arc::new(Semaphore::new(self.core.settings().batch.at_once as usize));
            let mut asked = JoinSet::new();
            for case in &cases {
                for (at, version) in versions.iter().enumerate() {
                    let (app, case, pack) = (self.clone(), Arc::clone(case), Arc::clone(&pack));
                    let (room, version, cancel) = (Arc::clone(&room), *version, cancel.clone());
                    asked.spawn(async move {
                        let _one = room.acquire_owned().await;
                        let outcome = app.measure(&case, version, &pack, &cancel).await;
                        (at, case, outcome)
                    });
                }
            }
            while let Some(ended) = asked.join_next().await {
                if let Ok((at, case, outcome)) = ended {
                    run.take(at, &case, outcome);
                }
                done += 1;
                progress(done, all);
                if run.stopped.is_some() {
                    // What is under way ends with its connection; what waits is not asked.
                    asked.abort_all();
                }
            }
            if run.stopped.is_some() {
                break;
            }
        }
        Ok(ExperimentRun {
            terms: u32::try_from(cases.len()).unwrap_or(u32::MAX),
            report: report(
                String::new(),
                ExperimentState::Over,
                100,
                run.figures,
                ON_A_LIST,
            ),
            failed: run.failed,
            stopped: run.stopped,
        })
    }

    async fn measure(
        &self,
        case: &Arc<Case>,
        version: PromptVersion,
        pack: &Arc<RulePack>,
        cancel: &CancellationToken,
    ) -> Result<Measured, UserError> {
        if cancel.is_cancelled() {
            return Err(LlmError::Cancelled.into());
        }
        let (own, rules) = (Arc::clone(case), Arc::clone(pack));
        let request = self
            .blocking(move |core| {
                let words = Gate::outgoing(&own.input)?;
                let prompt = core.compose(version, &rules, &own.input, &words, &own.gathered)?;
                let id = new_id(core.clock.now()).to_string();
                let term = &own.input.term;
                let mut request = core.request(&rules, term, words.class, &prompt, &id);
                request.task = TASK;
                request.scope.arm = format!("{ARM}/{version}");
                Ok(request)
            })
            .await?;
        let model = request.model.clone();
        // An answer to an experiment is no answer to a user's question.
        let never: Validate = Arc::new(|_| Err(TASK.to_owned()));
        let began = Instant::now();
        let answer = self
            .core
            .model
            .ask(
                request,
                CachePolicy::Refresh,
                never,
                |_: Piece<'_>| {},
                cancel,
            )
            .await?;
        let latency_ms = began.elapsed().as_secs_f64() * 1e3;
        let (own, rules) = (Arc::clone(case), Arc::clone(pack));
        self.blocking(move |core| {
            let tokens = Tokens::from(answer.usage);
            let cost_eur = core.ledger.eur(&model, tokens);
            Ok(Measured {
                // A reply that cannot be read keeps no rule.
                passed: read_reply(&answer.text)
                    .is_ok_and(|reply| passes(&rules, &own.input, &reply)),
                tokens,
                latency_ms,
                cost_eur,
            })
        })
        .await
    }
}

struct Run {
    figures: Vec<ArmFigures>,
    failed: Vec<FailedCall>,
    stopped: Option<UserError>,
}

impl Run {
    fn take(&mut self, at: usize, case: &Case, outcome: Result<Measured, UserError>) {
        let figures = &mut self.figures[at];
        match outcome {
            Ok(measured) => {
                figures.drafts += 1;
                figures.passed += u32::from(measured.passed);
                figures.tokens_in.add(measured.tokens.sent.into());
                figures.tokens_out.add(measured.tokens.received.into());
                figures.latency_ms.add(measured.latency_ms);
                if let Some(cost) = measured.cost_eur {
                    figures.cost_eur.add(cost);
                }
            }
            Err(error) if holds_for_all(&error) || error.is(ErrorCode::Cancelled) => {
                self.stopped.get_or_insert(error);
            }
            Err(error) => self.failed.push(FailedCall {
                term: case.input.term.clone(),
                version: figures.prompt_version.clone(),
                error,
            }),
        }
    }
}

fn empty(version: PromptVersion) -> ArmFigures {
    ArmFigures {
        arm: version.to_string(),
        prompt_version: version.to_string(),
        ..ArmFigures::default()
    }
}

/// Two or more different versions.
fn named(names: &[String]) -> Result<Vec<PromptVersion>, UserError> {
    let unknown = |name: &str| {
        let name: String = name.chars().take(40).collect();
        UserError::new(ErrorCode::PromptUnknown, name)
    };
    let mut versions: Vec<PromptVersion> = Vec::new();
    for name in names {
        let version = name.trim().parse().map_err(|_| unknown(name))?;
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    match versions.len() {
        0 | 1 => Err(unknown(&names.join(","))),
        _ => Ok(versions),
    }
}
