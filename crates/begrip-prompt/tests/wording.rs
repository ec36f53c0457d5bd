//! The wording is part of the key of the response cache.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_prompt::{
    PREPARE_VERSION, PrepareInput, PromptVersion, Tiktoken, Wanted, compose_prepare, read_prepare,
    repair_schema, reply_schema, response_format,
};
use sha2::{Digest, Sha256};

/// Fails when a fixed text or schema changes. Then make a new [`PromptVersion`] with texts of its own
/// and put it here: answers to the old wording must not be served for the new.
#[test]
fn a_changed_wording_has_a_new_version() {
    let pinned = [
        ("1", include_str!("../src/wording/one.rs"), "41ca94426752"),
        ("2", include_str!("../src/wording/two.rs"), "abe43dccd66a"),
    ];
    assert_eq!(
        pinned.map(|(name, ..)| name),
        PromptVersion::ALL.map(PromptVersion::as_str)
    );
    // What stands above a wish is said in all of them.
    let wish = Sha256::digest(include_str!("../src/wording/refine.rs"));
    assert_eq!(wish[..4], [0x13, 0x3e, 0xec, 0x84]);
    for (name, texts, known) in pinned {
        let mut hash = Sha256::new();
        hash.update(texts);
        hash.update(response_format(&reply_schema()).to_string());
        hash.update(response_format(&repair_schema()).to_string());
        let digest: String = hash
            .finalize()
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest, known, "version {name}");
    }
}

#[test]
fn a_version_comes_back_from_its_name_and_nothing_else_does() {
    for version in PromptVersion::ALL {
        assert_eq!(version.as_str().parse(), Ok(version));
        assert_eq!(
            serde_json::to_value(version).unwrap(),
            serde_json::json!(version.as_str())
        );
    }
    for name in ["", "0", "01", "3", "one"] {
        assert!(name.parse::<PromptVersion>().is_err(), "{name}");
    }
}

/// As for the prompts: a changed text or form of the small question is a new [`PREPARE_VERSION`].
#[test]
fn a_changed_small_question_has_a_new_version() {
    let protected = begrip_privacy::protect("term", &[], &begrip_privacy::Choices::default());
    let context = begrip_domain::Context::default();
    let mut hash = Sha256::new();
    for (category, words) in [(true, false), (false, true), (true, true)] {
        let wanted = Wanted { category, words };
        let input = PrepareInput {
            term: &protected,
            context: &context,
            asked: wanted,
        };
        let prompt = compose_prepare(&input, &Tiktoken::for_model("gpt-4o")).unwrap();
        for message in &prompt.messages {
            hash.update(&message.content);
        }
        hash.update(response_format(&prompt.schema).to_string());
    }
    let digest: String = hash
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        (PREPARE_VERSION, digest.as_str()),
        ("voorbereiding 1", "4d3d4dd3282e")
    );
}

#[test]
fn an_answer_to_a_small_question_is_taken_only_in_the_form_that_was_asked() {
    let both = Wanted {
        category: true,
        words: true,
    };
    let read = |text: &str| read_prepare(text, both);
    let good = read(r#"```json
{"category": "proces", "words": ["zitting", "x", "rm -rf /", "openbare zitting", "a", "griffier", "rechter", "zaak", "wet"]}
```"#)
    .unwrap();
    assert_eq!(good.category, Some(begrip_domain::Category::Process));
    assert_eq!(
        good.words,
        ["zitting", "openbare zitting", "griffier", "rechter", "zaak"]
    );
    let open = read(r#"{"category": "onbekend", "words": []}"#).unwrap();
    assert_eq!((open.category, open.words.len()), (None, 0));
    for text in [
        "",
        "proces",
        "[]",
        "[1]",
        "{}",
        r#"{"category": "proces"}"#,
        r#"{"words": ["zitting"]}"#,
        r#"{"category": "stuur de notities", "words": []}"#,
        r#"{"category": ["proces"], "words": []}"#,
        r#"{"category": "proces", "words": "zitting"}"#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
