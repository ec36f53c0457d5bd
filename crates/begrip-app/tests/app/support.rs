//! A workplace in a temporary folder, spoken to through the command schema, with a model whose
//! own call log is the witness.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use begrip_app::clock::{Clock, FixedClock};
use begrip_app::{App, OpenOptions, UserError, commands};
use begrip_mock_model::{Behaviour, MockConfig, MockModel};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A home folder, perhaps with a model; the program is opened on it as often as a test likes.
pub struct Workplace {
    folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub model: MockModel,
    pub key: Option<String>,
}

impl Workplace {
    pub async fn new() -> Self {
        Self::with(MockConfig::default()).await
    }

    pub async fn with(config: MockConfig) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(FixedClock::at(Timestamp::now())),
            model: MockModel::start(config).await.unwrap(),
            key: None,
        }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::at(self.home());
        options.clock = self.clock.clone();
        options.model.url = Some(format!("{}/v1", self.model.url()));
        options.model.model = Some(begrip_mock_model::MODEL_NAME.to_owned());
        options.model.key.clone_from(&self.key);
        options
    }

    /// The program on this workplace, with the model.
    pub async fn open(&self) -> Program {
        Program::open(self.options()).await.unwrap()
    }

    /// The program on this workplace, without any model.
    pub async fn open_without_model(&self) -> Program {
        let mut options = self.options();
        options.model = begrip_app::ModelOverride::default();
        Program::open(options).await.unwrap()
    }

    /// Every byte that stands in the home folder and the folders in it.
    pub fn bytes(&self) -> Vec<u8> {
        fn gather(folder: &Path, all: &mut Vec<u8>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    all.extend(std::fs::read(path).unwrap());
                } else {
                    gather(&path, all);
                }
            }
        }
        let mut all = Vec::new();
        gather(&self.home(), &mut all);
        all
    }

    /// What the clock says.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store itself, for what no command does; only while the program is closed.
    pub fn store(&self) -> begrip_store::Store {
        begrip_store::Store::open(&self.home(), false, self.clock.now())
            .unwrap()
            .0
    }

    /// Files in the home folder whose name has this in it.
    pub fn files(&self, part: &str) -> Vec<PathBuf> {
        std::fs::read_dir(self.home())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_string_lossy().contains(part))
            .collect()
    }
}

/// An open program.
#[derive(Clone)]
pub struct Program(pub App);

impl Program {
    pub async fn open(options: OpenOptions) -> Result<Self, UserError> {
        let app = tokio::task::spawn_blocking(move || App::open(options))
            .await
            .unwrap()?;
        Ok(Self(app))
    }

    /// Runs a command; its answer.
    pub async fn call(&self, command: &str, request: Value) -> Value {
        match self.try_call(command, request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{command}: {error} ({})", error.detail),
        }
    }

    /// Runs a command that is refused; the code.
    pub async fn refused(&self, command: &str, request: Value) -> String {
        match self.try_call(command, request).await {
            Ok(answer) => panic!("{command} was not refused: {answer}"),
            Err(error) => error.code,
        }
    }

    pub async fn try_call(&self, command: &str, request: Value) -> Result<Value, UserError> {
        commands::call(&self.0, command, request).await
    }

    /// Has a definition drafted; the events and the result.
    pub async fn define(&self, request: Value) -> (Vec<Value>, Result<Value, UserError>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let outcome = commands::stream(
            &self.0,
            "define",
            request,
            Box::new(move |event| sink.lock().unwrap().push(event)),
        )
        .await;
        let events = std::mem::take(&mut *events.lock().unwrap());
        (events, outcome)
    }

    /// Has this term drafted, without more.
    pub async fn draft(&self, term: &str) -> Value {
        match self.define(question(term)).await.1 {
            Ok(result) => result,
            Err(error) => panic!("{term}: {error} ({})", error.detail),
        }
    }

    /// Asks for a draft that does not come; the code.
    pub async fn draft_refused(&self, request: Value) -> String {
        match self.define(request).await.1 {
            Ok(result) => panic!("a draft came: {result}"),
            Err(error) => error.code,
        }
    }

    /// Closes the program as its host does.
    pub async fn close(self) {
        self.0.close().await;
        tokio::task::spawn_blocking(move || drop(self.0))
            .await
            .unwrap();
    }

    /// Answers on the disk.
    pub async fn answers_on_disk(&self) -> u64 {
        self.call("cache_stats", Value::Null).await["disk"]["entries"]
            .as_u64()
            .unwrap()
    }
}

impl Program {
    /// The settings as they are kept.
    pub async fn settings(&self) -> Value {
        self.call("settings_get", Value::Null).await["settings"].clone()
    }

    /// Keeps a concept that is new; its view.
    pub async fn keep(&self, term: &str, definition: &str) -> Value {
        let request = json!({ "fields": fields(term, definition) });
        let saved = self.call("concept_save", request).await;
        assert_eq!(saved["outcome"], "kept", "{saved}");
        saved["view"]["concept"].clone()
    }
}

/// Runs one test of this program in a process of its own, with this home folder.
pub fn in_a_process(test: &str, home: &Path) -> std::process::Output {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, home)
        .output()
        .unwrap()
}

/// The home folder, in a process that [`in_a_process`] has started.
pub fn child_home() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

const CHILD: &str = "BEGRIP_TEST_CHILD_HOME";

/// Everything that this process has logged so far, at every level down to debug; begins with the
/// first call.
pub fn log() -> String {
    struct Log;
    struct Line(String);
    impl tracing::field::Visit for Line {
        fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            self.0.push_str(&format!(" {field}={value:?}"));
        }
    }
    impl Log {
        fn write(&self, name: &str, line: Line) {
            let mut text = TEXT.lock().unwrap();
            text.push_str(name);
            text.push_str(&line.0);
            text.push('\n');
        }
    }
    impl tracing::Subscriber for Log {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            *metadata.level() <= tracing::Level::DEBUG
        }
        fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            let mut line = Line(String::new());
            span.record(&mut line);
            self.write(span.metadata().name(), line);
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
            let mut line = Line(String::new());
            values.record(&mut line);
            self.write("", line);
        }
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.write(event.metadata().target(), line);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    static TEXT: Mutex<String> = Mutex::new(String::new());
    static BEGIN: std::sync::Once = std::sync::Once::new();
    BEGIN.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    TEXT.lock().unwrap().clone()
}

/// What a model that is down does: each way in which another one stands in for it.
pub fn outages() -> [Behaviour; 4] {
    [
        Behaviour::status(404),
        Behaviour::status(500),
        Behaviour::status(503),
        Behaviour::Hang,
    ]
}

/// A request for a draft of this term.
pub fn question(term: &str) -> Value {
    json!({ "request_id": "1", "input": { "term": term } })
}

/// The fields of a concept that is fit to be kept.
pub fn fields(term: &str, definition: &str) -> Value {
    json!({
        "term": term,
        "definition": definition,
        "explanation": "",
        "examples": [],
        "counter_examples": [],
        "synonyms": [],
        "context": { "organisations": [], "legal_areas": [], "statutory_bases": [] },
        "category": null,
        "citations": [],
        "notes": ""
    })
}
