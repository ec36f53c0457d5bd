//! The one thread that sends, and the one place of this crate that posts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use begrip_wire::is_this_machine;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Url, redirect};

use crate::layer::{Fault, Step};
use crate::sentry::envelope;
use crate::{Counts, Destinations, Item, otlp};

/// What waits to be sent at most; more is dropped and counted.
const WAITING: usize = 2_048;

/// Steps in one request at most.
const AT_ONCE: usize = 256;

/// How long is waited for more before what is there goes.
const GATHER: Duration = Duration::from_millis(200);

/// How long one request may take, the connection included.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a collector that failed is left alone.
const REST: Duration = Duration::from_secs(60);

enum Job {
    Item(Item),
    /// Send what is there and say so.
    Flush(SyncSender<()>),
}

/// The thread's other end.
pub(crate) struct Sender {
    jobs: SyncSender<Job>,
    stopped: Arc<AtomicBool>,
    pub destinations: Arc<Destinations>,
}

impl Sender {
    /// Starts the thread. None when the system gives none: then nothing is sent.
    pub fn start(destinations: Destinations, counts: &Arc<Counts>) -> Option<Self> {
        let (jobs, waiting) = sync_channel(WAITING);
        let stopped = Arc::new(AtomicBool::new(false));
        let destinations = Arc::new(destinations);
        let post = Post {
            destinations: Arc::clone(&destinations),
            stopped: Arc::clone(&stopped),
            counts: Arc::clone(counts),
            otlp_rests: None,
            sentry_rests: None,
        };
        std::thread::Builder::new()
            .name("telemetry".to_owned())
            .spawn(move || post.work(&waiting))
            .ok()?;
        Some(Self {
            jobs,
            stopped,
            destinations,
        })
    }

    /// Hands over without waiting; `false` when there is no room.
    pub fn put(&self, item: Item) -> bool {
        self.jobs.try_send(Job::Item(item)).is_ok()
    }

    /// Tells when all that was handed over is sent or given up; none when there is no room to ask.
    pub fn flush(&self) -> Option<Receiver<()>> {
        let (done, told) = sync_channel(1);
        self.jobs.try_send(Job::Flush(done)).ok().map(|()| told)
    }
}

impl Drop for Sender {
    /// What waits is not sent any more: it may have been switched off.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

struct Post {
    destinations: Arc<Destinations>,
    stopped: Arc<AtomicBool>,
    counts: Arc<Counts>,
    otlp_rests: Option<Instant>,
    sentry_rests: Option<Instant>,
}

impl Post {
    fn work(mut self, waiting: &Receiver<Job>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let client = self.client();
        let (Ok(runtime), Ok(client)) = (runtime, client) else {
            return;
        };
        while let Ok(first) = waiting.recv() {
            let (mut steps, mut faults, mut asked) = (Vec::new(), Vec::new(), None);
            let until = Instant::now() + GATHER;
            let mut next = Ok(first);
            loop {
                match next {
                    Ok(Job::Item(Item::Step(step))) => steps.push(step),
                    Ok(Job::Item(Item::Fault(fault))) => faults.push(fault),
                    Ok(Job::Flush(done)) => asked = Some(done),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
                if asked.is_some() || steps.len() >= AT_ONCE {
                    break;
                }
                next = waiting.recv_timeout(until.saturating_duration_since(Instant::now()));
            }
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            runtime.block_on(async {
                self.faults(&client, &faults).await;
                self.steps(&client, &steps).await;
            });
            if let Some(done) = asked {
                // Who asked may have stopped waiting.
                let _ = done.try_send(());
            }
        }
    }

    fn client(&self) -> reqwest::Result<Client> {
        let addresses = [
            self.destinations.otlp.as_ref().map(|to| &to.traces),
            self.destinations.sentry.as_ref().map(|dsn| &dsn.envelopes),
        ];
        let mut builder = Client::builder()
            .user_agent(concat!("begrip/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never());
        let network = &self.destinations.network;
        builder = match &network.proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.trim())?),
            None if addresses.into_iter().flatten().all(is_this_machine) => builder.no_proxy(),
            None => builder,
        };
        if let Some(pem) = &network.ca_pem {
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem.as_bytes())?);
        }
        builder.build()
    }

    async fn steps(&mut self, client: &Client, steps: &[Step]) {
        let destinations = Arc::clone(&self.destinations);
        let Some(to) = destinations.otlp.as_ref().filter(|_| !steps.is_empty()) else {
            return;
        };
        let count = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        if resting(&mut self.otlp_rests) {
            return self.counts.lose(count);
        }
        let body = otlp::request(steps, self.destinations.program).to_string();
        let kind = "application/json";
        let sent = post(client, &to.traces, kind, body, to.headers.clone()).await;
        self.counts.tell(sent, count);
        self.otlp_rests = (!sent).then(|| Instant::now() + REST);
    }

    async fn faults(&mut self, client: &Client, faults: &[Fault]) {
        let destinations = Arc::clone(&self.destinations);
        let Some(dsn) = destinations.sentry.as_ref() else {
            return;
        };
        for fault in faults {
            if resting(&mut self.sentry_rests) {
                self.counts.lose(1);
                continue;
            }
            let mut headers = HeaderMap::new();
            if let Ok(mut value) = HeaderValue::from_str(&dsn.header()) {
                value.set_sensitive(true);
                headers.insert(HeaderName::from_static("x-sentry-auth"), value);
            }
            let kind = "application/x-sentry-envelope";
            let sent = post(
                client,
                &dsn.envelopes,
                kind,
                envelope(fault, self.destinations.program),
                headers,
            )
            .await;
            self.counts.tell(sent, 1);
            self.sentry_rests = (!sent).then(|| Instant::now() + REST);
        }
    }
}

fn resting(until: &mut Option<Instant>) -> bool {
    let rests = until.is_some_and(|until| Instant::now() < until);
    if !rests {
        *until = None;
    }
    rests
}

async fn post(
    client: &Client,
    url: &Url,
    kind: &'static str,
    body: String,
    headers: HeaderMap,
) -> bool {
    let request = client.post(url.clone()).body(body);
    let request = request.header(CONTENT_TYPE, HeaderValue::from_static(kind));
    let request = request.headers(headers);
    match request.send().await {
        Ok(answer) => answer.status().is_success(),
        Err(_) => false,
    }
}

impl Counts {
    fn tell(&self, sent: bool, count: u32) {
        match sent {
            true => _ = self.sent.fetch_add(count, Ordering::Relaxed),
            false => self.lose(count),
        }
    }

    pub(crate) fn lose(&self, count: u32) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }
}
