//! The broader concept, and the one above it: what a thing is a kind of.

use std::sync::Arc;

use begrip_language::{Term, Text, singular};

use super::{Scene, opening_noun};
use crate::subject::Neighbour;

/// How far up the broader concepts are followed.
const STEPS: usize = 6;

/// How the text's opening noun stands to what the term's head promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// It is the head, a kind of it, or what the head itself is defined by.
    Related,
    /// It is a concept that is known to be something else.
    Other,
    /// Nothing is known of it.
    Unknown,
}

/// How the text opens, beside a concept that the term says it is a kind of.
///
/// `head` is the noun in the term that names that concept, in small letters.
pub(crate) fn kinship(scene: &Scene<'_>, head: &str, concept: &Arc<Neighbour>) -> Kinship {
    let Some(noun) = opening_noun(scene.text) else {
        return Kinship::Related;
    };
    // *bieding redispatch zonder verzoek*: the concept itself, whatever its last word is.
    let words = scene.text.words();
    let opens_with = |label: &str| {
        let term = Term::new(label);
        (0..scene.text.opening().end).any(|at| term.at(words, at).is_some())
    };
    if opens_with(&concept.term) || concept.synonyms.iter().any(|label| opens_with(label)) {
        return Kinship::Related;
    }
    let noun = one(noun);
    let head = one(head);
    // *vorm van straf*: the opening noun only carries the one after it.
    let carries = ["soort", "vorm", "type", "categorie", "geheel"].contains(&noun.as_str());
    if carries || is_kind(&noun, &head) || labels(concept).any(|label| is_kind(&noun, &label)) {
        return Kinship::Related;
    }
    let above = broader(scene, Arc::clone(concept));
    if above.iter().any(|(broader, _)| is_kind(&noun, broader)) {
        return Kinship::Related;
    }
    let Some(named) = opening_concept(scene, scene.text, scene.subject.context) else {
        return Kinship::Unknown;
    };
    let own_line = broader(scene, Arc::clone(&named));
    let meets = named.number == concept.number
        || own_line.iter().any(|(noun, line)| {
            is_kind(noun, &head)
                || line
                    .as_ref()
                    .is_some_and(|line| line.number == concept.number)
        });
    match meets {
        true => Kinship::Related,
        false => Kinship::Other,
    }
}

/// The opening nouns above a concept, nearest first, each with its concept where there is one.
fn broader(scene: &Scene<'_>, from: Arc<Neighbour>) -> Vec<(String, Option<Arc<Neighbour>>)> {
    let mut line: Vec<(String, Option<Arc<Neighbour>>)> = Vec::new();
    let mut at = from;
    while line.len() < STEPS {
        let text = Text::new(&at.definition);
        let Some(noun) = opening_noun(&text) else {
            break;
        };
        let next = opening_concept(scene, &text, &at.context);
        let seen = next.as_ref().is_some_and(|next| {
            next.number == at.number
                || line
                    .iter()
                    .flat_map(|(_, seen)| seen)
                    .any(|seen| seen.number == next.number)
        });
        line.push((one(noun), next.clone().filter(|_| !seen)));
        match next {
            Some(next) if !seen => at = next,
            _ => break,
        }
    }
    line
}

/// The concept that a text opens with, by the longest name that ends in its opening noun.
fn opening_concept(
    scene: &Scene<'_>,
    text: &Text<'_>,
    context: &begrip_domain::Context,
) -> Option<Arc<Neighbour>> {
    let head = text.opening().head?;
    let names: Vec<_> = text
        .mentions()
        .into_iter()
        .filter(|mention| mention.words.end == head + 1)
        .map(|mention| mention.key)
        .collect();
    let found = scene.neighbours.labelled(&names);
    names.iter().find_map(|name| {
        found
            .iter()
            .filter(|found| found.key == *name)
            .max_by_key(|found| found.concept.context.nearness(context))
            .filter(|found| found.concept.context.nearness(context) > 0)
            .map(|found| Arc::clone(&found.concept))
    })
}

/// Whether a noun is another or ends in it: *vrijheidsstraf* is a *straf*.
fn is_kind(noun: &str, of: &str) -> bool {
    const SHORTEST: usize = 4;
    noun == of || (of.len() >= SHORTEST && noun.ends_with(of))
}

/// The head nouns of a concept's labels.
fn labels(concept: &Neighbour) -> impl Iterator<Item = String> {
    std::iter::once(&concept.term)
        .chain(&concept.synonyms)
        .filter_map(|label| Term::new(label).head().map(one))
}

fn one(noun: &str) -> String {
    singular(noun).unwrap_or_else(|| noun.to_owned())
}
