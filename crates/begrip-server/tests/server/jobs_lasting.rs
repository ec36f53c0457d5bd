//! Jobs that outlast what is around them: the database that they were made in, and the rules in force.

use std::collections::BTreeMap;

use begrip_mock_model::{Behaviour, Outcome, When};
use begrip_rules::{PackFile, RulePack, SecretKey};
use serde_json::{Value, json};

use crate::jobs::{made, node_with, terms, until};
use crate::models::{KEY, Models};
use crate::support::{Node, Site, cluster, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_goes_on_with_an_open_job_and_makes_no_finished_call_again() {
    let models = Models::new().await;
    let set = [("JOBS_LEASE_S", "2"), ("JOBS_AT_ONCE", "2")];
    let mut node = node_with(&models, &set);
    let token = models.site.token("OM", "author");
    let caller = node.caller(&token);
    models
        .first
        .set_behaviour(When::Always, Behaviour::SlowDrip { delay_ms: 3 });
    // The last three ask what the first three do.
    let mut all = terms(12);
    all.extend(terms(3));
    let id = made(&caller, &all).await;
    until(&caller, &id, "some rows", |job| {
        job["done"].as_u64() >= Some(7)
    })
    .await;
    let held = Behaviour::HeldBack { after: 2 };
    models.first.set_behaviour(When::Always, held);
    // Two calls hang; what came before them is written down.
    let settled = "SELECT (SELECT count(*) FROM job_row WHERE state = 'done' AND follows IS NULL) \
                     + (SELECT count(*) FROM job_row WHERE state = 'running')";
    wait_for("the rest to hang", || async {
        let all_told = models.site.database.sql(settled).unwrap();
        let finished = models
            .first
            .log()
            .iter()
            .filter(|c| c.outcome == Outcome::Completed)
            .count();
        all_told.trim() == models.calls().to_string() && models.calls() == finished + 2
    })
    .await;
    let file = models.folder().join("begrip.backup");
    models.site.run(&["backup", file.to_str().unwrap()]);
    let before = models.first.log();
    node.kill();
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();

    let restored = Site {
        database: cluster().database().unwrap(),
    };
    restored.run(&["restore", file.to_str().unwrap()]);
    let mut command = restored.command(&["serve"]);
    command
        .env("SLEUTEL", KEY)
        .env(
            "BEGRIP_SERVER_GATEWAY",
            models.folder().join("gateway.toml"),
        )
        .env("BEGRIP_SERVER_JOBS_LEASE_S", "2");
    let node = Node::of(command);
    let done = until(&node.caller(&token), &id, "the rest", |job| {
        job["state"] == "done"
    })
    .await;
    assert_eq!((&done["done"], &done["total"]), (&json!(15), &json!(15)));
    let log = models.first.log();
    let completed = |log: &[begrip_mock_model::Call]| {
        let whole = log.iter().filter(|call| call.outcome == Outcome::Completed);
        whole.fold(BTreeMap::<String, u32>::new(), |mut terms, call| {
            *terms.entry(call.term.clone()).or_default() += 1;
            terms
        })
    };
    let known = completed(&before);
    assert!(known.len() >= 4);
    for call in &log[before.len()..] {
        assert!(
            !known.contains_key(&call.term),
            "{} is asked again",
            call.term
        );
    }
    assert_eq!(completed(&log).len(), 12);
    // What was set aside for the calls that the end cut off is told, and the job's counts are right.
    let counts = "SELECT done = (SELECT count(*) FROM job_row WHERE state = 'done') FROM job";
    assert_eq!(restored.database.sql(counts).unwrap().trim(), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_goes_by_the_rules_that_are_in_force_when_it_is_asked_and_says_which() {
    let models = Models::new().await;
    let folder = tempfile::tempdir().unwrap();
    let key = SecretKey::from_seed(&[7; 32]);
    std::fs::write(folder.path().join("OM.pub"), key.public().to_line()).unwrap();
    let mut body = RulePack::built_in_body().unwrap();
    let built_in = std::mem::replace(&mut body.facts.version, "2031.1".to_owned());
    let file = PackFile::new(&body).unwrap().signed(&key);
    let path = folder.path().join("pack.json");
    std::fs::write(&path, file.to_text().unwrap()).unwrap();
    let publish = |args: &[&str]| {
        let mut command = models.site.command(&[&["publish"], args].concat());
        command.env("BEGRIP_SERVER_TRUSTED_KEYS", folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };

    let node = node_with(&models, &[("JOBS_AT_ONCE", "1")]);
    let caller = node.caller(&models.site.token("OM", "author"));
    let hold = async |calls: usize| {
        let held = Behaviour::HeldBack { after: 2 };
        models.first.set_behaviour(When::Always, held);
        models.first.release();
        wait_for("the next call", || async { models.calls() == calls }).await;
    };
    hold(0).await;
    let id = made(&caller, &terms(4)).await;
    wait_for("a call", || async { models.calls() == 1 }).await;
    publish(&["pack", path.to_str().unwrap(), "--percent", "100"]);
    hold(2).await;
    hold(3).await;
    publish(&["withdraw", "2031.1"]);
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();
    until(&caller, &id, "the job", |job| job["state"] == "done").await;
    let rows = caller.get(&format!("/v1/jobs/{id}/rows")).await;
    let rows: Value = rows.json().await.unwrap();
    let said = rows["rows"].as_array().unwrap().iter().map(|row| {
        let draft = &row["draft"];
        assert_eq!(
            draft["provenance"]["pack_version"],
            draft["report"]["pack_version"]
        );
        draft["report"]["pack_version"].as_str().unwrap().to_owned()
    });
    let said: Vec<String> = said.collect();
    // What is under way ends by the rules under which it was asked.
    assert_eq!(said, [&built_in, "2031.1", "2031.1", &built_in]);
}
