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
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use begrip_telemetry::{Collector, Destinations, Dsn, Network, Program, Telemetry};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, pki_types::PrivateKeyDer};
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

/// A collector with a certificate of an authority of its own; gives its port and the authority's.
async fn tls_collector() -> (u16, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 8192]).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, pem)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_with_an_authority_of_its_own_is_trusted_when_that_is_given() {
    for (with_authority, sent) in [(true, (1, 0)), (false, (0, 1))] {
        let (port, pem) = tls_collector().await;
        let to = Destinations {
            otlp: Collector::read(&format!("https://localhost:{port}"), "").ok(),
            sentry: None,
            network: Network {
                proxy: None,
                ca_pem: with_authority.then_some(pem),
            },
            program: Program::Workstation,
        };
        let told = tokio::task::spawn_blocking(move || tell(to)).await.unwrap();
        assert_eq!((told.sent(), told.dropped()), sent, "{with_authority}");
    }
}
