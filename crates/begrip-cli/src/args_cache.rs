//! The arguments of `begrip cache`.

use begrip_app::schema::CacheClear;
use clap::{Args as ClapArgs, Subcommand};

use crate::args::Place;

#[derive(Debug, Subcommand)]
pub enum Cache {
    /// Toon de cijfers
    #[command(after_help = "\
Voorbeelden:
  begrip cache stats
  begrip cache stats --json")]
    Stats,
    /// Verwijder bewaarde antwoorden: alle, of wat u noemt
    #[command(after_help = "\
Voorbeelden:
  begrip cache clear
  begrip cache clear --term verdachte
  begrip cache clear --pack 2026.1")]
    Clear(Clear),
    /// Vraag definities vooraf, zodat ze straks zonder netwerk klaarstaan
    #[command(after_help = "\
Voorbeelden:
  begrip cache warm verdachte vonnis
  begrip cache warm verdachte vonnis --org OM --legal strafrecht")]
    Warm {
        /// De termen
        #[arg(required = true, value_name = "TERM")]
        terms: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// What to remove.
#[derive(Debug, ClapArgs)]
pub struct Clear {
    #[command(flatten)]
    which: Which,
    /// Verwijder ook wat er voor bewaarde begrippen is gevraagd en geantwoord
    #[arg(long)]
    with_exchanges: bool,
}

/// Which answers; one thing at a time.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
struct Which {
    /// Alleen die van deze term
    #[arg(long)]
    term: Option<String>,
    /// Alleen dit antwoord, met de naam uit ‘entry’ van ‘begrip define --json’
    #[arg(long, value_name = "NAAM")]
    entry: Option<String>,
    /// Alleen die van dit model
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Alleen die van deze versie van de vraag
    #[arg(long, value_name = "VERSIE")]
    prompt: Option<String>,
    /// Alleen die van deze versie van de regels
    #[arg(long, value_name = "VERSIE")]
    pack: Option<String>,
    /// Alleen die van deze organisatie
    #[arg(long, value_name = "NAAM")]
    org: Option<String>,
}

impl From<Clear> for CacheClear {
    fn from(clear: Clear) -> Self {
        let which = clear.which;
        Self {
            term: which.term,
            entry: which.entry,
            model: which.model,
            prompt_version: which.prompt,
            pack_version: which.pack,
            organisation: which.org,
            with_exchanges: clear.with_exchanges,
        }
    }
}
