//! What a collector of steps and a receiver of errors get from the real program, to the last byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use begrip_mock_model::{Behaviour, When};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Desk, Run, model, wait_for};

/// What the stub does with a request.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Take,
    Fail,
    /// Reads and never answers.
    Hang,
}

/// Takes requests on the loopback and keeps each byte of them.
struct Stub {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    got: Arc<Mutex<Vec<Got>>>,
    over: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Got {
    path: String,
    head: String,
    body: Vec<u8>,
}

impl Stub {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stub = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            got: Arc::default(),
            over: Arc::default(),
        };
        let (connections, got) = (Arc::clone(&stub.connections), Arc::clone(&stub.got));
        let over = Arc::clone(&stub.over);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let got = Arc::clone(&got);
                std::thread::spawn(move || serve(stream.unwrap(), manner, &got));
            }
        });
        stub
    }

    fn otlp(&self) -> String {
        format!("http://{}", self.address)
    }

    fn dsn(&self) -> String {
        format!("http://meldsleutel@{}/7", self.address)
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, manner: Manner, got: &Mutex<Vec<Got>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let lower = head.to_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |text| text.parse().unwrap())];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let path = head.split(' ').nth(1).unwrap().to_owned();
        got.lock().unwrap().push(Got { path, head, body });
        let status = match manner {
            Manner::Take => "200 OK",
            Manner::Fail => "500 Internal Server Error",
            Manner::Hang => {
                // Until the program goes away.
                let _ = reader.read_until(0, &mut Vec::new());
                return;
            }
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// OTLP's own form, as its specification writes it in JSON; a member that it does not know fails.
mod otlp {
    use serde::Deserialize;
    use serde_json::Value;

    macro_rules! message {
        ($name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
            #[derive(Debug, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name { $(pub $field: $kind),* }
        };
    }
    message!(Request { resource_spans: Vec<ResourceSpans> });
    message!(ResourceSpans { resource: Resource, scope_spans: Vec<ScopeSpans> });
    message!(Resource { attributes: Vec<KeyValue> });
    message!(ScopeSpans { scope: Scope, spans: Vec<Span> });
    message!(Scope {
        name: String,
        version: String
    });
    message!(KeyValue {
        key: String,
        value: Value
    });
    message!(Status { code: u8 });
    message!(Span {
        trace_id: String,
        span_id: String,
        parent_span_id: String,
        name: String,
        kind: u8,
        start_time_unix_nano: String,
        end_time_unix_nano: String,
        attributes: Vec<KeyValue>,
        status: Status,
    });

    impl Span {
        pub fn attribute(&self, key: &str) -> Option<&Value> {
            let found = self.attributes.iter().find(|each| each.key == key);
            found.map(|each| &each.value)
        }
    }
}

/// The steps of all requests, each of which is what the specification says.
fn spans(stub: &Stub) -> Vec<otlp::Span> {
    let mut spans = Vec::new();
    for got in stub.got().iter().filter(|got| got.path == "/v1/traces") {
        assert!(
            got.head
                .to_lowercase()
                .contains("content-type: application/json")
        );
        let request: otlp::Request = serde_json::from_slice(&got.body).unwrap();
        for resource in request.resource_spans {
            let named: Vec<(&str, &Value)> = resource
                .resource
                .attributes
                .iter()
                .map(|each| (each.key.as_str(), &each.value))
                .collect();
            assert_eq!(
                named,
                [
                    ("service.name", &json!({ "stringValue": "begrip" })),
                    (
                        "service.version",
                        &json!({ "stringValue": env!("CARGO_PKG_VERSION") })
                    ),
                    ("os.type", &json!({ "stringValue": std::env::consts::OS })),
                ]
            );
            for scope in resource.scope_spans {
                assert_eq!(
                    (scope.scope.name.as_str(), scope.scope.version.as_str()),
                    ("begrip", env!("CARGO_PKG_VERSION"))
                );
                spans.extend(scope.spans);
            }
        }
    }
    for span in &spans {
        let hex = |text: &str, digits| {
            text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
        };
        assert!(
            hex(&span.trace_id, 32) && hex(&span.span_id, 16),
            "{span:?}"
        );
        assert!(
            span.parent_span_id.is_empty() || hex(&span.parent_span_id, 16),
            "{span:?}"
        );
        let nanos = |text: &str| text.parse::<u64>().unwrap();
        assert!(
            nanos(&span.start_time_unix_nano) <= nanos(&span.end_time_unix_nano),
            "{span:?}"
        );
        assert_eq!(
            (span.kind, span.status.code),
            (1, 0),
            "a step of the program, without an error"
        );
    }
    spans
}

/// The header and the event of an envelope as the Sentry protocol writes it.
#[derive(Deserialize)]
struct ItemHead {
    #[serde(rename = "type")]
    kind: String,
    length: usize,
}

fn events(stub: &Stub) -> Vec<Value> {
    let mut events = Vec::new();
    for got in stub
        .got()
        .iter()
        .filter(|got| got.path == "/api/7/envelope/")
    {
        let head = got.head.to_lowercase();
        assert!(
            head.contains("content-type: application/x-sentry-envelope"),
            "{head}"
        );
        assert!(
            head.contains("x-sentry-auth: sentry sentry_version=7"),
            "{head}"
        );
        assert!(head.contains("sentry_key=meldsleutel"), "{head}");
        let mut parts = got.body.splitn(3, |byte| *byte == b'\n');
        let envelope: Value = serde_json::from_slice(parts.next().unwrap()).unwrap();
        let item: ItemHead = serde_json::from_slice(parts.next().unwrap()).unwrap();
        let rest = parts.next().unwrap();
        assert_eq!((item.kind.as_str(), rest.len()), ("event", item.length + 1));
        let event: Value = serde_json::from_slice(&rest[..item.length]).unwrap();
        assert_eq!(event["event_id"], envelope["event_id"]);
        events.push(event);
    }
    events
}

/// Runs a question about a case with everything in it that must stay here.
fn ask(desk: &Desk, stub: &Stub, more: &[(&str, &str)]) -> Run {
    let mut command = desk.command(TYPED);
    tell(&mut command, stub);
    command.envs(more.iter().copied());
    command.output().unwrap().into()
}

fn tell(command: &mut Command, stub: &Stub) {
    command
        .env("BEGRIP_OTLP_URL", stub.otlp())
        .env("BEGRIP_SENTRY_DSN", stub.dsn());
}

const TYPED: [&str; 11] = [
    "define",
    "contactverbod",
    "--org",
    "Gerechtshof Kwibusdam",
    "--notes",
    "Kwibus Janssen (BSN 111.222.333) belde vanuit de Dorpsstraat 12",
    "--party",
    "verdachte: Kwibus Janssen",
    "--basis",
    "Wetboek van Kwibuszaken",
    "--json",
];

/// No byte of what the stub got says anything of the question, the answer, the user or the machine.
#[track_caller]
fn nothing_typed(desk: &Desk, stub: &Stub, answer: &str) {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let home = desk.home();
    let mut secrets: Vec<String> = [
        "contactverbod",
        "Kwibus",
        "Janssen",
        "111.222",
        "Dorpsstraat",
        "verdachte",
        "toetser",
    ]
    .map(str::to_owned)
    .into();
    secrets.push(home.to_str().unwrap().to_owned());
    secrets.push(desk.folder().to_str().unwrap().to_owned());
    secrets.extend(std::env::var("HOME"));
    secrets.push(host.trim().to_owned());
    // Any run of words of the answer.
    secrets.extend(answer.split(['.', ',']).map(|part| part.trim().to_owned()));
    for got in stub.got() {
        let all = format!("{}{}", got.head, String::from_utf8_lossy(&got.body)).to_lowercase();
        for secret in secrets.iter().filter(|secret| secret.len() > 3) {
            assert!(!all.contains(&secret.to_lowercase()), "{secret}: {all}");
        }
    }
}

#[test]
fn a_collector_gets_each_step_with_its_place_and_nothing_that_was_typed() {
    let (model, stub) = (model(), Stub::start(Manner::Take));
    let desk = Desk::with(&model);
    let told = ask(
        &desk,
        &stub,
        &[("BEGRIP_OTLP_HEADERS", "x-afdeling=beheer")],
    )
    .ends(0)
    .json();
    wait_for("the steps", || {
        spans(&stub).iter().any(|span| span.name == "define")
    });
    let spans = spans(&stub);
    let one = |name: &str| {
        spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("no {name}: {spans:#?}"))
    };
    for name in [
        "open", "define", "gather", "related", "passages", "compose", "ask", "look_up", "call",
        "check", "result",
    ] {
        one(name);
    }
    let by_id = |id: &str| spans.iter().find(|span| span.span_id == id);
    for (inside, around) in [
        ("gather", "define"),
        ("compose", "define"),
        ("ask", "define"),
        ("call", "ask"),
        ("check", "define"),
    ] {
        let mut above = by_id(&one(inside).parent_span_id);
        while above.is_some_and(|span| span.name != around) {
            above = above.and_then(|span| by_id(&span.parent_span_id));
        }
        assert_eq!(
            above.map(|span| &span.name),
            Some(&one(around).name),
            "{inside}"
        );
        assert_eq!(one(inside).trace_id, one("define").trace_id);
    }
    let id = model.log()[0].request_id.clone().unwrap();
    assert_eq!(
        one("define").attribute("begrip.request_id"),
        Some(&json!({ "stringValue": id }))
    );
    assert_eq!(
        one("call").attribute("begrip.task"),
        Some(&json!({ "stringValue": "define" }))
    );
    assert_eq!(
        one("call").attribute("begrip.attempt"),
        Some(&json!({ "intValue": "1" }))
    );
    assert!(
        stub.got()
            .iter()
            .any(|got| got.head.to_lowercase().contains("x-afdeling: beheer"))
    );
    assert!(events(&stub).is_empty(), "no error, no event");
    nothing_typed(&desk, &stub, told["definition"].as_str().unwrap());
}

