//! Endpoints to start from, for the settings screen.

use crate::schema::{EndpointFlavour, ModelPreset};

/// Every preset, in the order in which the screen shows them.
pub(crate) fn presets() -> Vec<ModelPreset> {
    let preset = |id: &str, name: &str, base_url: &str, model: &str, needs_key| ModelPreset {
        id: id.to_owned(),
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        model: model.to_owned(),
        flavour: EndpointFlavour::OpenAi,
        api_version: String::new(),
        needs_key,
    };
    vec![
        ModelPreset {
            flavour: EndpointFlavour::Server,
            ..preset("central", "Server van uw organisatie", "", "", false)
        },
        preset(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            "gpt-4o",
            true,
        ),
        ModelPreset {
            flavour: EndpointFlavour::Azure,
            api_version: "2024-10-21".to_owned(),
            ..preset(
                "azure",
                "Azure OpenAI",
                "https://<naam>.openai.azure.com",
                "<deployment>",
                true,
            )
        },
        preset(
            "ollama",
            "Ollama (deze computer)",
            "http://localhost:11434/v1",
            "",
            false,
        ),
        preset(
            "llama_cpp",
            "llama.cpp (deze computer)",
            "http://localhost:8080/v1",
            "",
            false,
        ),
    ]
}
