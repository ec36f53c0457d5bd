//! Jobs that come to an end, or to a stop, other than by their last row; and what is counted of them.

use begrip_mock_model::{Behaviour, When};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::jobs::{job, made, node_with, terms, until};
use crate::models::Models;
use crate::support::{Caller, Site, wait_for};

/// Jobs of which the counts are not what their rows say, at one moment.
fn miscounted(site: &Site<'_>) -> String {
    let sql = "SELECT count(*) FROM job j WHERE (queued, running, done, failed, questions, open) <> (\
                 SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'), \
                   count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'), \
                   count(*) FILTER (WHERE follows IS NULL AND NOT faulty), \
                   count(*) FILTER (WHERE follows IS NULL AND state IN ('queued', 'running')) \
                 FROM job_row WHERE job = j.id)";
    site.database.sql(sql).unwrap().trim().to_owned()
}

async fn act(caller: &Caller, id: &str, what: &str) -> Value {
    let request = caller.request(Method::POST, &format!("/v1/jobs/{id}/{what}"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

/// One figure, by its name with its labels.
async fn figure(caller: &Caller, name: &str) -> f64 {
    let text = caller.get("/metrics").await.text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_as_they_go_and_the_figures_read_none_of_them() {
    let models = Models::new().await;
    let site = &models.site;
    let node = node_with(&models, &[("JOBS_AT_ONCE", "2")]);
    let caller = node.caller(&site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    // Two that ask the same, and one that cannot be asked.
    let mut all = terms(6);
    all.extend(terms(2));
    all.push("Jan de Vries".to_owned());
    let id = made(&caller, &all).await;
    wait_for("calls", || async { models.calls() == 2 }).await;
    assert_eq!(miscounted(site), "0");
    let told = act(&caller, &id, "cancel").await;
    assert_eq!(
        ["total", "running", "queued", "failed", "questions"]
            .map(|name| told[name].as_u64().unwrap()),
        [9, 2, 2, 5, 6]
    );
    assert_eq!(miscounted(site), "0");
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();
    let ended = until(&caller, &id, "what is under way", |job| job["running"] == 0).await;
    assert_eq!((&ended["done"], &ended["failed"]), (&json!(4), &json!(5)));
    act(&caller, &id, "retry").await;
    let done = until(&caller, &id, "the rest", |job| job["state"] == "done").await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(8), &json!(1)));
    assert_eq!(miscounted(site), "0");

    // With many rows more, none is read for the figures, nor for the list that everybody looks at.
    let rows = "INSERT INTO job_row (job, number, organisation, term, context, state, ended_at) \
                SELECT j.id, 1000 + n, 'OM', 'x', '{}', 'done', now() FROM job j, generate_series(1, 20000) n; \
                ANALYZE job_row";
    site.database.sql(rows).unwrap();
    assert_eq!(miscounted(site), "0");
    let read = |sql: &str| {
        let looked = format!(
            "BEGIN; SELECT count(*) FROM ({sql}) asked; SELECT seq_scan, seq_tup_read, coalesce(idx_tup_fetch, 0) \
             FROM pg_stat_xact_user_tables WHERE relname = 'job_row'; COMMIT"
        );
        let said = site.database.sql(&looked).unwrap();
        let line = said.lines().find(|line| line.contains('|')).unwrap();
        line.trim().to_owned()
    };
    assert_eq!(read("SELECT * FROM job_figures()"), "0|0|0");
    assert_eq!(read("SELECT * FROM job_waits()"), "0|0|0");
    // The same looked at another way shows that this can tell.
    assert_ne!(
        read("SELECT state, count(*) FROM job_row GROUP BY state"),
        "0|0|0"
    );
    wait_for("the figures", || async {
        figure(&caller, "begrip_job_rows{state=\"done\"}").await == 20_008.0
    })
    .await;
    assert_eq!(figure(&caller, "begrip_job_waiting_seconds").await, 0.0);

    // All rows at one time cost no more than each once, also with a plan that was kept from changes of one row. A row
    // that is renewed leaves its job alone.
    let one = "UPDATE job_row SET state = 'failed' WHERE number = 1001; \
               UPDATE job_row SET state = 'done' WHERE number = 1001; ";
    let session = format!(
        "SET statement_timeout = '20s'; {} \
         UPDATE job_row SET state = 'failed' WHERE number > 1000; \
         CREATE TEMP TABLE was AS SELECT ctid AS place FROM job; \
         UPDATE job_row SET lease_until = now(); \
         SELECT 'same ' || bool_and(ctid IN (SELECT place FROM was)) FROM job",
        one.repeat(6)
    );
    let said = site.database.sql(&session).unwrap();
    assert!(
        said.lines().any(|line| line.trim() == "same true"),
        "{said}"
    );
    assert_eq!(miscounted(site), "0");
    let failed = "SELECT sum(failed) FROM job";
    assert_eq!(site.database.sql(failed).unwrap().trim(), "20001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_rows_are_all_held_is_taken_over_and_one_that_goes_well_is_not() {
    let models = Models::new().await;
    let site = &models.site;
    let of = ["--organisation", "OM"];
    let run = |args: &[&str]| site.run(&[args, &of[..]].concat());
    run(&["user", "add", "anna", "--role", "author"]);
    let annas = run(&["token", "create", "anna"]);
    let reviewers = site.token("OM", "reviewer");
    let id = {
        let node = node_with(&models, &[("JOBS_AT_ONCE", "0")]);
        let colleague = node.caller(&reviewers);
        let id = made(&node.caller(&annas), &terms(2)).await;
        let whose = || {
            let sql = "SELECT a.name FROM job j JOIN account a ON a.id = j.account";
            site.database.sql(sql).unwrap().trim().to_owned()
        };
        act(&colleague, &id, "retry").await;
        assert_eq!(whose(), "anna");
        // Another node holds both, and went away just now.
        let held = "UPDATE job SET state = 'running'; UPDATE job_row SET state = 'running', \
                    claim = gen_random_uuid(), lease_until = now() + interval '1 hour'";
        site.database.sql(held).unwrap();
        act(&colleague, &id, "retry").await;
        assert_eq!(whose(), "anna");
        run(&["user", "disable", "anna"]);
        assert_eq!(
            job(&colleague, &id).await["halt"]["error"],
            "account_closed"
        );
        let told = act(&colleague, &id, "retry").await;
        assert_eq!(
            (&told["state"], &told["running"], &told["halt"]),
            (&json!("running"), &json!(2), &json!(null))
        );
        assert_eq!(whose(), "reviewer van OM");
        id
    };
    let lapsed = "UPDATE job_row SET lease_until = now()";
    site.database.sql(lapsed).unwrap();
    let node = models.node();
    let colleague = node.caller(&reviewers);
    let done = until(&colleague, &id, "its end", |job| job["state"] == "done").await;
    assert_eq!(done["done"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_gets_nowhere_for_days_is_ended_and_its_owner_told_why() {
    let models = Models::new().await;
    let site = &models.site;
    site.run(&["organisation", "budget", "OM", "--day-tokens", "0"]);
    let token = site.token("OM", "author");
    let set = [("JOBS_IDLE_DAYS", "3"), ("JOBS_LEASE_S", "2")];
    let (id, young) = {
        let node = node_with(&models, &set);
        let caller = node.caller(&token);
        let id = made(&caller, &terms(3)).await;
        until(&caller, &id, "the job to wait", |job| {
            job["halt"].is_object()
        })
        .await;
        (id, made(&caller, &terms(2)).await)
    };
    let days = |days: u32| {
        format!(
            "UPDATE job SET progress_at = now() - interval '{days} days' WHERE id = '{id}'; \
             UPDATE upkeep SET done_at = now() - interval '2 hours'"
        )
    };
    // Two days are one too few.
    site.database.sql(&days(2)).unwrap();
    {
        let node = node_with(&models, &set);
        let caller = node.caller(&token);
        wait_for("the figure", || async {
            figure(&caller, "begrip_job_waiting_seconds").await > 170_000.0
        })
        .await;
        assert_ne!(job(&caller, &id).await["state"], "cancelled");
    }
    // Nor do days count on which nothing ran.
    site.database.sql(&days(4)).unwrap();
    let long_ago = "UPDATE upkeep SET done_at = now() - interval '4 days'";
    site.database.sql(long_ago).unwrap();
    {
        let node = node_with(&models, &set);
        let caller = node.caller(&token);
        wait_for("the days to begin anew", || async {
            let sql = "SELECT count(*) FROM job WHERE progress_at < now() - interval '1 hour'";
            site.database.sql(sql).unwrap().trim() == "0"
        })
        .await;
        assert_ne!(job(&caller, &id).await["state"], "cancelled");
    }
    site.database.sql(&days(4)).unwrap();
    let node = node_with(&models, &set);
    let caller = node.caller(&token);
    let ended = until(&caller, &id, "its end", |job| {
        job["state"] == "cancelled" && job["running"] == 0
    })
    .await;
    assert_eq!(ended["ended"]["error"], "idle");
    let told = ended["ended"]["message"].as_str().unwrap();
    assert!(told.contains("3 dagen"), "{told}");
    assert!(ended["ended"]["last"]["message"].is_string(), "{ended}");
    assert_eq!(
        (&ended["failed"], &ended["halt"]),
        (&json!(3), &json!(null))
    );
    let rows = caller.get(&format!("/v1/jobs/{id}/rows")).await;
    let rows: Value = rows.json().await.unwrap();
    assert_eq!(rows["rows"][2]["error"]["error"], "idle");
    assert_eq!(miscounted(site), "0");
    assert_ne!(job(&caller, &young).await["state"], "cancelled");
    // Nothing of it was lost: asked again it goes on, and says nothing of that end any more.
    site.run(&["organisation", "budget", "OM", "--day-tokens", "1000000"]);
    act(&caller, &id, "retry").await;
    let done = until(&caller, &id, "the rest", |job| job["state"] == "done").await;
    assert_eq!((&done["done"], &done["ended"]), (&json!(3), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_whoever_may_ask_nothing_any_more_until_somebody_takes_it_over() {
    let models = Models::new().await;
    let site = &models.site;
    let node = node_with(&models, &[("JOBS_LEASE_S", "2"), ("JOBS_AT_ONCE", "1")]);
    let of = ["--organisation", "OM"];
    let run = |args: &[&str]| site.run(&[args, &of[..]].concat());
    run(&["user", "add", "anna", "--role", "author"]);
    let annas = run(&["token", "create", "anna"]);
    let anna = node.caller(&annas);
    let colleague = node.caller(&site.token("OM", "reviewer"));
    let dji = node.caller(&site.token("DJI", "author"));
    let all = terms(9);
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    let id = made(&anna, &all[..3]).await;
    wait_for("a call", || async { models.calls() == 1 }).await;
    run(&["user", "disable", "anna"]);
    // What is under way is broken off, and nothing more is asked, while another's job goes on.
    let stopped = until(&colleague, &id, "it to stop", |job| job["running"] == 0).await;
    assert_eq!(stopped["halt"]["error"], "account_closed");
    assert_eq!(
        (&stopped["queued"], &stopped["halt"]["until"]),
        (&json!(3), &json!(null))
    );
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();
    let other = made(&dji, &all[3..6]).await;
    until(&dji, &other, "the other job", |job| job["state"] == "done").await;
    assert_eq!(models.calls(), 1 + 3);
    // Open again it goes on by itself, as far as the role allows; a token that is taken back stops it for good.
    run(&["user", "add", "anna", "--role", "reader"]);
    assert_eq!(job(&colleague, &id).await["halt"]["error"], "account_role");
    let tokens = site.run(&["token", "list"]);
    let annas = tokens
        .lines()
        .find(|line| line.contains("\tanna\t"))
        .unwrap();
    site.run(&["token", "revoke", annas.split('\t').next().unwrap()]);
    run(&["user", "add", "anna", "--role", "author"]);
    assert_eq!(job(&colleague, &id).await["halt"]["error"], "token_revoked");
    let again = made(&dji, &all[6..]).await;
    until(&dji, &again, "the other job", |job| job["state"] == "done").await;
    assert_eq!(models.calls(), 1 + 6);
    // A colleague takes it over: from then on it is asked for in their name.
    act(&colleague, &id, "retry").await;
    until(&colleague, &id, "the rest", |job| job["state"] == "done").await;
    assert_eq!(models.calls(), 1 + 6 + 3);
    let spent = "SELECT count(*) FROM model_call c JOIN account a ON a.id = c.account WHERE a.name = 'reviewer van OM'";
    assert_eq!(site.database.sql(spent).unwrap().trim(), "3");
}
