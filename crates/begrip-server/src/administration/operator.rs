//! The same on the command line, with organisations and for all of them. Works with the owner's role.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use anyhow::{Context, Result, bail};
use begrip_sync::Role;
use begrip_sync::administration::{NewUser, UserChange};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, GenericClient, Transaction};
use uuid::Uuid;

use super::{add_token, add_user, address, begin, change_user, revoke_token, unlink_user};
use crate::gateway::usage::{self, Budget};
use crate::refusal::administration_refusal;
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
    /// Leg vast welke e-maildomeinen van een organisatie zijn: alleen die adressen nodigen haar beheerders uit
    Domains {
        /// Organisatie
        name: String,
        #[command(subcommand)]
        act: DomainsAct,
    },
}

#[derive(Subcommand)]
pub enum DomainsAct {
    /// Voeg domeinen toe; delen van een domein horen er niet bij
    Add {
        /// Domeinen, zoals om.nl
        #[arg(required = true, value_name = "DOMEIN")]
        domains: Vec<String>,
    },
    /// Haal een domein weg; wie al uitgenodigd is, blijft dat
    Remove {
        /// Domein
        #[arg(value_name = "DOMEIN")]
        domain: String,
    },
    /// Som de domeinen op
    List,
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
    let mut client = database::owner(settings).await?;
    match act {
        OrganisationAct::Add { name, title } => {
            let title = title.unwrap_or_else(|| name.clone());
            let transaction = begin(&mut client, &name, None).await?;
            let sql = "INSERT INTO organisation (name, title) VALUES ($1, $2)";
            let added = transaction.execute(sql, &[&name, &title]).await;
            match added {
                Ok(_) => {
                    let sql = "SELECT note_administration('organisation_added', $1, NULL, $2)";
                    transaction.execute(sql, &[&name, &title]).await?;
                    transaction.commit().await?;
                    println!("{name} is toegevoegd.");
                }
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
        OrganisationAct::Budget(budget) => usage::set_budget(&mut client, budget).await?,
        OrganisationAct::Domains { name, act } => domains(&mut client, &name, act).await?,
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

/// The e-mail domains of an organisation.
async fn domains(client: &mut Client, organisation: &str, act: DomainsAct) -> Result<()> {
    let transaction = begin(client, organisation, None).await?;
    let known = "SELECT FROM organisation WHERE name = $1";
    if transaction
        .query_opt(known, &[&organisation])
        .await?
        .is_none()
    {
        bail!("de organisatie {organisation} is er niet");
    }
    let named = |text: &str| {
        address::domain(text).with_context(|| format!("{text}: geen domein, zoals om.nl"))
    };
    let note = "SELECT note_administration($1, $2, NULL, NULL)";
    // Told when it stands: one that is refused takes the others along.
    let mut said = Vec::new();
    match act {
        DomainsAct::Add { domains } => {
            for text in &domains {
                let domain = named(text)?;
                // One that is its own already is left as it is.
                let sql = "INSERT INTO email_domain (domain, organisation) VALUES ($1, $2) \
                           ON CONFLICT (domain) DO NOTHING";
                if transaction.execute(sql, &[&domain, &organisation]).await? > 0 {
                    transaction
                        .execute(note, &[&"domain_added", &domain])
                        .await?;
                    said.push(format!("{domain} is nu van {organisation}."));
                    said.extend(strangers(&transaction, organisation, &domain).await?);
                    continue;
                }
                let sql = "SELECT organisation FROM email_domain WHERE domain = $1";
                let row = transaction.query_one(sql, &[&domain]).await?;
                match row.get::<_, &str>(0) {
                    own if own == organisation => {
                        said.push(format!("{domain} is al van {organisation}."));
                    }
                    other => bail!("{domain} is al van {other}; haal het daar eerst weg"),
                }
            }
        }
        DomainsAct::Remove { domain } => {
            let domain = named(&domain)?;
            let sql = "DELETE FROM email_domain WHERE domain = $1 AND organisation = $2";
            if transaction.execute(sql, &[&domain, &organisation]).await? == 0 {
                bail!("{domain} is niet van {organisation}");
            }
            transaction
                .execute(note, &[&"domain_removed", &domain])
                .await?;
            said.push(format!("{domain} is niet meer van {organisation}."));
        }
        DomainsAct::List => {
            let sql = "SELECT domain FROM email_domain WHERE organisation = $1 ORDER BY domain";
            let rows = transaction.query(sql, &[&organisation]).await?;
            said.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        }
    }
    transaction.commit().await?;
    for line in said {
        println!("{line}");
    }
    Ok(())
}

/// Names who has an address in a domain and belongs to another organisation: they may have been invited by the
/// wrong one.
async fn strangers(
    transaction: &Transaction<'_>,
    organisation: &str,
    domain: &str,
) -> Result<Vec<String>> {
    let sql = "SELECT name, organisation, email FROM account \
               WHERE email_domain_of(email) = $1 AND organisation <> $2 ORDER BY 2, 1";
    let rows = transaction.query(sql, &[&domain, &organisation]).await?;
    let told = rows.iter().map(|row| {
        let text = |at| row.get::<_, &str>(at);
        format!(
            "Let op: {} hoort bij {} ({}). Klopt dat niet, gebruik dan ‘user unlink’.",
            text(2),
            text(1),
            text(0)
        )
    });
    Ok(told.collect())
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
            let role = Role::parse(&role).context("--role")?;
            let email =
                email.map(|text| address::email(&text).context("--email: dit is geen e-mailadres"));
            let user = NewUser {
                name,
                role,
                email: email.transpose()?,
            };
            // All of it or nothing: a number that is taken leaves the role as it was.
            let transaction = begin(&mut client, &organisation, None).await?;
            let name = &user.name;
            let known = find(&transaction, &organisation, name).await?;
            let added = match known {
                None => add_user(&transaction, &user).await.map(drop),
                Some(id) => {
                    let change = UserChange {
                        role: Some(role),
                        closed: Some(false),
                        email: user.email.clone(),
                    };
                    change_user(&transaction, id, &change).await
                }
            };
            match added {
                Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
                    bail!("de organisatie {organisation} is er niet")
                }
                Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                    bail!("een naam heeft 1 tot en met 200 tekens")
                }
                added => done(added)?,
            }
            if let (Some(subject), Some(issuer)) = (subject, issuer) {
                let account = account(&transaction, &organisation, name).await?;
                link(&transaction, issuer, &subject, account).await?;
            }
            transaction.commit().await?;
            println!("{name} van {organisation} is nu {}.", role.as_str());
        }
        UserAct::List => {
            let sql =
                "SELECT organisation, name, role, closed, signs_in, email FROM users ORDER BY 1, 2";
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
            let transaction = begin(&mut client, &organisation, None).await?;
            let id = account(&transaction, &organisation, &name).await?;
            done(unlink_user(&transaction, id).await)?;
            transaction.commit().await?;
            println!("Niemand meldt zich nog aan als {name} van {organisation}.");
        }
        UserAct::Disable { name, organisation } => {
            let transaction = begin(&mut client, &organisation, None).await?;
            let id = account(&transaction, &organisation, &name).await?;
            let change = UserChange {
                closed: Some(true),
                ..UserChange::default()
            };
            done(change_user(&transaction, id, &change).await)?;
            transaction.commit().await?;
            println!("{name} van {organisation} is afgesloten.");
        }
    }
    Ok(())
}

