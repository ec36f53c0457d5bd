//! `begrip upkeep`: what the window does by itself once a day.

use std::io::{self, Write};

use begrip_app::{App, Upkeep};

use crate::exit::{Exit, Failure};
use crate::run::out_json;

/// One round of upkeep. A server that is away gives exit code 1.
pub async fn run(app: &App, json: bool) -> Result<Exit, Failure> {
    let done = app.upkeep().await?;
    match json {
        true => out_json(&done)?,
        false => told(&mut io::stdout().lock(), &done)?,
    }
    match done.error {
        Some(error) if !json => Err(error.into()),
        Some(_) => Ok(Exit::Failed),
        None => Ok(Exit::Done),
    }
}

fn told(out: &mut impl Write, done: &Upkeep) -> io::Result<()> {
    let server = match (done.equal, &done.error) {
        (Some(true), _) => "gelijk",
        (Some(false), _) => "nog niet gelijk",
        (None, Some(_)) => "niet gelukt",
        (None, None) => "niet ingesteld",
    };
    writeln!(out, "Server: {server}")?;
    // Work of the user is not among it.
    match done.forgotten {
        1 => writeln!(
            out,
            "Opgeruimd: 1 oude vraag of antwoord dat niemand bewaarde"
        )?,
        many => writeln!(
            out,
            "Opgeruimd: {many} oude vragen en antwoorden die niemand bewaarde"
        )?,
    }
    writeln!(
        out,
        "Hier staan {} begrippen en {} bewaarde antwoorden ({} kB).",
        done.concepts,
        done.answers,
        done.bytes / 1000
    )
}
