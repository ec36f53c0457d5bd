//! How long a text is, and whether it says anything.

use begrip_language::Class;

use super::{Scene, Verdict};

/// VAL-EMP-001
pub(crate) fn empty(scene: &Scene<'_>) -> Verdict {
    match scene.is_empty() {
        true => Verdict::fail_whole("Er staat nog geen definitie."),
        false => Verdict::pass(),
    }
}

/// VAL-LEN-001
pub(crate) fn too_short(scene: &Scene<'_>, min: u32) -> Verdict {
    let words = scene.text.words().len();
    if words >= min as usize {
        return Verdict::pass();
    }
    let noun = if words == 1 { "woord" } else { "woorden" };
    let reason = format!("De definitie heeft {words} {noun}; er zijn er ten minste {min} nodig.");
    match words {
        0 => Verdict::fail_whole(reason),
        words => Verdict::fail(scene.text.span_of(0..words), reason),
    }
}

/// VAL-LEN-002
pub(crate) fn too_long(scene: &Scene<'_>, max: u32) -> Verdict {
    let words = scene.text.words().len();
    if words <= max as usize {
        return Verdict::pass();
    }
    Verdict::fail(
        scene.text.span_of(max as usize..words),
        format!(
            "De definitie heeft {words} woorden; {max} is het meeste. Zet uitleg in de toelichting."
        ),
    )
}

/// ESS-CONT-001
pub(crate) fn no_content(scene: &Scene<'_>) -> Verdict {
    const FUNCTION: [Class; 9] = [
        Class::Article,
        Class::Determiner,
        Class::Numeral,
        Class::Pronoun,
        Class::Relative,
        Class::Preposition,
        Class::Conjunction,
        Class::Subordinator,
        Class::Adverb,
    ];
    let words = scene.text.words();
    let mut content: Vec<&str> = words
        .iter()
        .filter(|word| {
            word.lower.chars().any(char::is_alphabetic)
                && (word.is(Class::Noun)
                    || !(word.classes.any(&FUNCTION)
                        || word
                            .classes
                            .any(&[Class::Copula, Class::Modal, Class::Negation])))
        })
        .map(|word| &*word.lower)
        .collect();
    content.sort_unstable();
    content.dedup();
    if content.len() >= 2 || (content.len() == 1 && words.len() <= 3) {
        return Verdict::pass();
    }
    Verdict::fail(
        scene.text.span_of(0..words.len()),
        "Er blijft geen inhoud over als de functiewoorden weg zijn. Zeg wat het begrip is.",
    )
}
