//! `begrip review`: proposing, deciding, and who did what.

use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_app::schema::{
    ConceptGet, MayDecide, ProposalView, ReviewAct, ReviewAsks, ReviewFinding, ReviewInbox,
    ReviewProblem, ReviewStep, SignatureView, StepView, TrailEntry, TrailExport, TrailFormat,
};
use begrip_app::{App, ErrorCode, UserError, deed_name, field_name, status_name, validity_name};
use begrip_domain::{ConceptId, InForce, Status, Validity};

use crate::args_review::Review;
use crate::concepts::the_one;
use crate::exit::{Exit, Failure};
use crate::print::{moment, visible};
use crate::sync::{told, waits};
use crate::whole_file::WholeFile;

/// `begrip review`.
pub async fn run(app: &App, command: Review, json: bool) -> Result<Exit, Failure> {
    let act = |id, step, reason| ReviewAct {
        id,
        step,
        reason,
        field: None,
        seen: None,
    };
    let request = match command {
        Review::Inbox => return told(&app.review_inbox(()).await?, json, inbox),
        Review::Revise { concept } => {
            let id = the_one(app, &concept).await?;
            let view = app.review_revise(ConceptGet { id }).await?;
            return told(&view, json, |out, view| {
                writeln!(
                    out,
                    "Nieuwe tekst: {}. Wijzig en deel haar als elk concept.",
                    view.concept.id
                )
            });
        }
        Review::History { concept, output } => {
            let id = the_one(app, &concept).await?;
            return history(app, id, output.as_deref(), json).await;
        }
        Review::Propose {
            concept,
            withdrawal,
            reason,
        } => {
            let step = match withdrawal {
                true => ReviewStep::ProposeWithdrawal,
                false => ReviewStep::Propose,
            };
            act(the_one(app, &concept).await?, step, reason)
        }
        Review::Retract { concept } => {
            let id = the_one(app, &concept).await?;
            act(id, ReviewStep::Retract, String::new())
        }
        Review::Accept { concept, reason } => {
            act(the_one(app, &concept).await?, ReviewStep::Accept, reason)
        }
        Review::Reject { concept, reason } => {
            act(the_one(app, &concept).await?, ReviewStep::Reject, reason)
        }
        Review::Comment {
            concept,
            text,
            field,
        } => ReviewAct {
            field: Some(field),
            ..act(the_one(app, &concept).await?, ReviewStep::Comment, text)
        },
    };
    let decides = matches!(request.step, ReviewStep::Accept | ReviewStep::Reject);
    let status = app.review_act(request).await?;
    told(&status, json, |out, status| match decides {
        true => writeln!(out, "De server heeft het bevestigd."),
        false => waits(out, status),
    })
}

async fn history(
    app: &App,
    id: ConceptId,
    output: Option<&Path>,
    json: bool,
) -> Result<Exit, Failure> {
    let Some(path) = output else {
        let trail = app.review_trail(ConceptGet { id }).await?;
        return told(&trail, json, |out, trail| entries(out, trail));
    };
    let format = match path.extension().is_some_and(|ending| ending == "html") {
        true => TrailFormat::Html,
        false => TrailFormat::Json,
    };
    let file = app.review_trail_export(TrailExport { id, format }).await?;
    let bytes = BASE64
        .decode(file.content)
        .map_err(|error| UserError::new(ErrorCode::ServerFailed, error.to_string()))?;
    let mut whole = WholeFile::begin(path)?;
    let written = whole.write_all(&bytes).map_err(Failure::from);
    whole.keep(written)?;
    Ok(Exit::Done)
}

fn inbox(out: &mut dyn Write, inbox: &ReviewInbox) -> io::Result<()> {
    if inbox.waiting.is_empty() && inbox.returned.is_empty() && inbox.steps.is_empty() {
        return writeln!(out, "Er wacht niets op een beoordeling.");
    }
    for (title, proposals) in [
        ("Te beoordelen", &inbox.waiting),
        ("Teruggestuurd", &inbox.returned),
    ] {
        if !proposals.is_empty() {
            writeln!(out, "{title}")?;
            proposals.iter().try_for_each(|view| proposal(out, view))?;
        }
    }
    if !inbox.steps.is_empty() {
        writeln!(out, "Van u")?;
        inbox.steps.iter().try_for_each(|view| step(out, view))?;
    }
    Ok(())
}

