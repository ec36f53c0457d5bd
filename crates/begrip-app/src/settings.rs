//! What can be set.

use begrip_store::Store;
use begrip_telemetry::Collector;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::open::Core;
use crate::schema::{ContextKind, ContextSuggestRequest, EndpointFlavour, Settings, SettingsView};
use crate::{App, ErrorCode, UserError, labels, presets, tier};

/// Name of the settings document in the store.
const DOCUMENT: &str = "settings";

/// Where settings that cannot be read are kept aside.
const DAMAGED: &str = "settings_damaged";

/// The settings as kept, and the names of the parts that could not be read: for those the defaults
/// hold, and the whole text is kept aside.
pub(crate) fn read(store: &Store) -> Result<(Settings, Vec<&'static str>), UserError> {
    tracing::info!(service = "settings", "made");
    let Some(text) = store.document(DOCUMENT)? else {
        return Ok((Settings::default(), Vec::new()));
    };
    let (settings, lost) = in_parts(&text);
    if lost.is_empty() {
        return Ok((settings, lost));
    }
    tracing::error!(lost = lost.join(", "), "settings cannot be read");
    store.keep_document(DAMAGED, &text)?;
    Ok((settings, lost))
}

/// Reads each part by itself, so that one wrong word does not take the rest along.
fn in_parts(text: &str) -> (Settings, Vec<&'static str>) {
    // What is no object has no parts: then each of them is lost.
    let mut parts: Value = serde_json::from_str(text).unwrap_or_default();
    let mut lost = Vec::new();
    let settings = Settings {
        user: part(&mut parts, "user", &mut lost),
        model: part(&mut parts, "model", &mut lost),
        cache: part(&mut parts, "cache", &mut lost),
        budgets: part(&mut parts, "budgets", &mut lost),
        prices: part(&mut parts, "prices", &mut lost),
        batch: part(&mut parts, "batch", &mut lost),
        routing: part(&mut parts, "routing", &mut lost),
        gather: part(&mut parts, "gather", &mut lost),
        telemetry: part(&mut parts, "telemetry", &mut lost),
        server: part(&mut parts, "server", &mut lost),
    };
    (settings, lost)
}

