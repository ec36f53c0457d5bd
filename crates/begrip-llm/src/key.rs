//! The cache key: SHA-256 over a canonical form of everything that can change an answer.
//!
//! What is decided:
//! - **Form.** Each value is written with a type letter and, where its length varies, the length
//!   in front (64 bits, little-endian). No two different questions give the same bytes: nothing is
//!   joined with a separator that could also stand in the text.
//! - **Numbers** count by value: `0.2` = `0.20` = `2e-1`, `1` = `1.0`, `-0.0` = `0`. Whole numbers
//!   beyond 2⁵³ keep every digit.
//! - **Text** goes upstream in NFC (see [`crate::request`]), and the key is taken of that: two
//!   Unicode forms of one letter are the same question, and the same bytes upstream. Case and
//!   white space count: they do change what the model reads. Free fields ([`Request::extra`]) and
//!   schemas are taken as they are.
//! - **Objects** are sorted by key, at every depth. Lists keep their order.
//! - **Absent is not null**, and neither is the same as a default that is written out: a server
//!   may have other defaults. The stream flag alone is left out: it does not change the answer.
//! - **The schema** counts as it was asked for, also where a server refuses `response_format` and
//!   is asked without: the answer has to keep to the schema all the same, and what a server
//!   refuses is only known after the first try.
//! - **The address** of the server is no part of it, so that a workstation, the central server and
//!   the provider behind it mean the same question by the same key. Where the same model name
//!   means another model, `arm` tells them apart.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::request::{CacheScope, Request, nfc};

/// 32 bytes that stand for a question.
pub type Key = [u8; 32];

/// Changes whenever the canonical form does, so that old entries are not read with new eyes.
const FORM: &str = "begrip-llm key 1";

/// The key of a question.
pub fn key_of(request: &Request) -> Key {
    // Taken apart without `..`: a new field must be decided on here.
    let Request {
        model,
        messages,
        temperature,
        max_tokens,
        seed,
        schema,
        extra,
        scope,
        // One entry serves streamed and plain answers.
        stream: _,
        // A mark for removal: what it stands for is in the messages.
        term: _,
        // Follows from the messages.
        prompt_tokens: _,
        // For the ledger. Who may share an answer is told by the organisation.
        account: _,
        // Where the answer comes from, not what it is.
        anew: _,
        // Differs with each question by design.
        request_id: _,
        // For the ledger: the same question has the same answer whatever it is for.
        task: _,
        // Neither changes what is answered, only whether and when.
        timeout: _,
        once: _,
    } = request;
    let CacheScope {
        organisation,
        data_class,
        prompt_version,
        pack_version,
        arm,
    } = scope;
    let mut form = Canonical(Sha256::new());
    for text in [
        FORM,
        organisation,
        data_class.as_str(),
        prompt_version,
        pack_version,
        arm,
        model,
    ] {
        form.text(text);
    }
    form.count(b'a', messages.len());
    for message in messages {
        form.text(message.role.as_str());
        form.text(&nfc(&message.content));
    }
    form.optional(temperature.as_ref(), |form, t| form.float(*t));
    form.optional(max_tokens.as_ref(), |form, limit| {
        form.whole(i128::from(*limit))
    });
    form.optional(seed.as_ref(), |form, seed| form.whole(i128::from(*seed)));
    form.optional(schema.as_ref(), Canonical::value);
    form.object(extra);
    form.0.finalize().into()
}

/// The key of the vectors of a question's texts: never that of an answer to it, whatever stands in either.
pub(crate) fn key_of_vectors(request: &Request) -> Key {
    let mut form = Canonical(Sha256::new());
    form.text("vectors");
    form.0.update(key_of(request));
    form.0.finalize().into()
}

struct Canonical(Sha256);

impl Canonical {
    fn count(&mut self, kind: u8, count: usize) {
        let mut head = [kind, 0, 0, 0, 0, 0, 0, 0, 0];
        head[1..].copy_from_slice(&(count as u64).to_le_bytes());
        self.0.update(head);
    }

    fn text(&mut self, text: &str) {
        self.count(b's', text.len());
        self.0.update(text.as_bytes());
    }

