//! The log: one JSON line for each event ([`begrip_journal`]), a file a day in `log/` of the home folder.
//!
//! Nothing that a user typed goes in, and nothing that a model wrote: only what happened, how
//! long it took and which code it had.

use std::io;
use std::panic;
use std::path::Path;

use begrip_app::Telemetry;
use begrip_journal::Journal;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Files kept; older ones are removed.
const DAYS: usize = 14;

/// Begins the log. What is logged: `BEGRIP_LOG` in the syntax of `tracing`'s filter, else
/// everything from `info` up. A folder that cannot be written is no reason not to start: the
/// lines then go to standard error.
pub fn begin(home: &Path, telemetry: &Telemetry) {
    let writer = match writer(&home.join("log")) {
        Ok(file) => BoxMakeWriter::new(file),
        Err(_) => BoxMakeWriter::new(io::stderr),
    };
    let filter = EnvFilter::try_from_env("BEGRIP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = Journal::new("begrip", env!("CARGO_PKG_VERSION"), writer).with_filter(filter);
    let begun = tracing_subscriber::registry()
        .with(lines)
        .with(telemetry.listen())
        .try_init();
    if begun.is_err() {
        return;
    }
    let usual = panic::take_hook();
    let telemetry = telemetry.clone();
    panic::set_hook(Box::new(move |info| {
        // The message of a panic may quote the text that was worked on; its place never does.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or("?").to_owned();
        telemetry.panicked(info);
        tracing::error!(target: "panic", place, thread, "panic");
        if cfg!(debug_assertions) {
            usual(info);
        }
    }));
}

/// Lines are written at once, not by a thread of their own: they must survive a crash.
fn writer(folder: &Path) -> Result<RollingFileAppender, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    // The appender itself would only complain on standard error, later.
    let probe = folder.join(".probe");
    std::fs::write(&probe, "")?;
    std::fs::remove_file(&probe)?;
    Ok(RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("begrip")
        .filename_suffix("jsonl")
        .max_log_files(DAYS)
        .build(folder)?)
}
