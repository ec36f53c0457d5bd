//! A workplace in a temporary folder, spoken to through the command schema, with a model whose
//! own call log is the witness.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use begrip_app::clock::FixedClock;
use begrip_app::{App, OpenOptions, UserError, commands};
use begrip_mock_model::{MockConfig, MockModel};
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

    /// Every byte that stands in the home folder.
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(self.home()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                all.extend(std::fs::read(path).unwrap());
            }
        }
        all
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
