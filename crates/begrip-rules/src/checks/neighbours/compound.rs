//! A compound beside the concept that its last part names.

use begrip_language::{compound_heads, singular, term_key};

use super::genus::{Kinship, kinship};
use super::{Scene, together};
use crate::checks::Verdict;

/// SAM-04
pub(crate) fn check(scene: &Scene<'_>) -> Verdict {
    let Some(word) = scene.term.head() else {
        return Verdict::pass();
    };
    let word = singular(word).unwrap_or_else(|| word.to_owned());
    let heads = compound_heads(&word);
    let keys: Vec<_> = heads.iter().map(|head| term_key(head)).collect();
    if keys.is_empty() {
        return Verdict::pass();
    }
    let found = scene.neighbours.labelled(&keys);
    // The longest part that is a term is the one that the word is made with.
    let head = heads.iter().zip(&keys).find_map(|(head, key)| {
        found
            .iter()
            .filter(|found| found.key == *key && found.preferred)
            .filter(|found| together(&found.concept.context, scene.subject.context))
            .max_by_key(|found| found.concept.context.nearness(scene.subject.context))
            .map(|found| (*head, &found.concept))
    });
    let Some((head, concept)) = head else {
        return Verdict::pass();
    };
    let opening = scene.text.opening();
    let span = scene.text.span_of(0..opening.end.max(1));
    match kinship(scene, head, concept) {
        Kinship::Related => Verdict::pass(),
        Kinship::Other => Verdict::fail(
            span,
            format!(
                "De term eindigt op ‘{head}’, maar de tekst maakt er geen soort ‘{}’ van. Begin met ‘{}’ of met een \
                 ruimer begrip daarvan.",
                concept.term, concept.term
            ),
        ),
        Kinship::Unknown => Verdict::needs_person(
            span,
            format!(
                "De term eindigt op ‘{head}’. Is dit een soort ‘{}’, zoals dat begrip is omschreven?",
                concept.term
            ),
        ),
    }
}
