//! `begrip batch`: definitions of all terms of a file.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_app::schema::{
    JobAct, JobAction, JobCreate, JobExport, JobFile, JobFormat, JobItemState, JobItems, JobRef,
    JobState, JobView,
};
use begrip_app::{App, ErrorCode, UserError};

use crate::args_batch::{Batch, BatchCommand, FormatArg, Results};
use crate::batch_server;
use crate::exit::{Exit, Failure, tell, unreadable};
use crate::print::visible;
use crate::run::out_json;
use crate::whole_file::WholeFile;

/// How often the progress on a terminal is brought up to date.
const TICK: Duration = Duration::from_millis(200);

/// How long a stopped batch may take to close its connections.
const CLOSING: Duration = Duration::from_secs(2);

/// Rows that are told by themselves at the end.
const TOLD: u32 = 20;

/// No file may be larger; a little more is read, to see that it is.
const MOST_BYTES: u64 = 10_000_001;

/// `begrip batch`.
pub async fn run(app: &App, batch: Batch, json: bool) -> Result<Exit, Failure> {
    if batch.server {
        return batch_server::run(app, batch, json).await;
    }
    match batch.command {
        Some(BatchCommand::List) => list(app, json).await,
        Some(BatchCommand::Show { job, results }) => {
            let job = app.job_get(JobRef { id: job }).await?;
            write(app, &job, &results).await?;
            told(app, &job, &results, json).await
        }
        Some(BatchCommand::Cancel { job }) => {
            let job = act(app, job, JobAction::Cancel).await?;
            told(app, &job, &NOWHERE, json).await
        }
        None => {
            // What is wrong with the command line is told before anything is asked.
            format(&batch.results)?;
            ask(app, batch, json).await
        }
    }
}

const NOWHERE: Results = Results {
    output: None,
    format: None,
};

async fn act(app: &App, id: String, action: JobAction) -> Result<JobView, Failure> {
    Ok(app.job_act(JobAct { id, action }).await?)
}

async fn ask(app: &App, batch: Batch, json: bool) -> Result<Exit, Failure> {
    let job = match (&batch.file, batch.resume) {
        (Some(path), _) => create(app, path, json).await?,
        (None, Some(id)) => app.job_get(JobRef { id }).await?,
        (None, None) => return Err(Failure::Usage("er ontbreekt iets: <BESTAND>".to_owned())),
    };
    let id = job.id.clone();
    if batch.retry {
        app.job_retry(JobRef { id: id.clone() }).await?;
    }
    let job = match job.state {
        JobState::Done | JobState::Cancelled if !batch.retry => job,
        _ => run_here(app, &id, batch.concurrency).await?,
    };
    write(app, &job, &batch.results).await?;
    if let Some(error) = &job.halt {
        tell("error", error, json);
        if !json {
            writeln!(
                io::stderr(),
                "Ga later verder met: begrip batch --resume {id}"
            )?;
        }
        told(app, &job, &batch.results, json).await?;
        return Ok(Failure::User(error.clone()).code());
    }
    told(app, &job, &batch.results, json).await
}

