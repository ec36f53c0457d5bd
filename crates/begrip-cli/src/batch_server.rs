//! `begrip batch --server`: definitions that the central server makes.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use begrip_app::{App, ErrorCode, UserError};
use serde_json::Value;

use crate::args_batch::{Batch, BatchCommand, Results};
use crate::batch::{Bar, format, name, put, read};
use crate::exit::{Exit, Failure, unreadable};
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
        Some(BatchCommand::Show { job, results }) => {
            let job = app.server_job(&job).await?;
            write(app, &job, &results).await?;
            told(app, &job, &results, json).await
        }
        Some(BatchCommand::Cancel { job }) => {
            let job = app.server_job_cancel(&job).await?;
            let nowhere = Results {
                output: None,
                format: None,
            };
            told(app, &job, &nowhere, json).await
        }
        None => {
            // What is wrong with the command line is told before anything is asked.
            format(&batch.results)?;
            let job = match (&batch.file, &batch.resume) {
                (Some(path), _) => create(app, path).await?,
                (None, Some(id)) if batch.retry => app.server_job_retry(id).await?,
                (None, Some(id)) => app.server_job(id).await?,
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

async fn create(app: &App, path: &Path) -> Result<Value, Failure> {
    let bytes = read(path).map_err(|error| unreadable(path, &error))?;
    Ok(app.server_job_create(&name(path), &bytes).await?)
}

fn text<'a>(job: &'a Value, name: &str) -> &'a str {
    job[name].as_str().unwrap_or_default()
}

fn count(job: &Value, name: &str) -> u64 {
    job[name].as_u64().unwrap_or_default()
}

/// Until the job has ended; Ctrl-C leaves it to the server.
async fn watch(app: &App, mut job: Value) -> Result<Value, Failure> {
    let id = text(&job, "id").to_owned();
    let mut bar = io::stderr().is_terminal().then(Bar::default);
    let mut away = 0;
    while matches!(text(&job, "state"), "queued" | "running") || count(&job, "running") > 0 {
        if let Some(bar) = &mut bar {
            let (done, failed) = (count(&job, "done"), count(&job, "failed"));
            // Whole seconds, and an estimate.
            let eta = job["eta_s"].as_f64().map(|seconds| seconds as u32);
            bar.tell([done + failed, count(&job, "total"), done, failed], eta)?;
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
        match app.server_job(&id).await {
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
async fn write(app: &App, job: &Value, results: &Results) -> Result<(), Failure> {
    let (Some(path), Some(format)) = (&results.output, format(results)?) else {
        return Ok(());
    };
    put(
        path,
        &app.server_job_results(text(job, "id"), format).await?,
    )
}

/// Tells how a job stands, and what is wrong with its rows. Rows that went wrong give exit code 1.
async fn told(app: &App, job: &Value, results: &Results, json: bool) -> Result<Exit, Failure> {
    let aside = results.output.as_ref();
    if aside.is_none_or(|path| path.to_str() != Some("-")) {
        match json {
            true => out_json(job)?,
            false => summary(&mut io::stdout().lock(), job)?,
        }
    }
    let failed = count(job, "failed");
    if failed == 0 {
        return Ok(Exit::Done);
    }
    if !json {
        let page = app.server_job_failures(text(job, "id"), TOLD).await?;
        let mut err = io::stderr().lock();
        for row in page["rows"].as_array().into_iter().flatten() {
            let why = text(&row["error"], "message");
            writeln!(err, "rij {}: {}", row["number"], visible(why))?;
        }
        if let Some(more) = failed.checked_sub(u64::from(TOLD)).filter(|more| *more > 0) {
            writeln!(err, "… en nog {more}")?;
        }
    }
    Ok(Exit::Failed)
}

fn summary(out: &mut impl Write, job: &Value) -> io::Result<()> {
    let name = visible(text(job, "name"));
    writeln!(
        out,
        "Reeks {} ({name}) op de server: {}",
        text(job, "id"),
        state(job)
    )?;
    if let Some(why) = job["halt"]["message"].as_str() {
        writeln!(out, "Zij wacht: {}", visible(why))?;
    }
    for why in [&job["ended"], &job["ended"]["last"]] {
        if let Some(why) = why["message"].as_str() {
            writeln!(out, "{}", visible(why))?;
        }
    }
    let mut parts = vec![format!("{} klaar", count(job, "done"))];
    for (name, what) in [
        ("failed", "mislukt"),
        ("running", "bezig"),
        ("queued", "wacht"),
    ] {
        match count(job, name) {
            0 => {}
            many => parts.push(format!("{many} {what}")),
        }
    }
    writeln!(
        out,
        "{} rijen, {} verschillende vragen: {}",
        count(job, "total"),
        count(job, "questions"),
        parts.join(", ")
    )
}

async fn list(app: &App, json: bool) -> Result<Exit, Failure> {
    let jobs = app.server_jobs().await?;
    if json {
        out_json(&jobs["jobs"])?;
        return Ok(Exit::Done);
    }
    let jobs = jobs["jobs"].as_array().cloned().unwrap_or_default();
    let mut out = io::stdout().lock();
    if jobs.is_empty() {
        writeln!(out, "Er zijn geen reeksen op de server.")?;
    }
    for job in jobs {
        writeln!(
            out,
            "{}  {}  {} van {}  {}",
            text(&job, "id"),
            state(&job),
            count(&job, "done") + count(&job, "failed"),
            count(&job, "total"),
            visible(text(&job, "name"))
        )?;
    }
    Ok(Exit::Done)
}

fn state(job: &Value) -> &'static str {
    match text(job, "state") {
        "queued" => "nog niet begonnen",
        "running" => "bezig",
        "done" => "klaar",
        _ => "gestopt",
    }
}
