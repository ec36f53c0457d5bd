//! The command line of `begrip rules`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::args::Place;

#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Som de regels op
    #[command(after_help = "\
Voorbeelden:
  begrip rules list
  begrip rules list --text lidwoord
  begrip rules list --version 2026.2-om --json")]
    List {
        /// Alleen regels met deze woorden in nummer, titel of uitleg
        #[arg(long, default_value = "", hide_default_value = true)]
        text: String,
        /// Van deze versie (anders de versie die geldt)
        #[arg(long, value_name = "VERSIE")]
        version: Option<String>,
    },
    /// Toon één regel, met uitleg en voorbeelden
    #[command(after_help = "\
Voorbeelden:
  begrip rules show STR-06
  begrip rules show STR-06 --json")]
    Show {
        /// Nummer van de regel
        #[arg(value_name = "REGEL")]
        rule: String,
        /// Van deze versie (anders de versie die geldt)
        #[arg(long, value_name = "VERSIE")]
        version: Option<String>,
    },
    /// Controleer regels op hun eigen voorbeelden, of probeer een tekst op één regel
    #[command(after_help = "\
Voorbeelden:
  begrip rules test
  begrip rules test STR-06
  begrip rules test STR-06 'gegeven dat nodig is voor de betekening van een dagvaarding'
  begrip rules test --from mijn-regels

De uitgangscode is 1 als een goed voorbeeld faalt of een fout voorbeeld in orde is. Bij een tekst is zij 4
als de regel faalt en blokkeert.")]
    Test {
        /// Alleen deze regel
        #[arg(value_name = "REGEL")]
        rule: Option<String>,
        /// Probeer deze definitie op de regel
        #[arg(value_name = "DEFINITIE", requires = "rule")]
        text: Option<String>,
        /// De term waar de definitie bij hoort
        #[arg(long, default_value = "", hide_default_value = true)]
        term: String,
        #[command(flatten)]
        place: Place,
        /// Van deze versie (anders de versie die geldt)
        #[arg(long, value_name = "VERSIE", conflicts_with = "from")]
        version: Option<String>,
        /// Uit deze map met regels, dit regelbestand (.toml) of dit pakket (.json)
        #[arg(long, value_name = "PAD")]
        from: Option<PathBuf>,
    },
    /// Vergelijk versies van de regels
    #[command(after_help = "\
Voorbeelden:
  begrip rules diff 2026.2-om
  begrip rules diff 2026.2-om 2026.3-om --json

Met één versie ziet u wat er verandert als u die kiest. Met twee versies ziet u wat de tweede anders doet dan
de eerste.")]
    Diff {
        /// Eén versie, of twee
        #[arg(value_name = "VERSIE", required = true, num_args = 1..=2)]
        versions: Vec<String>,
    },
    /// Som de versies van de regels op
    #[command(after_help = "\
Voorbeelden:
  begrip rules versions
  begrip rules versions --json")]
    Versions,
    /// Laat een andere versie gelden; terug kan altijd
    #[command(after_help = "\
Voorbeelden:
  begrip rules activate 2026.2-om --dry-run
  begrip rules activate 2026.2-om")]
    Activate {
        /// De versie
        #[arg(value_name = "VERSIE")]
        version: String,
        /// Toon alleen welke van uw eigen begrippen een andere uitkomst krijgen
        #[arg(long)]
        dry_run: bool,
    },
    /// Lees een ondertekend bestand met regels in; de regels gelden dan nog niet
    #[command(after_help = "\
Voorbeelden:
  begrip rules import regels-om.json
  begrip rules import - < regels-om.json")]
    Import {
        /// Het bestand; ‘-’ leest de standaardinvoer
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
    },
    /// Schrijf een versie als bestand om te delen, of als map om te wijzigen
    #[command(after_help = "\
Voorbeelden:
  begrip rules export --dir mijn-regels
  begrip rules export --output regels.json
  begrip rules export --sign om.key --output regels.json")]
    Export {
        /// Deze versie (anders de versie die geldt)
        #[arg(long, value_name = "VERSIE")]
        version: Option<String>,
        /// Naar dit bestand (anders de standaarduitvoer)
        #[arg(long, value_name = "BESTAND", conflicts_with = "dir")]
        output: Option<PathBuf>,
        /// Naar deze nieuwe map: elke regel een bestand, met pack.toml voor versie, datum en wijzigingen
        #[arg(long, value_name = "MAP")]
        dir: Option<PathBuf>,
        /// Onderteken met deze geheime sleutel
        #[arg(long, value_name = "SLEUTEL", conflicts_with = "dir")]
        sign: Option<PathBuf>,
    },
    /// Maak van een map met regels één ondertekend bestand
    #[command(after_help = "\
Voorbeelden:
  begrip rules pack mijn-regels --sign om.key --output regels-om.json")]
    Pack {
        /// De map, zoals ‘begrip rules export --dir’ haar schrijft
        #[arg(value_name = "MAP")]
        dir: PathBuf,
        /// Onderteken met deze geheime sleutel
        #[arg(long, value_name = "SLEUTEL")]
        sign: PathBuf,
        /// Naar dit bestand (anders de standaarduitvoer)
        #[arg(long, value_name = "BESTAND")]
        output: Option<PathBuf>,
    },
    /// Maak een sleutel om regels te ondertekenen
    #[command(after_help = "\
Voorbeelden:
  begrip rules keygen om

Schrijft om.key (geheim: geef dit bestand aan niemand) en om.pub (openbaar: geef dit aan wie uw regels gebruikt).")]
    Keygen {
        /// Naam van de sleutel, bijvoorbeeld die van uw organisatie
        #[arg(value_name = "NAAM")]
        name: String,
    },
    /// Vertrouw regels die met deze sleutel zijn ondertekend
    #[command(after_help = "\
Voorbeelden:
  begrip rules trust om.pub

Controleer het kenmerk eerst bij de eigenaar van de sleutel, bijvoorbeeld aan de telefoon.")]
    Trust {
        /// De openbare sleutel
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
    },
}
