//! Whose turn it is, somebody who waits, organisations, jobs; and what becomes of a turn whose node ended.

use std::time::Duration;

use begrip_mock_model::{Behaviour, Capacity, Excess, MockConfig, When};
use reqwest::Method;
use serde_json::{Value, json};

use crate::jobs::{job, made, node_with, terms, until};
use crate::models::{Models, answered, asking, question};
use crate::support::{Site, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_somebody_who_waits_goes_before_the_rows_of_a_job() {
    let two = Capacity {
        at_once: 2,
        excess: Excess::Wait,
    };
    let mock = MockConfig {
        capacity: Some(two),
        ..MockConfig::default()
    };
    let models = Models::on(Site::new(), "", mock).await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Always, Behaviour::SlowDrip { delay_ms: 5 });
    let id = made(&caller, &terms(1_000)).await;
    wait_for("the job to be under way", || async { models.calls() > 10 }).await;
    for term in ["vonnis", "arrest", "beschikking"] {
        let before = models.calls();
        let (status, _, text) = answered(asking(&caller, &question(term))).await;
        assert!(status == 200 && !text.is_empty());
        // Those that were under way, and the one at a time that goes on.
        let log = models.first.log();
        let asked = format!("Begrip: {term}");
        let place = log
            .iter()
            .position(|call| call.body.to_string().contains(&asked));
        let after = log.len() - place.unwrap() - 1;
        assert!(
            after <= 4,
            "{after} rows were asked after {term} and before its answer"
        );
        assert!(log.len() - before <= 12);
    }
    let now = job(&caller, &id).await;
    assert!(now["queued"].as_u64() > Some(900), "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_and_jobs_take_turns() {
    let models = Models::new().await;
    let node = node_with(&models, &[("JOBS_AT_ONCE", "0")]);
    let [om, dji] = ["OM", "DJI"].map(|name| node.caller(&models.site.token(name, "author")));
    let all = terms(120);
    made(&om, &all[..40]).await;
    made(&om, &all[40..60]).await;
    made(&dji, &all[60..80]).await;
    assert_eq!(models.calls(), 0, "this node works on no jobs");
    let _working = node_with(&models, &[("JOBS_AT_ONCE", "1")]);
    wait_for("all calls", || async { models.calls() == 80 }).await;
    let order: Vec<usize> = models
        .first
        .log()
        .iter()
        .map(|call| {
            let place = all.iter().position(|term| *term == call.term).unwrap();
            [0..40, 40..60, 60..80]
                .iter()
                .position(|range| range.contains(&place))
                .unwrap()
        })
        .collect();
    // Until DJI has nothing left, every other call is one of theirs; the two jobs of OM take turns.
    let dji = order[..40].iter().filter(|job| **job == 2).count();
    assert!((19..=20).contains(&dji), "{order:?}");
    let second = order[..40].iter().filter(|job| **job == 1).count();
    assert!((9..=11).contains(&second), "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_rows_of_an_organisation_are_under_way_than_it_may_have() {
    let models = Models::new().await;
    let bound = [("JOBS_ORGANISATION", "3"), ("JOBS_AT_ONCE", "8")];
    let nodes = [node_with(&models, &bound), node_with(&models, &bound)];
    let [om, dji] = ["OM", "DJI"].map(|name| nodes[0].caller(&models.site.token(name, "author")));
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 1 });
    let id = made(&om, &terms(20)).await;
    wait_for("three calls", || async { models.calls() == 3 }).await;
    made(&dji, &terms(20)).await;
    wait_for("three of the other", || async { models.calls() == 6 }).await;
    // Both nodes look again and again; nothing more is asked.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        (models.calls(), &job(&om, &id).await["running"]),
        (6, &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_cancelled_job_end_also_when_their_node_is_killed() {
    let models = Models::new().await;
    let lease = [("JOBS_LEASE_S", "2")];
    let mut dying = node_with(&models, &lease);
    let token = models.site.token("OM", "author");
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    let caller = dying.caller(&token);
    // The last two ask what the first two do.
    let mut all = terms(4);
    all.extend(terms(2));
    let id = made(&caller, &all).await;
    wait_for("calls", || async { models.calls() == 4 }).await;
    let cancel = caller.request(Method::POST, &format!("/v1/jobs/{id}/cancel"));
    let told: Value = cancel.send().await.unwrap().json().await.unwrap();
    assert_eq!(told["running"], 4);
    dying.kill();
    models.first.release();
    let living = node_with(&models, &lease);
    let ended = until(&living.caller(&token), &id, "the rows to end", |job| {
        job["running"] == 0 && job["queued"] == 0
    })
    .await;
    assert_eq!(
        (&ended["state"], &ended["failed"]),
        (&json!("cancelled"), &json!(6))
    );
    assert_eq!(models.calls(), 4);
}
