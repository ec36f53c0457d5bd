//! Work for the model that goes on by itself: batches of terms, and drafts that wait for the network.
//!
//! | file | holds |
//! |---|---|
//! | `table` | a file of terms as the rows of a batch |
//! | `run` | running a job, in one program at a time; going on when what kept it is gone |
//! | `view` | a job and its rows as a screen or script sees them |
//! | `export` | results as CSV, XLSX or JSON |
//!
//! Each row goes the same way as a draft on the screen: `App::define`, with its cache, single flight,
//! budget and rules. What a row gave is on the disk before the row counts as done.

#[cfg(test)]
mod breaking;
mod export;
mod run;
mod table;
mod view;

use base64::Engine as _;
pub(crate) use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_store::{JobKind, JobState};
use uuid::Uuid;

use crate::concepts::new_id;
use crate::open::Core;
use crate::schema::{
    CancelRequest, DraftInput, JobAct, JobAction, JobCreate, JobExport, JobFile, JobFileOut,
    JobItemPage, JobItemRef, JobItems, JobPreview, JobRef, JobView,
};
use crate::{App, ErrorCode, UserError};
pub(crate) use export::{ending_of, result_name};
pub(crate) use run::{Jobs, holds_for_all, is_of_a_job};
pub(crate) use table::{for_server, inputs_of};

/// The name of the job that holds the drafts that wait for the network.
const QUEUE: &str = "Wachtrij";

impl App {
    /// What a file of terms holds. Nothing is kept and nothing is sent.
    ///
    /// Errors: the file is no table of terms.
    pub async fn job_preview(&self, file: JobFile) -> Result<JobPreview, UserError> {
        self.blocking(move |_| table::preview(&bytes(&file)?)).await
    }

    /// Makes a batch of a file of terms, and starts it when asked to.
    ///
    /// Errors: the file is no table of terms; none of its rows can be asked.
    pub async fn job_create(&self, request: JobCreate) -> Result<JobView, UserError> {
        let JobCreate { file, id, start } = request;
        let (id, new) = self
            .blocking(move |core| {
                let now = core.clock.now();
                let id = match id {
                    Some(id) => named(&id)?,
                    None => new_id(now).0,
                };
                if core.store.job(id)?.is_some() {
                    return Ok((id, false));
                }
                let items = table::items(&bytes(&file)?)?;
                let name: String = file.name.trim().chars().take(200).collect();
                core.store
                    .create_job(id, JobKind::Batch, &name, now, &items)?;
                Ok((id, true))
            })
            .await?;
        if start && new {
            self.spawn_job(id);
        }
        self.job_view(id).await
    }

    /// Every job, the newest first.
    pub async fn job_list(&self, (): ()) -> Result<Vec<JobView>, UserError> {
        self.blocking(|core| {
            let jobs = core.store.jobs()?;
            Ok(jobs.into_iter().map(|job| core.job_shown(job)).collect())
        })
        .await
    }

    /// How a job stands.
    ///
    /// Error: there is no such job.
    pub async fn job_get(&self, request: JobRef) -> Result<JobView, UserError> {
        self.job_view(named(&request.id)?).await
    }

    /// A page of a job's rows.
    ///
    /// Error: there is no such job.
    pub async fn job_items(&self, request: JobItems) -> Result<JobItemPage, UserError> {
        let id = named(&request.id)?;
        self.blocking(move |core| {
            let state = request.state.map(view::stored_state);
            let limit = request.limit.clamp(1, 500);
            let (items, total) = core.store.job_items(id, state, request.offset, limit)?;
            Ok(JobItemPage {
                items: items
                    .into_iter()
                    .map(|item| core.item_shown(item))
                    .collect(),
                total,
            })
        })
        .await
    }

    /// Starts, pauses or cancels a job, or has its failed rows asked again.
    ///
    /// Errors: there is no such job; it is not in a state for this; another program runs it.
    pub async fn job_act(&self, request: JobAct) -> Result<JobView, UserError> {
        use JobState::{Paused, Queued, Running};
        let id = named(&request.id)?;
        let to = match request.action {
            JobAction::Start => {
                self.go_on(id).await?;
                return self.job_view(id).await;
            }
            JobAction::Retry => {
                if self.job_retry(JobRef { id: request.id }).await? > 0 {
                    self.spawn_job(id);
                }
                return self.job_view(id).await;
            }
            JobAction::Pause => Paused,
            JobAction::Cancel => JobState::Cancelled,
        };
        let moved = self
            .blocking(move |core| {
                let from = [Queued, Paused, Running];
                Ok(core.store.move_job(id, &from, to, None, core.clock.now())?)
            })
            .await?;
        if !moved {
            return Err(UserError::new(ErrorCode::JobNotNow, ""));
        }
        if request.action == JobAction::Cancel {
            self.stop_asking(id).await?;
            self.blocking(move |core| {
                // Nobody runs it: its program ended in the middle.
                match core.job_lock(id) {
                    Ok(_alone) => Ok(core.store.settle_job(id, core.clock.now())?),
                    Err(_) => Ok(()),
                }
            })
            .await?;
        }
        self.job_view(id).await
    }