/// What a batch of a file is called.
fn name(path: &Path) -> String {
    match path.file_name().and_then(|name| name.to_str()) {
        None | Some("-") => "standaardinvoer".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// A file of terms as the use cases take it.
pub fn terms(path: &Path) -> Result<JobFile, Failure> {
    let bytes = read(path).map_err(|error| unreadable(path, &error))?;
    Ok(JobFile {
        name: name(path),
        content: BASE64.encode(bytes),
    })
}

async fn create(app: &App, path: &Path, json: bool) -> Result<JobView, Failure> {
    let file = terms(path)?;
    let preview = app.job_preview(file.clone()).await?;
    if let Some(notice) = &preview.notice {
        tell("notice", notice, json);
    }
    let create = JobCreate {
        file,
        id: None,
        start: false,
    };
    Ok(app.job_create(create).await?)
}

/// A file of terms, or standard input (`-`).
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match path.to_str() {
        Some("-") => io::stdin()
            .lock()
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)?,
        _ => std::fs::File::open(path)?
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Runs the batch to its end; Ctrl-C pauses it and closes the connections with the model.
async fn run_here(app: &App, id: &str, at_once: Option<u32>) -> Result<JobView, Failure> {
    let job = || JobRef { id: id.to_owned() };
    let mut run = std::pin::pin!(app.job_run(job(), at_once));
    let mut bar = io::stderr().is_terminal().then(Bar::default);
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            ended = &mut run => {
                if let Some(bar) = &mut bar {
                    bar.clear()?;
                }
                return Ok(ended?);
            }
            _ = tick.tick(), if bar.is_some() => {
                if let Some(bar) = &mut bar {
                    bar.show(&app.job_get(job()).await?)?;
                }
            }
            stop = tokio::signal::ctrl_c() => {
                stop?;
                app.job_interrupt(job()).await?;
                // What does not end in time is stopped with the program; its rows wait again.
                let _ = tokio::time::timeout(CLOSING, run).await;
                if let Some(bar) = &mut bar {
                    bar.clear()?;
                }
                writeln!(io::stderr(), "Ga later verder met: begrip batch --resume {id}")?;
                return Err(UserError::new(ErrorCode::Cancelled, "").into());
            }
        }
    }
}

/// One line on a terminal that is written over.
#[derive(Default)]
pub struct Bar {
    width: usize,
}

impl Bar {
    fn show(&mut self, job: &JobView) -> io::Result<()> {
        let ended = job.done + job.failed + job.skipped;
        let (total, done, failed) = (job.total, job.done, job.failed);
        self.tell([ended, total, done, failed].map(u64::from), job.eta_s)
    }

    /// Rows that ended, of all; those that are done, and that failed.
    pub fn tell(&mut self, counts: [u64; 4], eta_s: Option<u32>) -> io::Result<()> {
        let left = match eta_s {
            Some(seconds) => format!(", nog ongeveer {}", duration(seconds)),
            None => String::new(),
        };
        let [ended, total, done, failed] = counts;
        let line = format!("{ended} van {total}: {done} klaar, {failed} mislukt{left}");
        let width = line.chars().count();
        let pad = " ".repeat(self.width.saturating_sub(width));
        self.width = width;
        let mut err = io::stderr().lock();
        write!(err, "\r{line}{pad}")?;
        err.flush()
    }

    pub fn clear(&mut self) -> io::Result<()> {
        write!(io::stderr().lock(), "\r{}\r", " ".repeat(self.width))
    }
}

fn duration(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconden"),
        _ => format!("{} minuten", seconds.div_ceil(60)),
    }
}

/// Writes the results where they are to go.
async fn write(app: &App, job: &JobView, results: &Results) -> Result<(), Failure> {
    let (Some(path), Some(format)) = (&results.output, format(results)?) else {
        return Ok(());
    };
    let id = job.id.clone();
    let file = app.job_export(JobExport { id, format }).await?;
    let bytes = BASE64.decode(file.content).map_err(io::Error::other)?;
    put(path, &bytes)
}

/// Writes a file whole, or standard output (`-`).
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path.to_str() == Some("-") {
        return Ok(io::stdout().lock().write_all(bytes)?);
    }
    let mut out = WholeFile::begin(path)?;
    let written = out.write_all(bytes).map_err(Failure::from);
    out.keep(written)
}

