//! What can be set.

use begrip_store::Store;

use crate::open::Core;
use crate::schema::{ContextKind, ContextSuggestRequest, Settings, SettingsView};
use crate::{App, ErrorCode, UserError, labels, presets};

/// Name of the settings document in the store.
const DOCUMENT: &str = "settings";

/// The settings as kept; the defaults when there are none or when they cannot be read.
pub(crate) fn read(store: &Store) -> Result<Settings, UserError> {
    let Some(text) = store.document(DOCUMENT)? else {
        return Ok(Settings::default());
    };
    Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
        tracing::error!(%error, "the settings cannot be read; the defaults hold");
        Settings::default()
    }))
}

impl App {
    /// The settings and what is known about them.
    pub async fn settings_get(&self, (): ()) -> Result<SettingsView, UserError> {
        self.blocking(Core::settings_view).await
    }

    /// Keeps the settings and puts them in force. Nothing is kept when a setting is wrong.
    pub async fn settings_save(&self, settings: Settings) -> Result<SettingsView, UserError> {
        self.blocking(move |core| {
            check(&settings)?;
            let text = serde_json::to_string(&settings)
                .map_err(|error| UserError::new(ErrorCode::SettingInvalid, error.to_string()))?;
            core.store.keep_document(DOCUMENT, &text)?;
            core.store
                .cache()
                .set_limit(u64::from(settings.cache.disk_mb) * 1_000_000);
            *core
                .settings
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = settings;
            core.configure_model()?;
            core.settings_view()
        })
        .await
    }

    /// Suggestions for a context label.
    pub async fn context_suggest(
        &self,
        request: ContextSuggestRequest,
    ) -> Result<Vec<String>, UserError> {
        let own = self.core.own_context();
        let own = match request.kind {
            ContextKind::Organisation => own.organisations,
            ContextKind::LegalArea => own.legal_areas,
            ContextKind::StatutoryBasis => own.statutory_bases,
        };
        let known = own
            .iter()
            .map(|label| label.as_str())
            .chain(labels::usual(request.kind).iter().copied());
        Ok(labels::suggest(known, &request.query, 12))
    }
}

impl Core {
    fn settings_view(&self) -> Result<SettingsView, UserError> {
        Ok(SettingsView {
            settings: self.settings(),
            effective_model: self.effective_model(),
            overruled_by: self.overrule.names(),
            key: self.key_state()?,
            presets: presets::presets(),
        })
    }
}

/// Names the first setting that cannot be.
fn check(settings: &Settings) -> Result<(), UserError> {
    let wrong = |field: &str| Err(UserError::new(ErrorCode::SettingInvalid, field));
    let model = &settings.model;
    let url = model.base_url.trim();
    if !(url.is_empty() || url.starts_with("https://") || url.starts_with("http://"))
        || url.contains(['<', '>', ' '])
    {
        return wrong("model.base_url");
    }
    if !url.is_empty() && model.model.trim().is_empty() {
        return wrong("model.model");
    }
    if !(0.0..=2.0).contains(&model.temperature) {
        return wrong("model.temperature");
    }
    if !(50..=8_000).contains(&model.max_reply_tokens) {
        return wrong("model.max_reply_tokens");
    }
    for (field, seconds) in [
        ("model.connect_timeout_s", model.connect_timeout_s),
        ("model.idle_timeout_s", model.idle_timeout_s),
        ("model.total_timeout_s", model.total_timeout_s),
    ] {
        if !(1..=600).contains(&seconds) {
            return wrong(field);
        }
    }
    if !(model.eur_per_million_in >= 0.0 && model.eur_per_million_out >= 0.0) {
        return wrong("model.eur_per_million_in");
    }
    if !(300..=crate::define::HARD_LIMIT).contains(&settings.budgets.prompt_tokens) {
        return wrong("budgets.prompt_tokens");
    }
    if !(1..=24 * 365).contains(&settings.cache.ttl_hours) {
        return wrong("cache.ttl_hours");
    }
    if !(1..=10_000).contains(&settings.cache.disk_mb) {
        return wrong("cache.disk_mb");
    }
    if !(1..=512).contains(&settings.cache.memory_mb) {
        return wrong("cache.memory_mb");
    }
    Ok(())
}
