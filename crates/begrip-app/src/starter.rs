//! The starter set: concepts that come with the program, as data that a lawyer can read and mend.
//!
//! The files stand in `starter/*.toml`; the format is told at the top of each. They are part of
//! the program, so that a first start needs no network and no other file.

use begrip_domain::{
    Category, Citation, Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance,
    Status, Validity,
};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

include!(concat!(env!("OUT_DIR"), "/starter_files.rs"));

/// The author named on concepts of the starter set.
pub const STARTER_AUTHOR: &str = "Begrip (startset)";

/// The reason named on their first revision.
pub const STARTER_REASON: &str = "startset, niet vastgesteld";

/// A starter file that cannot be read; names file and fault.
#[derive(Debug, thiserror::Error)]
#[error("starter file {file}: {fault}")]
pub struct StarterError {
    /// Name of the file.
    pub file: &'static str,
    /// What is wrong, with the line where known.
    pub fault: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    concept: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    term: Label,
    #[serde(default)]
    synonyms: Vec<Label>,
    #[serde(default)]
    antonyms: Vec<Label>,
    #[serde(default)]
    organisations: Vec<Label>,
    #[serde(default)]
    legal_areas: Vec<Label>,
    #[serde(default)]
    statutory_bases: Vec<Label>,
    category: Category,
    definition: String,
    explanation: String,
    examples: Vec<String>,
    #[serde(default)]
    counter_examples: Vec<String>,
    citations: Vec<Citation>,
}

/// Version of the set: changes with any byte of any file.
pub fn version() -> String {
    let mut digest = Sha256::new();
    for (name, text) in FILES {
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name);
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Every concept of the set, as it stands in the store after a first start at `now`.
///
/// A concept's id follows from its term and context, so that two desktops hold the same concept.
pub fn concepts(now: Timestamp) -> Result<Vec<Concept>, StarterError> {
    let mut concepts = Vec::new();
    for (file, text) in FILES {
        let entries: File = toml::from_str(text).map_err(|error| StarterError {
            file,
            fault: error.to_string(),
        })?;
        concepts.extend(entries.concept.into_iter().map(|entry| concept(entry, now)));
    }
    Ok(concepts)
}

fn concept(entry: Entry, now: Timestamp) -> Concept {
    let context = Context {
        organisations: entry.organisations.into_iter().collect(),
        legal_areas: entry.legal_areas.into_iter().collect(),
        statutory_bases: entry.statutory_bases.into_iter().collect(),
    };
    let name = format!(
        "{}\n{}",
        begrip_language::term_key(entry.term.as_str()),
        context.key()
    );
    Concept {
        id: ConceptId(Uuid::new_v5(&NAMESPACE, name.as_bytes())),
        fields: ConceptFields {
            term: entry.term,
            synonyms: entry.synonyms,
            antonyms: entry.antonyms,
            context,
            category: Some(entry.category),
            definition: entry.definition,
            explanation: entry.explanation,
            examples: entry.examples,
            counter_examples: entry.counter_examples,
            citations: entry.citations,
            validity: Validity::default(),
            notes: String::new(),
        },
        status: Status::InPreparation,
        version: 1,
        provenance: Provenance {
            origin: Origin::StarterSet,
            author: STARTER_AUTHOR.to_owned(),
            model: None,
        },
        created_at: now,
        modified_at: now,
    }
}

/// Namespace of the starter set's ids (RFC 9562, version 5); never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_52a4_5c0e_4a53_9d0b_b1e9_4c1f_7a10);
