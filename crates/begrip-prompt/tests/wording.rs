//! The wording is part of the key of the response cache.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_prompt::{PROMPT_VERSION, repair_schema, reply_schema, response_format};
use sha2::{Digest, Sha256};

/// Fails when a fixed text or schema changes. Then give [`PROMPT_VERSION`] a new value and put
/// both here: answers to the old wording must not be served for the new.
#[test]
fn a_changed_wording_has_a_new_version() {
    let mut hash = Sha256::new();
    hash.update(include_str!("../src/wording.rs"));
    hash.update(response_format(&reply_schema()).to_string());
    hash.update(response_format(&repair_schema()).to_string());
    let digest: String = hash
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!((PROMPT_VERSION, digest.as_str()), ("1", "61e73296d91b"));
}