    fn whole(&mut self, number: i128) {
        self.0.update(b"i");
        self.0.update(number.to_le_bytes());
    }

    fn float(&mut self, number: f64) {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() <= EXACT {
            // Lossless: whole and at most 2⁵³. This also makes -0.0 the same as 0.
            #[allow(clippy::cast_possible_truncation)]
            return self.whole(number as i128);
        }
        self.0.update(b"d");
        self.0.update(number.to_le_bytes());
    }

    fn number(&mut self, number: &Number) {
        if let Some(whole) = number.as_i64() {
            self.whole(i128::from(whole));
        } else if let Some(whole) = number.as_u64() {
            self.whole(i128::from(whole));
        } else {
            self.float(number.as_f64().unwrap_or_default());
        }
    }

    fn optional<'a, T>(&mut self, value: Option<&'a T>, write: impl FnOnce(&mut Self, &'a T)) {
        match value {
            Some(value) => {
                self.0.update(b"+");
                write(self, value);
            }
            None => self.0.update(b"-"),
        }
    }

    fn object(&mut self, object: &serde_json::Map<String, Value>) {
        // Sorted here, since the map keeps the order of insertion when another crate of the
        // program turns that on.
        let mut members: Vec<_> = object.iter().collect();
        members.sort_unstable_by_key(|(name, _)| name.as_str());
        self.count(b'o', members.len());
        for (name, value) in members {
            self.text(name);
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.update(b"n"),
            Value::Bool(true) => self.0.update(b"t"),
            Value::Bool(false) => self.0.update(b"f"),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                self.count(b'a', list.len());
                list.iter().for_each(|item| self.value(item));
            }
            Value::Object(object) => self.object(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use begrip_prompt::{Message, Role};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::endpoint::Structured;
    use crate::request::{Wording, body};

    /// Questions of so few kinds that two of them are often the same.
    fn request() -> impl Strategy<Value = Request> {
        let role = prop::sample::select(vec![Role::System, Role::User]);
        let text = prop::sample::select(vec!["", "a", "ab", "b", "\u{e9}", "e\u{301}", "e"]);
        let message = (role, text).prop_map(|(role, text)| Message::new(role, text));
        let value = prop::sample::select(vec![
            json!(null),
            json!(1),
            json!("1"),
            json!(0.5),
            json!([1, [2]]),
            json!([[1], 2]),
            json!({"a": {"b": 1}}),
            json!({"a": {}, "b": 1}),
        ]);
        let extra = prop::collection::btree_map("[xy]", value.clone(), 0..3);
        (
            prop::sample::select(vec!["a", "b"]),
            prop::collection::vec(message, 0..3),
            prop::option::of(prop::sample::select(vec![0.0, 0.2])),
            prop::option::of(0u32..2),
            prop::option::of(-1i64..1),
            prop::option::of(value),
            extra,
        )
            .prop_map(
                |(model, messages, temperature, max_tokens, seed, schema, extra)| {
                    let mut request = Request::new(model, messages, CacheScope::default());
                    request.temperature = temperature;
                    request.max_tokens = max_tokens;
                    request.seed = seed;
                    request.schema = schema;
                    request.extra = extra.into_iter().collect();
                    request
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn two_questions_have_one_key_exactly_when_they_have_one_body(
            one in request(), other in request(),
        ) {
            let wording = Wording::first(Structured::JsonSchema);
            let same_body = body(&one, wording) == body(&other, wording);
            prop_assert_eq!(key_of(&one) == key_of(&other), same_body);
        }

        #[test]
        fn one_step_apart_is_never_the_same(one in request(), place in 0usize..5) {
            let mut other = one.clone();
            match place {
                0 => other.model.push('!'),
                1 => other.messages.push(Message::new(Role::User, "!")),
                2 => other.temperature = Some(1.5),
                3 => other.max_tokens = Some(99),
                _ => {
                    other.extra.insert("z".to_owned(), json!(null));
                }
            }
            prop_assert_ne!(key_of(&one), key_of(&other));
        }
    }
}
