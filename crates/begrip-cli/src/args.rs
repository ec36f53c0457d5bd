//! The command line.

use std::path::PathBuf;

use begrip_app::schema::DraftInput;
use begrip_app::{ErrorCode, UserError};
use begrip_domain::{Category, Context, Label};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Juridische begrippen opzoeken, opstellen en toetsen.
#[derive(Debug, Parser)]
#[command(
    name = "begrip",
    version,
    after_help = "\
Uitgangscodes:
  0  gelukt
  1  mislukt; de melding zegt wat er is en wat u kunt doen
  2  de opdrachtregel klopt niet
  3  niet gevonden
  4  getoetst: een blokkerende regel faalt
  5  het taalmodel is niet ingesteld of niet bereikbaar

Voorbeelden:
  begrip lookup verdachte
  begrip define reclasseringstoezicht --org OM --legal strafrecht
  begrip check --term vonnis 'schriftelijke beslissing van een rechter in een strafzaak'
  begrip check --jsonl definities.jsonl > bevindingen.jsonl
  begrip concepts export --output begrippen.json"
)]
pub struct Args {
    /// Schrijf JSON voor scripts
    #[arg(long, global = true)]
    pub json: bool,

    /// Map met de gegevens van Begrip (anders de gewone map van uw account)
    #[arg(long, global = true, env = "BEGRIP_HOME", value_name = "MAP")]
    pub home: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Zoek een term op, zonder netwerk
    #[command(after_help = "Voorbeeld: begrip lookup 'voorlopige hechtenis' --json")]
    Lookup {
        /// De term, of een deel ervan
        term: String,
        /// Ten hoogste zoveel resultaten (1-100)
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Laat een taalmodel een definitie opstellen en toets die
    #[command(
        after_help = "Voorbeeld: begrip define contactverbod --org OM --legal strafrecht --keep"
    )]
    Define {
        #[command(flatten)]
        input: Input,
        /// Vraag het model opnieuw, ook als er een bewaard antwoord is
        #[arg(long)]
        fresh: bool,
        /// Gebruik alleen bewaarde antwoorden; maak geen verbinding
        #[arg(long, conflicts_with = "fresh")]
        offline: bool,
        /// Bewaar het resultaat als begrip in voorbereiding
        #[arg(long)]
        keep: bool,
    },
    /// Toets een definitie met alle regels
    #[command(after_help = "\
Voorbeelden:
  begrip check --term vonnis 'beslissing van een rechter'
  echo 'beslissing van een rechter' | begrip check --term vonnis -
  begrip check --jsonl definities.jsonl

Elke regel van --jsonl is {\"term\":…,\"text\":…} met naar keuze id, org, legal, basis en category.")]
    Check {
        /// De definitie; ‘-’ leest haar van de standaardinvoer
        #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
        text: Option<String>,
        /// De term waar de definitie bij hoort
        #[arg(long, default_value = "")]
        term: String,
        #[command(flatten)]
        place: Place,
        /// Toets elke regel van dit JSONL-bestand; ‘-’ leest de standaardinvoer
        #[arg(long, value_name = "BESTAND")]
        jsonl: Option<PathBuf>,
    },
    /// Toon de vraag die naar het taalmodel zou gaan
    #[command(after_help = "Voorbeeld: begrip prompt vonnis --org OM --legal strafrecht --json")]
    Prompt {
        #[command(flatten)]
        input: Input,
    },
    /// Begrippen op deze computer
    #[command(subcommand)]
    Concepts(Concepts),
    /// Bewaarde antwoorden van het taalmodel
    #[command(subcommand)]
    Cache(Cache),
    /// Kijk of alles in orde is
    Doctor,
}

