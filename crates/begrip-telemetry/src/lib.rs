//! Optional export for whoever looks after many workstations: how long each step took (OTLP) and
//! which errors there were (the Sentry protocol). Off unless an address is set.
//!
//! | file | holds |
//! |---|---|
//! | `allowed` | the closed list of what may leave |
//! | `layer` | listens to the program's own steps and errors |
//! | `otlp`, `sentry` | what is written |
//! | `send` | the one thread and the one place that posts |
//!
//! Invariant: no text of a user, a model or a machine leaves. This crate knows none of ours, so it cannot hold
//! such a text; of what `tracing` hands it, only the list in `allowed` is kept, and never a message.

mod allowed;
mod layer;
mod otlp;
mod send;
mod sentry;

use std::fmt;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::allowed::Fields;
use crate::layer::{Fault, Listener, Own, Step};
use crate::send::Sender;
pub use crate::sentry::Dsn;

/// The program's version, which is all that is told of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Steps and errors kept while it is not yet known whether anybody is to be told.
const BEFORE: usize = 256;

/// An address that cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Where steps go: a collector that speaks OTLP over HTTP.
#[derive(Debug, PartialEq)]
pub struct Collector {
    traces: Url,
    /// Marked as secret, so that they are not shown.
    headers: HeaderMap,
}

impl Collector {
    /// Reads a collector's address, with or without `/v1/traces`, and headers as `name=value,name=value`.
    ///
    /// # Errors
    /// It is no `http` or `https` address with a host, it holds a name or password, or a header cannot be one.
    pub fn read(url: &str, headers: &str) -> Result<Self, Refused> {
        let mut traces = Url::parse(url.trim()).map_err(|_| Refused)?;
        if !["http", "https"].contains(&traces.scheme())
            || traces.host_str().is_none_or(str::is_empty)
            || !traces.username().is_empty()
            || traces.password().is_some()
        {
            return Err(Refused);
        }
        traces.set_fragment(None);
        let path = traces.path().trim_end_matches('/').to_owned();
        if !path.ends_with("/v1/traces") {
            traces.set_path(&format!("{path}/v1/traces"));
        }
        let mut map = HeaderMap::new();
        for pair in headers.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(Refused)?;
            let name = HeaderName::try_from(name.trim()).map_err(|_| Refused)?;
            let mut value = HeaderValue::try_from(value.trim()).map_err(|_| Refused)?;
            value.set_sensitive(true);
            map.insert(name, value);
        }
        Ok(Self {
            traces,
            headers: map,
        })
    }

    /// True when its headers, which are secrets, would cross a network unencrypted: `http` to another machine.
    pub fn headers_travel_in_clear(&self) -> bool {
        !self.headers.is_empty() && in_clear(&self.traces)
    }
}

/// True when what is sent there can be read on the way: `http` to another machine.
fn in_clear(url: &Url) -> bool {
    url.scheme() == "http" && !begrip_wire::is_this_machine(url)
}

/// How they are reached, in the same way as the program's model. A proxy's address may hold a
/// password, so it is not shown.
#[derive(Default, PartialEq)]
pub struct Network {
    /// Address of a proxy for every request; none for the system's own, which is passed by for this
    /// machine.
    pub proxy: Option<String>,
    /// Certificates in PEM to trust besides the system's.
    pub ca_pem: Option<String>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

/// Which program tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// The window or the command line of a workstation.
    #[default]
    Workstation,
    /// The central server.
    Server,
}

impl Program {
    /// Its name in what is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workstation => "begrip",
            Self::Server => "begrip-server",
        }
    }
}

/// Where what goes. Nothing at all is the usual.
#[derive(Debug, Default, PartialEq)]
pub struct Destinations {
    /// Takes the steps.
    pub otlp: Option<Collector>,
    /// Takes the errors.
    pub sentry: Option<Dsn>,
    /// The way to both. One that cannot be used sends nothing.
    pub network: Network,
    /// Who tells.
    pub program: Program,
}

impl Destinations {
    /// Nobody is to be told.
    pub fn none(&self) -> bool {
        self.otlp.is_none() && self.sentry.is_none()
    }
}

/// What is handed to the thread that sends.
#[derive(Debug)]
enum Item {
    Step(Step),
    Fault(Fault),
}