#[test]
fn an_error_is_told_by_its_code_and_without_its_message() {
    let (model, stub) = (model(), Stub::start(Manner::Take));
    // Nobody answers there: the port of a stub that is gone.
    let gone = Stub::start(Manner::Take).otlp();
    let desk = Desk::with_url(&gone);
    let run = ask(&desk, &stub, &[]).ends(5);
    let code = run.error();
    wait_for("the error", || !events(&stub).is_empty());
    let events = events(&stub);
    let event = &events[0];
    assert_eq!(event["tags"]["code"], code);
    assert_eq!(event["exception"]["values"][0]["type"], code);
    assert_eq!(
        (&event["level"], &event["release"]),
        (
            &json!("error"),
            &json!(concat!("begrip@", env!("CARGO_PKG_VERSION")))
        )
    );
    let place = event["exception"]["values"][0]["value"].as_str().unwrap();
    assert!(
        place.starts_with("crates/begrip-cli/src/main.rs:"),
        "{place}"
    );
    for absent in ["server_name", "user", "message", "request", "breadcrumbs"] {
        assert!(event.get(absent).is_none(), "{absent}: {event}");
    }
    nothing_typed(&desk, &stub, "");
    // What the user can mend is no fault: nothing more is told.
    let before = events.len();
    let mut command = desk.command(["lookup", " "]);
    tell(&mut command, &stub);
    Run::from(command.output().unwrap()).ends(1);
    assert_eq!(self::events(&stub).len(), before);
    assert_eq!(model.calls(), 0);
}

