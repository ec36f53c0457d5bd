//! A question to a model, and the body in which it goes upstream.

use std::borrow::Cow;
use std::time::Duration;

use begrip_prompt::Message;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::endpoint::Structured;

/// A question to a model.
///
/// Every field is either part of the cache key or decided not to be, in [`crate::key`]: a new
/// field does not compile until that is decided.
#[derive(Clone, Debug)]
pub struct Request {
    /// The model that is asked.
    pub model: String,
    /// The messages, in order. They go upstream in Unicode's NFC form. Where there are none, those of
    /// `extra` go: a gateway hands on what it was given.
    pub messages: Vec<Message>,
    /// 0 to 2; `None` leaves it to the server.
    pub temperature: Option<f64>,
    /// The most tokens that the answer may have.
    pub max_tokens: Option<u32>,
    /// For answers that can be repeated, where the server supports it.
    pub seed: Option<i64>,
    /// The JSON schema that the answer must have, or a whole `response_format` object.
    pub schema: Option<Value>,
    /// Other fields of the body, by name, word for word. They cannot replace those above.
    pub extra: Map<String, Value>,
    /// For whom and under which versions is asked.
    pub scope: CacheScope,
    /// Whether the answer is asked for as a stream. Both give the same answer: one entry serves
    /// both.
    pub stream: bool,
    /// The term that is asked about, so that its entries can be removed.
    pub term: Option<String>,
    /// The tokens of the prompt where the caller has counted them; else they are counted here.
    pub prompt_tokens: Option<u32>,
    /// Who asks, for the ledger; empty on a workstation.
    pub account: String,
    /// Asked anew, also where an answer is kept: [`crate::CachePolicy::Refresh`].
    pub(crate) anew: bool,
    /// Goes along as `x-request-id`; made here when there is none.
    pub request_id: Option<String>,
    /// What it is for, for the ledger: `define`, `repair` …
    pub task: &'static str,
    /// How long all attempts together may take; the endpoint's own time when there is none.
    pub timeout: Option<Duration>,
    /// Not asked again of a server that fails, or that asks to wait for more than three seconds:
    /// another model stands ready. A line that fails is tried again all the same.
    pub once: bool,
}

impl Request {
    /// A streamed question, everything else left to the server.
    pub fn new(model: impl Into<String>, messages: Vec<Message>, scope: CacheScope) -> Self {
        Self {
            model: model.into(),
            messages,
            temperature: None,
            max_tokens: None,
            seed: None,
            schema: None,
            extra: Map::new(),
            scope,
            stream: true,
            term: None,
            prompt_tokens: None,
            account: String::new(),
            anew: false,
            request_id: None,
            task: "define",
            timeout: None,
            once: false,
        }
    }

    /// Whether an answer that is kept will not do.
    pub fn is_asked_anew(&self) -> bool {
        self.anew
    }

    /// The messages to the letter as they go upstream.
    pub fn sent(&self) -> Vec<Message> {
        let mut messages = self.messages.clone();
        for message in &mut messages {
            if let Cow::Owned(content) = nfc(&message.content) {
                message.content = content;
            }
        }
        messages
    }
}

/// For whom and under which versions a question is asked: all of it is part of the cache key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CacheScope {
    /// The organisation, from the signed-in identity; empty on a workstation without one.
    pub organisation: String,
    /// What kind of text the question holds.
    pub data_class: DataClass,
    /// The version of the prompt's wording.
    pub prompt_version: String,
    /// The version of the rule pack.
    pub pack_version: String,
    /// The arm of an experiment; empty when there is none.
    pub arm: String,
}

/// What kind of text a question holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataClass {
    /// Terms, context and public law alone: an answer may be shared.
    General,
    /// Text from a case: an answer stays in memory, never on disk. The default, to be safe.
    #[default]
    Case,
}

impl DataClass {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Case => "case",
        }
    }
}

/// The most entries of a list where lists are bounded: as many as any question asks for.
const MOST_ITEMS: usize = 5;

/// Whether a schema says how long a list may be. It costs tokens where a model is shown the schema, so it is said only
/// where an answer was cut off: a small model that a server holds to the form does not know how to end a list, and goes on
/// with it until the limit. Texts have no bound: half a sentence would pass for a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bounds {
    /// No answer was cut off yet.
    NotNeeded,
    /// From now on.
    Needed,
    /// The server takes no such schema.
    Refused,
}

