//! What calls take and questions save: each call written down before it leaves, within the limits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use begrip_llm::{CallObserver, CallPlan, CallReport, Limit, LlmError, QuestionReport, Ticket};
use begrip_rules::{Level, Report};
use begrip_store::{Admission, Allowance, Asked, FailedRule, LedgerRow, Store, StoreError, day};
use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::open::lock;
use crate::routing::Task;
use crate::schema::{Budgets, ModelPrice, Settings};
use crate::workplace::small;

/// Tokens that an answer may have where nobody said so.
const LONGEST_ANSWER: u32 = 4_096;

/// How long questions are gathered before they are written down: a hit costs no write.
const GATHERED: Duration = Duration::from_secs(1);

/// The longest wait before what could not be written down is tried again.
const TRIED_AGAIN: Duration = Duration::from_secs(300);

/// The ledger of this home, shared with the model client.
pub(crate) struct Ledger {
    store: Arc<Store>,
    rules: RwLock<Rules>,
    gathered: Mutex<Gathered>,
    /// Held by whoever writes down.
    writing: Mutex<()>,
    /// What was saved since the program began, for each organisation.
    saved: Mutex<BTreeMap<String, Saved>>,
    own: Weak<Self>,
    #[cfg(test)]
    panics: tests::Panics,
}

/// What questions without a call would have cost.
#[derive(Clone, Copy, Debug, Default)]
struct Saved {
    micro_eur: u64,
    /// Some of them were of a model that has a price.
    priced: bool,
}

/// What is not written down yet.
#[derive(Default)]
struct Gathered {
    asked: Vec<Asked>,
    failed: Vec<FailedRule>,
    /// Who writes it down soon. One that ended in whatever way, with its runtime or by a panic, writes no more.
    writer: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Rules {
    prices: Vec<ModelPrice>,
    allowance: Allowance,
}

/// Tokens of one call, or of several together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tokens {
    pub sent: u32,
    /// Those of `sent` that the provider had in its own cache.
    pub cached: u32,
    pub received: u32,
}

impl From<begrip_llm::Usage> for Tokens {
    fn from(usage: begrip_llm::Usage) -> Self {
        Self {
            sent: usage.tokens_in,
            cached: usage.tokens_cached,
            received: usage.tokens_out,
        }
    }
}

/// What a draft took: calls, tokens, and euro when every model of them has a price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub calls: u32,
    pub tokens_in: u32,
    pub tokens_out: u32,
    pub eur: Option<f64>,
}

impl Ledger {
    /// What all calls for a request took, by their rows: each attempt, each model that was tried, and
    /// the repair.
    pub fn spent(&self, request_id: &str) -> Result<Spent, StoreError> {
        let (sum, priced) = self.store.calls_for(request_id)?;
        Ok(Spent {
            calls: sum.calls,
            tokens_in: small(sum.tokens_in),
            tokens_out: small(sum.tokens_out),
            eur: priced.then(|| sum.cost_micro_eur as f64 / 1e6),
        })
    }

    pub fn new(store: &Arc<Store>, settings: &Settings) -> Arc<Self> {
        let ledger = Arc::new_cyclic(|own| Self {
            store: Arc::clone(store),
            rules: RwLock::default(),
            gathered: Mutex::default(),
            writing: Mutex::default(),
            saved: Mutex::default(),
            own: Weak::clone(own),
            #[cfg(test)]
            panics: tests::Panics::default(),
        });
        ledger.go_by(settings);
        ledger
    }

