//! Batches of terms and drafts that wait for the network: asked once, kept, told row by row.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_mock_model::{Behaviour, Capacity, Excess, Latency, MockConfig, MockModel, When};
use serde_json::{Value, json};

use crate::support::{Program, Workplace};

/// A file as a screen sends it.
fn file(name: &str, text: &str) -> Value {
    json!({ "name": name, "content": BASE64.encode(text) })
}

/// A table of this many different terms.
pub fn terms(count: usize) -> String {
    let rows: String = (0..count).map(|n| format!("proefterm{n}\n")).collect();
    format!("term\n{rows}")
}

impl Program {
    pub async fn batch(&self, text: &str) -> String {
        let request = json!({ "file": file("termen.csv", text), "start": true });
        let job = self.call("job_create", request).await;
        job["id"].as_str().unwrap().to_owned()
    }

    async fn job(&self, id: &str) -> Value {
        self.call("job_get", json!({ "id": id })).await
    }

    pub async fn act(&self, id: &str, action: &str) -> Value {
        self.call("job_act", json!({ "id": id, "action": action }))
            .await
    }

    /// Waits until the job stands so.
    #[track_caller]
    pub fn job_is<'a>(&'a self, id: &'a str, state: &'a str) -> impl Future<Output = Value> + 'a {
        self.until(id, state, move |job| job["state"] == state)
    }

    #[track_caller]
    pub fn until<'a>(
        &'a self,
        id: &'a str,
        what: &'a str,
        so: impl Fn(&Value) -> bool + 'a,
    ) -> impl Future<Output = Value> + 'a {
        let at = std::panic::Location::caller();
        async move {
            for _ in 0..6_000 {
                let job = self.job(id).await;
                if so(&job) {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{at}: waited for {what}: {}", self.job(id).await);
        }
    }

    pub async fn items(&self, id: &str) -> Vec<Value> {
        let page = self
            .call("job_items", json!({ "id": id, "limit": 500 }))
            .await;
        page["items"].as_array().unwrap().clone()
    }

    async fn exported(&self, id: &str, format: &str) -> Vec<u8> {
        let file = self
            .call("job_export", json!({ "id": id, "format": format }))
            .await;
        BASE64.decode(file["content"].as_str().unwrap()).unwrap()
    }
}

/// The model was not there, or was not asked again because it was not there.
fn is_away(job: &Value) -> bool {
    ["BG-502", "BG-513"].contains(&job["halt"]["code"].as_str().unwrap_or_default())
}