fn proposal(out: &mut dyn Write, view: &ProposalView) -> io::Result<()> {
    let asks = match view.asks {
        ReviewAsks::Establish => "vaststellen",
        ReviewAsks::Replace => "vaststellen in plaats van de vorige tekst",
        ReviewAsks::Withdraw => "laten vervallen",
    };
    writeln!(out, "  {} ({}): {asks}", visible(&view.term), view.id)?;
    writeln!(out, "    {}", visible(&view.definition))?;
    if let Some(before) = &view.before {
        writeln!(out, "    nu: {}", visible(before))?;
    }
    let validity = |days: &Validity| match validity_name(days, InForce::Now) {
        always if always.is_empty() => "geldt altijd".to_owned(),
        bounded => bounded,
    };
    let was = view.validity_before.unwrap_or(view.validity);
    if !view.validity.is_empty() || was != view.validity {
        writeln!(out, "    {}", validity(&view.validity))?;
    }
    if was != view.validity {
        writeln!(out, "    nu: {}", validity(&was))?;
    }
    writeln!(out, "    voorgesteld door {}", signed(&view.proposed))?;
    if let Some(returned) = &view.returned {
        writeln!(out, "    teruggestuurd door {}", signed(returned))?;
    }
    if !view.model.is_empty() {
        writeln!(out, "    opgesteld door {}", visible(&view.model))?;
    }
    findings(out, &view.failing)?;
    for comment in &view.comments {
        writeln!(
            out,
            "    bij {}: {}",
            field_name(&comment.field),
            signed(&comment.said)
        )?;
    }
    match view.decide {
        MayDecide::Own => writeln!(out, "    Een ander beoordeelt dit: u stelde het voor."),
        MayDecide::Sent => writeln!(out, "    Uw oordeel wacht op de server."),
        MayDecide::Role | MayDecide::Yes => Ok(()),
    }
}

fn findings(out: &mut dyn Write, failing: &[ReviewFinding]) -> io::Result<()> {
    failing.iter().try_for_each(|finding| {
        let level = if finding.blocking {
            "houdt vaststellen tegen"
        } else {
            "let op"
        };
        writeln!(
            out,
            "    {} ({level}): {}",
            finding.rule,
            visible(&finding.reason)
        )
    })
}

fn step(out: &mut dyn Write, view: &StepView) -> io::Result<()> {
    let what = match view.step {
        ReviewStep::Revise => "nieuwe tekst begonnen",
        ReviewStep::Propose => "voorgesteld",
        ReviewStep::ProposeWithdrawal => "voorgesteld om te laten vervallen",
        ReviewStep::Retract => "voorstel teruggenomen",
        ReviewStep::Accept => "akkoord",
        ReviewStep::Reject => "teruggestuurd",
        ReviewStep::Comment => "opmerking",
    };
    let became = match view.problem {
        None => "wacht op de server",
        Some(ReviewProblem::OwnText) => "niet gedaan: u werkte zelf aan deze tekst mee",
        Some(ReviewProblem::Blocking) => "niet gedaan: een regel houdt vaststellen tegen",
        Some(ReviewProblem::OtherRules) => {
            "niet gedaan: gecontroleerd met andere regels dan die van de server,"
        }
        Some(ReviewProblem::TextChanged) => "niet gedaan: de tekst is intussen veranderd",
        Some(ReviewProblem::NotNow) => "niet gedaan: de status is intussen veranderd",
        Some(ReviewProblem::NotAllowed) => "niet gedaan: uw rol of organisatie mag dit niet",
        Some(ReviewProblem::Unknown) => "niet gedaan: de server kon hier niets mee",
    };
    writeln!(
        out,
        "  {}: {what}; {became} {}",
        visible(&view.term),
        view.rules.join(", ")
    )
}

fn entries(out: &mut dyn Write, trail: &[TrailEntry]) -> io::Result<()> {
    for entry in trail {
        let status = Status::parse(&entry.to).map(status_name);
        let status = status.unwrap_or_default();
        writeln!(
            out,
            "{} ({status}): {}",
            deed_name(&entry.act),
            signed(&entry.signature)
        )?;
        let names: Vec<&str> = entry.fields.iter().map(|name| field_name(name)).collect();
        if !names.is_empty() {
            writeln!(out, "    velden: {}", names.join(", "))?;
        }
        if !entry.packs.is_empty() {
            writeln!(out, "    regels: {}", entry.packs.join(", "))?;
        }
        if !entry.model.is_empty() {
            writeln!(out, "    model: {}", visible(&entry.model))?;
        }
        findings(out, &entry.failing)?;
    }
    Ok(())
}

fn signed(said: &SignatureView) -> String {
    let reason = match said.reason.is_empty() {
        true => String::new(),
        false => format!(": {}", said.reason),
    };
    let line = format!(
        "{} ({}), {}{reason}",
        said.by,
        said.organisation,
        moment(said.at)
    );
    visible(&line).to_string()
}
