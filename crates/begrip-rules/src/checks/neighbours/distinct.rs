//! What tells a concept from those beside it.

use begrip_language::{Class, Term, Text, term_key};

use super::repeats::run_in;
use super::{Gist, Scene, together};
use crate::checks::Verdict;
use crate::subject::Neighbour;

/// Telling words that a text has at least before it is compared.
const FEWEST: usize = 3;

/// ESS-05
pub(crate) fn check(scene: &Scene<'_>) -> Verdict {
    if scene.subject.term.trim().is_empty() || scene.alike().is_empty() {
        return Verdict::pass();
    }
    let gist = scene.gist();
    if gist.stems.len() < FEWEST || gist.opening.is_none() || measures(scene.text) {
        return Verdict::pass();
    }
    let other = scene.alike().iter().find(|like| {
        gist.stems.is_subset(&like.gist().stems)
            && gist.opening == like.gist().opening
            && together(&like.context, scene.subject.context)
            && !scene.shares_a_label(like)
            && !turns_around(like, gist)
            && !is_kind_of_this(scene, like)
    });
    let Some(other) = other else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(0..scene.text.words().len());
    let name = &other.term;
    // The other may be a kind of this one that repeats its text; only a person knows.
    let stands_in_it = gist.words.len() < other.gist().words.len()
        && run_in(&other.gist().words, &gist.words).is_some();
    match stands_in_it {
        true => Verdict::needs_person(
            span,
            format!(
                "Alles wat hier staat, staat ook in de definitie van ‘{name}’. Is ‘{name}’ er een soort van? Zo niet, \
                 noem dan wat dit begrip anders maakt."
            ),
        ),
        false => Verdict::fail(
            span,
            format!(
                "De tekst past even goed op ‘{name}’. Noem een kenmerk dat dit begrip daarvan onderscheidt."
            ),
        ),
    }
}

/// Whether the text tells by a number or a comparison: then the same words can say something else.
fn measures(text: &Text<'_>) -> bool {
    let words = text.words().iter();
    let mut measures = words.filter(|word| {
        word.is(Class::Numeral)
            || word.lower.starts_with(|c: char| c.is_ascii_digit())
            || word.lower == "dan"
    });
    measures.next().is_some()
}

/// Whether the other says the opposite: it has a negation that the text has not.
fn turns_around(like: &Neighbour, gist: &Gist) -> bool {
    let text = Text::new(&like.definition);
    like.gist().words.iter().any(|word| {
        !gist.stems.contains(&word.stem)
            && text
                .words()
                .get(word.word)
                .is_some_and(|word| word.is(Class::Negation))
    })
}

/// Whether the other says itself that it is a kind of what is checked: by its name or in its text.
fn is_kind_of_this(scene: &Scene<'_>, other: &Neighbour) -> bool {
    let text = Text::new(&other.definition);
    let labels = || {
        let synonyms = scene.subject.synonyms.iter().map(|label| label.as_str());
        std::iter::once(scene.subject.term).chain(synonyms)
    };
    let names = |label: &str| Term::new(label).find_in(&text).next().is_some();
    let own = term_key(scene.subject.term);
    term_key(&other.term).as_str().ends_with(own.as_str()) || labels().any(names)
}
