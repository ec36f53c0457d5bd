//! `begrip experiment` and `begrip flags`: versions of the prompt side by side.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use begrip_app::schema::{
    ArmFigures, ArmReport, Decision, ExperimentReport, ExperimentState, ExperimentsAsk,
    FlagsImport, FlagsView, Mean, PromptBy, PromptInForce, Share,
};
use begrip_app::{App, Cancel, ErrorCode, ExperimentRun, UserError, sign_flags};
use serde::Deserialize;

use crate::args_experiment::{Experiment, Flags};
use crate::exit::{Exit, Failure, tell, unreadable};
use crate::print::visible;
use crate::run::out_json;
use crate::{batch, rules};

/// What stands under the help of `begrip experiment`.
pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip experiment run --terms termen.csv --repeat 5
  begrip experiment report";

/// What stands under the help of `begrip flags`.
pub const FLAGS_EXAMPLES: &str = "\
Voorbeelden:
  begrip flags import proeven-om.json
  begrip flags show";

/// `begrip flags sign`, which needs no workplace.
pub fn without_workplace(command: &Flags) -> Option<Result<Exit, Failure>> {
    match command {
        Flags::Sign { file, sign, output } => Some(signed(file, sign, output.as_deref())),
        _ => None,
    }
}

fn signed(file: &Path, key: &Path, output: Option<&Path>) -> Result<Exit, Failure> {
    let content = sign_flags(&rules::read(file)?, &rules::secret(key)?)?;
    rules::write(output, &content)
}

/// `begrip flags`.
pub async fn flags(app: &App, command: Flags, json: bool) -> Result<Exit, Failure> {
    let view = match command {
        Flags::Import { file } => {
            let content = rules::read(&file)?;
            app.flags_import(FlagsImport { content }).await?
        }
        Flags::Show => app.flags_show(()).await?,
        Flags::Sign { file, sign, output } => return signed(&file, &sign, output.as_deref()),
    };
    match json {
        true => out_json(&view)?,
        false => told(&mut io::stdout().lock(), &view)?,
    }
    Ok(Exit::Done)
}

fn told(out: &mut impl Write, view: &FlagsView) -> io::Result<()> {
    in_force(out, &view.prompt)?;
    let (Some(serial), Some(date), Some(signer)) = (view.serial, &view.date, &view.signer) else {
        return writeln!(out, "Er is geen bestand met proeven ingelezen.");
    };
    writeln!(
        out,
        "Bestand met proeven: nummer {serial} van {date}, ondertekend door {}.",
        visible(signer)
    )?;
    for experiment in &view.experiments {
        let state = match (experiment.killed, &experiment.own_arm) {
            (true, _) => "gestopt".to_owned(),
            (false, Some(arm)) => format!("u doet mee als ‘{}’", visible(arm)),
            (false, None) => "u doet niet mee".to_owned(),
        };
        let whom = match experiment.organisations.is_empty() {
            true => String::new(),
            false => format!(" bij {}", visible(&experiment.organisations.join(", "))),
        };
        writeln!(
            out,
            "  {}: {} % van de computers{whom}; {}; {state}.",
            visible(&experiment.name),
            experiment.rollout,
            visible(&experiment.arms.join(", "))
        )?;
    }
    Ok(())
}

fn in_force(out: &mut impl Write, prompt: &PromptInForce) -> io::Result<()> {
    let why = match (prompt.by, &prompt.experiment, &prompt.arm) {
        (PromptBy::Experiment, Some(name), Some(arm)) => {
            format!("door de proef ‘{}’, als ‘{}’", visible(name), visible(arm))
        }
        (PromptBy::Program, ..) => "zoals het programma hem heeft".to_owned(),
        _ => "door het bestand met proeven".to_owned(),
    };
    writeln!(
        out,
        "Versie van de opdracht voor de volgende vraag: {}, {why}.",
        prompt.version
    )
}

/// `begrip experiment`.
pub async fn run(app: &App, command: Experiment, json: bool) -> Result<Exit, Failure> {
    match command {
        Experiment::Report { add } => report(app, &add, json).await,
        Experiment::Run {
            terms,
            versions,
            repeat,
        } => {
            let bytes = batch::read(&terms).map_err(|error| unreadable(&terms, &error))?;
            let run = run_here(app, bytes, &versions, repeat).await?;
            if let Some(error) = &run.stopped {
                tell("error", error, json);
            }
            match json {
                true => out_json(&run)?,
                false => outcome(&mut io::stdout().lock(), &run)?,
            }
            Ok(match run.stopped {
                Some(error) => Failure::User(error).code(),
                None if run.report.arms.iter().all(|arm| arm.figures.drafts == 0) => Exit::NoModel,
                None => Exit::Done,
            })
        }
    }
}

/// Runs to the end; Ctrl-C closes the connections with the model and tells what was measured so far.
async fn run_here(
    app: &App,
    bytes: Vec<u8>,
    versions: &[String],
    repeat: u32,
) -> Result<ExperimentRun, Failure> {
    let cancel = Cancel::new();
    let shows = io::stderr().is_terminal();
    let done = AtomicU32::new(0);
    let progress = |now: u32, all: u32| {
        if shows && done.swap(now, Ordering::Relaxed) <= now {
            // A terminal that is gone keeps nobody from measuring.
            let _ = write!(io::stderr(), "\r{now} van {all}");
            if now == all {
                let _ = write!(io::stderr(), "\r\u{1b}[K");
            }
        }
    };
    let mut run = std::pin::pin!(app.experiment_run(bytes, versions, repeat, &cancel, progress));
    tokio::select! {
        ended = &mut run => return Ok(ended?),
        stop = tokio::signal::ctrl_c() => stop?,
    }
    cancel.cancel();
    Ok(run.await?)
}

