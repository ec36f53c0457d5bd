//! Synonyms: one concept, one preferred term, one definition.

use begrip_language::{Text, term_key};

use super::{Gist, Scene, together};
use crate::checks::Verdict;
use crate::subject::Labelled;

/// From this similarity on two texts say the same.
const SAME: f64 = 0.9;

/// SAM-06
pub(crate) fn preferred(scene: &Scene<'_>) -> Verdict {
    let subject = scene.subject;
    let own = term_key(subject.term);
    let keys: Vec<_> = subject
        .synonyms
        .iter()
        .map(|label| term_key(label.as_str()))
        .collect();
    for (at, (label, key)) in subject.synonyms.iter().zip(&keys).enumerate() {
        if *key == own {
            return Verdict::fail_whole(format!(
                "Het synoniem ‘{label}’ is de term zelf. Haal het weg."
            ));
        }
        if keys.iter().take(at).any(|earlier| earlier == key) {
            return Verdict::fail_whole(format!(
                "Het synoniem ‘{label}’ staat er twee keer. Haal er een weg."
            ));
        }
    }
    let found = beside(scene).find(|found| !(found.key == own && found.preferred));
    let Some(found) = found else {
        return Verdict::pass();
    };
    let other = &found.concept.term;
    Verdict::fail_whole(match (found.key == own, found.preferred) {
        (false, true) => format!(
            "Het synoniem ‘{other}’ is ook de voorkeursterm van een ander begrip. Kies één voorkeursterm."
        ),
        (true, _) => format!("De term is ook een synoniem van ‘{other}’. Kies één voorkeursterm."),
        (false, false) => {
            let label = subject
                .synonyms
                .iter()
                .zip(&keys)
                .find(|(_, key)| **key == found.key);
            let label = label.map_or(subject.term, |(label, _)| label.as_str());
            format!("‘{label}’ is ook een synoniem van ‘{other}’. Kies bij welk begrip het hoort.")
        }
    })
}

/// SAM-08
pub(crate) fn same_definition(scene: &Scene<'_>) -> Verdict {
    if scene.is_empty() {
        return Verdict::pass();
    }
    let own = term_key(scene.subject.term);
    // A synonym of this one that is a concept of its own, or the other way round.
    let other = beside(scene)
        .filter(|found| (found.key == own) != found.preferred)
        .find(|found| {
            let text = Text::new(&found.concept.definition);
            !text.words().is_empty() && scene.gist().similarity(&Gist::of(&text)) < SAME
        });
    match other {
        Some(found) => Verdict::fail_whole(format!(
            "‘{}’ is een synoniem, maar heeft een eigen definitie die anders is: {}.",
            found.concept.term,
            found.concept.definition.trim().trim_end_matches('.')
        )),
        None => Verdict::pass(),
    }
}

/// Concepts that carry one of the labels where they speak of the same things.
fn beside<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Labelled> {
    let context = scene.subject.context;
    scene
        .labelled()
        .iter()
        .filter(move |found| together(&found.concept.context, context))
}
