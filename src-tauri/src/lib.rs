//! The desktop shell: one window around the use cases of `begrip-app`.
//!
//! Thin on purpose; no rule of the domain lives here.
//!
//! - [`run`] — the order of a start: second start or first, log, window, use cases.
//! - `instance` — one program a home folder; a second start shows the first one's window.
//! - `opening` — the use cases are opened once, beside the window and never before it.
//! - `bridge` — the two commands that the screens may call.
//! - `window` — the window itself: where it may go, how it closes without losing text.
//! - `graphics` — whether the web view draws on the processor.
//! - `journal` — the log file and what is told of a panic.

mod bridge;
#[cfg(target_os = "linux")]
mod graphics;
mod instance;
mod journal;
mod opening;
mod window;

use std::process::ExitCode;
use std::sync::Arc;

use begrip_app::{OpenOptions, Telemetry};
use instance::Claim;
use opening::Opening;

/// Runs the program until its window is closed.
///
/// Reads `BEGRIP_HOME` (else the operating system's folder for data) and the variables that
/// `begrip-app` names. Gives failure only when no window could be made at all: everything else
/// that goes wrong at a start is told in the window.
pub fn run() -> ExitCode {
    let home = match OpenOptions::from_environment(None) {
        Ok(options) => options.home,
        Err(error) => {
            eprintln!("{error} ({})", error.detail);
            return ExitCode::FAILURE;
        }
    };
    // Held until the end, not by the set-up alone: dropping it lets a second program in.
    let claim = match instance::claim(&home) {
        Ok(Claim::Second) => return ExitCode::SUCCESS,
        Ok(Claim::Silent(error)) => {
            eprintln!("Begrip draait al, maar het venster antwoordt niet: {error}");
            return ExitCode::FAILURE;
        }
        Ok(claim) => Some(Arc::new(claim)),
        // A folder that cannot be written is told in the window, by the opening itself.
        Err(_) => None,
    };
    #[cfg(target_os = "linux")]
    graphics::choose();
    let telemetry = Telemetry::default();
    journal::begin(&home, &telemetry);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "start");

    let opening = Arc::new(Opening::begin(telemetry));
    let claimed = claim.clone();
    let outcome = tauri::Builder::default()
        .plugin(
            tauri_plugin_window_state::Builder::new()
                // An absolute name takes the place of the plugin's own folder.
                .with_filename(home.join("window.json").to_string_lossy())
                .with_state_flags(window::kept_state())
                .build(),
        )
        .manage(opening)
        .manage(bridge::InFlight::default())
        .invoke_handler(tauri::generate_handler![bridge::call, bridge::stream])
        .setup(move |app| {
            window::create(app.handle())?;
            if let Some(Claim::First(first)) = claimed.as_deref() {
                let handle = app.handle().clone();
                first.listen(move || window::bring_to_front(&handle));
            }
            Ok(())
        })
        .run(tauri::generate_context!());
    drop(claim);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "no window could be made");
            eprintln!("Begrip kan geen venster openen: {error}");
            ExitCode::FAILURE
        }
    }
}