fn outcome(out: &mut impl Write, run: &ExperimentRun) -> io::Result<()> {
    let calls: u32 = run.report.arms.iter().map(|arm| arm.figures.drafts).sum();
    let terms = match run.terms {
        1 => "1 term".to_owned(),
        n => format!("{n} termen"),
    };
    writeln!(out, "{terms}, {calls} antwoorden.")?;
    table(out, &run.report, false)?;
    for failed in run.failed.iter().take(20) {
        writeln!(
            out,
            "Geen antwoord: {} (versie {}): {}: {}",
            visible(&failed.term),
            failed.version,
            failed.error.code,
            failed.error.message.nl
        )?;
    }
    if run.failed.len() > 20 {
        writeln!(out, "… en {} meer.", run.failed.len() - 20)?;
    }
    Ok(())
}

/// A report of another computer.
#[derive(Deserialize)]
struct Other {
    experiments: Vec<OtherExperiment>,
}

#[derive(Deserialize)]
struct OtherExperiment {
    arms: Vec<OtherArm>,
}

#[derive(Deserialize)]
struct OtherArm {
    figures: ArmFigures,
}

async fn report(app: &App, add: &[PathBuf], json: bool) -> Result<Exit, Failure> {
    let mut others = Vec::new();
    for path in add {
        let other: Other = serde_json::from_str(&rules::read(path)?).map_err(|error| {
            let what: String = error.to_string().chars().take(200).collect();
            UserError::new(
                ErrorCode::FileUnreadable,
                format!("{}: {what}", path.display()),
            )
        })?;
        let arms = other.experiments.into_iter().flat_map(|one| one.arms);
        others.extend(arms.map(|arm| arm.figures));
    }
    let reports = app.experiments(ExperimentsAsk { others }).await?;
    if json {
        out_json(&reports)?;
        return Ok(Exit::Done);
    }
    let out = &mut io::stdout().lock();
    in_force(out, &reports.prompt)?;
    if reports.experiments.is_empty() {
        writeln!(out, "Er is geen proef.")?;
    }
    for experiment in &reports.experiments {
        let state = match experiment.state {
            ExperimentState::Running => {
                format!("loopt bij {} % van de computers", experiment.rollout)
            }
            ExperimentState::Stopped => "is gestopt".to_owned(),
            ExperimentState::Over => "is voorbij".to_owned(),
        };
        writeln!(out, "\nProef ‘{}’ {state}.", visible(&experiment.name))?;
        table(out, experiment, true)?;
    }
    Ok(Exit::Done)
}

/// One column for each arm, and what the figures say; `in_use` with what people did.
fn table(out: &mut impl Write, report: &ExperimentReport, in_use: bool) -> io::Result<()> {
    type Cell = fn(&ArmReport) -> String;
    let measured: [(&str, Cell); 6] = [
        ("teksten", |arm| arm.figures.drafts.to_string()),
        ("voldoet aan de regels", |arm| share(arm.passed)),
        ("tokens verstuurd", |arm| mean(arm.tokens_in, 0, 1.0)),
        ("tokens ontvangen", |arm| mean(arm.tokens_out, 0, 1.0)),
        ("seconden", |arm| mean(arm.latency_ms, 2, 1e-3)),
        ("eurocent", |arm| mean(arm.cost_eur, 3, 100.0)),
    ];
    let decided: [(&str, Cell); 4] = [
        ("ongewijzigd bewaard", |arm| share(arm.kept)),
        ("gewijzigd bewaard", |arm| share(arm.edited)),
        ("weggegooid", |arm| share(arm.discarded)),
        ("nog open", |arm| arm.figures.open.to_string()),
    ];
    let heading = |arm: &ArmReport| match arm.figures.arm == arm.figures.prompt_version {
        true => format!("versie {}", arm.figures.prompt_version),
        false => format!(
            "{} (versie {})",
            visible(&arm.figures.arm),
            arm.figures.prompt_version
        ),
    };
    let mut rows = vec![(
        String::new(),
        report.arms.iter().map(heading).collect::<Vec<String>>(),
    )];
    let more = if in_use { &decided[..] } else { &[] };
    for (name, cell) in measured.iter().chain(more) {
        rows.push(((*name).to_owned(), report.arms.iter().map(cell).collect()));
    }
    for (name, cells) in rows {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<26}")).collect();
        let line = format!("{name:<22} {}", cells.join(" "));
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "Tussen haakjes: het 95%-interval.")?;
    for verdict in &report.verdicts {
        let said = match verdict.decision {
            Decision::Promote => "ja, deze versie kan de vorige vervangen.",
            Decision::NotYet => "nog niet te zeggen.",
            Decision::No => "nee.",
        };
        writeln!(out, "‘{}’: {said}", visible(&verdict.arm))?;
        for reason in &verdict.reasons {
            writeln!(out, "  - {}", visible(&reason.nl))?;
        }
    }
    Ok(())
}

fn comma(number: f64, digits: usize) -> String {
    format!("{number:.digits$}").replace('.', ",")
}

fn share(share: Option<Share>) -> String {
    let percent = |part: f64| comma(part * 100.0, 1);
    match share {
        None => "-".to_owned(),
        Some(share) => format!(
            "{} % ({} – {})",
            percent(share.share),
            percent(share.low),
            percent(share.high)
        ),
    }
}

fn mean(mean: Option<Mean>, digits: usize, times: f64) -> String {
    let number = |value: f64| comma(value * times, digits);
    match mean {
        None => "-".to_owned(),
        Some(Mean {
            mean,
            low: Some(low),
            high: Some(high),
            ..
        }) => format!("{} ({} – {})", number(mean), number(low), number(high)),
        Some(Mean { mean, .. }) => number(mean),
    }
}
