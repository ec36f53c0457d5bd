//! Jobs: what is asked, how often, by whom, and what becomes of it.

use std::collections::BTreeMap;

use begrip_mock_model::{Behaviour, Outcome, When};
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::homes::Home;
use crate::models::Models;
use crate::support::{Caller, Node, told, wait_for};

pub const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Terms that identify nobody and that all differ.
pub fn terms(many: usize) -> Vec<String> {
    let letters = |mut number: usize| {
        let mut word = String::new();
        for _ in 0..3 {
            word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
            number /= 26;
        }
        word
    };
    (0..many)
        .map(|number| format!("gebiedsgebod {}", letters(number)))
        .collect()
}

pub fn creating(caller: &Caller, kind: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
    caller
        .request(Method::POST, "/v1/jobs?name=proef")
        .header("content-type", kind)
        .body(body)
}

/// Makes a job of a list of terms; its number.
pub async fn made(caller: &Caller, terms: &[String]) -> String {
    let body = serde_json::to_string(terms).unwrap();
    let response = creating(caller, "application/json", body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let job: Value = response.json().await.unwrap();
    job["id"].as_str().unwrap().to_owned()
}

async fn get(caller: &Caller, path: &str) -> Value {
    let response = caller.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

pub async fn job(caller: &Caller, id: &str) -> Value {
    let job = get(caller, &format!("/v1/jobs/{id}")).await;
    let count = |name: &str| job[name].as_u64().unwrap();
    let states = ["queued", "running", "done", "failed"].map(count);
    assert_eq!(states.iter().sum::<u64>(), count("total"), "{job}");
    job
}

pub async fn until(caller: &Caller, id: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, || async { so(&job(caller, id).await) }).await;
    job(caller, id).await
}

pub async fn until_done(caller: &Caller, id: &str) -> Value {
    until(caller, id, "the job to be done", |job| {
        job["state"] == "done"
    })
    .await
}

/// Every row, page by page.
pub async fn rows(caller: &Caller, id: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let page = get(caller, &format!("/v1/jobs/{id}/rows?after={after}&limit=7")).await;
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return rows,
        }
    }
}

