//! Results as a file: a table for people, JSON for programs.

use base64::Engine as _;
use begrip_interchange::{ResultRow, Sheet, results};
use serde::Serialize;
use serde_json::Value;

use super::BASE64;
use crate::schema::{JobFileOut, JobFormat, JobItemState, JobItemView, JobView};
use crate::{ErrorCode, UserError};

/// A job with its rows as a file.
pub(super) fn file(
    job: &JobView,
    items: Vec<JobItemView>,
    format: JobFormat,
) -> Result<JobFileOut, UserError> {
    let failed = |error: String| UserError::new(ErrorCode::StoreFailed, error);
    let bytes = match format {
        JobFormat::Json => {
            let whole = Whole { job, items };
            serde_json::to_vec_pretty(&whole).map_err(|e| failed(e.to_string()))?
        }
        JobFormat::Csv => sheet(&items).csv().map_err(|e| failed(e.to_string()))?,
        JobFormat::Xlsx => sheet(&items).xlsx().map_err(|e| failed(e.to_string()))?,
    };
    let (ending, media_type) = ending_of(format);
    Ok(JobFileOut {
        name: result_name(&job.name, ending),
        media_type: media_type.to_owned(),
        content: BASE64.encode(bytes),
    })
}

/// How the name of such a file ends, and its media type.
pub(crate) fn ending_of(format: JobFormat) -> (&'static str, &'static str) {
    match format {
        JobFormat::Json => ("json", "application/json"),
        JobFormat::Csv => ("csv", "text/csv"),
        JobFormat::Xlsx => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    }
}

/// A name for the results of a batch with this name.
pub(crate) fn result_name(name: &str, ending: &str) -> String {
    format!("{}-resultaat.{ending}", stem(name))
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
    results(items.iter().map(row), &[])
}

fn row(item: &JobItemView) -> ResultRow<'_> {
    let draft = item.draft.as_ref().unwrap_or(&Value::Null);
    ResultRow {
        number: item.number,
        term: &item.input.term,
        context: &item.input.context,
        category: item.input.category,
        state: state(item.state),
        draft,
        error: item.error.as_ref().map_or(String::new(), told),
        origin: origin(item, draft),
        model: &draft["model"],
        answered_at: &draft["answered_at"],
        more: Vec::new(),
    }
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

fn state(state: JobItemState) -> &'static str {
    match state {
        JobItemState::Waiting => "wacht",
        JobItemState::Running => "bezig",
        JobItemState::Done => "klaar",
        JobItemState::Failed => "mislukt",
        JobItemState::Skipped => "overgeslagen",
    }
}
