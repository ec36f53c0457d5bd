//! The command lines of `begrip experiment` and `begrip flags`.

use std::path::PathBuf;

use clap::Subcommand;

/// Versions of the prompt, side by side.
#[derive(Debug, Subcommand)]
pub enum Experiment {
    /// Vergelijk twee versies van de opdracht op een lijst termen
    #[command(after_help = "\
Voorbeelden:
  begrip experiment run --terms termen.csv
  begrip experiment run --terms termen.txt --versions 1,2 --repeat 5 --json

Het bestand is een tabel zoals bij ‘begrip batch’, of een lijst met op elke regel één term. Elke term wordt met
elke versie gevraagd. Bewaarde antwoorden doen niet mee, en er wordt niets bewaard.")]
    Run {
        /// CSV, Excel (.xlsx) of een lijst met termen; ‘-’ leest de standaardinvoer
        #[arg(long, value_name = "BESTAND")]
        terms: PathBuf,
        /// De versies; met de eerste worden de andere vergeleken
        #[arg(
            long,
            value_name = "VERSIES",
            value_delimiter = ',',
            default_value = "1,2"
        )]
        versions: Vec<String>,
        /// Vraag elke term zo vaak (1-100)
        #[arg(long, value_name = "AANTAL", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
        repeat: u32,
    },
    /// Toon hoe de proeven ervoor staan
    #[command(after_help = "\
Voorbeelden:
  begrip experiment report
  begrip experiment report --json > proef.json
  begrip experiment report --add proef-a.json --add proef-b.json

Met --add telt u de cijfers van andere computers mee. Daarin staat geen tekst.")]
    Report {
        /// Tel dit verslag van een andere computer mee (gemaakt met --json)
        #[arg(long, value_name = "BESTAND")]
        add: Vec<PathBuf>,
    },
}

/// The file that says which experiments run.
#[derive(Debug, Subcommand)]
pub enum Flags {
    /// Lees een ondertekend bestand met proeven in; het geldt vanaf de volgende vraag
    #[command(after_help = "\
Voorbeelden:
  begrip flags import proeven-om.json
  begrip flags import - < proeven-om.json")]
    Import {
        /// Het bestand; ‘-’ leest de standaardinvoer
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
    },
    /// Toon welke proeven er zijn en welke versie van de opdracht geldt
    #[command(after_help = "\
Voorbeelden:
  begrip flags show
  begrip flags show --json")]
    Show,
    /// Onderteken een bestand met proeven
    #[command(after_help = "\
Voorbeelden:
  begrip flags sign proeven.json --sign om.key --output proeven-om.json

Een sleutel maakt u met ‘begrip rules keygen’.")]
    Sign {
        /// Het bestand met proeven
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
        /// Onderteken met deze geheime sleutel
        #[arg(long, value_name = "SLEUTEL")]
        sign: PathBuf,
        /// Naar dit bestand (anders de standaarduitvoer)
        #[arg(long, value_name = "BESTAND")]
        output: Option<PathBuf>,
    },
}
