//! One row for each call to a model, written down before the call leaves; and what questions came to.
//!
//! A row begins as `under_way` with the most that the call may take, and is set to what it took when
//! the call has ended. So a limit holds for all programs on one file, whatever they ask at one time,
//! and a call that a program did not live to see the end of is not forgotten.

use jiff::Timestamp;
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::{Store, StoreError, queries};

/// One call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LedgerRow {
    /// When it began.
    pub at: Timestamp,
    /// The request that it was made for; the attempts of a question share it.
    pub request_id: String,
    /// 1 for the first call of a question.
    pub attempt: u32,
    /// What it was for: `define`, `repair` …
    pub task: String,
    /// The model that was asked.
    pub model: String,
    /// How it ended: `ok`, or the name of the failure.
    pub outcome: String,
    /// Tokens sent.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// Those of `tokens_in` that the provider took from its own cache.
    pub tokens_cached: u32,
    /// The server did not tell the tokens: they were counted here.
    pub counted_here: bool,
    /// Cost in millionths of a euro.
    pub cost_micro_eur: u32,
    /// The model had a price.
    pub priced: bool,
    /// From the request to its end, in milliseconds.
    pub latency_ms: u32,
    /// From the request to the first piece of text, in milliseconds, if there was one.
    pub first_ms: Option<u32>,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// Arm of an experiment; empty when there is none.
    pub arm: String,
    /// The organisation that asked.
    pub organisation: String,
}

/// How a call stands whose end has not been written down.
pub const UNDER_WAY: &str = "under_way";

/// What calls may take at most; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Millionths of a euro for one call.
    pub micro_eur_per_call: u64,
    /// Tokens, sent and received, of a day.
    pub tokens_per_day: u64,
    /// Millionths of a euro of a day.
    pub micro_eur_per_day: u64,
    /// Tokens of a month.
    pub tokens_per_month: u64,
    /// Millionths of a euro of a month.
    pub micro_eur_per_month: u64,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, under this number.
    Admitted(i64),
    /// One call may not take that much.
    OverCall,
    /// The day has no room for it.
    OverDay,
    /// The month has no room for it.
    OverMonth,
}

/// The sum of some calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerSum {
    /// How many.
    pub calls: u32,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// Cost in millionths of a euro.
    pub cost_micro_eur: u64,
}

/// What became of a number of questions of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `YYYY-MM-DD`, UTC.
    pub day: String,
    /// What became of them: `memory`, `disk`, `miss` …
    pub fate: String,
    /// What they were for.
    pub task: String,
    /// The model that was asked for.
    pub model: String,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Arm of an experiment.
    pub arm: String,
    /// The organisation that asked.
    pub organisation: String,
    /// How many.
    pub questions: u32,
    /// Tokens that were not sent again.
    pub tokens_in: u64,
    /// Tokens that were not made again.
    pub tokens_out: u64,
    /// What that would have cost, in millionths of a euro.
    pub cost_micro_eur: u64,
}

