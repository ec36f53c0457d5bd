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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::*;

    /// The files of a log, the oldest day first.
    fn days(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("begrip."))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn each_day_has_a_file_and_the_oldest_go() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("log");
        std::fs::create_dir_all(&folder).unwrap();
        let old: Vec<String> = (1..=20)
            .map(|day| format!("begrip.2026-01-{day:02}.jsonl"))
            .collect();
        for name in &old {
            std::fs::write(folder.join(name), "{}\n").unwrap();
            // How old a file is goes by when it was made.
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::write(folder.join("own.txt"), "of somebody else").unwrap();
        for line in ["one\n", "two\n"] {
            let mut log = writer(&folder).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        let left = days(&folder);
        let (today, before) = left.split_last().unwrap();
        // A start makes room for a file of its own, also on a day that has one already.
        assert!((DAYS - 2..DAYS).contains(&before.len()), "{left:?}");
        assert_eq!(before, &old[old.len() - before.len()..]);
        // The second start of a day goes on in the file of the first.
        let text = std::fs::read_to_string(folder.join(today)).unwrap();
        assert_eq!(text, "one\ntwo\n");
        assert!(!old.contains(today));
        assert!(folder.join("own.txt").is_file());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_at_once() {
        let home = tempfile::tempdir().unwrap();
        let taken = home.path().join("log");
        std::fs::write(&taken, "a file").unwrap();
        assert!(writer(&taken).is_err());
    }
}
