//! What a collector of steps and a receiver of errors get from a server, to the last byte.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use begrip_sync::Sharing;
use reqwest::Method;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{Node, Site, new, wait_for};

/// Each request: where to, its headers, its body.
type Got = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;

/// Takes whatever comes, on the loopback.
async fn stub() -> (String, Got) {
    async fn take(State(got): State<Got>, uri: Uri, headers: HeaderMap, body: Bytes) {
        let one = (uri.path().to_owned(), format!("{headers:?}"), body.to_vec());
        got.lock().unwrap().push(one);
    }
    let got = Got::default();
    let app = Router::new().fallback(take).with_state(Arc::clone(&got));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, got)
}

#[tokio::test(flavor = "multi_thread")]
async fn times_and_errors_leave_when_an_address_is_set_and_no_text_does() {
    const ID: &str = "0193f2c0-1111-7abc-8def-0123456789ab";
    let site = Site::new();
    let (address, got) = stub().await;
    let mut command = site.command(&["serve"]);
    command
        .env("BEGRIP_SERVER_OTLP_URL", format!("http://{address}"))
        .env("BEGRIP_SERVER_OTLP_HEADERS", "x-huurder=toegangswoord")
        .env(
            "BEGRIP_SERVER_SENTRY_DSN",
            format!("http://meldsleutel@{address}/7"),
        );
    let mut node = Node::of(command);
    let token = site.token("OM", "author");
    let caller = node.caller(&token);
    caller.push(&[new(1, "geheimwoord", Sharing::Chain)]).await;
    let hello = caller.request(Method::GET, "/v1/sync/hello");
    let hello = hello.header("x-request-id", ID).send().await.unwrap();
    assert_eq!(hello.status(), 200);
    // Something that is wrong with the server itself.
    site.database
        .sql("REVOKE SELECT ON concept FROM begrip_server")
        .unwrap();
    let changes = caller.request(Method::GET, "/v1/sync/changes?after=0");
    let changes = changes.header("x-request-id", ID).send().await.unwrap();
    assert!(changes.status().is_server_error());
    wait_for("an error to be told", || async {
        let got = got.lock().unwrap();
        got.iter().any(|(path, ..)| path == "/api/7/envelope/")
    })
    .await;
    // What is left leaves at an orderly end.
    node.terminate();
    assert!(node.ended());
    let got = got.lock().unwrap().clone();
    let bodies = |wanted: &str| -> Vec<String> {
        let of = got.iter().filter(|(path, ..)| path == wanted);
        of.map(|(.., body)| String::from_utf8(body.clone()).unwrap())
            .collect()
    };
    let attribute = |of: &Value, key: &str| -> Option<Value> {
        let all = of["attributes"].as_array()?.iter();
        let mut all = all.filter(|attribute| attribute["key"] == key);
        all.next().map(|attribute| {
            attribute["value"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap()
                .clone()
        })
    };
    let mut steps = Vec::new();
    for body in bodies("/v1/traces") {
        let told: Value = serde_json::from_str(&body).unwrap();
        let resource = &told["resourceSpans"][0]["resource"];
        assert_eq!(
            attribute(resource, "service.name").unwrap(),
            "begrip-server"
        );
        let spans = &told["resourceSpans"][0]["scopeSpans"][0]["spans"];
        steps.extend(spans.as_array().unwrap().clone());
    }
    let step = |route: &str| {
        let found = steps
            .iter()
            .find(|step| attribute(step, "http.route").is_some_and(|told| told == route));
        found
            .unwrap_or_else(|| panic!("{route}: {steps:?}"))
            .clone()
    };
    let hello = step("/v1/sync/hello");
    assert_eq!(attribute(&hello, "http.request.id").unwrap(), ID);
    assert_eq!(
        attribute(&hello, "http.response.status_code").unwrap(),
        "200"
    );
    assert_eq!(step("/v1/sync/changes")["status"]["code"], 2);
    let errors = bodies("/api/7/envelope/").concat();
    assert!(
        errors.contains(ID) && errors.contains("begrip-server@"),
        "{errors}"
    );
    assert!(
        errors.contains("crates/begrip-server/src/refusal.rs"),
        "{errors}"
    );
    let everything: String = got
        .iter()
        .map(|(path, headers, body)| {
            format!("{path}\n{headers}\n{}", String::from_utf8_lossy(body))
        })
        .collect();
    let database = site.database.url("begrip_server");
    for secret in [
        "geheimwoord",
        "author van OM",
        token.as_str(),
        database.as_str(),
        "permission denied",
    ] {
        assert!(!everything.contains(secret), "{secret}");
    }
}
