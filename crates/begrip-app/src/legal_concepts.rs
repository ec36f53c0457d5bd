//! The concepts that a law itself defines.

use std::collections::HashMap;

use begrip_domain::{
    Citation, Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance, Status,
    Validity,
};
use begrip_interchange::{Law, LegalDefinition, definitions};
use begrip_language::term_key;
use jiff::Timestamp;
use uuid::Uuid;

/// The author named on concepts that a law defines.
pub(crate) const LAW_AUTHOR: &str = "Begrip (wetten)";

/// Every concept that a law defines, established, with its citations.
///
/// The same text at several places of a law is one concept with several citations. Another text for
/// the same term holds for its own article alone, which then stands in its context. An id follows
/// from law, term and such an article: the next version of the law has the same concepts.
pub(crate) fn concepts(law: &Law, now: Timestamp) -> Vec<Concept> {
    let mut concepts: Vec<Concept> = Vec::new();
    // Of each term the concepts so far, by their place in the list.
    let mut of_term: HashMap<String, Vec<usize>> = HashMap::new();
    for definition in definitions(law) {
        let key = term_key(definition.term.as_str()).to_string();
        let known = of_term.entry(key.clone()).or_default();
        let citation = citation_of(law, &definition);
        let same = known.iter().copied().find(|at| {
            concepts
                .get(*at)
                .is_some_and(|concept| concept.fields.definition == definition.text)
        });
        if let Some(concept) = same.and_then(|at| concepts.get_mut(at)) {
            if !concept.fields.citations.contains(&citation) {
                concept.fields.citations.push(citation);
            }
            continue;
        }
        let place = (!known.is_empty()).then_some(definition.article.as_str());
        let Some(concept) = concept(law, definition.clone(), citation, &key, place, now) else {
            continue;
        };
        // Twice in one article with two texts: the first stands.
        if concepts.iter().any(|own| own.id == concept.id) {
            continue;
        }
        known.push(concepts.len());
        concepts.push(concept);
    }
    concepts
}

fn concept(
    law: &Law,
    definition: LegalDefinition,
    citation: Citation,
    key: &str,
    place: Option<&str>,
    now: Timestamp,
) -> Option<Concept> {
    let basis = match place {
        None => law.title.clone(),
        Some(article) => Label::new(&format!("{}, artikel {article}", law.title)).ok()?,
    };
    let name = format!("{}\n{key}\n{}", law.id, place.unwrap_or_default());
    let fields = ConceptFields {
        synonyms: definition.synonyms,
        context: Context {
            statutory_bases: [basis].into(),
            ..Context::default()
        },
        definition: definition.text,
        validity: days_of(law),
        citations: vec![citation],
        ..ConceptFields::of_term(definition.term)
    };
    fields.check().ok()?;
    Some(Concept {
        id: ConceptId(Uuid::new_v5(&NAMESPACE, name.as_bytes())),
        fields,
        status: Status::Established,
        version: 1,
        provenance: Provenance {
            origin: Origin::Statute,
            author: LAW_AUTHOR.to_owned(),
            model: None,
        },
        created_at: now,
        modified_at: now,
    })
}

/// On which days this version of the law holds, and so what it defines.
fn days_of(law: &Law) -> Validity {
    let days = Validity {
        from: law.valid_from,
        until: law.valid_to,
    };
    match days.is_reversed() {
        // A file that contradicts itself: its beginning is what versions are told apart by.
        true => Validity {
            until: None,
            ..days
        },
        false => days,
    }
}

fn citation_of(law: &Law, definition: &LegalDefinition) -> Citation {
    Citation {
        source: law.title.clone(),
        article: Some(definition.article.clone()),
        paragraph: definition.paragraph.clone(),
        address: definition.address.clone(),
    }
}

/// Namespace of the ids of concepts that laws define (RFC 9562, version 5); never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x2b8a_4c5e_91d7_4f0e_8c33_5a7e_10d2_6b94);
