//! The command line.

use std::path::{Path, PathBuf};

use begrip_app::schema::DraftInput;
use begrip_app::{ErrorCode, UserError};
use begrip_domain::{Category, Context, Label, Status};
use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::args_admin::Admin;
use crate::args_batch::{Batch, EXAMPLES};
use crate::args_cache::Cache;
use crate::args_experiment::{Experiment, Flags};
use crate::args_review::Review;
use crate::args_rules::Rules;
use crate::args_sync::Sync;
use crate::costs::{By, Prices};
use crate::definitions::Kind;
use crate::findings::Format;
use crate::privacy::OfCase;
use crate::settings::Settings;
use crate::sources::Sources;

/// Juridische begrippen opzoeken, opstellen en toetsen.
#[derive(Debug, Parser)]
#[command(
    name = "begrip",
    version,
    after_help = "\
Uitgangscodes:
  0    gelukt
  1    mislukt; de melding zegt wat er is en wat u kunt doen
  2    de opdrachtregel klopt niet
  3    niet gevonden
  4    getoetst: een blokkerende regel faalt
  5    het taalmodel is niet ingesteld, niet bereikbaar of gaf geen bruikbaar antwoord
  130  gestopt met Ctrl-C

Omgevingsvariabelen:
  BEGRIP_HOME       map met de gegevens; --home gaat voor
  BEGRIP_LLM_URL    adres van het taalmodel; gaat voor de instellingen
  BEGRIP_LLM_MODEL  naam van het model
  BEGRIP_LLM_KEY    sleutel van het model
  BEGRIP_SERVER_URL    adres van de centrale server; gaat voor de instellingen
  BEGRIP_SERVER_TOKEN  toegangssleutel van de centrale server
  BEGRIP_KEYRING    ‘off’: gebruik de sleutelbos van deze computer niet
  BEGRIP_LOG        meldingen voor de beheerder, bijvoorbeeld ‘debug’
  NO_COLOR          geen vette letters en kleuren

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

    /// Map met de gegevens van Begrip (anders BEGRIP_HOME, anders de gewone map van uw account)
    #[arg(long, global = true, value_name = "MAP")]
    pub home: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Zoek een term op, zonder netwerk
    #[command(after_help = "\
Voorbeelden:
  begrip lookup verdachte
  begrip lookup 'voorlopige hechtenis' --limit 3 --json")]
    Lookup {
        /// De term, of een deel ervan
        term: String,
        /// Ten hoogste zoveel resultaten (1-100)
        #[arg(long, value_name = "AANTAL", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Alleen wat op deze dag geldt (2026-01-31)
        #[arg(long, value_name = "DAG")]
        on: Option<String>,
    },
    /// Laat een taalmodel een definitie opstellen en toets die
    #[command(after_help = "\
Voorbeelden:
  begrip define contactverbod --org OM --legal strafrecht
  begrip define contactverbod --org OM --legal strafrecht --keep
  begrip define contactverbod --refine 'Maak het korter' --refine 'Noem de rechter'
  begrip define contactverbod --org OM --legal strafrecht --offline --json")]
    Define {
        #[command(flatten)]
        input: Input,
        /// Vraag daarna een andere versie, naar deze wens; mag vaker, op volgorde
        #[arg(long, value_name = "WENS")]
        refine: Vec<String>,
        /// Vraag het model opnieuw, ook als er een bewaard antwoord is; met --refine de laatste versie
        #[arg(long)]
        fresh: bool,
        /// Gebruik alleen bewaarde antwoorden; maak geen verbinding
        #[arg(long, conflicts_with = "fresh")]
        offline: bool,
        /// Bewaar het resultaat als begrip in voorbereiding
        #[arg(long)]
        keep: bool,
    },
    /// Stel een definitie op en toon hoe lang elke stap duurt
    #[command(after_help = "\
Voorbeelden:
  begrip trace contactverbod --org OM --legal strafrecht
  begrip trace contactverbod --org OM --legal strafrecht --json")]
    Trace {
        #[command(flatten)]
        input: Input,
        /// Vraag het model opnieuw, ook als er een bewaard antwoord is
        #[arg(long)]
        fresh: bool,
        /// Gebruik alleen bewaarde antwoorden; maak geen verbinding
        #[arg(long, conflicts_with = "fresh")]
        offline: bool,
    },
    /// Toets een definitie met alle regels
    #[command(after_help = "\
