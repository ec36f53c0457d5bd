//! Opens the workplace and runs one command. Each asks `begrip-app` and hands the answer to
//! `print`.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use begrip_app::schema::{
    AssumedCategory, CheckRequest, DoctorCheck, DoctorReport, FirstQuestion, Language,
    SearchRequest,
};
use begrip_app::{App, ErrorCode, OpenOptions, Telemetry, UserError};
use begrip_domain::{Category, limits};
use begrip_rules::{Report, RulePack};
use jiff::Timestamp;
use serde::Serialize;

use crate::args::{Args, Command, Input, Many, Place};
use crate::definitions::{self, Kind};
use crate::draft::Ways;
use crate::exit::{Exit, Failure, tell, unreadable};
use crate::findings::{self, About, Format, Out};
use crate::trace::Steps;
use crate::whole_file::WholeFile;
use crate::{
    admin, batch, concepts, costs, draft, experiment, print, privacy, review, rules, settings,
    sources, sync, trace, upkeep,
};

/// Runs the command line to its end.
pub fn run(args: Args, steps: &Steps, telemetry: &Telemetry) -> Result<Exit, Failure> {
    // Usable in a pipe on a machine where Begrip was never opened: nothing is made there.
    if let Command::Check { many, .. } = &args.command
        && many.file().is_some()
    {
        let options = OpenOptions::from_environment(home(args.home.clone()))?;
        if !options.home.exists() {
            return check_file(many, begrip_app::built_in_pack()?.as_ref(), args.json);
        }
    }
    if let Command::Rules(command) = &args.command
        && let Some(done) = rules::without_workplace(command, args.json)
    {
        return done;
    }
    if let Command::Flags(command) = &args.command
        && let Some(done) = experiment::without_workplace(command)
    {
        return done;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut options = OpenOptions::from_environment(home(args.home.clone()))?;
        options.telemetry = telemetry.clone();
        let opened = tokio::task::spawn_blocking(move || App::open(options))
            .await
            .map_err(io::Error::other)?;
        let app = match opened {
            Ok(app) => app,
            // The one command that has an answer when the workplace cannot be opened.
            Err(error) if matches!(args.command, Command::Doctor) => {
                return told(&cannot_open(error), args.json);
            }
            Err(error) => return Err(error.into()),
        };
        if !matches!(args.command, Command::Doctor) {
            // Told once, by whichever program opens the file: a recovery must not go unseen.
            let of_rules = matches!(args.command, Command::Rules(_));
            for notice in app.app_info(()).await?.notices {
                // Holds for as long as the user has not chosen: told where it can be chosen.
                if notice.message.is(ErrorCode::PackOutdated) && !of_rules {
                    continue;
                }
                tell("notice", &notice.message, args.json);
            }
        }
        let exit = command(&app, args, steps).await;
        app.close().await;
        exit
    })
}

/// `--home`, else `BEGRIP_HOME` in any encoding; an empty one counts as not given.
fn home(given: Option<PathBuf>) -> Option<PathBuf> {
    given
        .or_else(|| std::env::var_os("BEGRIP_HOME").map(PathBuf::from))
        .filter(|home| !home.as_os_str().is_empty())
}

async fn command(app: &App, args: Args, steps: &Steps) -> Result<Exit, Failure> {
    let json = args.json;
    match args.command {
        Command::Lookup { term, limit, on } => lookup(app, term, limit, on, json).await,
        Command::Define {
            input,
            refine,
            fresh,
            offline,
            keep,
        } => {
            let ways = Ways {
                fresh,
                offline,
                keep,
            };
            draft::define(app, &input, &refine, ways, json).await
        }
        Command::Trace {
            input,
            fresh,
            offline,
        } => {
            let ways = Ways {
                fresh,
                offline,
                keep: false,
            };
            trace::trace(app, &input, ways, steps, json).await
        }
        Command::Check { many, .. } if many.file().is_some() => {
            check_file(&many, &app.rules_in_force(), json)
        }
        Command::Check {
            text, term, place, ..
        } => check(app, text.unwrap_or_default(), term, &place, json).await,
        Command::Batch(command) => batch::run(app, command, json).await,
        Command::Prompt { input } => prompt(app, &input, json).await,
        Command::Privacy { file, privacy } => privacy::show(app, &file, &privacy, json).await,
        Command::Concepts(command) => concepts::run(app, command, json).await,
        Command::Rules(command) => rules::run(app, command, json).await,
        Command::Sources(command) => sources::run(app, command, json).await,
        Command::Cache(command) => draft::cache(app, command, json).await,
        Command::Costs { month, by, csv } => costs::costs(app, month, by, csv, json).await,
        Command::Prices(command) => costs::prices(app, command, json).await,
        Command::Experiment(command) => experiment::run(app, command, json).await,
        Command::Flags(command) => experiment::flags(app, command, json).await,
        Command::Settings(command) => settings::run(app, command, json).await,
        Command::Sync(command) => sync::run(app, command, json).await,
        Command::Review(command) => review::run(app, command, json).await,
        Command::Admin(command) => admin::run(app, command, json).await,
        Command::Upkeep => upkeep::run(app, json).await,
        Command::Doctor => told(&app.doctor(()).await?, json),
    }
}

