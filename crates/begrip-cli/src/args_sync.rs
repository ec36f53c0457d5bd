//! The command line of `begrip sync`.

use clap::{Args, Subcommand};

pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip sync
  begrip sync share gebiedsgebod --with DJI --with CJIB
  begrip sync conflicts

Zonder opdracht gaat wat wacht naar de server, komt wat nieuw is hierheen, en worden de controlegetallen
van beide kanten vergeleken. Alleen begrippen die u deelt gaan mee; uw notities nooit.";

/// `begrip sync`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sync {
    #[command(subcommand)]
    pub act: Option<SyncAct>,
    /// Neem over dat er opvallend veel begrippen tegelijk zijn vervallen
    #[arg(long)]
    pub accept_withdrawals: bool,
}

#[derive(Debug, Subcommand)]
pub enum SyncAct {
    /// Toon hoe het met delen staat; maakt geen verbinding
    #[command(after_help = "\
Voorbeelden:
  begrip sync status
  begrip sync status --json")]
    Status,
    /// Deel een begrip, of deel het met meer organisaties
    #[command(after_help = "\
Voorbeelden:
  begrip sync share gebiedsgebod
  begrip sync share gebiedsgebod --with DJI --with CJIB
  begrip sync share gebiedsgebod --own")]
    Share {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Alleen met deze organisatie (herhaal voor meer); anders met de hele keten
        #[arg(long, value_name = "NAAM", conflicts_with = "own")]
        with: Vec<String>,
        /// Alleen binnen de eigen organisatie
        #[arg(long)]
        own: bool,
    },
    /// Laat een gedeeld begrip voor iedereen vervallen; alleen wie het begon te delen kan dat
    #[command(after_help = "\
Voorbeelden:
  begrip sync withdraw gebiedsgebod")]
    Withdraw {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
    },
    /// Toon wat de server niet heeft overgenomen, met beide teksten
    #[command(after_help = "\
Voorbeelden:
  begrip sync conflicts
  begrip sync conflicts --json")]
    Conflicts,
    /// Kies tussen uw tekst en die van de server; wat u niet kiest, blijft in de geschiedenis
    #[command(after_help = "\
Voorbeelden:
  begrip sync settle gebiedsgebod --mine
  begrip sync settle gebiedsgebod --theirs
  begrip sync settle gebiedsgebod --mine --except explanation")]
    Settle {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Uw eigen tekst geldt
        #[arg(long, required_unless_present = "theirs")]
        mine: bool,
        /// De tekst van de server geldt
        #[arg(long, conflicts_with = "mine")]
        theirs: bool,
        /// Behalve voor dit veld, zoals ‘sync conflicts’ het noemt (herhaal voor meer)
        #[arg(long, value_name = "VELD")]
        except: Vec<String>,
    },
    /// Blijf gelijk met de server, tot Ctrl-C; een regel bij elke keer
    #[command(after_help = "\
Voorbeelden:
  begrip sync follow
  begrip sync follow --json")]
    Follow,
    /// Meld u aan bij de dienst van uw organisatie; toont de pagina die u in een browser opent
    #[command(after_help = "\
Voorbeelden:
  begrip sync sign-in
  begrip sync sign-in --open

Begrip wacht tot u klaar bent, ten hoogste vijf minuten. Ctrl-C stopt het wachten.")]
    SignIn {
        /// Open de pagina in de browser van deze computer
        #[arg(long)]
        open: bool,
    },
    /// Meld u af; wat u deelde en wat nog wacht, blijft
    #[command(after_help = "\
Voorbeelden:
  begrip sync sign-out")]
    SignOut,
    /// Toon als wie deze computer bij de server bekend is; maakt geen verbinding
    #[command(after_help = "\
Voorbeelden:
  begrip sync who
  begrip sync who --json")]
    Who,
}
