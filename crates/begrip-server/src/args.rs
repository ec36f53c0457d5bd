//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::administration::operator::{self, Acts, OrganisationAct, TokenAct, UserAct};
use crate::gateway::answers::{self, AnswersAct};
use crate::gateway::usage::{self, Costs};
use crate::publish::PublishAct;
use crate::settings::Given;
use crate::{backup, doctor, health, migrate, publish, routes, serve};

/// De centrale server van Begrip: begrippen delen tussen organisaties.
#[derive(Parser)]
#[command(
    name = "begrip-server",
    version,
    after_help = "\
Elke instelling kan op de opdrachtregel staan, in de omgeving (BEGRIP_SERVER_…) en in een bestand
(--config, TOML, met de namen van de opties en een _ waar een - staat). De opdrachtregel gaat voor de
omgeving, de omgeving voor het bestand.

Voorbeelden:
  begrip-server migrate --owner-url postgresql://begrip_owner@db/begrip
  begrip-server organisation add OM --title 'Openbaar Ministerie'
  begrip-server organisation domains OM add om.nl
  begrip-server user add anna --organisation OM --role author
  begrip-server token create anna --organisation OM --days 90
  begrip-server serve --config /etc/begrip/server.toml"
)]
pub struct Args {
    #[command(flatten)]
    pub given: Given,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Bedien de werkplekken, tot SIGTERM of Ctrl-C
    Serve,
    /// Maak de tabellen, of werk ze bij (als eigenaar van de database)
    Migrate,
    /// Organisaties (als eigenaar van de database)
    #[command(subcommand)]
    Organisation(OrganisationAct),
    /// Gebruikers (als eigenaar van de database)
    #[command(subcommand)]
    User(UserAct),
    /// Toegangssleutels (als eigenaar van de database)
    #[command(subcommand)]
    Token(TokenAct),
    /// Bewaarde antwoorden van modellen (als eigenaar van de database)
    #[command(subcommand)]
    Answers(AnswersAct),
    /// Verslagen (als eigenaar van de database)
    #[command(subcommand)]
    Report(Report),
    /// Regels en proeven die werkplekken overnemen (als eigenaar van de database)
    #[command(subcommand)]
    Publish(PublishAct),
    /// Kijk of alles in orde is
    Doctor,
    /// Vraag de server die op deze machine luistert of zij kan werken
    Health,
    /// Bewaar alles in een nieuw bestand, terwijl servers doorwerken (als eigenaar van de database)
    Backup {
        /// Het bestand; alleen u kunt het lezen
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
    },
    /// Zet een back-up terug in een nieuwe, lege database (als eigenaar van de database)
    Restore {
        /// Het bestand
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
    },
    /// Toon elk adres, en wie er mag vragen
    Routes,
}

#[derive(Subcommand)]
pub enum Report {
    /// Wat organisaties aan modellen uitgaven, per maand en model
    Costs(Costs),
    /// Wat beheerders en de bediening aan gebruikers, sleutels en budgetten veranderden
    Administration(Acts),
}

impl Command {
    /// Runs to its end.
    pub async fn run(self, given: Given) -> Result<ExitCode> {
        let settings = given.settings()?;
        match self {
            Self::Serve => serve::serve(settings).await?,
            Self::Migrate => migrate::run(&settings).await?,
            Self::Organisation(act) => operator::organisation(&settings, act).await?,
            Self::User(act) => operator::user(&settings, act).await?,
            Self::Token(act) => operator::token(&settings, act).await?,
            Self::Answers(act) => answers::act(&settings, act).await?,
            Self::Report(Report::Costs(costs)) => usage::report(&settings, &costs).await?,
            Self::Report(Report::Administration(acts)) => {
                operator::report(&settings, &acts).await?
            }
            Self::Publish(act) => publish::publish(&settings, act).await?,
            Self::Routes => routes::tell()?,
            Self::Backup { file } => backup::backup(&settings, &file).await?,
            Self::Restore { file } => backup::restore(&settings, &file).await?,
            Self::Health => return health::ask(&settings).await,
            Self::Doctor => return doctor::doctor(&settings).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
