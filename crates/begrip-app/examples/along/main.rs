//! Measures which articles go along with a draft: by the setting for their number, and with and
//! without a model of embeddings that has a say in their order.
//!
//! `along [--embeddings URL MODEL] [--write FILE] DIR` reads the laws of a folder into a home of its own.
#![allow(
    clippy::print_stdout,
    reason = "a measuring program speaks to a person at a terminal"
)]

mod measure;

use std::fs;
use std::path::PathBuf;

use begrip_app::{App, OpenOptions};

use measure::{Failure, HEAD, import, rows};

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
    let laws = import(&app, &folder).await?;
    let mut table = rows(&app, &laws, None).await?;
    if embeddings.is_some() {
        table += &rows(&app, &laws, embeddings.as_ref()).await?;
    }
    print!("{table}");
    if let Some(file) = write {
        fs::write(file, format!("{HEAD}{table}"))?;
    }
    app.close().await;
    Ok(())
}