    /// Goes by these prices and limits from now on.
    pub fn go_by(&self, settings: &Settings) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Rules {
            prices: settings.prices.models.clone(),
            allowance: allowance(&settings.budgets),
        };
    }

    /// What these tokens cost, in euro; none when the model has no price.
    pub fn eur(&self, model: &str, tokens: Tokens) -> Option<f64> {
        self.micro_eur(model, tokens).map(|micro| micro / 1e6)
    }

    fn micro_eur(&self, model: &str, tokens: Tokens) -> Option<f64> {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        price_of(&rules.prices, model).map(|price| micro_eur(price, tokens))
    }

    /// A row's cost and whether it had a price.
    fn cost(&self, model: &str, tokens: Tokens) -> (u32, bool) {
        match self.micro_eur(model, tokens) {
            // More than 4,000 euro for one call cannot be.
            Some(micro) => (micro.round().clamp(0.0, f64::from(u32::MAX)) as u32, true),
            None => (0, false),
        }
    }

    /// Euro that questions without a call saved since the program began, of one organisation or of
    /// all: the same sums as [`Core::costs`] tells of a month. None when no model of them has a price.
    pub fn eur_saved(&self, organisation: Option<&str>) -> Option<f64> {
        let saved = lock(&self.saved);
        let priced = saved
            .iter()
            .filter(|(name, saved)| saved.priced && organisation.is_none_or(|one| one == *name))
            .map(|(_, saved)| saved.micro_eur);
        priced
            .reduce(|one, other| one + other)
            .map(|micro| micro as f64 / 1e6)
    }

    /// Writes down the questions that were gathered. Error: a store that takes no writes; what could
    /// not be written down waits for the next time.
    pub fn write_down(&self) -> Result<(), StoreError> {
        // What another thread has in hand is written down, or waiting again, before this one looks.
        let _writing = lock(&self.writing);
        let mut asked = InHand::take(self, |gathered| &mut gathered.asked);
        if !asked.rows.is_empty() {
            #[cfg(test)]
            self.panics.fall();
            self.store.add_asked(&asked.rows)?;
            asked.rows.clear();
        }
        let mut failed = InHand::take(self, |gathered| &mut gathered.failed);
        if !failed.rows.is_empty() {
            self.store.add_failed_rules(&failed.rows)?;
            failed.rows.clear();
        }
        Ok(())
    }

    /// Counts a question that took no model: `rule` or `index` says who answered it.
    pub fn count_decided(&self, by: &str, at: Timestamp) {
        let today = day(at);
        let mut gathered = lock(&self.gathered);
        let known = gathered
            .asked
            .iter()
            .position(|some| some.fate == by && some.day == today);
        match known {
            Some(at) => gathered.asked[at].questions += 1,
            None => gathered.asked.push(Asked {
                day: today,
                fate: by.to_owned(),
                task: Task::Prepare.name().to_owned(),
                questions: 1,
                ..Asked::default()
            }),
        }
        self.write_down_soon(&mut gathered);
    }

    /// Counts the rules that fail in a new draft, as the model wrote it.
    pub fn count_failures(&self, report: &Report, at: Timestamp) {
        let today = day(at);
        let mut gathered = lock(&self.gathered);
        for finding in report.failures() {
            let level = level_name(finding.level);
            let known = gathered.failed.iter_mut().find(|one| {
                one.rule == finding.rule.as_str()
                    && one.day == today
                    && one.level == level
                    && one.pack_version == report.pack_version
            });
            match known {
                Some(one) => one.drafts += 1,
                None => gathered.failed.push(FailedRule {
                    day: today.clone(),
                    rule: finding.rule.to_string(),
                    level: level.to_owned(),
                    pack_version: report.pack_version.clone(),
                    drafts: 1,
                }),
            }
            self.write_down_soon(&mut gathered);
        }
    }

    /// Has what is gathered written down in a moment, until nothing is left; one at a time does so.
    fn write_down_soon(&self, gathered: &mut Gathered) {
        let writes = |writer: &JoinHandle<()>| !writer.is_finished();
        if gathered.writer.as_ref().is_some_and(writes) {
            return;
        }
        // Outside a runtime they wait for whoever writes down next.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let own = Weak::clone(&self.own);
        gathered.writer = Some(runtime.spawn(async move {
            let mut wait = GATHERED;
            loop {
                tokio::time::sleep(wait).await;
                let Some(own) = own.upgrade() else {
                    return;
                };
                let written = tokio::task::spawn_blocking(move || {
                    own.write_down()?;
                    Ok::<_, StoreError>(own.is_written_down())
                });
                let failure = match written.await {
                    Ok(Ok(true)) => return,
                    Ok(Ok(false)) => None,
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(error) if error.is_panic() => Some("panic".to_owned()),
                    // The runtime ends.
                    Err(_) => return,
                };
                wait = match failure {
                    None => GATHERED,
                    Some(error) => {
                        tracing::error!(error, "questions could not be written down");
                        (wait * 2).min(TRIED_AGAIN)
                    }
                };
            }
        }));
    }

    /// Whether nothing came meanwhile; if so, whoever counts next has it written down anew.
    fn is_written_down(&self) -> bool {
        let mut gathered = lock(&self.gathered);
        let nothing_left = gathered.asked.is_empty() && gathered.failed.is_empty();
        if nothing_left {
            gathered.writer = None;
        }
        nothing_left
    }
}

