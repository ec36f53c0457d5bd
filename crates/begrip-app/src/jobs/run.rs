//! Running a job, in one program at a time, and going on when what kept it is gone.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use begrip_store::{ClaimedItem, JobKind, JobState, StoredJob};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use uuid::Uuid;

use super::view::{read, written};
use crate::open::{Core, lock};
use crate::schema::{DefineRequest, DefineResult, DraftInput, JobRef, JobView};
use crate::{App, ErrorCode, UserError};

/// The longest wait before a job tries again what kept it.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How long a stopped job of another program is waited for.
const GIVEN_UP: Duration = Duration::from_secs(2);

/// Jobs that this program runs.
pub(crate) struct Jobs {
    runs: Mutex<HashMap<Uuid, Run>>,
    woken: Notify,
    retry: Duration,
    /// The row whose question falls over, for tests; 0 for none.
    #[cfg(test)]
    pub(super) breaks_at: std::sync::atomic::AtomicU32,
}

/// When a job that was stopped is tried again.
struct Wait {
    due: Instant,
    /// How long after that.
    next: Duration,
    /// Questions that were open at the last try.
    open: u32,
}

/// A job under way here.
struct Run {
    began: Instant,
    /// Questions that ended since then.
    ended: u32,
    /// The rows under way.
    asked: Vec<u32>,
}

impl Jobs {
    pub fn new(retry: Duration) -> Self {
        Self {
            runs: Mutex::default(),
            woken: Notify::new(),
            retry,
            #[cfg(test)]
            breaks_at: Default::default(),
        }
    }

    /// Waits until no job runs here any more, or this one does not; not longer than a moment.
    pub(crate) async fn ended(&self, id: Option<Uuid>) {
        let runs = || match id {
            Some(id) => self.runs_here(id),
            None => !lock(&self.runs).is_empty(),
        };
        for _ in 0..100 {
            if !runs() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Has what waits looked at now.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// The requests that are under way for a job.
    pub(super) fn asked(&self, id: Uuid) -> Vec<String> {
        match lock(&self.runs).get(&id) {
            Some(run) => run.asked.iter().map(|row| request_id(id, *row)).collect(),
            None => Vec::new(),
        }
    }

    /// Seconds until so many questions are answered, going by those answered since the job began here.
    pub(super) fn eta(&self, id: Uuid, open: u32) -> Option<u32> {
        let runs = lock(&self.runs);
        let run = runs.get(&id).filter(|run| run.ended > 0)?;
        let each = run.began.elapsed().as_secs_f64() / f64::from(run.ended);
        // Rounded up and never beyond what fits: an estimate.
        Some((each * f64::from(open)).ceil().min(f64::from(u32::MAX)) as u32)
    }

    fn change(&self, id: Uuid, change: impl FnOnce(&mut Run)) {
        if let Some(run) = lock(&self.runs).get_mut(&id) {
            change(run);
        }
    }

    pub(super) fn runs_here(&self, id: Uuid) -> bool {
        lock(&self.runs).contains_key(&id)
    }
}

/// The name of the request for a row, by which it can be stopped.
fn request_id(job: Uuid, row: u32) -> String {
    format!("{JOB}{job}-{row}")
}

/// The name of each such request begins with this.
const JOB: &str = "job-";

/// Whether a request is one of a job, and not of somebody who waits for it.
pub(crate) fn is_of_a_job(request_id: &str) -> bool {
    request_id.starts_with(JOB)
}

/// Whether a job that stopped for this goes on by itself: when trying again costs nothing and does no
/// harm. A refused key is not tried again: an account can be locked that way.
pub(super) fn goes_on(error: &UserError) -> bool {
    is_kept_waiting(error) || may_pass(error)
}

/// Whether a model that is there may be in trouble for a while: its answer to this one question tells
/// nothing sure of the next.
fn may_pass(error: &UserError) -> bool {
    error.is(ErrorCode::ModelTimeout) || error.is(ErrorCode::ModelFailed)
}

/// Whether nothing can be asked now, and can be again later.
fn is_kept_waiting(error: &UserError) -> bool {
    use ErrorCode::{
        BudgetSpent, ModelBusy, ModelNotConfigured, ModelPaused, ModelUnreachable, MonthSpent,
    };
    [
        BudgetSpent,
        MonthSpent,
        ModelBusy,
        ModelNotConfigured,
        ModelPaused,
        ModelUnreachable,
    ]
    .into_iter()
    .any(|code| error.is(code))
}

/// Whether every further row would fail for the same cause.
pub(crate) fn holds_for_all(error: &UserError) -> bool {
    use ErrorCode::{ModelKeyRefused, ModelTls, ModelUnknown, SettingInvalid, StoreFull};
    is_kept_waiting(error)
        || [
            ModelKeyRefused,
            ModelTls,
            ModelUnknown,
            SettingInvalid,
            StoreFull,
        ]
        .into_iter()
        .any(|code| error.is(code))
}

impl App {
    /// Runs a job until nothing of it waits, it is paused or cancelled, or something keeps all of it
    /// from going on: then it is paused with the cause in `halt`.
    ///
    /// Errors: there is no such job; another program runs it; the store fails.
    ///
    /// `at_once` goes before the setting: questions under way at one time, 1 to 16.
    pub async fn job_run(&self, job: JobRef, at_once: Option<u32>) -> Result<JobView, UserError> {
        let id = super::named(&job.id)?;
        self.run_job(id, at_once).await?;
        self.job_view(id).await
    }

    /// Pauses a job that runs here and stops what is under way: those rows wait again.
    pub async fn job_interrupt(&self, job: JobRef) -> Result<(), UserError> {
        let id = super::named(&job.id)?;
        self.blocking(move |core| {
            let (from, now) = ([JobState::Running], core.clock.now());
            Ok(core
                .store
                .move_job(id, &from, JobState::Paused, None, now)?)
        })
        .await?;
        self.stop_asking(id).await
    }

    /// Keeps jobs going for as long as the program is open: those that were under way when it closed,
    /// those that wait for the model or the budget, and drafts that wait for the network.
    ///
    /// For a host that stays open; call it once, inside its runtime.
    pub fn keep_jobs_going(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            let mut waits: HashMap<Uuid, Wait> = HashMap::new();
            let mut at_start = true;
            loop {
                match app.blocking(|core| Ok(core.store.jobs()?)).await {
                    Ok(jobs) => app.take_up(&jobs, at_start, &mut waits),
                    Err(error) => tracing::warn!(code = error.code, "jobs cannot be read"),
                }
                at_start = false;
                let jobs = &app.core.jobs;
                tokio::select! {
                    () = app.core.closing.cancelled() => return,
                    () = jobs.woken.notified() => waits.clear(),
                    () = tokio::time::sleep(jobs.retry) => {}
                }
            }
        });
    }

