//! Organisations, users and tokens, on the command line. Works with the owner's role: the role that
//! serves can neither list nor change these.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use anyhow::{Context, Result, bail};
use begrip_sync::Role;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::gateway::usage::{self, Budget};
use crate::settings::Settings;
use crate::{database, token as tokens};

#[derive(Subcommand)]
pub enum OrganisationAct {
    /// Voeg een organisatie toe
    Add {
        /// Korte naam, zoals OM
        name: String,
        /// Volledige naam
        #[arg(long, value_name = "NAAM")]
        title: Option<String>,
    },
    /// Som de organisaties op
    List,
    /// Leg vast wat een organisatie aan modellen mag uitgeven; wat u weglaat, heeft geen grens
    Budget(Budget),
}

#[derive(Subcommand)]
pub enum UserAct {
    /// Voeg een gebruiker toe, of geef een andere rol
    Add {
        /// Naam
        name: String,
        /// Organisatie
        #[arg(long, value_name = "NAAM")]
        organisation: String,
        /// Rol
        #[arg(long, value_name = "ROL", value_parser = PossibleValuesParser::new(Role::ALL.map(Role::as_str)))]
        role: String,
    },
    /// Som de gebruikers op
    List,
    /// Sluit een gebruiker af; wat deze deed, blijft
    Disable {
        /// Naam
        name: String,
        /// Organisatie
        #[arg(long, value_name = "NAAM")]
        organisation: String,
    },
}

#[derive(Subcommand)]
pub enum TokenAct {
    /// Maak een toegangssleutel; zij wordt één keer getoond
    Create {
        /// Gebruiker
        user: String,
        /// Organisatie
        #[arg(long, value_name = "NAAM")]
        organisation: String,
        /// Geldig voor zoveel dagen (anders tot intrekking)
        #[arg(long, value_name = "DAGEN", value_parser = clap::value_parser!(i32).range(1..=3650))]
        days: Option<i32>,
    },
    /// Som de toegangssleutels op; de sleutels zelf staan er niet bij
    List,
    /// Trek een toegangssleutel in; zij geldt meteen niet meer
    Revoke {
        /// Nummer, uit ‘token list’
        id: Uuid,
    },
}

/// Organisations.
pub async fn organisation(settings: &Settings, act: OrganisationAct) -> Result<()> {
    let client = database::owner(settings).await?;
    match act {
        OrganisationAct::Add { name, title } => {
            let title = title.unwrap_or_else(|| name.clone());
            let added = client
                .execute(
                    "INSERT INTO organisation (name, title) VALUES ($1, $2)",
                    &[&name, &title],
                )
                .await;
            match added {
                Ok(_) => println!("{name} is toegevoegd."),
                Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                    bail!("{name} is er al")
                }
                Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                    bail!(
                        "{name}: kies letters, cijfers, spaties, punten en streepjes, ten hoogste 64"
                    )
                }
                Err(error) => return Err(error.into()),
            }
        }
        OrganisationAct::Budget(budget) => usage::set_budget(&client, budget).await?,
        OrganisationAct::List => {
            for row in client
                .query("SELECT name, title FROM organisation ORDER BY name", &[])
                .await?
            {
                println!("{}\t{}", row.get::<_, &str>(0), row.get::<_, &str>(1));
            }
        }
    }
    Ok(())
}

/// Users.
pub async fn user(settings: &Settings, act: UserAct) -> Result<()> {
    let client = database::owner(settings).await?;
    match act {
        UserAct::Add {
            name,
            organisation,
            role,
        } => {
            let added = client
                .execute(
                    "INSERT INTO account (organisation, name, role) VALUES ($1, $2, $3) \
                     ON CONFLICT (organisation, name) DO UPDATE SET role = $3, disabled_at = NULL",
                    &[&organisation, &name, &role],
                )
                .await;
            match added {
                Ok(_) => println!("{name} van {organisation} is nu {role}."),
                Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
                    bail!("de organisatie {organisation} is er niet")
                }
                Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                    bail!("een naam heeft 1 tot en met 200 tekens")
                }
                Err(error) => return Err(error.into()),
            }
        }
        UserAct::List => {
            let sql = "SELECT organisation, name, role, disabled_at IS NOT NULL FROM account ORDER BY 1, 2";
            for row in client.query(sql, &[]).await? {
                let closed = if row.get(3) { "\tafgesloten" } else { "" };
                let column = |at| row.get::<_, String>(at);
                println!("{}\t{}\t{}{closed}", column(0), column(1), column(2));
            }
        }
        UserAct::Disable { name, organisation } => {
            let id = account(&client, &organisation, &name).await?;
            client
                .execute(
                    "UPDATE account SET disabled_at = now() WHERE id = $1",
                    &[&id],
                )
                .await?;
            println!("{name} van {organisation} is afgesloten.");
        }
    }
    Ok(())
}

/// Tokens.
pub async fn token(settings: &Settings, act: TokenAct) -> Result<()> {
    let client = database::owner(settings).await?;
    match act {
        TokenAct::Create {
            user,
            organisation,
            days,
        } => {
            let account = account(&client, &organisation, &user).await?;
            let (id, secret, hash) = tokens::make()?;
            client
                .execute(
                    "INSERT INTO token (id, account, hash, expires_at) \
                     VALUES ($1, $2, $3, now() + make_interval(days => $4))",
                    &[&id, &account, &hash, &days],
                )
                .await?;
            println!("{secret}");
        }
        TokenAct::List => {
            let sql = "SELECT t.id, a.organisation, a.name, t.expires_at, t.revoked_at IS NOT NULL \
                       FROM token t JOIN account a ON a.id = t.account ORDER BY 2, 3, t.created_at";
            for row in client.query(sql, &[]).await? {
                let until = match (row.get(4), row.get::<_, Option<Timestamp>>(3)) {
                    (true, _) => "ingetrokken".to_owned(),
                    (false, Some(at)) => format!("tot {}", at.strftime("%Y-%m-%d")),
                    (false, None) => "tot intrekking".to_owned(),
                };
                let column = |at| row.get::<_, String>(at);
                println!(
                    "{}\t{}\t{}\t{until}",
                    row.get::<_, Uuid>(0),
                    column(1),
                    column(2)
                );
            }
        }
        TokenAct::Revoke { id } => {
            let sql = "UPDATE token SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1";
            if client.execute(sql, &[&id]).await? == 0 {
                bail!("er is geen toegangssleutel met dit nummer");
            }
            println!("De toegangssleutel is ingetrokken.");
        }
    }
    Ok(())
}

async fn account(client: &Client, organisation: &str, name: &str) -> Result<Uuid> {
    let sql = "SELECT id FROM account WHERE organisation = $1 AND name = $2";
    let row = client.query_opt(sql, &[&organisation, &name]).await?;
    let row = row.with_context(|| format!("{name} van {organisation} is er niet"))?;
    Ok(row.get(0))
}
