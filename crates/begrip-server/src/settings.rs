//! What can be set, by file, environment and command line.

mod doors;
mod jobs;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use begrip_telemetry::Destinations;
use clap::Args;
use serde::Deserialize;

use crate::identity::OpenId;
use crate::telemetry;

pub use doors::{Certificate, Doors};
pub use jobs::Jobs;

/// What was given; a value of the command line or the environment goes before one of the file.
#[derive(Args, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Bestand met instellingen (TOML)
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_CONFIG"
    )]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Adres waarop de server luistert [standaard: 127.0.0.1:8600]
    #[arg(
        long,
        global = true,
        value_name = "ADRES",
        env = "BEGRIP_SERVER_LISTEN"
    )]
    pub listen: Option<String>,

    /// Certificaat van deze server, met wat er tussen staat tot de instantie (PEM); dan antwoordt zij alleen over TLS [standaard: geen]
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_TLS_CERTIFICATE"
    )]
    pub tls_certificate: Option<PathBuf>,

    /// Sleutel van dat certificaat (PEM)
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_TLS_KEY"
    )]
    pub tls_key: Option<PathBuf>,

    /// Zoveel verbindingen houdt deze server tegelijk open (1-1000000) [standaard: 30000]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_CONNECTIONS"
    )]
    pub connections: Option<u32>,

    /// Zo lang mag het duren van verbinden tot de koppen van de eerste vraag er zijn, in seconden (1-300) [standaard: 10]
    #[arg(
        long,
        global = true,
        value_name = "SECONDEN",
        env = "BEGRIP_SERVER_HEADERS_S"
    )]
    pub headers_s: Option<u32>,

    /// Zo lang blijft een verbinding open waarover niets (meer) wordt gevraagd, in seconden (1-3600) [standaard: 120]
    #[arg(
        long,
        global = true,
        value_name = "SECONDEN",
        env = "BEGRIP_SERVER_IDLE_S"
    )]
    pub idle_s: Option<u32>,

    /// De database, met de rol die bedient: niet de eigenaar en geen beheerder van PostgreSQL
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BEGRIP_SERVER_DATABASE_URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,

    /// De database, met de rol van de eigenaar: voor migrate, organisation, user, token, backup en restore
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BEGRIP_SERVER_OWNER_URL",
        hide_env_values = true
    )]
    pub owner_url: Option<String>,

    /// Certificaten om bij de database te vertrouwen, naast die van het systeem (PEM)
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_DATABASE_CA"
    )]
    pub database_ca: Option<PathBuf>,

    /// Map met sleutels (NAAM.pub) van wie regels en proeven mogen ondertekenen, naast de makers van Begrip
    #[arg(
        long,
        global = true,
        value_name = "MAP",
        env = "BEGRIP_SERVER_TRUSTED_KEYS"
    )]
    pub trusted_keys: Option<PathBuf>,

    /// Verbindingen met de database, ten hoogste (1-200) [standaard: 16]
    #[arg(long, global = true, value_name = "AANTAL", env = "BEGRIP_SERVER_POOL")]
    pub pool: Option<u32>,

    /// Zo groot mag een vraag zijn, in kB (1-65536); een vraag aan een model ten hoogste 1024 [standaard: 8192]
    #[arg(long, global = true, value_name = "KB", env = "BEGRIP_SERVER_BODY_KB")]
    pub body_kb: Option<u32>,

    /// Vragen van één gebruiker in een minuut, op deze server (1-1000000) [standaard: 3000]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_RATE_USER"
    )]
    pub rate_user: Option<u32>,

    /// Vragen van één organisatie in een minuut, op deze server (1-1000000) [standaard: 60000]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_RATE_ORGANISATION"
    )]
    pub rate_organisation: Option<u32>,

    /// Zo lang mag een vraag duren, in seconden (1-300) [standaard: 30]
    #[arg(
        long,
        global = true,
        value_name = "SECONDEN",
        env = "BEGRIP_SERVER_TIMEOUT_S"
    )]
    pub timeout_s: Option<u32>,

    /// Bestand met de modellen waar de server voor organisaties naar vraagt (TOML) [standaard: geen]
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_GATEWAY"
    )]
    pub gateway: Option<PathBuf>,

    /// Zoveel vragen aan modellen zijn er op deze server tegelijk onderweg (1-10000) [standaard: 512]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_QUESTIONS"
    )]
    pub questions: Option<u32>,

    /// Zoveel rijen van reeksen vraagt deze server tegelijk; 0 is geen (0-64, ten hoogste de helft van pool) [standaard: 4]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_JOBS_AT_ONCE"
    )]
    pub jobs_at_once: Option<u32>,

    /// Zoveel rijen van één organisatie zijn er tegelijk onderweg, op alle servers samen (1-64) [standaard: 4]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_JOBS_ORGANISATION"
    )]
    pub jobs_organisation: Option<u32>,

    /// Zoveel rijen mag een reeks hebben (1-20000) [standaard: 5000]
    #[arg(
        long,
        global = true,
        value_name = "AANTAL",
        env = "BEGRIP_SERVER_JOBS_ROWS"
    )]
    pub jobs_rows: Option<u32>,

    /// Na zoveel seconden zonder teken van leven neemt een andere server een rij over (2-600) [standaard: 60]
    #[arg(
        long,
        global = true,
        value_name = "SECONDEN",
        env = "BEGRIP_SERVER_JOBS_LEASE_S"
    )]
    pub jobs_lease_s: Option<u32>,

    /// Zoveel dagen blijft een reeks bewaard die klaar is (1-3650) [standaard: 30]
    #[arg(
        long,
        global = true,
        value_name = "DAGEN",
        env = "BEGRIP_SERVER_JOBS_DAYS"
    )]
    pub jobs_days: Option<u32>,

    /// Een reeks waarvan zoveel dagen lang geen rij klaar komt, wordt gestopt (1-365) [standaard: 7]
    #[arg(
        long,
        global = true,
        value_name = "DAGEN",
        env = "BEGRIP_SERVER_JOBS_IDLE_DAYS"
    )]
    pub jobs_idle_days: Option<u32>,

    /// Zo lang krijgt wie bezig is bij het stoppen, in seconden (0-300) [standaard: 10]
    #[arg(
        long,
        global = true,
        value_name = "SECONDEN",
        env = "BEGRIP_SERVER_STOP_S"
    )]
    pub stop_s: Option<u32>,

    /// Dienst waar gebruikers zich aanmelden (OpenID Connect): het adres, precies zoals in zijn tokens
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BEGRIP_SERVER_OIDC_ISSUER"
    )]
    pub oidc_issuer: Option<String>,

    /// Voor wie de tokens van die dienst moeten zijn (aud)
    #[arg(
        long,
        global = true,
        value_name = "NAAM",
        env = "BEGRIP_SERVER_OIDC_AUDIENCE"
    )]
    pub oidc_audience: Option<String>,

    /// Naam waaronder die dienst de werkplekken kent
    #[arg(
        long,
        global = true,
        value_name = "NAAM",
        env = "BEGRIP_SERVER_OIDC_CLIENT_ID"
    )]
    pub oidc_client_id: Option<String>,

    /// Wat werkplekken die dienst vragen [standaard: openid profile email offline_access]
    #[arg(
        long,
        global = true,
        value_name = "WOORDEN",
        env = "BEGRIP_SERVER_OIDC_SCOPES"
    )]
    pub oidc_scopes: Option<String>,

    /// Wat die dienst moet vragen aan wie zich aanmeldt: consent, login, select_account, of "" voor niets [standaard: consent bij offline_access]
    #[arg(
        long,
        global = true,
        value_name = "WOORDEN",
        env = "BEGRIP_SERVER_OIDC_PROMPT"
    )]
    pub oidc_prompt: Option<String>,

    /// Certificaten om bij die dienst te vertrouwen, naast die van het systeem (PEM)
    #[arg(
        long,
        global = true,
        value_name = "BESTAND",
        env = "BEGRIP_SERVER_OIDC_CA"
    )]
    pub oidc_ca: Option<PathBuf>,

    /// Verzamelaar voor hoe lang stappen duren (OTLP over HTTP) [standaard: geen]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BEGRIP_SERVER_OTLP_URL"
    )]
    pub otlp_url: Option<String>,

    /// Koppen voor die verzamelaar: naam=waarde,naam=waarde
    #[arg(
        long,
        global = true,
        value_name = "KOPPEN",
        env = "BEGRIP_SERVER_OTLP_HEADERS",
        hide_env_values = true
    )]
    pub otlp_headers: Option<String>,

    /// Of die koppen over http naar een andere machine mogen [standaard: nee]
    #[arg(
        long,
        global = true,
        value_name = "true|false",
        env = "BEGRIP_SERVER_OTLP_ALLOW_HTTP"
    )]
    pub otlp_allow_http: Option<bool>,

    /// Waar fouten naartoe gaan (DSN van het Sentry-protocol) [standaard: nergens]
    #[arg(
        long,
        global = true,
        value_name = "DSN",
        env = "BEGRIP_SERVER_SENTRY_DSN",
        hide_env_values = true
    )]
    pub sentry_dsn: Option<String>,

    /// Meldingen voor de beheerder: error, warn, info of debug [standaard: info]
    #[arg(long, global = true, value_name = "NIVEAU", env = "BEGRIP_SERVER_LOG")]
    pub log: Option<String>,
}