Voorbeelden:
  begrip check --term vonnis 'beslissing van een rechter'
  echo 'beslissing van een rechter' | begrip check --term vonnis -
  begrip check --from definities.csv
  begrip check --from definities.csv --format html --output bevindingen.html
  begrip check --jsonl definities.jsonl

Elke regel van --jsonl is {\"term\":…,\"text\":…} met naar keuze id, org, legal, basis en category.
Een tabel (CSV) heeft kolommen met dezelfde namen; term en definitie zijn genoeg.")]
    Check {
        /// De definitie; ‘-’ leest haar van de standaardinvoer
        #[arg(
            value_name = "DEFINITIE",
            required_unless_present_any = ["from", "jsonl"],
            conflicts_with_all = ["from", "jsonl"]
        )]
        text: Option<String>,
        /// De term waar de definitie bij hoort
        #[arg(long, default_value = "", hide_default_value = true)]
        term: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        many: Many,
    },
    /// Laat definities opstellen van alle termen in een bestand
    #[command(after_help = EXAMPLES)]
    Batch(Batch),
    /// Toon de vraag die naar het taalmodel zou gaan; er wordt niets verstuurd
    #[command(after_help = "\
Voorbeelden:
  begrip prompt vonnis --org OM --legal strafrecht
  begrip prompt vonnis --org OM --legal strafrecht --basis 'Wetboek van Strafvordering' --json")]
    Prompt {
        #[command(flatten)]
        input: Input,
    },
    /// Toon wat in een tekst wordt gepseudonimiseerd; er wordt niets verstuurd
    #[command(after_help = "\
Voorbeelden:
  begrip privacy zaak.txt --party 'verdachte: Jan Jansen'
  echo 'Mevrouw De Wit belde 06-12345678.' | begrip privacy - --json")]
    Privacy {
        /// Het bestand met de tekst; ‘-’ leest de standaardinvoer
        #[arg(value_name = "BESTAND")]
        file: PathBuf,
        #[command(flatten)]
        privacy: OfCase,
    },
    /// Begrippen op deze computer
    #[command(
        subcommand,
        after_help = "\
Voorbeelden:
  begrip concepts list --text hechtenis
  begrip concepts show verdachte"
    )]
    Concepts(Concepts),
    /// Regels lezen, proberen, wijzigen en delen
    #[command(
        subcommand,
        after_help = "\
Voorbeelden:
  begrip rules list --text lidwoord
  begrip rules show STR-06"
    )]
    Rules(Rules),
    /// Wetten en uitspraken op deze computer
    #[command(
        subcommand,
        after_help = "\
Voorbeelden:
  begrip sources import wetten.zip
  begrip sources show Sv 67"
    )]
    Sources(Sources),
    /// Bewaarde antwoorden van het taalmodel
    #[command(
        subcommand,
        after_help = "\
Voorbeelden:
  begrip cache stats
  begrip cache warm verdachte vonnis --org OM"
    )]
    Cache(Cache),
    /// Wat de aanroepen van een maand kostten, en wat bewaarde antwoorden bespaarden
    #[command(after_help = "\
Voorbeelden:
  begrip costs
  begrip costs --month 2026-11 --by model
  begrip costs --by day --csv > kosten.csv")]
    Costs {
        /// Maand als jaar en maand, bijvoorbeeld 2026-11 (anders deze maand)
        #[arg(long, value_name = "MAAND")]
        month: Option<String>,
        /// Wat de regels zijn: day, model, task, prompt of arm
        #[arg(
            long,
            value_enum,
            value_name = "SOORT",
            default_value = "day",
            hide_possible_values = true
        )]
        by: By,
        /// Schrijf een tabel (CSV)
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Prijzen van taalmodellen
    #[command(
        subcommand,
        after_help = "\
Voorbeelden:
  begrip prices list
  begrip prices set gpt-4o --in 2.30 --out 9.20"
    )]
    Prices(Prices),
    /// Vergelijk versies van de opdracht aan het taalmodel
    #[command(subcommand, after_help = crate::experiment::EXAMPLES)]
    Experiment(Experiment),
    /// Welke proeven met de opdracht er lopen
    #[command(subcommand, after_help = crate::experiment::FLAGS_EXAMPLES)]
    Flags(Flags),
    /// Deel begrippen met andere organisaties via de centrale server
    #[command(after_help = crate::args_sync::EXAMPLES)]
    Sync(Sync),
    /// Stel gedeelde begrippen voor, beoordeel ze en zie wie wat deed
    #[command(subcommand, after_help = crate::args_review::EXAMPLES)]
    Review(Review),
    /// Beheer de gebruikers, toegangssleutels en grenzen van uw organisatie
    #[command(subcommand, after_help = crate::args_admin::EXAMPLES)]
    Admin(Admin),
    /// Toon of wijzig wat u kunt instellen
    #[command(after_help = crate::settings::EXAMPLES)]
    Settings(Settings),
    /// Doe nu wat het venster elke dag zelf doet: bijwerken en opruimen
    #[command(after_help = "\
