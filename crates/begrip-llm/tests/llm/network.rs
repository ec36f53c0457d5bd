//! Between here and the server: proxies, redirects, certificates, addresses with secrets.

use std::time::Duration;

use begrip_llm::{BadEndpoint, Endpoint, LlmError, Model, Proxy, Secret, Setup, Wait};
use begrip_mock_model::{MockConfig, MockModel, TlsServer};
use tokio::net::TcpListener;

use crate::support::{DONE, RawServer, ask, delta, events, question, raw_model, send, stop};

/// Makes settings unusable.
type Spoil = fn(&mut Endpoint);

fn good() -> Vec<crate::support::Act> {
    vec![events(), send(delta("één") + &stop("stop") + DONE)]
}

#[tokio::test]
async fn an_explicit_proxy_gets_the_request_with_its_own_login() {
    let proxy = RawServer::start(vec![good()]).await;
    let model = raw_model("http://llm.invalid/v1", |endpoint| {
        endpoint.proxy = Proxy::Explicit {
            url: proxy.url.clone(),
            login: Some(("jan".to_owned(), Secret::new("geheim"))),
        };
    });
    assert_eq!(ask(&model, question("x")).await.unwrap().text, "één");
    let request = proxy.requests.lock().unwrap()[0].clone();
    assert!(
        request.starts_with("POST http://llm.invalid/v1/chat/completions "),
        "{request}"
    );
    assert!(
        request.contains("proxy-authorization: Basic amFuOmdlaGVpbQ=="),
        "{request}"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_is_named() {
    let asks = RawServer::start(vec![vec![send(
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )]])
    .await;
    for (url, target) in [
        (asks.url.as_str(), "http://llm.invalid"),
        (asks.url.as_str(), "https://llm.invalid"),
        ("http://127.0.0.1:1", "http://llm.invalid"),
        ("http://127.0.0.1:1", "https://llm.invalid"),
    ] {
        let model = raw_model(target, |endpoint| {
            endpoint.proxy = Proxy::Explicit {
                url: url.to_owned(),
                login: None,
            };
        });
        let error = ask(&model, question("x")).await.unwrap_err();
        assert_eq!(error.code(), "proxy", "{url} {target}: {error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = RawServer::start(vec![vec![send(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://jan:geheim@elders.example/v1?k=geheim\r\ncontent-length: 0\r\n\r\n",
    )]])
    .await;
    let error = ask(&raw_model(&server.url, |_| {}), question("x"))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        LlmError::Redirected("https://elders.example/v1".to_owned())
    );
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_apart_from_one_that_is_not_there() {
    let server = MockModel::start(MockConfig::default()).await.unwrap();
    let https = server.url().replace("http:", "https:");
    for (url, code) in [
        (https.as_str(), "tls"),
        ("https://127.0.0.1:1", "unreachable"),
    ] {
        let error = ask(&raw_model(url, |_| {}), question("x"))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_is_never_made_is_given_up_and_named() {
    // Takes the connection and then says nothing: the TLS handshake hangs.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let model = raw_model(&url, |endpoint| {
        endpoint.timeouts.connect = Duration::from_millis(150);
    });
    let result = ask(&model, question("x")).await;
    assert_eq!(result, Err(LlmError::Timeout(Wait::Connect)));
}

#[tokio::test]
async fn secrets_stay_out_of_errors_even_when_a_server_repeats_them() {
    let body = r#"{"error": {"message": "no access for sk-geheim and header-geheim"}}"#;
    for status in [
        "403 Forbidden",
        "400 Bad Request",
        "500 Oops",
        "404 model",
        "413 x",
    ] {
        let script = vec![send(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))];
        let server = RawServer::start(vec![script]).await;
        let model = raw_model(&server.url, |endpoint| {
            endpoint.api_key = Some(Secret::new("sk-geheim"));
            endpoint.headers = vec![("x-extra".to_owned(), Secret::new("header-geheim"))];
        });
        let error = ask(&model, question("x")).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("geheim"), "{shown}");
        let request = server.requests.lock().unwrap()[0].clone();
        assert!(request.contains("authorization: Bearer sk-geheim"));
        assert!(request.contains("x-extra: header-geheim"));
    }
    let model = raw_model("http://jan:geheim@127.0.0.1:1/?k=geheim", |_| {});
    let error = ask(&model, question("x")).await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", model.address());
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let model = Model::new(Setup::default());
    let cases: [(Spoil, BadEndpoint); 3] = [
        (
            |e| e.api_key = Some(Secret::new("sk-\n1")),
            BadEndpoint::Header,
        ),
        (
            |e| e.headers = vec![("a b".to_owned(), Secret::new("x"))],
            BadEndpoint::Header,
        ),
        (|e| e.base_url = "llm".to_owned(), BadEndpoint::Url),
    ];
    for (spoil, expected) in cases {
        let mut endpoint = Endpoint::new("http://127.0.0.1:1", "m");
        spoil(&mut endpoint);
        assert_eq!(
            model.configure(Some(endpoint)),
            Err(LlmError::BadEndpoint(expected))
        );
    }
    assert_eq!(model.address(), None, "the endpoint stays as it was");
}

#[tokio::test]
async fn a_wrong_certificate_or_proxy_is_named_when_it_is_first_needed() {
    for (spoil, expected) in [
        (
            (|e: &mut Endpoint| e.ca_pem = Some("geen PEM".to_owned())) as Spoil,
            BadEndpoint::Certificate,
        ),
        (
            |e| {
                e.proxy = Proxy::Explicit {
                    url: "://".to_owned(),
                    login: None,
                }
            },
            BadEndpoint::Proxy,
        ),
    ] {
        let model = raw_model("http://127.0.0.1:1", spoil);
        let result = ask(&model, question("x")).await;
        assert_eq!(result, Err(LlmError::BadEndpoint(expected)));
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_given_and_only_for_the_right_name() {
    for (name, with_authority, trusted) in [
        ("localhost", true, true),
        ("localhost", false, false),
        ("elders.example", true, false),
    ] {
        let body = delta("één") + &stop("stop") + DONE;
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let server = TlsServer::start(name, answer).await.unwrap();
        let url = format!("https://localhost:{}", server.port);
        let model = raw_model(&url, |endpoint| {
            endpoint.ca_pem = with_authority.then_some(server.authority);
        });
        let result = ask(&model, question("x")).await;
        match result {
            Ok(answer) => assert!(trusted && answer.text == "één", "{name}"),
            Err(error) => {
                assert!(!trusted, "{name}: {error}");
                assert_eq!(error.code(), "tls", "{name}: {error}");
            }
        }
    }
}
