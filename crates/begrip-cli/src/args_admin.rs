//! The command line of `begrip admin`.

use std::str::FromStr;

use begrip_app::schema::Role;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};

pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip admin users
  begrip admin add-user anna --role author --email anna@om.example
  begrip admin make-token nachtrun --days 90
  begrip admin quota --day-euro 25

Voor beheerders, en alleen voor de eigen organisatie. U doet het als wie u bent aangemeld (‘begrip sync
sign-in’); de server schrijft elke handeling op.";

/// The roles, as they are typed.
fn roles() -> impl TypedValueParser<Value = Role> {
    let names = PossibleValuesParser::new(Role::ALL.map(Role::as_str));
    names.try_map(|name| Role::parse(&name).ok_or("geen rol"))
}

/// A bound, or none.
#[derive(Clone, Copy, Debug)]
pub struct Bound<T>(pub Option<T>);

impl<T: FromStr> FromStr for Bound<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "geen" => Ok(Self(None)),
            number => {
                // "inf" and "nan" are numbers too, and would be sent as no bound at all.
                let is_amount = number
                    .parse::<f64>()
                    .is_ok_and(|amount| amount.is_finite() && amount >= 0.0);
                match number.parse() {
                    Ok(bound) if is_amount => Ok(Self(Some(bound))),
                    _ => Err("een getal, of ‘geen’".to_owned()),
                }
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Som op wie er voor uw organisatie mag vragen
    #[command(after_help = "\
Voorbeelden:
  begrip admin users
  begrip admin users --json")]
    Users,
    /// Voeg een gebruiker toe
    #[command(after_help = "\
Voorbeelden:
  begrip admin add-user anna --role author --email anna@om.example
  begrip admin add-user nachtrun --role author")]
    AddUser {
        /// Naam binnen uw organisatie
        #[arg(value_name = "NAAM")]
        name: String,
        /// Wat deze gebruiker mag
        #[arg(long, value_name = "ROL", value_parser = roles())]
        role: Role,
        /// Nodig deze persoon uit: wie zich het eerst met dit adres aanmeldt, is deze gebruiker
        #[arg(long, value_name = "ADRES")]
        email: Option<String>,
    },
    /// Geef een gebruiker een andere rol of een uitnodiging, of sluit het account
    #[command(after_help = "\
Voorbeelden:
  begrip admin change-user anna --role reviewer
  begrip admin change-user anna --close
  begrip admin change-user anna --open")]
    ChangeUser {
        /// Naam binnen uw organisatie
        #[arg(value_name = "NAAM")]
        name: String,
        /// Wat deze gebruiker voortaan mag
        #[arg(long, value_name = "ROL", value_parser = roles())]
        role: Option<Role>,
        /// Nodig deze persoon uit met dit adres
        #[arg(long, value_name = "ADRES")]
        email: Option<String>,
        /// Sluit het account
        #[arg(long)]
        close: bool,
        /// Open het account weer
        #[arg(long, conflicts_with = "close")]
        open: bool,
    },
    /// Laat niemand zich meer aanmelden als deze gebruiker
    #[command(after_help = "\
Voorbeelden:
  begrip admin unlink-user anna")]
    UnlinkUser {
        /// Naam binnen uw organisatie
        #[arg(value_name = "NAAM")]
        name: String,
    },
    /// Som de toegangssleutels van uw organisatie op, zonder de sleutels zelf
    #[command(after_help = "\
Voorbeelden:
  begrip admin tokens")]
    Tokens,
    /// Maak een toegangssleutel voor een programma; hij wordt één keer getoond
    #[command(after_help = "\
Voorbeelden:
  begrip admin make-token nachtrun --days 90")]
    MakeToken {
        /// De gebruiker die hem krijgt
        #[arg(value_name = "NAAM")]
        user: String,
        /// Na zoveel dagen geldt hij niet meer (1-365)
        #[arg(long, value_name = "DAGEN", value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
    },
    /// Trek een toegangssleutel in
    #[command(after_help = "\
Voorbeelden:
  begrip admin revoke-token 0197c1b2-0000-7000-8000-000000000001")]
    RevokeToken {
        /// Nummer, zoals ‘begrip admin tokens’ het noemt
        #[arg(value_name = "NUMMER")]
        token: String,
    },
    /// Toon wat uw organisatie aan taalmodellen uitgaf en mag uitgeven, of stel een eigen grens in
    #[command(after_help = "\
Voorbeelden:
  begrip admin quota
  begrip admin quota --day-euro 25 --month-tokens 5000000
  begrip admin quota --day-euro geen

Een grens die u niet noemt, blijft. Van uw grens en die van de exploitant geldt de laagste.")]
    Quota {
        /// Tokens op een dag, of ‘geen’
        #[arg(long, value_name = "AANTAL")]
        day_tokens: Option<Bound<u64>>,
        /// Tokens in een maand, of ‘geen’
        #[arg(long, value_name = "AANTAL")]
        month_tokens: Option<Bound<u64>>,
        /// Euro op een dag, of ‘geen’
        #[arg(long, value_name = "EURO")]
        day_euro: Option<Bound<f64>>,
        /// Euro in een maand, of ‘geen’
        #[arg(long, value_name = "EURO")]
        month_euro: Option<Bound<f64>>,
    },
    /// Toon wie wat deed in het beheer, het laatste eerst
    #[command(after_help = "\
Voorbeelden:
  begrip admin log
  begrip admin log --before 120")]
    Log {
        /// Alleen wat voor dit nummer gebeurde
        #[arg(long, value_name = "NUMMER")]
        before: Option<i64>,
    },
}
