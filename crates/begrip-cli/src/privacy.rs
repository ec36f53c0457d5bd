//! `privacy`: what would be replaced in a text before it goes out.

use std::io::{self, Write};
use std::path::Path;

use begrip_app::App;
use begrip_app::schema::{PrivacyChoices, PseudonymiseRequest, Pseudonymised};
use clap::Args as ClapArgs;

use crate::exit::{Exit, Failure};
use crate::run::{out_json, read_text};

/// What is known of a case, and what the user decided about its text.
#[derive(Debug, ClapArgs)]
pub struct OfCase {
    /// Bekende partij, met of zonder rol: ‘verdachte: Jan Jansen’; mag vaker
    #[arg(long = "party", value_name = "PARTIJ")]
    pub parties: Vec<String>,
    /// Vervang ook deze tekst; mag vaker
    #[arg(long, value_name = "TEKST")]
    pub also: Vec<String>,
    /// Laat deze gevonden tekst staan; mag vaker
    #[arg(long, value_name = "TEKST")]
    pub leave: Vec<String>,
}

impl OfCase {
    /// The same, for the program.
    pub fn choices(&self) -> PrivacyChoices {
        PrivacyChoices {
            parties: self.parties.clone(),
            also: self.also.clone(),
            let_out: self.leave.clone(),
        }
    }
}

/// `begrip privacy`.
pub async fn show(app: &App, file: &Path, privacy: &OfCase, json: bool) -> Result<Exit, Failure> {
    let request = PseudonymiseRequest {
        text: read_text(file)?.trim_end_matches(['\r', '\n']).to_owned(),
        privacy: privacy.choices(),
    };
    let shown = app.pseudonymise(request).await?;
    match json {
        true => out_json(&shown)?,
        false => print(&mut io::stdout().lock(), &shown)?,
    }
    Ok(Exit::Done)
}

/// The text as it goes out, and each placeholder once with what it stands for.
fn print(out: &mut impl Write, shown: &Pseudonymised) -> io::Result<()> {
    writeln!(out, "{}\n", shown.after)?;
    if shown.replaced.is_empty() {
        return writeln!(out, "Niets vervangen. Lees de tekst zelf na.");
    }
    writeln!(out, "Vervangen (dit blijft op deze computer):")?;
    let mut told: Vec<(&str, String)> = Vec::new();
    for each in &shown.replaced {
        let original = each
            .original
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if !told.contains(&(&each.placeholder, original.clone())) {
            writeln!(out, "  {} = {original}", each.placeholder)?;
            told.push((&each.placeholder, original));
        }
    }
    writeln!(out, "Lees de tekst na: niet elke naam wordt herkend.")
}
