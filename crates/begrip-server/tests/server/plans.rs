//! How PostgreSQL does what the server asks of it: no hot question walks over a large table, and what lists many asks
//! no more often than what lists few.
//!
//! Nothing is asked here but by the server itself, at its own addresses: PostgreSQL writes down the plan of every
//! statement that it does for the serving role, those within functions too (`auto_explain`), on tables so large that a
//! walk over one costs more than an index.

use std::collections::BTreeSet;

use begrip_mock_model::MockConfig;
use begrip_postgres::Cluster;
use begrip_sync::{Act, Command, Sharing};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::administering::{add, ask, get, good};
use crate::jobs::{creating, made, node_with, terms, until_done};
use crate::models::{Models, answered, asking, question};
use crate::support::{Caller, Site, acceptance, act, concept, new, proposal, put, wait_for};

/// Rows that grow with use. Walking over one of these is refused.
const LARGE: [&str; 13] = [
    "account",
    "administration_log",
    "command",
    "concept",
    "identity",
    "job",
    "job_row",
    "kept_answer",
    "model_call",
    "revision",
    "spending",
    "token",
    "trail",
];

/// What looks at all of a table because that is what it is for, with a word on how often.
const WALKS: [(&str, &str); 6] = [
    // Once at the end of a sync that compares: each twentieth of a workstation.
    ("concept", "GROUP BY range"),
    // Numbers for the operator, every five seconds, over jobs and not over their rows.
    ("job", "sum(queued) AS queued"),
    // One range of sixteen, read again when it differs: most pages of the table hold some of it.
    ("concept", "WHERE range = $1"),
    // What an administrator is shown of all users and tokens of the own organisation: a twentieth of the table here.
    ("account", "FROM tokens t"),
    ("token", "FROM tokens t"),
    ("identity", "FROM users u"),
];

/// A statement that PostgreSQL did.
#[derive(Debug)]
struct Done {
    text: String,
    /// Tables that were walked over.
    walked: Vec<String>,
}

fn tables_walked(plan: &Value, into: &mut Vec<String>) {
    if plan["Node Type"] == "Seq Scan" {
        into.extend(plan["Relation Name"].as_str().map(str::to_owned));
    }
    for part in plan["Plans"].as_array().into_iter().flatten() {
        tables_walked(part, into);
    }
}

/// Every plan in a log.
fn plans(log: &str) -> Vec<Done> {
    let plan = |text: &str| {
        let lines = text
            .lines()
            .skip(1)
            .take_while(|line| line.starts_with('\t'));
        let json: String = lines.collect();
        let told: Value = serde_json::from_str(&json).unwrap();
        let mut walked = Vec::new();
        tables_walked(&told["Plan"], &mut walked);
        Done {
            text: told["Query Text"].as_str().unwrap().to_owned(),
            walked,
        }
    };
    log.split("  plan:").skip(1).map(plan).collect()
}

/// Has every plan of the serving role written down from now on, for lines that are opened from now on.
fn explain(site: &Site<'_>) {
    for set in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
        "auto_explain.log_format = json",
    ] {
        let sql = format!("ALTER ROLE begrip_server SET {set}");
        site.database.sql(&sql).unwrap();
    }
}

