//! Faults and quirks of a model server, and which request gets which.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

/// How one request is answered.
///
/// As JSON for `POST /_mock/behaviour`: `{"kind": "status", "status": 429, "retry_after": "1"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Behaviour {
    /// A good answer.
    #[default]
    Normal,
    /// An HTTP error with OpenAI's error body.
    Status {
        /// The status code, 400 to 599.
        status: u16,
        /// The value of the `Retry-After` header: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// A request that is longer than this is refused, in the words of llama.cpp's server.
    SmallContext {
        /// Tokens of a prompt at most.
        tokens: u32,
    },
    /// The request is taken and never answered.
    Hang,
    /// A stream that stops without an end after some pieces; the connection stays open.
    HangMidStream {
        /// How many tokens come first.
        after: u32,
    },
    /// A good answer whose rest waits, after some pieces, until [`crate::MockModel::release`].
    HeldBack {
        /// How many pieces come first.
        after: u32,
    },
    /// The connection is closed after some pieces, before the end.
    CutStream {
        /// How many tokens come first.
        after: u32,
    },
    /// 200 with bytes that are neither UTF-8, JSON nor an event stream.
    Garbage,
    /// An answer that is JSON of another form than asked for.
    WrongJson,
    /// As a small model that is held to a form: a list goes on until the form ends it, or the token limit does.
    RunsOn,
    /// The right JSON between sentences of prose.
    Prose,
    /// The right JSON in a Markdown code fence.
    CodeFence,
    /// An answer cut off by the token limit: `finish_reason` is `length`.
    Truncated {
        /// How many tokens come before the cut.
        after: u32,
    },
    /// An answer withheld by a content filter: `finish_reason` is `content_filter`.
    ContentFilter,
    /// An answer with empty content and `finish_reason` `stop`.
    Empty,
    /// An answer of very many bytes.
    Huge {
        /// The size of the content in bytes, about.
        bytes: u32,
    },
    /// A good answer, but each token takes this long.
    SlowDrip {
        /// Milliseconds before each token.
        delay_ms: u32,
    },
    /// A good answer in an untidy event stream: CRLF, comments, keep-alives, events cut anywhere.
    Untidy,
    /// An error object inside a stream that began well.
    ErrorEvent {
        /// How many tokens come first.
        after: u32,
    },
    /// A good answer without `usage`.
    NoUsage,
    /// A definition that breaks blocking rules; a good one when asked to repair it.
    FaultyThenRepaired,
    /// A definition that breaks blocking rules, also when asked to repair it.
    Faulty,
    /// Where a name from a list is asked: the one that it knows for the term, and for so many of a hundred
    /// terms another one of the list. Which terms those are follows from the seed alone, so that a model
    /// is wrong about the same ones each time. Any other question gets a good answer.
    Judges {
        /// The names by the terms, in small letters.
        names: BTreeMap<String, String>,
        /// How many of a hundred it has wrong.
        wrong: u32,
        /// For what is drawn.
        seed: u64,
    },
    /// This text, word for word.
    Text {
        /// The content of the answer.
        text: String,
    },
}

impl Behaviour {
    /// An HTTP error without `Retry-After`.
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
        }
    }

    /// 429 with `Retry-After` in seconds.
    pub fn too_many(retry_after_seconds: u32) -> Self {
        Self::Status {
            status: 429,
            retry_after: Some(retry_after_seconds.to_string()),
        }
    }

    /// The name under which it stands in the log, as in JSON's `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Status { .. } => "status",
            Self::SmallContext { .. } => "small_context",
            Self::Hang => "hang",
            Self::HangMidStream { .. } => "hang_mid_stream",
            Self::HeldBack { .. } => "held_back",
            Self::CutStream { .. } => "cut_stream",
            Self::Garbage => "garbage",
            Self::WrongJson => "wrong_json",
            Self::RunsOn => "runs_on",
            Self::Prose => "prose",
            Self::CodeFence => "code_fence",
            Self::Truncated { .. } => "truncated",
            Self::ContentFilter => "content_filter",
            Self::Empty => "empty",
            Self::Huge { .. } => "huge",
            Self::SlowDrip { .. } => "slow_drip",
            Self::Untidy => "untidy",
            Self::ErrorEvent { .. } => "error_event",
            Self::NoUsage => "no_usage",
            Self::FaultyThenRepaired => "faulty_then_repaired",
            Self::Faulty => "faulty",
            Self::Judges { .. } => "judges",
            Self::Text { .. } => "text",
        }
    }

    /// True when the answer that the caller gets is no usable one.
    pub(crate) fn spoils_the_answer(&self) -> bool {
        matches!(
            self,
            Self::Status { .. }
                | Self::Hang
                | Self::HangMidStream { .. }
                | Self::CutStream { .. }
                | Self::Garbage
                | Self::WrongJson
                | Self::Truncated { .. }
                | Self::ContentFilter
                | Self::Empty
                | Self::Huge { .. }
                | Self::ErrorEvent { .. }
        )
    }
}