pub fn node_with(models: &Models<'_>, set: &[(&str, &str)]) -> Node {
    let mut command = models.serving();
    command.envs(
        set.iter()
            .map(|(name, value)| (format!("BEGRIP_SERVER_{name}"), *value)),
    );
    Node::of(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_asks_each_term_once_tells_faulty_rows_and_gives_its_results_in_every_form() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let table = "term;organisatie;categorie\r\ncontactverbod;OM;proces\r\n;OM;\r\nContactverbod;OM;proces\r\n\
                 Jan de Vries;OM;\r\ngebiedsgebod;OM;onzin\r\nvonnis;;resultaat\r\n";
    let response = creating(&caller, "text/csv", table).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let first: Value = response.json().await.unwrap();
    let id = first["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&first["total"], &first["questions"]),
        (&json!(6), &json!(2))
    );
    let done = until_done(&caller, &id).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(3), &json!(3)));
    assert_eq!(models.calls(), 2);

    let rows = rows(&caller, &id).await;
    let said: Vec<(i64, &str, &str)> = rows
        .iter()
        .map(|row| {
            let error = row["error"]["error"].as_str().unwrap_or_default();
            (
                row["number"].as_i64().unwrap(),
                row["state"].as_str().unwrap(),
                error,
            )
        })
        .collect();
    let expected = [
        (2, "done", ""),
        (3, "failed", "row"),
        (4, "done", ""),
        (5, "failed", "identifies"),
        (6, "failed", "row"),
        (7, "done", ""),
    ];
    assert_eq!(said, expected);
    assert_eq!(rows[2]["same_as"], 2);
    assert_eq!(rows[2]["draft"], rows[0]["draft"]);
    // What tells who somebody is stands nowhere.
    assert_eq!(rows[3]["term"], "");
    let kept = models
        .site
        .database
        .sql("SELECT count(*) FROM job_row WHERE job_row::text LIKE '%Vries%'");
    assert_eq!(kept.unwrap().trim(), "0");
    let draft = &rows[0]["draft"];
    assert!(!draft["reply"]["definition"].as_str().unwrap().is_empty());
    assert!(!draft["report"]["findings"].as_array().unwrap().is_empty());
    let provenance = &draft["provenance"];
    assert_eq!(
        (&provenance["from"], &provenance["calls"]),
        (&json!("miss"), &json!(1))
    );
    for name in [
        "model",
        "prompt_version",
        "pack_version",
        "answered_at",
        "request_id",
    ] {
        assert!(!provenance[name].as_str().unwrap().is_empty(), "{name}");
    }
    let log = models.first.log();
    let call = log
        .iter()
        .find(|call| call.term == "contactverbod")
        .unwrap();
    assert_eq!(provenance["tokens_in"], call.tokens_in);
    assert!(
        call.body.to_string().contains("OM"),
        "the context goes along"
    );

    for (format, kind, mark) in [
        ("json", "application/json", &b"{\"job\""[..]),
        (
            "csv",
            "text/csv; charset=utf-8",
            "\u{FEFF}\"rij\"".as_bytes(),
        ),
        ("xlsx", SHEET, b"PK"),
    ] {
        let response = caller
            .get(&format!("/v1/jobs/{id}/results?format={format}"))
            .await;
        assert_eq!(response.headers()["content-type"], kind);
        assert!(
            response.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .contains(format)
        );
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.starts_with(mark), "{format}");
        if format == "csv" {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let lines: Vec<&str> = text.split("\r\n").filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.len(), 7);
            let line = lines[1];
            assert!(
                line.contains("klaar")
                    && line.contains(provenance["pack_version"].as_str().unwrap())
            );
            assert!(text.contains("zelfde vraag als rij 2"), "{text}");
        }
    }

    // The same as a workbook, which a spreadsheet made of the results themselves: known terms cost nothing.
    let again = made(&caller, &["contactverbod".to_owned(), "vonnis".to_owned()]).await;
    until_done(&caller, &again).await;
    // Without their context and category they are other questions.
    assert_eq!(models.calls(), 4);
    let jobs = get(&caller, "/v1/jobs").await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rows_of_two_hundred_terms_make_two_hundred_calls_on_two_nodes() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "author");
    let caller = nodes[0].caller(&token);
    let distinct = terms(200);
    let all: Vec<String> = (0..1_000)
        .map(|row| distinct[row * 7 % 200].clone())
        .collect();
    let id = made(&caller, &all).await;
    // Told by the other node than the one that was asked.
    let mut line = nodes[1]
        .caller(&token)
        .get(&format!("/v1/jobs/{id}/events"))
        .await
        .bytes_stream();
    let mut heard = String::new();
    while let Some(bytes) = line.next().await {
        heard.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
    }
    let told: Vec<Value> = heard
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let ended = |job: &Value| job["done"].as_u64().unwrap() + job["failed"].as_u64().unwrap();
    assert!(told.windows(2).all(|two| ended(&two[0]) <= ended(&two[1])));
    let last = told.last().unwrap();
    assert_eq!(
        (&last["state"], &last["done"]),
        (&json!("done"), &json!(1_000))
    );
    assert!(told.len() > 2, "{heard}");
    assert!(told.iter().any(|job| job["eta_s"].is_f64()), "{heard}");
    assert_eq!(models.calls(), 200);
    let mut asked = BTreeMap::<String, u32>::new();
    for call in models.first.log() {
        *asked.entry(call.term).or_default() += 1;
    }
    assert!(asked.len() == 200 && asked.values().all(|times| *times == 1));
    // Asked by somebody at a screen, a term is known as well.
    let other = made(&caller, &distinct[..20]).await;
    until_done(&caller, &other).await;
    assert_eq!(models.calls(), 200);
    let row = &rows(&caller, &other).await[0];
    assert_ne!(row["draft"]["provenance"]["from"], "miss");
    assert_eq!(row["draft"]["provenance"]["calls"], 0);
    let ledger = models.site.database.sql("SELECT calls FROM spending");
    assert_eq!(
        ledger.unwrap().trim(),
        "200",
        "in the ledger of the organisation"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_node_is_killed_another_goes_on_and_no_finished_call_is_made_again() {
    let models = Models::new().await;
    let lease = [("JOBS_LEASE_S", "2")];
    let mut dying = node_with(&models, &lease);
    let token = models.site.token("OM", "author");
    let slow = Behaviour::SlowDrip { delay_ms: 3 };
    models.first.set_behaviour(When::Always, slow);
    let all = terms(60);
    let id = made(&dying.caller(&token), &all).await;
    until(&dying.caller(&token), &id, "some rows", |job| {
        job["done"].as_u64() >= Some(15)
    })
    .await;
    // No answer is on its way when the node dies: what came back whole is written down.
    let held = Behaviour::HeldBack { after: 2 };
    models.first.set_behaviour(When::Always, held);
    until(&dying.caller(&token), &id, "the rest to hang", |job| {
        job["done"].as_u64() == Some(models.calls() as u64 - 4)
    })
    .await;
    dying.kill();
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();
    let before = models.first.log();
    let living = node_with(&models, &lease);
    let done = until_done(&living.caller(&token), &id).await;
    assert_eq!(done["done"], 60);
    let finished = |log: &[begrip_mock_model::Call]| -> BTreeMap<String, u32> {
        let whole = log.iter().filter(|call| call.outcome == Outcome::Completed);
        whole.fold(BTreeMap::new(), |mut terms, call| {
            *terms.entry(call.term.clone()).or_default() += 1;
            terms
        })
    };
    let log = models.first.log();
    let cut = before
        .iter()
        .filter(|call| call.outcome != Outcome::Completed)
        .count();
    assert!(
        log.len() <= 60 + cut.max(4),
        "{} calls, {cut} cut off",
        log.len()
    );
    let once = finished(&log);
    assert!(once.len() == 60, "each term has an answer");
    // A call that came back whole is not made again; one that the node's end cut off is.
    for (term, times) in &once {
        let was_cut = log
            .iter()
            .any(|call| call.term == *term && call.outcome != Outcome::Completed);
        assert!(*times == 1 || was_cut, "{term} was asked {times} times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_fail_every_row_has_the_job_wait_and_burns_none_of_it() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .site
        .run(&["organisation", "budget", "OM", "--day-tokens", "0"]);
    let id = made(&caller, &terms(30)).await;
    let halted = until(&caller, &id, "the job to wait", |job| {
        !job["halt"].is_null()
    })
    .await;
    assert_eq!(halted["halt"]["error"], "insufficient_quota");
    assert!(halted["halt"]["until"].is_string());
    assert_eq!((&halted["failed"], models.calls()), (&json!(0), 0));
    // A model that is in trouble is the same.
    models
        .first
        .set_behaviour(When::Always, Behaviour::status(503));
    models.site.run(&["organisation", "budget", "OM"]);
    until(&caller, &id, "the model to be in trouble", |job| {
        job["halt"]["error"].is_string() && job["halt"]["error"] != "insufficient_quota"
    })
    .await;
    assert_eq!(job(&caller, &id).await["failed"], 0);
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    let done = until_done(&caller, &id).await;
    assert_eq!((&done["done"], &done["halt"]), (&json!(30), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_an_answer_fails_by_itself_and_is_asked_again_when_that_is_wanted() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let prose = Behaviour::Text {
        text: "Dat weet ik niet.".to_owned(),
    };
    models.first.set_behaviour(When::Next { times: 1 }, prose);
    let id = made(&caller, &terms(5)).await;
    let done = until_done(&caller, &id).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(4), &json!(1)));
    let failed = get(&caller, &format!("/v1/jobs/{id}/rows?state=failed")).await;
    assert_eq!(failed["rows"][0]["error"]["error"], "bad_reply");
    let retry = caller.request(Method::POST, &format!("/v1/jobs/{id}/retry"));
    let told: Value = retry.send().await.unwrap().json().await.unwrap();
    assert_eq!((&told["failed"], &told["total"]), (&json!(0), &json!(5)));
    let done = until_done(&caller, &id).await;
    assert_eq!((&done["done"], models.calls()), (&json!(5), 6));
    // A definition that breaks a blocking rule is mended once.
    models
        .first
        .set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let mended = made(&caller, &["huisverbod".to_owned()]).await;
    until_done(&caller, &mended).await;
    assert_eq!(models.calls(), 8);
    let row = &rows(&caller, &mended).await[0];
    assert_eq!(row["draft"]["provenance"]["repaired"], true);
    models.first.set_behaviour(When::Always, Behaviour::Faulty);
    let faulty = made(&caller, &["locatieverbod".to_owned()]).await;
    until_done(&caller, &faulty).await;
    assert_eq!(models.calls(), 10, "one repair and no more");
    let row = &rows(&caller, &faulty).await[0];
    assert_eq!(
        (&row["state"], &row["draft"]["provenance"]["repaired"]),
        (&json!("done"), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_asked_no_more_and_can_be_taken_up_again() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    let id = made(&caller, &terms(20)).await;
    wait_for("calls", || async { models.calls() == 4 }).await;
    let cancel = caller.request(Method::POST, &format!("/v1/jobs/{id}/cancel"));
    let told: Value = cancel.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&told["state"], &told["running"], &told["failed"]),
        (&json!("cancelled"), &json!(4), &json!(16))
    );
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    models.first.release();
    let ended = until(&caller, &id, "what is under way", |job| job["running"] == 0).await;
    assert_eq!(
        (&ended["state"], &ended["done"]),
        (&json!("cancelled"), &json!(4))
    );
    assert_eq!(models.calls(), 4);
    let row = &get(&caller, &format!("/v1/jobs/{id}/rows?state=failed&limit=1")).await["rows"][0];
    assert_eq!(row["error"]["error"], "cancelled");
    caller
        .request(Method::POST, &format!("/v1/jobs/{id}/retry"))
        .send()
        .await
        .unwrap();
    assert_eq!(until_done(&caller, &id).await["done"], 20);
    assert_eq!(models.calls(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_job_is_refused_with_what_to_do_and_a_repeated_request_makes_one() {
    let models = Models::new().await;
    let node = node_with(&models, &[("JOBS_ROWS", "3"), ("JOBS_AT_ONCE", "0")]);
    let caller = node.caller(&models.site.token("OM", "author"));
    for (kind, body, status, code) in [
        (
            "text/csv",
            "term;notities\nvonnis;de zaak van gisteren",
            400,
            "columns",
        ),
        (
            "application/json",
            r#"[{"term": "vonnis", "notes": "x"}]"#,
            400,
            "columns",
        ),
        ("text/csv", "begripp\nvonnis", 400, "table"),
        ("text/csv", "term\na\nb\nc\nd", 400, "table"),
        ("application/json", "[]", 400, "table"),
        (SHEET, "PK\u{3}\u{4}", 400, "table"),
        ("application/pdf", "x", 415, "content_type"),
    ] {
        let response = creating(&caller, kind, body).send().await.unwrap();
        assert_eq!(told(response).await, (status, code.to_owned()), "{body}");
    }
    let unknown = caller
        .request(Method::POST, "/v1/jobs?model=onbekend")
        .json(&json!(["vonnis"]));
    assert_eq!(
        told(unknown.send().await.unwrap()).await.1,
        "model_not_found"
    );
    let asking = |body: &'static str| {
        let request = creating(&caller, "application/json", body);
        async move {
            request
                .header("idempotency-key", "een")
                .send()
                .await
                .unwrap()
        }
    };
    let same = r#"[{"term": "vonnis", "organisaties": ["OM", "DJI"]}, "arrest"]"#;
    let both = tokio::join!(asking(same), asking(same));
    let mut codes = [both.0.status().as_u16(), both.1.status().as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 201]);
    let ids: Vec<Value> = [
        both.0.json().await.unwrap(),
        both.1.json::<Value>().await.unwrap(),
    ]
    .iter()
    .map(|job: &Value| job["id"].clone())
    .collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        told(asking(r#"["beslag"]"#).await).await,
        (409, "key_reused".to_owned())
    );
    let rows = rows(&caller, ids[0].as_str().unwrap()).await;
    assert_eq!(rows[0]["context"]["organisations"], json!(["DJI", "OM"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_told_as_it_is_and_old_jobs_go() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let id = made(&caller, &["vonnis".to_owned(), String::new()]).await;
    until_done(&caller, &id).await;
    wait_for("the figures", || async {
        let text = caller.get("/metrics").await.text().await.unwrap();
        text.contains("begrip_job_rows{state=\"failed\"} 1")
            && text.contains("begrip_job_rows{state=\"queued\"} 0")
            && text.contains("begrip_job_rows_total{outcome=\"done\"} 1")
    })
    .await;
    let queue = || async {
        let ready: Value = caller.get("/health/ready").await.json().await.unwrap();
        assert_eq!(ready["components"]["database"], "ok");
        ready["components"]["queue"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    wait_for("the queue", || async { queue().await == "ok" }).await;
    let database = &models.site.database;
    let claim = "ON FUNCTION claim_job_row(double precision, integer)";
    database
        .sql(&format!("REVOKE EXECUTE {claim} FROM begrip_server"))
        .unwrap();
    wait_for("the queue to be down", || async { queue().await == "down" }).await;
    database
        .sql(&format!("GRANT EXECUTE {claim} TO begrip_server"))
        .unwrap();
    wait_for("the queue to be back", || async { queue().await == "ok" }).await;
    database
        .sql("UPDATE job SET ended_at = now() - interval '31 days'")
        .unwrap();
    let kept = database.sql_as("begrip_server", "SELECT sweep_jobs(30, 10)");
    assert_eq!(kept.unwrap().trim(), "1");
    assert_eq!(
        caller.get(&format!("/v1/jobs/{id}")).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workstation_has_the_server_make_definitions_and_fetches_them() {
    let models = Models::new().await;
    let node = models.node();
    let home = Home::new(&node, &models.site.token("OM", "author"), "Anna");
    let file = |name: &str| models.folder().join(name).to_str().unwrap().to_owned();
    let (terms, results) = (file("termen.csv"), file("resultaat.json"));
    std::fs::write(
        &terms,
        "term;categorie\ncontactverbod;proces\nvonnis;onzin\n",
    )
    .unwrap();
    let (code, job, error) = home.run(&["batch", "--server", &terms, "--output", &results]);
    assert_eq!(
        (code, &job["done"], &job["failed"]),
        (1, &json!(1), &json!(1)),
        "{error}"
    );
    assert_eq!(models.calls(), 1, "the server asked");
    let written: Value = serde_json::from_slice(&std::fs::read(&results).unwrap()).unwrap();
    let definition = &written["rows"][0]["draft"]["reply"]["definition"];
    assert!(!definition.as_str().unwrap().is_empty());
    let id = job["id"].as_str().unwrap();
    let listed = home.good(&["batch", "list", "--server"]);
    assert_eq!(listed[0]["id"], id);
    let sheet = file("resultaat.xlsx");
    let (_, again, _) = home.run(&["batch", "show", "--server", id, "--output", &sheet]);
    assert_eq!(again["id"], id);
    assert!(std::fs::read(&sheet).unwrap().starts_with(b"PK"));
    assert_eq!(models.calls(), 1);
    std::fs::write(&terms, "term;notities\nvonnis;een zaak\n").unwrap();
    let (_, _, error) = home.run(&["batch", "--server", &terms]);
    assert!(error.contains("notities"), "{error}");
    let nobody = "0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e";
    assert_eq!(home.run(&["batch", "show", "--server", nobody]).0, 3);
}