    /// Runs what can be run again by now.
    fn take_up(&self, jobs: &[StoredJob], at_start: bool, waits: &mut HashMap<Uuid, Wait>) {
        for job in jobs {
            let stopped = job.halt.as_deref().and_then(read::<UserError>);
            let ready = match job.state {
                // Broken off when the program closed. Later on it is another program's.
                JobState::Running => at_start,
                JobState::Paused => stopped.as_ref().is_some_and(goes_on),
                JobState::Queued => job.kind == JobKind::Queue && job.counts.waiting > 0,
                JobState::Done | JobState::Cancelled => false,
            };
            if !ready || self.core.jobs.runs_here(job.id) {
                continue;
            }
            let (now, retry) = (Instant::now(), self.core.jobs.retry);
            let open = job.counts.open_questions;
            let wait = waits.entry(job.id).or_insert(Wait {
                due: now,
                next: retry,
                open,
            });
            if wait.open != open {
                // The last try was not in vain.
                *wait = Wait {
                    due: wait.due.min(now + retry),
                    next: retry,
                    open,
                };
            }
            if now >= wait.due {
                wait.due = now + wait.next;
                wait.next = (wait.next * 2).min(LONGEST_WAIT);
                self.spawn_job(job.id);
            }
        }
    }

    /// Runs a job beside whatever else goes on; how it ends stands in the store.
    pub(super) fn spawn_job(&self, id: Uuid) {
        let app = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.run_job(id, None).await {
                    tracing::warn!(code = error.code, "a job was not run");
                    return;
                }
                // Paused and started again while the last row ended: it goes on.
                let again = move |core: &Core| {
                    let job = core.store.job(id)?;
                    Ok(job.is_some_and(|job| {
                        job.state == JobState::Running && job.counts.waiting > 0
                    }))
                };
                let again = app.blocking(again).await.unwrap_or(false);
                if !again || app.core.closing.is_cancelled() {
                    return;
                }
            }
        });
    }

    async fn run_job(&self, id: Uuid, at_once: Option<u32>) -> Result<(), UserError> {
        if self.core.closing.is_cancelled() {
            return Ok(());
        }
        let alone = self
            .blocking(move |core| {
                let alone = core.job_lock(id)?;
                core.store.begin_job(id, core.clock.now())?;
                Ok(alone)
            })
            .await?;
        // Dropped in the other order: whoever sees that it does not run here finds it free.
        let _here = Here::begin(&self.core, id);
        let _alone = alone;
        self.work(id, at_once).await
    }

    /// Asks row after row, some at one time.
    async fn work(&self, id: Uuid, at_once: Option<u32>) -> Result<(), UserError> {
        let mut asked: JoinSet<Asked> = JoinSet::new();
        // Which row each task asks: one that panics says no more.
        let mut rows: HashMap<Id, u32> = HashMap::new();
        let mut halt: Option<UserError> = None;
        let mut put_off: Vec<PutOff> = Vec::new();
        loop {
            let most = at_once.unwrap_or_else(|| self.core.settings().batch.at_once);
            let most = most.clamp(1, 16) as usize;
            while halt.is_none() && asked.len() < most && !self.core.closing.is_cancelled() {
                let claim = move |core: &Core| Ok(core.store.claim_item(id)?);
                let Some(item) = self.blocking(claim).await? else {
                    break;
                };
                self.core.jobs.change(id, |run| run.asked.push(item.number));
                let number = item.number;
                let task = asked.spawn(ask(self.clone(), id, item));
                rows.insert(task.id(), number);
            }
            let Some(ended) = asked.join_next_with_id().await else {
                let (late, stopped) = (std::mem::take(&mut put_off), halt.is_some());
                let trouble = self
                    .blocking(move |core| core.end_late(id, late, stopped))
                    .await?;
                halt = halt.or(trouble);
                match &halt {
                    None => {
                        let finish = move |core: &Core| Ok(core.finish_job(id)?);
                        // A row may have come in at the last moment.
                        if self.blocking(finish).await? {
                            return Ok(());
                        }
                    }
                    Some(error) => {
                        let text = written(error)?;
                        return self
                            .blocking(move |core| {
                                let now = core.clock.now();
                                let from = [JobState::Running];
                                core.store.move_job(
                                    id,
                                    &from,
                                    JobState::Paused,
                                    Some(&text),
                                    now,
                                )?;
                                Ok(())
                            })
                            .await;
                    }
                }
                continue;
            };
            let Some(Asked { number, outcome }) = row_of(ended, &mut rows) else {
                continue;
            };
            self.core.jobs.change(id, |run| {
                run.asked.retain(|row| *row != number);
                run.ended += 1;
            });
            let outcome = match outcome {
                Err(error) if may_pass(&error) => {
                    put_off.push(PutOff { number, error });
                    continue;
                }
                other => other,
            };
            let stop = self
                .blocking(move |core| core.end_row(id, number, outcome))
                .await?;
            halt = halt.or(stop);
        }
    }
}