/// The form that was asked for, or that the name of the file says.
pub fn format(results: &Results) -> Result<Option<JobFormat>, Failure> {
    let Some(path) = &results.output else {
        return Ok(None);
    };
    if let Some(format) = results.format {
        return Ok(Some(format.into()));
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    let format = match ending.map(str::to_lowercase).as_deref() {
        Some("csv") => FormatArg::Csv,
        Some("xlsx") => FormatArg::Xlsx,
        Some("json") => FormatArg::Json,
        _ => {
            return Err(Failure::Usage(format!(
                "aan ‘{}’ is niet te zien welke vorm u wilt; kies met --format csv, xlsx of json",
                path.display()
            )));
        }
    };
    Ok(Some(format.into()))
}

/// Tells how a batch stands, and what is wrong with its rows. Rows that went wrong give exit code 1.
async fn told(app: &App, job: &JobView, results: &Results, json: bool) -> Result<Exit, Failure> {
    // The results themselves stand on standard output then.
    let aside = results
        .output
        .as_ref()
        .is_some_and(|path| path.to_str() == Some("-"));
    if !aside {
        match json {
            true => out_json(job)?,
            false => summary(&mut io::stdout().lock(), job)?,
        }
    }
    if !json {
        faults(app, job).await?;
    }
    Ok(match job.failed + job.skipped {
        0 => Exit::Done,
        _ => Exit::Failed,
    })
}

fn summary(out: &mut impl Write, job: &JobView) -> io::Result<()> {
    writeln!(
        out,
        "Reeks {} ({}): {}",
        job.id,
        visible(&job.name),
        state(job.state)
    )?;
    let mut parts = vec![format!("{} klaar", job.done)];
    for (count, what) in [
        (job.failed, "mislukt"),
        (job.skipped, "overgeslagen"),
        (job.running, "bezig"),
        (job.waiting, "wacht"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    writeln!(
        out,
        "{}: {}",
        rows_and_questions(job.total, job.questions),
        parts.join(", ")
    )
}

/// How many rows a batch has, and how many different questions they ask.
pub(crate) fn rows_and_questions(rows: impl Into<u64>, questions: impl Into<u64>) -> String {
    let rows = match rows.into() {
        1 => "1 rij".to_owned(),
        rows => format!("{rows} rijen"),
    };
    match questions.into() {
        1 => format!("{rows}, 1 vraag"),
        questions => format!("{rows}, {questions} verschillende vragen"),
    }
}

/// The rows that went wrong, on standard error.
async fn faults(app: &App, job: &JobView) -> Result<(), Failure> {
    let mut err = io::stderr().lock();
    for state in [JobItemState::Skipped, JobItemState::Failed] {
        let page = app
            .job_items(JobItems {
                id: job.id.clone(),
                state: Some(state),
                offset: 0,
                limit: TOLD,
            })
            .await?;
        let (shown, total) = (page.items.len(), page.total);
        for item in page.items {
            let Some(error) = item.error else { continue };
            let why = match error.is(ErrorCode::RowFaulty) {
                true => error.detail,
                false => format!("rij {}: {} ({})", item.number, error.message.nl, error.code),
            };
            writeln!(err, "{}", visible(&why))?;
        }
        if total > TOLD {
            writeln!(
                err,
                "… en nog {}",
                total - u32::try_from(shown).unwrap_or(TOLD)
            )?;
        }
    }
    Ok(())
}

async fn list(app: &App, json: bool) -> Result<Exit, Failure> {
    let jobs = app.job_list(()).await?;
    if json {
        out_json(&jobs)?;
        return Ok(Exit::Done);
    }
    let mut out = io::stdout().lock();
    if jobs.is_empty() {
        writeln!(out, "Er zijn geen reeksen.")?;
    }
    for job in jobs {
        writeln!(
            out,
            "{}  {}  {} van {}  {}",
            job.id,
            state(job.state),
            job.done + job.failed + job.skipped,
            job.total,
            visible(&job.name)
        )?;
    }
    Ok(Exit::Done)
}

fn state(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "nog niet begonnen",
        JobState::Running => "bezig",
        JobState::Paused => "gepauzeerd",
        JobState::Done => "klaar",
        JobState::Cancelled => "gestopt",
    }
}
