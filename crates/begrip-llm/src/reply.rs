//! A model's reply, read as its bytes arrive: an event stream or one JSON object, told apart by
//! the first byte. Servers exist that answer a request for a stream with plain JSON.

use serde::Deserialize;
use serde_json::Value;

use crate::answer::{FinishReason, Usage};
use crate::endpoint::Limits;
use crate::error::{BadReply, LlmError};
use crate::refusal;
use crate::sse::EventReader;

/// Reads one reply.
#[derive(Debug)]
pub(crate) struct ReplyReader {
    body: Body,
    limits: Limits,
    wire: usize,
    said: Said,
}

/// What a reply has said so far.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) piece_ends: Vec<u32>,
    pub(crate) model: Option<String>,
    pub(crate) usage: Option<Usage>,
    finish: Option<String>,
    withheld: bool,
    events: usize,
    done: bool,
}

#[derive(Debug)]
enum Body {
    /// Nothing but white space so far.
    Unknown(Vec<u8>),
    Events(EventReader),
    Plain(Vec<u8>),
}

impl ReplyReader {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            body: Body::Unknown(Vec::new()),
            limits,
            wire: 0,
            said: Said::default(),
        }
    }

    pub(crate) fn said(&self) -> &Said {
        &self.said
    }

    pub(crate) fn into_said(self) -> Said {
        self.said
    }

    /// True when the reply has said that it is complete; what may follow is of no use.
    pub(crate) fn is_done(&self) -> bool {
        self.said.done
    }

    /// Takes the next bytes; new text goes to `piece`.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        piece: &mut dyn FnMut(&str),
    ) -> Result<(), LlmError> {
        self.wire += bytes.len();
        if self.wire > self.limits.wire_bytes {
            return Err(self.too_large(self.limits.wire_bytes));
        }
        match &mut self.body {
            Body::Unknown(held) => {
                held.extend_from_slice(bytes);
                let text = held.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(held);
                let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) else {
                    return Ok(());
                };
                let first = *first;
                let held = std::mem::take(held);
                match first {
                    b'<' => return Err(LlmError::BadReply(BadReply::Html)),
                    b'{' | b'[' => self.body = Body::Plain(held),
                    _ => {
                        self.body = Body::Events(EventReader::new());
                        return self.events(&held, piece);
                    }
                }
                Ok(())
            }
            Body::Events(_) => self.events(bytes, piece),
            Body::Plain(held) => {
                held.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Takes the end of the body. The reply is whole, or the error tells why not.
    pub(crate) fn finish(&mut self, piece: &mut dyn FnMut(&str)) -> Result<FinishReason, LlmError> {
        match std::mem::replace(&mut self.body, Body::Unknown(Vec::new())) {
            Body::Unknown(_) => return Err(broken("it has no content")),
            Body::Events(reader) => {
                let mut result = Ok(());
                let (said, limits) = (&mut self.said, self.limits);
                reader.finish(|data| {
                    if result.is_ok() {
                        result = said.event(data, limits, piece);
                    }
                });
                result?;
                if self.said.events == 0 && !self.said.done {
                    return Err(LlmError::BadReply(BadReply::NotJson));
                }
                if !self.said.done && self.said.finish.is_none() {
                    return Err(broken("the stream ended before the answer did"));
                }
            }
            Body::Plain(bytes) => {
                let chunk: Chunk = serde_json::from_slice(&bytes).map_err(|error| {
                    use serde_json::error::Category;
                    match error.classify() {
                        Category::Eof => broken("the JSON ended before its end"),
                        Category::Data => LlmError::BadReply(BadReply::WrongForm),
                        _ => LlmError::BadReply(BadReply::NotJson),
                    }
                })?;
                let has_choice = chunk.choices.as_ref().is_some_and(|list| !list.is_empty());
                if chunk.error.is_none() && !has_choice {
                    return Err(LlmError::BadReply(BadReply::WrongForm));
                }
                self.said.chunk(chunk, self.limits, piece)?;
            }
        }
        self.said.verdict()
    }

    fn events(&mut self, bytes: &[u8], piece: &mut dyn FnMut(&str)) -> Result<(), LlmError> {
        let Body::Events(reader) = &mut self.body else {
            return Ok(());
        };
        let mut result = Ok(());
        let (said, limits) = (&mut self.said, self.limits);
        reader.feed(bytes, |data| {
            if result.is_ok() {
                result = said.event(data, limits, piece);
            }
        });
        result?;
        // One event holds at most the whole text, escaped, and its wrapping.
        let largest = self
            .limits
            .text_bytes
            .saturating_mul(6)
            .saturating_add(64 * 1024);
        if reader.held() > largest {
            return Err(self.too_large(largest));
        }
        Ok(())
    }

    fn too_large(&self, limit: usize) -> LlmError {
        LlmError::TooLarge { limit }
    }
}

fn broken(why: &str) -> LlmError {
    LlmError::BrokenStream(why.to_owned())
}

impl Said {
    /// True when the reply has said why it stops.
    pub(crate) fn has_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn event(
        &mut self,
        data: &[u8],
        limits: Limits,
        piece: &mut dyn FnMut(&str),
    ) -> Result<(), LlmError> {
        if self.done {
            return Ok(());
        }
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        self.events += 1;
        let chunk =
            serde_json::from_slice(data).map_err(|_| LlmError::BadReply(BadReply::NotJson))?;
        self.chunk(chunk, limits, piece)
    }

    fn chunk(
        &mut self,
        chunk: Chunk,
        limits: Limits,
        piece: &mut dyn FnMut(&str),
    ) -> Result<(), LlmError> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(refusal::inside_a_reply(&error));
        }
        if chunk.model.as_ref().is_some_and(|name| !name.is_empty()) {
            self.model = chunk.model;
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some(usage.into());
        }
        let choices = chunk.choices.unwrap_or_default();
        for choice in choices
            .into_iter()
            .filter(|choice| choice.index.unwrap_or(0) == 0)
        {
            let part = choice.delta.or(choice.message).unwrap_or_default();
            self.withheld |= part.refusal.is_some_and(|text| !text.is_empty());
            let text = part
                .content
                .map(text_of)
                .or(choice.text)
                .unwrap_or_default();
            if !text.is_empty() {
                if self.text.len() + text.len() > limits.text_bytes {
                    return Err(LlmError::TooLarge {
                        limit: limits.text_bytes,
                    });
                }
                self.text.push_str(&text);
                self.piece_ends
                    .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
                piece(&text);
            }
            self.finish = choice.finish_reason.or(self.finish.take());
        }
        Ok(())
    }

    fn verdict(&self) -> Result<FinishReason, LlmError> {
        let word = self
            .finish
            .as_deref()
            .unwrap_or("stop")
            .to_ascii_lowercase();
        let reason = match word.as_str() {
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => FinishReason::Stop,
            "length" | "max_tokens" | "model_length" => return Err(LlmError::Truncated),
            "content_filter" | "safety" => return Err(LlmError::ContentFilter),
            _ => FinishReason::Other(word),
        };
        if self.withheld {
            Err(LlmError::ContentFilter)
        } else if self.text.trim().is_empty() {
            Err(LlmError::Empty)
        } else {
            Ok(reason)
        }
    }
}

/// Content is a text, or a list of parts with texts.
fn text_of(content: Value) -> String {
    match content {
        Value::String(text) => text,
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<RawUsage>,
    model: Option<String>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u32>,
    delta: Option<Part>,
    message: Option<Part>,
    text: Option<String>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Part {
    content: Option<Value>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct RawUsage {
    #[serde(default)]
    prompt_tokens: Option<u32>,
    #[serde(default)]
    completion_tokens: Option<u32>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u32>,
}

impl From<RawUsage> for Usage {
    fn from(raw: RawUsage) -> Self {
        let details = raw.prompt_tokens_details;
        Self {
            tokens_in: raw.prompt_tokens.unwrap_or(0),
            tokens_out: raw.completion_tokens.unwrap_or(0),
            tokens_cached: details.and_then(|d| d.cached_tokens).unwrap_or(0),
            counted_here: false,
        }
    }
}
