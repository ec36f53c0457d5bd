//! The model endpoint in force, its key and its state; and what goes wrong with it, in words.

use begrip_llm::{BadReply, CallObserver, ProbeStep};
use begrip_llm::{Endpoint, Flavour, Limit, LlmError, Proxy, Secret, Timeouts, Wait, probe};
use std::time::Duration;

use crate::open::{Core, lock};
use crate::schema::{
    DoctorCheck, EndpointFlavour, KeyPlace, KeyRequest, KeyState, ModelSettings, ModelState,
    ModelStatus, ModelTestResult,
};
use crate::{App, ErrorCode, UserError};

/// Name of the model key in the keyring.
const MODEL_KEY: &str = "model";

/// What the model of the included demonstration calls itself.
const DEMONSTRATION: &str = "begrip-demo";

pub(crate) fn is_demonstration(model: &str) -> bool {
    model.starts_with(DEMONSTRATION)
}

impl App {
    /// Sets or, when empty, forgets the model key.
    pub async fn model_key(&self, request: KeyRequest) -> Result<KeyState, UserError> {
        self.blocking(move |core| {
            core.keep_secret(MODEL_KEY, &request.key)?;
            core.configure_model()?;
            core.key_state()
        })
        .await
    }

    /// Tries the model endpoint step by step and says what failed.
    pub async fn model_test(&self, (): ()) -> Result<ModelTestResult, UserError> {
        self.know_at_gateway().await?;
        let endpoint = self.blocking(Core::endpoint).await?;
        let Some(endpoint) = endpoint else {
            return Err(UserError::new(ErrorCode::ModelNotConfigured, ""));
        };
        let report = probe(endpoint, &begrip_llm::CancellationToken::new()).await;
        let mut calls = report.calls.clone();
        self.blocking(move |core| {
            for call in &mut calls {
                call.started_at = core.clock.now();
                core.ledger.observe(call);
            }
            Ok(())
        })
        .await?;
        let mut steps: Vec<DoctorCheck> = report
            .passed
            .iter()
            .map(|step| DoctorCheck {
                name: step_name(*step).to_owned(),
                ok: true,
                found: found(*step, &report),
                error: None,
            })
            .collect();
        if let Some((step, error)) = &report.failed {
            let error = UserError::from(error.clone());
            steps.push(DoctorCheck {
                name: step_name(*step).to_owned(),
                ok: false,
                found: error.message.nl.clone(),
                error: Some(error),
            });
        }
        let ok = report.failed.is_none();
        match &report.failed {
            None => self.core.set_model_state(ModelState::Ready),
            Some((_, error)) => self.core.note_failure(error),
        }
        Ok(ModelTestResult { ok, steps })
    }
}

fn step_name(step: ProbeStep) -> &'static str {
    match step {
        ProbeStep::Settings => "settings",
        ProbeStep::Address => "address",
        ProbeStep::Key => "key",
        ProbeStep::Model => "model",
        ProbeStep::Answer => "answer",
    }
}

fn found(step: ProbeStep, report: &begrip_llm::ProbeReport) -> String {
    match step {
        ProbeStep::Settings => "De instellingen kloppen.".to_owned(),
        ProbeStep::Address => format!("{} antwoordt.", report.address),
        ProbeStep::Key if report.key_travels_in_clear => {
            "De sleutel is goed, maar gaat onversleuteld over het netwerk.".to_owned()
        }
        ProbeStep::Key => "De toegang is in orde.".to_owned(),
        ProbeStep::Model => match (&report.model, report.model_is_listed) {
            (Some(model), Some(false)) => {
                format!("Het model staat niet in de lijst van de server; ‘{model}’ antwoordt.")
            }
            (Some(model), _) => format!("Het model ‘{model}’ antwoordt."),
            (None, _) => "Het model bestaat.".to_owned(),
        },
        ProbeStep::Answer => match report.first_piece {
            Some(wait) => format!("Het eerste woord kwam na {} ms.", wait.as_millis()),
            None => "Er kwam een antwoord.".to_owned(),
        },
    }
}

impl Core {
    /// The model settings in force: the user's, with what the environment lays over them.
    pub fn effective_model(&self) -> ModelSettings {
        self.overrule.over(&self.settings().model)
    }

    /// The gateway of the user's organisation, as whoever signed in, else by the token; none without a
    /// server and either of them.
    fn gateway(&self, model: &str) -> Option<Endpoint> {
        let url = self.server_url();
        if url.is_empty() {
            return None;
        }
        let mut endpoint = Endpoint::new(&url, model);
        endpoint.gateway = true;
        endpoint.api_key = match self.is_signed_in() {
            // None before the first renewal, which comes before the first question.
            true => self
                .access_kept()
                .map(|access| Secret::new(access.secret().clone())),
            false => Some(Secret::new(self.server_token()?.reveal().to_owned())),
        };
        Some(endpoint)
    }

