//! The command line of `begrip batch`.

use std::path::PathBuf;

use begrip_app::schema::JobFormat;
use clap::{Args, Subcommand, ValueEnum};

/// What stands under the help of `begrip batch`.
pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip batch termen.csv --output resultaat.xlsx
  begrip batch termen.xlsx --concurrency 4 --output resultaat.json
  begrip batch --resume 0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e
  begrip batch --server termen.csv --output resultaat.xlsx

De eerste rij van het bestand geeft de namen van de kolommen: term, en naar keuze organisatie, rechtsgebied,
wet en categorie. Meer dan één in een cel: zet er ‘|’ tussen.";

/// A file of terms to be asked, or a batch to go on with.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Batch {
    /// CSV of Excel (.xlsx) met een kolom ‘term’; ‘-’ leest de standaardinvoer
    #[arg(
        value_name = "BESTAND",
        required_unless_present = "resume",
        conflicts_with = "resume"
    )]
    pub file: Option<PathBuf>,
    /// Ga verder met deze reeks; wat klaar is, wordt niet opnieuw gevraagd
    #[arg(long, value_name = "REEKS")]
    pub resume: Option<String>,
    /// Vraag ook de rijen die mislukten opnieuw
    #[arg(long, requires = "resume")]
    pub retry: bool,
    /// Zoveel vragen tegelijk (1-16; anders de instelling)
    #[arg(long, value_name = "AANTAL", conflicts_with = "server", value_parser = clap::value_parser!(u32).range(1..=16))]
    pub concurrency: Option<u32>,
    /// Laat de centrale server het werk doen; de reeks gaat door als dit programma stopt
    #[arg(long, global = true)]
    pub server: bool,
    #[command(flatten)]
    pub results: Results,

    #[command(subcommand)]
    pub command: Option<BatchCommand>,
}

/// Where results go.
#[derive(Debug, Args)]
pub struct Results {
    /// Schrijf de resultaten naar dit bestand; ‘-’ is de standaarduitvoer
    #[arg(long, value_name = "BESTAND")]
    pub output: Option<PathBuf>,
    /// Vorm van de resultaten: csv, xlsx of json (anders zegt het einde van de naam dat)
    #[arg(
        long,
        value_enum,
        value_name = "VORM",
        requires = "output",
        hide_possible_values = true
    )]
    pub format: Option<FormatArg>,
}

#[derive(Debug, Subcommand)]
pub enum BatchCommand {
    /// Som de reeksen op
    #[command(after_help = "\
Voorbeelden:
  begrip batch list
  begrip batch list --json")]
    List,
    /// Toon een reeks, of schrijf de resultaten
    #[command(after_help = "\
Voorbeelden:
  begrip batch show 0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e
  begrip batch show 0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e --output resultaat.xlsx")]
    Show {
        /// Nummer (id) van de reeks
        #[arg(value_name = "REEKS")]
        job: String,
        #[command(flatten)]
        results: Results,
    },
    /// Stop een reeks voorgoed; wat klaar is, blijft bewaard
    #[command(after_help = "\
Voorbeelden:
  begrip batch cancel 0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e")]
    Cancel {
        /// Nummer (id) van de reeks
        #[arg(value_name = "REEKS")]
        job: String,
    },
}

/// Names of the forms on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatArg {
    /// Voor een rekenblad, als tekst
    Csv,
    /// Excel
    Xlsx,
    /// Voor programma’s
    Json,
}

impl From<FormatArg> for JobFormat {
    fn from(arg: FormatArg) -> Self {
        match arg {
            FormatArg::Csv => Self::Csv,
            FormatArg::Xlsx => Self::Xlsx,
            FormatArg::Json => Self::Json,
        }
    }
}
