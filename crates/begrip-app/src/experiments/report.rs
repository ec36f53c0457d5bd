//! An experiment's figures, arm by arm, and what they say.

use std::collections::BTreeMap;

use begrip_store::{Decision, TrialSpent, TrialState};
use jiff::{SignedDuration, Timestamp};

use super::flags::Experiment;
use super::statistics::{Interval, Sum, share};
use super::verdict::{IN_USE, Needs, verdict};
use crate::open::Core;
use crate::schema::{
    ArmFigures, ArmReport, ExperimentReport, ExperimentReports, ExperimentState, ExperimentsAsk,
    Mean, Share,
};
use crate::{App, UserError};

/// A text that nobody kept within this time was thrown away.
const UNDECIDED: SignedDuration = SignedDuration::from_hours(7 * 24);

impl App {
    /// Every experiment that runs or ran, with its figures and what they say; those of other
    /// computers are added.
    pub async fn experiments(&self, ask: ExperimentsAsk) -> Result<ExperimentReports, UserError> {
        self.blocking(move |core| core.experiment_reports(ask.others))
            .await
    }
}

impl Core {
    fn experiment_reports(&self, others: Vec<ArmFigures>) -> Result<ExperimentReports, UserError> {
        let mut all: BTreeMap<(String, String, String), ArmFigures> = BTreeMap::new();
        let mut join = |figures: ArmFigures| {
            let name = (
                figures.experiment.clone(),
                figures.arm.clone(),
                figures.prompt_version.clone(),
            );
            match all.get_mut(&name) {
                Some(known) => known.join(&figures),
                None => {
                    all.insert(name, figures);
                }
            }
        };
        let now = self.clock.now();
        for spent in self.store.trials()? {
            join(figures_of(&spent, now));
        }
        others.into_iter().for_each(&mut join);
        let mut figures: Vec<ArmFigures> = all.into_values().collect();
        let flags = self.flags();
        let known = flags.as_ref().map_or(&[][..], |flags| &flags.experiments);
        let mut reports = Vec::new();
        for experiment in known {
            let (own, rest) = figures
                .into_iter()
                .partition(|figures| figures.experiment == experiment.name);
            figures = rest;
            reports.push(ExperimentReport {
                own_arm: self.own_arm(experiment).map(|arm| arm.name.clone()),
                ..report_of(experiment, own)
            });
        }
        // What stands in no file any more is over.
        while let Some(first) = figures.first().map(|figures| figures.experiment.clone()) {
            let (own, rest): (Vec<_>, Vec<_>) = figures
                .into_iter()
                .partition(|figures| figures.experiment == first);
            figures = rest;
            reports.push(report(first, ExperimentState::Over, 0, own, IN_USE));
        }
        Ok(ExperimentReports {
            prompt: self.assigned().told(),
            experiments: reports,
        })
    }
}

fn report_of(experiment: &Experiment, found: Vec<ArmFigures>) -> ExperimentReport {
    let state = match experiment.killed || experiment.rollout == 0 {
        true => ExperimentState::Stopped,
        false => ExperimentState::Running,
    };
    let mut arms: Vec<ArmFigures> = Vec::new();
    let (mut named, mut rest) = (found, Vec::new());
    for arm in &experiment.arms {
        let (own, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|figures| {
            figures.arm == arm.name && figures.prompt_version == arm.prompt_version
        });
        named = others;
        arms.push(own.into_iter().next().unwrap_or_else(|| ArmFigures {
            experiment: experiment.name.clone(),
            arm: arm.name.clone(),
            prompt_version: arm.prompt_version.clone(),
            ..ArmFigures::default()
        }));
    }
    // Arms as they were in a file before.
    rest.append(&mut named);
    arms.append(&mut rest);
    let name = experiment.name.clone();
    report(name, state, experiment.rollout, arms, IN_USE)
}

/// The report on these arms, each compared with the first.
pub(super) fn report(
    name: String,
    state: ExperimentState,
    rollout: u32,
    arms: Vec<ArmFigures>,
    needs: Needs,
) -> ExperimentReport {
    let verdicts = match arms.split_first() {
        Some((before, candidates)) => candidates
            .iter()
            .map(|candidate| verdict(before, candidate, needs))
            .collect(),
        None => Vec::new(),
    };
    ExperimentReport {
        name,
        state,
        rollout,
        own_arm: None,
        arms: arms.into_iter().map(arm_report).collect(),
        verdicts,
    }
}

fn arm_report(figures: ArmFigures) -> ArmReport {
    let decided = figures.decided();
    ArmReport {
        passed: share_of(figures.passed, figures.drafts),
        kept: share_of(figures.kept, decided),
        edited: share_of(figures.edited, decided),
        discarded: share_of(figures.discarded, decided),
        tokens_in: mean_of(&figures.tokens_in),
        tokens_out: mean_of(&figures.tokens_out),
        latency_ms: mean_of(&figures.latency_ms),
        cost_eur: mean_of(&figures.cost_eur),
        figures,
    }
}

fn share_of(part: u32, whole: u32) -> Option<Share> {
    share(part, whole).map(
        |Interval {
             estimate,
             low,
             high,
         }| Share {
            part,
            whole,
            share: estimate,
            low,
            high,
        },
    )
}

fn mean_of(sum: &Sum) -> Option<Mean> {
    let interval = sum.interval();
    sum.mean().map(|mean| Mean {
        n: sum.n,
        mean,
        // What is measured here is never below nothing, whatever its spread.
        low: interval.map(|interval| interval.low.max(0.0)),
        high: interval.map(|interval| interval.high),
    })
}

fn figures_of(spent: &TrialSpent, now: Timestamp) -> ArmFigures {
    let trial = &spent.trial;
    let mut figures = ArmFigures {
        experiment: trial.experiment.clone(),
        arm: trial.arm.clone(),
        prompt_version: trial.prompt_version.clone(),
        drafts: 1,
        passed: u32::from(trial.passed),
        ..ArmFigures::default()
    };
    match trial.state {
        TrialState::Undecidable => {}
        TrialState::Decided(Decision::Kept) => figures.kept = 1,
        TrialState::Decided(Decision::Edited) => figures.edited = 1,
        TrialState::Decided(Decision::Discarded) => figures.discarded = 1,
        TrialState::Open if now.duration_since(trial.at) > UNDECIDED => figures.discarded = 1,
        TrialState::Open => figures.open = 1,
    }
    figures.tokens_in.add(spent.tokens_in.into());
    figures.tokens_out.add(spent.tokens_out.into());
    figures.latency_ms.add(spent.latency_ms.into());
    if let Some(cost) = spent.cost_micro_eur {
        figures.cost_eur.add(f64::from(cost) / 1e6);
    }
    figures
}

impl ArmFigures {
    /// Texts that somebody kept or threw away.
    pub(crate) fn decided(&self) -> u32 {
        self.kept + self.edited + self.discarded
    }

    fn join(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.drafts, other.drafts),
            (&mut self.passed, other.passed),
            (&mut self.kept, other.kept),
            (&mut self.edited, other.edited),
            (&mut self.discarded, other.discarded),
            (&mut self.open, other.open),
        ] {
            *own = own.saturating_add(more);
        }
        self.tokens_in.join(&other.tokens_in);
        self.tokens_out.join(&other.tokens_out);
        self.latency_ms.join(&other.latency_ms);
        self.cost_eur.join(&other.cost_eur);
    }
}
