//! A provider that runs, and stops when its handle is dropped.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::Result;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::keys::{Forgery, KeyKind};
use crate::server::router;
use crate::state::{Counts, Plan, State, now};

/// A running provider on 127.0.0.1, on a thread of its own.
pub struct MockIssuer {
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MockIssuer {
    /// Starts a provider that knows one program, by this name.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub fn start(client: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("begrip-mock-issuer")
            .enable_all()
            .build()?;
        // Not within the runtime: the caller may be in one of its own.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let mut state = State {
            url: format!("http://{}", listener.local_addr()?),
            client: client.to_owned(),
            plan: Plan::default(),
            counts: Counts::default(),
            keys: Vec::new(),
            made: 0,
            codes: HashMap::new(),
            refresh: HashMap::new(),
            used: HashMap::new(),
            ended: HashSet::new(),
            sign_ins: 0,
        };
        state.rotate(KeyKind::P256, false)?;
        let state = Arc::new(Mutex::new(state));
        let app = router(Arc::clone(&state));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("begrip-mock-issuer".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        _ = axum::serve(listener, app) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Self {
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The issuer's name and address.
    pub fn url(&self) -> String {
        self.lock().url.clone()
    }

    /// Changes how it behaves from now on.
    pub fn set(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.lock().plan);
    }

    /// How often was asked for what.
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Makes a new key and signs with it; the older ones are published on when they are kept.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self, kind: KeyKind, keep: bool) -> Result<()> {
        self.lock().rotate(kind, keep)
    }

    /// What an access token for the person of the plan says.
    pub fn claims(&self) -> Value {
        let state = self.lock();
        state.claims(&state.plan.person)
    }

    /// A token with these claims, signed with the key of now.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        self.lock().key()?.sign(claims)
    }

    /// A token that must not be believed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn forge(&self, forgery: Forgery, claims: &Value) -> Result<String> {
        self.lock().key()?.forge(forgery, claims)
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        now()
    }

    /// Ends every sign-in: no refresh token holds any more.
    pub fn end_all(&self) {
        self.lock().refresh.clear();
    }

    /// The refresh tokens that hold.
    pub fn refresh_tokens(&self) -> Vec<String> {
        self.lock().refresh.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MockIssuer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have stopped already, and then nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