/// What an act came to; a refusal as the sentence that an administrator gets.
fn done(act: Result<(), tokio_postgres::Error>) -> Result<()> {
    match act.map_err(|error| (administration_refusal(&error), error)) {
        Ok(()) => Ok(()),
        Err((Some(sentence), _)) => bail!(sentence),
        Err((None, error)) => Err(error.into()),
    }
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
    let mut client = database::owner(settings).await?;
    match act {
        TokenAct::Create {
            user,
            organisation,
            days,
        } => {
            let transaction = begin(&mut client, &organisation, None).await?;
            let account = account(&transaction, &organisation, &user).await?;
            let (id, secret, hash) = tokens::make()?;
            done(add_token(&transaction, id, account, &hash, days).await)?;
            transaction.commit().await?;
            println!("{secret}");
        }
        TokenAct::List => {
            let sql = "SELECT id, organisation, name, expires_at, revoked FROM tokens \
                       ORDER BY organisation, name, created_at";
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
            let sql = "SELECT organisation FROM tokens WHERE id = $1";
            let row = client.query_opt(sql, &[&id]).await?;
            let row = row.context("er is geen toegangssleutel met dit nummer")?;
            let transaction = begin(&mut client, row.get(0), None).await?;
            done(revoke_token(&transaction, id).await)?;
            transaction.commit().await?;
            println!("De toegangssleutel is ingetrokken.");
        }
    }
    Ok(())
}

async fn account(client: &impl GenericClient, organisation: &str, name: &str) -> Result<Uuid> {
    let found = find(client, organisation, name).await?;
    found.with_context(|| format!("{name} van {organisation} is er niet"))
}

async fn find(client: &impl GenericClient, organisation: &str, name: &str) -> Result<Option<Uuid>> {
    let sql = "SELECT id FROM account WHERE organisation = $1 AND name = $2";
    let row = client.query_opt(sql, &[&organisation, &name]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Which organisation's acts are told.
#[derive(Args)]
pub struct Acts {
    /// Organisatie (anders alle)
    #[arg(long, value_name = "NAAM")]
    organisation: Option<String>,
}

/// Tells every act of administration as lines with tabs, the latest last.
pub async fn report(settings: &Settings, acts: &Acts) -> Result<()> {
    let client = database::owner(settings).await?;
    let sql = "SELECT at, organisation, name, act, about, coalesce(was, ''), coalesce(became, '') \
               FROM administration_log WHERE organisation = $1 OR $1 IS NULL ORDER BY id";
    println!("tijd\torganisatie\tdoor\twat\tover\twas\twerd");
    for row in client.query(sql, &[&acts.organisation]).await? {
        let text = |at: usize| row.get::<_, String>(at);
        let by = Some(text(2)).filter(|by| !by.is_empty());
        println!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.get::<_, Timestamp>(0),
            text(1),
            by.as_deref().unwrap_or("(bediening)"),
            text(3),
            text(4),
            text(5),
            text(6)
        );
    }
    Ok(())
}
