//! Results as a file: a table for people, JSON for programs.

use base64::Engine as _;
use begrip_domain::{Category, Label};
use begrip_interchange::{Cell, Sheet};
use serde::Serialize;
use serde_json::Value;

use super::BASE64;
use crate::schema::{JobFileOut, JobFormat, JobItemState, JobItemView, JobView};
use crate::{ErrorCode, UserError};

const HEADINGS: [&str; 19] = [
    "rij",
    "term",
    "organisaties",
    "rechtsgebieden",
    "wetten",
    "categorie",
    "stand",
    "definitie",
    "toelichting",
    "voorbeelden",
    "tegenvoorbeelden",
    "synoniemen",
    "tegengestelden",
    "blokkerende bevindingen",
    "andere bevindingen",
    "fout",
    "herkomst",
    "model",
    "opgesteld op",
];

/// A job with its rows as a file.
pub(super) fn file(
    job: &JobView,
    items: Vec<JobItemView>,
    format: JobFormat,
) -> Result<JobFileOut, UserError> {
    let failed = |error: String| UserError::new(ErrorCode::StoreFailed, error);
    let (ending, media_type, bytes) = match format {
        JobFormat::Json => {
            let whole = Whole { job, items };
            let bytes = serde_json::to_vec_pretty(&whole).map_err(|e| failed(e.to_string()))?;
            ("json", "application/json", bytes)
        }
        JobFormat::Csv => {
            let bytes = sheet(&items).csv().map_err(|e| failed(e.to_string()))?;
            ("csv", "text/csv", bytes)
        }
        JobFormat::Xlsx => {
            let bytes = sheet(&items).xlsx().map_err(|e| failed(e.to_string()))?;
            (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                bytes,
            )
        }
    };
    Ok(JobFileOut {
        name: format!("{}-resultaat.{ending}", stem(&job.name)),
        media_type: media_type.to_owned(),
        content: BASE64.encode(bytes),
    })
}

/// The form of a file for programs.
#[derive(Serialize)]
struct Whole<'a> {
    job: &'a JobView,
    items: Vec<JobItemView>,
}

/// The name without its ending, with nothing that a file's name cannot hold.
fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem: String = stem
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_ ".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    match stem.trim() {
        "" => "reeks".to_owned(),
        stem => stem.to_owned(),
    }
}

fn sheet(items: &[JobItemView]) -> Sheet {
    Sheet {
        name: "Resultaat".to_owned(),
        headings: HEADINGS.map(str::to_owned).to_vec(),
        rows: items.iter().map(row).collect(),
    }
}

fn row(item: &JobItemView) -> Vec<Cell> {
    let nothing = Value::Null;
    let draft = item.draft.as_ref().unwrap_or(&nothing);
    let reply = &draft["reply"];
    let context = &item.input.context;
    vec![
        Cell::Number(f64::from(item.number)),
        item.input.term.clone().into(),
        labels(context.organisations.iter()),
        labels(context.legal_areas.iter()),
        labels(context.statutory_bases.iter()),
        item.input.category.map_or("", category).into(),
        state(item.state).into(),
        text(&reply["definition"]),
        text(&reply["explanation"]),
        lines(&reply["examples"]),
        lines(&reply["counter_examples"]),
        lines(&reply["synonyms"]),
        lines(&reply["antonyms"]),
        findings(draft, true),
        findings(draft, false),
        item.error.as_ref().map_or(String::new(), told).into(),
        origin(item, draft).into(),
        text(&draft["model"]),
        text(&draft["answered_at"]),
    ]
}

fn text(value: &Value) -> Cell {
    value.as_str().unwrap_or_default().into()
}

fn lines(value: &Value) -> Cell {
    let texts = value.as_array().into_iter().flatten();
    let texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
    texts.join("\n").into()
}

fn labels<'a>(labels: impl Iterator<Item = &'a Label>) -> Cell {
    labels
        .map(Label::as_str)
        .collect::<Vec<_>>()
        .join(" | ")
        .into()
}

/// What the rules found, a line each: those that block, or the others.
fn findings(draft: &Value, blocking: bool) -> Cell {
    let all = draft["report"]["findings"].as_array().into_iter().flatten();
    let lines: Vec<String> = all
        .filter(|finding| finding["outcome"] == "fail")
        .filter(|finding| (finding["level"] == "blocking") == blocking)
        .map(|finding| {
            let said = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", said("rule"), said("reason"))
        })
        .collect();
    lines.join("\n").into()
}

fn told(error: &UserError) -> String {
    match error.detail.as_str() {
        "" => format!("{} {}", error.code, error.message.nl),
        detail => format!("{} {} ({detail})", error.code, error.message.nl),
    }
}

fn origin(item: &JobItemView, draft: &Value) -> String {
    match (item.same_as, draft["cache"].as_str()) {
        (_, None) => String::new(),
        (Some(row), _) => format!("zelfde vraag als rij {row}"),
        (None, Some("miss")) => "taalmodel".to_owned(),
        (None, Some("stale")) => "bewaard antwoord, verouderd".to_owned(),
        (None, Some(_)) => "bewaard antwoord".to_owned(),
    }
}

fn category(category: Category) -> &'static str {
    match category {
        Category::Type => "type",
        Category::Particular => "exemplaar",
        Category::Process => "proces",
        Category::Result => "resultaat",
    }
}

fn state(state: JobItemState) -> &'static str {
    match state {
        JobItemState::Waiting => "wacht",
        JobItemState::Running => "bezig",
        JobItemState::Done => "klaar",
        JobItemState::Failed => "mislukt",
        JobItemState::Skipped => "overgeslagen",
    }
}