/// A row whose model was in trouble. It stays claimed, so that it is not asked again in this run: that
/// and the pause before the next run, twice as long each time up to [`LONGEST_WAIT`], are the bound on
/// asking.
struct PutOff {
    number: u32,
    error: UserError,
}

/// How the question of a row ended.
struct Asked {
    number: u32,
    outcome: Result<DefineResult, UserError>,
}

/// The row that a task asked and how that ended; `rows` forgets it. One that panicked has failed: what it said stands
/// in the log of the host.
fn row_of(ended: Result<(Id, Asked), JoinError>, rows: &mut HashMap<Id, u32>) -> Option<Asked> {
    match ended {
        Ok((task, asked)) => {
            rows.remove(&task);
            Some(asked)
        }
        Err(error) => {
            let number = rows.remove(&error.id())?;
            tracing::error!(number, "the question of a row fell over");
            let outcome = Err(UserError::new(ErrorCode::JobRowBroke, ""));
            Some(Asked { number, outcome })
        }
    }
}

async fn ask(app: App, job: Uuid, item: ClaimedItem) -> Asked {
    #[cfg(test)]
    {
        let breaks_at = app
            .core
            .jobs
            .breaks_at
            .load(std::sync::atomic::Ordering::SeqCst);
        assert_ne!(item.number, breaks_at, "as a test wants it");
    }
    let input: Option<DraftInput> = read(&item.input);
    let outcome = match input {
        None => Err(UserError::new(ErrorCode::StoreFailed, "")),
        Some(_) if app.core.closing.is_cancelled() => Err(UserError::new(ErrorCode::Cancelled, "")),
        Some(input) => {
            let request = DefineRequest {
                request_id: request_id(job, item.number),
                input,
                regenerate: false,
                offline: false,
            };
            app.define_in_roles(request, |_| {}).await
        }
    };
    Asked {
        number: item.number,
        outcome,
    }
}

