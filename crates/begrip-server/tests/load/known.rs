//! How many answers that it knows the gateway gives, beside the model server itself in the same run.
//!
//! The test command runs a second of each, which shows that every answer is right. By hand, on a machine
//! that does nothing else:
//!
//! ```text
//! BEGRIP_LOAD_S=10 cargo test --release --package begrip-server --test load known -- --nocapture
//! ```

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use begrip_measure::scenario::condensed;
use begrip_measure::statistics::percentile;
use begrip_mock_model::{MockConfig, MockModel};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::models::{Models, answered, asking, question};
use crate::told::{Process, Run};
use crate::{setting, support};

/// Connections at one time.
const CONNECTIONS: [usize; 2] = [50, 500];

/// How a result says of [`load`] what it is.
pub const CLOSED: &str =
    "closed: each connection asks when the answer before is there, without a pause";

/// A question as it goes over the line.
pub fn wire(address: &str, token: &str) -> Vec<u8> {
    let body = question("vonnis").to_string();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         begrip-data-class: general\r\nx-request-id: load\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer: its status line and body. Bytes of no other may follow.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(usize, usize)> {
    buffer.clear();
    let head = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let text = std::str::from_utf8(&buffer[..head]).ok()?.to_lowercase();
    let length = text.split("content-length: ").nth(1);
    let length: Option<usize> = length.and_then(|rest| rest.lines().next()?.parse().ok());
    let whole = |buffer: &[u8]| match length {
        Some(length) => buffer.len() >= head + length,
        None => buffer.ends_with(b"\r\n0\r\n\r\n"),
    };
    while !whole(buffer) {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let good = text.starts_with("http/1.1 200");
    good.then_some((head, buffer.len()))
}

/// The time that a process has had on a processor, in seconds.
fn processor_s(pid: u32) -> f64 {
    /// `proc_pid_stat(5)` counts hundredths of a second.
    const TICKS: f64 = 100.0;
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold blanks: the 14th and 15th field of all, from the 3rd on.
    let (_, rest) = text.rsplit_once(')').unwrap();
    let fields = rest.split_whitespace().skip(11).take(2);
    fields
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / TICKS
}

/// What became of the questions of some time.
pub struct Outcome {
    pub rate: f64,
    /// Milliseconds of each, rising.
    times: Vec<f64>,
    pub wrong: usize,
}

impl Outcome {
    /// As it is kept.
    pub fn told(&self) -> Value {
        json!({"a_second": self.rate.round(), "done": self.times.len(), "wrong": self.wrong,
            "times": condensed(&self.times)})
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |share| percentile(&self.times, share).unwrap_or_default();
        write!(
            f,
            "{:>8.0} a second, median {:.2} ms, p95 {:.2} ms, most {:.2} ms, {} wrong",
            self.rate,
            at(0.5),
            at(0.95),
            at(1.0),
            self.wrong
        )
    }
}

/// Asks on so many connections at once, each after the answer before; `right` looks at every body.
pub async fn load(
    address: &str,
    wires: &[Vec<u8>],
    connections: usize,
    right: impl Fn(usize, &[u8]) -> bool + Send + Sync + 'static,
) -> Outcome {
    let seconds = setting("BEGRIP_LOAD_S", 1.0);
    let right = Arc::new(right);
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        streams.push(stream);
    }
    let begun = Instant::now();
    let deadline = begun + Duration::from_secs_f64(seconds);
    let asking = streams.into_iter().enumerate().map(|(number, mut stream)| {
        let at = number % wires.len();
        let (wire, right) = (wires[at].clone(), Arc::clone(&right));
        tokio::spawn(async move {
            let (mut times, mut wrong) = (Vec::new(), 0);
            let mut buffer = Vec::with_capacity(16 << 10);
            while Instant::now() < deadline {
                let asked = Instant::now();
                stream.write_all(&wire).await.unwrap();
                match read(&mut stream, &mut buffer).await {
                    Some((head, end)) if right(at, &buffer[head..end]) => {}
                    _ => {
                        wrong += 1;
                        break;
                    }
                }
                times.push(asked.elapsed().as_secs_f64() * 1_000.0);
            }
            (times, wrong)
        })
    });
    let done = futures_util::future::join_all(asking.collect::<Vec<_>>()).await;
    let took = begun.elapsed();
    let (mut times, mut wrong) = (Vec::new(), 0);
    for one in done {
        let (own, more) = one.unwrap();
        times.extend(own);
        wrong += more;
    }
    assert!(!times.is_empty(), "nothing was answered");
    times.sort_unstable_by(f64::total_cmp);
    Outcome {
        rate: times.len() as f64 / took.as_secs_f64(),
        times,
        wrong,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_known_answer_under_load_is_the_right_one_and_none_is_asked_again() {
    let seconds = setting("BEGRIP_LOAD_S", 1.0);
    let parameters = json!({"connections": CONNECTIONS, "seconds_each": seconds, "arrivals": CLOSED,
            "known_keys": 3, "distribution": "the one known question of each organisation",
            "model": "answers at once, and is asked three times"});
    let mut run = Run::of("known", 0, parameters);
    let models = Models::new().await;
    let node = models.node();
    let pid = node.pid();
    let watching = Process::over_time(move || pid);
    // More than one user and organisation: each is bound to a pace of its own.
    let mut tokens = Vec::new();
    for organisation in ["OM", "Rechtspraak", "DJI"] {
        for role in ["author", "reviewer"] {
            tokens.push(models.site.token(organisation, role));
        }
    }
    let address = node.url.trim_start_matches("http://").to_owned();
    let wires: Vec<_> = tokens.iter().map(|token| wire(&address, token)).collect();
    // Known from here on: each organisation has asked once. The same number gives the same bytes.
    let mut known = Vec::new();
    for token in &tokens {
        let request = asking(&node.caller(token), &question("vonnis"));
        let body = request.header("x-request-id", "load").send().await.unwrap();
        known.push(body.bytes().await.unwrap());
    }
    assert_eq!(models.calls(), 3);
    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    });
    let mock = mock.await.unwrap();
    let there = mock.url().trim_start_matches("http://").to_owned();
    let stop = |_: usize, body: &[u8]| {
        let text = std::str::from_utf8(body).unwrap();
        text.contains("\"finish_reason\":\"stop\"")
    };
    let mut rates = Vec::new();
    for connections in CONNECTIONS {
        let itself = load(&there, &[wire(&there, "x")], connections, stop).await;
        mock.reset();
        let known = known.clone();
        let same = move |at: usize, body: &[u8]| body == &known[at][..];
        let had = processor_s(pid);
        let gateway = load(&address, &wires, connections, same).await;
        let each_us = (processor_s(pid) - had) * 1e6 / gateway.times.len() as f64;
        println!("{connections:>4} connections, the gateway: {each_us:.0} µs of a processor each");
        println!("{connections:>4} connections, the model server itself: {itself}");
        println!("{connections:>4} connections, the gateway, known answer: {gateway}");
        run.figure(
            &format!("the model server itself, {connections} connections"),
            itself.told(),
        );
        run.figure(
            &format!("the gateway, {connections} connections"),
            gateway.told(),
        );
        run.figure(
            &format!("processor_us_each_at_{connections}"),
            each_us.round(),
        );
        assert_eq!((itself.wrong, gateway.wrong), (0, 0));
        if connections == CONNECTIONS[0] {
            let most = |outcome: &Outcome| percentile(&outcome.times, 0.95).unwrap_or_default();
            run.bar(
                "50 connections: at least half as many as the model server itself",
                gateway.rate >= 0.5 * itself.rate,
            );
            run.bar(
                "50 connections: p95 at most four times that of the model server itself",
                most(&gateway) <= 4.0 * most(&itself),
            );
            run.bar(
                "50 connections: at most 100 µs of a processor for each",
                each_us <= 100.0,
            );
        }
        rates.push(gateway.rate);
    }
    run.bar(
        "15,000 known answers a second on 500 connections",
        rates[1] >= 15_000.0,
    );
    run.bar(
        "500 connections: at least 0.8 of the rate on 50",
        rates[1] >= 0.8 * rates[0],
    );
    run.server(&watching.end().await);
    assert_eq!(models.calls(), 3, "nothing was asked again");
    // Questions were counted in memory and are in the books in the end.
    let counted = "SELECT coalesce(sum(questions), 0) > 100 FROM question_count";
    support::wait_for("the books", || async {
        models.site.database.sql(counted).unwrap().trim() == "t"
    })
    .await;
    let (status, from, _) = answered(asking(&node.caller(&tokens[0]), &question("vonnis"))).await;
    assert_eq!((status, from.as_str()), (200, "memory"));
    run.end();
}
