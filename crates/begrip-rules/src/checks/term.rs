//! What a text does with its own term, and the form of the term itself.

use begrip_language::{Class, infinitive_of, is_finite_verb, is_infinitive};

use super::{Scene, Verdict, opening::past_formula};

/// CON-CIRC-001
pub(crate) fn in_text(scene: &Scene<'_>) -> Verdict {
    let Some(found) = scene.term.find_in(scene.text).next() else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(found);
    let text = scene.text.text_of(span);
    Verdict::fail(
        span,
        format!(
            "De term staat zelf in de definitie (‘{text}’). Omschrijf het begrip met andere woorden."
        ),
    )
    .with_fix(past_formula(scene))
}

/// VER-01
pub(crate) fn plural(scene: &Scene<'_>) -> Verdict {
    match scene.term.in_singular() {
        Some(one) => Verdict::fail_whole(format!(
            "De term ‘{}’ is meervoud. Gebruik het enkelvoud: ‘{one}’.",
            scene.subject.term.trim()
        )),
        None => Verdict::pass(),
    }
}

/// VER-03
pub(crate) fn finite_verb(scene: &Scene<'_>) -> Verdict {
    let Some(word) = scene.term.head().filter(|_| scene.term.len() == 1) else {
        return Verdict::pass();
    };
    let known = scene.term.head_classes();
    if known.any(&[Class::Noun, Class::AdjectivalNoun])
        || is_infinitive(word)
        || !is_finite_verb(word)
    {
        return Verdict::pass();
    }
    let better = infinitive_of(word)
        .map(|verb| format!(": ‘{verb}’"))
        .unwrap_or_default();
    Verdict::fail_whole(format!(
        "De term ‘{}’ is een vervoegd werkwoord. Gebruik het hele werkwoord{better}.",
        scene.subject.term.trim()
    ))
}
