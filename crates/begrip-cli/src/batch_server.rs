//! `begrip batch --server`: definitions that the central server makes.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_app::schema::{
    JobExport, JobRef, ServerJob, ServerJobAct, ServerJobAction, ServerJobCreate, ServerJobRows,
    ServerJobState, ServerRowState,
};
use begrip_app::{App, ErrorCode, UserError};

use crate::args_batch::{Batch, BatchCommand, Results};
use crate::batch::{Bar, format, put, rows_and_questions, terms};
use crate::exit::{Exit, Failure};
use crate::print::visible;
use crate::run::out_json;

/// How often the server is asked how far it is.
const TICK: Duration = Duration::from_millis(500);

/// How often it may be away in a row before that is told.
const MOST_AWAY: u32 = 20;

/// Rows that are told by themselves at the end.
const TOLD: u32 = 20;

/// `begrip batch --server`.
pub async fn run(app: &App, batch: Batch, json: bool) -> Result<Exit, Failure> {
    match batch.command {
        Some(BatchCommand::List) => list(app, json).await,
        Some(BatchCommand::Show { job: id, results }) => {
            let job = app.server_job_get(JobRef { id }).await?;
            write(app, &job, &results).await?;
            told(app, &job, &results, json).await
        }
        Some(BatchCommand::Cancel { job }) => {
            let job = act(app, job, ServerJobAction::Cancel).await?;
            let nowhere = Results {
                output: None,
                format: None,
            };
            told(app, &job, &nowhere, json).await
        }
        None => {
            // What is wrong with the command line is told before anything is asked.
            format(&batch.results)?;
            let job = match (&batch.file, batch.resume) {
                (Some(path), _) => create(app, path).await?,
                (None, Some(id)) if batch.retry => act(app, id, ServerJobAction::Retry).await?,
                (None, Some(id)) => app.server_job_get(JobRef { id }).await?,
                (None, None) => {
                    return Err(Failure::Usage("er ontbreekt iets: <BESTAND>".to_owned()));
                }
            };
            let job = watch(app, job).await?;
            write(app, &job, &batch.results).await?;
            told(app, &job, &batch.results, json).await
        }
    }
}

async fn create(app: &App, path: &Path) -> Result<ServerJob, Failure> {
    // Named by itself: however often it is asked on the way, it is one batch.
    let (file, key) = (terms(path)?, None);
    Ok(app.server_job_create(ServerJobCreate { file, key }).await?)
}

async fn act(app: &App, id: String, action: ServerJobAction) -> Result<ServerJob, UserError> {
    app.server_job_act(ServerJobAct { id, action }).await
}

/// Until the job has ended; Ctrl-C leaves it to the server.
async fn watch(app: &App, mut job: ServerJob) -> Result<ServerJob, Failure> {
    let id = job.id.clone();
    let mut bar = io::stderr().is_terminal().then(Bar::default);
    let mut away = 0;
    while !job.is_over() {
        if let Some(bar) = &mut bar {
            let [total, done, failed] = [job.total, job.done, job.failed].map(u64::from);
            // Whole seconds, and an estimate.
            let eta = job.eta_s.map(|seconds| seconds as u32);
            bar.tell([done + failed, total, done, failed], eta)?;
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            stop = tokio::signal::ctrl_c() => {
                stop?;
                if let Some(bar) = &mut bar {
                    bar.clear()?;
                }
                writeln!(
                    io::stderr(),
                    "De server gaat door. Haal de reeks op met: begrip batch --server --resume {id}"
                )?;
                return Err(UserError::new(ErrorCode::Cancelled, "").into());
            }
        }
        match app.server_job_get(JobRef { id: id.clone() }).await {
            Ok(now) => (job, away) = (now, 0),
            // It works on; a node may be away for a while.
            Err(error)
                if away < MOST_AWAY
                    && (error.is(ErrorCode::ServerUnreachable)
                        || error.is(ErrorCode::ServerBusy)) =>
            {
                away += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(bar) = &mut bar {
        bar.clear()?;
    }
    Ok(job)
}

/// Writes the results where they are to go.
async fn write(app: &App, job: &ServerJob, results: &Results) -> Result<(), Failure> {
    let (Some(path), Some(format)) = (&results.output, format(results)?) else {
        return Ok(());
    };
    let id = job.id.clone();
    let file = app.server_job_export(JobExport { id, format }).await?;
    put(
        path,
        &BASE64.decode(file.content).map_err(io::Error::other)?,
    )
}

/// Tells how a job stands, and what is wrong with its rows. Rows that went wrong give exit code 1.
async fn told(app: &App, job: &ServerJob, results: &Results, json: bool) -> Result<Exit, Failure> {
    let aside = results.output.as_ref();
    if aside.is_none_or(|path| path.to_str() != Some("-")) {
        match json {
            true => out_json(job)?,
            false => summary(&mut io::stdout().lock(), job)?,
        }
    }
    if job.failed == 0 {
        return Ok(Exit::Done);
    }
    if !json {
        let asked = ServerJobRows {
            id: job.id.clone(),
            state: Some(ServerRowState::Failed),
            after: 0,
            limit: TOLD,
        };
        let page = app.server_job_rows(asked).await?;
        let mut err = io::stderr().lock();
        for row in &page.rows {
            let why = row.error.as_ref().map_or("", |error| &error.message);
            writeln!(err, "rij {}: {}", row.number, visible(why))?;
        }
        if let Some(more) = job.failed.checked_sub(TOLD).filter(|more| *more > 0) {
            writeln!(err, "… en nog {more}")?;
        }
    }
    Ok(Exit::Failed)
}

fn summary(out: &mut impl Write, job: &ServerJob) -> io::Result<()> {
    let name = visible(&job.name);
    writeln!(
        out,
        "Reeks {} ({name}) op de server: {}",
        job.id,
        state(job)
    )?;
    if let Some(halt) = &job.halt {
        writeln!(out, "Zij wacht: {}", visible(&halt.message))?;
    }
    let last = job.ended.as_ref().and_then(|ended| ended.last.as_ref());
    let ended = job.ended.as_ref().map(|ended| &ended.message);
    for why in ended.into_iter().chain(last.map(|last| &last.message)) {
        writeln!(out, "{}", visible(why))?;
    }
    let mut parts = vec![format!("{} klaar", job.done)];
    for (many, what) in [
        (job.failed, "mislukt"),
        (job.running, "bezig"),
        (job.queued, "wacht"),
    ] {
        if many > 0 {
            parts.push(format!("{many} {what}"));
        }
    }
    writeln!(
        out,
        "{}: {}",
        rows_and_questions(job.total, job.questions),
        parts.join(", ")
    )
}

async fn list(app: &App, json: bool) -> Result<Exit, Failure> {
    let jobs = app.server_job_list(()).await?;
    if json {
        out_json(&jobs)?;
        return Ok(Exit::Done);
    }
    let mut out = io::stdout().lock();
    if jobs.is_empty() {
        writeln!(out, "Er zijn geen reeksen op de server.")?;
    }
    for job in jobs {
        writeln!(
            out,
            "{}  {}  {} van {}  {}",
            job.id,
            state(&job),
            job.done + job.failed,
            job.total,
            visible(&job.name)
        )?;
    }
    Ok(Exit::Done)
}

fn state(job: &ServerJob) -> &'static str {
    match job.state {
        ServerJobState::Queued => "nog niet begonnen",
        ServerJobState::Running => "bezig",
        ServerJobState::Done => "klaar",
        ServerJobState::Cancelled => "gestopt",
    }
}
