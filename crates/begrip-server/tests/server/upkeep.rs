//! What a gateway leaves behind: nothing open at an orderly end, and tables that do not grow for ever.

use begrip_mock_model::{Behaviour, When};

use crate::models::{Models, answered, asking, question, streamed};
use crate::support::{Node, wait_for};

fn one(models: &Models, sql: &str) -> String {
    models.site.database.sql(sql).unwrap().trim().to_owned()
}

/// Whether a chore was written down as done just now. Whether it may be held says less: it may not while a
/// node is at it either.
fn is_done(models: &Models, chore: &str) -> bool {
    let sql = "SELECT done_at > now() - interval '1 hour' FROM upkeep WHERE chore = ";
    one(models, &format!("{sql}'{chore}'")) == "t"
}

/// A node for which a statement may take one second.
fn hurried(models: &Models) -> Node {
    let mut command = models.serving();
    command.env("BEGRIP_SERVER_TIMEOUT_S", "1");
    Node::of(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_settles_what_is_under_way_and_writes_down_its_counts() {
    let models = Models::new().await;
    let mut command = models.serving();
    command.env("BEGRIP_SERVER_STOP_S", "1");
    let mut node = Node::of(command);
    let caller = node.caller(&models.site.token("OM", "author"));
    for _ in 0..2 {
        answered(asking(&caller, &question("vonnis"))).await;
    }
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    let mut under_way = asking(&caller, &streamed(question("arrest")))
        .send()
        .await
        .unwrap();
    assert!(under_way.chunk().await.unwrap().is_some(), "it has begun");
    let plain = tokio::spawn(asking(&caller, &question("beschikking")).send());
    wait_for("both questions to be under way", || async {
        models.calls() == 3
    })
    .await;
    node.terminate();
    assert!(node.ended());
    let outcomes = "SELECT string_agg(outcome, ' ' ORDER BY id) FROM model_call";
    assert_eq!(one(&models, outcomes), "ok cancelled cancelled");
    // What was set aside for an answer that did not come is given back.
    let spent = "SELECT tokens = (SELECT sum(tokens_in + tokens_out) FROM model_call) \
                 AND tokens < 2000 FROM spending";
    assert_eq!(one(&models, spent), "t");
    let hits = "SELECT sum(questions) FROM question_count WHERE fate = 'memory'";
    assert_eq!(one(&models, hits), "1");
    models.first.release();
    drop((under_way, plain));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_calls_go_when_a_node_starts_and_broken_off_ones_are_told_as_lost() {
    let models = Models::with("ledger_days = 100").await;
    one(
        &models,
        "INSERT INTO model_call (organisation, at, day, upstream, model, request_id, tokens_in, tokens_out, micros, outcome) \
         SELECT 'OM', now() - age * interval '1 day', today() - age, 'eerste', 'groot', 'r' || age, 1, 1, 1, outcome \
         FROM (VALUES (0, 'under_way'), (2, 'under_way'), (99, 'ok'), (101, 'ok'), (900, 'ok')) AS row (age, outcome)",
    );
    one(
        &models,
        "INSERT INTO spending SELECT organisation, day, 1, 2, 1 FROM model_call",
    );
    let _node = models.node();
    wait_for("the upkeep", || async {
        one(&models, "SELECT count(*) FROM model_call") == "3"
    })
    .await;
    let left =
        "SELECT string_agg(request_id || ' ' || outcome, ', ' ORDER BY at DESC) FROM model_call";
    assert_eq!(one(&models, left), "r0 under_way, r2 lost, r99 ok");
    assert_eq!(one(&models, "SELECT count(*) FROM spending"), "5");
    // Another node that comes just after has nothing to do.
    assert!(is_done(&models, "calls"));
    let due = "SELECT hold_chore('calls', 3600)";
    let asked = models.site.database.sql_as("begrip_server", due).unwrap();
    assert_eq!(asked.trim(), "f");
}

#[tokio::test(flavor = "multi_thread")]
async fn upkeep_that_takes_longer_than_a_statement_may_comes_to_its_end_in_portions() {
    let models = Models::with("ledger_days = 100").await;
    one(
        &models,
        "INSERT INTO model_call (organisation, at, day, upstream, model, request_id, tokens_in, tokens_out, micros, outcome) \
         SELECT 'OM', now() - interval '200 days', today() - 200, 'eerste', 'groot', 'r' || n, 1, 1, 1, 'ok' \
         FROM generate_series(1, 1500) n",
    );
    // A disk that is slow today: all of them at one time take twice as long as a statement may.
    one(
        &models,
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN PERFORM pg_sleep(0.0013); RETURN OLD; END $$; \
         CREATE TRIGGER slow BEFORE DELETE ON model_call FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let _node = hurried(&models);
    wait_for("the upkeep to come to its end", || async {
        is_done(&models, "calls")
    })
    .await;
    assert_eq!(one(&models, "SELECT count(*) FROM model_call"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn upkeep_that_takes_too_long_by_one_row_is_left_until_it_is_due_once_more() {
    let models = Models::new().await;
    models.site.token("OM", "author");
    one(
        &models,
        "INSERT INTO job (id, organisation, account, name, model, digest, state, ended_at) \
         SELECT gen_random_uuid(), 'OM', id, 'oud', 'groot', '', 'done', now() - interval '5 years' FROM account; \
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN PERFORM pg_sleep(3); RETURN OLD; END $$; \
         CREATE TRIGGER slow BEFORE DELETE ON job FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let _node = hurried(&models);
    wait_for("it to be left", || async { is_done(&models, "jobs") }).await;
    assert_eq!(one(&models, "SELECT count(*) FROM job"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_answers_stay_within_their_bytes_and_the_longest_unused_go_first() {
    let models = Models::new().await;
    one(
        &models,
        "INSERT INTO kept_answer (organisation, key, data_class, model, prompt_version, pack_version, answered_at, used_at, body) \
         SELECT CASE n % 2 WHEN 0 THEN 'OM' ELSE 'DJI' END, decode(lpad(to_hex(n), 64, '0'), 'hex'), 'general', 'm', '1', '1', \
           now() - CASE WHEN n > 1200 THEN interval '9 days' ELSE interval '1 hour' END, \
           now() - n * interval '1 minute', decode(repeat('00', 700), 'hex') \
         FROM generate_series(1, 1300) n",
    );
    let sweep = "SELECT sweep_answers(7 * 86400, 100 * 1000, 500)";
    let swept = |sql: &str| models.site.database.sql_as("begrip_server", sql).unwrap();
    // What is too old first, in portions.
    assert_eq!(
        [(); 3].map(|()| swept(sweep).trim().to_owned()),
        ["500", "500", "200"]
    );
    let left = "SELECT count(*) || ' ' || sum(bytes) || ' ' || (max(now() - used_at) < interval '101 minutes') \
                FROM kept_answer";
    assert_eq!(one(&models, left), "100 100000 true");
    assert_eq!(swept(sweep).trim(), "0");
    // It removes by that function alone.
    let delete = "SET begrip.organisation = 'OM'; DELETE FROM kept_answer";
    assert!(
        models
            .site
            .database
            .sql_as("begrip_server", delete)
            .is_err()
    );
    // Being found makes an answer used, once an hour.
    let used = "SELECT count(*) FROM kept_answer WHERE used_at > now() - interval '10 seconds'";
    let find = |number: &str| {
        format!("SELECT length(find_answer('OM', decode(lpad('{number}', 64, '0'), 'hex'), 86400))")
    };
    assert_eq!(swept(&find("2")).trim(), "700");
    assert_eq!(one(&models, used), "0");
    assert_eq!(swept(&find("60")).trim(), "700");
    assert_eq!(one(&models, used), "1");
}