/// The export of one program; clones share everything. Listens to nothing and has no thread until
/// [`Telemetry::listen`] and [`Telemetry::send_to`] are called.
#[derive(Clone, Default)]
pub struct Telemetry(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Whether steps are looked at: looked up with each step, so no lock.
    listens: AtomicBool,
    stage: Mutex<Stage>,
    counts: Arc<Counts>,
}

/// How far it is.
#[derive(Default)]
enum Stage {
    /// Nobody is to be told.
    #[default]
    Off,
    /// The settings have not been read yet.
    Before(Vec<Item>),
    On(Sender),
}

/// How many steps and errors left, and how many did not.
#[derive(Default)]
struct Counts {
    sent: AtomicU32,
    dropped: AtomicU32,
}

impl Telemetry {
    /// What is put among the layers of `tracing`. From now on steps are kept, a few hundred at most,
    /// until [`Telemetry::send_to`] says whether anybody is to be told.
    pub fn listen<S>(&self) -> impl Layer<S> + Send + Sync + 'static
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static,
    {
        *self.stage() = Stage::Before(Vec::new());
        self.0.listens.store(true, Ordering::Relaxed);
        Listener(self.clone()).with_filter(Own(self.clone()))
    }

    /// Sends to these from now on; to none stops the thread, and what waits is forgotten. Makes no
    /// connection by itself and waits for nothing.
    pub fn send_to(&self, destinations: Destinations) {
        let mut stage = self.stage();
        if destinations.none() {
            *stage = Stage::Off;
            return self.0.listens.store(false, Ordering::Relaxed);
        }
        if matches!(&*stage, Stage::On(sender) if *sender.destinations == destinations) {
            return;
        }
        let before = std::mem::take(&mut *stage);
        let Some(sender) = Sender::start(destinations, &self.0.counts) else {
            return self.0.listens.store(false, Ordering::Relaxed);
        };
        if let Stage::Before(items) = before {
            for item in items {
                self.hand_over(&sender, item);
            }
        }
        *stage = Stage::On(sender);
        self.0.listens.store(true, Ordering::Relaxed);
    }

    /// Tells of a panic: where in our sources, and nothing of what it said. For a panic hook.
    pub fn panicked(&self, info: &PanicHookInfo<'_>) {
        if !self.listens() {
            return;
        }
        let place = info
            .location()
            .and_then(|at| allowed::place(at.file(), at.line()));
        self.put(Item::Fault(Fault {
            at: SystemTime::now(),
            inside: None,
            module: "begrip",
            place,
            panic: true,
            fields: Fields::default(),
        }));
    }

    /// Waits until what there is has been sent, but no longer than this: for the end of a program.
    pub fn finish(&self, at_most: Duration) {
        // Not with the lock held: who has a step to hand over meanwhile does not wait.
        let flush = match &*self.stage() {
            Stage::On(sender) => sender.flush(),
            Stage::Off | Stage::Before(_) => None,
        };
        if let Some(done) = flush {
            // Told, too late, or never: the program ends all the same.
            let _ = done.recv_timeout(at_most);
        }
    }

    /// Steps and errors sent so far.
    pub fn sent(&self) -> u32 {
        self.0.counts.sent.load(Ordering::Relaxed)
    }

    /// Steps and errors that were not sent: no room, no collector, or a refusal.
    pub fn dropped(&self) -> u32 {
        self.0.counts.dropped.load(Ordering::Relaxed)
    }

    fn listens(&self) -> bool {
        self.0.listens.load(Ordering::Relaxed)
    }

    fn put(&self, item: Item) {
        match &mut *self.stage() {
            Stage::Off => {}
            Stage::Before(items) if items.len() < BEFORE => items.push(item),
            Stage::Before(_) => self.0.counts.lose(1),
            Stage::On(sender) => self.hand_over(sender, item),
        }
    }

    fn hand_over(&self, sender: &Sender, item: Item) {
        let to = &sender.destinations;
        let wanted = match &item {
            Item::Step(_) => to.otlp.is_some(),
            Item::Fault(_) => to.sentry.is_some(),
        };
        if wanted && !sender.put(item) {
            self.0.counts.lose(1);
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}
