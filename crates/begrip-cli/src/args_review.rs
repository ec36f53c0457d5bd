//! The command line of `begrip review`.

use std::path::PathBuf;

use clap::Subcommand;

pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip review propose gebiedsgebod
  begrip review inbox
  begrip review accept gebiedsgebod
  begrip review history gebiedsgebod

Voorstellen en opmerken kan ook zonder netwerk: dat gaat mee met ‘begrip sync’. Vaststellen en
terugsturen gelden pas als de server het heeft bevestigd.";

#[derive(Debug, Subcommand)]
pub enum Review {
    /// Toon wat op een beoordeling wacht, wat is teruggestuurd en wat u zelf deed; maakt geen verbinding
    #[command(after_help = "\
Voorbeelden:
  begrip review inbox
  begrip review inbox --json")]
    Inbox,
    /// Stel een gedeeld begrip voor om vast te stellen
    #[command(after_help = "\
Voorbeelden:
  begrip review propose gebiedsgebod
  begrip review propose gebiedsgebod --reason \"past bij artikel 38v\"
  begrip review propose gebiedsgebod --withdrawal")]
    Propose {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Stel voor om een vastgesteld begrip te laten vervallen
        #[arg(long)]
        withdrawal: bool,
        /// Waarom
        #[arg(
            long,
            value_name = "TEKST",
            default_value = "",
            hide_default_value = true
        )]
        reason: String,
    },
    /// Neem een voorstel van uw organisatie terug
    #[command(after_help = "\
Voorbeelden:
  begrip review retract gebiedsgebod")]
    Retract {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
    },
    /// Doe wat is voorgesteld: stel vast, of laat vervallen; niet voor een tekst waaraan u meeschreef
    #[command(after_help = "\
Voorbeelden:
  begrip review accept gebiedsgebod
  begrip review accept gebiedsgebod --reason \"akkoord namens de werkgroep\"")]
    Accept {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Waarom
        #[arg(
            long,
            value_name = "TEKST",
            default_value = "",
            hide_default_value = true
        )]
        reason: String,
    },
    /// Stuur een voorstel terug, met de reden
    #[command(after_help = "\
Voorbeelden:
  begrip review reject gebiedsgebod --reason \"het onderscheid met het locatieverbod ontbreekt\"")]
    Reject {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Waarom
        #[arg(long, value_name = "TEKST")]
        reason: String,
    },
    /// Maak een opmerking bij een veld
    #[command(after_help = "\
Voorbeelden:
  begrip review comment gebiedsgebod \"noem ook de duur\"
  begrip review comment gebiedsgebod \"dit is geen synoniem\" --field synonyms")]
    Comment {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Wat u vindt
        #[arg(value_name = "TEKST")]
        text: String,
        /// Bij welk veld
        #[arg(long, value_name = "VELD", default_value = "definition")]
        field: String,
    },
    /// Begin een nieuwe tekst in de plaats van een vastgestelde
    #[command(after_help = "\
Voorbeelden:
  begrip review revise gebiedsgebod")]
    Revise {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
    },
    /// Toon wie wat wanneer deed, met welke regels en welk model
    #[command(after_help = "\
Voorbeelden:
  begrip review history gebiedsgebod
  begrip review history gebiedsgebod --output logboek.html
  begrip review history gebiedsgebod --output logboek.json")]
    History {
        /// Term of nummer (id)
        #[arg(value_name = "BEGRIP")]
        concept: String,
        /// Schrijf naar dit bestand: .html voor mensen, anders JSON
        #[arg(long, value_name = "BESTAND")]
        output: Option<PathBuf>,
    },
}
