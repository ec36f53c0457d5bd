//! A concept that is there already.

use begrip_language::{Text, term_key};

use super::{Gist, Scene, percent, together};
use crate::checks::Verdict;
use crate::report::Outcome;

/// Texts with fewer telling words are near to too many others.
const FEWEST: usize = 3;

/// Fewer telling words than this make texts that differ in one of them different.
const NEAR_FROM: usize = 8;

/// From here on a person is asked whether it is the same, when one text only adds to the other.
const NEAR: f64 = 0.85;

/// The same when each has a word of its own: concepts that belong together (*afname*, *invoeding*)
/// are defined alike on purpose.
const NEAR_APART: f64 = 0.95;

/// DUP-01
pub(crate) fn check(scene: &Scene<'_>) -> Verdict {
    match by_label(scene).or_else(|| by_text(scene)) {
        Some((outcome, reason)) => Verdict {
            outcome,
            reason,
            ..Verdict::pass()
        },
        None => Verdict::pass(),
    }
}

/// The same term, or a synonym of one that is the other's term, in the same context.
fn by_label(scene: &Scene<'_>) -> Option<(Outcome, String)> {
    let subject = scene.subject;
    let own = term_key(subject.term);
    let mut here = scene
        .labelled()
        .iter()
        .filter(|found| found.concept.context.nearness(subject.context) == 5)
        .filter(|found| found.key == own || found.preferred);
    // Its own term first: that says most.
    let found = here
        .clone()
        .find(|found| found.key == own && found.preferred)
        .or_else(|| here.next())?;
    let other = &found.concept.term;
    let reason = match (found.key == own, found.preferred) {
        (true, true) => format!(
            "‘{other}’ bestaat al in deze context{}.",
            likeness(scene, &found.concept.definition)
        ),
        (true, false) => format!("De term is in deze context al een synoniem van ‘{other}’."),
        _ => format!("Het synoniem ‘{other}’ is in deze context al een eigen begrip."),
    };
    Some((Outcome::Fail, reason))
}

fn likeness(scene: &Scene<'_>, other: &str) -> String {
    if scene.is_empty() || other.trim().is_empty() {
        return String::new();
    }
    let share = scene.gist().similarity(&Gist::of(&Text::new(other)));
    format!("; de teksten zijn voor {} % gelijk", percent(share))
}

/// The same text under another name, or in another context.
fn by_text(scene: &Scene<'_>) -> Option<(Outcome, String)> {
    if scene.is_empty() || scene.alike().is_empty() {
        return None;
    }
    let gist = scene.gist();
    if gist.stems.len() < FEWEST {
        return None;
    }
    let nearest = scene
        .alike()
        .iter()
        .map(|like| (gist.similarity(like.gist()), like))
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let (similarity, concept) = nearest?;
    let like = concept.gist();
    let shortest = gist.stems.len().min(like.stems.len());
    let same_term = term_key(&concept.term) == term_key(scene.subject.term);
    let here = together(&concept.context, scene.subject.context);
    if gist.says_the_same(like) {
        let named = !scene.subject.term.trim().is_empty();
        return Some(match named && here && !same_term {
            true => (
                Outcome::Fail,
                format!(
                    "Deze tekst is al de definitie van ‘{}’ (100 % gelijk).",
                    concept.term
                ),
            ),
            false => (
                Outcome::NeedsPerson,
                format!(
                    "Deze tekst is al de definitie van ‘{}’ (100 % gelijk). Is het hetzelfde begrip?",
                    concept.term
                ),
            ),
        });
    }
    let adds = gist.stems.is_subset(&like.stems) || like.stems.is_subset(&gist.stems);
    let enough = if adds { NEAR } else { NEAR_APART };
    let near = similarity >= enough && shortest >= NEAR_FROM && !same_term;
    near.then(|| {
        let reason = format!(
            "De tekst is voor {} % gelijk aan de definitie van ‘{}’. Is het hetzelfde begrip?",
            percent(similarity),
            concept.term
        );
        (Outcome::NeedsPerson, reason)
    })
}
