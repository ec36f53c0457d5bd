//! Versions of the rules and files with experiments that the server hands out: an operator publishes what
//! somebody signed whom the server trusts, for all organisations or some, and for a part of their
//! workstations. Taking it back is setting that part to nothing.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use begrip_rules::{FileKind, PackFile, PublicKey, RulePack, SignedFile, TrustedKey, maintainers};
use begrip_sync::{Catalogue, Published, PublishedKind};
use clap::Subcommand;
use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::database;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::sharing::as_organisation;
use crate::token::Holder;

#[derive(Subcommand)]
pub enum PublishAct {
    /// Geef een versie van de regels uit
    Pack(Publication),
    /// Geef een bestand met proeven uit
    Flags(Publication),
    /// Som op wat is uitgegeven, het laatste eerst
    List,
    /// Verander voor hoeveel van elke honderd werkplekken een versie van de regels is
    Rollout {
        /// Versie van de regels
        version: String,
        /// Zoveel van elke honderd
        #[arg(long, value_name = "AANTAL", value_parser = clap::value_parser!(i16).range(0..=100))]
        percent: i16,
    },
    /// Trek een versie van de regels in; bij de volgende synchronisatie geldt weer die ervoor
    Withdraw {
        /// Versie van de regels
        version: String,
    },
}

/// What is published, and for whom.
#[derive(clap::Args)]
pub struct Publication {
    /// Het ondertekende bestand
    #[arg(value_name = "BESTAND")]
    file: PathBuf,
    /// Alleen voor deze organisatie; mag vaker (anders voor alle)
    #[arg(long, value_name = "NAAM")]
    organisation: Vec<String>,
    /// Voor zoveel van elke honderd werkplekken
    #[arg(long, value_name = "AANTAL", default_value_t = 100, value_parser = clap::value_parser!(i16).range(0..=100))]
    percent: i16,
}

/// A signed file that was looked at.
struct Seen {
    kind: &'static str,
    version: String,
    text: String,
    signer: String,
}

/// Does what the operator asks.
pub async fn publish(settings: &Settings, act: PublishAct) -> Result<()> {
    // Before the database is asked anything.
    let (seen, publication) = match act {
        PublishAct::Pack(publication) => (pack(settings, &publication.file)?, publication),
        PublishAct::Flags(publication) => (flags(settings, &publication.file)?, publication),
        PublishAct::List => return list(settings).await,
        PublishAct::Rollout { version, percent } => {
            change(settings, &version, percent).await?;
            println!("{version} is nu voor {percent} van elke 100 werkplekken.");
            return Ok(());
        }
        PublishAct::Withdraw { version } => {
            change(settings, &version, 0).await?;
            println!("{version} is ingetrokken.");
            return Ok(());
        }
    };
    let mut client = database::owner(settings).await?;
    let transaction = client.transaction().await?;
    let known: Vec<String> = transaction
        .query("SELECT name FROM organisation", &[])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let organisations = publication.organisation;
    if let Some(unknown) = organisations.iter().find(|name| !known.contains(name)) {
        bail!("de organisatie {unknown} is er niet");
    }
    let sql = "INSERT INTO published (id, kind, version, document, signer, organisations, percent) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let added = transaction
        .execute(
            sql,
            &[
                &Uuid::now_v7(),
                &seen.kind,
                &seen.version,
                &seen.text,
                &seen.signer,
                &organisations,
                &publication.percent,
            ],
        )
        .await;
    match added {
        Ok(_) => {}
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            bail!(
                "{} is al uitgegeven; ‘publish rollout’ verandert voor wie",
                seen.version
            )
        }
        Err(error) => return Err(error.into()),
    }
    tell_all(&transaction).await?;
    transaction.commit().await?;
    println!(
        "{} is uitgegeven, ondertekend door {}.",
        seen.version, seen.signer
    );
    Ok(())
}

fn pack(settings: &Settings, path: &Path) -> Result<Seen> {
    let file = PackFile::parse(&read(path)?).with_context(|| named(path))?;
    let keys = trusted(settings)?;
    let signer = file.signer(&keys).with_context(|| named(path))?;
    let body = file.body().with_context(|| named(path))?;
    let version = body.facts.version.clone();
    RulePack::compile(body).with_context(|| named(path))?;
    Ok(Seen {
        kind: "pack",
        version,
        text: file.to_text()?,
        signer: signer.name.clone(),
    })
}

