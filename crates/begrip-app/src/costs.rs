//! What a month took, from the ledger.

use std::collections::BTreeMap;

use begrip_store::{Asked, LedgerRow, day};

use crate::ledger::{Ledger, Tokens};
use crate::open::Core;
use crate::prepare::{BY_INDEX, BY_RULE};
use crate::routing::Task;
use crate::schema::{Costs, CostsBy, CostsRequest, CostsRow, LimitUse, RoutingSaved};
use crate::{App, ErrorCode, UserError};

impl App {
    /// What the calls of a month took, and what the cache saved.
    ///
    /// Errors: no such month.
    pub async fn costs(&self, request: CostsRequest) -> Result<Costs, UserError> {
        self.blocking(move |core| core.costs(&request)).await
    }
}

/// One row under way.
#[derive(Default)]
struct Group {
    row: CostsRow,
    micro_eur: u64,
    micro_eur_saved: u64,
    latencies: Vec<u32>,
}

impl Group {
    fn add_call(&mut self, call: &LedgerRow, is_draft: bool) {
        let row = &mut self.row;
        row.calls += 1;
        row.unpriced += u32::from(!call.priced);
        row.tokens_in += f64::from(call.tokens_in);
        row.tokens_out += f64::from(call.tokens_out);
        row.tokens_cached += f64::from(call.tokens_cached);
        self.micro_eur += u64::from(call.cost_micro_eur);
        match call.outcome.as_str() {
            "ok" if is_draft => self.latencies.push(call.latency_ms),
            "ok" | begrip_store::UNDER_WAY => {}
            _ => row.failed += 1,
        }
    }

    fn add_asked(&mut self, asked: &Asked, is_draft: bool) {
        let row = &mut self.row;
        if is_draft {
            row.questions += asked.questions;
            if matches!(
                asked.fate.as_str(),
                "memory" | "disk" | "stale" | "coalesced"
            ) {
                row.saved += asked.questions;
            }
        }
        row.tokens_saved += asked.tokens_in as f64 + asked.tokens_out as f64;
        self.micro_eur_saved += asked.cost_micro_eur;
    }

    fn done(mut self, name: String) -> CostsRow {
        self.latencies.sort_unstable();
        CostsRow {
            name,
            cost_eur: self.micro_eur as f64 / 1e6,
            eur_saved: self.micro_eur_saved as f64 / 1e6,
            latency_p50_ms: percentile(&self.latencies, 50),
            latency_p95_ms: percentile(&self.latencies, 95),
            ..self.row
        }
    }
}

/// Whether a task's questions are what the user asked: one for each draft, and one for each other
/// version of it. A repair and a question that prepares one are part of it, and an experiment is
/// nobody's draft.
pub(crate) fn is_draft(task: &str) -> bool {
    [Task::Define, Task::Refine]
        .iter()
        .any(|of_user| of_user.name() == task)
}

/// What other models than the main one took, and what rules and index decided.
#[derive(Default)]
struct Routed {
    saved: RoutingSaved,
    micro_eur_models: Option<f64>,
    micro_eur_small: u64,
    small_priced: u32,
}

impl Routed {
    fn add_call(&mut self, call: &LedgerRow, main: &str, ledger: &Ledger) {
        if call.task == Task::Prepare.name() {
            self.saved.small_calls += 1;
            self.small_priced += u32::from(call.priced);
            self.micro_eur_small += u64::from(call.cost_micro_eur);
        }
        let part = [Task::Repair, Task::Prepare];
        let routed = is_draft(&call.task) || part.iter().any(|task| task.name() == call.task);
        if call.model == main || !routed {
            return;
        }
        self.saved.other_models += 1;
        let tokens = Tokens {
            sent: call.tokens_in,
            cached: call.tokens_cached,
            received: call.tokens_out,
        };
        if let Some(eur) = ledger.eur(main, tokens).filter(|_| call.priced) {
            let less = eur * 1e6 - f64::from(call.cost_micro_eur);
            *self.micro_eur_models.get_or_insert(0.0) += less;
        }
    }

    /// Whether it was a question that took no model.
    fn add_decided(&mut self, asked: &Asked) -> bool {
        let count = match asked.fate.as_str() {
            BY_RULE => &mut self.saved.by_rule,
            BY_INDEX => &mut self.saved.by_index,
            _ => return false,
        };
        *count += asked.questions;
        true
    }