#[test]
fn an_error_of_a_question_is_told_with_the_id_under_which_it_went_out() {
    let (model, stub) = (model(), Stub::start(Manner::Take));
    model.set_behaviour(When::Always, Behaviour::Garbage);
    let desk = Desk::with(&model);
    let code = ask(&desk, &stub, &[]).ends(5).error();
    wait_for("the error", || !events(&stub).is_empty());
    let event = &events(&stub)[0];
    assert_eq!(event["tags"]["code"], code);
    let log = model.log();
    assert_eq!(log.len(), 1);
    assert_eq!(
        event["tags"]["request_id"].as_str(),
        log[0].request_id.as_deref()
    );
    nothing_typed(&desk, &stub, "");
}

#[test]
fn nobody_is_told_anything_unless_an_address_is_set() {
    let (model, stub) = (model(), Stub::start(Manner::Take));
    let desk = Desk::with(&model);
    desk.begrip(&TYPED).ends(0);
    desk.begrip(&["define", "vonnis", "--offline"]).ends(5);
    // An address that cannot be meant sends nothing either.
    for (name, value) in [
        ("BEGRIP_OTLP_URL", stub.otlp().replace("http", "ftp")),
        ("BEGRIP_SENTRY_DSN", stub.otlp()),
    ] {
        let mut command = desk.command(TYPED);
        command.env(name, value);
        Run::from(command.output().unwrap()).ends(0);
    }
    assert_eq!(stub.connections(), 0);
}

/// The program has ended, while the collector still holds what it got: it was not waited for.
#[test]
fn a_collector_that_hangs_or_fails_changes_nothing() {
    for manner in [Manner::Hang, Manner::Fail] {
        let (model, stub) = (model(), Stub::start(manner));
        let desk = Desk::with(&model);
        let told = ask(&desk, &stub, &[]).ends(0);
        let without = Desk::with(&model).begrip(&TYPED).ends(0);
        assert_eq!(told.json()["definition"], without.json()["definition"]);
        assert_eq!(told.stderr, without.stderr);
        wait_for("a request", || !stub.got().is_empty());
        ask(&Desk::new(), &stub, &[]).ends(5);
    }
}
