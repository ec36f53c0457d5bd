//! A term with a qualifier beside the concept that its head names: *voorwaardelijke gevangenisstraf*
//! beside *gevangenisstraf*.

use std::sync::Arc;

use begrip_domain::Category;
use begrip_language::{Class, Term, Text, term_key};

use super::genus::{Kinship, kinship};
use super::repeats::{name_it, whole};
use super::{Scene, together};
use crate::checks::{Verdict, category_name};
use crate::subject::Neighbour;

/// A head's definition with fewer telling words is not repeated, only begun alike.
const FEWEST: usize = 3;

/// The share of the head's telling words that makes a text look like a repetition of it.
const REPEATED: f64 = 0.8;

/// The concept that a qualified term is a kind of, by its name.
pub(crate) struct Head {
    pub concept: Arc<Neighbour>,
    /// Its name in the term, in small letters.
    pub name: String,
    /// Whether an adjective qualifies it, and not what follows it.
    pub by_adjective: bool,
}

/// The concept that the term's head names, when the term is more than that head.
pub(crate) fn head_concept(scene: &Scene<'_>) -> Option<Head> {
    let text = Text::new(scene.subject.term);
    let words = text.words();
    if words.len() < 2 {
        return None;
    }
    let joined = |range: std::ops::Range<usize>| {
        let names: Vec<&str> = words
            .get(range)
            .unwrap_or_default()
            .iter()
            .map(|w| &*w.lower)
            .collect();
        names.join(" ")
    };
    // *openbare | zitting*, the longest head first; *beroep | in cassatie*.
    let opening = text.opening();
    let qualifiers = opening
        .head
        .filter(|_| opening.is_noun_group())
        .unwrap_or(0);
    let link = words
        .iter()
        .position(|word| word.is(Class::Preposition) && !word.is(Class::Noun));
    let mut names: Vec<(String, bool)> = (1..=qualifiers.min(words.len() - 1))
        .map(|from| (joined(from..words.len()), true))
        .collect();
    names.extend(link.filter(|at| *at > 0).map(|at| (joined(0..at), false)));
    let keys: Vec<_> = names.iter().map(|(name, _)| term_key(name)).collect();
    if keys.is_empty() {
        return None;
    }
    let found = scene.neighbours.labelled(&keys);
    names
        .into_iter()
        .zip(&keys)
        .find_map(|((name, by_adjective), key)| {
            found
                .iter()
                .filter(|found| found.key == *key && found.preferred)
                .filter(|found| together(&found.concept.context, scene.subject.context))
                .max_by_key(|found| found.concept.context.nearness(scene.subject.context))
                .map(|found| Head {
                    concept: Arc::clone(&found.concept),
                    name,
                    by_adjective,
                })
        })
}

/// SAM-01
pub(crate) fn meaning(scene: &Scene<'_>) -> Verdict {
    let Some(head) = head_concept(scene).filter(|head| head.by_adjective) else {
        return Verdict::pass();
    };
    if contradiction(scene, &head).is_some() {
        return Verdict::pass();
    }
    let noun = Term::new(&head.name);
    let related = noun
        .head()
        .is_none_or(|noun| kinship(scene, noun, &head.concept) == Kinship::Related);
    if related {
        return Verdict::pass();
    }
    Verdict::needs_person(
        scene.text.span_of(0..scene.text.opening().end.max(1)),
        format!(
            "Elders betekent ‘{}’: {}. Betekent het hier hetzelfde, met iets erbij?",
            head.concept.term,
            head.concept.definition.trim().trim_end_matches('.')
        ),
    )
}

/// SAM-02
pub(crate) fn against_head(scene: &Scene<'_>) -> Verdict {
    let Some(head) = head_concept(scene) else {
        return Verdict::pass();
    };
    let name = &head.concept.term;
    if let Some((own, other)) = contradiction(scene, &head) {
        return Verdict::fail(
            scene.text.span_of(0..scene.text.opening().end.max(1)),
            format!(
                "‘{name}’ is een {}, maar dit begrip is een {}. Dat spreekt elkaar tegen.",
                category_name(other),
                category_name(own)
            ),
        );
    }
    let said = head.concept.gist();
    if said.words.len() < FEWEST {
        return Verdict::pass();
    }
    let reason = format!(
        "De tekst herhaalt de definitie van ‘{name}’. Begin met ‘{name}’ en noem alleen wat erbij komt."
    );
    if let Some(words) = whole(scene, &head.concept) {
        let fix = name_it(scene.text, words.clone(), name);
        return Verdict::fail(scene.text.span_of(words), reason).with_fix(fix);
    }
    let gist = scene.gist();
    let shared = gist.stems.intersection(&said.stems).count();
    let repeated = gist.opening.is_some()
        && gist.opening == said.opening
        && said.stems.len() > FEWEST
        && shared as f64 >= said.stems.len() as f64 * REPEATED;
    match repeated {
        true => Verdict::needs_person(
            scene.text.span_of(0..scene.text.words().len()),
            format!(
                "De tekst lijkt op de definitie van ‘{name}’. Is dit een soort ‘{name}’? Begin dan daarmee."
            ),
        ),
        false => Verdict::pass(),
    }
}

/// The categories of both, when one is a process and the other a thing, and the text begins with
/// a concept that is known to be something else.
fn contradiction(scene: &Scene<'_>, head: &Head) -> Option<(Category, Category)> {
    let (own, other) = (scene.subject.category?, head.concept.category?);
    let process = |category| category == Category::Process;
    let thing = |category| matches!(category, Category::Type | Category::Particular);
    let differ = process(own) && thing(other) || thing(own) && process(other);
    let noun = Term::new(&head.name);
    let noun = noun.head()?;
    (differ && kinship(scene, noun, &head.concept) == Kinship::Other).then_some((own, other))
}
