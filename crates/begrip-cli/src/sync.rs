//! `begrip sync`: the central server, sharing, and what was not taken.

use std::io::{self, Write};

use begrip_app::schema::{
    AccountBy, AccountView, ConceptGet, ConflictReason, ReviewNewsKind, SettleConflict,
    ShareConcept, ShareWith, Side, SignInRequest, SyncConflict, SyncReport, SyncRequest,
    SyncStatus,
};
use begrip_app::{App, ErrorCode, UserError, role_name};
use jiff::Timestamp;
use serde::Serialize;

use crate::args_sync::{Sync, SyncAct};
use crate::concepts::the_one;
use crate::exit::{Exit, Failure, tell};
use crate::print::visible;
use crate::run::out_json;

/// `begrip sync`.
pub async fn run(app: &App, command: Sync, json: bool) -> Result<Exit, Failure> {
    let Some(act) = command.act else {
        let request = SyncRequest {
            compare: true,
            accept_withdrawals: command.accept_withdrawals,
        };
        return told(&app.sync_now(request).await?, json, report);
    };
    match act {
        SyncAct::Status => told(&app.sync_status(()).await?, json, status),
        SyncAct::Share { concept, with, own } => {
            let id = the_one(app, &concept).await?;
            let with = match (own, with.is_empty()) {
                (true, _) => ShareWith::Organisation,
                (false, true) => ShareWith::Chain,
                (false, false) => ShareWith::Named {
                    organisations: with,
                },
            };
            let status = app.concept_share(ShareConcept { id, with }).await?;
            told(&status, json, waits)
        }
        SyncAct::Withdraw { concept } => {
            let id = the_one(app, &concept).await?;
            told(&app.concept_unshare(ConceptGet { id }).await?, json, waits)
        }
        SyncAct::Conflicts => {
            let conflicts = app.sync_conflicts(()).await?;
            told(&conflicts, json, |out, conflicts| list(out, conflicts))
        }
        SyncAct::Settle {
            concept,
            mine,
            except,
            ..
        } => {
            let take = if mine { Side::Mine } else { Side::Theirs };
            let id = the_one(app, &concept).await?;
            let settle = SettleConflict { id, take, except };
            told(&app.sync_settle(settle).await?, json, waits)
        }
        SyncAct::Follow => follow(app, json).await,
        SyncAct::SignIn { open } => sign_in(app, open, json).await,
        SyncAct::SignOut => told(&app.sign_out(()).await?, json, account),
        SyncAct::Who => told(&app.who_am_i(()).await?, json, account),
    }
}

pub fn told<T: Serialize>(
    value: &T,
    json: bool,
    print: impl FnOnce(&mut dyn Write, &T) -> io::Result<()>,
) -> Result<Exit, Failure> {
    match json {
        true => out_json(value)?,
        false => print(&mut io::stdout().lock(), value)?,
    }
    Ok(Exit::Done)
}

async fn follow(app: &App, json: bool) -> Result<Exit, Failure> {
    // A program in the background waits for settings; a person at a terminal wants to know.
    if !app.sync_status(()).await?.configured {
        return Err(UserError::new(ErrorCode::ServerNotConfigured, "").into());
    }
    let line = |status: SyncStatus| {
        // A reader that has seen enough is noticed by the next signal.
        let _ = match json {
            true => out_json(&status),
            false => status_line(&mut io::stdout().lock(), &status).map_err(Failure::from),
        };
    };
    tokio::select! {
        followed = app.sync_follow(line) => followed.map(|()| Exit::Done).map_err(Failure::from),
        _ = tokio::signal::ctrl_c() => Ok(Exit::Stopped),
    }
}