/// What holds. Has no `Debug`: the addresses of the database may hold a password.
pub struct Settings {
    pub listen: SocketAddr,
    /// Answers by TLS alone when it has one.
    pub certificate: Option<Certificate>,
    pub doors: Doors,
    database_url: Option<String>,
    owner_url: Option<String>,
    pub database_ca: Option<PathBuf>,
    pub trusted_keys: Option<PathBuf>,
    pub pool: usize,
    pub body_bytes: usize,
    pub rate_user: u32,
    pub rate_organisation: u32,
    pub timeout: Duration,
    pub gateway: Option<PathBuf>,
    /// Questions for models that are under way at one time.
    pub questions: usize,
    pub jobs: Jobs,
    pub stop: Duration,
    pub openid: Option<OpenId>,
    /// Who is told of times and errors; nobody is the usual.
    pub telemetry: Destinations,
    pub log: String,
}

impl Given {
    /// What holds. Errors: a file that cannot be read, or a setting that cannot be, by its name.
    pub fn settings(self) -> Result<Settings> {
        let file = match &self.config {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("instellingen: {}", path.display()))?;
                // Only what and where: a line of the file may hold a password.
                toml::from_str(&text).map_err(|error| {
                    anyhow::anyhow!("instellingen: {}: {}", path.display(), error.message())
                })?
            }
        };
        let pool = within("pool", self.pool.or(file.pool), 16, 1..=200)?;
        let jobs = Jobs::of(&self, &file, pool)?;
        let doors = Doors::of(&self, &file)?;
        let listen = self.listen.or(file.listen);
        let listen = listen.as_deref().unwrap_or("127.0.0.1:8600");
        let log = self.log.or(file.log).unwrap_or_else(|| "info".to_owned());
        if !["error", "warn", "info", "debug"].contains(&log.as_str()) {
            bail!("log: kies error, warn, info of debug");
        }
        Ok(Settings {
            listen: listen
                .parse()
                .context("listen: geen adres met poort, zoals 127.0.0.1:8600")?,
            certificate: Certificate::of(
                self.tls_certificate.or(file.tls_certificate),
                self.tls_key.or(file.tls_key),
            )?,
            doors,
            database_url: self.database_url.or(file.database_url),
            owner_url: self.owner_url.or(file.owner_url),
            database_ca: self.database_ca.or(file.database_ca),
            trusted_keys: self.trusted_keys.or(file.trusted_keys),
            pool: pool as usize,
            jobs,
            body_bytes: within("body_kb", self.body_kb.or(file.body_kb), 8_192, 1..=65_536)?
                as usize
                * 1_024,
            rate_user: within(
                "rate_user",
                self.rate_user.or(file.rate_user),
                3_000,
                1..=1_000_000,
            )?,
            rate_organisation: within(
                "rate_organisation",
                self.rate_organisation.or(file.rate_organisation),
                60_000,
                1..=1_000_000,
            )?,
            timeout: seconds("timeout_s", self.timeout_s.or(file.timeout_s), 30, 1)?,
            gateway: self.gateway.or(file.gateway),
            questions: within(
                "questions",
                self.questions.or(file.questions),
                512,
                1..=10_000,
            )? as usize,
            stop: seconds("stop_s", self.stop_s.or(file.stop_s), 10, 0)?,
            openid: OpenId::of(
                self.oidc_issuer.or(file.oidc_issuer),
                self.oidc_audience.or(file.oidc_audience),
                self.oidc_client_id.or(file.oidc_client_id),
                self.oidc_scopes.or(file.oidc_scopes),
                self.oidc_prompt.or(file.oidc_prompt),
                self.oidc_ca.or(file.oidc_ca),
            )?,
            telemetry: telemetry::destinations(
                self.otlp_url.or(file.otlp_url).as_deref(),
                self.otlp_headers.or(file.otlp_headers).as_deref(),
                self.otlp_allow_http
                    .or(file.otlp_allow_http)
                    .unwrap_or_default(),
                self.sentry_dsn.or(file.sentry_dsn).as_deref(),
            )?,
            log,
        })
    }
}