/// Rows that are being written down; those that are not, also because of a panic, wait again.
struct InHand<'a, T> {
    ledger: &'a Ledger,
    of: fn(&mut Gathered) -> &mut Vec<T>,
    rows: Vec<T>,
}

impl<'a, T> InHand<'a, T> {
    fn take(ledger: &'a Ledger, of: fn(&mut Gathered) -> &mut Vec<T>) -> Self {
        let rows = std::mem::take(of(&mut lock(&ledger.gathered)));
        Self { ledger, of, rows }
    }
}

impl<T> Drop for InHand<'_, T> {
    fn drop(&mut self) {
        if !self.rows.is_empty() {
            // The store adds rows of one name up, whichever of them came first.
            (self.of)(&mut lock(&self.ledger.gathered)).append(&mut self.rows);
        }
    }
}

impl CallObserver for Ledger {
    fn admit(&self, plan: &CallPlan) -> Result<Ticket, LlmError> {
        let tokens = Tokens {
            sent: plan.tokens_in,
            cached: 0,
            received: plan.tokens_out.unwrap_or(LONGEST_ANSWER),
        };
        let (cost_micro_eur, priced) = self.cost(&plan.model, tokens);
        let row = LedgerRow {
            at: plan.at,
            request_id: plan.request_id.clone(),
            attempt: plan.attempt,
            task: plan.task.to_owned(),
            model: plan.model.clone(),
            tokens_in: tokens.sent,
            tokens_out: tokens.received,
            counted_here: true,
            cost_micro_eur,
            priced,
            prompt_version: plan.scope.prompt_version.clone(),
            pack_version: plan.scope.pack_version.clone(),
            arm: plan.scope.arm.clone(),
            organisation: plan.scope.organisation.clone(),
            ..LedgerRow::default()
        };
        let allowance = self
            .rules
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .allowance;
        match self.store.begin_call(&row, &allowance) {
            Ok(Admission::Admitted(number)) => Ok(number),
            Ok(Admission::OverCall) => Err(LlmError::OverLimit(Limit::Call)),
            Ok(Admission::OverDay) => Err(LlmError::OverLimit(Limit::Day)),
            Ok(Admission::OverMonth) => Err(LlmError::OverLimit(Limit::Month)),
            // Without a limit a ledger that cannot be written keeps nobody from working.
            Err(error) if allowance == Allowance::default() => {
                tracing::error!(%error, "a call could not be written down");
                Ok(Ticket::default())
            }
            Err(error) => Err(LlmError::LedgerAway(error.to_string())),
        }
    }

    fn observe(&self, report: &CallReport) {
        let usage = report.usage;
        let (cost_micro_eur, priced) = self.cost(&report.model_asked, usage.into());
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let row = LedgerRow {
            at: report.started_at,
            request_id: report.request_id.clone(),
            attempt: report.attempt,
            task: report.task.to_owned(),
            model: report.model_asked.clone(),
            outcome: report.outcome.to_owned(),
            tokens_in: usage.tokens_in,
            tokens_out: usage.tokens_out,
            tokens_cached: usage.tokens_cached,
            counted_here: usage.counted_here,
            cost_micro_eur,
            priced,
            latency_ms: ms(report.latency),
            first_ms: report.first_piece.map(ms),
            prompt_version: report.scope.prompt_version.clone(),
            pack_version: report.scope.pack_version.clone(),
            arm: report.scope.arm.clone(),
            organisation: report.scope.organisation.clone(),
        };
        if let Err(error) = self.store.end_call(report.ticket, &row) {
            tracing::error!(%error, "the end of a call could not be written down");
        }
    }