async fn sign_in(app: &App, open: bool, json: bool) -> Result<Exit, Failure> {
    let begun = app.sign_in_begin(SignInRequest { open }).await?;
    match json {
        true => out_json(&begun)?,
        false => {
            let mut out = io::stdout().lock();
            match begun.opened {
                true => writeln!(
                    out,
                    "Meld u aan in de browser die nu opent, of op deze pagina:"
                )?,
                false => writeln!(out, "Open deze pagina in een browser en meld u aan:")?,
            }
            writeln!(out, "{}", visible(&begun.address))?;
            out.flush()?;
        }
    }
    let ended = tokio::select! {
        ended = app.sign_in_end(()) => ended?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    if let Some(notice) = &ended.notice {
        tell("notice", notice, json);
    }
    told(&ended, json, account)
}

fn account(out: &mut dyn Write, account: &AccountView) -> io::Result<()> {
    match account.by {
        _ if !account.server => writeln!(out, "Er is nog geen centrale server ingesteld.")?,
        AccountBy::Nothing => writeln!(out, "U bent niet aangemeld.")?,
        AccountBy::Token => writeln!(out, "U bent bekend door een toegangssleutel.")?,
        AccountBy::SignIn if account.ended => writeln!(
            out,
            "Uw aanmelding is verlopen: {}. Meld u opnieuw aan met ‘begrip sync sign-in’.",
            visible(&account.name)
        )?,
        AccountBy::SignIn => writeln!(out, "Aangemeld: {}.", visible(&account.name))?,
    }
    if !account.organisation.is_empty() {
        writeln!(out, "Organisatie: {}", visible(&account.organisation))?;
    }
    if !account.role.is_empty() {
        writeln!(out, "Rol: {}", role_name(&account.role))?;
    }
    Ok(())
}

fn report(out: &mut dyn Write, report: &SyncReport) -> io::Result<()> {
    writeln!(
        out,
        "Verstuurd: {}. Ontvangen: {}. Niet overgenomen: {}.",
        report.pushed, report.pulled, report.not_taken
    )?;
    match report.equal {
        Some(true) => writeln!(out, "Gelijk aan de server.")?,
        Some(false) => writeln!(
            out,
            "Nog niet gelijk aan de server; de volgende keer verder."
        )?,
        None => {}
    }
    conflicts_wait(out, &report.status)?;
    not_taken_over(out, &report.status)
}

/// What the server hands out and this computer does not take.
fn not_taken_over(out: &mut dyn Write, status: &SyncStatus) -> io::Result<()> {
    let Some(error) = &status.published_error else {
        return Ok(());
    };
    writeln!(
        out,
        "De regels of proeven van de server zijn niet overgenomen: {} ({}) {}",
        error.message.nl,
        error.code,
        visible(&error.detail)
    )
}

fn status(out: &mut dyn Write, status: &SyncStatus) -> io::Result<()> {
    match status.configured {
        true => writeln!(out, "Server: {}", visible(&status.address))?,
        false => writeln!(out, "Er is nog geen centrale server ingesteld.")?,
    }
    if !status.organisation.is_empty() {
        writeln!(out, "Organisatie: {}", visible(&status.organisation))?;
    }
    writeln!(
        out,
        "Gedeelde begrippen: {}. Wachtende wijzigingen: {}.",
        status.shared, status.waiting
    )?;
    if let Some(at) = status.synced_at {
        writeln!(out, "Bijgewerkt op {}.", moment(at))?;
    }
    if let Some(at) = status.equal_at {
        writeln!(out, "Gelijk aan de server op {}.", moment(at))?;
    }
    for news in &status.news {
        writeln!(out, "{}: {}", became(news.kind), visible(&news.term))?;
    }
    conflicts_wait(out, status)
}

/// What became of a proposal of the user's.
fn became(kind: ReviewNewsKind) -> &'static str {
    match kind {
        ReviewNewsKind::Established => "Vastgesteld",
        ReviewNewsKind::Withdrawn => "Ingetrokken",
        ReviewNewsKind::Returned => "Teruggestuurd",
        ReviewNewsKind::Commented => "Nieuwe opmerking bij",
    }
}

fn conflicts_wait(out: &mut dyn Write, status: &SyncStatus) -> io::Result<()> {
    match status.conflicts {
        0 => Ok(()),
        count => writeln!(
            out,
            "Hier wacht een keuze: {count}. Bekijk dat met ‘begrip sync conflicts’."
        ),
    }
}

pub fn waits(out: &mut dyn Write, status: &SyncStatus) -> io::Result<()> {
    writeln!(
        out,
        "Wachtende wijzigingen: {}. Zij gaan mee met ‘begrip sync’.",
        status.waiting
    )
}

fn status_line(out: &mut dyn Write, status: &SyncStatus) -> io::Result<()> {
    let at = status.synced_at.map(moment).unwrap_or_default();
    match &status.error {
        None => writeln!(
            out,
            "{at}  gedeeld: {}  wacht: {}  keuzes: {}",
            status.shared, status.waiting, status.conflicts
        )?,
        Some(error) => writeln!(out, "{}: {}", error.code, error.message.nl)?,
    }
    out.flush()
}

fn list(out: &mut dyn Write, conflicts: &[SyncConflict]) -> io::Result<()> {
    if conflicts.is_empty() {
        return writeln!(out, "Er wacht geen keuze.");
    }
    for conflict in conflicts {
        writeln!(out, "{} ({})", visible(&conflict.term), conflict.id)?;
        writeln!(out, "  {}", why(conflict.why))?;
        if !conflict.by.is_empty() {
            writeln!(out, "  Op de server van: {}", visible(&conflict.by))?;
        }
        for field in &conflict.fields {
            writeln!(out, "  {}", field.name)?;
            for (side, lines) in [
                ("uitgangspunt", &field.base),
                ("uw tekst", &field.mine),
                ("server", &field.theirs),
            ] {
                writeln!(out, "    {side:<13} {}", visible(&lines.join("; ")))?;
            }
        }
    }
    Ok(())
}

fn why(reason: ConflictReason) -> &'static str {
    match reason {
        ConflictReason::Stale => "Iemand anders wijzigde hetzelfde eerder.",
        ConflictReason::MissingBase => "De server kent de versie niet waar u van uitging.",
        ConflictReason::Deleted => "Het begrip is voor iedereen vervallen.",
        ConflictReason::NotAllowed => "Uw rol of uw organisatie mag dit niet.",
        ConflictReason::Empties => "De term of de definitie zou leeg worden.",
        ConflictReason::Invalid => "De server neemt deze tekst niet aan.",
        ConflictReason::TooManyDeletions => "Er zouden te veel begrippen tegelijk vervallen.",
        ConflictReason::UnderReview => {
            "De tekst is voorgesteld of vastgesteld. Wijzigen gaat met een nieuw voorstel."
        }
        ConflictReason::Unknown => "De server kon hier niets mee.",
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%d-%m-%Y %H:%M UTC").to_string()
}
