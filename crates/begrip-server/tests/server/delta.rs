//! How many bytes a sync takes, counted on the line by somebody else than both ends.
#![allow(clippy::print_stdout, reason = "it tells the figures of docs/sync.md")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use begrip_sync::{Command, Outcome, Sharing};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::block_in_place;

use crate::homes::Home;
use crate::support::{Caller, Site, concept, put};

/// Concepts that the chain shares.
const ALL: u128 = 10_000;

/// Of which so many change.
const CHANGED: u128 = 10;

/// Commands of one push.
const PUSH: usize = 100;

/// A line to the server on which somebody counts.
struct Line {
    url: String,
    bytes: Arc<AtomicU64>,
    /// What came from the server since the last look.
    down: Arc<Mutex<Vec<u8>>>,
}

impl Line {
    async fn to(server: &str) -> Self {
        let address = server.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            bytes: Arc::default(),
            down: Arc::default(),
        };
        let (bytes, down) = (Arc::clone(&line.bytes), Arc::clone(&line.down));
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let there = TcpStream::connect(&address).await.unwrap();
                let ((from, to), (answers, asks)) = (here.into_split(), there.into_split());
                tokio::spawn(carry(from, asks, Arc::clone(&bytes), None));
                tokio::spawn(carry(
                    answers,
                    to,
                    Arc::clone(&bytes),
                    Some(Arc::clone(&down)),
                ));
            }
        });
        line
    }

    /// Bytes both ways since the last look, and what came from the server.
    fn taken(&self) -> (u64, String) {
        let came = std::mem::take(&mut *self.down.lock().unwrap());
        let came = String::from_utf8_lossy(&came).into_owned();
        (self.bytes.swap(0, Ordering::SeqCst), came)
    }
}

/// Hands on what comes, and counts it first.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: Arc<AtomicU64>,
    kept: Option<Arc<Mutex<Vec<u8>>>>,
) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        bytes.fetch_add(count as u64, Ordering::SeqCst);
        if let Some(kept) = &kept {
            kept.lock().unwrap().extend_from_slice(&piece[..count]);
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    let _ = to.shutdown().await;
}

fn text(number: u128) -> String {
    format!(
        "handeling van een bestuursorgaan waarmee onderdeel {number} van een verzoek wordt afgedaan"
    )
}

async fn push(author: &Caller, commands: &[Command]) {
    for part in commands.chunks(PUSH) {
        let answers = author.push(part).await;
        let taken = |outcome: &Outcome| matches!(outcome, Outcome::Accepted { .. });
        assert!(
            answers.iter().all(|answer| taken(&answer.outcome)),
            "{:?}",
            answers[0]
        );
    }
}

/// What was counted, held to a tenth against what the documents say: ids and times differ from run to run.
#[derive(Default)]
struct Counted(Vec<String>);

impl Counted {
    fn holds(&mut self, what: &str, bytes: u64) {
        println!("{what}: {bytes} bytes");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sync.md");
        let page = std::fs::read_to_string(path).unwrap();
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {what} |")));
        let cell = row.and_then(|row| row.split('|').nth(2)).unwrap();
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        let said: u64 = digits.parse().unwrap();
        if bytes.abs_diff(said) * 10 > said {
            self.0.push(format!("{what}: {bytes} and not {said}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_concepts_the_ten_that_changed_go_over_the_line_and_no_other() {
    let site = Site::new();
    let node = site.node();
    let author = node.caller(&site.token("OM", "author"));
    let new = |number: u128| {
        let fields =
            json!({"term": [null, format!("begrip {number}")], "definition": [null, text(number)]});
        put(concept(number), 0, fields, Some(Sharing::Chain))
    };
    push(&author, &(0..ALL).map(new).collect::<Vec<_>>()).await;

    let line = Line::to(&node.url).await;
    let mut home = Home::new(&node, &site.token("DJI", "reader"), "Bert");
    home.url.clone_from(&line.url);
    let sync = || block_in_place(|| home.sync());
    assert_eq!(u128::from(sync()["pulled"].as_u64().unwrap()), ALL);
    let mut counted = Counted::default();
    counted.holds("the first sync of 10,000 concepts", line.taken().0);

    let change = |number: u128| {
        let fields = json!({"definition": [text(number), format!("{}, gewijzigd", text(number))]});
        put(concept(number), 1, fields, None)
    };
    let changed: Vec<u128> = (0..CHANGED).map(|part| part * (ALL / CHANGED)).collect();
    push(
        &author,
        &changed.iter().copied().map(change).collect::<Vec<_>>(),
    )
    .await;
    assert_eq!(u128::from(sync()["pulled"].as_u64().unwrap()), CHANGED);
    let (bytes, came) = line.taken();
    counted.holds("10 of 10,000 concepts changed", bytes);
    assert!(bytes < 16_000, "{bytes}");
    // Those texts, each once, and no text of another.
    assert_eq!(
        came.matches("handeling van een bestuursorgaan").count() as u128,
        CHANGED
    );
    for number in changed {
        assert_eq!(
            came.matches(&format!("{}, gewijzigd", text(number)))
                .count(),
            1
        );
    }
    let shown: Value = block_in_place(|| home.good(&["concepts", "show", "begrip 1000"]));
    assert_eq!(
        shown["concept"]["definition"],
        format!("{}, gewijzigd", text(1_000))
    );

    assert_eq!(sync()["pulled"], 0);
    counted.holds("nothing changed", line.taken().0);
    assert!(counted.0.is_empty(), "docs/sync.md: {:?}", counted.0);
}
