//! The key: what may and what may not be the same question.

use begrip_llm::{DataClass, Message, Request, Role, key_of};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::question;

type Change = (&'static str, fn(&mut Request));

fn base() -> Request {
    let mut request = question("vonnis");
    request.temperature = Some(0.2);
    request.max_tokens = Some(500);
    request.seed = Some(7);
    request.schema = Some(json!({"type": "object", "required": ["a", "b"], "n": 1}));
    request.extra = object(json!({"top_p": 0.9, "stop": ["x", "y"]}));
    request
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Each of these is another question.
const OTHER: &[Change] = &[
    ("model", |r| r.model = "gpt-test-2".to_owned()),
    ("a word", |r| {
        r.messages[1].content = "<term>arrest</term>".to_owned()
    }),
    ("one byte", |r| r.messages[0].content.push(' ')),
    ("case", |r| {
        r.messages[1].content = "<term>Vonnis</term>".to_owned()
    }),
    ("role", |r| r.messages[0].role = Role::User),
    ("order of messages", |r| r.messages.reverse()),
    ("one more message", |r| {
        r.messages.push(Message::new(Role::User, ""))
    }),
    ("one message less", |r| {
        r.messages.pop();
    }),
    ("temperature", |r| r.temperature = Some(0.3)),
    ("temperature, a hair", |r| {
        r.temperature = Some(0.200_000_000_000_000_04)
    }),
    ("no temperature", |r| r.temperature = None),
    ("temperature zero", |r| r.temperature = Some(0.0)),
    ("max_tokens", |r| r.max_tokens = Some(501)),
    ("no max_tokens", |r| r.max_tokens = None),
    ("seed", |r| r.seed = Some(8)),
    ("seed below zero", |r| r.seed = Some(-7)),
    ("no seed", |r| r.seed = None),
    ("schema", |r| {
        r.schema = Some(json!({"type": "object", "required": ["a", "c"], "n": 1}))
    }),
    ("order in a list of the schema", |r| {
        r.schema = Some(json!({"type": "object", "required": ["b", "a"], "n": 1}));
    }),
    ("number in the schema", |r| {
        r.schema = Some(json!({"type": "object", "required": ["a", "b"], "n": 2}));
    }),
    ("number as text in the schema", |r| {
        r.schema = Some(json!({"type": "object", "required": ["a", "b"], "n": "1"}));
    }),
    ("no schema", |r| r.schema = None),
    ("null schema", |r| r.schema = Some(Value::Null)),
    ("value of an unknown field", |r| {
        r.extra["top_p"] = json!(0.8)
    }),
    ("one more unknown field", |r| {
        r.extra.insert("logit_bias".to_owned(), json!({}));
    }),
    ("an unknown field with null", |r| {
        r.extra.insert("user".to_owned(), Value::Null);
    }),
    ("one unknown field less", |r| {
        r.extra.remove("stop");
    }),
    ("list cut otherwise", |r| r.extra["stop"] = json!(["xy"])),
    ("organisation", |r| r.scope.organisation = "DJI".to_owned()),
    ("no organisation", |r| r.scope.organisation.clear()),
    ("data class", |r| r.scope.data_class = DataClass::Case),
    ("prompt version", |r| {
        r.scope.prompt_version = "p2".to_owned()
    }),
    ("pack version", |r| r.scope.pack_version = "r2".to_owned()),
    ("versions swapped", |r| {
        r.scope.prompt_version = "r1".to_owned();
        r.scope.pack_version = "p1".to_owned();
    }),
    ("versions joined", |r| {
        r.scope.prompt_version = "p1r1".to_owned();
        r.scope.pack_version.clear();
    }),
    ("arm", |r| r.scope.arm = "b".to_owned()),
];

/// Each of these is the same question.
const SAME: &[Change] = &[
    ("nothing", |_| {}),
    ("plain instead of streamed", |r| r.stream = false),
    ("request id", |r| r.request_id = Some("x".to_owned())),
    ("tokens counted beforehand", |r| r.prompt_tokens = Some(9)),
    ("tag for removal", |r| r.term = None),
    ("temperature written otherwise", |r| {
        r.temperature = "2.0e-1".parse().ok()
    }),
    ("order of keys in the schema", |r| {
        r.schema =
            serde_json::from_str(r#"{"n": 1, "required": ["a", "b"], "type": "object"}"#).ok();
    }),
    ("1.0 for 1 in the schema", |r| {
        r.schema =
            serde_json::from_str(r#"{"type": "object", "required": ["a", "b"], "n": 1.0}"#).ok();
    }),
    ("0.90 for 0.9 and other order of keys", |r| {
        r.extra = serde_json::from_str(r#"{"stop": ["x", "y"], "top_p": 0.90}"#).unwrap();
    }),
];

#[test]
fn every_difference_that_can_change_the_answer_is_another_key() {
    let mut keys = vec![("the question itself", key_of(&base()))];
    for (name, change) in OTHER {
        let mut request = base();
        change(&mut request);
        keys.push((name, key_of(&request)));
    }
    for (i, (one, key)) in keys.iter().enumerate() {
        for (other, other_key) in &keys[i + 1..] {
            assert_ne!(key, other_key, "{one} / {other}");
        }
    }
}

#[test]
fn what_cannot_change_the_answer_is_the_same_key() {
    for (name, change) in SAME {
        let mut request = base();
        change(&mut request);
        assert_eq!(key_of(&request), key_of(&base()), "{name}");
    }
}

#[test]
fn unicode_forms_of_the_same_letters_are_one_question() {
    let mut composed = base();
    composed.messages[1].content = "<term>cliënt</term> — ’s-Hertogenbosch".to_owned();
    let mut decomposed = base();
    decomposed.messages[1].content = "<term>clie\u{308}nt</term> — ’s-Hertogenbosch".to_owned();
    assert_ne!(composed.messages, decomposed.messages);
    assert_eq!(key_of(&composed), key_of(&decomposed));
}

#[test]
fn the_key_is_the_same_in_every_build() {
    // Entries on disk outlive the program. When this changes, the form's version must too.
    let hex: String = key_of(&base())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "d87f829f6b8f9c4fde173626b0b7ee302f103105d2725b592550536763d51f57"
    );
}

proptest! {
    #[test]
    fn text_never_moves_unseen_from_one_field_to_the_next(
        text in "[a-c:|]{2,8}", one in 0usize..9, other in 0usize..9,
    ) {
        // The same text cut at two places and put into fields that follow each other.
        let (one, other) = (one.min(text.len()), other.min(text.len()));
        let cut = |place: usize| {
            let mut request = base();
            request.scope.prompt_version = text[..place].to_owned();
            request.scope.pack_version = text[place..].to_owned();
            request.messages[0].content = text[..place].to_owned();
            request.messages[1].content = text[place..].to_owned();
            key_of(&request)
        };
        prop_assert_eq!(cut(one) == cut(other), one == other);
    }

    #[test]
    fn any_changed_character_changes_the_key(
        text in "[ -~]{1,60}", place in any::<prop::sample::Index>(), new in "[ -~]",
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = place.index(chars.len());
        chars[at] = new.chars().next().unwrap();
        let changed: String = chars.into_iter().collect();
        let with = |text: &str| {
            let mut request = base();
            request.messages[1].content = text.to_owned();
            key_of(&request)
        };
        prop_assert_eq!(with(&text) == with(&changed), text == changed);
    }
}
