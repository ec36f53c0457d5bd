//! Every name by which a row or a job can be told, held against the description of the addresses. There it is read by
//! the test that asks for all of them on a workstation.

use std::collections::BTreeSet;
use std::time::Duration;

use begrip_llm::{BadEndpoint, BadReply, Limit, LlmError, Wait};
use jiff::Timestamp;
use serde_json::Value;

use crate::gateway::Fault;
use crate::refusal::{JobFault, Refusal, RowFault};

/// The error that comes after this one, until each kind came by. A kind that is added does not compile here.
fn next(error: &LlmError) -> Option<LlmError> {
    use LlmError as E;
    let text = String::new;
    Some(match error {
        E::NotConfigured => E::BadEndpoint(BadEndpoint::Url),
        E::BadEndpoint(_) => E::Unreachable(text()),
        E::Unreachable(_) => E::Tls(text()),
        E::Tls(_) => E::Proxy(text()),
        E::Proxy(_) => E::Unauthorised,
        E::Unauthorised => E::Forbidden(text()),
        E::Forbidden(_) => E::ModelNotFound(text()),
        E::ModelNotFound(_) => E::PathNotFound,
        E::PathNotFound => E::RateLimited { retry_after: None },
        E::RateLimited { .. } => E::QuotaExhausted(text()),
        E::QuotaExhausted(_) => E::PromptTooLong(text()),
        E::PromptTooLong(_) => E::OverBudget {
            tokens: 2,
            limit: 1,
        },
        E::OverBudget { .. } => E::OverLimit(Limit::Day),
        E::OverLimit(_) => E::LedgerAway(text()),
        E::LedgerAway(_) => E::Refused {
            status: 422,
            detail: text(),
        },
        E::Refused { .. } => E::Redirected(text()),
        E::Redirected(_) => E::Server {
            status: 500,
            detail: text(),
        },
        E::Server { .. } => E::Timeout(Wait::Total),
        E::Timeout(_) => E::BrokenStream(text()),
        E::BrokenStream(_) => E::Truncated,
        E::Truncated => E::ContentFilter,
        E::ContentFilter => E::Empty,
        E::Empty => E::TooLarge { limit: 1 },
        E::TooLarge { .. } => E::BadReply(BadReply::Html),
        E::BadReply(_) => E::CircuitOpen {
            until: Timestamp::UNIX_EPOCH,
        },
        E::CircuitOpen { .. } => E::Cancelled,
        E::Cancelled => E::OfflineMiss,
        E::OfflineMiss => E::Interrupted,
        E::Interrupted => return None,
    })
}

/// As [`next`], of rows; what a model says comes from there.
fn next_row(fault: &RowFault) -> Option<RowFault> {
    Some(match fault {
        RowFault::Row(_) => RowFault::Identifies,
        RowFault::Identifies => RowFault::Prompt,
        RowFault::Prompt => RowFault::BadReply,
        RowFault::BadReply | RowFault::Model(..) => return None,
    })
}

/// As [`next`], of jobs.
fn next_job(fault: &JobFault) -> Option<JobFault> {
    Some(match fault {
        JobFault::AccountClosed => JobFault::AccountRole,
        JobFault::AccountRole => JobFault::TokenRevoked,
        JobFault::TokenRevoked => JobFault::Idle(30),
        JobFault::Idle(_) => return None,
    })
}

/// The name of what is told, which must say what to do as well.
fn name(told: &Value) -> String {
    let sentence = told["message"].as_str().unwrap();
    assert!(!sentence.is_empty(), "{told}");
    told["error"].as_str().unwrap().to_owned()
}

#[test]
fn every_name_that_a_row_or_a_job_is_told_by_stands_in_the_description_and_no_other() {
    let of_models = std::iter::successors(Some(LlmError::NotConfigured), next).map(Fault::Model);
    // What a question of a job can meet of the server itself.
    let own = [
        Refusal::TooLong,
        Refusal::Busy,
        Refusal::Database,
        Refusal::Stopping,
        Refusal::Fault,
    ];
    let own = own.map(Fault::Server);
    let faults = of_models
        .chain(own)
        .chain([Fault::NoModel, Fault::NoGateway]);
    let said = faults.map(|fault| {
        let (name, sentence) = fault.said();
        assert!(!sentence.is_empty(), "{name}");
        name.to_owned()
    });
    let rows = std::iter::successors(Some(RowFault::Row(String::new())), next_row);
    let rows = rows.map(|fault| name(&serde_json::from_str(&fault.told()).unwrap()));
    let jobs = std::iter::successors(Some(JobFault::AccountClosed), next_job);
    let jobs = jobs.map(|fault| name(&fault.told()));
    let told: BTreeSet<String> = said.chain(rows).chain(jobs).collect();

    let described: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let names = &described["components"]["schemas"]["Told"]["properties"]["error"]["enum"];
    let names = names.as_array().unwrap().iter();
    let described: BTreeSet<String> = names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, described);
    // A wait that the model asked for is another thing than a name.
    let asked = Fault::Model(LlmError::RateLimited {
        retry_after: Some(Duration::from_secs(1)),
    });
    assert_eq!(asked.said().0, "rate_limited");
}