fn flags(settings: &Settings, path: &Path) -> Result<Seen> {
    let file = SignedFile::parse(FileKind::Flags, &read(path)?).with_context(|| named(path))?;
    let keys = trusted(settings)?;
    let signer = file.signer(&keys).with_context(|| named(path))?;
    let serial = file
        .members()
        .find(|(name, _)| *name == "serial")
        .and_then(|(_, serial)| serial.as_u64())
        .with_context(|| format!("{}: ‘serial’ ontbreekt", named(path)))?;
    Ok(Seen {
        kind: "flags",
        version: serial.to_string(),
        text: file.to_text()?,
        signer: signer.name.clone(),
    })
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| named(path))
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

/// The maintainers, and whoever the operator trusts.
fn trusted(settings: &Settings) -> Result<Vec<TrustedKey>> {
    let mut keys = maintainers();
    let Some(folder) = &settings.trusted_keys else {
        return Ok(keys);
    };
    let files =
        std::fs::read_dir(folder).with_context(|| format!("trusted_keys: {}", named(folder)))?;
    for file in files {
        let path = file?.path();
        if path.extension().is_none_or(|extension| extension != "pub") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let key = PublicKey::parse(&read(&path)?).with_context(|| named(&path))?;
        keys.push(TrustedKey {
            name: name.into_owned(),
            key,
        });
    }
    Ok(keys)
}

async fn list(settings: &Settings) -> Result<()> {
    let client = database::owner(settings).await?;
    let sql =
        "SELECT kind, version, percent, organisations, signer FROM published ORDER BY place DESC";
    for row in client.query(sql, &[]).await? {
        let organisations: Vec<String> = row.get(3);
        println!(
            "{}\t{}\t{} %\t{}\t{}",
            row.get::<_, &str>(0),
            row.get::<_, &str>(1),
            row.get::<_, i16>(2),
            match organisations.is_empty() {
                true => "alle organisaties".to_owned(),
                false => organisations.join(", "),
            },
            row.get::<_, &str>(4),
        );
    }
    Ok(())
}

/// Sets for how many a version of the rules is.
async fn change(settings: &Settings, version: &str, percent: i16) -> Result<()> {
    let mut client = database::owner(settings).await?;
    let transaction = client.transaction().await?;
    let sql = "UPDATE published SET percent = $2 WHERE version = $1 AND kind = 'pack'";
    if transaction.execute(sql, &[&version, &percent]).await? == 0 {
        let flags = "SELECT EXISTS (SELECT 1 FROM published WHERE version = $1)";
        match transaction.query_one(flags, &[&version]).await?.get(0) {
            true => bail!(
                "proeven gaan niet terug; geef een bestand uit met een ander percentage (rollout) of \
                 waarin zij zijn gestopt (killed)"
            ),
            false => bail!("{version} is niet uitgegeven"),
        }
    }
    tell_all(&transaction).await?;
    Ok(transaction.commit().await?)
}

/// So that every workstation sees with its next sync that something changed.
async fn tell_all(transaction: &tokio_postgres::Transaction<'_>) -> Result<()> {
    transaction
        .execute("UPDATE server SET published = published + 1", &[])
        .await?;
    Ok(())
}

/// What the caller's organisation may have.
pub async fn catalogue(client: &mut Object, holder: &Holder) -> Result<Catalogue, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    let sql =
        "SELECT id, kind, version, percent FROM published WHERE percent > 0 ORDER BY place DESC";
    let rows = transaction.query(sql, &[]).await?;
    transaction.commit().await?;
    Ok(Catalogue {
        items: rows.iter().map(item).collect(),
    })
}

fn item(row: &Row) -> Published {
    let percent: i16 = row.get(3);
    Published {
        id: row.get(0),
        kind: match row.get(1) {
            "pack" => PublishedKind::Pack,
            "flags" => PublishedKind::Flags,
            _ => PublishedKind::Unknown,
        },
        version: row.get(2),
        percent: u8::try_from(percent).unwrap_or_default(),
    }
}

/// The text of one of them. Error: the caller's organisation may not have it, or it is not there.
pub async fn document(client: &mut Object, holder: &Holder, id: Uuid) -> Result<String, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    let sql = "SELECT document FROM published WHERE id = $1 AND percent > 0";
    let row = transaction.query_opt(sql, &[&id]).await?;
    transaction.commit().await?;
    Ok(row.ok_or(Refusal::NoPublished)?.get(0))
}