impl Core {
    /// Writes down how a row ended; the error that keeps all others from being asked, if it was one.
    fn end_row(
        &self,
        id: Uuid,
        number: u32,
        outcome: Result<DefineResult, UserError>,
    ) -> Result<Option<UserError>, UserError> {
        let request = request_id(id, number);
        let now = self.clock.now();
        match outcome {
            Ok(result) => {
                let text = written(&result)?;
                self.store.end_item(id, number, &request, Ok(&text), now)?;
            }
            Err(error) if error.is(ErrorCode::Cancelled) => self.store.release_item(id, number)?,
            Err(error) if holds_for_all(&error) => {
                self.store.release_item(id, number)?;
                return Ok(Some(error));
            }
            Err(error) => {
                let text = written(&error)?;
                self.store.end_item(id, number, &request, Err(&text), now)?;
            }
        }
        Ok(None)
    }

    /// Says at the end of a run what becomes of the rows that were put off; the error for which the
    /// job waits.
    ///
    /// In the queue they wait for the next run, for nobody looks at it. In a batch they do when
    /// everything had to stop; else the model answered others, and they are told as failed, so that a
    /// batch comes to an end.
    fn end_late(
        &self,
        id: Uuid,
        put_off: Vec<PutOff>,
        stopped: bool,
    ) -> Result<Option<UserError>, UserError> {
        let Some(job) = self.store.job(id)?.filter(|_| !put_off.is_empty()) else {
            return Ok(None);
        };
        let queue = job.kind == JobKind::Queue;
        let mut halt = None;
        for PutOff { number, error } in put_off {
            if queue || stopped || job.state != JobState::Running {
                self.store.release_item(id, number)?;
                halt = halt.or(Some(error).filter(|_| queue));
            } else {
                self.end_row(id, number, Err(error))?;
            }
        }
        Ok(halt)
    }

    /// True when nothing is left to do for a job here: it is done, or no longer running.
    fn finish_job(&self, id: Uuid) -> Result<bool, begrip_store::StoreError> {
        if self.closing.is_cancelled() || self.store.finish_job(id, self.clock.now())? {
            return Ok(true);
        }
        let job = self.store.job(id)?;
        Ok(job.is_none_or(|job| job.state != JobState::Running || job.counts.waiting == 0))
    }

    /// Held by the one program that runs a job; gone when that program ends, however it ends.
    ///
    /// Error: another program, or another part of this one, holds it.
    pub(super) fn job_lock(&self, id: Uuid) -> Result<File, UserError> {
        let failed =
            |error: std::io::Error| UserError::new(ErrorCode::StoreDenied, error.to_string());
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.job_lock_path(id))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(UserError::new(ErrorCode::JobBusy, "")),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The lock of a job that was stopped: a program whose last row has just ended is given a moment
    /// to let go of it. Blocks for [`GIVEN_UP`] at most.
    ///
    /// Error: the other program still has a row under way.
    pub(super) fn job_lock_given_up(&self, id: Uuid) -> Result<File, UserError> {
        let until = Instant::now() + GIVEN_UP;
        loop {
            match self.job_lock(id) {
                Err(error) if error.is(ErrorCode::JobBusy) && Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                ended => return ended,
            }
        }
    }

    /// Whether a job that is running by its row was left by a program that ended in the middle.
    pub(super) fn job_is_orphaned(&self, id: Uuid) -> bool {
        !self.jobs.runs_here(id) && self.job_lock(id).is_ok()
    }

    pub(super) fn forget_job_lock(&self, id: Uuid) {
        // An empty file that is left behind is no harm.
        let _ = std::fs::remove_file(self.job_lock_path(id));
    }

    fn job_lock_path(&self, id: Uuid) -> PathBuf {
        self.home.join(format!("job-{id}.lock"))
    }
}

/// A job that runs here for as long as this lives.
struct Here<'a> {
    core: &'a Core,
    id: Uuid,
}

impl<'a> Here<'a> {
    fn begin(core: &'a Core, id: Uuid) -> Self {
        let run = Run {
            began: Instant::now(),
            ended: 0,
            asked: Vec::new(),
        };
        lock(&core.jobs.runs).insert(id, run);
        Self { core, id }
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        lock(&self.core.jobs.runs).remove(&self.id);
    }
}
