//! The measurement itself: by the program `along`, which writes `docs/passages.md`, and by the test that holds that
//! page to it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_app::App;
use begrip_app::schema::{DraftInput, GatherSettings, SourceFile, SourcesImport};
use begrip_interchange::known_law;

/// Why nothing was measured.
pub type Failure = Box<dyn std::error::Error>;

/// The questions of `cargo xtask retrieval`.
const QUESTIONS: &str = include_str!("../../../begrip-store/examples/retrieval/questions.tsv");

/// The settings for the number of articles.
const SETTINGS: [u32; 3] = [1, 3, 5];

/// What stands above the rows.
pub const HEAD: &str = "\
# Which articles go along with a draft

Written by `cargo xtask along DIR --embeddings URL MODEL --write docs/passages.md`; do not edit. A test holds the rows of the index
to what is measured where `BEGRIP_TEST_DATA` names the laws, and the page to its questions everywhere. The questions are those of
[retrieval.md](retrieval.md). *Right among them* is the share of questions with a right article among those that go along; a
setting of 3 takes up to 5 when the index cannot tell which article is meant. *Tokens* is the mean of the whole request for a
definition, as it is counted before it is sent. With embeddings the first 20 of the index are put in order anew. The figures are
lower than those of the search: all that goes along has a room of 960 characters, or 320 for each by a setting of more; an article
of which no whole sentences fit into what is left of it stays at home, and so does one that fits less than half as well as the best. A model of embeddings that gains nothing here is not worth its calls.

| order | setting | questions | right among them | articles (mean) | tokens (mean) |
|---|--:|--:|--:|--:|--:|
";

/// The order without embeddings, as a row names it.
pub const INDEX: &str = "index";

struct Question {
    term: String,
    law: String,
    articles: Vec<String>,
}

/// Reads the laws of a folder (XML or Markdown) into a workplace; their ids.
pub async fn import(app: &App, folder: &Path) -> Result<Vec<String>, Failure> {
    let valid_from = Some("2025-01-01".to_owned());
    let files = files(folder)?;
    let outcomes = app
        .sources_import(SourcesImport { files, valid_from })
        .await?;
    Ok(outcomes.into_iter().map(|outcome| outcome.id).collect())
}

/// A row for each setting, in the order of the index, or with the model of embeddings of this address and name
/// having a say in it.
pub async fn rows(
    app: &App,
    laws: &[String],
    embeddings: Option<&(String, String)>,
) -> Result<String, Failure> {
    let questions = questions(laws)?;
    let order = embeddings.map_or(INDEX.to_owned(), |(_, model)| {
        format!("{INDEX} and {model}")
    });
    let (url, model) = embeddings.cloned().unwrap_or_default();
    let mut rows = String::new();
    for passages in SETTINGS {
        let mut settings = app.settings_get(()).await?.settings;
        settings.gather = GatherSettings {
            passages,
            rerank: embeddings.is_some(),
            rerank_url: url.clone(),
            rerank_model: model.clone(),
            ..GatherSettings::default()
        };
        app.settings_save(settings).await?;
        let (mut right, mut count, mut tokens) = (0_usize, 0_usize, 0_u64);
        for question in &questions {
            let input = DraftInput {
                term: question.term.clone(),
                ..DraftInput::default()
            };
            let hits = app.passages_for(input.clone()).await?;
            count += hits.len();
            right += usize::from(
                hits.iter()
                    .any(|hit| hit.id == question.law && question.articles.contains(&hit.number)),
            );
            tokens += u64::from(app.preview(input).await?.tokens);
        }
        let all = questions.len().max(1) as f64;
        let _ = writeln!(
            rows,
            "| {order} | {passages} | {} | {right} ({:.0} %) | {:.1} | {:.0} |",
            questions.len(),
            100.0 * right as f64 / all,
            count as f64 / all,
            tokens as f64 / all,
        );
    }
    Ok(rows)
}

fn files(folder: &Path) -> Result<Vec<SourceFile>, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|end| end == "md" || end == "xml")
    });
    let file = |path: PathBuf| -> Result<SourceFile, Failure> {
        Ok(SourceFile {
            content: STANDARD.encode(fs::read(&path)?),
            name: path.to_string_lossy().into_owned(),
        })
    };
    paths.into_iter().map(file).collect()
}

/// The questions about laws that are there.
fn questions(laws: &[String]) -> Result<Vec<Question>, Failure> {
    let mut questions = Vec::new();
    for line in QUESTIONS.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [term, law, articles] = parts[..] else {
            return Err(format!("not three columns: {line}").into());
        };
        let law = known_law(law).ok_or_else(|| format!("unknown law: {line}"))?;
        if laws.iter().any(|id| id == law.id) {
            questions.push(Question {
                term: term.to_owned(),
                law: law.id.to_owned(),
                articles: articles.split('|').map(str::to_owned).collect(),
            });
        }
    }
    Ok(questions)
}
