//! What the tests share: a model set up for haste, a disk tier in memory, a clock that is set by
//! hand, and a server that sends prepared bytes.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use begrip_cache::{Cache, Stats};
use begrip_llm::{
    Answer, CachePolicy, CacheScope, CallObserver, CallPlan, CallReport, CancellationToken,
    DataClass, DiskTier, Endpoint, Fate, Key, Limit, LlmError, Message, Model, QuestionReport,
    Request, RetrySettings, Role, Selector, Setup, Stored, Ticket, TierError, Validate,
};
use begrip_mock_model::{Behaviour, MockConfig, MockModel, When};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub struct Bench {
    pub mock: MockModel,
    pub model: Model,
    pub disk: Arc<FakeDisk>,
    pub clock: Arc<HandClock>,
    pub ledger: Arc<Ledger>,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(MockConfig::default(), |_| {}, |_| {}).await
    }

    pub async fn with(
        config: MockConfig,
        change_setup: impl FnOnce(&mut Setup),
        change_endpoint: impl FnOnce(&mut Endpoint),
    ) -> Self {
        let mock = MockModel::start(config).await.unwrap();
        let disk = Arc::new(FakeDisk::default());
        let clock = Arc::new(HandClock::default());
        let ledger = Arc::new(Ledger::default());
        let model = model(
            &mock.url(),
            &disk,
            &clock,
            &ledger,
            change_setup,
            change_endpoint,
        );
        Self {
            mock,
            model,
            disk,
            clock,
            ledger,
        }
    }

    /// The same disk and clock in a program that starts anew.
    pub fn restarted(&self) -> Model {
        model(
            &self.mock.url(),
            &self.disk,
            &self.clock,
            &self.ledger,
            |_| {},
            |_| {},
        )
    }

    pub fn next(&self, behaviour: Behaviour) {
        self.mock.set_behaviour(When::Next { times: 1 }, behaviour);
    }

    pub fn always(&self, behaviour: Behaviour) {
        self.mock.set_behaviour(When::Always, behaviour);
    }
}

pub fn model(
    url: &str,
    disk: &Arc<FakeDisk>,
    clock: &Arc<HandClock>,
    ledger: &Arc<Ledger>,
    change_setup: impl FnOnce(&mut Setup),
    change_endpoint: impl FnOnce(&mut Endpoint),
) -> Model {
    let hand = Arc::clone(clock);
    let mut setup = Setup {
        retry: RetrySettings {
            base: Duration::from_millis(2),
            ..RetrySettings::default()
        },
        disk: Some(Arc::clone(disk) as Arc<dyn DiskTier>),
        observer: Arc::clone(ledger) as Arc<dyn CallObserver>,
        clock: Arc::new(move || hand.now()),
        ..Setup::default()
    };
    change_setup(&mut setup);
    let model = Model::new(setup);
    let mut endpoint = Endpoint::new(url, "gpt-test");
    change_endpoint(&mut endpoint);
    model.configure(Some(endpoint)).unwrap();
    model
}

pub fn question(term: &str) -> Request {
    let messages = vec![
        Message::new(Role::System, "Geef een definitie. Antwoord met JSON."),
        Message::new(Role::User, format!("<term>{term}</term>")),
    ];
    let scope = CacheScope {
        organisation: "OM".to_owned(),
        data_class: DataClass::General,
        prompt_version: "p1".to_owned(),
        pack_version: "r1".to_owned(),
        arm: String::new(),
    };
    let mut request = Request::new("gpt-test", messages, scope);
    request.temperature = Some(0.0);
    request.term = Some(term.to_owned());
    request
}

pub fn any() -> Validate {
    Arc::new(|_| Ok(()))
}

pub async fn ask(model: &Model, request: Request) -> Result<Answer, LlmError> {
    ask_by(model, request, CachePolicy::Use).await
}

pub async fn ask_by(
    model: &Model,
    request: Request,
    policy: CachePolicy,
) -> Result<Answer, LlmError> {
    let mut streamed = String::new();
    let cancel = CancellationToken::new();
    let sink = |piece: begrip_llm::Piece<'_>| streamed.push_str(piece.text);
    let answer = model.ask(request, policy, any(), sink, &cancel).await?;
    assert_eq!(
        streamed, answer.text,
        "what was streamed is what was answered"
    );
    Ok(answer)
}

/// A clock that stands still until it is moved.
#[derive(Default)]
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn advance_days(&self, days: i64) {
        self.advance(days * 24 * 3_600);
    }
}

/// A disk tier without a disk, which can be broken.
#[derive(Default)]
pub struct FakeDisk {
    pub entries: Mutex<HashMap<Key, Stored>>,
    pub broken: AtomicBool,
    pub removals: AtomicU64,
}

impl FakeDisk {
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn check(&self) -> Result<(), TierError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(TierError("out of order".to_owned()));
        }
        Ok(())
    }
}

impl Cache for FakeDisk {
    type Key = Key;
    type Value = Stored;
    type Error = TierError;

    fn get(&self, key: &Key) -> Result<Option<Stored>, TierError> {
        self.check()?;
        Ok(self.entries.lock().unwrap().get(key).cloned())
    }

    fn put(&self, key: &Key, stored: &Stored) -> Result<(), TierError> {
        self.check()?;
        self.entries.lock().unwrap().insert(*key, stored.clone());
        Ok(())
    }

    fn remove(&self, key: &Key) -> Result<bool, TierError> {
        Ok(self.remove_picked(&Selector::Entry(*key))? > 0)
    }

    fn clear(&self) -> Result<u64, TierError> {
        self.remove_picked(&Selector::All)
    }

    fn stats(&self) -> Result<Stats, TierError> {
        self.check()?;
        Ok(Stats {
            entries: self.len() as u64,
            ..Stats::default()
        })
    }
}

