//! Work for the model that goes on by itself: jobs and their items, each durable before it counts.
//!
//! Items of one job that ask the same question are asked once: the first leads, the others follow
//! and end with it. What is in `input`, `error` and `result` is the concern of whoever reads it.

mod kinds;

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{
    Connection, OptionalExtension, Row, Rows, Transaction, TransactionBehavior, params,
};
use uuid::Uuid;

use crate::rows::time;
use crate::{Store, StoreError, queries};

pub use kinds::{
    ClaimedItem, ItemState, JobCounts, JobKind, JobState, NewItem, StoredItem, StoredJob, Work,
};

impl Store {
    /// Keeps a new job, not begun, with its items: all, or nothing.
    pub fn create_job(
        &self,
        id: Uuid,
        kind: JobKind,
        name: &str,
        at: Timestamp,
        items: &[NewItem],
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute(
                "INSERT INTO job (id, kind, name, state, created_at, changed_at) VALUES (?1, ?2, ?3, 'queued', ?4, ?4)",
                params![id, kind.as_str(), name, at.as_millisecond()],
            )?;
            let job = transaction.last_insert_rowid();
            let mut first: HashMap<&str, u32> = HashMap::new();
            for item in items {
                let follows = match &item.fault {
                    Some(_) => None,
                    None => match first.get(item.question.as_str()) {
                        Some(number) => Some(*number),
                        None => {
                            first.insert(&item.question, item.number);
                            None
                        }
                    },
                };
                insert(transaction, job, item, follows)?;
            }
            Ok(())
        })
    }

    /// Every job, the newest first.
    pub fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::JOBS)?;
            jobs(query.query([])?)
        })
    }

    /// What runs and waits of all jobs, in one statement.
    pub fn work(&self) -> Result<Work, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::WORK)?;
            Ok(query.query_row([], |row| {
                Ok(Work {
                    jobs_running: row.get(0)?,
                    rows_waiting: row.get(1)?,
                    drafts_waiting: row.get(2)?,
                })
            })?)
        })
    }

    /// The job with this id.
    pub fn job(&self, id: Uuid) -> Result<Option<StoredJob>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::JOB)?;
            Ok(jobs(query.query([id])?)?.pop())
        })
    }

    /// Puts a job in a state if it is in one of `from`; whether it was. `halt` says why it paused of
    /// itself. A job that is cancelled skips what waits.
    ///
    /// Error: there is no such job.
    pub fn move_job(
        &self,
        id: Uuid,
        from: &[JobState],
        to: JobState,
        halt: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let (row, state) = state_of(transaction, id)?;
            if !from.contains(&state) {
                return Ok(false);
            }
            transaction.execute(
                "UPDATE job SET state = ?2, halt = ?3, changed_at = ?4 WHERE row = ?1",
                params![row, to.as_str(), halt, at.as_millisecond()],
            )?;
            if to == JobState::Cancelled {
                transaction.execute(
                    "UPDATE job_item SET state = 'skipped', ended_at = ?2 WHERE job = ?1 AND state = 'waiting'",
                    params![row, at.as_millisecond()],
                )?;
            }
            Ok(true)
        })
    }

    /// Begins a job, or goes on with it: what was under way when its program ended waits again.
    /// Whoever calls this is the only one to run it.
    ///
    /// Error: there is no such job.
    pub fn begin_job(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.change(|transaction| {
            let (row, _) = state_of(transaction, id)?;
            transaction.execute(
                "UPDATE job SET state = 'running', halt = NULL, changed_at = ?2 WHERE row = ?1",
                params![row, at.as_millisecond()],
            )?;
            transaction.execute(
                "UPDATE job_item SET state = 'waiting' WHERE job = ?1 AND state = 'running'",
                [row],
            )?;
            Ok(())
        })
    }

    /// Takes the next item to be asked; none when nothing waits, or the job is not running (any more).
    pub fn claim_item(&self, id: Uuid) -> Result<Option<ClaimedItem>, StoreError> {
        let writer = self.pool.write();
        let claimed = writer
            .prepare_cached(queries::CLAIM_ITEM)?
            .query_row([id], |row| {
                Ok(ClaimedItem {
                    number: row.get(0)?,
                    input: row.get(1)?,
                })
            })
            .optional()?;
        Ok(claimed)
    }

    /// Ends an item, and those that follow it, with a result or an error; durable on return.
    pub fn end_item(
        &self,
        id: Uuid,
        number: u32,
        request_id: &str,
        end: Result<&str, &str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, result, error) = match end {
            Ok(result) => (ItemState::Done, Some(result), None),
            Err(error) => (ItemState::Failed, None, Some(error)),
        };
        self.change(|transaction| {
            let (row, _) = state_of(transaction, id)?;
            transaction.execute(
                "UPDATE job_item SET state = ?3, error = ?4, result = ?5, request_id = ?6, ended_at = ?7 \
                 WHERE job = ?1 AND number = ?2",
                params![row, number, state.as_str(), error, result, request_id, at.as_millisecond()],
            )?;
            // The result stands once: whoever follows is shown that of the first.
            transaction.execute(
                "UPDATE job_item SET state = ?3, error = ?4, request_id = ?5, ended_at = ?6 \
                 WHERE job = ?1 AND follows = ?2 AND state IN ('waiting', 'running')",
                params![row, number, state.as_str(), error, request_id, at.as_millisecond()],
            )?;
            Ok(())
        })
    }

    /// Puts an item back that was taken and not answered.
    pub fn release_item(&self, id: Uuid, number: u32) -> Result<(), StoreError> {
        self.change(|transaction| {
            let (row, job) = state_of(transaction, id)?;
            let state = match job {
                JobState::Cancelled => ItemState::Skipped,
                _ => ItemState::Waiting,
            };
            transaction.execute(
                "UPDATE job_item SET state = ?3 WHERE job = ?1 AND number = ?2 AND state = 'running'",
                params![row, number, state.as_str()],
            )?;
            Ok(())
        })
    }

    /// Puts a running job in the state *done* when each of its items has ended; whether it is so.
    pub fn finish_job(&self, id: Uuid, at: Timestamp) -> Result<bool, StoreError> {
        let done = self.pool.write().execute(
            "UPDATE job SET state = 'done', changed_at = ?2 WHERE id = ?1 AND state = 'running' AND NOT EXISTS \
             (SELECT 1 FROM job_item i WHERE i.job = job.row AND i.state IN ('waiting', 'running'))",
            params![id, at.as_millisecond()],
        )?;
        Ok(done > 0)
    }

    /// Has the failed items of a job wait again; how many there are. A job that
    /// is not running is then not begun.
    ///
    /// Error: there is no such job.
    pub fn retry_items(&self, id: Uuid, at: Timestamp) -> Result<u32, StoreError> {
        self.change(|transaction| {
            let (row, _) = state_of(transaction, id)?;
            let waiting = transaction.execute(
                "UPDATE job_item SET state = 'waiting', error = NULL, request_id = NULL, ended_at = NULL \
                 WHERE job = ?1 AND state = 'failed'",
                [row],
            )?;
            if waiting > 0 {
                transaction.execute(
                    "UPDATE job SET state = 'queued', halt = NULL, changed_at = ?2 \
                     WHERE row = ?1 AND state <> 'running'",
                    params![row, at.as_millisecond()],
                )?;
            }
            Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
        })
    }

    /// Removes a job with its items; one that is not there is no error.
    pub fn remove_job(&self, id: Uuid) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute(
                "DELETE FROM job_item WHERE job = (SELECT row FROM job WHERE id = ?1)",
                [id],
            )?;
            transaction.execute("DELETE FROM job WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// A page of a job's items in the order of their numbers, perhaps only those in one state; and how
    /// many there are in all.
    ///
    /// Error: there is no such job.
    pub fn job_items(
        &self,
        id: Uuid,
        state: Option<ItemState>,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<StoredItem>, u32), StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let (job, _) = state_of(connection, id)?;
            let state = state.map(ItemState::as_str);
            let total = connection
                .prepare_cached(queries::COUNT_ITEMS)?
                .query_row(params![job, state], |row| row.get(0))?;
            let items = connection
                .prepare_cached(queries::JOB_ITEMS)?
                .query_map(params![job, state, limit, offset], item)?
                .collect::<Result<Vec<_>, _>>()?;
            Ok((items.into_iter().collect::<Result<_, _>>()?, total))
        })
    }

    /// Adds an item to a job, after the others; its number. One that asks the same and has no result
    /// is there already: then that one is taken, and waits again if it had failed. A job that had
    /// ended is then not begun.
    ///
    /// Error: there is no such job.
    pub fn add_item(
        &self,
        id: Uuid,
        term: &str,
        question: &str,
        input: &str,
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        self.change(|transaction| {
            let (row, _) = state_of(transaction, id)?;
            let known: Option<u32> = transaction
                .query_row(
                    "SELECT number FROM job_item WHERE job = ?1 AND question = ?2 AND state <> 'done'",
                    params![row, question],
                    |row| row.get(0),
                )
                .optional()?;
            let number = match known {
                Some(number) => {
                    transaction.execute(
                        "UPDATE job_item SET state = 'waiting', error = NULL, ended_at = NULL \
                         WHERE job = ?1 AND number = ?2 AND state IN ('failed', 'skipped')",
                        params![row, number],
                    )?;
                    number
                }
                None => {
                    let last: u32 = transaction.query_row(
                        "SELECT coalesce(max(number), 0) FROM job_item WHERE job = ?1",
                        [row],
                        |row| row.get(0),
                    )?;
                    let item = NewItem {
                        number: last + 1,
                        term: term.to_owned(),
                        question: question.to_owned(),
                        input: input.to_owned(),
                        fault: None,
                    };
                    insert(transaction, row, &item, None)?;
                    item.number
                }
            };
            transaction.execute(
                "UPDATE job SET state = 'queued', halt = NULL, changed_at = ?2 \
                 WHERE row = ?1 AND state IN ('done', 'cancelled')",
                params![row, at.as_millisecond()],
            )?;
            Ok(number)
        })
    }

    /// Skips what was under way of a cancelled job whose program ended; whoever calls this knows that
    /// nobody runs it.
    pub fn settle_job(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.pool.write().execute(
            "UPDATE job_item SET state = 'skipped', ended_at = ?2 WHERE state = 'running' AND job = \
             (SELECT row FROM job WHERE id = ?1 AND state = 'cancelled')",
            params![id, at.as_millisecond()],
        )?;
        Ok(())
    }

    /// Removes an item of a queue that is not under way; whether it was there. The items of a batch
    /// stay together: others may follow one.
    pub fn remove_item(&self, id: Uuid, number: u32) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let (row, _) = state_of(transaction, id)?;
            let removed = transaction.execute(
                "DELETE FROM job_item WHERE job = ?1 AND number = ?2 AND state <> 'running' \
                 AND (SELECT kind FROM job WHERE row = ?1) = 'queue'",
                params![row, number],
            )?;
            Ok(removed > 0)
        })
    }

    /// Runs a change in one transaction.
    fn change<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn insert(
    connection: &Connection,
    job: i64,
    item: &NewItem,
    follows: Option<u32>,
) -> Result<(), StoreError> {
    let state = match item.fault {
        Some(_) => ItemState::Skipped,
        None => ItemState::Waiting,
    };
    connection
        .prepare_cached(
            "INSERT INTO job_item (job, number, follows, term, question, input, state, error) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            job,
            item.number,
            follows,
            item.term,
            item.question,
            item.input,
            state.as_str(),
            item.fault,
        ])?;
    Ok(())
}

