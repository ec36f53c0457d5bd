//! The server as a client sees it, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

mod support;

use begrip_mock_model::{Behaviour, MockConfig, MockModel, Outcome, When};
use serde_json::{Value, json};
use support::{ask, content, events, finish_reason, start, streamed};

#[tokio::test]
async fn a_plain_answer_has_content_usage_and_a_name_that_shows_what_it_is() {
    let model = start().await;
    let body: Value = ask(&model, "vonnis", false).await.json().await.unwrap();
    assert_eq!(body["model"], "begrip-demo-1");
    assert!(body["system_fingerprint"].is_string());
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let text = body["choices"][0]["message"]["content"].as_str().unwrap();
    let reply: Value = serde_json::from_str(text).unwrap();
    assert!(reply["definition"].as_str().unwrap().len() > 20);
    let usage = &body["usage"];
    let sum =
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
}

#[tokio::test]
async fn a_stream_says_the_same_as_a_plain_answer_and_ends_with_usage_and_done() {
    let model = start().await;
    let plain: Value = ask(&model, "vonnis", false).await.json().await.unwrap();
    let text = ask(&model, "vonnis", true).await.text().await.unwrap();
    assert!(text.trim_end().ends_with("data: [DONE]"));
    let events = events(&text);
    assert_eq!(
        content(&events),
        plain["choices"][0]["message"]["content"].as_str().unwrap()
    );
    assert_eq!(finish_reason(&events), Some("stop".to_owned()));
    let last = events.last().unwrap();
    assert_eq!(last["usage"], plain["usage"]);
    assert_eq!(last["choices"], json!([]));
    assert!(events.iter().all(|event| event["model"] == "begrip-demo-1"));
}

#[tokio::test]
async fn usage_comes_in_a_stream_only_when_it_is_asked_for() {
    let model = start().await;
    let mut body = support::body("vonnis", true);
    body.as_object_mut().unwrap().remove("stream_options");
    let text = support::post(&model, &body).await.text().await.unwrap();
    assert!(
        events(&text)
            .iter()
            .all(|event| event.get("usage").is_none())
    );
}

#[tokio::test]
async fn an_untidy_stream_holds_the_same_answer() {
    let model = start().await;
    let tidy = events(&ask(&model, "vonnis", true).await.text().await.unwrap());
    model.set_behaviour(When::Next { times: 1 }, Behaviour::Untidy);
    let untidy = ask(&model, "vonnis", true).await.text().await.unwrap();
    assert!(untidy.contains("\r\n\r\n") && untidy.contains(": keep-alive"));
    let untidy = events(&untidy.replace("\r\n", "\n"));
    assert_eq!(content(&untidy), content(&tidy));
}

#[tokio::test]
async fn azure_paths_and_keys_are_understood_and_a_wrong_key_is_refused() {
    let config = MockConfig {
        api_key: Some("geheim".to_owned()),
        ..MockConfig::default()
    };
    let model = MockModel::start(config).await.unwrap();
    let client = reqwest::Client::new();
    let azure = format!(
        "{}/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
        model.url()
    );
    let openai = format!("{}/v1/chat/completions", model.url());
    for (url, header, value, status) in [
        (&azure, "api-key", "geheim", 200),
        (&openai, "authorization", "Bearer geheim", 200),
        (&openai, "authorization", "Bearer ander", 401),
        (&azure, "x-nothing", "-", 401),
    ] {
        let request = client.post(url).header(header, value);
        let answer = request
            .json(&support::body("vonnis", false))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{url} {header}: {value}");
    }
    let log = model.log();
    assert_eq!(
        log.iter().map(|c| c.authorization).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    assert_eq!(log[2].tokens_in, 0);
    assert!(
        !format!("{log:?}").contains("geheim"),
        "the log holds the key"
    );
}

#[tokio::test]
async fn models_are_listed_and_unknown_paths_are_not_found() {
    let model = start().await;
    let get = |path: &str| reqwest::get(format!("{}{path}", model.url()));
    let list: Value = get("/v1/models").await.unwrap().json().await.unwrap();
    assert_eq!(list["data"][0]["id"], "begrip-demo-1");
    let missing = get("/v2/none").await.unwrap();
    assert_eq!(missing.status(), 404);
    assert!(missing.json::<Value>().await.unwrap()["error"]["message"].is_string());
}

#[tokio::test]
async fn the_log_tells_what_was_asked_and_how_it_ended() {
    let model = start().await;
    let client = reqwest::Client::new();
    let request = client
        .post(format!("{}/v1/chat/completions", model.url()))
        .header("x-request-id", "r-7")
        .json(&support::body("vonnis", true));
    let text = request.send().await.unwrap().text().await.unwrap();
    let call = &model.log()[0];
    assert_eq!(
        (call.sequence, call.request_id.as_deref()),
        (1, Some("r-7"))
    );
    assert_eq!(
        (call.term.as_str(), call.stream, call.status),
        ("vonnis", true, 200)
    );
    assert_eq!(call.outcome, Outcome::Completed);
    assert_eq!(call.body["messages"][1]["content"], "<term>vonnis</term>");
    let events = events(&text);
    let usage = &events.last().unwrap()["usage"];
    assert_eq!(usage["prompt_tokens"], call.tokens_in);
    assert_eq!(usage["completion_tokens"], call.tokens_out);

    let over_http: Value = reqwest::get(format!("{}/_mock/log", model.url()))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(over_http["calls"][0], serde_json::to_value(call).unwrap());
}

#[tokio::test]
async fn controls_work_over_http() {
    let model = start().await;
    let client = reqwest::Client::new();
    let control = |path: &str| format!("{}/_mock/{path}", model.url());
    let setting = json!({
        "when": {"term": {"term": "Vonnis"}},
        "behaviour": {"kind": "status", "status": 503, "retry_after": "2"},
    });
    let set = client
        .post(control("behaviour"))
        .json(&setting)
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), 204);
    let answer = ask(&model, "vonnis", false).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(ask(&model, "arrest", false).await.status(), 200);
    client.post(control("reset")).send().await.unwrap();
    assert_eq!(model.calls(), 0);
    assert_eq!(ask(&model, "vonnis", false).await.status(), 200);
    let health = reqwest::get(control("health")).await.unwrap();
    assert_eq!(health.status(), 200);
}

#[tokio::test]
async fn the_log_file_survives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let config = MockConfig {
        log_file: Some(file.clone()),
        ..MockConfig::default()
    };
    let model = MockModel::start(config).await.unwrap();
    streamed(&model, "vonnis").await.unwrap();
    drop(model);
    let lines = std::fs::read_to_string(file).unwrap();
    let calls: Vec<Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let seen: Vec<_> = calls
        .iter()
        .map(|c| (&c["sequence"], &c["outcome"]))
        .collect();
    assert_eq!(
        seen,
        [
            (&json!(1), &json!("running")),
            (&json!(1), &json!("completed"))
        ]
    );
}

#[tokio::test]
async fn a_dropped_server_is_gone_at_once_and_its_port_can_be_used_again() {
    let model = start().await;
    let port = model.port();
    model.set_behaviour(When::Always, Behaviour::HangMidStream { after: 2 });
    let mut open = ask(&model, "vonnis", true).await;
    assert!(open.chunk().await.unwrap().is_some());
    drop(model);
    while let Ok(chunk) = open.chunk().await {
        assert!(chunk.is_some(), "an open stream ended as if it were whole");
    }
    let config = MockConfig {
        port,
        ..MockConfig::default()
    };
    let again = MockModel::start(config).await.unwrap();
    assert_eq!(ask(&again, "vonnis", false).await.status(), 200);
}