Voorbeelden:
  begrip upkeep
  begrip upkeep --json")]
    Upkeep,
    /// Kijk of alles in orde is
    #[command(after_help = "\
Voorbeelden:
  begrip doctor
  begrip doctor --json")]
    Doctor,
}

#[derive(Debug, Subcommand)]
pub enum Concepts {
    /// Som begrippen op
    #[command(after_help = "\
Voorbeelden:
  begrip concepts list
  begrip concepts list --text hechtenis --limit 5
  begrip concepts list --status in_preparation --json")]
    List {
        /// Alleen begrippen met deze tekst
        #[arg(long, default_value = "", hide_default_value = true)]
        text: String,
        /// Alleen deze status
        #[arg(long, value_parser = PossibleValuesParser::new(Status::ALL.map(Status::as_str)))]
        status: Option<String>,
        /// Alleen wat op deze dag geldt (2026-01-31)
        #[arg(long, value_name = "DAG")]
        on: Option<String>,
        /// Ten hoogste zoveel (1-500)
        #[arg(long, value_name = "AANTAL", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Sla er zoveel over
        #[arg(long, value_name = "AANTAL", default_value_t = 0)]
        offset: u32,
    },
    /// Toon één begrip, op term of nummer
    #[command(after_help = "\
Voorbeelden:
  begrip concepts show verdachte
  begrip concepts show verdachte --history --json")]
    Show {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Toon ook de geschiedenis
        #[arg(long)]
        history: bool,
    },
    /// Toon wat er aan het taalmodel is gevraagd en wat het antwoordde, op de letter
    #[command(after_help = "\
Voorbeelden:
  begrip concepts exchange verdachte
  begrip concepts exchange verdachte --json")]
    Exchange {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
    },
    /// Voeg een begrip toe
    #[command(after_help = "\
Voorbeelden:
  begrip concepts add gebiedsgebod --definition 'bevel om op een bepaalde plaats te blijven' --org OM
  begrip concepts add --from begrippen.json --skip-existing
  begrip concepts add --from - < begrip.json

Het bestand van --from bevat één begrip of een lijst, zoals ‘begrip concepts export’ schrijft. Elk
begrip krijgt een nieuw nummer en de status ‘in voorbereiding’.")]
    Add {
        /// De term
        #[arg(required_unless_present = "from", conflicts_with = "from")]
        term: Option<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        texts: Texts,
        /// Lees begrippen uit dit JSON-bestand; ‘-’ leest de standaardinvoer
        #[arg(long, value_name = "BESTAND", conflicts_with_all = FIELDS)]
        from: Option<PathBuf>,
        /// Sla begrippen over die er in dezelfde context al zijn
        #[arg(long, requires = "from")]
        skip_existing: bool,
    },
    /// Wijzig een begrip in voorbereiding; wat u niet noemt, blijft staan
    #[command(after_help = "\
Voorbeelden:
  begrip concepts edit gebiedsgebod --explanation 'Iemand moet in een gebied blijven.'
  begrip concepts edit gebiedsgebod --synonym locatiegebod --base-version 1 --reason 'synoniem'
  begrip concepts edit gebiedsgebod --from begrip.json")]
    Edit {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        texts: Texts,
        /// Lees alle velden uit dit JSON-bestand; ‘-’ leest de standaardinvoer
        #[arg(long, value_name = "BESTAND", conflicts_with_all = FIELDS)]
        from: Option<PathBuf>,
        /// De versie die u hebt gezien; is er intussen een nieuwere, dan wordt niets gewijzigd
        #[arg(long, value_name = "VERSIE")]
        base_version: Option<u32>,
        /// Waarom
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Schrijf alle begrippen als JSON
    #[command(after_help = "\
Voorbeelden:
  begrip concepts export > begrippen.json
  begrip concepts export --output begrippen.json")]
    Export {
        /// Naar dit bestand (anders de standaarduitvoer)
        #[arg(long, value_name = "BESTAND")]
        output: Option<PathBuf>,
    },
}

/// The options that give a concept's fields one by one.
const FIELDS: [&str; 12] = [
    "org",
    "legal",
    "basis",
    "category",
    "definition",
    "explanation",
    "example",
    "synonym",
    "antonym",
    "valid_from",
    "valid_until",
    "notes",
];

/// A file of definitions, and where what the rules say of it goes.
#[derive(Debug, ClapArgs)]
pub struct Many {
    /// Toets elke definitie van dit bestand; ‘-’ leest de standaardinvoer
    #[arg(long, value_name = "BESTAND", conflicts_with_all = PLACE)]
    pub from: Option<PathBuf>,
    /// Wat voor bestand het is (anders zegt het einde van de naam dat)
    #[arg(
        long = "type",
        value_enum,
        value_name = "SOORT",
        requires = "from",
        hide_possible_values = true
    )]
    pub kind: Option<Kind>,
    /// Toets elke regel van dit JSONL-bestand en antwoord met één regel JSON; ‘-’ leest de standaardinvoer
    #[arg(long, value_name = "BESTAND", conflicts_with = "from")]
    pub jsonl: Option<PathBuf>,
    /// Vorm van de bevindingen van een bestand: table, json, jsonl, csv, sarif of html
    #[arg(
        long,
        value_enum,
        value_name = "VORM",
        conflicts_with = "text",
        hide_possible_values = true
    )]
    pub format: Option<Format>,
    /// Schrijf de bevindingen naar dit bestand (anders naar de standaarduitvoer)
    #[arg(long, value_name = "BESTAND", conflicts_with = "text")]
    pub output: Option<PathBuf>,
}