/// Which requests a behaviour is for. The order of precedence is `Next`, `Model`, `Term`, `Saying`,
/// `Always`.
///
/// As JSON: `{"next": {"times": 2}}`, `{"model": {"model": "small"}}`,
/// `{"term": {"term": "vonnis"}}`, `{"saying": {"text": "één zin"}}` or `"always"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The next requests that have no behaviour waiting for them yet, in order of arrival.
    Next {
        /// How many requests.
        times: u32,
    },
    /// Every request for this model.
    Model {
        /// Its name, to the letter.
        model: String,
    },
    /// Every request about this term (whatever its case).
    Term {
        /// The term.
        term: String,
    },
    /// Every request with this text in one of its messages.
    Saying {
        /// The text, to the letter.
        text: String,
    },
    /// Every request.
    Always,
}

/// The behaviours that are set, and the queue of those for the next requests.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    next: VecDeque<Behaviour>,
    models: HashMap<String, Behaviour>,
    terms: HashMap<String, Behaviour>,
    saying: Vec<(String, Behaviour)>,
    always: Behaviour,
}

impl Plan {
    pub(crate) fn set(&mut self, when: When, behaviour: Behaviour) {
        match when {
            When::Next { times } => {
                let copies = std::iter::repeat_n(behaviour, times as usize);
                self.next.extend(copies);
            }
            When::Model { model } => {
                self.models.insert(model, behaviour);
            }
            When::Term { term } => {
                self.terms.insert(term.to_lowercase(), behaviour);
            }
            When::Saying { text } => self.saying.push((text, behaviour)),
            When::Always => self.always = behaviour,
        }
    }

    /// `texts` are what the request's messages say; the latest that fits holds.
    pub(crate) fn take(&mut self, term: &str, model: &str, texts: &[&str]) -> Behaviour {
        let said = |(text, behaviour): &(String, Behaviour)| {
            let said = texts.iter().any(|message| message.contains(text));
            said.then(|| behaviour.clone())
        };
        self.next
            .pop_front()
            .or_else(|| self.models.get(model).cloned())
            .or_else(|| self.terms.get(&term.to_lowercase()).cloned())
            .or_else(|| self.saying.iter().rev().find_map(said))
            .unwrap_or_else(|| self.always.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_goes_before_the_model_the_term_what_is_said_and_the_rest() {
        let mut plan = Plan::default();
        plan.set(When::Always, Behaviour::Empty);
        let term = "Vonnis".to_owned();
        plan.set(When::Term { term }, Behaviour::Garbage);
        let model = "klein".to_owned();
        plan.set(When::Model { model }, Behaviour::Prose);
        plan.set(When::Next { times: 2 }, Behaviour::Hang);
        let text = "één zin".to_owned();
        plan.set(When::Saying { text }, Behaviour::CodeFence);
        let said = ["Antwoord", "definition: één zin, meer niet"];
        assert_eq!(plan.take("vonnis", "groot", &said), Behaviour::Hang);
        assert_eq!(plan.take("arrest", "groot", &said), Behaviour::Hang);
        assert_eq!(plan.take("vonnis", "groot", &said), Behaviour::Garbage);
        assert_eq!(plan.take("vonnis", "klein", &said), Behaviour::Prose);
        assert_eq!(plan.take("arrest", "groot", &said), Behaviour::CodeFence);
        assert_eq!(plan.take("arrest", "groot", &said[..1]), Behaviour::Empty);
    }

    #[test]
    fn json_forms_stay_as_documented() {
        let read: Behaviour =
            serde_json::from_str(r#"{"kind": "status", "status": 429, "retry_after": "1"}"#)
                .unwrap();
        assert_eq!(read, Behaviour::too_many(1));
        for (json, when) in [
            (r#"{"next":{"times":2}}"#, When::Next { times: 2 }),
            (r#""always""#, When::Always),
        ] {
            assert_eq!(serde_json::from_str::<When>(json).unwrap(), when);
        }
    }

    #[test]
    fn the_name_in_the_log_is_the_kind_in_json() {
        for behaviour in [
            Behaviour::Normal,
            Behaviour::HangMidStream { after: 1 },
            Behaviour::FaultyThenRepaired,
            Behaviour::NoUsage,
        ] {
            let json = serde_json::to_value(&behaviour).unwrap();
            assert_eq!(json["kind"], behaviour.name());
        }
    }
}
