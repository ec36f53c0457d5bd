//! Connections, and which role they have.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use begrip_wire::names_this_machine;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Timeouts};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::refusal::{ChoreError, ChoreFault};
use crate::settings::Settings;

/// How long a question waits for a free connection before the caller is told to come back.
const WAIT: Duration = Duration::from_secs(3);

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

fn config(url: &str, statement_timeout: Duration) -> Result<Config> {
    // Where TLS is asked for, name and authority are always looked at: the words of PostgreSQL's own programs for that
    // mean the same here.
    let known = url
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    // The error says what is wrong and not what stands there.
    let mut config = Config::from_str(&known).context("het adres van de database klopt niet")?;
    // Left out, TLS would be tried and given up by whoever stands in between.
    let is_elsewhere = config.get_hosts().iter().any(is_elsewhere)
        || config
            .get_hostaddrs()
            .iter()
            .any(|to| !names_this_machine(&to.to_string()));
    if !says_how(url) && is_elsewhere {
        config.ssl_mode(SslMode::Require);
    }
    config
        .application_name("begrip-server")
        .connect_timeout(CONNECT)
        // A machine that is gone says nothing: without these a line to it waits for hours.
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3)
        .tcp_user_timeout(Duration::from_secs(15))
        .options(format!(
            "-c statement_timeout={} -c idle_in_transaction_session_timeout=60000",
            statement_timeout.as_millis()
        ));
    Ok(config)
}

/// Whether an address says itself how TLS is to be used: as the name of a parameter, not somewhere in a name or a
/// password.
fn says_how(url: &str) -> bool {
    url.match_indices("sslmode").any(|(at, name)| {
        let before = url[..at].chars().next_back();
        let after = url[at + name.len()..].trim_start();
        before.is_none_or(|mark| matches!(mark, '?' | '&') || mark.is_whitespace())
            && after.starts_with('=')
    })
}

/// Whether a network lies in between.
fn is_elsewhere(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => !names_this_machine(name),
        #[cfg(unix)]
        Host::Unix(_) => false,
    }
}

/// TLS as the address of the database asks for it (`sslmode`); by rustls.
fn tls(settings: &Settings) -> Result<MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that rustls does not take is one that it would not accept either.
        let _ = roots.add(certificate);
    }
    if let Some(path) = &settings.database_ca {
        for certificate in CertificateDer::pem_file_iter(path).context("database_ca")? {
            roots
                .add(certificate.context("database_ca")?)
                .context("database_ca")?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(client))
}

/// The pool for the role that serves. Makes no connection yet.
pub fn pool(settings: &Settings) -> Result<Pool> {
    let config = config(settings.database_url()?, settings.timeout)?;
    let recycling_method = RecyclingMethod::Fast;
    let manager = Manager::from_config(config, tls(settings)?, ManagerConfig { recycling_method });
    let timeouts = Timeouts {
        wait: Some(WAIT),
        create: Some(CONNECT),
        recycle: Some(CONNECT),
    };
    Ok(Pool::builder(manager)
        .max_size(settings.pool)
        .timeouts(timeouts)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build()?)
}

/// A connection of its own that also hears notifications, which go to `heard`.
pub async fn listener(
    settings: &Settings,
    heard: tokio::sync::mpsc::UnboundedSender<tokio_postgres::Notification>,
) -> Result<Client> {
    let config = config(settings.database_url()?, settings.timeout)?;
    let (client, mut connection) = config.connect(tls(settings)?).await?;
    tokio::spawn(async move {
        loop {
            let message = std::future::poll_fn(|context| connection.poll_message(context)).await;
            match message {
                Some(Ok(tokio_postgres::AsyncMessage::Notification(notification))) => {
                    if heard.send(notification).is_err() {
                        return;
                    }
                }
                Some(Ok(_)) => {}
                // The end of `heard` tells that the connection is gone.
                Some(Err(_)) | None => return,
            }
        }
    });
    Ok(client)
}

/// A connection with the owner's role, for migration and administration.
pub async fn owner(settings: &Settings) -> Result<Client> {
    // A migration takes the time that it takes.
    let config = config(settings.owner_url()?, Duration::ZERO)?;
    let (client, connection) = config
        .connect(tls(settings)?)
        .await
        .context(ChoreError::from(ChoreFault::Unreachable))?;
    tokio::spawn(connection);
    Ok(client)
}

/// Refuses a role that row-level security does not bind: then the second wall would not stand.
pub async fn check_role(client: &Client) -> Result<()> {
    let row = client
        .query_one(
            "SELECT r.rolsuper OR r.rolbypassrls, \
               EXISTS (SELECT 1 FROM pg_tables t WHERE t.tablename = 'concept' \
                       AND pg_has_role(current_user, t.tableowner, 'MEMBER')) \
             FROM pg_roles r WHERE r.rolname = current_user",
            &[],
        )
        .await?;
    if row.get(0) {
        bail!("database_url: deze rol mag alles; kies een rol zonder SUPERUSER en BYPASSRLS");
    }
    if row.get(1) {
        bail!("database_url: deze rol is eigenaar van de tabellen; kies de rol begrip_server");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_network_the_database_is_asked_by_tls_unless_the_address_says_otherwise() {
        for (url, wanted) in [
            (
                "postgresql://begrip_server@db.example/begrip",
                SslMode::Require,
            ),
            (
                "postgresql://begrip_server@10.0.0.5/begrip",
                SslMode::Require,
            ),
            ("host=db.example user=begrip_server", SslMode::Require),
            (
                "postgresql://db.example/begrip?sslmode=verify-full",
                SslMode::Require,
            ),
            (
                "postgresql://db.example/begrip?sslmode=verify-ca",
                SslMode::Require,
            ),
            (
                "postgresql://db.example/begrip?sslmode=require",
                SslMode::Require,
            ),
            (
                "postgresql://db.example/begrip?sslmode=disable",
                SslMode::Disable,
            ),
            ("postgresql://sslmode:x@db.example/begrip", SslMode::Require),
            (
                "hostaddr=10.0.0.5 host=localhost user=sslmode",
                SslMode::Require,
            ),
            ("hostaddr=10.0.0.5 sslmode=disable", SslMode::Disable),
            ("hostaddr=127.0.0.1 host=localhost", SslMode::Prefer),
            ("hostaddr=::ffff:10.0.0.5", SslMode::Require),
            ("host=localhost. user=x", SslMode::Prefer),
            ("postgresql://localhost/begrip", SslMode::Prefer),
            ("postgresql://127.0.0.1/begrip", SslMode::Prefer),
            (
                "postgresql://begrip_server@%2Frun%2Fpostgresql/begrip",
                SslMode::Prefer,
            ),
        ] {
            let config = config(url, Duration::ZERO).unwrap();
            assert_eq!(config.get_ssl_mode(), wanted, "{url}");
        }
        assert!(config("postgresql://db.example/?sslmode=soms", Duration::ZERO).is_err());
    }
}