fn state_of(connection: &Connection, id: Uuid) -> Result<(i64, JobState), StoreError> {
    let found: Option<(i64, String)> = connection
        .prepare_cached("SELECT row, state FROM job WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (row, state) = found.ok_or(StoreError::NoJob)?;
    Ok((row, JobState::read(&state)?))
}

/// Jobs of rows that each tell of a job and of how some of its items stand; those of a job in sequence.
fn jobs(mut rows: Rows<'_>) -> Result<Vec<StoredJob>, StoreError> {
    let mut jobs: Vec<StoredJob> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if last.replace(number) != Some(number) {
            let (kind, state): (String, String) = (row.get(2)?, row.get(4)?);
            jobs.push(StoredJob {
                id: row.get(1)?,
                kind: JobKind::read(&kind)?,
                name: row.get(3)?,
                state: JobState::read(&state)?,
                halt: row.get(5)?,
                created_at: time(row.get(6)?),
                changed_at: time(row.get(7)?),
                counts: JobCounts::default(),
            });
        }
        let state: Option<String> = row.get(8)?;
        if let (Some(job), Some(state)) = (jobs.last_mut(), state) {
            job.counts
                .add(ItemState::read(&state)?, row.get(9)?, row.get(10)?);
        }
    }
    Ok(jobs)
}

impl JobCounts {
    /// Counts items in this state, which lead or follow.
    fn add(&mut self, state: ItemState, leads: bool, count: u32) {
        *match state {
            ItemState::Waiting => &mut self.waiting,
            ItemState::Running => &mut self.running,
            ItemState::Done => &mut self.done,
            ItemState::Failed => &mut self.failed,
            ItemState::Skipped => &mut self.skipped,
        } += count;
        if leads && state != ItemState::Skipped {
            self.questions += count;
        }
        if leads && matches!(state, ItemState::Waiting | ItemState::Running) {
            self.open_questions += count;
        }
    }
}

fn item(row: &Row<'_>) -> rusqlite::Result<Result<StoredItem, StoreError>> {
    let state: String = row.get(4)?;
    let (number, follows, term, input) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (error, request_id, result) = (row.get(5)?, row.get(6)?, row.get(7)?);
    let ended_at: Option<i64> = row.get(8)?;
    Ok(ItemState::read(&state).map(|state| StoredItem {
        number,
        follows,
        term,
        input,
        state,
        error,
        request_id,
        result,
        ended_at: ended_at.map(time),
    }))
}