/// Which wordings a server has turned out to need; see [`crate::adapt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wording {
    pub(crate) structured: Structured,
    pub(crate) bounds: Bounds,
    pub(crate) completion_tokens: bool,
    pub(crate) temperature: bool,
    pub(crate) seed: bool,
    pub(crate) stream_options: bool,
}

impl Wording {
    pub(crate) fn first(structured: Structured) -> Self {
        Self {
            structured,
            bounds: Bounds::NotNeeded,
            completion_tokens: false,
            temperature: true,
            seed: true,
            stream_options: true,
        }
    }
}

/// The text in NFC: the form in which it goes upstream and into the key.
pub fn nfc(text: &str) -> Cow<'_, str> {
    // Characters below U+0300, whose first byte is below 0xCC, are NFC in any order.
    if text.bytes().all(|byte| byte < 0xCC) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The body as it goes upstream.
pub(crate) fn body(request: &Request, wording: Wording) -> Value {
    let mut body = request.extra.clone();
    body.insert("model".to_owned(), json!(request.model));
    if !request.messages.is_empty() || !body.contains_key("messages") {
        body.insert("messages".to_owned(), json!(request.sent()));
    }
    if let Some(temperature) = request.temperature.filter(|_| wording.temperature) {
        body.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(limit) = request.max_tokens {
        let name = if wording.completion_tokens {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        body.insert(name.to_owned(), json!(limit));
    }
    if let Some(seed) = request.seed.filter(|_| wording.seed) {
        body.insert("seed".to_owned(), json!(seed));
    }
    if let Some(format) = request
        .schema
        .as_ref()
        .and_then(|s| response_format(s, wording))
    {
        body.insert("response_format".to_owned(), format);
    }
    body.insert("stream".to_owned(), json!(request.stream));
    body.remove("stream_options");
    if request.stream && wording.stream_options {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    Value::Object(body)
}

fn response_format(schema: &Value, wording: Wording) -> Option<Value> {
    let mut format = match wording.structured {
        Structured::JsonSchema if schema.get("json_schema").is_some() => schema.clone(),
        Structured::JsonSchema => {
            // OpenAI allows letters, digits, underscores and hyphens, 64 at most.
            let title = schema["title"].as_str().unwrap_or_default();
            let name: String = title
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
                .take(64)
                .collect();
            let name = if name.is_empty() { "reply" } else { &name };
            json!({
                "type": "json_schema",
                "json_schema": {"name": name, "strict": true, "schema": schema},
            })
        }
        Structured::JsonObject => json!({"type": "json_object"}),
        Structured::None => return None,
    };
    if wording.bounds == Bounds::Needed {
        bound_lists(&mut format);
    }
    Some(format)
}

/// The tokens that it takes to say how long lists may be, by this count.
pub(crate) fn tokens_of_bounds(
    request: &Request,
    wording: Wording,
    count: impl Fn(&str) -> u32,
) -> u32 {
    let form = |bounds| {
        let schema = request.schema.as_ref()?;
        response_format(schema, Wording { bounds, ..wording })
    };
    if wording.bounds != Bounds::Needed {
        return 0;
    }
    let [with, without] = [Bounds::Needed, Bounds::NotNeeded]
        .map(|bounds| form(bounds).map_or(0, |form| count(&form.to_string())));
    with.saturating_sub(without)
}

/// Says of every list how long it may be, where that is not said.
fn bound_lists(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if is_open_list(members) {
                members.insert("maxItems".to_owned(), json!(MOST_ITEMS));
            }
            members.values_mut().for_each(bound_lists);
        }
        Value::Array(values) => values.iter_mut().for_each(bound_lists),
        _ => {}
    }
}

/// Whether a schema has a list of any length.
pub(crate) fn has_open_list(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => is_open_list(members) || members.values().any(has_open_list),
        Value::Array(values) => values.iter().any(has_open_list),
        _ => false,
    }
}

fn is_open_list(members: &Map<String, Value>) -> bool {
    let is_list = members.get("type").is_some_and(|kind| kind == "array");
    is_list && !members.contains_key("maxItems")
}
