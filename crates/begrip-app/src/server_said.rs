//! What the central server says of its batches, in English.
//!
//! The server names each reason and says it in Dutch. A row keeps what was said when it failed, so the
//! English stands here, by that name.

use crate::schema::{ServerJob, ServerJobPage, ServerJobTold};

/// A batch, with what is said of it in both languages.
pub(crate) fn of_job(mut job: ServerJob) -> ServerJob {
    if let Some(ended) = &mut job.ended {
        ended.english = english(&ended.error, &ended.message);
    }
    let last = job.ended.as_mut().and_then(|ended| ended.last.as_mut());
    job.halt.iter_mut().chain(last).for_each(tell);
    job
}

/// Rows, with what is said of each in both languages.
pub(crate) fn of_rows(mut page: ServerJobPage) -> ServerJobPage {
    let told = page.rows.iter_mut().filter_map(|row| row.error.as_mut());
    told.for_each(tell);
    page
}

fn tell(told: &mut ServerJobTold) {
    told.english = english(&told.error, &told.message);
}

/// The sentence of this name. Where the server's own words say more than the name, they go along as they are.
fn english(name: &str, dutch: &str) -> String {
    let sentence = match name {
        "identifies" => {
            "The term or its context points to a person or a case, and was therefore not kept. Take out what points to somebody."
        }
        "prompt" => {
            "The question does not fit what a model may be asked. Make the context shorter."
        }
        "bad_reply" => "The model's answer holds no definition. Ask for the row again.",
        "insufficient_quota" => {
            "Your organisation's budget is spent. Answers that are known already can still be had. Ask your administrator for more."
        }
        "rate_limited" => "The model is asked too much. Try again later.",
        "circuit_open" => "The model has not answered for a while. Try again later.",
        "ledger_away" => "What is used cannot be written down. Try again later.",
        "cancelled" | "interrupted" => "The question was broken off. Try again.",
        "no_model" => {
            "No language model has been set up on your organisation's server. Ask your administrator."
        }
        "model_not_found" => "The model server does not know this model. Ask your administrator.",
        "context_length_exceeded" => "The question is too long.",
        "timeout" => "The model did not answer in time. Try again.",
        "unauthorised" | "forbidden" | "quota_exhausted" => {
            "The model server does not let this server in, or its credit is spent. Warn your administrator."
        }
        "bad_endpoint" | "unreachable" | "tls" | "proxy" | "path_not_found" | "redirected"
        | "server" | "broken_stream" | "truncated" | "content_filter" | "empty" | "too_large" => {
            "The model gave no answer of use. Try again."
        }
        "busy" | "too_long" | "database" | "stopping" => {
            "The server could not see to it just then. Try again later."
        }
        "fault" => "The server made a mistake. Give your administrator the number of the question.",
        "account_closed" => {
            "The account that asked for this batch is closed. A colleague can take it over by asking for it again."
        }
        "account_role" => {
            "The account that asked for this batch may only read now. A colleague can take it over by asking for it again."
        }
        "token_revoked" => {
            "The access token that asked for this batch was revoked. Take the batch over by asking for it again."
        }
        "idle" => {
            "The batch was stopped, because for days no row became ready. Ask for it again when the cause is gone."
        }
        // The model server's own words say what to ask otherwise.
        "refused" => {
            return format!("The model does not accept the question. The server says: ‘{dutch}’");
        }
        "row" => return format!("This row cannot be asked. The server says in Dutch: ‘{dutch}’"),
        _ => return format!("The server says in Dutch: ‘{dutch}’"),
    };
    sentence.to_owned()
}
