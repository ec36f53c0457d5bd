//! Requests as a client of the OpenAI protocol makes them, and a plain reader of event streams.
#![allow(dead_code, reason = "each test program uses a part of it")]

use begrip_mock_model::{MockConfig, MockModel};
use serde_json::{Value, json};

pub async fn start() -> MockModel {
    MockModel::start(MockConfig::default()).await.unwrap()
}

pub fn body(term: &str, stream: bool) -> Value {
    json!({
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "Antwoord met JSON."},
            {"role": "user", "content": format!("<term>{term}</term>")},
        ],
        "stream": stream,
        "stream_options": {"include_usage": true},
    })
}

pub async fn post(model: &MockModel, body: &Value) -> reqwest::Response {
    let url = format!("{}/v1/chat/completions", model.url());
    reqwest::Client::new()
        .post(url)
        .json(body)
        .send()
        .await
        .unwrap()
}

pub async fn ask(model: &MockModel, term: &str, stream: bool) -> reqwest::Response {
    post(model, &body(term, stream)).await
}

/// The text of a whole stream, or the error on which it broke.
pub async fn streamed(model: &MockModel, term: &str) -> Result<String, reqwest::Error> {
    ask(model, term, true).await.text().await
}

pub fn events(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data:"));
    let data = data.map(str::trim).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

pub fn content(events: &[Value]) -> String {
    let deltas = events
        .iter()
        .map(|event| &event["choices"][0]["delta"]["content"]);
    deltas.filter_map(Value::as_str).collect()
}

pub fn finish_reason(events: &[Value]) -> Option<String> {
    let reasons = events
        .iter()
        .map(|event| &event["choices"][0]["finish_reason"]);
    reasons
        .filter_map(Value::as_str)
        .next_back()
        .map(str::to_owned)
}
