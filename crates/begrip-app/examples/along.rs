//! Measures which articles go along with a draft: by the setting for their number, and with and
//! without a model of embeddings that has a say in their order.
//!
//! `along [--embeddings URL MODEL] [--write FILE] DIR` reads the laws of a folder into a home of its own.
#![allow(
    clippy::print_stdout,
    reason = "a measuring program speaks to a person at a terminal"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_app::schema::{DraftInput, GatherSettings, SourceFile, SourcesImport};
use begrip_app::{App, OpenOptions};
use begrip_interchange::known_law;

type Failure = Box<dyn std::error::Error>;

/// The questions of `cargo xtask retrieval`.
const QUESTIONS: &str = include_str!("../../begrip-store/examples/retrieval/questions.tsv");

const HEAD: &str = "\
# Which articles go along with a draft

Written by `cargo xtask along DIR --embeddings URL MODEL --write docs/passages.md`; do not edit. The questions are those of
[retrieval.md](retrieval.md). *Right among them* is the share of questions with a right article among those that go along; a
setting of 3 takes up to 5 when the index cannot tell which article is meant. *Tokens* is the mean of the whole request for a
definition, as it is counted before it is sent. With embeddings the first 20 of the index are put in order anew. The figures are
lower than those of the search: all that goes along has a room of 960 characters, or 320 for each by a setting of more; an article
of which no whole sentences fit into what is left of it stays at home, and so does one that fits less than half as well as the best. A model of embeddings that gains nothing here is not worth its calls.

";

/// One way to gather.
struct Row {
    name: String,
    passages: u32,
    rerank: bool,
}

struct Question {
    term: String,
    law: String,
    articles: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (mut folder, mut write, mut embeddings) = (None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--write" => write = arguments.next(),
            "--embeddings" => embeddings = arguments.next().zip(arguments.next()),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.ok_or("name a folder with laws (XML or Markdown)")?;
    let home = tempfile::tempdir()?;
    let options = OpenOptions::at(home.path().to_owned());
    let app = tokio::task::spawn_blocking(move || App::open(options)).await??;
    let files = files(&folder)?;
    let valid_from = Some("2025-01-01".to_owned());
    let outcomes = app
        .sources_import(SourcesImport { files, valid_from })
        .await?;
    let laws: Vec<String> = outcomes.into_iter().map(|outcome| outcome.id).collect();
    let questions = questions(&laws)?;
    let mut rows: Vec<Row> = [1, 3, 5]
        .map(|passages| row("index", passages, false))
        .into();
    if let Some((_, model)) = &embeddings {
        rows.extend([1, 3, 5].map(|passages| row(&format!("index and {model}"), passages, true)));
    }
    let mut table = String::from(
        "| order | setting | questions | right among them | articles (mean) | tokens (mean) |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for row in &rows {
        let (url, model) = embeddings.clone().unwrap_or_default();
        let mut settings = app.settings_get(()).await?.settings;
        settings.gather = GatherSettings {
            passages: row.passages,
            rerank: row.rerank,
            rerank_url: url,
            rerank_model: model,
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
            table,
            "| {} | {} | {} | {right} ({:.0} %) | {:.1} | {:.0} |",
            row.name,
            row.passages,
            questions.len(),
            100.0 * right as f64 / all,
            count as f64 / all,
            tokens as f64 / all,
        );
    }
    print!("{table}");
    if let Some(file) = write {
        fs::write(file, format!("{HEAD}{table}"))?;
    }
    app.close().await;
    Ok(())
}

fn row(name: &str, passages: u32, rerank: bool) -> Row {
    Row {
        name: name.to_owned(),
        passages,
        rerank,
    }
}

fn files(folder: &Path) -> Result<Vec<SourceFile>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|end| end == "md" || end == "xml")
        {
            files.push(SourceFile {
                name: path.to_string_lossy().into_owned(),
                content: STANDARD.encode(fs::read(&path)?),
            });
        }
    }
    Ok(files)
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