impl Store {
    /// Writes down a call that is about to be made, with the most that it may take, if the limits
    /// leave room for it beside all that was taken and is under way.
    pub fn begin_call(
        &self,
        row: &LedgerRow,
        allowance: &Allowance,
    ) -> Result<Admission, StoreError> {
        let tokens = u64::from(row.tokens_in) + u64::from(row.tokens_out);
        let cost = u64::from(row.cost_micro_eur);
        let over = |limit: u64, taken: u64, more: u64| limit > 0 && taken + more > limit;
        if over(allowance.micro_eur_per_call, 0, cost) {
            return Ok(Admission::OverCall);
        }
        let mut writer = self.pool.write();
        // Immediate: between the sum and the row nobody else may write one.
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let today = day(row.at);
        let month = format!("{}-", today.get(..7).unwrap_or_default());
        for (first, last, tokens_limit, cost_limit, refusal) in [
            (
                today.as_str(),
                today.as_str(),
                allowance.tokens_per_day,
                allowance.micro_eur_per_day,
                Admission::OverDay,
            ),
            (
                &format!("{month}01"),
                &format!("{month}31"),
                allowance.tokens_per_month,
                allowance.micro_eur_per_month,
                Admission::OverMonth,
            ),
        ] {
            if tokens_limit == 0 && cost_limit == 0 {
                continue;
            }
            let taken = sum(&transaction, first, last)?;
            if over(tokens_limit, taken.tokens_in + taken.tokens_out, tokens)
                || over(cost_limit, taken.cost_micro_eur, cost)
            {
                return Ok(refusal);
            }
        }
        let planned = LedgerRow {
            outcome: UNDER_WAY.to_owned(),
            ..row.clone()
        };
        insert(&transaction, &planned)?;
        let number = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Admission::Admitted(number))
    }

    /// Writes down how a call ended; under the number that [`Store::begin_call`] gave, or as a row
    /// of its own when there is none.
    pub fn end_call(&self, number: i64, row: &LedgerRow) -> Result<(), StoreError> {
        let writer = self.pool.write();
        let changed = writer
            .prepare_cached(
                "UPDATE ledger SET model = ?2, outcome = ?3, tokens_in = ?4, tokens_out = ?5, \
                 tokens_cached = ?6, counted_here = ?7, cost_micro_eur = ?8, priced = ?9, \
                 latency_ms = ?10, first_ms = ?11 WHERE row = ?1",
            )?
            .execute(params![
                number,
                row.model,
                row.outcome,
                row.tokens_in,
                row.tokens_out,
                row.tokens_cached,
                row.counted_here,
                row.cost_micro_eur,
                row.priced,
                row.latency_ms,
                row.first_ms,
            ])?;
        if changed == 0 {
            insert(&writer, row)?;
        }
        Ok(())
    }

    /// Calls from before `time` whose end nobody wrote down: they count as lost, with the most that
    /// they may have taken. Tells how many there were.
    pub fn give_up_calls(&self, time: Timestamp) -> Result<u32, StoreError> {
        let lost = self.pool.write().execute(
            "UPDATE ledger SET outcome = 'lost' WHERE outcome = 'under_way' AND at < ?1",
            [time.as_millisecond()],
        )?;
        Ok(u32::try_from(lost).unwrap_or(u32::MAX))
    }

    /// The sum of the calls from one day to another, both included (`YYYY-MM-DD`, UTC).
    pub fn calls_between(&self, first: &str, last: &str) -> Result<LedgerSum, StoreError> {
        self.pool.count();
        self.pool.read(|connection| sum(connection, first, last))
    }

    /// The sum of the calls for a request and for what goes with it, such as `ID-repair`; and whether
    /// each of them had a price.
    pub fn calls_for(&self, request_id: &str) -> Result<(LedgerSum, bool), StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection
                .prepare_cached(queries::LEDGER_REQUEST)?
                .query_row([request_id], |row| Ok((sum_of(row)?, row.get(4)?)))?)
        })
    }

    /// Each call from one day to another, both included, in the order in which they began.
    pub fn calls(
        &self,
        first: &str,
        last: &str,
        mut each: impl FnMut(LedgerRow),
    ) -> Result<(), StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut calls = connection.prepare_cached(queries::LEDGER_CALLS)?;
            let mut rows = calls.query([first, last])?;
            while let Some(row) = rows.next()? {
                each(LedgerRow {
                    at: crate::rows::time(row.get(0)?),
                    request_id: row.get(1)?,
                    attempt: row.get(2)?,
                    task: row.get(3)?,
                    model: row.get(4)?,
                    outcome: row.get(5)?,
                    tokens_in: row.get(6)?,
                    tokens_out: row.get(7)?,
                    tokens_cached: row.get(8)?,
                    counted_here: row.get(9)?,
                    cost_micro_eur: row.get(10)?,
                    priced: row.get(11)?,
                    latency_ms: row.get(12)?,
                    first_ms: row.get(13)?,
                    prompt_version: row.get(14)?,
                    pack_version: row.get(15)?,
                    arm: row.get(16)?,
                    organisation: row.get(17)?,
                });
            }
            Ok(())
        })
    }

    /// Adds questions to those of the same kind and day.
    pub fn add_asked(&self, asked: &[Asked]) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        {
            let mut add = transaction.prepare_cached(
                "INSERT INTO asked (day, fate, task, model, prompt_version, arm, organisation, \
                 questions, tokens_in, tokens_out, cost_micro_eur) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET \
                 questions = questions + excluded.questions, \
                 tokens_in = tokens_in + excluded.tokens_in, \
                 tokens_out = tokens_out + excluded.tokens_out, \
                 cost_micro_eur = cost_micro_eur + excluded.cost_micro_eur",
            )?;
            for some in asked {
                add.execute(params![
                    some.day,
                    some.fate,
                    some.task,
                    some.model,
                    some.prompt_version,
                    some.arm,
                    some.organisation,
                    some.questions,
                    signed(some.tokens_in),
                    signed(some.tokens_out),
                    signed(some.cost_micro_eur),
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Whether a question that was spared at this moment was not since `since` already: in that time its answer
    /// would have been kept, and no call spared a second time. What is older is forgotten.
    ///
    /// `question` is the key of that answer.
    pub fn first_spared(
        &self,
        question: &[u8; 32],
        at: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        transaction.execute("DELETE FROM spared WHERE at < ?1", [since.as_millisecond()])?;
        let added = transaction.execute(
            "INSERT INTO spared (question, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![question, at.as_millisecond()],
        )?;
        transaction.commit()?;
        Ok(added == 1)
    }

    /// What became of the questions from one day to another, both included.
    pub fn asked(&self, first: &str, last: &str) -> Result<Vec<Asked>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut asked = connection.prepare_cached(queries::ASKED)?;
            let rows = asked.query_map([first, last], |row| {
                let whole =
                    |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, i64>(at)?.unsigned_abs());
                Ok(Asked {
                    day: row.get(0)?,
                    fate: row.get(1)?,
                    task: row.get(2)?,
                    model: row.get(3)?,
                    prompt_version: row.get(4)?,
                    arm: row.get(5)?,
                    organisation: row.get(6)?,
                    questions: row.get(7)?,
                    tokens_in: whole(8)?,
                    tokens_out: whole(9)?,
                    cost_micro_eur: whole(10)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// In how many drafts of one day a rule failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedRule {
    /// `YYYY-MM-DD`, UTC.
    pub day: String,
    /// Id of the rule.
    pub rule: String,
    /// Its level.
    pub level: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// How many drafts.
    pub drafts: u32,
}

impl Store {
    /// Adds drafts in which rules failed to those of the same day.
    pub fn add_failed_rules(&self, failed: &[FailedRule]) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        {
            let mut add = transaction.prepare_cached(
                "INSERT INTO failed_rule (day, rule, level, pack_version, drafts) \
                 VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO UPDATE SET drafts = drafts + excluded.drafts",
            )?;
            for one in failed {
                add.execute(params![
                    one.day,
                    one.rule,
                    one.level,
                    one.pack_version,
                    one.drafts
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The drafts in which rules failed from one day to another, both included.
    pub fn failed_rules(&self, first: &str, last: &str) -> Result<Vec<FailedRule>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut failed = connection.prepare_cached(queries::FAILED_RULES)?;
            let rows = failed.query_map([first, last], |row| {
                Ok(FailedRule {
                    day: row.get(0)?,
                    rule: row.get(1)?,
                    level: row.get(2)?,
                    pack_version: row.get(3)?,
                    drafts: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The months that have calls or questions, `YYYY-MM`, the latest first; 36 at most.
    pub fn ledger_months(&self) -> Result<Vec<String>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut months = connection.prepare_cached(queries::LEDGER_MONTHS)?;
            let rows = months.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Bytes of the precious file, of the cache file with its journal, and of the backups.
    pub fn bytes_on_disk(&self) -> [u64; 3] {
        let size =
            |name: &str| std::fs::metadata(self.folder().join(name)).map_or(0, |meta| meta.len());
        let with_journal = |name: &str| size(name) + size(&format!("{name}-wal"));
        let backups = std::fs::read_dir(self.folder().join("backup"))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .map(|meta| meta.len())
            .sum();
        [with_journal("begrip.db"), with_journal("cache.db"), backups]
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn insert(connection: &Connection, row: &LedgerRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO ledger (at, day, request_id, attempt, task, model, outcome, tokens_in, tokens_out, \
             tokens_cached, counted_here, cost_micro_eur, priced, latency_ms, first_ms, prompt_version, \
             pack_version, arm, organisation) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        )?
        .execute(params![
            row.at.as_millisecond(),
            day(row.at),
            row.request_id,
            row.attempt,
            row.task,
            row.model,
            row.outcome,
            row.tokens_in,
            row.tokens_out,
            row.tokens_cached,
            row.counted_here,
            row.cost_micro_eur,
            row.priced,
            row.latency_ms,
            row.first_ms,
            row.prompt_version,
            row.pack_version,
            row.arm,
            row.organisation,
        ])?;
    Ok(())
}

fn sum(connection: &Connection, first: &str, last: &str) -> Result<LedgerSum, StoreError> {
    Ok(connection
        .prepare_cached(queries::LEDGER_SUM)?
        .query_row([first, last], sum_of)?)
}

fn sum_of(row: &Row<'_>) -> rusqlite::Result<LedgerSum> {
    Ok(LedgerSum {
        calls: row.get(0)?,
        tokens_in: row.get::<_, i64>(1)?.unsigned_abs(),
        tokens_out: row.get::<_, i64>(2)?.unsigned_abs(),
        cost_micro_eur: row.get::<_, i64>(3)?.unsigned_abs(),
    })
}

/// The day of a time, as the ledger has it: `YYYY-MM-DD`, UTC.
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
