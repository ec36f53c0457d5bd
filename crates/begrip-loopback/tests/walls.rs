//! What the loopback host promises: who may come in, and what comes out.
#![cfg(debug_assertions)]
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use begrip_app::{App, OpenOptions};
use begrip_loopback::{Host, content_security_policy, router};
use serde_json::Value;
use tower::ServiceExt;

const PORT: u16 = 4711;
const TOKEN: &str = "the-token-of-this-run";

struct Bench {
    router: Router,
    _home: tempfile::TempDir,
    _screens: tempfile::TempDir,
}

fn bench() -> Bench {
    let (home, screens) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(
        screens.path().join("index.html"),
        "<html><head></head></html>",
    )
    .unwrap();
    std::fs::write(screens.path().join("app.js"), "1").unwrap();
    let app = App::open(OpenOptions::at(home.path())).unwrap();
    let host = Host {
        app,
        screens: screens.path().to_owned(),
        token: TOKEN.to_owned(),
        port: PORT,
    };
    Bench {
        router: router(host),
        _home: home,
        _screens: screens,
    }
}

async fn send(
    bench: &Bench,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (StatusCode, String, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = bench.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let policy = response.headers().get("content-security-policy");
    let policy = policy
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
    (status, policy, String::from_utf8_lossy(&bytes).into_owned())
}

const OWN: (&str, &str) = ("host", "127.0.0.1:4711");
const SHOWN: (&str, &str) = ("x-begrip-token", TOKEN);

#[tokio::test(flavor = "multi_thread")]
async fn only_its_own_name_origin_and_token_open_the_door() {
    let bench = bench();
    let cases: &[(&[(&str, &str)], StatusCode)] = &[
        (&[OWN, SHOWN], StatusCode::OK),
        (&[("host", "localhost:4711"), SHOWN], StatusCode::OK),
        (
            &[OWN, SHOWN, ("origin", "http://127.0.0.1:4711")],
            StatusCode::OK,
        ),
        (&[SHOWN], StatusCode::MISDIRECTED_REQUEST),
        (
            &[("host", "example.org:4711"), SHOWN],
            StatusCode::MISDIRECTED_REQUEST,
        ),
        (
            &[("host", "127.0.0.1:80"), SHOWN],
            StatusCode::MISDIRECTED_REQUEST,
        ),
        (
            &[OWN, SHOWN, ("origin", "http://example.org")],
            StatusCode::FORBIDDEN,
        ),
        (&[OWN, SHOWN, ("origin", "null")], StatusCode::FORBIDDEN),
        (
            &[OWN, SHOWN, ("origin", "https://127.0.0.1:4711")],
            StatusCode::FORBIDDEN,
        ),
        (&[OWN], StatusCode::UNAUTHORIZED),
        (
            &[OWN, ("x-begrip-token", "another")],
            StatusCode::UNAUTHORIZED,
        ),
    ];
    for (headers, expected) in cases {
        let (status, _, body) = send(&bench, "POST", "/api/call/app_info", headers, "").await;
        assert_eq!(status, *expected, "{headers:?}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_keeps_its_code_and_the_status_of_its_table() {
    let bench = bench();
    let (status, _, body) = send(&bench, "POST", "/api/call/nothing", &[OWN, SHOWN], "null").await;
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, error["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("BG-106"))
    );

    let (status, _, body) = send(&bench, "POST", "/api/call/search", &[OWN, SHOWN], "{").await;
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, error["code"].as_str()),
        (StatusCode::BAD_REQUEST, Some("BG-105"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_one_result_or_error() {
    let bench = bench();
    let (status, _, body) = send(&bench, "POST", "/api/stream/nothing", &[OWN, SHOWN], "").await;
    assert_eq!(status, StatusCode::OK);
    let lines: Vec<Value> = body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["error"]["code"], "BG-106");
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_come_with_the_windows_policy_and_nothing_else_comes_out() {
    let bench = bench();
    let (status, policy, page) = send(&bench, "GET", "/", &[OWN], "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(TOKEN), "{page}");
    assert_eq!(policy, content_security_policy());
    assert!(policy.contains("default-src 'self'") && policy.contains("connect-src 'self'"));
    assert!(
        !policy.contains("ipc:") && !policy.contains("unsafe"),
        "{policy}"
    );

    let (status, _, script) = send(&bench, "GET", "/app.js", &[OWN], "").await;
    assert_eq!((status, script.as_str()), (StatusCode::OK, "1"));
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/a/../../b",
        "/nothing",
    ] {
        let (status, _, _) = send(&bench, "GET", path, &[OWN], "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}
