//! Organisations, users and tokens, on the command line. Works with the owner's role: the role that
//! serves can neither list nor change these.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use anyhow::{Context, Result, bail};
use begrip_sync::Role;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use tokio_postgres::GenericClient;
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
        /// Nummer bij de dienst waar gebruikers zich aanmelden (sub); zie oidc_issuer
        #[arg(long, value_name = "NUMMER")]
        subject: Option<String>,
        /// Adres waarmee deze gebruiker zich voor het eerst aanmeldt; de dienst moet het bevestigen
        #[arg(long, value_name = "ADRES")]
        email: Option<String>,
    },
    /// Maak los wie zich als deze gebruiker aanmeldt, en vergeet het adres
    Unlink {
        /// Naam
        name: String,
        /// Organisatie
        #[arg(long, value_name = "NAAM")]
        organisation: String,
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
    let mut client = database::owner(settings).await?;
    match act {
        UserAct::Add {
            name,
            organisation,
            role,
            subject,
            email,
        } => {
            let issuer = settings.openid.as_ref().map(|openid| &openid.issuer);
            if subject.is_some() && issuer.is_none() {
                bail!("oidc_issuer: nodig bij --subject");
            }
            let email = email.map(|email| email.trim().to_lowercase());
            // All of it or nothing: a number that is taken leaves the role as it was.
            let transaction = client.transaction().await?;
            let added = transaction
                .execute(
                    "INSERT INTO account (organisation, name, role, email) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (organisation, name) DO UPDATE \
                     SET role = $3, disabled_at = NULL, email = coalesce($4, account.email)",
                    &[&organisation, &name, &role, &email],
                )
                .await;
            match added {
                Ok(_) => {}
                Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
                    bail!("de organisatie {organisation} is er niet")
                }
                Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                    bail!("dit adres hoort al bij een andere gebruiker")
                }
                Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                    bail!("een naam heeft 1 tot en met 200 tekens, en een adres een @")
                }
                Err(error) => return Err(error.into()),
            }
            if let (Some(subject), Some(issuer)) = (subject, issuer) {
                let account = account(&transaction, &organisation, &name).await?;
                link(&transaction, issuer, &subject, account).await?;
            }
            transaction.commit().await?;
            println!("{name} van {organisation} is nu {role}.");
        }
        UserAct::List => {
            let sql = "SELECT organisation, name, role, disabled_at IS NOT NULL, \
                         EXISTS (SELECT 1 FROM identity i WHERE i.account = account.id), email \
                       FROM account ORDER BY 1, 2";
            for row in client.query(sql, &[]).await? {
                let closed = if row.get(3) { "\tafgesloten" } else { "" };
                let signs_in = match (row.get(4), row.get::<_, Option<&str>>(5)) {
                    (true, _) => "\tmeldt zich aan".to_owned(),
                    (false, Some(email)) => format!("\tuitgenodigd: {email}"),
                    (false, None) => String::new(),
                };
                let column = |at| row.get::<_, String>(at);
                println!(
                    "{}\t{}\t{}{signs_in}{closed}",
                    column(0),
                    column(1),
                    column(2)
                );
            }
        }
        UserAct::Unlink { name, organisation } => {
            let id = account(&client, &organisation, &name).await?;
            client
                .execute("DELETE FROM identity WHERE account = $1", &[&id])
                .await?;
            client
                .execute("UPDATE account SET email = NULL WHERE id = $1", &[&id])
                .await?;
            println!("Niemand meldt zich nog aan als {name} van {organisation}.");
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

/// Binds a person to an account.
async fn link(
    client: &impl GenericClient,
    issuer: &str,
    subject: &str,
    account: Uuid,
) -> Result<()> {
    let sql = "INSERT INTO identity (issuer, subject, account) VALUES ($1, $2, $3) \
               ON CONFLICT (issuer, subject) DO UPDATE SET linked_at = identity.linked_at \
               WHERE identity.account = $3";
    match client.execute(sql, &[&issuer, &subject, &account]).await {
        Ok(0) => bail!("dit nummer hoort al bij een andere gebruiker"),
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            bail!("deze gebruiker meldt zich al aan met een ander nummer; zie ‘user unlink’")
        }
        Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
            bail!("een nummer heeft 1 tot en met 255 tekens")
        }
        Err(error) => Err(error.into()),
    }
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

async fn account(client: &impl GenericClient, organisation: &str, name: &str) -> Result<Uuid> {
    let sql = "SELECT id FROM account WHERE organisation = $1 AND name = $2";
    let row = client.query_opt(sql, &[&organisation, &name]).await?;
    let row = row.with_context(|| format!("{name} van {organisation} is er niet"))?;
    Ok(row.get(0))
}