impl Settings {
    /// The database with the role that serves.
    pub fn database_url(&self) -> Result<&str> {
        let url = self.database_url.as_deref();
        url.context("database_url: niet ingesteld (BEGRIP_SERVER_DATABASE_URL)")
    }

    /// The database with the owner's role.
    pub fn owner_url(&self) -> Result<&str> {
        let url = self.owner_url.as_deref();
        url.context("owner_url: niet ingesteld (BEGRIP_SERVER_OWNER_URL)")
    }
}

fn within(
    name: &str,
    given: Option<u32>,
    usual: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32> {
    let value = given.unwrap_or(usual);
    if !range.contains(&value) {
        bail!(
            "{name}: {value} past niet; kies {} tot en met {}",
            range.start(),
            range.end()
        );
    }
    Ok(value)
}

fn seconds(name: &str, given: Option<u32>, usual: u32, least: u32) -> Result<Duration> {
    Ok(Duration::from_secs(u64::from(within(
        name,
        given,
        usual,
        least..=300,
    )?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn of_file(text: &str) -> Given {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let (_, path) = file.keep().unwrap();
        Given {
            config: Some(path),
            ..Given::default()
        }
    }

    /// Why it is refused.
    fn refused(given: Given) -> String {
        let path = given.config.clone();
        let told = given.settings().err().map(|error| format!("{error:#}"));
        path.map(std::fs::remove_file).transpose().unwrap();
        told.unwrap()
    }

    #[test]
    fn a_wrong_setting_is_refused_by_name() {
        for (text, name) in [
            ("listen = 'ergens'", "listen"),
            ("pool = 0", "pool"),
            ("body_kb = 70000", "body_kb"),
            ("rate_user = 0", "rate_user"),
            ("rate_organisation = 0", "rate_organisation"),
            ("timeout_s = 301", "timeout_s"),
            ("connections = 0", "connections"),
            ("headers_s = 0", "headers_s"),
            ("idle_s = 3601", "idle_s"),
            ("questions = 0", "questions"),
            ("tls_certificate = '/x'", "tls_key"),
            ("tls_key = '/x'", "tls_certificate"),
            ("stop_s = 301", "stop_s"),
            ("pool = 6\njobs_at_once = 4", "jobs_at_once"),
            ("jobs_organisation = 0", "jobs_organisation"),
            ("jobs_rows = 20001", "jobs_rows"),
            ("jobs_lease_s = 1", "jobs_lease_s"),
            ("jobs_days = 0", "jobs_days"),
            ("jobs_idle_days = 366", "jobs_idle_days"),
            ("log = 'veel'", "log"),
            ("oidc_issuer = 'https://id'", "oidc_audience"),
            (
                "oidc_issuer = 'https://id'\noidc_audience = 'begrip'",
                "oidc_client_id",
            ),
            (
                "oidc_issuer = 'https://id'\noidc_audience = 'a'\noidc_client_id = 'a'",
                "oidc_audience",
            ),
            (
                "oidc_issuer = 'https://id'\noidc_audience = 'a'\noidc_client_id = 'b'\noidc_scopes = 'x'",
                "oidc_scopes",
            ),
            (
                "oidc_issuer = 'https://id'\noidc_audience = 'a'\noidc_client_id = 'b'\noidc_prompt = 'none'",
                "oidc_prompt",
            ),
            (
                "oidc_issuer = 'https://id'\noidc_audience = 'a'\noidc_client_id = 'b'\noidc_ca = '/is/er/niet'",
                "oidc_ca",
            ),
            ("otlp_url = 'ftp://x'", "otlp_url"),
            ("otlp_url = 'http://x'\notlp_headers = 'geen'", "otlp_url"),
            (
                "otlp_url = 'http://verzamelaar.example'\notlp_headers = 'authorization=geheim'",
                "otlp_allow_http",
            ),
            ("sentry_dsn = 'http://x'", "sentry_dsn"),
            // The key in it would be read on the way.
            (
                "sentry_dsn = 'http://geheim@melding.example/1'",
                "sentry_dsn",
            ),
            ("lisstten = '127.0.0.1:1'", "lisstten"),
        ] {
            let told = refused(of_file(text));
            assert!(told.contains(name), "{text}: {told}");
        }
    }

    #[test]
    fn headers_for_a_collector_go_over_http_only_where_that_is_said_and_to_this_machine() {
        for more in [
            "otlp_url = 'http://verzamelaar.example'\notlp_headers = 'a=b'\notlp_allow_http = true",
            "otlp_url = 'https://verzamelaar.example'\notlp_headers = 'a=b'",
            "otlp_url = 'http://127.0.0.1:4318'\notlp_headers = 'a=b'",
            "otlp_url = 'http://verzamelaar.example'",
        ] {
            let given = of_file(more);
            let path = given.config.clone().unwrap();
            let otlp = given
                .settings()
                .map(|settings| settings.telemetry.otlp.is_some());
            std::fs::remove_file(path).unwrap();
            assert!(otlp.unwrap(), "{more}");
        }
    }

    #[test]
    fn the_example_and_the_guide_name_every_setting_and_no_other() {
        let example = include_str!("../../../deploy/server/server.toml");
        let guide = include_str!("../../../docs/operator-guide.md");
        // Without the mark before a setting the example is a file that holds all of them.
        let set: String = example
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let known: toml::Table = set.parse().unwrap();
        assert!(toml::from_str::<Given>(&set).is_ok());
        let command = Given::augment_args(clap::Command::new("begrip-server"));
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            if name == "config" {
                continue;
            }
            assert!(known.contains_key(name), "{name} is not in the example");
            let row = format!("| `{name}` |");
            assert!(guide.contains(&row), "{name} is not in the guide");
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_without_its_lines() {
        let told = refused(of_file(
            "database_url = 'postgresql://x:geheim@db/x'\npool = 'geheim'",
        ));
        assert!(!told.contains("geheim@"), "{told}");
    }

    #[test]
    fn the_command_line_goes_before_the_file_and_the_file_before_what_is_usual() {
        let mut given = of_file("pool = 3\ntimeout_s = 7");
        given.pool = Some(5);
        let path = given.config.clone().unwrap();
        let settings = given.settings().unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(
            (
                settings.pool,
                settings.timeout.as_secs(),
                settings.stop.as_secs()
            ),
            (5, 7, 10)
        );
    }
}
