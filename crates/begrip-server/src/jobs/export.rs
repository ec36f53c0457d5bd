//! Results as a file: a table for people, JSON for programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use begrip_interchange::{Cell, ResultRow, Sheet};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::view::JobRow;
use crate::refusal::Refusal;

/// Under these headings stands what only the server tells.
const MORE: [&str; 5] = [
    "versie van de opdracht",
    "versie van de regels",
    "tokens in",
    "tokens uit",
    "hersteld",
];

/// The form of a file.
#[derive(Clone, Copy)]
pub enum Format {
    Json,
    Csv,
    Xlsx,
}

impl Format {
    pub fn named(name: &str) -> Result<Self, Refusal> {
        match name {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(Refusal::Form("format is json, csv of xlsx")),
        }
    }
}

/// A job with its rows as a file. One at a time: `alone` is held until it is written, also when whoever
/// asked is gone.
pub async fn file(
    job: Value,
    rows: Vec<JobRow>,
    format: Format,
    alone: OwnedSemaphorePermit,
) -> Result<Response, Refusal> {
    let name = format!("reeks-{}", job["id"].as_str().unwrap_or_default());
    let written = tokio::task::spawn_blocking(move || {
        let _alone = alone;
        written(&job, &rows, format)
    });
    let (ending, kind, bytes) = written.await.map_err(|_| Refusal::Fault)??;
    let named = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, named),
    ];
    Ok((headers, bytes).into_response())
}

fn written(
    job: &Value,
    rows: &[JobRow],
    format: Format,
) -> Result<(&'static str, &'static str, Vec<u8>), Refusal> {
    let failed = |error: begrip_interchange::SheetError| {
        tracing::error!(%error, "results cannot be written");
        Refusal::Fault
    };
    Ok(match format {
        Format::Json => {
            let whole = json!({ "job": job, "rows": rows });
            ("json", "application/json", serde_json::to_vec(&whole)?)
        }
        Format::Csv => {
            let bytes = sheet(rows).csv().map_err(failed)?;
            ("csv", "text/csv; charset=utf-8", bytes)
        }
        Format::Xlsx => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            sheet(rows).xlsx().map_err(failed)?,
        ),
    })
}

fn sheet(rows: &[JobRow]) -> Sheet {
    begrip_interchange::results(rows.iter().map(row), &MORE)
}

fn row(row: &JobRow) -> ResultRow<'_> {
    let draft = row.draft.as_ref().unwrap_or(&Value::Null);
    let provenance = &draft["provenance"];
    let error = row.error.as_ref().map(|error| {
        let said = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", said("error"), said("message"))
    });
    let origin = match (row.same_as, provenance["from"].as_str()) {
        (_, None) => String::new(),
        (Some(number), _) => format!("zelfde vraag als rij {number}"),
        (None, Some("miss" | "revalidated" | "coalesced")) => "taalmodel".to_owned(),
        (None, Some(_)) => "bewaard antwoord".to_owned(),
    };
    let version = |name: &str| Cell::from(provenance[name].as_str().unwrap_or_default());
    let number = |name: &str| match provenance[name].as_f64() {
        Some(number) => Cell::Number(number),
        None => Cell::from(""),
    };
    ResultRow {
        number: u32::try_from(row.number).unwrap_or_default(),
        term: &row.term,
        context: &row.context,
        category: row.category,
        state: match row.state.as_str() {
            "queued" => "wacht",
            "running" => "bezig",
            "done" => "klaar",
            _ => "mislukt",
        },
        draft,
        error: error.unwrap_or_default(),
        origin,
        model: &provenance["model"],
        answered_at: &provenance["answered_at"],
        more: vec![
            version("prompt_version"),
            version("pack_version"),
            number("tokens_in"),
            number("tokens_out"),
            match provenance["repaired"].as_bool() {
                None => "",
                Some(true) => "ja",
                Some(false) => "nee",
            }
            .into(),
        ],
    }
}
