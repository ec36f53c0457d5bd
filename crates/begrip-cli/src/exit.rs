//! The exit codes, told in `begrip --help` and in the user guide.

use std::io::Write;
use std::process::ExitCode;

use begrip_app::UserError;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something failed; the message says what.
    Failed,
    /// Looked for and not found.
    NotFound,
    /// Checked: a blocking rule fails.
    Blocked,
    /// The language model is not configured or not reachable.
    NoModel,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            // 2 is the command line parser's own.
            Exit::NotFound => 3,
            Exit::Blocked => 4,
            Exit::NoModel => 5,
        })
    }
}

/// Why a run stopped.
#[derive(Debug)]
pub enum Failure {
    /// An error with a code.
    User(UserError),
    /// Output could not be written, or input could not be read.
    Io(std::io::Error),
}

impl Failure {
    /// The exit code that goes with it.
    pub fn code(&self) -> Exit {
        match self {
            Self::User(error) if error.code.starts_with("BG-5") => Exit::NoModel,
            Self::User(error) if error.code == "BG-107" => Exit::NotFound,
            // A reader that has seen enough (`| head`) is no failure.
            Self::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Done,
            Self::User(_) | Self::Io(_) => Exit::Failed,
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Self::User(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Tells the failure on standard error: as JSON for scripts, as sentences for people.
pub fn report(failure: &Failure, json: bool) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed too.
    let _ = match failure {
        Failure::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Failure::Io(error) => writeln!(err, "begrip: {error}"),
        Failure::User(error) if json => {
            writeln!(err, "{}", serde_json::json!({ "error": error }))
        }
        Failure::User(error) => {
            let detail = match error.detail.as_str() {
                "" => String::new(),
                detail => format!("\n  ({detail})"),
            };
            writeln!(
                err,
                "{}: {}\n{}{detail}",
                error.code, error.message.nl, error.action.nl
            )
        }
    };
}