impl Many {
    /// The file, where one was named.
    pub fn file(&self) -> Option<&Path> {
        self.from.as_deref().or(self.jsonl.as_deref())
    }
}

/// The options that place one definition; a file says that for each of its own.
const PLACE: [&str; 5] = ["term", "org", "legal", "basis", "category"];

/// A term and where it has its meaning.
#[derive(Debug, ClapArgs)]
pub struct Input {
    /// De term
    pub term: String,
    #[command(flatten)]
    pub place: Place,
    /// Eigen notities voor het model
    #[arg(
        long,
        value_name = "TEKST",
        default_value = "",
        hide_default_value = true
    )]
    pub notes: String,
    #[command(flatten)]
    pub privacy: OfCase,
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
    #[arg(long, value_enum, value_name = "CATEGORIE")]
    pub category: Option<CategoryArg>,
}

/// Texts of a concept; those left out stay as they are.
#[derive(Debug, ClapArgs)]
pub struct Texts {
    /// De definitie
    #[arg(long, value_name = "TEKST")]
    pub definition: Option<String>,
    /// De toelichting
    #[arg(long, value_name = "TEKST")]
    pub explanation: Option<String>,
    /// Een voorbeeld; mag vaker, een lege tekst haalt ze weg
    #[arg(long, value_name = "TEKST")]
    pub example: Vec<String>,
    /// Een synoniem; mag vaker, een lege tekst haalt ze weg
    #[arg(long, value_name = "NAAM")]
    pub synonym: Vec<String>,
    /// Een term met de tegengestelde betekenis; mag vaker, een lege tekst haalt ze weg
    #[arg(long, value_name = "NAAM")]
    pub antonym: Vec<String>,
    /// De eerste dag waarop het begrip geldt, als 2026-01-31; een lege tekst haalt hem weg
    #[arg(long, value_name = "DATUM")]
    pub valid_from: Option<String>,
    /// De laatste dag waarop het begrip geldt; een lege tekst haalt hem weg
    #[arg(long, value_name = "DATUM")]
    pub valid_until: Option<String>,
    /// Uw eigen notities
    #[arg(long, value_name = "TEKST")]
    pub notes: Option<String>,
}

/// Names of the categories on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CategoryArg {
    /// Een soort ding
    #[value(alias = "soort")]
    Type,
    /// Eén bepaald ding
    #[value(alias = "exemplaar")]
    Particular,
    /// Iets wat gebeurt of gedaan wordt
    #[value(alias = "proces")]
    Process,
    /// De uitkomst van een handeling
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
            privacy: self.privacy.choices(),
            refine: None,
        })
    }
}
