//! Removing kept answers, on the command line.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::database;
use crate::settings::Settings;

#[derive(Subcommand)]
pub enum AnswersAct {
    /// Verwijder bewaarde antwoorden, uit de tabel en uit het geheugen van elke server
    Forget(Forget),
}

/// Which answers go: those for which everything that was said holds.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub struct Forget {
    /// Alle antwoorden
    #[arg(long, conflicts_with_all = ["organisation", "entry", "model", "prompt_version", "pack_version"])]
    all: bool,
    /// Van deze organisatie
    #[arg(long, value_name = "NAAM")]
    organisation: Option<String>,
    /// Met dit nummer (de kop begrip-cache-entry van een antwoord)
    #[arg(long, value_name = "NUMMER")]
    entry: Option<String>,
    /// Van dit model
    #[arg(long, value_name = "NAAM")]
    model: Option<String>,
    /// Van deze versie van de opdracht
    #[arg(long, value_name = "VERSIE")]
    prompt_version: Option<String>,
    /// Van deze versie van de regels
    #[arg(long, value_name = "VERSIE")]
    pack_version: Option<String>,
}

/// Removes answers.
pub async fn act(settings: &Settings, act: AnswersAct) -> Result<()> {
    let AnswersAct::Forget(Forget {
        all: _,
        organisation,
        entry,
        model,
        prompt_version,
        pack_version,
    }) = act;
    if entry.as_ref().is_some_and(|entry| {
        entry.len() != 64 || !entry.bytes().all(|byte| byte.is_ascii_hexdigit())
    }) {
        bail!("een nummer heeft 64 tekens: cijfers en a tot en met f");
    }
    let mut client = database::owner(settings).await?;
    let transaction = client.transaction().await?;
    let sql = "DELETE FROM kept_answer WHERE ($1::text IS NULL OR organisation = $1) \
               AND ($2::text IS NULL OR key = decode($2, 'hex')) AND ($3::text IS NULL OR model = $3) \
               AND ($4::text IS NULL OR prompt_version = $4) AND ($5::text IS NULL OR pack_version = $5)";
    let removed = transaction
        .execute(
            sql,
            &[
                &organisation,
                &entry,
                &model,
                &prompt_version,
                &pack_version,
            ],
        )
        .await?;
    // Every node empties its memory: what is still kept comes back from the table.
    transaction
        .execute("SELECT pg_notify('begrip_answer', 'forget')", &[])
        .await?;
    transaction.commit().await?;
    match removed {
        1 => println!("1 antwoord is verwijderd."),
        _ => println!("{removed} antwoorden zijn verwijderd."),
    }
    Ok(())
}