/// A model that takes a while for each answer.
fn slow() -> MockConfig {
    MockConfig {
        latency: Latency {
            first_ms: 40.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    }
}

/// The terms that were asked, in order.
pub fn asked(model: &MockModel) -> Vec<String> {
    let mut terms: Vec<String> = model.log().into_iter().map(|call| call.term).collect();
    terms.sort();
    terms
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rows_of_two_hundred_questions_make_two_hundred_calls() {
    let place = Workplace::new().await;
    let program = place.open().await;
    // Case and white space make no other question; another context does.
    let mut text = String::from("term;organisatie\n");
    for row in 0..1_000 {
        let n = row % 100;
        let organisation = if row % 200 < 100 { "OM" } else { "DJI" };
        let term = if row % 3 == 0 {
            "Proefterm"
        } else {
            " proefterm"
        };
        text.push_str(&format!("{term}{n};{organisation}\n"));
    }
    let preview = program.call("job_preview", file("termen.csv", &text)).await;
    assert_eq!(
        (&preview["rows"], &preview["questions"]),
        (&json!(1_000), &json!(200))
    );
    assert_eq!(place.model.calls(), 0);

    let id = program.batch(&text).await;
    let mut before = 0;
    let job = loop {
        let job = program.job(&id).await;
        let count = |name: &str| job[name].as_u64().unwrap();
        let ended = count("done") + count("failed") + count("skipped");
        assert_eq!(ended + count("waiting") + count("running"), 1_000, "{job}");
        assert!(ended >= before, "progress goes one way: {job}");
        before = ended;
        if job["state"] == "done" {
            break job;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(
        (&job["done"], &job["questions"]),
        (&json!(1_000), &json!(200))
    );
    assert_eq!(place.model.calls(), 200);

    let page = program
        .call(
            "job_items",
            json!({ "id": id, "offset": 990, "limit": 100 }),
        )
        .await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["total"]),
        (10, &json!(1_000))
    );
    let last = &page["items"][9];
    assert_eq!(
        (&last["number"], &last["same_as"]),
        (&json!(1_001), &json!(201))
    );
    assert_ne!(last["draft"]["reply"]["definition"], "");

    // The same file once more comes from the cache.
    let again = program.batch(&text).await;
    program.job_is(&again, "done").await;
    assert_eq!(place.model.calls(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_fails_is_told_and_asked_again_alone() {
    let place = Workplace::new().await;
    let program = place.open().await;
    let bad = When::Term {
        term: "proefterm1".to_owned(),
    };
    place.model.set_behaviour(bad, Behaviour::Garbage);
    let id = program
        .batch("term;categorie\nproefterm0;\nproefterm1;\n;proces\nproefterm2;iets\nproefterm1;\n")
        .await;
    let job = program.job_is(&id, "done").await;
    let counts = ["done", "failed", "skipped"].map(|name| job[name].as_u64().unwrap());
    assert_eq!(counts, [1, 2, 2], "{job}");
    let items = program.items(&id).await;
    let states: Vec<_> = items
        .iter()
        .map(|item| (&item["number"], &item["state"], &item["error"]["code"]))
        .collect();
    assert_eq!(
        json!(states),
        json!([
            [2, "done", null],
            [3, "failed", "BG-509"],
            [4, "skipped", "BG-165"],
            [5, "skipped", "BG-165"],
            [6, "failed", "BG-509"],
        ])
    );
    assert!(
        items[2]["error"]["detail"]
            .as_str()
            .unwrap()
            .contains("rij 4: de term ontbreekt")
    );

    place.model.reset();
    program.act(&id, "retry").await;
    let job = program.job_is(&id, "done").await;
    assert_eq!((&job["done"], &job["failed"]), (&json!(3), &json!(0)));
    assert_eq!(asked(&place.model), ["proefterm1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_batch_asks_nothing_and_goes_on_where_it_was() {
    let place = Workplace::with(slow()).await;
    let program = place.open().await;
    let id = program.batch(&terms(30)).await;
    program
        .until(&id, "some rows", |job| job["done"].as_u64().unwrap() >= 3)
        .await;
    program.act(&id, "pause").await;
    // Rows under way are finished.
    let still = program
        .until(&id, "no row under way", |job| job["running"] == 0)
        .await;
    assert_eq!(still["state"], "paused");
    let calls = place.model.calls();
    assert_eq!(still["done"].as_u64().unwrap(), calls as u64);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(place.model.calls(), calls);
    assert!(calls < 30);

    program.act(&id, "start").await;
    program.job_is(&id, "done").await;
    let mut all = asked(&place.model);
    assert_eq!(all.len(), 30);
    all.dedup();
    assert_eq!(all.len(), 30, "no term was asked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_under_way_when_the_program_closes_goes_on_at_the_next_start() {
    let place = Workplace::with(slow()).await;
    let program = place.open().await;
    let id = program.batch(&terms(20)).await;
    program
        .until(&id, "some rows", |job| job["done"].as_u64().unwrap() >= 3)
        .await;
    program.close().await;
    let calls = place.model.calls();

    let program = place.open().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        place.model.calls(),
        calls,
        "not before the host keeps jobs going"
    );
    program.0.keep_jobs_going();
    program.job_is(&id, "done").await;
    let whole = place
        .model
        .log()
        .into_iter()
        .filter(|call| call.outcome == begrip_mock_model::Outcome::Completed);
    let mut terms: Vec<String> = whole.map(|call| call.term).collect();
    terms.sort();
    let count = terms.len();
    terms.dedup();
    assert_eq!((count, terms.len()), (20, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_questions_are_under_way_than_the_setting_says() {
    let capacity = Capacity {
        at_once: 3,
        excess: Excess::Refuse,
    };
    let place = Workplace::with(MockConfig {
        capacity: Some(capacity),
        ..slow()
    })
    .await;
    let program = place.open().await;
    let mut settings = program.settings().await;
    assert_eq!(settings["batch"]["at_once"], 2);
    settings["batch"]["at_once"] = json!(17);
    assert_eq!(
        program.refused("settings_save", settings.clone()).await,
        "BG-110"
    );
    settings["batch"]["at_once"] = json!(3);
    program.call("settings_save", settings).await;
    let id = program.batch(&terms(24)).await;
    let mut most = 0;
    program
        .until(&id, "its end", |job| {
            assert!(job["running"].as_u64().unwrap() <= 3, "{job}");
            job["state"] == "done"
        })
        .await;
    for call in place.model.log() {
        most = most.max(u32::from(call.status));
    }
    assert_eq!(
        (most, place.model.calls()),
        (200, 24),
        "no question was refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_a_model_that_is_away_and_goes_on_when_it_is_back() {
    let place = Workplace::new().await;
    let away = MockModel::start(MockConfig::default()).await.unwrap();
    let port = away.port();
    drop(away);
    let mut options = place.options();
    options.model.url = Some(format!("http://127.0.0.1:{port}/v1"));
    options.retry = Duration::from_millis(50);
    let program = Program::open(options).await.unwrap();
    program.0.keep_jobs_going();
    let id = program.batch(&terms(6)).await;
    let job = program.job_is(&id, "paused").await;
    assert!(is_away(&job), "{job}");
    assert_eq!((&job["goes_on"], &job["failed"]), (&json!(true), &json!(0)));
    assert_eq!(job["waiting"], 6);

    // The breaker waits by the test's clock.
    let model = MockModel::start(MockConfig {
        port,
        ..MockConfig::default()
    })
    .await
    .unwrap();
    place.clock.advance(jiff::SignedDuration::from_secs(600));
    program.job_is(&id, "done").await;
    assert_eq!(
        asked(&model),
        [
            "proefterm0",
            "proefterm1",
            "proefterm2",
            "proefterm3",
            "proefterm4",
            "proefterm5"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_stops_at_the_budget_and_goes_on_the_next_day() {
    let place = Workplace::new().await;
    let mut options = place.options();
    options.retry = Duration::from_millis(50);
    let program = Program::open(options).await.unwrap();
    program.0.keep_jobs_going();
    let mut settings = program.settings().await;
    settings["budgets"]["tokens_per_day"] = json!(2_000);
    settings["batch"]["at_once"] = json!(1);
    program.call("settings_save", settings).await;
    let id = program.batch(&terms(8)).await;
    let job = program
        .until(&id, "the budget", |job| job["halt"]["code"] == "BG-402")
        .await;
    assert_eq!(job["failed"], 0);
    let (done, calls) = (job["done"].as_u64().unwrap(), place.model.calls() as u64);
    assert!(done == calls && calls > 0 && calls < 8, "{job}");
    for _ in 0..30 {
        place.clock.advance(jiff::SignedDuration::from_hours(24));
        tokio::time::sleep(Duration::from_millis(400)).await;
        if program.job(&id).await["state"] == "done" {
            break;
        }
    }
    program.job_is(&id, "done").await;
    assert_eq!(place.model.calls(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_stops_a_batch_and_is_not_tried_again_by_itself() {
    let place = Workplace::with(MockConfig {
        api_key: Some("goed".to_owned()),
        ..MockConfig::default()
    })
    .await;
    let mut options = place.options();
    options.retry = Duration::from_millis(20);
    let program = Program::open(options).await.unwrap();
    program.0.keep_jobs_going();
    let id = program.batch(&terms(5)).await;
    let job = program.job_is(&id, "paused").await;
    assert_eq!(
        (&job["halt"]["code"], &job["goes_on"]),
        (&json!("BG-504"), &json!(false))
    );
    let calls = place.model.calls();
    assert!(calls <= 2, "those that were under way at one time");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(place.model.calls(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_batch_closes_its_connections_and_keeps_what_is_ready() {
    let place = Workplace::new().await;
    let program = place.open().await;
    let hang = When::Term {
        term: "proefterm4".to_owned(),
    };
    place.model.set_behaviour(hang, Behaviour::Hang);
    let id = program.batch(&terms(5)).await;
    program
        .until(&id, "four rows", |job| job["done"] == 4)
        .await;
    program.act(&id, "cancel").await;
    let job = program
        .until(&id, "no row under way", |job| job["running"] == 0)
        .await;
    assert_eq!(
        (&job["state"], &job["done"], &job["skipped"]),
        (&json!("cancelled"), &json!(4), &json!(1))
    );
    assert_eq!(
        program
            .refused("job_act", json!({ "id": id, "action": "start" }))
            .await,
        "BG-168"
    );
    program.call("job_remove", json!({ "id": id })).await;
    assert_eq!(
        program.refused("job_get", json!({ "id": id })).await,
        "BG-166"
    );
    assert_eq!(program.call("job_list", Value::Null).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_asked_for_offline_is_made_once_when_the_network_is_back() {
    let place = Workplace::new().await;
    let away = MockModel::start(MockConfig::default()).await.unwrap();
    let port = away.port();
    drop(away);
    let options = || {
        let mut options = place.options();
        options.model.url = Some(format!("http://127.0.0.1:{port}/v1"));
        options.retry = Duration::from_millis(50);
        options
    };
    let program = Program::open(options()).await.unwrap();
    program.0.keep_jobs_going();
    let input = json!({ "term": "contactverbod", "notes": "voor een zaak" });
    let job = program.call("draft_queue", input.clone()).await;
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!((&job["kind"], &job["total"]), (&json!("queue"), &json!(1)));
    // Pressed twice, or in two windows.
    let again = program.call("draft_queue", input).await;
    assert_eq!((&again["id"], &again["total"]), (&json!(id), &json!(1)));
    program
        .call("draft_queue", json!({ "term": "gebiedsverbod" }))
        .await;
    assert_eq!(
        program.refused("draft_queue", json!({ "term": " " })).await,
        "BG-101"
    );
    program.until(&id, "a try", is_away).await;
    program.close().await;

    let model = MockModel::start(MockConfig {
        port,
        ..MockConfig::default()
    })
    .await
    .unwrap();
    let program = Program::open(options()).await.unwrap();
    program.0.keep_jobs_going();
    program.job_is(&id, "done").await;
    let items = program.items(&id).await;
    assert_ne!(items[0]["draft"]["reply"]["definition"], "");
    assert_eq!(items[0]["input"]["notes"], "voor een zaak");
    assert_eq!(asked(&model), ["contactverbod", "gebiedsverbod"]);
    program.close().await;

    let program = Program::open(options()).await.unwrap();
    program.0.keep_jobs_going();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(model.calls(), 2, "never twice");
    // Taken over by the user: then it waits no more.
    program
        .call("job_item_remove", json!({ "id": id, "number": 1 }))
        .await;
    assert_eq!(program.job(&id).await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_go_out_whole_and_no_cell_is_a_formula() {
    let place = Workplace::new().await;
    let program = place.open().await;
    let id = program
        .batch("term;organisatie\n=1+1;OM\nvonnis;OM|DJI\n;x\n")
        .await;
    program.job_is(&id, "done").await;
    let csv = String::from_utf8(program.exported(&id, "csv").await).unwrap();
    let mut lines = csv.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("\u{FEFF}\"rij\";\"term\";\"organisaties\"")
    );
    assert!(csv.contains("\"2\";\"'=1+1\";\"OM\""), "{csv}");
    assert!(
        csv.contains("\"3\";\"vonnis\";\"DJI | OM\"") && csv.contains("\"taalmodel\""),
        "{csv}"
    );
    assert!(
        csv.contains("\"4\";\"\"") && csv.contains("BG-165"),
        "{csv}"
    );
    let json: Value = serde_json::from_slice(&program.exported(&id, "json").await).unwrap();
    assert_eq!(json["job"]["total"], 3);
    assert_eq!(json["items"][1]["draft"]["calls"], 1);
    assert!(
        json["items"][1]["draft"]["report"]["findings"]
            .as_array()
            .unwrap()
            .len()
            > 10
    );
    let xlsx = program.exported(&id, "xlsx").await;
    assert!(xlsx.starts_with(b"PK"));
    // It can be given in again: the column of terms is there.
    let content = BASE64.encode(xlsx);
    let preview = program
        .call(
            "job_preview",
            json!({ "name": "x.xlsx", "content": content }),
        )
        .await;
    assert_eq!(preview["rows"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_is_not_made_twice_and_a_wrong_file_makes_none() {
    let place = Workplace::new().await;
    let program = place.open().await;
    let id = "0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e";
    let request = json!({ "file": file("a.csv", &terms(2)), "id": id });
    for _ in 0..2 {
        let job = program.call("job_create", request.clone()).await;
        assert_eq!(
            (&job["id"], &job["state"], &job["total"]),
            (&json!(id), &json!("queued"), &json!(2))
        );
    }
    for (text, code) in [
        ("", "BG-161"),
        ("naam\nx\n", "BG-163"),
        ("%PDF-1", "BG-164"),
        ("term;wet\n;x\n", "BG-165"),
    ] {
        let request = json!({ "file": file("b.csv", text) });
        assert_eq!(program.refused("job_create", request).await, code, "{text}");
    }
    assert_eq!(
        program
            .call("job_list", Value::Null)
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(place.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_on_one_home_do_not_run_one_batch() {
    let place = Workplace::with(slow()).await;
    let (one, two) = (place.open().await, place.open().await);
    let id = one.batch(&terms(12)).await;
    one.until(&id, "a row", |job| job["done"].as_u64().unwrap() >= 1)
        .await;
    assert_eq!(two.job(&id).await["state"], "running");
    assert_eq!(
        two.refused("job_act", json!({ "id": id, "action": "start" }))
            .await,
        "BG-167"
    );
    // It can be paused from there.
    two.act(&id, "pause").await;
    one.until(&id, "no row under way", |job| job["running"] == 0)
        .await;
    assert!(place.model.calls() < 12);
    two.act(&id, "start").await;
    two.job_is(&id, "done").await;
    assert_eq!(asked(&place.model).len(), 12);
}
