//! What is spent: set aside before a call, settled after it, counted where none was needed.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use begrip_llm::{
    CallObserver, CallPlan, CallReport, Limit, LlmError, QuestionReport, Ticket, Usage,
};
use deadpool_postgres::Pool;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::plan::Prices;

/// What is set aside for an answer of which nobody said how long it may be.
const USUAL_ANSWER: u32 = 2_000;

/// How often questions that made no call are written down.
const PAUSE: Duration = Duration::from_secs(2);

/// Questions, tokens and millionths of a euro.
type Sum = [i64; 3];

/// Sums by organisation, model and what became of the questions.
type Counts = HashMap<String, HashMap<(String, &'static str), Sum>>;

/// What all upstreams write into.
pub struct Ledger {
    pool: Pool,
    pub prices: Prices,
    counts: Mutex<Counts>,
}

impl Ledger {
    /// In this database.
    pub fn new(pool: Pool, prices: Prices) -> Self {
        Self {
            pool,
            prices,
            counts: Mutex::default(),
        }
    }

    async fn reserve(&self, upstream: &str, plan: &CallPlan) -> anyhow::Result<i64> {
        let most = Usage {
            tokens_in: plan.tokens_in,
            tokens_out: plan.tokens_out.unwrap_or(USUAL_ANSWER),
            ..Usage::default()
        };
        let client = self.pool.get().await?;
        let account = Uuid::parse_str(&plan.account).ok();
        let row = client
            .query_one(
                "SELECT reserve_call($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &plan.scope.organisation,
                    &account,
                    &upstream,
                    &plan.model,
                    &plan.request_id,
                    &whole(most.tokens_in),
                    &whole(most.tokens_out),
                    &self.prices.of(&plan.model, most),
                ],
            )
            .await?;
        Ok(row.get(0))
    }

    async fn settle(&self, report: &CallReport) -> anyhow::Result<()> {
        let client = self.pool.get().await?;
        let usage = report.usage;
        let ms = i32::try_from(report.latency.as_millis()).unwrap_or(i32::MAX);
        client
            .execute(
                "SELECT settle_call($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &report.scope.organisation,
                    &report.ticket,
                    &whole(usage.tokens_in),
                    &whole(usage.tokens_out),
                    &whole(usage.tokens_cached),
                    &self.prices.of(&report.model_asked, usage),
                    &ms,
                    &report.outcome,
                ],
            )
            .await?;
        Ok(())
    }

    fn count(&self, question: &QuestionReport<'_>) {
        let micros = self.prices.of(&question.request.model, question.saved);
        let tokens = i64::from(question.saved.tokens_in) + i64::from(question.saved.tokens_out);
        let organisation = &question.request.scope.organisation;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(organisation) {
            counts.insert(organisation.clone(), HashMap::new());
        }
        let Some(own) = counts.get_mut(organisation) else {
            return;
        };
        let place = (question.request.model.clone(), question.fate.as_str());
        let sum = own.entry(place).or_default();
        for (sum, more) in sum.iter_mut().zip([1, tokens, micros]) {
            *sum += more;
        }
    }

    /// Writes the counts down. What cannot be written is tried again with the next.
    pub async fn flush(&self) {
        let counts = take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        let mut left = Vec::new();
        for (organisation, own) in counts {
            for ((model, fate), sum) in own {
                if let Err(error) = self.write(&organisation, &model, fate, sum).await {
                    tracing::warn!(%error, "questions cannot be counted");
                    left.push((organisation.clone(), model, fate, sum));
                }
            }
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (organisation, model, fate, sum) in left {
            let own = counts.entry(organisation).or_default();
            let now = own.entry((model, fate)).or_default();
            for (now, more) in now.iter_mut().zip(sum) {
                *now += more;
            }
        }
    }

    async fn write(
        &self,
        organisation: &str,
        model: &str,
        fate: &str,
        [questions, tokens, micros]: Sum,
    ) -> anyhow::Result<()> {
        let client = self.pool.get().await?;
        let statement = "SELECT count_questions($1, $2, $3, $4, $5, $6)";
        client
            .execute(
                statement,
                &[&organisation, &model, &fate, &questions, &tokens, &micros],
            )
            .await?;
        Ok(())
    }

    /// Writes counts down every now and then, until `stop`.
    pub async fn keep_writing(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => self.flush().await,
            }
        }
    }
}

fn whole(tokens: u32) -> i32 {
    i32::try_from(tokens).unwrap_or(i32::MAX)
}

/// The ledger as one upstream sees it.
pub struct Book {
    pub ledger: Arc<Ledger>,
    pub upstream: String,
    pub runtime: Handle,
}

impl CallObserver for Book {
    fn admit(&self, plan: &CallPlan) -> Result<Ticket, LlmError> {
        // Called on a thread that may wait.
        match self
            .runtime
            .block_on(self.ledger.reserve(&self.upstream, plan))
        {
            Ok(-1) => Err(LlmError::OverLimit(Limit::Day)),
            Ok(-2) => Err(LlmError::OverLimit(Limit::Month)),
            Ok(ticket) => Ok(ticket),
            Err(error) => Err(LlmError::LedgerAway(error.to_string())),
        }
    }

    fn observe(&self, report: &CallReport) {
        if let Err(error) = self.runtime.block_on(self.ledger.settle(report)) {
            // What was set aside stays set aside: rather too much than too little.
            tracing::error!(%error, "a call cannot be settled");
        }
    }

    fn question(&self, question: &QuestionReport<'_>) {
        // What is put to another upstream is counted there.
        if !question.passed_on {
            self.ledger.count(question);
        }
    }
}
