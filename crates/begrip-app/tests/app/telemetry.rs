//! Telemetry by the settings: from the moment that an address is kept until it is taken away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use begrip_app::Telemetry;
use begrip_app::schema::{DefineEvent, DefineRequest};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::support::{Workplace, child_home, in_a_process, question};

/// Takes every request; gives its path and its body.
fn stub() -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
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
                    let head = head.to_lowercase();
                    let mut lines = head.lines();
                    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
                    let mut body = vec![0; length.unwrap().parse().unwrap()];
                    reader.read_exact(&mut body).unwrap();
                    let path = head.split(' ').nth(1).unwrap().to_owned();
                    send.send((path, String::from_utf8(body).unwrap())).unwrap();
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    reader.get_mut().write_all(answer).unwrap();
                }
            });
        }
    });
    (address, got)
}

/// In a process of its own: what listens to steps is one for a process.
#[test]
fn a_panic_and_steps_are_told_from_the_setting_on_and_no_more_after_it() {
    let name = "telemetry::a_panic_and_steps_are_told_from_the_setting_on_and_no_more_after_it";
    if child_home().is_none() {
        let home = tempfile::tempdir().unwrap();
        let run = in_a_process(name, home.path());
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{run:?}");
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(told());
}

async fn told() {
    let telemetry = Telemetry::default();
    tracing_subscriber::registry()
        .with(telemetry.listen())
        .init();
    let hook = telemetry.clone();
    std::panic::set_hook(Box::new(move |info| hook.panicked(info)));
    let (address, got) = stub();
    let place = Workplace::new().await;
    let mut options = place.options();
    options.telemetry = telemetry.clone();
    let program = crate::support::Program::open(options).await.unwrap();
    let finish = || telemetry.finish(Duration::from_secs(60));
    let all = || -> Vec<(String, String)> { got.try_iter().collect() };

    program
        .call("preview", question("contactverbod")["input"].clone())
        .await;
    finish();
    assert!(all().is_empty(), "off, so nothing is sent");

    let mut settings = program.call("settings_get", Value::Null).await["settings"].clone();
    assert_eq!(
        settings["telemetry"],
        json!({ "otlp_url": "", "errors": false })
    );
    for wrong in ["geen adres", "ftp://a", "http://naam:wachtwoord@a"] {
        settings["telemetry"]["otlp_url"] = json!(wrong);
        let refused = program.try_call("settings_save", settings.clone()).await;
        assert_eq!(refused.unwrap_err().detail, "telemetry.otlp_url");
    }
    settings["telemetry"]["otlp_url"] = json!(format!("http://{address}"));
    program.call("settings_save", settings.clone()).await;
    assert_eq!(
        program
            .refused("telemetry_dsn", json!({ "key": "geen dsn" }))
            .await,
        "BG-110"
    );
    let dsn = format!("http://meldsleutel@{address}/7");
    let view = program.call("telemetry_dsn", json!({ "key": dsn })).await;
    assert_eq!(view["telemetry"]["errors"]["place"], "memory");
    assert!(!view.to_string().contains("meldsleutel"));

    // A fault in the middle of a draft, whose message quotes what was typed.
    let app = program.0.clone();
    let request: DefineRequest = serde_json::from_value(question("contactverbod")).unwrap();
    let fails = |_: DefineEvent| panic!("kan contactverbod van Kwibus niet tonen");
    let broken = tokio::spawn(async move { app.define(request, fails).await }).await;
    assert!(broken.unwrap_err().is_panic());
    finish();
    let sent = all();
    let event = sent.iter().find(|(path, _)| path == "/api/7/envelope/");
    let (_, event) = event.unwrap_or_else(|| panic!("no panic was told: {sent:?}"));
    let event: Value = serde_json::from_str(event.lines().nth(2).unwrap()).unwrap();
    assert_eq!(
        (&event["level"], &event["exception"]["values"][0]["type"]),
        (&json!("fatal"), &json!("panic"))
    );
    let at = event["exception"]["values"][0]["value"].as_str().unwrap();
    assert!(
        at.starts_with("crates/begrip-app/tests/app/telemetry.rs:"),
        "{at}"
    );
    let steps = |sent: &[(String, String)]| {
        sent.iter()
            .any(|(path, body)| path == "/v1/traces" && body.contains("\"define\""))
    };
    assert!(steps(&sent), "{sent:?}");
    for (_, body) in &sent {
        assert!(
            !body.contains("contactverbod") && !body.contains("Kwibus"),
            "{body}"
        );
    }

    // By the proxy of the settings: no name server knows the collector, and the stub is the proxy.
    settings["telemetry"]["otlp_url"] = json!("http://verzamelaar.invalid:4318");
    settings["model"]["proxy"] = json!(format!("http://{address}"));
    program.call("settings_save", settings.clone()).await;
    program
        .call("preview", question("contactverbod")["input"].clone())
        .await;
    finish();
    let sent = all();
    assert!(!sent.is_empty());
    for (path, _) in &sent {
        assert_eq!(path, "http://verzamelaar.invalid:4318/v1/traces");
    }

    settings["telemetry"] = json!({ "otlp_url": "", "errors": false });
    program.call("settings_save", settings).await;
    program
        .call("preview", question("contactverbod")["input"].clone())
        .await;
    finish();
    assert!(all().is_empty(), "off again");
}