/// Twenty organisations that have worked for a year.
fn fill(site: &Site<'_>) {
    let item = "format('{\"id\":\"%s\",\"version\":2,\"sequence\":%s,\"owner\":\"%s\",\"sharing\":{\"with\":\"chain\"},\
         \"deleted\":false,\"texts\":{\"term\":\"begrip %s\",\"definition\":\"%s\"},\"author\":\"x\",\
         \"organisation\":\"%s\",\"at\":\"2026-01-01T00:00:00Z\"}', id, n + 30000, owner, n, repeat('woord ', 60), owner)";
    let filled = format!(
        "INSERT INTO organisation (name, title) SELECT 'Organisatie ' || n, '' FROM generate_series(1, 17) n;
         CREATE TEMP TABLE o AS SELECT name, row_number() OVER (ORDER BY name) AS place FROM organisation;
         INSERT INTO account (organisation, name, role) SELECT name, 'gebruiker ' || n, 'author'
           FROM o, generate_series(1, 500) n;
         INSERT INTO token (id, account, hash) SELECT gen_random_uuid(), id, 'x' FROM account, generate_series(1, 3)
           WHERE name LIKE 'gebruiker %';
         INSERT INTO identity (issuer, subject, account) SELECT 'https://aanmelden.example', id::text, id FROM account
           WHERE name LIKE 'gebruiker %';
         CREATE TEMP TABLE c AS SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
             o.name AS owner, a.id AS account
           FROM generate_series(1, 30000) n JOIN o ON o.place = n % 20 + 1
           JOIN account a ON a.organisation = o.name AND a.name = 'gebruiker 1';
         INSERT INTO concept (id, version, sequence, owner, sharing, shared_with, deleted, mark, item)
           SELECT id, 2, n + 30000, owner, 'chain', '{{}}', false, n, {item} FROM c;
         INSERT INTO revision (concept, version, organisation, account, at, deleted, reason, item)
           SELECT id, v, owner, account, now() - n * interval '15 minutes', false, '', {item}
           FROM c, generate_series(1, 2) v;
         INSERT INTO trail (number, body, hash)
           SELECT (v - 1) * 30000 + n, json_build_object('concept', id, 'version', v, 'organisation', owner,
             'account', account, 'act', 'changed', 'number', (v - 1) * 30000 + n)::text, ''
           FROM c, generate_series(1, 2) v;
         INSERT INTO command (organisation, key, digest, answer) SELECT owner, gen_random_uuid(), '', '{{}}' FROM c;
         UPDATE server SET sequence = 60000, trail_count = 60000;
         INSERT INTO kept_answer (organisation, key, data_class, model, prompt_version, pack_version, answered_at, body)
           SELECT owner, sha256(n::text::bytea), 'general', 'groot', '1', '1', now() - n * interval '1 minute',
             convert_to(repeat('antwoord ', 80), 'UTF8') FROM c;
         INSERT INTO model_call (organisation, account, at, day, upstream, model, request_id, tokens_in, tokens_out,
             micros, outcome)
           SELECT owner, account, now() - n * interval '15 minutes', (now() - n * interval '15 minutes')::date,
             'eerste', 'groot', n::text, 500, 200, 3000, 'answered' FROM c;
         INSERT INTO spending (organisation, day, calls, tokens, micros)
           SELECT name, current_date - n, 10, 7000, 30000 FROM o, generate_series(1, 365) n;
         INSERT INTO budget (organisation, day_tokens) SELECT name, 1000000000 FROM o;
         INSERT INTO job (id, organisation, account, name, model, digest, state, created_at, ended_at)
           SELECT id, owner, account, 'reeks', 'groot', '', 'done', now() - n * interval '20 minutes',
             now() - n * interval '20 minutes' FROM c WHERE n <= 12000;
         INSERT INTO job_row (job, number, organisation, term, context, state, ended_at)
           SELECT c.id, r, c.owner, 'woord ' || r, '{{}}', 'done', now() FROM c, generate_series(1, 3) r WHERE c.n <= 12000;
         INSERT INTO administration_log (organisation, name, act, about)
           SELECT owner, 'x', 'user_added', n::text FROM c;"
    );
    site.database.sql(&filled).unwrap();
    for sql in ["VACUUM ANALYZE", "CHECKPOINT"] {
        site.database.sql(sql).unwrap();
    }
}