#[derive(Debug, Subcommand)]
pub enum Concepts {
    /// Som begrippen op
    List {
        /// Alleen begrippen met deze tekst
        #[arg(long, default_value = "")]
        text: String,
        /// Alleen deze status, bijvoorbeeld in_preparation
        #[arg(long)]
        status: Option<String>,
        /// Ten hoogste zoveel (1-500)
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Sla er zoveel over
        #[arg(long, default_value_t = 0)]
        offset: u32,
    },
    /// Toon één begrip, op term of nummer
    Show {
        /// Term of nummer (id)
        concept: String,
        /// Toon ook de geschiedenis
        #[arg(long)]
        history: bool,
    },
    /// Voeg een begrip toe
    Add {
        /// De term
        term: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        texts: Texts,
    },
    /// Wijzig een begrip in voorbereiding
    Edit {
        /// Term of nummer (id)
        concept: String,
        #[command(flatten)]
        texts: Texts,
        /// Waarom
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Schrijf alle begrippen als JSON
    Export {
        /// Naar dit bestand (anders de standaarduitvoer)
        #[arg(long, value_name = "BESTAND")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Cache {
    /// Toon de cijfers
    Stats,
    /// Verwijder bewaarde antwoorden
    Clear {
        /// Alleen die van deze term
        #[arg(long)]
        term: Option<String>,
    },
    /// Vraag definities vooraf, zodat ze straks zonder netwerk klaarstaan
    Warm {
        /// De termen
        #[arg(required = true)]
        terms: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// A term and where it has its meaning.
#[derive(Debug, ClapArgs)]
pub struct Input {
    /// De term
    pub term: String,
    #[command(flatten)]
    pub place: Place,
    /// Eigen notities voor het model
    #[arg(long, default_value = "")]
    pub notes: String,
}

/// Context and category.
#[derive(Debug, Clone, ClapArgs)]
pub struct Place {
    /// Organisatie; mag vaker
    #[arg(long, value_name = "NAAM")]
    pub org: Vec<String>,
    /// Rechtsgebied; mag vaker
    #[arg(long, value_name = "NAAM")]
    pub legal: Vec<String>,
    /// Wet; mag vaker
    #[arg(long, value_name = "NAAM")]
    pub basis: Vec<String>,
    /// Categorie
    #[arg(long, value_enum)]
    pub category: Option<CategoryArg>,
}

/// Texts of a concept; those left out stay as they are.
#[derive(Debug, ClapArgs)]
pub struct Texts {
    /// De definitie
    #[arg(long)]
    pub definition: Option<String>,
    /// De toelichting
    #[arg(long)]
    pub explanation: Option<String>,
    /// Een voorbeeld; mag vaker
    #[arg(long)]
    pub example: Vec<String>,
    /// Een synoniem; mag vaker
    #[arg(long)]
    pub synonym: Vec<String>,
}

/// Names of the categories on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CategoryArg {
    /// Een soort ding
    Type,
    /// Eén bepaald ding
    #[value(alias = "exemplaar")]
    Particular,
    /// Iets wat gebeurt of gedaan wordt
    #[value(alias = "proces")]
    Process,
    /// Wat een handeling nalaat
    #[value(alias = "resultaat")]
    Result,
}

impl From<CategoryArg> for Category {
    fn from(arg: CategoryArg) -> Self {
        match arg {
            CategoryArg::Type => Self::Type,
            CategoryArg::Particular => Self::Particular,
            CategoryArg::Process => Self::Process,
            CategoryArg::Result => Self::Result,
        }
    }
}

impl Place {
    /// The context; a label that is empty or too long is refused by name.
    pub fn context(&self) -> Result<Context, UserError> {
        Ok(Context {
            organisations: labels(&self.org)?,
            legal_areas: labels(&self.legal)?,
            statutory_bases: labels(&self.basis)?,
        })
    }
}

/// Labels of these texts; the first that is empty or too long is the error.
pub fn labels<C: FromIterator<Label>>(texts: &[String]) -> Result<C, UserError> {
    texts.iter().map(|text| label(text)).collect()
}

/// The label of this text.
pub fn label(text: &str) -> Result<Label, UserError> {
    Label::new(text).map_err(|error| match error {
        begrip_domain::LabelError::Empty => UserError::new(ErrorCode::TermEmpty, ""),
        begrip_domain::LabelError::TooLong(n) => {
            UserError::new(ErrorCode::TermTooLong, n.to_string())
        }
    })
}

impl Input {
    /// What a draft is asked for.
    pub fn draft(&self) -> Result<DraftInput, UserError> {
        Ok(DraftInput {
            term: self.term.clone(),
            context: self.place.context()?,
            category: self.place.category.map(Category::from),
            notes: self.notes.clone(),
        })
    }
}
