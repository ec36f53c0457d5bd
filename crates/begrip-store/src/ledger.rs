//! One row for each call to a model.

use jiff::Timestamp;
use rusqlite::params;

use crate::{Store, StoreError, queries};

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// When it ended.
    pub at: Timestamp,
    /// The request that it was made for.
    pub request_id: String,
    /// What it was for: `define` or `repair`.
    pub task: String,
    /// The model that was asked.
    pub model: String,
    /// How it ended: `completed` or the name of the failure.
    pub outcome: String,
    /// Tokens sent.
    pub tokens_in: u32,
    /// Tokens received.
    pub tokens_out: u32,
    /// Tokens that the provider took from its own cache.
    pub tokens_cached: u32,
    /// Cost in millionths of a euro.
    pub cost_micro_eur: u32,
    /// From the request to its end, in milliseconds.
    pub latency_ms: u32,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Version of the rule pack.
    pub pack_version: String,
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

impl Store {
    /// Writes a call down.
    pub fn append_call(&self, row: &LedgerRow) -> Result<(), StoreError> {
        self.pool.write().execute(
            "INSERT INTO ledger (at, day, request_id, task, model, outcome, tokens_in, tokens_out, tokens_cached, \
             cost_micro_eur, latency_ms, prompt_version, pack_version) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                row.at.as_millisecond(),
                day(row.at),
                row.request_id,
                row.task,
                row.model,
                row.outcome,
                row.tokens_in,
                row.tokens_out,
                row.tokens_cached,
                row.cost_micro_eur,
                row.latency_ms,
                row.prompt_version,
                row.pack_version,
            ],
        )?;
        Ok(())
    }

    /// The sum of the calls on the day (UTC) of `at`.
    pub fn calls_of_day(&self, at: Timestamp) -> Result<LedgerSum, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection
                .prepare_cached(queries::LEDGER_OF_DAY)?
                .query_row([day(at)], |row| {
                    Ok(LedgerSum {
                        calls: row.get(0)?,
                        tokens_in: row.get::<_, i64>(1)?.unsigned_abs(),
                        tokens_out: row.get::<_, i64>(2)?.unsigned_abs(),
                        cost_micro_eur: row.get::<_, i64>(3)?.unsigned_abs(),
                    })
                })?)
        })
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