async fn ok(caller: &Caller, path: &str) -> Value {
    let response = caller.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

/// A text that is made, proposed and established by others; as all steps are, by a push each.
async fn reviewed(author: &Caller, reviewer: &Caller, number: u128) {
    let fields = json!({"term": [null, format!("begrip {number}")],
        "definition": [null, "gebod van de rechter om zich in een bepaald gebied te bevinden"]});
    let done = async |caller: &Caller, command: Command| {
        let answer = caller.push(&[command]).await.remove(0);
        assert!(answer.outcome.is_done(), "{answer:?}");
        answer.outcome.item().unwrap().clone()
    };
    let made = done(
        author,
        put(concept(number), 0, fields, Some(Sharing::Chain)),
    )
    .await;
    done(author, act(made.id, 1, proposal(&made))).await;
    done(reviewer, act(made.id, 2, acceptance(&made))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_question_of_a_day_walks_over_a_table_that_grows_with_use() {
    let cluster = Cluster::start().unwrap();
    let models = Models::on(Site::on(&cluster), "", MockConfig::default()).await;
    let site = &models.site;
    let tokens = ["author", "reviewer", "administrator"].map(|role| site.token("OM", role));
    fill(site);
    explain(site);
    let before = cluster.log().unwrap().len();
    let node = models.node();
    let [author, reviewer, admin] = tokens.map(|token| node.caller(&token));

    // More often than it takes until PostgreSQL plans for any value instead of for one.
    for round in 1..=7_u128 {
        ok(&author, "/v1/sync/hello").await;
        ok(&author, "/v1/sync/changes?after=30000").await;
        ok(&author, "/v1/sync/changes?after=59990&closing=true").await;
        ok(&author, "/v1/sync/ranges/3").await;
        let known = new(round, "begrip", Sharing::Chain);
        author.push(std::slice::from_ref(&known)).await;
        author.push(&[known]).await;
        let withdrawn = author.push(&[act(concept(round), 1, Act::Delete)]).await;
        assert!(withdrawn[0].outcome.is_done(), "{withdrawn:?}");
        reviewed(&author, &reviewer, 100 + round).await;
        ok(
            &author,
            "/v1/concepts/00000000-0000-4000-8000-000000000007/trail",
        )
        .await;
        // A new question is a call with its reservation; the next finds what was kept.
        for _ in 0..2 {
            let asked = asking(&author, &question(&format!("woord {round}")));
            assert_eq!(answered(asked).await.0, 200);
        }
        ok(&author, "/v1/usage").await;
        let job = made(&author, &terms(3)).await;
        until_done(&author, &job).await;
        for path in [
            "",
            "/rows?limit=2",
            "/rows?state=done",
            "/results?format=csv",
        ] {
            let response = author.get(&format!("/v1/jobs/{job}{path}")).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
        }
        ok(&author, "/v1/jobs").await;
        for act in ["retry", "cancel"] {
            let path = format!("/v1/jobs/{job}/{act}");
            author.request(Method::POST, &path).send().await.unwrap();
        }
        ok(&author, "/v1/published").await;
        for list in [
            "users",
            "tokens",
            "quota",
            "log",
            "organisations",
            "published",
        ] {
            get(&admin, list).await;
        }
        let user = add(
            &admin,
            json!({"name": format!("nieuw {round}"), "role": "reader"}),
        )
        .await;
        good(ask(&admin, Method::PATCH, &user, json!({"role": "author"})).await);
        let id = user.trim_start_matches("users/");
        let token = good(
            ask(
                &admin,
                Method::POST,
                "tokens",
                json!({"user": id, "days": 1}),
            )
            .await,
        );
        let token = format!("tokens/{}", token["id"].as_str().unwrap());
        good(ask(&admin, Method::DELETE, &token, Value::Null).await);
    }
    // What a sign-in asks, by the role that serves.
    let signs_in = "SELECT * FROM find_identity('https://aanmelden.example', 'x')";
    site.database.sql_as("begrip_server", signs_in).unwrap();
    // What nodes do by themselves, at once.
    site.database
        .sql("UPDATE upkeep SET done_at = '-infinity'")
        .unwrap();
    let other = models.node();
    let swept = || async {
        let due = "SELECT count(*) FROM upkeep WHERE done_at = '-infinity'";
        site.database.sql(due).unwrap().trim() == "0"
    };
    wait_for("the upkeep", swept).await;
    drop((node, other));

    let log = cluster.log().unwrap();
    let done = plans(&log[before..]);
    let texts: BTreeSet<&str> = done.iter().map(|done| done.text.as_str()).collect();
    assert!(
        texts.len() > 60,
        "{} statements are written down",
        texts.len()
    );
    let is_meant = |table: &str, text: &str| {
        let walk = |(of, part): &(&str, &str)| *of == table && text.contains(part);
        WALKS.iter().any(walk)
    };
    let walks: BTreeSet<(&str, &str)> = done
        .iter()
        .flat_map(|done| {
            let walked = done.walked.iter().map(String::as_str);
            walked.map(|table| (table, done.text.as_str()))
        })
        .filter(|(table, text)| LARGE.contains(table) && !is_meant(table, text))
        .collect();
    assert!(walks.is_empty(), "{walks:#?}");
}

/// Statements that one request made, once the log has come to rest; what a node does by itself is left out.
async fn statements(cluster: &Cluster, request: impl Future<Output = ()>) -> usize {
    const BY_ITSELF: [&str; 10] = [
        // That a row belongs to a job is looked up by PostgreSQL for each row that comes.
        "FOR KEY SHARE OF x",
        // Whether who asked for a job may still ask is looked up for each that is shown, a hundred at most.
        "barred(",
        "account_closed",
        "find_answer",
        "kept_answer",
        "upkeep",
        "hold_chore",
        "job_figures",
        "job_waits",
        "end_lapsed_rows",
    ];
    // The end of the request before this one is written down too.
    let rest = async || {
        let mut seen = 0;
        loop {
            let log = cluster.log().unwrap();
            if log.len() == seen {
                return log;
            }
            seen = log.len();
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let before = rest().await.len();
    request.await;
    let own = |done: &&Done| {
        let text = done.text.as_str();
        text != "SELECT 1" && !BY_ITSELF.iter().any(|part| text.contains(part))
    };
    plans(&rest().await[before..]).iter().filter(own).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_a_thousand_rows_asks_no_more_often_than_what_shows_ten() {
    let cluster = Cluster::start().unwrap();
    let models = Models::on(Site::on(&cluster), "", MockConfig::default()).await;
    let site = &models.site;
    let tokens = ["author", "administrator"].map(|role| site.token("OM", role));
    explain(site);
    let node = node_with(&models, &[("JOBS_AT_ONCE", "0")]);
    let [author, admin] = tokens.map(|token| node.caller(&token));
    // Each address once: what is remembered of a token is asked no more.
    for caller in [&author, &admin] {
        ok(caller, "/v1/sync/hello").await;
    }
    let mut counts: Vec<(String, Vec<usize>)> = Vec::new();
    let mut held = 0_usize;
    for many in [10, 100, 1_000_usize] {
        let fill = format!(
            "INSERT INTO concept (id, version, sequence, owner, sharing, shared_with, deleted, mark, item)
               SELECT gen_random_uuid(), 1, n, 'OM', 'chain', '{{}}', false, n, '{{}}' FROM generate_series({held} + 1, {many}) n;
             UPDATE server SET sequence = {many};
             INSERT INTO account (organisation, name, role) SELECT 'OM', 'gebruiker ' || n, 'author'
               FROM generate_series({held} + 1, {many}) n;
             INSERT INTO token (id, account, hash) SELECT gen_random_uuid(), id, 'x' FROM account a
               WHERE name LIKE 'gebruiker %' AND NOT EXISTS (SELECT FROM token t WHERE t.account = a.id);
             INSERT INTO trail (number, body, hash) SELECT n, json_build_object('concept',
               '00000000-0000-4000-8000-000000000001', 'version', n, 'organisation', 'OM', 'account', gen_random_uuid(),
               'act', 'changed')::text, '' FROM generate_series({held} + 1, {many}) n;
             INSERT INTO concept (id, version, sequence, owner, sharing, shared_with, deleted, mark, item)
               SELECT '00000000-0000-4000-8000-000000000001', 1, 0, 'OM', 'chain', '{{}}', false, 0, '{{}}'
               WHERE {held} = 0;
             INSERT INTO administration_log (organisation, name, act, about) SELECT 'OM', 'x', 'user_added', n::text
               FROM generate_series({held} + 1, {many}) n;"
        );
        site.database.sql(&fill).unwrap();
        held = many;
        let job = made(&author, &terms(many)).await;
        let shown = [
            "/v1/sync/changes?after=0".to_owned(),
            "/v1/sync/changes?after=0&closing=true".to_owned(),
            "/v1/sync/ranges/1".to_owned(),
            "/v1/concepts/00000000-0000-4000-8000-000000000001/trail".to_owned(),
            "/v1/jobs".to_owned(),
            format!("/v1/jobs/{job}"),
            format!("/v1/jobs/{job}/rows?limit={}", many.min(500)),
        ];
        let lists = ["users", "tokens", "log", "quota"];
        let body = serde_json::to_string(&terms(many)).unwrap();
        let places = shown.len() + lists.len() + 1;
        for place in 0..places {
            let name = match place {
                place if place < shown.len() => shown[place].replace(&job, "…"),
                place if place < places - 1 => lists[place - shown.len()].to_owned(),
                _ => "a new job".to_owned(),
            };
            let ask = async || match place {
                place if place < shown.len() => drop(ok(&author, &shown[place]).await),
                place if place < places - 1 => drop(get(&admin, lists[place - shown.len()]).await),
                _ => {
                    let made = creating(&author, "application/json", body.clone());
                    let made = made.send().await.unwrap();
                    assert_eq!(made.status(), StatusCode::CREATED);
                }
            };
            // What a node does by itself may fall in between: what is asked is the least of several times.
            let wanted = counts.get(place).map(|(_, of)| of[0]);
            let mut least = usize::MAX;
            for time in 0..6 {
                least = least.min(statements(&cluster, ask()).await);
                let enough = match wanted {
                    None => time == 2,
                    Some(wanted) => least <= wanted,
                };
                if enough {
                    break;
                }
            }
            assert!(least > 0, "{name}: nothing is written down");
            match counts.get_mut(place) {
                Some((_, of)) => of.push(least),
                None => counts.push((name, vec![least])),
            }
        }
    }
    for (name, of) in &counts {
        assert!(
            of.iter().all(|count| *count <= of[0]),
            "{name}: {of:?} statements"
        );
    }
}
