//! The exit codes, told in `begrip --help` and in `docs/opdrachtregel.md`.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use begrip_app::{ErrorCode, UserError};

use crate::print::visible;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something failed; the message says what.
    Failed,
    /// The command line is wrong.
    Usage,
    /// Looked for and not found.
    NotFound,
    /// Checked: a blocking rule fails.
    Blocked,
    /// The language model is not configured, not reachable, or gave nothing that can be used.
    NoModel,
    /// Stopped by the user.
    Stopped,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            // The command line parser's own code.
            Exit::Usage => 2,
            Exit::NotFound => 3,
            Exit::Blocked => 4,
            Exit::NoModel => 5,
            // What a shell says of a program that ended by SIGINT.
            Exit::Stopped => 130,
        })
    }
}

/// Why a run stopped.
#[derive(Debug)]
pub enum Failure {
    /// An error with a code.
    User(UserError),
    /// The command line names something that cannot be meant; what, in Dutch.
    Usage(String),
    /// Output could not be written.
    Output(io::Error),
}

impl Failure {
    /// The exit code that goes with it.
    pub fn code(&self) -> Exit {
        match self {
            Self::User(error) if error.is(ErrorCode::Cancelled) => Exit::Stopped,
            Self::User(error) if error.code.starts_with("BG-5") => Exit::NoModel,
            Self::User(error)
                if [
                    ErrorCode::NotFound,
                    ErrorCode::SourceNotFound,
                    ErrorCode::JobUnknown,
                    ErrorCode::ServerJobUnknown,
                    ErrorCode::ConflictUnknown,
                ]
                .into_iter()
                .any(|code| error.is(code)) =>
            {
                Exit::NotFound
            }
            // A reader that has seen enough (`| head`) is no failure.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Usage(_) => Exit::Usage,
            Self::User(_) | Self::Output(_) => Exit::Failed,
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Self::User(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A file, or standard input (`-`), that cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> UserError {
    UserError::new(
        ErrorCode::FileUnreadable,
        format!("{}: {}", name(path), cause(error)),
    )
}

/// A file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> UserError {
    unwritten(name(path).as_str(), error)
}

fn unwritten(place: &str, error: &io::Error) -> UserError {
    let code = match error.kind() {
        io::ErrorKind::StorageFull => ErrorCode::StoreFull,
        _ => ErrorCode::StoreFailed,
    };
    UserError::new(code, format!("{place}: {}", cause(error)))
}

fn name(path: &Path) -> String {
    match path.to_str() {
        Some("-") => "standaardinvoer".to_owned(),
        _ => path.display().to_string(),
    }
}

/// What the operating system says, in Dutch where it is a usual thing.
fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "bestaat niet".to_owned(),
        io::ErrorKind::AlreadyExists => "bestaat al".to_owned(),
        io::ErrorKind::PermissionDenied => "u hebt geen rechten".to_owned(),
        io::ErrorKind::IsADirectory => "is een map".to_owned(),
        io::ErrorKind::NotADirectory => "een deel van het pad is geen map".to_owned(),
        io::ErrorKind::StorageFull => "er is geen ruimte".to_owned(),
        io::ErrorKind::InvalidData => "is geen UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// Tells the failure on standard error: as JSON for scripts, as sentences for people.
pub fn report(failure: &Failure, json: bool) {
    match failure {
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Failure::Output(error) => tell("error", &unwritten("standaarduitvoer", error), json),
        Failure::User(error) => tell("error", error, json),
        Failure::Usage(text) => {
            // Nobody is left to tell when standard error is closed too.
            let _ = writeln!(io::stderr().lock(), "fout: {text}");
        }
    }
}

/// Tells something that went on: a failure, or what was met at the start.
pub fn tell(kind: &str, error: &UserError, json: bool) {
    let mut err = io::stderr().lock();
    let _ = match json {
        true => writeln!(err, "{}", serde_json::json!({ kind: error })),
        false => {
            let detail = match error.detail.as_str() {
                "" => String::new(),
                detail => format!("\n  ({})", visible(detail)),
            };
            writeln!(
                err,
                "{}: {}\n{}{detail}",
                error.code, error.message.nl, error.action.nl
            )
        }
    };
}
