//! What is sent takes the way that the settings say: their proxy, and the authority that they trust.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use begrip_mock_model::TlsServer;
use begrip_telemetry::{Collector, Destinations, Dsn, Network, Program, Telemetry};
use tracing_subscriber::layer::SubscriberExt;

/// A step and an error, told to these; waits until both are sent or given up.
fn tell(to: Destinations) -> Telemetry {
    let telemetry = Telemetry::default();
    let subscriber = tracing_subscriber::registry().with(telemetry.listen());
    tracing::subscriber::with_default(subscriber, || {
        telemetry.send_to(to);
        let step = tracing::debug_span!(target: "begrip_test", "check");
        step.in_scope(|| tracing::error!(target: "begrip_test", code = "BG-502", "failed"));
        drop(step);
        telemetry.finish(Duration::from_secs(60));
    });
    telemetry
}

/// A proxy that answers by itself; gives its address and the first line of each request.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (send, got) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut reader, send) = (BufReader::new(stream.unwrap()), send.clone());
            std::thread::spawn(move || {
                loop {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if reader.read_line(&mut head).unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let lower = head.to_lowercase();
                    let mut lines = lower.lines();
                    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
                    // A tunnel has none.
                    let length = length.map_or(0, |length| length.parse().unwrap());
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    send.send(head.lines().next().unwrap().to_owned()).unwrap();
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    reader.get_mut().write_all(answer).unwrap();
                }
            });
        }
    });
    (address, got)
}

#[test]
fn steps_and_errors_go_through_the_proxy_and_one_that_cannot_be_meant_sends_nothing() {
    let (address, got) = proxy();
    let to = |proxy: &str| Destinations {
        // No name server knows these.
        otlp: Collector::read("http://verzamelaar.invalid:4318", "").ok(),
        sentry: Dsn::read("https://meldsleutel@meldpunt.invalid/7").ok(),
        network: Network {
            proxy: Some(proxy.to_owned()),
            ca_pem: None,
        },
        program: Program::Workstation,
    };
    let telemetry = tell(to(&address));
    // Errors go in a tunnel, of which this proxy makes nothing.
    assert_eq!((telemetry.sent(), telemetry.dropped()), (1, 1));
    let mut lines: Vec<String> = got.try_iter().collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "CONNECT meldpunt.invalid:443 HTTP/1.1",
            "POST http://verzamelaar.invalid:4318/v1/traces HTTP/1.1",
        ]
    );
    assert!(!format!("{:?}", to(&address)).contains(&address));
    assert_eq!(tell(to("://")).sent(), 0);
    assert_eq!(got.try_iter().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_with_an_authority_of_its_own_is_trusted_when_that_is_given() {
    for (with_authority, sent) in [(true, (1, 0)), (false, (0, 1))] {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let server = TlsServer::start("localhost", answer.to_owned())
            .await
            .unwrap();
        let to = Destinations {
            otlp: Collector::read(&format!("https://localhost:{}", server.port), "").ok(),
            sentry: None,
            network: Network {
                proxy: None,
                ca_pem: with_authority.then_some(server.authority),
            },
            program: Program::Workstation,
        };
        let told = tokio::task::spawn_blocking(move || tell(to)).await.unwrap();
        assert_eq!((told.sent(), told.dropped()), sent, "{with_authority}");
    }
}
