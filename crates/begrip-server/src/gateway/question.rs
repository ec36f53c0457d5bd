//! A question as a client of the OpenAI protocol puts it, and what it is to the cache.

use axum::http::{HeaderMap, header};
use begrip_llm::{CachePolicy, CacheScope, DataClass, Request, Validate, nfc, shared};
use begrip_prompt::{Prompt, REPLY_TOKENS, TEMPERATURE, response_format};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

use super::reply::Fault;
use crate::around::REQUEST_ID;
use crate::token::Holder;

/// The longest value of a header of ours.
const MOST: usize = 100;

/// Vectors of one question that are kept, in bytes of their JSON: some 60 texts of 1,500 numbers.
const MOST_OF_VECTORS: usize = 1 << 20;

/// Fields that ask for more than one text, or for what costs more than the prices of the model say or
/// is kept at the provider: the gateway hands on texts alone.
const NOT_HERE: [&str; 16] = [
    "best_of",
    "modalities",
    "models",
    "plugins",
    "provider",
    "service_tier",
    "store",
    "web_search_options",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "logprobs",
    "top_logprobs",
    "audio",
    "prediction",
];

/// A question that was understood.
pub struct Question {
    pub request: Request,
    pub policy: CachePolicy,
    pub validate: Validate,
    /// Whether the answer is wanted as a stream, and with its tokens at the end.
    pub stream: bool,
    pub usage: bool,
}

impl Question {
    /// Reads a question. Errors: it has another form, or asks for what is not handed on.
    pub fn read(holder: &Holder, headers: &HeaderMap, body: &[u8]) -> Result<Self, Fault> {
        let mut body = object(body)?;
        let model = text(&mut body, "model")?;
        for name in NOT_HERE {
            if body.get(name).is_some_and(asks_something) {
                return Err(Fault::Unsupported(name));
            }
        }
        if body.get("n").is_some_and(|n| *n != Value::Null && *n != 1) {
            return Err(Fault::Unsupported("n"));
        }
        let messages = body.get_mut("messages").and_then(Value::as_array_mut);
        let messages = messages.filter(|list| !list.is_empty());
        let messages = messages.ok_or(Fault::Form("messages moet een lijst met berichten zijn"))?;
        if !messages.iter().all(Value::is_object) {
            return Err(Fault::Form("een bericht moet een object zijn"));
        }
        if !messages.iter().all(|message| is_text(&message["content"])) {
            return Err(Fault::Form("de inhoud van een bericht moet tekst zijn"));
        }
        messages.iter_mut().for_each(normalise);
        // About four bytes a token; what it takes in the end is by the model's own word.
        let bytes: usize = messages.iter().map(length).sum();
        let tokens = bytes / 4 + 4 * messages.len() + 3;
        let stream = match body.remove("stream") {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => return Err(Fault::Form("stream moet true of false zijn")),
        };
        let options = body.remove("stream_options").unwrap_or_default();
        // What a provider says of such a field would be taken for a word about the stream.
        if body.keys().any(|name| name.starts_with("stream")) {
            return Err(Fault::Form("een veld over de stroom is onbekend"));
        }
        let format = body.get("response_format").cloned().unwrap_or_default();
        let request = request(holder, headers, model, body, tokens)?;
        Ok(Self {
            validate: validation(request.scope.data_class, format),
            request,
            policy: policy(headers),
            stream,
            usage: options["include_usage"] == true,
        })
    }
}

/// A question that the server composed itself: of terms and context alone, which everybody may read.
pub struct Composed<'a> {
    pub organisation: &'a str,
    pub account: Uuid,
    pub model: &'a str,
    pub prompt: &'a Prompt,
    pub pack_version: &'a str,
    pub request_id: String,
    pub task: &'static str,
}

impl Question {
    /// To the letter what a workstation would ask through the gateway, so that both have one answer.
    pub fn composed(composed: Composed<'_>) -> Self {
        let prompt = composed.prompt;
        let format = response_format(&prompt.schema);
        let mut messages = json!(prompt.messages);
        normalise(&mut messages);
        let mut body = Map::new();
        body.insert("messages".to_owned(), messages);
        body.insert("temperature".to_owned(), json!(TEMPERATURE));
        body.insert("max_tokens".to_owned(), json!(REPLY_TOKENS));
        body.insert("response_format".to_owned(), format.clone());
        let scope = CacheScope {
            organisation: composed.organisation.to_owned(),
            data_class: DataClass::General,
            prompt_version: prompt.version.to_string(),
            pack_version: composed.pack_version.to_owned(),
            arm: String::new(),
        };
        let mut request = Request::new(composed.model, Vec::new(), scope);
        request.extra = body;
        request.prompt_tokens = Some(prompt.tokens);
        request.account = composed.account.to_string();
        request.task = composed.task;
        request.request_id = Some(composed.request_id);
        Self {
            validate: validation(DataClass::General, format),
            request,
            policy: CachePolicy::Use,
            stream: false,
            usage: false,
        }
    }
}

