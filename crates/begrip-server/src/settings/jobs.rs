//! How jobs are worked on, as it was set.

use std::time::Duration;

use anyhow::Result;

use super::{Given, within};

/// How jobs are worked on.
#[derive(Clone, Copy, Debug)]
pub struct Jobs {
    /// Rows at one time, here.
    pub at_once: usize,
    /// Rows of one organisation at one time, on all nodes.
    pub organisation: i32,
    /// Rows of a job.
    pub rows: usize,
    /// How long a row is a node's without a sign of life.
    pub lease: Duration,
    /// Days that an ended job is kept.
    pub days: i32,
    /// Days without the end of any row after which an open job is ended.
    pub idle_days: i32,
}

impl Jobs {
    pub(super) fn of(given: &Given, file: &Given, pool: u32) -> Result<Self> {
        // A row has one connection at a time: half of them is always for whoever waits for an answer.
        let most = (pool / 2).min(64);
        let at_once = given.jobs_at_once.or(file.jobs_at_once);
        let whole = |name, given: Option<u32>, file, usual, range| {
            within(name, given.or(file), usual, range)
        };
        Ok(Self {
            at_once: within("jobs_at_once", at_once, 4.min(most), 0..=most)? as usize,
            organisation: whole(
                "jobs_organisation",
                given.jobs_organisation,
                file.jobs_organisation,
                4,
                1..=64,
            )?
            .cast_signed(),
            rows: whole(
                "jobs_rows",
                given.jobs_rows,
                file.jobs_rows,
                5_000,
                1..=20_000,
            )? as usize,
            lease: Duration::from_secs(u64::from(whole(
                "jobs_lease_s",
                given.jobs_lease_s,
                file.jobs_lease_s,
                60,
                2..=600,
            )?)),
            days: whole("jobs_days", given.jobs_days, file.jobs_days, 30, 1..=3_650)?.cast_signed(),
            idle_days: whole(
                "jobs_idle_days",
                given.jobs_idle_days,
                file.jobs_idle_days,
                7,
                1..=365,
            )?
            .cast_signed(),
        })
    }
}