    /// Has the gateway know another token, when the model is behind it.
    pub(crate) fn tell_gateway(&self) -> Result<(), UserError> {
        if self.effective_model().flavour != EndpointFlavour::Server {
            return Ok(());
        }
        self.model.configure(self.endpoint()?)?;
        self.configure_ranking()
    }

    /// What is known of the model key.
    pub fn key_state(&self) -> Result<KeyState, UserError> {
        let place = match self.overrule.key {
            Some(_) => KeyPlace::Environment,
            None => self.place_of(MODEL_KEY),
        };
        Ok(KeyState {
            present: place != KeyPlace::None,
            place,
        })
    }

    fn key(&self) -> Result<Option<Secret>, UserError> {
        if let Some(key) = &self.overrule.key {
            return Ok(Some(Secret::new(key.clone())));
        }
        Ok(self
            .secret(MODEL_KEY)
            .map(|key| Secret::new(key.reveal().to_owned())))
    }

    /// The endpoint in force; none when nothing is configured.
    pub fn endpoint(&self) -> Result<Option<Endpoint>, UserError> {
        self.endpoint_of(&self.effective_model())
    }

    fn endpoint_of(&self, settings: &ModelSettings) -> Result<Option<Endpoint>, UserError> {
        let mut endpoint = match settings.flavour {
            EndpointFlavour::Server => match self.gateway(settings.model.trim()) {
                Some(endpoint) => endpoint,
                None => return Ok(None),
            },
            EndpointFlavour::OpenAi | EndpointFlavour::Azure => {
                if settings.base_url.trim().is_empty() {
                    return Ok(None);
                }
                let endpoint = Endpoint::new(settings.base_url.trim(), settings.model.trim());
                match self.key()? {
                    Some(key) => endpoint.with_key(key),
                    None => endpoint,
                }
            }
        };
        if settings.flavour == EndpointFlavour::Azure {
            endpoint.flavour = Flavour::Azure {
                deployment: settings.model.trim().to_owned(),
                api_version: settings.api_version.trim().to_owned(),
            };
        }
        let seconds = |n: u32| Duration::from_secs(u64::from(n.max(1)));
        endpoint.timeouts = Timeouts {
            connect: seconds(settings.connect_timeout_s),
            first_byte: seconds(settings.total_timeout_s),
            idle: seconds(settings.idle_timeout_s),
            total: seconds(settings.total_timeout_s),
        };
        if !settings.proxy.trim().is_empty() {
            endpoint.proxy = Proxy::Explicit {
                url: settings.proxy.trim().to_owned(),
                login: None,
            };
        }
        let ca_file = match settings.flavour {
            EndpointFlavour::Server => self.server_settings().ca_file,
            EndpointFlavour::OpenAi | EndpointFlavour::Azure => settings.ca_file.clone(),
        };
        if !ca_file.trim().is_empty() {
            let pem = std::fs::read_to_string(ca_file.trim())
                .map_err(|error| UserError::new(ErrorCode::FileUnreadable, error.to_string()))?;
            endpoint.ca_pem = Some(pem);
        }
        Ok(Some(endpoint))
    }

    /// Puts the settings in force for calls from now on. Makes no connection.
    pub fn configure_model(&self) -> Result<(), UserError> {
        self.use_model(&self.effective_model())?;
        self.configure_ranking()
    }

    /// The same for the model that puts articles in order: by default at the model's own address,
    /// and reached in the same way. The key never goes to another server than the model's.
    pub fn configure_ranking(&self) -> Result<(), UserError> {
        let gather = self.settings().gather;
        if !gather.rerank {
            return Ok(self.model.configure_embeddings(None)?);
        }
        let mut own = self.effective_model();
        let main = self.endpoint_of(&own)?;
        let address = gather.rerank_url.trim();
        let elsewhere = match &main {
            Some(main) => !(address.is_empty() || main.is_same_server(address)),
            None => true,
        };
        if !address.is_empty() {
            address.clone_into(&mut own.base_url);
        }
        gather.rerank_model.trim().clone_into(&mut own.model);
        if elsewhere {
            own.flavour = EndpointFlavour::OpenAi;
        }
        let mut endpoint = self.endpoint_of(&own)?;
        if let Some(endpoint) = endpoint.as_mut().filter(|_| elsewhere) {
            endpoint.api_key = None;
        }
        Ok(self.model.configure_embeddings(endpoint)?)
    }

