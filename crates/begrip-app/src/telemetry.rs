//! Who is told how long steps took and which errors there were, if anybody; and the secrets that
//! the keyring holds for it and for the model.

use begrip_telemetry::{Collector, Destinations, Dsn, Network, Telemetry};

use crate::open::{Core, lock};
use crate::schema::{
    KeyPlace, KeyRequest, KeyState, Settings, SettingsView, TelemetrySettings, TelemetryState,
};
use crate::{App, ErrorCode, UserError, settings};

/// Name of the address for errors in the keyring.
const SENTRY_DSN: &str = "sentry";

/// Bytes of a secret at most.
const LONGEST: usize = 4_096;

/// Where telemetry goes, from the environment. Goes before the settings.
#[derive(Default)]
pub struct TelemetryOverride {
    /// `BEGRIP_OTLP_URL`: a collector for steps.
    pub otlp_url: Option<String>,
    /// `BEGRIP_OTLP_HEADERS`: headers for that collector, `name=value,name=value`; a secret.
    pub otlp_headers: Option<String>,
    /// `BEGRIP_OTLP_ALLOW_HTTP`: those headers may go over `http` to another machine.
    pub otlp_allow_http: bool,
    /// `BEGRIP_SENTRY_DSN`: where errors go; a secret.
    pub sentry_dsn: Option<String>,
}

/// Tells of an opening that fails or panics, as far as the environment says to whom. One that succeeds
/// has read in the settings which way to take, and nothing leaves before that.
pub(crate) struct UnlessOpened(pub Option<(Telemetry, Destinations)>);

impl Drop for UnlessOpened {
    fn drop(&mut self) {
        if let Some((telemetry, to)) = self.0.take().filter(|(_, to)| !to.none()) {
            telemetry.send_to(to);
        }
    }
}

impl App {
    /// Sets or, when empty, forgets the address for errors, and puts it in force.
    pub async fn telemetry_dsn(&self, request: KeyRequest) -> Result<SettingsView, UserError> {
        self.blocking(move |core| {
            if !request.key.trim().is_empty() && Dsn::read(&request.key).is_err() {
                return Err(UserError::new(ErrorCode::SettingInvalid, "telemetry.dsn"));
            }
            core.keep_secret(SENTRY_DSN, &request.key)?;
            let mut settings = core.settings();
            settings.telemetry.errors = !request.key.trim().is_empty();
            settings::keep(core, settings)?;
            core.settings_view()
        })
        .await
    }
}

impl Core {
    /// Puts the settings in force. An address that cannot be used sends nothing and stops nothing.
    pub fn configure_telemetry(&self, settings: &Settings) {
        let network = self.network(settings);
        let to = self.destinations(&settings.telemetry);
        self.telemetry.send_to(Destinations { network, ..to });
    }

    /// The way that the model is reached by. Certificates that cannot be read are told; then those of
    /// the system alone are trusted.
    fn network(&self, settings: &Settings) -> Network {
        let model = self.overrule.over(&settings.model);
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Network {
            proxy: given(&model.proxy),
            ca_pem: given(&model.ca_file).and_then(|file| {
                std::fs::read_to_string(file)
                    .inspect_err(|_| {
                        tracing::warn!("the certificates for telemetry cannot be read")
                    })
                    .ok()
            }),
        }
    }

    fn destinations(&self, settings: &TelemetrySettings) -> Destinations {
        let by = &self.telemetry_by;
        let url = by.otlp_url.as_deref().unwrap_or(&settings.otlp_url);
        let kept = match (&by.sentry_dsn, settings.errors) {
            (Some(dsn), _) => Some(begrip_store::Secret::new(dsn.clone())),
            (None, true) => self.secret(SENTRY_DSN),
            (None, false) => None,
        };
        by.read(url, kept.as_ref().map(begrip_store::Secret::reveal))
    }

    /// What is known of the telemetry, without any secret.
    pub fn telemetry_state(&self) -> TelemetryState {
        let by = &self.telemetry_by;
        let place = match (&by.sentry_dsn, self.settings().telemetry.errors) {
            (Some(_), _) => KeyPlace::Environment,
            (None, true) => self.place_of(SENTRY_DSN),
            // The keyring is not asked for what was never put there.
            (None, false) => KeyPlace::None,
        };
        TelemetryState {
            otlp_by_environment: by.otlp_url.is_some(),
            errors: KeyState {
                present: place != KeyPlace::None,
                place,
            },
            sent: self.telemetry.sent(),
            dropped: self.telemetry.dropped(),
        }
    }

