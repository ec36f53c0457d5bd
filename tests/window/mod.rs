//! The real window in a test: a display of its own (Xvfb), a driver of its own (WebKitWebDriver)
//! and the program itself, all of which end with the test, however it ends.
//!
//! Each integration test is a program of its own and uses another part of this.
#![allow(dead_code)]

use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod display;
pub mod keyring;
pub mod page;
pub mod program;
pub mod road;
pub mod site;
pub mod workplace;

pub use program::Session;
pub use workplace::Workplace;

/// How long something may take on a busy machine. Only reached when it never comes.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// Says why the real window cannot be driven here, or nothing when it can.
///
/// In continuous integration nothing is left out: there a missing program is a failure.
pub fn cannot_run() -> Option<String> {
    if std::env::var("BEGRIP_TEST_WINDOW").as_deref() == Ok("off") {
        return Some("BEGRIP_TEST_WINDOW=off".to_owned());
    }
    missing(&["Xvfb", "WebKitWebDriver", "curl"])
}

/// Says which of these programs are not here, or nothing when all are.
fn missing(programs: &[&str]) -> Option<String> {
    let missing: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|name| !on_path(name))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let reason = format!(
        "not installed: {} (`cargo xtask test` installs it)",
        missing.join(", ")
    );
    assert!(std::env::var_os("CI").is_none(), "{reason}");
    Some(reason)
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// The turn of one test at the window. Several windows at once on a small machine wait for each other.
pub struct Turn(
    #[expect(dead_code, reason = "given back when it is dropped")] MutexGuard<'static, ()>,
);

/// Waits for the turn; a test that failed in its own gives it back too.
pub fn turn() -> Turn {
    static ONE: Mutex<()> = Mutex::new(());
    Turn(ONE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Leaves the test with a line that says so when the real window cannot be driven here, and else
/// waits for its turn, which it has until its end.
#[macro_export]
macro_rules! needs_window {
    () => {
        if let Some(reason) = $crate::window::cannot_run() {
            eprintln!("skipped: {reason}");
            return;
        }
        let _turn = $crate::window::turn();
    };
}