    fn done(self) -> RoutingSaved {
        let decided = f64::from(self.saved.by_rule + self.saved.by_index);
        let each = (self.small_priced > 0)
            .then(|| self.micro_eur_small as f64 / f64::from(self.small_priced));
        RoutingSaved {
            eur_models: self.micro_eur_models.map(|micro| micro / 1e6),
            eur_decided: each.map(|each| each * decided / 1e6),
            ..self.saved
        }
    }
}

/// The nearest rank.
fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

impl Core {
    pub(crate) fn costs(&self, request: &CostsRequest) -> Result<Costs, UserError> {
        self.ledger.write_down()?;
        let today = day(self.clock.now());
        let month = match &request.month {
            None => month_of(&today),
            Some(month) if is_month(month) => month.clone(),
            Some(month) => return Err(UserError::new(ErrorCode::MonthUnknown, month)),
        };
        let (first, last) = (format!("{month}-01"), format!("{month}-31"));
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut total = Group::default();
        let mut routed = Routed::default();
        let main = self.effective_model().model;
        self.store.calls(&first, &last, |call| {
            routed.add_call(&call, &main, &self.ledger);
            let name = match request.by {
                CostsBy::Day => day(call.at),
                CostsBy::Model => call.model.clone(),
                CostsBy::Task => call.task.clone(),
                CostsBy::Prompt => call.prompt_version.clone(),
                CostsBy::Arm => call.arm.clone(),
            };
            let is_draft = is_draft(&call.task);
            let in_row = is_draft || request.by == CostsBy::Task;
            groups.entry(name).or_default().add_call(&call, in_row);
            total.add_call(&call, is_draft);
        })?;
        for asked in self.store.asked(&first, &last)? {
            // What needed no model is no question to one.
            if routed.add_decided(&asked) {
                continue;
            }
            let name = match request.by {
                CostsBy::Day => &asked.day,
                CostsBy::Model => &asked.model,
                CostsBy::Task => &asked.task,
                CostsBy::Prompt => &asked.prompt_version,
                CostsBy::Arm => &asked.arm,
            };
            let is_draft = is_draft(&asked.task);
            let in_row = is_draft || request.by == CostsBy::Task;
            groups
                .entry(name.clone())
                .or_default()
                .add_asked(&asked, in_row);
            total.add_asked(&asked, is_draft);
        }
        Ok(Costs {
            by: request.by,
            rows: groups
                .into_iter()
                .map(|(name, group)| group.done(name))
                .collect(),
            total: total.done(String::new()),
            limits: self.limits(&today)?,
            routing: routed.done(),
            month,
        })
    }

    /// How much of each limit is used.
    fn limits(&self, today: &str) -> Result<Vec<LimitUse>, UserError> {
        let month = month_of(today);
        let of_day = self.store.calls_between(today, today)?;
        let of_month = self
            .store
            .calls_between(&format!("{month}-01"), &format!("{month}-31"))?;
        let budgets = self.settings().budgets;
        let tokens = |sum: begrip_store::LedgerSum| (sum.tokens_in + sum.tokens_out) as f64;
        let eur = |sum: begrip_store::LedgerSum| sum.cost_micro_eur as f64 / 1e6;
        let limits = [
            (
                "tokens_per_day",
                tokens(of_day),
                f64::from(budgets.tokens_per_day),
            ),
            ("eur_per_day", eur(of_day), budgets.eur_per_day),
            (
                "tokens_per_month",
                tokens(of_month),
                f64::from(budgets.tokens_per_month),
            ),
            ("eur_per_month", eur(of_month), budgets.eur_per_month),
        ];
        Ok(limits
            .into_iter()
            .filter(|(_, _, allowed)| *allowed > 0.0)
            .map(|(name, used, allowed)| LimitUse {
                name: name.to_owned(),
                used,
                allowed,
            })
            .collect())
    }
}

/// The month of a day: `YYYY-MM`.
pub(crate) fn month_of(day: &str) -> String {
    day.get(..7).unwrap_or_default().to_owned()
}

/// `YYYY-MM`.
fn is_month(text: &str) -> bool {
    let date = format!("{text}-01");
    text.len() == 7 && date.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 95), Some(7));
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 50), Some(50));
        assert_eq!(percentile(&hundred, 95), Some(95));
    }
}