    fn question(&self, report: &QuestionReport<'_>) {
        // One question, whichever model answers it.
        if report.passed_on {
            return;
        }
        let request = report.request;
        let (cost, priced) = self.cost(&request.model, report.saved.into());
        if report.saved != begrip_llm::Usage::default() {
            let mut all = lock(&self.saved);
            let saved = all.entry(request.scope.organisation.clone()).or_default();
            saved.micro_eur += u64::from(cost);
            saved.priced |= priced;
        }
        let (today, fate) = (day(report.at), report.fate.as_str());
        let mut waiting = lock(&self.gathered);
        let gathered = &mut waiting.asked;
        let known = gathered.iter().position(|some| {
            some.fate == fate
                && some.day == today
                && some.task == request.task
                && some.model == request.model
                && some.prompt_version == request.scope.prompt_version
                && some.arm == request.scope.arm
                && some.organisation == request.scope.organisation
        });
        let at = known.unwrap_or_else(|| {
            gathered.push(Asked {
                day: today,
                fate: fate.to_owned(),
                task: request.task.to_owned(),
                model: request.model.clone(),
                prompt_version: request.scope.prompt_version.clone(),
                arm: request.scope.arm.clone(),
                organisation: request.scope.organisation.clone(),
                ..Asked::default()
            });
            gathered.len() - 1
        });
        let some = &mut gathered[at];
        some.questions += 1;
        some.tokens_in += u64::from(report.saved.tokens_in);
        some.tokens_out += u64::from(report.saved.tokens_out);
        some.cost_micro_eur += u64::from(cost);
        self.write_down_soon(&mut waiting);
    }
}

/// The stable name of a level.
pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Blocking => "blocking",
        Level::Serious => "serious",
        Level::Advice => "advice",
    }
}

/// The price of a model: by its own name, else by the longest name with a star that fits.
fn price_of<'p>(prices: &'p [ModelPrice], model: &str) -> Option<&'p ModelPrice> {
    let model = model.trim().to_lowercase();
    let named = |price: &&ModelPrice| price.model.trim().to_lowercase() == model;
    let starred = |price: &&ModelPrice| {
        let name = price.model.trim().to_lowercase();
        name.strip_suffix('*')
            .is_some_and(|beginning| model.starts_with(beginning))
    };
    let longest = |price: &&ModelPrice| price.model.trim().len();
    prices
        .iter()
        .find(named)
        .or_else(|| prices.iter().filter(starred).max_by_key(longest))
}

/// A euro for a million tokens is a millionth of a euro for one.
fn micro_eur(price: &ModelPrice, tokens: Tokens) -> f64 {
    let cached = tokens.cached.min(tokens.sent);
    let for_cached = price
        .eur_per_million_cached
        .unwrap_or(price.eur_per_million_in);
    f64::from(tokens.sent - cached) * price.eur_per_million_in
        + f64::from(cached) * for_cached
        + f64::from(tokens.received) * price.eur_per_million_out
}

