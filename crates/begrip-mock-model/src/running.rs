//! A server that runs, and stops when its handle is dropped.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::behaviour::{Behaviour, When};
use crate::config::MockConfig;
use crate::log::Call;
use crate::server::{Shared, router};

/// A running mock model server on 127.0.0.1. Dropping it closes the port and every connection.
///
/// It runs on threads of its own: a test with a paused or single-threaded runtime, or with none,
/// does not slow it down, and stopping it breaks open connections as a crash would.
#[derive(Debug)]
pub struct MockModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MockModel {
    /// Starts a server; for use inside a tokio runtime.
    ///
    /// # Errors
    /// When the port is taken, the log file cannot be opened or a thread cannot be started.
    pub async fn start(config: MockConfig) -> anyhow::Result<Self> {
        tokio::task::spawn_blocking(|| Self::start_blocking(config))
            .await
            .context("starting the server was interrupted")?
    }

    /// Starts a server; for use without a runtime.
    ///
    /// # Errors
    /// As [`MockModel::start`].
    pub fn start_blocking(config: MockConfig) -> anyhow::Result<Self> {
        let port = config.port;
        let shared = Arc::new(Shared::new(config)?);
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("begrip-mock-model")
            .enable_all()
            .build()?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let app = router(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("begrip-mock-model".to_owned())
            .spawn(move || serve(runtime, listener, app, stopped))?;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`, without a path: clients of the OpenAI protocol add `/v1`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every call to the model since the start or the last reset, in order of arrival.
    pub fn log(&self) -> Vec<Call> {
        self.shared.log.all()
    }

    /// How many calls there were, whatever became of them.
    pub fn calls(&self) -> usize {
        self.shared.log.len()
    }

    /// Sets how requests from now on are answered.
    pub fn set_behaviour(&self, when: When, behaviour: Behaviour) {
        self.shared.plan().set(when, behaviour);
    }

    /// Lets go of what [`Behaviour::HeldBack`] holds back now.
    pub fn release(&self) {
        self.shared.released.send_modify(|times| *times += 1);
    }

    /// Forgets the log and every behaviour. The log file is kept.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Waits until the server stops of itself; for programs that do nothing else.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread ends with the server; there is nothing to do about how it ended.
            let _ = thread.join();
        }
    }
}

fn serve(
    runtime: Runtime,
    listener: TcpListener,
    app: axum::Router,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::select! {
            // Small pieces go out at once, as those of a real server do.
            _ = axum::serve(listener.tap_io(|stream| {
                // Held back for a moment is no harm either.
                let _ = stream.set_nodelay(true);
            }), app) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(500));
}

impl Drop for MockModel {
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