fn part<T: DeserializeOwned + Default>(
    parts: &mut Value,
    name: &'static str,
    lost: &mut Vec<&'static str>,
) -> T {
    let read = match parts.as_object_mut() {
        Some(parts) => match parts.remove(name) {
            // A part that an older program did not know yet.
            None => return T::default(),
            part => part.filter(Value::is_object),
        },
        None => None,
    };
    read.and_then(|part| serde_json::from_value(part).ok())
        .unwrap_or_else(|| {
            lost.push(name);
            T::default()
        })
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
            // Settings that no endpoint can be made of are refused before anything is kept.
            core.use_model(&core.overrule.over(&settings.model))?;
            if let Err(error) = keep(core, settings.clone()) {
                core.configure_model()?;
                return Err(error);
            }
            // Once more: the server that it may go through is another only now.
            core.configure_model()?;
            core.model.set_cache(tier::sizes(&settings.cache));
            core.store
                .cache()
                .set_limit(tier::on_disk(&settings.cache))?;
            core.ledger.go_by(&settings);
            core.shared_changed.notify_one();
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

/// Keeps settings that have been looked at, and puts in force what concerns the telemetry, the way to it included.
pub(crate) fn keep(core: &Core, settings: Settings) -> Result<(), UserError> {
    let text = serde_json::to_string(&settings)
        .map_err(|error| UserError::new(ErrorCode::SettingInvalid, error.to_string()))?;
    core.store.keep_document(DOCUMENT, &text)?;
    core.configure_telemetry(&settings);
    *core
        .settings
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = settings;
    Ok(())
}

impl Core {
    pub(crate) fn settings_view(&self) -> Result<SettingsView, UserError> {
        Ok(SettingsView {
            settings: self.settings(),
            effective_model: self.effective_model(),
            overruled_by: self.overrule.names(),
            key: self.key_state()?,
            telemetry: self.telemetry_state(),
            presets: presets::presets(),
        })
    }
}

/// A name that a request can hold; or none.
fn is_model_name(name: &str) -> bool {
    name.chars().count() <= 200 && !name.chars().any(char::is_control)
}

/// Whether a name or password stands in an address: settings hold no secret.
fn has_login(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = host.find(['/', '?', '#']).unwrap_or(host.len());
    host[..end].contains('@')
}

/// Whether this can be an address for requests, with no secret in it.
fn is_web_address(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && !url.contains(['<', '>', ' ']) && !has_login(url)
}

/// Names the first setting that cannot be.
fn check(settings: &Settings) -> Result<(), UserError> {
    let wrong = |field: &str| Err(UserError::new(ErrorCode::SettingInvalid, field));
    let model = &settings.model;
    let url = model.base_url.trim();
    for (field, address) in [
        ("model.base_url", url),
        ("model.proxy", model.proxy.trim()),
        ("gather.rerank_url", settings.gather.rerank_url.trim()),
    ] {
        if !(address.is_empty() || is_web_address(address)) {
            return wrong(field);
        }
    }
    let goes = !url.is_empty() || model.flavour == EndpointFlavour::Server;
    if goes && model.model.trim().is_empty() {
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
    let otlp = settings.telemetry.otlp_url.trim();
    if !otlp.is_empty() && Collector::read(otlp, "").is_err() {
        return wrong("telemetry.otlp_url");
    }
    let mut named = std::collections::HashSet::new();
    for price in &settings.prices.models {
        let name = price.model.trim().to_lowercase();
        let prices = [
            Some(price.eur_per_million_in),
            Some(price.eur_per_million_out),
            price.eur_per_million_cached,
        ];
        if name.is_empty() || name.len() > 200 || !named.insert(name) {
            return wrong("prices.model");
        }
        if !prices
            .iter()
            .flatten()
            .all(|price| (0.0..=1e6).contains(price))
        {
            return wrong("prices.eur");
        }
    }
    let server = settings.server.url.trim();
    if !server.is_empty() && !begrip_link::is_address(server) {
        return wrong("server.url");
    }
    let budgets = &settings.budgets;
    for (field, eur) in [
        ("budgets.eur_per_call", budgets.eur_per_call),
        ("budgets.eur_per_day", budgets.eur_per_day),
        ("budgets.eur_per_month", budgets.eur_per_month),
    ] {
        if !(0.0..=1e6).contains(&eur) {
            return wrong(field);
        }
    }
    if settings.user.name.chars().count() > begrip_domain::Label::MAX_CHARS {
        return wrong("user.name");
    }
    if !(300..=crate::define::HARD_LIMIT).contains(&budgets.prompt_tokens) {
        return wrong("budgets.prompt_tokens");
    }
    for (field, hours) in [
        ("cache.ttl_hours", settings.cache.ttl_hours),
        ("cache.ttl_hours_case", settings.cache.ttl_hours_case),
    ] {
        if !(1..=24 * 365).contains(&hours) {
            return wrong(field);
        }
    }
    if !(1..=10_000).contains(&settings.cache.disk_mb) {
        return wrong("cache.disk_mb");
    }
    if !(1..=512).contains(&settings.cache.memory_mb) {
        return wrong("cache.memory_mb");
    }
    if !(1..=16).contains(&settings.batch.at_once) {
        return wrong("batch.at_once");
    }
    let gather = &settings.gather;
    if gather.passages > 10 {
        return wrong("gather.passages");
    }
    if gather.related > 10 {
        return wrong("gather.related");
    }
    if !is_model_name(&gather.rerank_model) || (gather.rerank && gather.rerank_model.trim() == "") {
        return wrong("gather.rerank_model");
    }
    let routing = &settings.routing;
    for (task, route) in [
        ("define", &routing.define),
        ("repair", &routing.repair),
        ("prepare", &routing.prepare),
    ] {
        if !is_model_name(&route.model) {
            return wrong(&format!("routing.{task}.model"));
        }
        if route.timeout_s > 600 {
            return wrong(&format!("routing.{task}.timeout_s"));
        }
    }
    if !is_model_name(&routing.fallback_model) {
        return wrong("routing.fallback_model");
    }
    Ok(())
}
