//! Rows whose model is in trouble: they wait in the queue, and a batch does not lose them.

use std::time::Duration;

use begrip_mock_model::{Behaviour, MockConfig, When};
use jiff::SignedDuration;
use serde_json::json;

use crate::jobs::{asked, terms};
use crate::support::{Program, Workplace};

async fn patient(place: &Workplace) -> Program {
    let mut options = place.options();
    options.retry = Duration::from_millis(50);
    let program = Program::open(options).await.unwrap();
    program.0.keep_jobs_going();
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_draft_waits_for_a_model_in_trouble_and_is_made_when_it_is_over() {
    for (trouble, code) in [
        (Behaviour::status(503), "BG-507"),
        (Behaviour::Hang, "BG-508"),
    ] {
        let place = Workplace::with(MockConfig::default()).await;
        let program = patient(&place).await;
        let mut settings = program.settings().await;
        settings["routing"]["define"] = json!({ "model": "", "timeout_s": 1 });
        let _ = program.call("settings_save", settings).await;
        place.model.set_behaviour(When::Always, trouble);
        let job = program
            .call("draft_queue", json!({ "term": "contactverbod" }))
            .await;
        let id = job["id"].as_str().unwrap().to_owned();
        let job = program
            .until(&id, "a pause", |job| {
                job["halt"]["code"] == code || job["halt"]["code"] == "BG-513"
            })
            .await;
        assert_eq!(
            (&job["waiting"], &job["failed"], &job["goes_on"]),
            (&json!(1), &json!(0), &json!(true)),
            "{job}"
        );
        place.model.set_behaviour(When::Always, Behaviour::Normal);
        // The breaker waits by the test's clock.
        place.clock.advance(SignedDuration::from_secs(600));
        let job = program.job_is(&id, "done").await;
        assert_eq!((&job["done"], &job["failed"]), (&json!(1), &json!(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_keeps_failing_does_not_keep_the_others_of_the_queue_from_being_made() {
    let place = Workplace::new().await;
    place.model.set_behaviour(
        When::Term {
            term: "contactverbod".to_owned(),
        },
        Behaviour::status(501),
    );
    let program = place.open().await;
    let mut id = String::new();
    for term in ["contactverbod", "gebiedsverbod", "meldplicht"] {
        let job = program.call("draft_queue", json!({ "term": term })).await;
        id = job["id"].as_str().unwrap().to_owned();
    }
    let _ = program.act(&id, "start").await;
    let job = program
        .until(&id, "a pause", |job| job["halt"]["code"] == "BG-507")
        .await;
    assert_eq!(
        (&job["done"], &job["waiting"], &job["failed"]),
        (&json!(2), &json!(1), &json!(0)),
        "{job}"
    );
    let told = program.call("insight", json!({})).await;
    assert_eq!(
        told["work"],
        json!({ "jobs_running": 0, "rows_waiting": 0, "drafts_waiting": 1 })
    );
    // Once in a run, and the next run is after a pause.
    assert_eq!(
        asked(&place.model),
        ["contactverbod", "gebiedsverbod", "meldplicht"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_loses_no_row_to_a_server_that_fails_and_tells_a_row_that_fails_alone() {
    let place = Workplace::new().await;
    let program = patient(&place).await;
    place
        .model
        .set_behaviour(When::Always, Behaviour::status(501));
    let id = program.batch(&terms(12)).await;
    let job = program
        .until(&id, "a pause", |job| job["halt"]["code"] == "BG-513")
        .await;
    assert_eq!((&job["failed"], &job["waiting"]), (&json!(0), &json!(12)));
    place.model.set_behaviour(When::Always, Behaviour::Normal);
    let alone = When::Term {
        term: "proefterm3".to_owned(),
    };
    place.model.set_behaviour(alone, Behaviour::status(501));
    place.clock.advance(SignedDuration::from_secs(600));
    let job = program.job_is(&id, "done").await;
    assert_eq!((&job["done"], &job["failed"]), (&json!(11), &json!(1)));
}
