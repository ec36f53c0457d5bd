//! The use cases are opened once, on a thread of their own, while the window is already there.
//! Commands that come early wait; when the opening failed each of them gives the reason, and the
//! screens show it with the way out.

use begrip_app::{App, ErrorCode, OpenOptions, Telemetry, UserError};
use tokio::sync::watch;

/// How far the opening is.
#[derive(Clone)]
enum State {
    Busy,
    Open(App),
    Failed(UserError),
}

/// The one opening of a run.
pub struct Opening {
    state: watch::Sender<State>,
    /// Goes along with each opening.
    pub telemetry: Telemetry,
}

impl Opening {
    /// Begins opening the use cases, on the home folder that the environment names.
    pub fn begin(telemetry: Telemetry) -> Self {
        let opening = Self {
            state: watch::Sender::new(State::Busy),
            telemetry,
        };
        opening.spawn(App::open);
        opening
    }

    /// The use cases, as soon as they are open; the reason when that failed.
    pub async fn app(&self) -> Result<App, UserError> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Busy)).await;
        match settled.map(|state| state.clone()) {
            Ok(State::Open(app)) => Ok(app),
            Ok(State::Failed(error)) => Err(error),
            Ok(State::Busy) | Err(_) => Err(UserError::new(ErrorCode::StartFailed, "opening")),
        }
    }

    /// Tries again after a failure. Does nothing while the opening is busy or has worked, so that
    /// the use cases are never open twice.
    ///
    /// `afresh` keeps the file that could not be opened aside and begins with an empty one: the
    /// way out when its key is lost.
    pub fn again(&self, afresh: bool) {
        let restarted = self.state.send_if_modified(|state| {
            let failed = matches!(state, State::Failed(_));
            if failed {
                *state = State::Busy;
            }
            failed
        });
        if !restarted {
            return;
        }
        tracing::info!(afresh, "opening again");
        self.spawn(if afresh { App::open_afresh } else { App::open });
    }

    fn spawn(&self, open: fn(OpenOptions) -> Result<App, UserError>) {
        let state = self.state.clone();
        let failure = state.clone();
        let telemetry = self.telemetry.clone();
        let work = move || {
            let begun = std::time::Instant::now();
            // Whatever happens in there, nobody waits for ever.
            let open = || {
                let mut options = OpenOptions::from_environment(None)?;
                options.telemetry = telemetry;
                open(options)
            };
            let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(open))
                .unwrap_or_else(|_| Err(UserError::new(ErrorCode::StartFailed, "panic")));
            let ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
            state.send_replace(match opened {
                Ok(ref app) => {
                    tracing::info!(ms, "open");
                    State::Open(app.clone())
                }
                Err(ref error) => {
                    tracing::error!(ms, code = error.code, detail = error.detail, "not open");
                    State::Failed(error.clone())
                }
            });
            // Nobody waits for this: the screens have what they need.
            if let Ok(app) = opened {
                app.warm_up();
                // In the runtime: this thread ends here, and the work goes on there.
                tauri::async_runtime::block_on(async {
                    app.keep_jobs_going();
                    app.keep_in_step();
                    app.keep_up();
                });
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("opening".to_owned())
            .spawn(work)
        {
            let error = UserError::new(ErrorCode::StartFailed, error.to_string());
            failure.send_replace(State::Failed(error));
        }
    }
}