/// Whether a content is text and nothing else: an address in it would be fetched by some servers.
fn is_text(content: &Value) -> bool {
    match content {
        Value::Null | Value::String(_) => true,
        Value::Array(parts) => parts
            .iter()
            .all(|part| part["type"] == "text" && part["text"].is_string()),
        _ => false,
    }
}

/// The object in a body.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Fault::Form("geen JSON-object")),
    }
}

/// Takes a text that must be there out of an object.
pub fn text(object: &mut Map<String, Value>, name: &'static str) -> Result<String, Fault> {
    match object.remove(name) {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 200 => Ok(text),
        _ => Err(Fault::Missing(name)),
    }
}

/// What goes to the model: `body` as it was given, with about so many tokens.
pub fn request(
    holder: &Holder,
    headers: &HeaderMap,
    model: String,
    body: Map<String, Value>,
    tokens: usize,
) -> Result<Request, Fault> {
    // Its messages are in the body: they were written, and where needed protected, by who asks.
    let mut request = Request::new(model, Vec::new(), scope(holder, headers)?);
    request.extra = body;
    request.prompt_tokens = Some(u32::try_from(tokens).unwrap_or(u32::MAX));
    request.account = holder.account.to_string();
    request.task = "gateway";
    let id = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok());
    request.request_id = id.map(str::to_owned);
    Ok(request)
}

/// For whom and under which versions is asked. The organisation is that of the token, whatever a
/// header says; without a word about the kind of text it may be a case.
fn scope(holder: &Holder, headers: &HeaderMap) -> Result<CacheScope, Fault> {
    let said = |name: &'static str| match headers.get(name).map(|value| value.to_str()) {
        None => Ok(""),
        Some(Ok(text)) if text.len() <= MOST => Ok(text),
        Some(_) => Err(Fault::Header(name)),
    };
    let data_class = match said(shared::DATA_CLASS)? {
        "" | "case" => DataClass::Case,
        "general" => DataClass::General,
        _ => return Err(Fault::Header(shared::DATA_CLASS)),
    };
    Ok(CacheScope {
        organisation: holder.organisation.clone(),
        data_class,
        prompt_version: said(shared::PROMPT_VERSION)?.to_owned(),
        pack_version: said(shared::PACK_VERSION)?.to_owned(),
        arm: said(shared::ARM)?.to_owned(),
    })
}

/// Whether a known answer will do.
pub fn policy(headers: &HeaderMap) -> CachePolicy {
    let said = headers.get(header::CACHE_CONTROL);
    match said.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"no-cache")) {
        true => CachePolicy::Refresh,
        false => CachePolicy::Use,
    }
}

/// What vectors must be to be kept: of no case, and not so many that they would push out a thousand answers.
pub fn vectors_validation(class: DataClass) -> Validate {
    Arc::new(move |text| match class {
        DataClass::Case => Err("case".to_owned()),
        DataClass::General if text.len() > MOST_OF_VECTORS => Err("too large".to_owned()),
        DataClass::General => Ok(()),
    })
}

/// What an answer must be to be kept: of no case, and of the form that was asked for.
fn validation(class: DataClass, format: Value) -> Validate {
    Arc::new(move |text| {
        if class == DataClass::Case {
            return Err("case".to_owned());
        }
        match format["type"].as_str() {
            Some("json_object" | "json_schema") => {
                let schema = &format["json_schema"]["schema"];
                let reply: Value = serde_json::from_str(text).map_err(|_| "no JSON".to_owned())?;
                let has =
                    |name: &Value| name.as_str().is_some_and(|name| reply.get(name).is_some());
                let required = schema["required"].as_array();
                let whole = required.is_none_or(|names| names.iter().all(has));
                let object =
                    reply.is_object() || schema["type"].as_str().unwrap_or("object") != "object";
                (whole && object)
                    .then_some(())
                    .ok_or_else(|| "off schema".to_owned())
            }
            _ => Ok(()),
        }
    })
}

/// Every text in NFC: two Unicode forms of one letter are one question, and the same bytes upstream.
pub fn normalise(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(form) = nfc(text) {
                *text = form;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(normalise),
        Value::Object(object) => object.values_mut().for_each(normalise),
        _ => {}
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(length).sum(),
        Value::Object(object) => object.values().map(length).sum(),
        _ => 0,
    }
}

fn asks_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::String(word) => word != "none",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_kept_has_the_form_that_was_asked_for_and_is_of_no_case() {
        let schema = json!({"type": "json_schema", "json_schema": {"schema":
            {"type": "object", "required": ["definitie"]}}});
        let object = json!({"type": "json_object"});
        for (format, text, kept) in [
            (&Value::Null, "zomaar tekst", true),
            (&object, "{}", true),
            (&object, "[]", false),
            (&object, "```json\n{}\n```", false),
            (&schema, r#"{"definitie": ""}"#, true),
            (&schema, r#"{"toelichting": ""}"#, false),
        ] {
            let general = validation(DataClass::General, format.clone());
            assert_eq!(general(text).is_ok(), kept, "{format} {text}");
            assert!(validation(DataClass::Case, format.clone())(text).is_err());
        }
    }
}
