//! A home of its own for each test, and the program started in it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use begrip_mock_model::{MODEL_NAME, MockConfig, MockModel};
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const BEGRIP: &str = env!("CARGO_BIN_EXE_begrip");

/// Variables that would lead a run astray.
const STRANGE: [&str; 18] = [
    "BEGRIP_HOME",
    "BEGRIP_LLM_KEY",
    "BEGRIP_LLM_MODEL",
    "BEGRIP_LLM_URL",
    "BEGRIP_LOG",
    "BEGRIP_OTLP_ALLOW_HTTP",
    "BEGRIP_OTLP_HEADERS",
    "BEGRIP_OTLP_URL",
    "BEGRIP_SENTRY_DSN",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "XDG_DATA_HOME",
];

/// A workplace on disk, with or without a model.
pub struct Desk {
    folder: TempDir,
    model: Option<String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    /// A workplace without a model.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            model: None,
        }
    }

    /// A workplace that asks this model.
    pub fn with(model: &MockModel) -> Self {
        Self::with_url(&model.url())
    }

    /// A workplace that asks the model at this address.
    pub fn with_url(url: &str) -> Self {
        Self {
            model: Some(format!("{url}/v1")),
            ..Self::new()
        }
    }

    /// The folder with the data.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("thuis")
    }

    /// The folder in which the program is started; files of a test go here.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file for the program to read.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.folder().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with these arguments, ready to be started.
    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(BEGRIP);
        self.surround(&mut command);
        command.args(args);
        command
    }

    /// Puts a program in this workplace.
    pub fn surround(&self, command: &mut Command) {
        for name in STRANGE {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder())
            .env("HOME", self.folder())
            .env("BEGRIP_HOME", self.home())
            .env("BEGRIP_KEYRING", "off")
            .env("USER", "toetser")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(url) = &self.model {
            command
                .env("BEGRIP_LLM_URL", url)
                .env("BEGRIP_LLM_MODEL", MODEL_NAME);
        }
    }

    /// Runs the program to its end.
    pub fn begrip(&self, args: &[&str]) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// Runs the program to its end with this on standard input.
    pub fn begrip_reading(&self, args: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_vec();
        // The program may write before it has read all: a pipe holds only so much.
        let writer = std::thread::spawn(move || {
            // It may also stop before it has read all.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output.into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: code(output.status),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The exit code; 128 and the signal's number for a program that was killed.
pub fn code(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap()
}

impl Run {
    /// The run, when it ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as one JSON value; nothing else may stand there.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard output as JSON, a value a line.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.stdout.lines().map(read).collect()
    }

    /// The code of the message on standard error, in either form.
    #[track_caller]
    pub fn error(&self) -> String {
        let at = self
            .stderr
            .find("BG-")
            .unwrap_or_else(|| panic!("{self:#?}"));
        self.stderr[at..at + 6].to_owned()
    }
}

/// A model server that answers at once.
pub fn model() -> MockModel {
    MockModel::start_blocking(MockConfig::default()).unwrap()
}

/// Waits until something is so; fails when it does not come.
#[track_caller]
pub fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "waited for {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Ends a child that a failing test leaves behind.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The names of an object's fields.
#[track_caller]
pub fn names(value: &Value) -> BTreeSet<&str> {
    let fields = value.as_object().unwrap().keys();
    fields.map(String::as_str).collect()
}

/// Fails unless the object has these fields and no other; their order means nothing in JSON.
#[track_caller]
pub fn has_exactly<const N: usize>(value: &Value, fields: [&str; N]) {
    assert_eq!(names(value), BTreeSet::from(fields));
}