fn allowance(budgets: &Budgets) -> Allowance {
    let micro = |eur: f64| (eur * 1e6).round().max(0.0) as u64;
    Allowance {
        micro_eur_per_call: micro(budgets.eur_per_call),
        tokens_per_day: budgets.tokens_per_day.into(),
        micro_eur_per_day: micro(budgets.eur_per_day),
        tokens_per_month: budgets.tokens_per_month.into(),
        micro_eur_per_month: micro(budgets.eur_per_month),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// How often writing down still panics, and how often it did.
    #[derive(Default)]
    pub struct Panics {
        to_come: AtomicU32,
        fallen: AtomicU32,
    }

    impl Panics {
        pub fn fall(&self) {
            let left = |left: u32| left.checked_sub(1);
            let found = self
                .to_come
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left);
            if found.is_ok() {
                self.fallen.fetch_add(1, Ordering::SeqCst);
                panic!("as a fault of the program would");
            }
        }
    }

    /// A ledger on a store of its own, which goes with the folder.
    fn ledger() -> (tempfile::TempDir, Arc<Ledger>) {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        (folder, Ledger::new(&Arc::new(store), &Settings::default()))
    }

    /// Questions that are on the disk.
    fn on_disk(ledger: &Ledger) -> u32 {
        let rows = ledger.store.asked("1970-01-01", "1970-01-02").unwrap();
        rows.iter().map(|row| row.questions).sum()
    }

    /// Waits until so many questions are on the disk.
    async fn until_on_disk(ledger: &Ledger, questions: u32) {
        for _ in 0..600 {
            if on_disk(ledger) == questions {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} of {questions}", on_disk(ledger));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_in_writing_down_loses_no_question_and_ends_no_writing() {
        let (_folder, ledger) = ledger();
        ledger.panics.to_come.store(1, Ordering::SeqCst);
        ledger.count_decided("rule", Timestamp::UNIX_EPOCH);
        // Nobody else counts or looks: it is tried again by itself.
        until_on_disk(&ledger, 1).await;
        assert_eq!(ledger.panics.fallen.load(Ordering::SeqCst), 1);
        // Where whoever asks for the figures meets the panic, what it had in hand waits again.
        ledger.count_decided("rule", Timestamp::UNIX_EPOCH);
        ledger.panics.to_come.store(1, Ordering::SeqCst);
        let own = Arc::clone(&ledger);
        let met = tokio::task::spawn_blocking(move || own.write_down()).await;
        assert!(met.is_err_and(|error| error.is_panic()));
        until_on_disk(&ledger, 2).await;
    }

    #[test]
    fn a_writer_that_went_with_its_runtime_is_followed_by_another() {
        let (_folder, ledger) = ledger();
        let runtime = || tokio::runtime::Runtime::new().unwrap();
        // Gone before it has written anything.
        runtime().block_on(async { ledger.count_decided("rule", Timestamp::UNIX_EPOCH) });
        assert_eq!(on_disk(&ledger), 0);
        runtime().block_on(async {
            ledger.count_decided("rule", Timestamp::UNIX_EPOCH);
            until_on_disk(&ledger, 2).await;
        });
    }

    #[test]
    fn what_the_provider_remembered_costs_its_own_price() {
        let mut price = ModelPrice {
            model: "m".to_owned(),
            eur_per_million_in: 2.0,
            eur_per_million_out: 10.0,
            eur_per_million_cached: Some(0.5),
        };
        let tokens = |sent, cached, received| Tokens {
            sent,
            cached,
            received,
        };
        assert_eq!(micro_eur(&price, tokens(100, 0, 30)), 500.0);
        assert_eq!(micro_eur(&price, tokens(100, 60, 30)), 410.0);
        // A server that tells more of them than were sent does not make a call cheaper than free.
        assert_eq!(micro_eur(&price, tokens(100, 900, 0)), 50.0);
        price.eur_per_million_cached = None;
        assert_eq!(micro_eur(&price, tokens(100, 60, 30)), 500.0);
    }

    #[test]
    fn a_price_is_found_by_name_and_else_by_the_longest_star() {
        let prices: Vec<_> = ["gpt-4o", "gpt-*", "gpt-4o-mini*", "Mistral "]
            .map(|model| ModelPrice {
                model: model.to_owned(),
                ..ModelPrice::default()
            })
            .into();
        for (model, found) in [
            ("gpt-4o", Some("gpt-4o")),
            ("GPT-4o", Some("gpt-4o")),
            ("gpt-4o-2024-08-06", Some("gpt-*")),
            ("gpt-4o-mini-2024", Some("gpt-4o-mini*")),
            ("mistral", Some("Mistral ")),
            ("mistral-large", None),
            ("", None),
        ] {
            let price = price_of(&prices, model).map(|price| price.model.as_str());
            assert_eq!(price, found, "{model}");
        }
    }
}
