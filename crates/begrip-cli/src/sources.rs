//! `begrip sources`: laws and decisions.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use begrip_app::App;
use begrip_app::schema::{
    PassageHit, PassageSearch, SourceArticle, SourceArticleRequest, SourceContents,
    SourceContentsRequest, SourceOutcome, SourceRef, SourceRow, SourceVersionRow,
};
use clap::Subcommand;

use crate::exit::{Exit, Failure, unreadable};
use crate::print::{bold, visible};
use crate::run::out_json;

/// The largest file that is read, in bytes: a zip may be larger than what is taken out of it.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Debug, Subcommand)]
pub enum Sources {
    /// Lees wetten (XML of Markdown) en uitspraken (XML) in
    #[command(after_help = "\
Voorbeelden:
  begrip sources import wet.xml
  begrip sources import wetten.zip uitspraken
  begrip sources import Sr.md --valid-from 2026-01-01

Een map of een zip wordt doorzocht op XML en Markdown. De uitgangscode is 1 als een bestand niet kon
worden gelezen; de andere zijn dan wel ingelezen.")]
    Import {
        /// Bestanden, mappen of zips
        #[arg(required = true, value_name = "BESTAND")]
        paths: Vec<PathBuf>,
        /// Vanaf wanneer een wet geldt die dat zelf niet zegt
        #[arg(long, value_name = "DATUM")]
        valid_from: Option<String>,
    },
    /// Som op wat er is
    #[command(after_help = "\
Voorbeelden:
  begrip sources list
  begrip sources list --json")]
    List,
    /// Toon de inhoud van een wet, of één artikel
    #[command(after_help = "\
Voorbeelden:
  begrip sources show Sv
  begrip sources show Sv 67
  begrip sources show BWBR0001903 67a --date 2026-01-01 --json")]
    Show {
        /// Titel, afkorting of BWB-nummer van de wet, of de ECLI
        #[arg(value_name = "WET")]
        source: String,
        /// Nummer van het artikel
        #[arg(value_name = "ARTIKEL")]
        article: Option<String>,
        /// Zoals de wet op deze dag luidde (anders vandaag)
        #[arg(long, value_name = "DATUM")]
        date: Option<String>,
    },
    /// Zoek artikelen
    #[command(after_help = "\
Voorbeelden:
  begrip sources search 'voorlopige hechtenis'
  begrip sources search 'schorsing van de voorlopige hechtenis' --limit 3 --json")]
    Search {
        /// Woorden
        #[arg(value_name = "TEKST")]
        text: String,
        /// Zoals de wetten op deze dag luidden (anders vandaag)
        #[arg(long, value_name = "DATUM")]
        date: Option<String>,
        /// Ten hoogste zoveel (1-50)
        #[arg(long, value_name = "AANTAL", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
        limit: u32,
    },
    /// Verwijder een wet met al haar versies, of een uitspraak
    #[command(after_help = "\
Voorbeelden:
  begrip sources remove BWBR0018451

Begrippen die de wet zelf omschrijft, krijgen de status ‘vervallen’.")]
    Remove {
        /// Titel, afkorting of BWB-nummer van de wet, of de ECLI
        #[arg(value_name = "WET")]
        source: String,
    },
}

/// Runs a command.
pub async fn run(app: &App, command: Sources, json: bool) -> Result<Exit, Failure> {
    match command {
        Sources::Import { paths, valid_from } => import(app, &paths, valid_from, json).await,
        Sources::List => {
            let sources = app.sources_list(()).await?;
            match json {
                true => out_json(&sources)?,
                false => list(&mut io::stdout().lock(), &sources)?,
            }
            Ok(match sources.is_empty() {
                true => Exit::NotFound,
                false => Exit::Done,
            })
        }
        Sources::Show {
            source,
            article: Some(article),
            date,
        } => {
            let request = SourceArticleRequest {
                source,
                article,
                date,
            };
            let found = app.source_article(request).await?;
            match json {
                true => out_json(&found)?,
                false => self::article(&mut io::stdout().lock(), &found)?,
            }
            Ok(Exit::Done)
        }
        Sources::Show { source, date, .. } => {
            let request = SourceContentsRequest { source, date };
            let found = app.source_contents(request).await?;
            match json {
                true => out_json(&found)?,
                false => contents(&mut io::stdout().lock(), &found)?,
            }
            Ok(Exit::Done)
        }
        Sources::Search { text, date, limit } => {
            let request = PassageSearch {
                query: text,
                date,
                limit: Some(limit),
            };
            let hits = app.sources_search(request).await?;
            match json {
                true => out_json(&hits)?,
                false => self::hits(&mut io::stdout().lock(), &hits)?,
            }
            Ok(match hits.is_empty() {
                true => Exit::NotFound,
                false => Exit::Done,
            })
        }
        Sources::Remove { source } => {
            let removed = app.source_remove(SourceRef { source }).await?;
            match json {
                true => out_json(&removed)?,
                false => writeln!(
                    io::stdout().lock(),
                    "Verwijderd: {}",
                    counted(removed.entries, "versie", "versies")
                )?,
            }
            Ok(Exit::Done)
        }
    }
}

