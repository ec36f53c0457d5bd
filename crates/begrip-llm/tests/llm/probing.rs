//! The test button: what failed, and what still went well before it.

use std::time::Duration;

use begrip_llm::{CancellationToken, Endpoint, LlmError, ProbeStep, Secret, Structured, probe};
use begrip_mock_model::{Behaviour, MODEL_NAME, MockConfig, MockModel, When};
use serde_json::json;

use crate::support::{Act, DONE, RawServer, delta, events, head, send, stop};
use ProbeStep::{Address, Answer, Key, Model, Settings};

async fn probed(endpoint: Endpoint) -> begrip_llm::ProbeReport {
    probe(endpoint, &CancellationToken::new()).await
}

#[tokio::test]
async fn a_working_endpoint_passes_every_step() {
    let mock = MockModel::start(MockConfig::default()).await.unwrap();
    let report = probed(Endpoint::new(mock.url(), "m")).await;
    assert_eq!(report.failed, None);
    assert_eq!(report.passed, [Settings, Address, Key, Model, Answer]);
    assert_eq!(report.models, [MODEL_NAME]);
    assert_eq!(
        report.model_is_listed,
        Some(false),
        "it was asked for as \"m\""
    );
    assert_eq!(report.model.as_deref(), Some(MODEL_NAME));
    assert_eq!(report.structured, Some(Structured::JsonSchema));
    assert!(report.first_piece.is_some());
    assert_eq!(mock.calls(), 1);
}

#[tokio::test]
async fn each_fault_is_found_at_its_own_step() {
    let with_key = MockConfig {
        api_key: Some("goed".to_owned()),
        ..MockConfig::default()
    };
    let locked = MockModel::start(with_key).await.unwrap();
    let wrong_key = || Endpoint::new(locked.url(), "m").with_key(Secret::new("fout"));
    let failing = MockModel::start(MockConfig::default()).await.unwrap();
    failing.set_behaviour(When::Always, Behaviour::status(500));
    let unknown_model = RawServer::start(vec![vec![send(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 31\r\n\r\n{\"error\": \"model 'm' not found\"}",
    )]])
    .await;
    let page = RawServer::start(vec![vec![head("text/html"), send("<html>Welkom</html>")]]).await;
    let nothing = RawServer::start(vec![vec![send(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    )]])
    .await;
    for (name, endpoint, step, code) in [
        (
            "no address",
            Endpoint::new("", "m"),
            Settings,
            "not_configured",
        ),
        (
            "nonsense",
            Endpoint::new("llm", "m"),
            Settings,
            "bad_endpoint",
        ),
        (
            "closed port",
            Endpoint::new("http://127.0.0.1:1", "m"),
            Address,
            "unreachable",
        ),
        (
            "unknown host",
            Endpoint::new("http://bestaat-niet.invalid", "m"),
            Address,
            "unreachable",
        ),
        (
            "web page",
            Endpoint::new(&page.url, "m"),
            Address,
            "bad_reply",
        ),
        (
            "nothing there",
            Endpoint::new(&nothing.url, "m"),
            Address,
            "path_not_found",
        ),
        ("wrong key", wrong_key(), Key, "unauthorised"),
        (
            "unknown model",
            Endpoint::new(&unknown_model.url, "m"),
            Model,
            "model_not_found",
        ),
        (
            "failing",
            Endpoint::new(failing.url(), "m"),
            Answer,
            "server",
        ),
    ] {
        let report = probed(endpoint).await;
        let (at, error) = report.failed.expect(name);
        assert_eq!((at, error.code()), (step, code), "{name}: {error}");
        assert!(!report.passed.contains(&at), "{name}");
    }
}

#[tokio::test]
async fn a_server_without_a_list_of_models_can_pass() {
    let no_list = vec![send(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )];
    let no_schema = json!({"error": {"message": "response_format is not supported"}}).to_string();
    let no_schema = vec![send(format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{no_schema}",
        no_schema.len()
    ))];
    let good = vec![events(), send(delta("{}") + &stop("stop") + DONE)];
    let server = RawServer::start(vec![no_list, no_schema.clone(), no_schema, good]).await;
    let report = probed(Endpoint::new(&server.url, "m")).await;
    assert_eq!(report.failed, None);
    assert_eq!(report.structured, Some(Structured::None));
    assert_eq!((report.models.len(), report.model_is_listed), (0, None));
}

#[tokio::test]
async fn a_server_that_hangs_can_be_given_up() {
    let server = RawServer::start(vec![vec![Act::Hang]]).await;
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stopper.cancel();
    });
    let report = probe(Endpoint::new(&server.url, "m"), &cancel).await;
    assert_eq!(report.failed, Some((Address, LlmError::Cancelled)));
}