async fn lookup(
    app: &App,
    query: String,
    limit: u32,
    valid_on: Option<String>,
    json: bool,
) -> Result<Exit, Failure> {
    if query.trim().is_empty() {
        return Err(UserError::new(ErrorCode::TermEmpty, "").into());
    }
    let found = app
        .search(SearchRequest {
            query,
            limit: Some(limit),
            valid_on,
        })
        .await?;
    match json {
        true => out_json(&found.hits)?,
        false => print::hits(&mut io::stdout().lock(), &found.hits)?,
    }
    Ok(match found.hits.is_empty() {
        true => Exit::NotFound,
        false => Exit::Done,
    })
}

/// The stable form of `prompt --json`.
#[derive(Serialize)]
struct PromptOut<'a, M, S> {
    messages: &'a [M],
    tokens: u32,
    budget: u32,
    sections: &'a [S],
    assumed: Option<&'a AssumedCategory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'a FirstQuestion>,
}

async fn prompt(app: &App, input: &Input, json: bool) -> Result<Exit, Failure> {
    let preview = app.preview(input.draft()?).await?;
    match json {
        true => out_json(&PromptOut {
            messages: &preview.messages,
            tokens: preview.tokens,
            budget: preview.budget,
            sections: &preview.sections,
            assumed: preview.assumed.as_ref(),
            first: preview.first.as_ref(),
        })?,
        false => print::preview(&mut io::stdout().lock(), &preview)?,
    }
    Ok(Exit::Done)
}

/// The form of `check --json`.
#[derive(Serialize)]
pub struct ReportOut<'a> {
    pack_version: &'a str,
    score: f32,
    findings: Vec<Out<'a>>,
}

impl<'a> From<&'a Report> for ReportOut<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            pack_version: &report.pack_version,
            score: report.score,
            findings: report.findings.iter().map(Out::from).collect(),
        }
    }
}

async fn check(
    app: &App,
    text: String,
    term: String,
    place: &Place,
    json: bool,
) -> Result<Exit, Failure> {
    let text = match text.as_str() {
        "-" => read_text(Path::new("-"))?,
        _ => text,
    };
    let report = app
        .check(CheckRequest {
            term,
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            context: place.context()?,
            category: place.category.map(Category::from),
            has_source: None,
            ..CheckRequest::default()
        })
        .await?;
    match json {
        true => out_json(&ReportOut::from(&report))?,
        false => print::report(&mut io::stdout().lock(), &report)?,
    }
    Ok(match report.blocking_failures().next() {
        Some(_) => Exit::Blocked,
        None => Exit::Done,
    })
}

/// `check --from` and `check --jsonl`.
fn check_file(many: &Many, pack: &RulePack, json: bool) -> Result<Exit, Failure> {
    let Some(path) = many.file() else {
        return Ok(Exit::Done);
    };
    // What programs rely upon: JSON lines in and out, and a run that does not fail with its rules.
    let lines = many.jsonl.is_some();
    let (kind, usual) = match (lines, json) {
        (true, _) => (Some(Kind::Jsonl), Format::Jsonl),
        (false, true) => (many.kind, Format::Json),
        (false, false) => (many.kind, Format::Table),
    };
    let mut source = definitions::open(path, kind)?;
    let about = About {
        pack,
        file: &path.to_string_lossy(),
        at: Timestamp::now(),
        screen: many.output.is_none() && io::stdout().is_terminal(),
    };
    let format = many.format.unwrap_or(usual);
    let (blocked, faults) = match &many.output {
        None => {
            let out = io::BufWriter::new(io::stdout().lock());
            findings::write(source.as_mut(), about, format, out)?
        }
        Some(output) => {
            let mut file = WholeFile::begin(output)?;
            let written = findings::write(source.as_mut(), about, format, &mut file);
            file.keep(written)?
        }
    };
    if let Some(notice) = source.notice() {
        tell("notice", &notice, json);
    }
    match faults {
        Some(faults) => Err(faults.into()),
        None if blocked && !lines => Ok(Exit::Blocked),
        None => Ok(Exit::Done),
    }
}

/// A text from a file, `-` for standard input, without a byte order mark.
///
/// No more is read than can be checked, and a character to tell that there was more.
pub fn read_text(path: &Path) -> Result<String, UserError> {
    let most = 4 * (limits::TEXT_CHARS as u64 + 1);
    let mut bytes = Vec::new();
    let source: Result<Box<dyn Read>, io::Error> = match path == Path::new("-") {
        true => Ok(Box::new(io::stdin().lock())),
        false => File::open(path).map(|file| Box::new(file) as Box<dyn Read>),
    };
    source
        .and_then(|source| source.take(most).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 == most {
        return Err(UserError::new(ErrorCode::TextTooLong, "text"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable(path, &io::ErrorKind::InvalidData.into()))?;
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// What the doctor says when there is nothing to examine.
fn cannot_open(error: UserError) -> DoctorReport {
    DoctorReport {
        healthy: false,
        // The settings cannot be read either.
        language: Language::Nl,
        checks: vec![DoctorCheck {
            name: "store".to_owned(),
            ok: false,
            found: error.message.nl.clone(),
            error: Some(error),
        }],
    }
}

fn told(report: &DoctorReport, json: bool) -> Result<Exit, Failure> {
    match json {
        true => out_json(report)?,
        false => print::doctor(&mut io::stdout().lock(), report)?,
    }
    Ok(match report.healthy {
        true => Exit::Done,
        false => Exit::Failed,
    })
}

/// Writes one line of JSON to standard output.
pub fn out_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