/// Reads and keeps one file after the other, so that a folder of laws never stands in memory whole.
async fn import(
    app: &App,
    paths: &[PathBuf],
    valid_from: Option<String>,
    json: bool,
) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in paths {
        walk(path, &mut files)?;
    }
    let mut outcomes = Vec::new();
    for path in files {
        let size = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if size.len() > MOST_BYTES {
            return Err(unreadable(&path, &io::ErrorKind::FileTooLarge.into()).into());
        }
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        let name = path.to_string_lossy().into_owned();
        let file = app
            .import_sources(vec![(name, bytes)], valid_from.clone())
            .await?;
        if !json {
            let mut out = io::stdout().lock();
            file.iter()
                .try_for_each(|outcome| imported(&mut out, outcome))?;
        }
        outcomes.extend(file);
    }
    if json {
        out_json(&outcomes)?;
    }
    Ok(
        match outcomes.iter().any(|outcome| outcome.error.is_some()) {
            true => Exit::Failed,
            false if outcomes.is_empty() => Exit::NotFound,
            false => Exit::Done,
        },
    )
}

/// A file, or the files of a folder that may be laws, decisions or zips, by name.
fn walk(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut inner: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inner.sort();
    for path in inner {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let wanted = ending.is_some_and(|own| own == "xml" || own == "md" || own == "zip");
        // A link may lead around in a circle.
        let is_folder = path.is_dir() && !path.is_symlink();
        if is_folder || (wanted && path.is_file()) {
            walk(&path, files)?;
        }
    }
    Ok(())
}

fn imported(out: &mut impl Write, outcome: &SourceOutcome) -> io::Result<()> {
    let file = visible(&outcome.file);
    if let Some(error) = &outcome.error {
        return writeln!(
            out,
            "{file}: {}: {} {}",
            error.code, error.message.nl, error.action.nl
        );
    }
    let what = match outcome.outcome.as_str() {
        "unchanged" => "was er al",
        _ => "ingelezen",
    };
    let parts = match outcome.kind.as_str() {
        "decision" => counted(outcome.articles, "alinea", "alinea’s"),
        _ => counted(outcome.articles, "artikel", "artikelen"),
    };
    let since = match &outcome.valid_from {
        Some(date) if outcome.kind == "law" => format!(", geldig vanaf {date}"),
        Some(date) => format!(", {date}"),
        None => String::new(),
    };
    let mut concepts = Vec::new();
    for (count, one, many) in [
        (outcome.concepts_new, "nieuw begrip", "nieuwe begrippen"),
        (
            outcome.concepts_changed,
            "gewijzigd begrip",
            "gewijzigde begrippen",
        ),
        (
            outcome.concepts_withdrawn,
            "vervallen begrip",
            "vervallen begrippen",
        ),
    ] {
        if count > 0 {
            concepts.push(format!(", {}", counted(count, one, many)));
        }
    }
    writeln!(
        out,
        "{file}: {} ({}{since}) {what}: {parts}{}",
        visible(&outcome.title),
        outcome.id,
        concepts.concat()
    )
}

fn list(out: &mut impl Write, sources: &[SourceRow]) -> io::Result<()> {
    if sources.is_empty() {
        return writeln!(
            out,
            "Er zijn nog geen wetten. Lees ze in met ‘begrip sources import’."
        );
    }
    for source in sources {
        writeln!(out, "{} ({})", bold(&visible(&source.title)), source.id)?;
        for version in &source.versions {
            writeln!(out, "  {}", period(version, &source.kind))?;
        }
    }
    Ok(())
}

fn period(version: &SourceVersionRow, kind: &str) -> String {
    if kind == "decision" {
        return version.valid_from.clone().unwrap_or_default();
    }
    let from = match &version.valid_from {
        Some(date) => format!("vanaf {date}"),
        None => "vanaf een onbekende datum".to_owned(),
    };
    let to = match &version.valid_to {
        Some(date) => format!(" tot en met {date}"),
        None => String::new(),
    };
    let now = if version.in_force { ", geldt nu" } else { "" };
    let articles = counted(version.articles, "artikel", "artikelen");
    format!("{from}{to}: {articles}{now}")
}

fn contents(out: &mut impl Write, contents: &SourceContents) -> io::Result<()> {
    let source = &contents.source;
    writeln!(out, "{} ({})", bold(&visible(&source.title)), source.id)?;
    writeln!(out, "{}\n", period(&contents.version, &source.kind))?;
    let mut place = "";
    for line in &contents.articles {
        if line.path != place {
            place = &line.path;
            writeln!(out, "{}", bold(&visible(place)))?;
        }
        let start: String = visible(&line.start).chars().take(70).collect();
        writeln!(out, "  {}  {start}", line.number)?;
    }
    Ok(())
}

fn article(out: &mut impl Write, article: &SourceArticle) -> io::Result<()> {
    writeln!(out, "{}", bold(&visible(&article.citation.to_string())))?;
    if !article.path.is_empty() {
        writeln!(out, "{}", visible(&article.path))?;
    }
    writeln!(
        out,
        "{}\n{}\n",
        period(&article.version, &article.source.kind),
        article.address
    )?;
    for line in article.text.lines() {
        writeln!(out, "{}", visible(line))?;
    }
    Ok(())
}

fn hits(out: &mut impl Write, hits: &[PassageHit]) -> io::Result<()> {
    if hits.is_empty() {
        return writeln!(
            out,
            "Niets gevonden in de wetten op deze computer (‘begrip sources list’)."
        );
    }
    for hit in hits {
        writeln!(out, "{}", bold(&visible(&hit.citation.to_string())))?;
        writeln!(out, "  {}", visible(&hit.text))?;
    }
    Ok(())
}

fn counted(count: u32, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}