    /// Uses these settings from now on. Error: they cannot be used; then nothing changes.
    pub fn use_model(&self, settings: &ModelSettings) -> Result<(), UserError> {
        let endpoint = self.endpoint_of(settings)?;
        let state = if endpoint.is_some() {
            ModelState::Unknown
        } else {
            ModelState::NotConfigured
        };
        self.model.configure(endpoint)?;
        self.set_model_state(state);
        Ok(())
    }

    pub fn set_model_state(&self, state: ModelState) {
        *lock(&self.model_state) = state;
    }

    /// What a failed call says of the model's state: a server that answers, be it to refuse, is
    /// there, and one that was not asked tells nothing.
    pub fn note_failure(&self, error: &LlmError) {
        let now = match error {
            LlmError::Unreachable(_)
            | LlmError::CircuitOpen { .. }
            | LlmError::Timeout(_)
            | LlmError::Proxy(_) => ModelState::Offline,
            LlmError::Unauthorised
            | LlmError::Forbidden(_)
            | LlmError::ModelNotFound(_)
            | LlmError::PathNotFound
            | LlmError::Refused { .. } => ModelState::Unknown,
            _ => return,
        };
        self.set_model_state(now);
    }

    /// How the model stands, as far as known without asking it.
    pub fn model_status(&self) -> ModelStatus {
        let settings = self.effective_model();
        ModelStatus {
            state: *lock(&self.model_state),
            host: self.model.address(),
            demonstration: is_demonstration(&settings.model),
            model: settings.model,
        }
    }
}

impl From<LlmError> for UserError {
    fn from(error: LlmError) -> Self {
        let code = match &error {
            LlmError::NotConfigured => ErrorCode::ModelNotConfigured,
            LlmError::BadEndpoint(_) => ErrorCode::SettingInvalid,
            LlmError::Unreachable(_) | LlmError::Proxy(_) | LlmError::Timeout(Wait::Connect) => {
                ErrorCode::ModelUnreachable
            }
            LlmError::Tls(_) => ErrorCode::ModelTls,
            LlmError::Unauthorised | LlmError::Forbidden(_) => ErrorCode::ModelKeyRefused,
            LlmError::ModelNotFound(_) | LlmError::PathNotFound => ErrorCode::ModelUnknown,
            LlmError::RateLimited { .. } | LlmError::QuotaExhausted(_) => ErrorCode::ModelBusy,
            // What the program itself does not send is told from what the model server does not take.
            LlmError::OverBudget { .. } => ErrorCode::PromptTooLarge,
            LlmError::PromptTooLong(_) => ErrorCode::ModelContextSmall,
            LlmError::OverLimit(Limit::Call) => ErrorCode::CallTooDear,
            LlmError::OverLimit(Limit::Day) => ErrorCode::BudgetSpent,
            LlmError::OverLimit(Limit::Month) => ErrorCode::MonthSpent,
            LlmError::LedgerAway(_) => ErrorCode::StoreFailed,
            LlmError::Refused { .. } | LlmError::Redirected(_) => ErrorCode::ModelRefusedRequest,
            LlmError::Server { .. } | LlmError::Interrupted => ErrorCode::ModelFailed,
            LlmError::Timeout(_) => ErrorCode::ModelTimeout,
            LlmError::BrokenStream(_) | LlmError::Truncated => ErrorCode::ModelCutShort,
            LlmError::ContentFilter => ErrorCode::ModelFiltered,
            LlmError::BadReply(BadReply::Html) => ErrorCode::ModelRefusedRequest,
            LlmError::Empty | LlmError::TooLarge { .. } | LlmError::BadReply(_) => {
                ErrorCode::ModelBadReply
            }
            LlmError::CircuitOpen { .. } => ErrorCode::ModelPaused,
            LlmError::Cancelled => ErrorCode::Cancelled,
            LlmError::OfflineMiss => ErrorCode::NotInCache,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_connect_in_time_is_told_that_the_model_is_not_reachable() {
        for (wait, code) in [
            (Wait::Connect, ErrorCode::ModelUnreachable),
            (Wait::FirstByte, ErrorCode::ModelTimeout),
            (Wait::Idle, ErrorCode::ModelTimeout),
            (Wait::Total, ErrorCode::ModelTimeout),
        ] {
            let told = UserError::from(LlmError::Timeout(wait));
            assert!(told.is(code), "{wait:?}: {}", told.code);
        }
    }
}