    /// Keeps a secret in the keyring, or in memory where there is none; forgets it when it is empty.
    pub fn keep_secret(&self, name: &'static str, text: &str) -> Result<(), UserError> {
        let text = text.trim();
        if text.is_empty() {
            self.store.keys().forget(name)?;
            lock(&self.memory_keys).remove(name);
        } else if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            // No header can hold it: it is something else that was pasted.
            return Err(UserError::new(ErrorCode::SettingInvalid, "key"));
        } else {
            let secret = begrip_store::Secret::new(text.to_owned());
            let kept = self.store.keys().keep(name, &secret)?;
            // An older one in memory would go before the one in the keyring.
            let mut memory = lock(&self.memory_keys);
            memory.remove(name);
            if !kept {
                memory.insert(name, secret);
            }
        }
        Ok(())
    }

    /// A secret of this name, if there is one.
    pub fn secret(&self, name: &'static str) -> Option<begrip_store::Secret> {
        if let Some(secret) = lock(&self.memory_keys).get(name) {
            return Some(begrip_store::Secret::new(secret.reveal().to_owned()));
        }
        self.store.keys().secret(name)
    }

    /// Where a secret of this name is kept.
    pub fn place_of(&self, name: &'static str) -> KeyPlace {
        if lock(&self.memory_keys).contains_key(name) {
            KeyPlace::Memory
        } else if self.store.keys().secret(name).is_some() {
            KeyPlace::Keyring
        } else {
            KeyPlace::None
        }
    }
}

impl TelemetryOverride {
    /// Where the environment alone sends to: before the settings have been read.
    pub(crate) fn destinations(&self) -> Destinations {
        self.read(
            self.otlp_url.as_deref().unwrap_or_default(),
            self.sentry_dsn.as_deref(),
        )
    }

    /// These addresses with the headers of the environment. One that cannot be used, or to which the headers would
    /// go unencrypted, is left out.
    fn read(&self, url: &str, dsn: Option<&str>) -> Destinations {
        let otlp = match url.trim() {
            "" => None,
            url => Collector::read(url, self.otlp_headers.as_deref().unwrap_or_default())
                .inspect_err(|_| tracing::warn!("the collector's address cannot be used"))
                .ok(),
        };
        let otlp = otlp.filter(|collector| {
            let fits = self.otlp_allow_http || !collector.headers_travel_in_clear();
            if !fits {
                tracing::warn!(
                    "headers would go to the collector over http: nothing is sent to it"
                );
            }
            fits
        });
        let sentry = dsn.and_then(|dsn| {
            Dsn::read(dsn)
                .inspect_err(|_| tracing::warn!("the address for errors cannot be used"))
                .ok()
        });
        Destinations {
            otlp,
            sentry,
            ..Destinations::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_go_over_http_only_where_that_is_said_or_to_this_machine() {
        for (url, headers, allowed, sends) in [
            (
                "http://verzamelaar.example:4318",
                Some("authorization=geheim"),
                false,
                false,
            ),
            (
                "http://verzamelaar.example:4318",
                Some("authorization=geheim"),
                true,
                true,
            ),
            ("http://verzamelaar.example:4318", None, false, true),
            (
                "https://verzamelaar.example",
                Some("authorization=geheim"),
                false,
                true,
            ),
            (
                "http://127.0.0.1:4318",
                Some("authorization=geheim"),
                false,
                true,
            ),
            (
                "http://[::1]:4318",
                Some("authorization=geheim"),
                false,
                true,
            ),
        ] {
            let by = TelemetryOverride {
                otlp_headers: headers.map(str::to_owned),
                otlp_allow_http: allowed,
                ..TelemetryOverride::default()
            };
            // As much for the address of the settings as for one of the environment.
            assert_eq!(by.read(url, None).otlp.is_some(), sends, "{url}");
            let by = TelemetryOverride {
                otlp_url: Some(url.to_owned()),
                ..by
            };
            assert_eq!(by.destinations().otlp.is_some(), sends, "{url}");
        }
    }
}
