//! What can be set, by file, environment and command line.

mod doors;
mod given;
mod jobs;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use begrip_telemetry::Destinations;

use crate::identity::OpenId;
use crate::telemetry;

pub use doors::{Certificate, Doors};
pub use given::Given;
pub use jobs::Jobs;

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
    use clap::Args;
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