impl DiskTier for FakeDisk {
    fn remove_picked(&self, selector: &Selector) -> Result<u64, TierError> {
        self.check()?;
        let mut entries = self.entries.lock().unwrap();
        let before = entries.len();
        entries.retain(|key, stored| !selector.picks(key, stored));
        self.removals.fetch_add(1, Ordering::SeqCst);
        Ok((before - entries.len()) as u64)
    }

    fn removals(&self) -> u64 {
        self.removals.load(Ordering::SeqCst)
    }
}

/// Keeps every report, and lets calls through until it is told not to.
#[derive(Default)]
pub struct Ledger {
    calls: Mutex<Vec<CallReport>>,
    questions: Mutex<Vec<(Fate, u32)>>,
    /// Calls that it lets through; none is no limit.
    pub room: Mutex<Option<u32>>,
    asked: AtomicU32,
}

impl Ledger {
    pub fn all(&self) -> Vec<CallReport> {
        self.calls.lock().unwrap().clone()
    }

    /// What became of each question, and the tokens sent that it saved.
    pub fn questions(&self) -> Vec<(Fate, u32)> {
        self.questions.lock().unwrap().clone()
    }

    pub fn outcomes(&self) -> Vec<&'static str> {
        self.all().iter().map(|report| report.outcome).collect()
    }
}

impl CallObserver for Ledger {
    fn admit(&self, plan: &CallPlan) -> Result<Ticket, LlmError> {
        let ticket = Ticket::from(self.asked.fetch_add(1, Ordering::SeqCst)) + 1;
        assert!(plan.tokens_in > 0);
        match &mut *self.room.lock().unwrap() {
            Some(0) => Err(LlmError::OverLimit(Limit::Day)),
            Some(room) => {
                *room -= 1;
                Ok(ticket)
            }
            None => Ok(ticket),
        }
    }

    fn observe(&self, report: &CallReport) {
        assert!(report.ticket > 0, "every call was let through by name");
        self.calls.lock().unwrap().push(report.clone());
    }

    fn question(&self, report: &QuestionReport<'_>) {
        self.questions
            .lock()
            .unwrap()
            .push((report.fate, report.saved.tokens_in));
    }
}

/// One thing that a [`RawServer`] does with a connection.
#[derive(Clone, Debug)]
pub enum Act {
    Send(Vec<u8>),
    Pause(u64),
    /// Waits until the gate is opened.
    Gate(Arc<Notify>),
    /// Waits until the other side has gone.
    Hang,
}

pub fn send(text: impl Into<Vec<u8>>) -> Act {
    Act::Send(text.into())
}

/// A server that answers each connection with prepared bytes and then closes it. The last
/// preparation serves all further connections.
pub struct RawServer {
    pub url: String,
    pub requests: Arc<Mutex<Vec<String>>>,
    /// Connections that the other side closed while this one hung.
    pub gone: Arc<AtomicUsize>,
}

impl RawServer {
    pub async fn start(scripts: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let gone = Arc::new(AtomicUsize::new(0));
        let (kept, counted) = (Arc::clone(&requests), Arc::clone(&gone));
        tokio::spawn(async move {
            let mut scripts = VecDeque::from(scripts);
            while let Ok((stream, _)) = listener.accept().await {
                let script = match scripts.len() {
                    0 => Vec::new(),
                    1 => scripts[0].clone(),
                    _ => scripts.pop_front().unwrap(),
                };
                tokio::spawn(serve(
                    stream,
                    script,
                    Arc::clone(&kept),
                    Arc::clone(&counted),
                ));
            }
        });
        Self {
            url,
            requests,
            gone,
        }
    }

    pub fn calls(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Vec<Act>,
    requests: Arc<Mutex<Vec<String>>>,
    gone: Arc<AtomicUsize>,
) {
    stream.set_nodelay(true).unwrap();
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    requests.lock().unwrap().push(request);
    for act in script {
        match act {
            Act::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                stream.flush().await.unwrap();
            }
            Act::Pause(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Act::Gate(gate) => gate.notified().await,
            Act::Hang => {
                while let Ok(1..) = stream.read(&mut [0; 64]).await {}
                gone.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        match stream.read(&mut part).await.ok()? {
            0 => return None,
            n => bytes.extend_from_slice(&part[..n]),
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1).unwrap_or("0");
        let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
        if body.len() >= length {
            return Some(text.into_owned());
        }
    }
}

/// The head of a 200 reply whose body lasts until the connection is closed.
pub fn head(kind: &str) -> Act {
    send(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n"
    ))
}

pub fn events() -> Act {
    head("text/event-stream")
}

/// One event with a piece of text.
pub fn delta(text: &str) -> String {
    let chunk = serde_json::json!({"model": "raw-1", "choices": [{"index": 0, "delta": {"content": text}}]});
    format!("data: {chunk}\n\n")
}

/// The event that says why the model stopped.
pub fn stop(reason: &str) -> String {
    let chunk =
        serde_json::json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
    format!("data: {chunk}\n\n")
}

pub const DONE: &str = "data: [DONE]\n\n";

/// A model without disk for a raw server, which tries nothing again.
pub fn raw_model(url: &str, change: impl FnOnce(&mut Endpoint)) -> Model {
    let none = |setup: &mut Setup| {
        setup.disk = None;
        setup.retry.attempts = 1;
    };
    let (disk, clock, ledger) = (Arc::default(), Arc::default(), Arc::default());
    model(url, &disk, &clock, &ledger, none, change)
}

/// Waits until `true`, for what happens on another thread; gives up after ten seconds.
pub async fn until(what: &str, mut check: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if check() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("this did not happen: {what}");
}
