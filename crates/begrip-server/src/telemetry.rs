//! Who is told how long steps took and which errors there were, if anybody. What may leave is the
//! closed list of `begrip-telemetry`: no text, no name, no address of the database.

use anyhow::{Result, bail};
use begrip_telemetry::{Collector, Destinations, Dsn, Program};

/// What is set, as destinations. Errors: an address or a header that cannot be, by its name; headers over plain
/// http to another machine, unless `allow_http`.
pub fn destinations(
    otlp_url: Option<&str>,
    otlp_headers: Option<&str>,
    allow_http: bool,
    sentry_dsn: Option<&str>,
) -> Result<Destinations> {
    let given = |text: Option<&str>| {
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let otlp = match given(otlp_url) {
        None => None,
        Some(url) => match Collector::read(&url, otlp_headers.unwrap_or_default()) {
            Ok(collector) if collector.headers_travel_in_clear() && !allow_http => bail!(
                "otlp_headers: die gaan over http leesbaar over het netwerk; kies https, of zet \
                 otlp_allow_http = true als dit netwerk alleen van uzelf is"
            ),
            Ok(collector) => Some(collector),
            Err(_) => {
                bail!("otlp_url, otlp_headers: geen webadres, of geen koppen als naam=waarde")
            }
        },
    };
    let sentry = match given(sentry_dsn) {
        None => None,
        Some(dsn) => match Dsn::read(&dsn) {
            Ok(dsn) => Some(dsn),
            Err(_) => bail!(
                "sentry_dsn: geen adres met een sleutel en een nummer, zoals https://sleutel@host/1; http gaat alleen naar \
                 deze machine"
            ),
        },
    };
    Ok(Destinations {
        otlp,
        sentry,
        program: Program::Server,
        ..Destinations::default()
    })
}
