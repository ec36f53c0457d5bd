//! The wording is part of the key of the response cache.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_prompt::{PromptVersion, repair_schema, reply_schema, response_format};
use sha2::{Digest, Sha256};

/// Fails when a fixed text or schema changes. Then make a new [`PromptVersion`] with texts of its own
/// and put it here: answers to the old wording must not be served for the new.
#[test]
fn a_changed_wording_has_a_new_version() {
    let pinned = [
        ("1", include_str!("../src/wording/one.rs"), "da03e1ad036a"),
        ("2", include_str!("../src/wording/two.rs"), "442429834953"),
    ];
    assert_eq!(
        pinned.map(|(name, ..)| name),
        PromptVersion::ALL.map(PromptVersion::as_str)
    );
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
