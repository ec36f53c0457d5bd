//! The settings as they are given, each with its help.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

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
