//! What every row needs: how much to measure, where, and a workplace to measure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use begrip_app::{App, ModelOverride, OpenOptions, UserError, commands};
use begrip_llm::{CachePolicy, CancellationToken, Endpoint, Model, Request, Setup, Validate};
use begrip_mock_model::MockModel;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::corpus;

/// One run.
pub struct Bench {
    /// Small counts, to see that every row can be made.
    pub quick: bool,
    /// For everything that is drawn by chance.
    pub seed: u64,
    /// How many concepts are generated.
    pub concepts: usize,
    /// The folder of the repository.
    pub root: PathBuf,
    /// The desktop program, when its window is to be measured.
    pub desktop: Option<PathBuf>,
    /// A folder with laws, when articles are to be looked for.
    pub laws: Option<PathBuf>,
    /// The central server's program, when sharing is to be measured.
    pub server: Option<PathBuf>,
    folder: TempDir,
    generated: OnceLock<PathBuf>,
}

impl Bench {
    /// A run with a fresh folder for its workplaces.
    pub fn new(quick: bool, seed: u64, root: PathBuf) -> Result<Self> {
        Ok(Self {
            quick,
            seed,
            concepts: if quick { 2_000 } else { corpus::MOST },
            root,
            desktop: None,
            laws: None,
            server: None,
            folder: tempfile::tempdir()?,
            generated: OnceLock::new(),
        })
    }

    /// `full`, or `quick` in a quick run.
    pub fn pick(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// The place of a workplace; nothing stands there yet.
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A workplace with the generated concepts and the starter set; made at the first use.
    pub fn generated(&self) -> Result<&Path> {
        if let Some(home) = self.generated.get() {
            return Ok(home);
        }
        let home = self.home("generated");
        // By a process of its own: what a hundred thousand concepts leave behind in memory is in no figure here.
        let made = Command::new(std::env::current_exe()?)
            .args(["--child", GENERATE, "--seed", &self.seed.to_string()])
            .args(["--concepts", &self.concepts.to_string(), "--home"])
            .arg(&home)
            .status()?;
        ensure!(made.success(), "no concepts were generated: {made}");
        Ok(self.generated.get_or_init(|| home))
    }
}

/// The child that makes the generated concepts.
pub const GENERATE: &str = "generate";

/// Makes a workplace with so many concepts and the starter set.
pub fn generate(home: &Path, concepts: usize, seed: u64) -> Result<()> {
    corpus::make(home, concepts, seed)?;
    // Twice: the first opening adds the starter set, the second makes the day's backup.
    for _ in 0..2 {
        drop(open(home, None)?);
    }
    Ok(())
}

/// The use cases on a workplace, with a mock model when one is given.
pub fn open(home: &Path, mock: Option<&MockModel>) -> Result<App> {
    open_at(home, mock.map(MockModel::url))
}

/// The same with the mock model at this address.
pub fn open_at(home: &Path, url: Option<String>) -> Result<App> {
    let mut options = OpenOptions::at(home);
    options.model = ModelOverride {
        model: url
            .is_some()
            .then(|| begrip_mock_model::MODEL_NAME.to_owned()),
        url: url.map(|url| format!("{url}/v1")),
        key: None,
    };
    App::open(options).map_err(refused)
}

/// What a user would be told, as an error of this program.
pub fn refused(error: UserError) -> anyhow::Error {
    anyhow!("{} {} ({})", error.code, error.message.nl, error.detail)
}

/// A command of the schema, as a host passes it on.
pub async fn call(app: &App, command: &str, args: Value) -> Result<Value> {
    commands::call(app, command, args).await.map_err(refused)
}

/// A draft through the whole of `commands::stream`; its events are thrown away.
pub async fn define(app: &App, term: &str, id: &str, again: bool) -> Result<Value> {
    let input = crate::question::draft(term)?;
    let args = json!({ "request_id": id, "input": input, "regenerate": again });
    let sink = Box::new(|event| drop(std::hint::black_box(event)));
    commands::stream(app, "define", args, sink)
        .await
        .map_err(refused)
}

/// A client without a cache: what the old way asks with. It is our own client, so that both sides
/// pay the same for HTTP.
pub fn plain_client(mock: &MockModel) -> Result<Model> {
    let mut setup = Setup::default();
    setup.cache.enabled = false;
    let model = Model::new(setup);
    model.configure(Some(Endpoint::new(
        mock.url(),
        begrip_mock_model::MODEL_NAME,
    )))?;
    Ok(model)
}

/// Asks without looking in any cache; the text of the answer.
pub async fn ask_plainly(model: &Model, request: Request) -> Result<String> {
    let accept: Validate = std::sync::Arc::new(|_| Ok(()));
    let cancel = CancellationToken::new();
    let sink = |piece: begrip_llm::Piece<'_>| {
        std::hint::black_box(piece.text.len());
    };
    let answer = model
        .ask(request, CachePolicy::Refresh, accept, sink, &cancel)
        .await
        .context("a call of the old way")?;
    Ok(answer.text)
}

/// How long some work takes, in microseconds, and what it gives.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let given = std::hint::black_box(work());
    (micros(began), given)
}

/// Microseconds since then.
pub fn micros(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6
}
