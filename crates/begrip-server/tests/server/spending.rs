//! What may be spent on models, what was, and what happens when a model does not answer.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use begrip_llm::{
    CachePolicy, CacheScope, CancellationToken, Endpoint, LlmError, Message, Model, Request, Role,
    Secret, Setup, Validate,
};
use begrip_mock_model::{Behaviour, When};
use reqwest::Method;
use serde_json::{Value, json};

use crate::homes::Home;
use crate::models::{KEY, Models, answered, asking, header, question, streamed};
use crate::support::{Node, Site, wait_for};

#[test]
fn a_day_of_a_budget_begins_when_a_day_of_a_law_does_on_a_workstation() {
    let site = Site::new();
    let rule = "SELECT prosrc FROM pg_proc WHERE proname = 'today'";
    let rule = site.database.sql(rule).unwrap();
    assert!(rule.contains("now()"), "{rule}");
    // What the server would say at each hour of two years and a second before it.
    let days = site
        .database
        .sql(&format!(
            "SELECT extract(epoch FROM moment)::bigint, ({}) FROM ( \
               SELECT hour - second * interval '1 second' AS moment \
               FROM generate_series('2026-01-01 00:00Z'::timestamptz, '2028-01-01 00:00Z', '1 hour') AS hour, \
                    generate_series(0, 1) AS second) AS moments",
            rule.replace("now()", "moment")
        ))
        .unwrap();
    assert!(days.lines().count() > 2 * 2 * 365 * 24, "{}", days.len());
    for line in days.lines() {
        let (at, day) = line.split_once('|').unwrap();
        let at = jiff::Timestamp::from_second(at.parse().unwrap()).unwrap();
        assert_eq!(begrip_domain::dutch_day(at).to_string(), day, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_together_spend_no_more_than_the_budget_and_known_answers_go_on() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "author");
    let callers = nodes.each_ref().map(|node| node.caller(&token));
    assert_eq!(
        answered(asking(&callers[0], &question("vonnis"))).await.0,
        200
    );
    // Room for three more calls of which nobody said how long the answer may be.
    let set = ["organisation", "budget", "OM", "--day-tokens", "7000"];
    models.site.run(&set);
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 2 });
    let asked = (0..12_usize).map(|number| {
        let request = asking(&callers[number % 2], &question(&format!("begrip {number}")));
        tokio::spawn(async move { request.send().await.unwrap() })
    });
    let asked: Vec<_> = asked.collect();
    wait_for("everybody to be let through or refused", || async {
        let refused = asked.iter().filter(|one| one.is_finished()).count();
        refused + models.calls() == 12 + 1
    })
    .await;
    assert_eq!(models.calls(), 1 + 3);
    models.first.release();
    let mut refused = 0;
    for one in asked {
        let response = one.await.unwrap();
        if response.status() == 429 {
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["error"]["code"], "insufficient_quota", "{body}");
            let sentence = body["error"]["message"].as_str().unwrap();
            assert!(sentence.contains("budget") && sentence.ends_with('.'));
            refused += 1;
        }
    }
    assert_eq!(refused, 9);
    models
        .site
        .run(&["organisation", "budget", "OM", "--day-tokens", "0"]);
    assert_eq!(
        answered(asking(&callers[1], &question("arrest"))).await.0,
        429
    );
    let (status, from, text) = answered(asking(&callers[1], &question("vonnis"))).await;
    assert_eq!(
        (status, from.as_str(), text.is_empty()),
        (200, "shared", false)
    );
    // Another organisation has its own.
    let dji = nodes[0].caller(&models.site.token("DJI", "author"));
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    assert_eq!(answered(asking(&dji, &question("arrest"))).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_in_the_books_with_what_it_cost_and_what_was_saved() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    for _ in 0..3 {
        answered(asking(&caller, &question("vonnis"))).await;
    }
    models
        .first
        .set_behaviour(When::Next { times: 1 }, Behaviour::status(400));
    answered(asking(&caller, &question("arrest"))).await;
    let used = || async {
        let request = caller.http.get(format!("{}/v1/usage", caller.url));
        let response = request.bearer_auth(&caller.token).send().await.unwrap();
        response.json::<Value>().await.unwrap()
    };
    wait_for("the hits to be written down", || async {
        used().await["questions"].to_string().contains("memory")
    })
    .await;
    let usage = used().await;
    let call = &models.first.log()[0];
    let (tokens_in, tokens_out) = (f64::from(call.tokens_in), f64::from(call.tokens_out));
    let euro = (tokens_in * 2.0 + tokens_out * 10.0).ceil() / 1e6;
    let day = &usage["days"][0];
    assert_eq!(
        (&day["calls"], day["euro"].as_f64()),
        (&json!(2), Some(euro)),
        "{usage}"
    );
    assert_eq!(day["tokens"].as_f64(), Some(tokens_in + tokens_out));
    let hits = usage["questions"].as_array().unwrap();
    let hits = hits.iter().find(|row| row["fate"] == "memory").unwrap();
    assert_eq!(
        (&hits["questions"], hits["euro_saved"].as_f64()),
        (&json!(2), Some(2.0 * euro))
    );
    let dji = node.caller(&models.site.token("DJI", "reader"));
    let other = dji.request(Method::GET, "/v1/usage").send().await.unwrap();
    assert_eq!(other.json::<Value>().await.unwrap()["days"], json!([]));
    // And for the operator, over all organisations.
    let report = models.site.run(&["report", "costs"]);
    let line = report.lines().nth(1).unwrap();
    let columns: Vec<&str> = line.split('\t').skip(1).take(5).collect();
    assert_eq!(columns, ["OM", "eerste", "groot", "2", "1"], "{report}");
    assert!(line.contains(&format!("\t{euro:.6}\t")), "{report}");
    // The books and the answers of one organisation are not there for another, whatever is asked.
    for table in [
        "kept_answer",
        "model_call",
        "spending",
        "question_count",
        "budget",
    ] {
        let seen = models.site.database.sql_as(
            "begrip_server",
            &format!("SET begrip.organisation = 'DJI'; SELECT count(*) FROM {table} WHERE organisation <> 'DJI'"),
        );
        assert_eq!(seen.unwrap().trim(), "0", "{table}");
    }
    let case = "SET begrip.organisation = 'OM'; UPDATE kept_answer SET data_class = 'case'";
    assert!(models.site.database.sql_as("begrip_server", case).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_upstream_stands_in_and_a_server_that_fails_is_left_alone() {
    let models = Models::with("fallback = { upstream = 'tweede', model = 'klein' }").await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Always, Behaviour::status(503));
    for number in 0..8 {
        let asked = question(&format!("begrip {number}"));
        let asked = if number % 2 == 0 {
            asked
        } else {
            streamed(asked)
        };
        let (status, _, text) = answered(asking(&caller, &asked)).await;
        assert_eq!((status, text.is_empty()), (200, false));
    }
    assert_eq!(
        models.first.calls(),
        5,
        "the breaker opens after five in a row"
    );
    assert_eq!(models.second.calls(), 8);
    assert!(models.second.log().iter().all(|call| call.model == "klein"));
    // What stood in is known by its own name.
    let mut small = question("begrip 1");
    small["model"] = json!("klein");
    assert_eq!(answered(asking(&caller, &small)).await.1, "memory");
}

/// Workstations as they ask: the client of their own, which tries again what is worth it.
fn workstations(node: &Node, token: &str, how_many: usize) -> Vec<Model> {
    let made = (0..how_many).map(|_| {
        let mut setup = Setup::default();
        // A gateway that leaves its model alone says ten seconds, which nobody here waits.
        setup.retry.longest_retry_after = Duration::from_secs(1);
        let model = Model::new(setup);
        let mut endpoint =
            Endpoint::new(&node.url, "groot").with_key(Secret::new(token.to_owned()));
        endpoint.gateway = true;
        model.configure(Some(endpoint)).unwrap();
        model
    });
    made.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn workstations_in_a_storm_make_no_more_calls_than_a_tenth_above_their_questions() {
    const QUESTIONS: usize = 200;
    let models = Models::new().await;
    let node = models.node();
    let desks = workstations(&node, &models.site.token("OM", "author"), 20);
    for (status, least) in [(429, QUESTIONS), (503, 1)] {
        let before = models.calls();
        let refused = Behaviour::Status {
            status,
            retry_after: Some("0".to_owned()),
        };
        models.first.set_behaviour(When::Always, refused);
        for number in 0..QUESTIONS {
            let about = format!("storm {status} {number}");
            let messages = vec![Message::new(Role::User, about)];
            let mut asked = Request::new("groot", messages, CacheScope::default());
            asked.stream = number % 2 == 0;
            let cancel = CancellationToken::new();
            let accept: Validate = Arc::new(|_| Ok(()));
            let desk = &desks[number % desks.len()];
            let answered = desk.ask(asked, CachePolicy::Use, accept, |_| {}, &cancel);
            answered.await.unwrap_err();
        }
        // 503 is a server in trouble, which the gateway leaves alone.
        let calls = models.calls() - before;
        let bounds = least..=QUESTIONS + QUESTIONS / 10;
        assert!(bounds.contains(&calls), "{status}: {calls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_when_to_ask_anew_and_that_it_is_not_to_try_the_same_again_of_itself() {
    let models = Models::new().await;
    let node = models.node();
    let token = models.site.token("OM", "author");
    let caller = node.caller(&token);
    let mut asked = 0;
    let mut told = async |behaviour: Option<Behaviour>| {
        if let Some(behaviour) = behaviour {
            models.first.set_behaviour(When::Always, behaviour);
        }
        asked += 1;
        let question = question(&format!("begrip {asked}"));
        let before = models.calls();
        let response = asking(&caller, &question).send().await.unwrap();
        let calls = models.calls() - before;
        let [later, again] = ["retry-after", "x-should-retry"].map(|name| header(&response, name));
        (response.status().as_u16(), later, again, calls)
    };
    let none = String::new;
    let no = || "false".to_owned();
    // A budget that is spent is so until tomorrow.
    let budget = |tokens| {
        let set = ["organisation", "budget", "OM", "--day-tokens", tokens];
        models.site.run(&set)
    };
    budget("1");
    assert_eq!(told(None).await, (429, none(), no(), 0));
    budget("1000000");
    // The model asks to wait longer than is waited here: nobody tries again, and who asks anew knows when.
    let long = told(Some(Behaviour::too_many(30))).await;
    assert_eq!(long, (429, "30".to_owned(), no(), 1));
    // It was tried again here.
    let short = told(Some(Behaviour::too_many(0))).await;
    assert_eq!(short, (429, "1".to_owned(), no(), 3));
    let broken = told(Some(Behaviour::status(503))).await;
    assert_eq!(broken, (502, none(), no(), 3));
    // Five failures in a row: the model is left alone. Nobody was asked, so whoever comes again costs nothing.
    let _ = told(None).await;
    let alone = told(None).await;
    assert_eq!(alone, (503, "10".to_owned(), none(), 0));

    // A workstation, which would wait a second out by itself, asks the gateway once.
    let models = Models::new().await;
    let node = models.node();
    models
        .first
        .set_behaviour(When::Always, Behaviour::too_many(0));
    let desk = workstations(&node, &models.site.token("OM", "author"), 1).remove(0);
    for stream in [false, true] {
        let messages = vec![Message::new(Role::User, format!("Begrip: {stream}"))];
        let mut asked = Request::new("groot", messages, CacheScope::default());
        asked.stream = stream;
        let before = models.calls();
        let cancel = CancellationToken::new();
        let accept: Validate = Arc::new(|_| Ok(()));
        let refused = desk
            .ask(asked, CachePolicy::Use, accept, |_| {}, &cancel)
            .await;
        let later = Some(Duration::from_secs(1));
        assert_eq!(refused, Err(LlmError::RateLimited { retry_after: later }));
        assert_eq!(models.calls() - before, 3, "stream: {stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_tried_again_and_told_in_the_words_of_the_protocol() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Next { times: 1 }, Behaviour::status(503));
    assert_eq!(answered(asking(&caller, &question("vonnis"))).await.0, 200);
    assert_eq!(models.calls(), 2, "tried again");
    models
        .first
        .set_behaviour(When::Next { times: 1 }, Behaviour::ErrorEvent { after: 3 });
    let broken = asking(&caller, &streamed(question("arrest")))
        .send()
        .await
        .unwrap();
    let body = broken.text().await.unwrap();
    assert!(
        body.contains("\"content\"") && body.contains("data: {\"error\":"),
        "{body}"
    );
    assert!(!body.contains("[DONE]"));
    for (body, status, code) in [
        (
            json!({"model": "onbekend", "messages": [{"role": "user", "content": "x"}]}),
            404,
            "model_not_found",
        ),
        (json!({"model": "groot", "messages": []}), 400, "form"),
        (
            json!({"messages": [{"role": "user", "content": "x"}]}),
            400,
            "form",
        ),
        (
            json!({"model": "groot", "n": 2, "messages": [{"role": "user", "content": "x"}]}),
            400,
            "unsupported_parameter",
        ),
        // Kept at the provider, or fetched from within the network.
        (
            json!({"model": "groot", "store": true, "messages": [{"role": "user", "content": "x"}]}),
            400,
            "unsupported_parameter",
        ),
        (
            json!({"model": "groot", "messages": [{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "http://10.0.0.5/"}}
            ]}]}),
            400,
            "form",
        ),
        (
            json!({"model": "groot", "stream_options_x": 1, "messages": [{"role": "user", "content": "x"}]}),
            400,
            "form",
        ),
    ] {
        let response = asking(&caller, &body).send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        let told: Value = response.json().await.unwrap();
        assert_eq!(told["error"]["code"], code, "{told}");
        assert!(told["error"]["message"].as_str().unwrap().ends_with('.'));
    }
    let reader = node.caller(&models.site.token("OM", "reader"));
    let refused = asking(&reader, &question("vonnis")).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let told: Value = refused.json().await.unwrap();
    assert_eq!(told["error"]["type"], "invalid_request_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_no_line_of_the_log_and_text_neither() {
    let models = Models::new().await;
    let mut serving = models.serving();
    serving.env("BEGRIP_SERVER_LOG", "debug");
    let log = models.folder().join("log");
    let mut node = Node::logging(serving, &log);
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Next { times: 1 }, Behaviour::status(401));
    answered(asking(&caller, &question("zeldzaam woord"))).await;
    answered(asking(&caller, &question("zeldzaam woord"))).await;
    node.terminate();
    assert!(node.ended());
    let mut text = String::new();
    std::fs::File::open(&log)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.contains("no answer from the model"), "{text}");
    assert!(!text.contains(KEY) && !text.contains("zeldzaam") && !text.contains(&caller.token));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_of_openai_itself_works_with_it() {
    let models = Models::new().await;
    let node = models.node();
    let token = models.site.token("OM", "author");
    for (term, behaviour) in [
        // Longer than the gateway waits.
        ("bezet", Behaviour::too_many(30)),
        ("stuk", Behaviour::status(503)),
    ] {
        let about = When::Term {
            term: term.to_owned(),
        };
        models.first.set_behaviour(about, behaviour);
    }
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
    assert!(
        ui.join("node_modules/openai").exists(),
        "install it first: npm ci, in ui"
    );
    let said = Command::new("node")
        .current_dir(&ui)
        .args(["e2e/openai.mjs", &node.url, &token])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    let said = String::from_utf8(said.stdout).unwrap();
    let said: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| &said.iter().find(|one| one["name"] == name).unwrap()["value"];
    assert_eq!(*of("models"), json!(["groot", "ander", "vector", "klein"]));
    assert_eq!(of("plain")["finish"], "stop");
    assert_eq!(of("stream")["text"], of("plain")["text"]);
    assert_eq!(of("stream")["tokens"], of("plain")["tokens"]);
    assert!(of("stream")["pieces"].as_u64().unwrap() > 5);
    let vectors = of("vectors").as_array().unwrap();
    assert!(vectors.len() == 2 && vectors[0] == vectors[1] && vectors[0].as_u64().unwrap() > 1);
    assert_eq!(
        *of("model"),
        json!({"status": 404, "code": "model_not_found", "kind": "NotFoundError"})
    );
    assert_eq!(
        *of("tools"),
        json!({"status": 400, "code": "unsupported_parameter", "kind": "BadRequestError"})
    );
    // What the gateway tried again, three times at most, the library did not try again in its turn.
    assert_eq!(*of("bezet"), json!({"status": 429, "after": "30"}));
    assert_eq!(*of("stuk"), json!({"status": 502, "after": null}));
    let log = models.first.log();
    let asked = |term: &str| log.iter().filter(|call| call.term == term).count();
    assert_eq!((asked("bezet"), asked("stuk")), (1, 3));
    assert_eq!(models.calls(), 2 + 4, "one question and one for vectors");
}

#[tokio::test(flavor = "multi_thread")]
async fn workstations_that_ask_the_same_through_two_nodes_make_one_call_and_hold_no_key() {
    let models = Models::new().await;
    let logs = [0, 1].map(|number| models.folder().join(format!("knoop-{number}.jsonl")));
    let nodes = logs
        .each_ref()
        .map(|log| Node::logging(models.serving(), log));
    let slow = Behaviour::SlowDrip { delay_ms: 5 };
    models.first.set_behaviour(When::Always, slow);
    let people = ["Anna", "Bram", "Cas", "Dina"];
    let token = models.site.token("OM", "author");
    let asking: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(number, person)| {
            let home = Home::new(&nodes[number % 2], &token, person);
            let mut command = home.command(&["define", "contactverbod", "--org", "OM", "--json"]);
            command
                .env("BEGRIP_LLM_URL", "server")
                .env("BEGRIP_LLM_MODEL", "groot")
                .env("BEGRIP_LOG", "info")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            (home, command.spawn().unwrap())
        })
        .collect();
    let (mut texts, mut lines) = (Vec::new(), String::new());
    for (_home, child) in asking {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        texts.push(said["definition"].to_string());
        lines += &String::from_utf8(output.stderr).unwrap();
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert_eq!(models.calls(), 1);
    // The question that was asked has one number on the workstation, at the server and at the model.
    let id = models.first.log()[0].request_id.clone().unwrap();
    let drafted: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains("drafted") && line.contains(&id))
        .collect();
    assert_eq!(drafted.len(), 1, "{id}: {lines}");
    let at_the_server: Vec<Value> = logs
        .iter()
        .flat_map(|log| lines_of(log))
        .filter(|line| line["http.request.id"] == id.as_str() && line["message"] == "answered")
        .collect();
    assert_eq!(at_the_server.len(), 1, "{id}: {at_the_server:?}");
    assert_eq!(at_the_server[0]["url.path"], "/v1/chat/completions");
    // What they told of the question is part of what is kept.
    let kept = "SELECT model || ' ' || data_class || ' ' || (prompt_version <> '') || ' ' || (pack_version <> '') FROM kept_answer";
    assert_eq!(
        models.site.database.sql(kept).unwrap().trim(),
        "groot general true true"
    );
    let calls = models
        .site
        .database
        .sql("SELECT count(*) FROM model_call WHERE account IS NOT NULL");
    assert_eq!(calls.unwrap().trim(), "1");
    let response = asking_names(&nodes[0], &token).await;
    assert!(!response.contains(KEY));
}

/// The lines of a server's log.
fn lines_of(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn asking_names(node: &Node, token: &str) -> String {
    let caller = node.caller(token);
    let response = caller.get("/v1/models").await;
    assert_eq!(header(&response, "content-type"), "application/json");
    response.text().await.unwrap()
}
