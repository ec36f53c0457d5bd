//! How the program is used: what questions came to, which rules fail, what is stored.

use std::collections::BTreeMap;

use begrip_store::day;

use crate::costs::{is_draft, month_of};
use crate::open::Core;
use crate::schema::{
    CostsBy, CostsRequest, Insight, InsightRequest, NamedCount, RuleFailures, StorageUse, WorkNow,
};
use crate::{App, UserError};

impl App {
    /// How the program is used in a month.
    ///
    /// Errors: no such month.
    pub async fn insight(&self, request: InsightRequest) -> Result<Insight, UserError> {
        self.blocking(move |core| core.insight(request)).await
    }
}

impl Core {
    fn insight(&self, request: InsightRequest) -> Result<Insight, UserError> {
        let costs = self.costs(&CostsRequest {
            month: request.month,
            by: CostsBy::Day,
        })?;
        let (first, last) = (format!("{}-01", costs.month), format!("{}-31", costs.month));
        let mut fates: BTreeMap<String, u32> = BTreeMap::new();
        let asked = self.store.asked(&first, &last)?;
        for asked in asked.into_iter().filter(|asked| is_draft(&asked.task)) {
            *fates.entry(asked.fate).or_default() += asked.questions;
        }
        let this_month = month_of(&day(self.clock.now()));
        let mut months = self.store.ledger_months()?;
        // Also those without a call: whoever looks at one can go to the other.
        months.extend([costs.month.clone(), this_month.clone()]);
        months.sort_unstable_by(|one, other| other.cmp(one));
        months.dedup();
        Ok(Insight {
            fates: fates
                .into_iter()
                .map(|(name, count)| NamedCount { name, count })
                .collect(),
            failures: self.failures(&first, &last)?,
            storage: self.storage(),
            work: self.work()?,
            months,
            this_month,
            costs,
        })
    }

    fn failures(&self, first: &str, last: &str) -> Result<Vec<RuleFailures>, UserError> {
        let pack = self.pack();
        let mut found: BTreeMap<(String, String), u32> = BTreeMap::new();
        for failed in self.store.failed_rules(first, last)? {
            *found.entry((failed.rule, failed.level)).or_default() += failed.drafts;
        }
        let mut failures: Vec<RuleFailures> = found
            .into_iter()
            .map(|((rule, level), drafts)| RuleFailures {
                title: pack
                    .rule(&rule)
                    .map(|rule| rule.file().title.clone())
                    .unwrap_or_default(),
                rule,
                level,
                drafts,
            })
            .collect();
        failures.sort_by_key(|failed| std::cmp::Reverse(failed.drafts));
        Ok(failures)
    }

    fn work(&self) -> Result<WorkNow, UserError> {
        let work = self.store.work()?;
        Ok(WorkNow {
            jobs_running: work.jobs_running,
            rows_waiting: work.rows_waiting,
            drafts_waiting: work.drafts_waiting,
        })
    }

    fn storage(&self) -> Vec<StorageUse> {
        let [concepts, answers, backups] = self.store.bytes_on_disk();
        let stats = self.model.stats();
        let of = |name: &str, bytes: u64, limit: Option<u64>| StorageUse {
            name: name.to_owned(),
            bytes: bytes as f64,
            limit: limit.map(|limit| limit as f64),
        };
        vec![
            of("concepts", concepts, None),
            of("backups", backups, None),
            of("answers", answers, stats.disk.map(|disk| disk.limit)),
            of("memory", stats.memory.bytes, Some(stats.memory.limit)),
        ]
    }
}