    /// Has the failed rows of a job wait again, without starting it; how many there are.
    ///
    /// Error: there is no such job.
    pub async fn job_retry(&self, request: JobRef) -> Result<u32, UserError> {
        let id = named(&request.id)?;
        self.blocking(move |core| Ok(core.store.retry_items(id, core.clock.now())?))
            .await
    }

    /// Removes a job with its results; one that is not there is no error.
    ///
    /// Error: it is running.
    pub async fn job_remove(&self, request: JobRef) -> Result<(), UserError> {
        let id = named(&request.id)?;
        // One that was just cancelled closes its connections first.
        let running = move |core: &Core| {
            let job = core.store.job(id)?;
            Ok(job.is_some_and(|job| job.state == JobState::Running))
        };
        if !self.blocking(running).await? {
            self.core.jobs.ended(Some(id)).await;
        }
        self.blocking(move |core| {
            let _alone = core.job_lock_given_up(id)?;
            core.store.remove_job(id)?;
            core.forget_job_lock(id);
            Ok(())
        })
        .await
    }

    /// Removes one row, such as a draft that was taken over; one that is not there is no error.
    ///
    /// Error: there is no such job.
    pub async fn job_item_remove(&self, request: JobItemRef) -> Result<(), UserError> {
        let id = named(&request.id)?;
        self.blocking(move |core| {
            core.store.remove_item(id, request.number)?;
            Ok(())
        })
        .await
    }

    /// A job with its results as a file.
    ///
    /// Error: there is no such job.
    pub async fn job_export(&self, request: JobExport) -> Result<JobFileOut, UserError> {
        let id = named(&request.id)?;
        self.blocking(move |core| {
            let job = core.store.job(id)?.ok_or_else(unknown)?;
            let (items, _) = core.store.job_items(id, None, 0, u32::MAX)?;
            let items = items
                .into_iter()
                .map(|item| core.item_shown(item))
                .collect();
            export::file(&core.job_shown(job), items, request.format)
        })
        .await
    }

    /// Has a draft made as soon as the model can be reached, also after a restart, and once: a
    /// question that waits already is not added a second time.
    ///
    /// Errors: no term, a text that is too long.
    pub async fn draft_queue(&self, input: DraftInput) -> Result<JobView, UserError> {
        // What cannot be asked is refused now, while the user is there to mend it.
        self.preview(input.clone()).await?;
        let id = self
            .blocking(move |core| {
                let now = core.clock.now();
                let id = core.queue(now)?;
                let text = view::written(&input)?;
                core.store
                    .add_item(id, &input.term, &table::question(&input), &text, now)?;
                Ok(id)
            })
            .await?;
        self.core.jobs.wake();
        self.job_view(id).await
    }

    async fn job_view(&self, id: Uuid) -> Result<JobView, UserError> {
        self.blocking(move |core| {
            let job = core.store.job(id)?.ok_or_else(unknown)?;
            Ok(core.job_shown(job))
        })
        .await
    }

    /// Starts a job or has it go on.
    async fn go_on(&self, id: Uuid) -> Result<(), UserError> {
        use JobState::{Paused, Queued, Running};
        let here = self
            .blocking(move |core| {
                let job = core.store.job(id)?.ok_or_else(unknown)?;
                if !matches!(job.state, Queued | Paused | Running) {
                    return Err(UserError::new(ErrorCode::JobNotNow, ""));
                }
                if core.jobs.runs_here(id) {
                    // The rows that were under way when it was paused are: it goes on with the next.
                    let now = core.clock.now();
                    core.store.move_job(id, &[Paused], Running, None, now)?;
                    return Ok(true);
                }
                // Told now and not in a log: another program runs it.
                drop(match job.state {
                    Running => core.job_lock(id)?,
                    _ => core.job_lock_given_up(id)?,
                });
                Ok(false)
            })
            .await?;
        if !here {
            self.spawn_job(id);
        }
        Ok(())
    }

    /// Stops the requests that are under way for a job.
    pub(crate) async fn stop_asking(&self, id: Uuid) -> Result<(), UserError> {
        for request_id in self.core.jobs.asked(id) {
            self.define_cancel(CancelRequest { request_id }).await?;
        }
        Ok(())
    }
}

impl Core {
    /// The one job for drafts that wait for the network; made when it is not there.
    fn queue(&self, now: jiff::Timestamp) -> Result<Uuid, UserError> {
        let jobs = self.store.jobs()?;
        if let Some(job) = jobs.iter().find(|job| job.kind == JobKind::Queue) {
            return Ok(job.id);
        }
        let id = new_id(now).0;
        self.store.create_job(id, JobKind::Queue, QUEUE, now, &[])?;
        Ok(id)
    }
}

fn named(id: &str) -> Result<Uuid, UserError> {
    id.parse().map_err(|_| unknown())
}

fn unknown() -> UserError {
    UserError::new(ErrorCode::JobUnknown, "")
}

pub(crate) fn bytes(file: &JobFile) -> Result<Vec<u8>, UserError> {
    BASE64
        .decode(&file.content)
        .map_err(|error| UserError::new(ErrorCode::BadRequest, error.to_string()))
}
