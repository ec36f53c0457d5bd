//! Definitions that refer to each other in a circle.
//!
//! A definition refers to a concept when a label of it stands there, in any inflection; of labels
//! that overlap the longest counts, and of concepts with that label those in the nearest context.
//! The search goes from the text along its references and from the term against them, whichever side
//! has fewer concepts to go on from, until they meet or one side has none left.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use begrip_domain::Context;
use begrip_language::{Mention, Term, TermKey, Text, term_key};

use super::Scene;
use crate::checks::Verdict;
use crate::subject::{Labelled, Neighbour};

/// Concepts that are looked at before a person is asked.
const MOST: usize = 600;

/// Concepts that name one label; with more the search goes on from the other side alone.
const NAMING: usize = 60;

/// SAM-05
pub(crate) fn check(scene: &Scene<'_>) -> Verdict {
    let own: HashSet<TermKey> = scene.own_keys().into_iter().collect();
    let term = scene.subject.term.trim();
    if own.is_empty() || term.is_empty() {
        return Verdict::pass();
    }
    // That the term itself stands in the text is for CON-CIRC-001; a synonym comes to the same.
    for synonym in scene.subject.synonyms {
        let apart = term_key(synonym.as_str()) != term_key(term);
        let found = Term::new(synonym.as_str()).find_in(scene.text).next();
        if let Some(words) = found.filter(|_| apart) {
            return fail(scene, words, &[]);
        }
    }
    let mut search = Search {
        scene,
        own,
        labels: HashMap::new(),
        looked_at: 0,
    };
    match search.run() {
        Found::Nothing => Verdict::pass(),
        Found::Circle(words, path) => fail(scene, words, &path),
        Found::TooMany => Verdict::needs_person(
            scene.text.span_of(0..scene.text.words().len()),
            "Er verwijzen zo veel definities naar elkaar dat niet is na te gaan of zij een kring vormen.",
        ),
    }
}

fn fail(scene: &Scene<'_>, words: Range<usize>, path: &[Arc<Neighbour>]) -> Verdict {
    let term = scene.subject.term.trim();
    let mut names = vec![term];
    names.extend(path.iter().map(|concept| concept.term.as_str()));
    names.push(term);
    let span = scene.text.span_of(words);
    let found = scene.text.text_of(span);
    Verdict::fail(
        span,
        format!(
            "De definities leggen elkaar uit, kring: {}. Omschrijf dit begrip zonder ‘{found}’.",
            names.join(" → ")
        ),
    )
}

enum Found {
    Nothing,
    /// Where the text names the first concept, and the concepts from there back to the term.
    Circle(Range<usize>, Vec<Arc<Neighbour>>),
    TooMany,
}

/// What a text refers to: the concept that is checked (`None`) or another.
struct Reference {
    words: Range<usize>,
    to: Option<Arc<Neighbour>>,
}

/// One side of the search.
#[derive(Default)]
struct Side {
    /// Each concept with the one that led to it; `None` for the one that is checked.
    seen: HashMap<i64, (Arc<Neighbour>, Option<i64>)>,
    /// Concepts to go on from.
    edge: Vec<Arc<Neighbour>>,
}

impl Side {
    fn add(&mut self, concept: &Arc<Neighbour>, from: Option<i64>) {
        if let Entry::Vacant(place) = self.seen.entry(concept.number) {
            place.insert((Arc::clone(concept), from));
            self.edge.push(Arc::clone(concept));
        }
    }

    /// From a concept to the one that is checked, both ends left out of neither.
    fn way(&self, from: i64) -> Vec<Arc<Neighbour>> {
        let mut way = Vec::new();
        let mut at = Some(from);
        while let Some((concept, next)) = at.and_then(|at| self.seen.get(&at)) {
            way.push(Arc::clone(concept));
            at = *next;
        }
        way
    }
}

struct Search<'s, 'a> {
    scene: &'s Scene<'a>,
    own: HashSet<TermKey>,
    /// Concepts by the key of a label, for every key that was asked.
    labels: HashMap<TermKey, Vec<Labelled>>,
    looked_at: usize,
}

impl Search<'_, '_> {
    fn run(&mut self) -> Found {
        let subject = self.scene.subject;
        // Mostly nobody names a term that is being defined: then there is nothing more to do.
        let synonyms = subject.synonyms.iter().map(|label| label.as_str());
        let labels: Vec<&str> = std::iter::once(subject.term).chain(synonyms).collect();
        let mut backward = self.naming(&labels);
        let mut against = Side::default();
        if let Some(naming) = &backward {
            let naming = naming.clone();
            for (concept, references) in self.references(&naming) {
                if references.iter().any(|reference| reference.to.is_none()) {
                    against.add(&concept, None);
                }
            }
            if against.edge.is_empty() {
                return Found::Nothing;
            }
        }
        let mut first = self.references_of(self.scene.text, subject.context);
        // That the term itself stands in the text is for CON-CIRC-001, also where others share it.
        let own_term = term_key(subject.term);
        let shares = |to: &Neighbour| term_key(&to.term) == own_term;
        first.retain(|reference| reference.to.as_ref().is_some_and(|to| !shares(to)));
        let mut along = Side::default();
        for reference in &first {
            if let Some(concept) = &reference.to {
                along.add(concept, None);
            }
        }
        loop {
            if let Some(meeting) = along
                .seen
                .keys()
                .filter(|at| against.seen.contains_key(at))
                .min()
            {
                return circle(&first, &along, &against, *meeting);
            }
            if along.edge.is_empty() || (backward.is_some() && against.edge.is_empty()) {
                return Found::Nothing;
            }
            if self.looked_at > MOST {
                return Found::TooMany;
            }
            if backward.is_some() && against.edge.len() < along.edge.len() {
                backward = self.go_against(&mut against);
            } else if let Some(last) = self.go_along(&mut along) {
                let mut path = along.way(last);
                path.reverse();
                return with_place(&first, path);
            }
        }
    }

    /// One step along the references. The concept that refers to the one that is checked, if any.
    fn go_along(&mut self, side: &mut Side) -> Option<i64> {
        let edge = std::mem::take(&mut side.edge);
        for (concept, references) in self.references(&edge) {
            for reference in references {
                match &reference.to {
                    None => return Some(concept.number),
                    Some(next) => side.add(next, Some(concept.number)),
                }
            }
        }
        None
    }

    /// One step against the references; `None` when too many name one label.
    fn go_against(&mut self, side: &mut Side) -> Option<Vec<Arc<Neighbour>>> {
        let edge = std::mem::take(&mut side.edge);
        for concept in &edge {
            let labels: Vec<&str> = std::iter::once(&concept.term)
                .chain(&concept.synonyms)
                .map(String::as_str)
                .collect();
            let naming = self.naming(&labels)?;
            let fresh: Vec<_> = naming
                .into_iter()
                .filter(|other| !side.seen.contains_key(&other.number))
                .collect();
            for (other, references) in self.references(&fresh) {
                let refers = |reference: &Reference| {
                    reference
                        .to
                        .as_ref()
                        .is_some_and(|to| to.number == concept.number)
                };
                if references.iter().any(refers) {
                    side.add(&other, Some(concept.number));
                }
            }
        }
        Some(Vec::new())
    }

    /// Concepts in whose definition one of these labels stands, by term.
    fn naming(&self, labels: &[&str]) -> Option<Vec<Arc<Neighbour>>> {
        let mut naming: Vec<Arc<Neighbour>> = Vec::new();
        for label in labels {
            naming.extend(self.scene.neighbours.naming(label, NAMING)?);
        }
        naming.sort_by(|a, b| (&a.term, a.number).cmp(&(&b.term, b.number)));
        naming.dedup_by_key(|concept| concept.number);
        Some(naming)
    }

    /// What each of these concepts refers to. Asks for all their labels at once.
    fn references(&mut self, concepts: &[Arc<Neighbour>]) -> Vec<(Arc<Neighbour>, Vec<Reference>)> {
        self.looked_at += concepts.len();
        self.learn(concepts.iter().flat_map(|concept| concept.mentions()));
        concepts
            .iter()
            .map(|concept| {
                (
                    Arc::clone(concept),
                    self.resolve(concept.mentions(), &concept.context),
                )
            })
            .collect()
    }

    fn references_of(&mut self, text: &Text<'_>, context: &Context) -> Vec<Reference> {
        let mentions = text.mentions();
        self.learn(&mentions);
        self.resolve(&mentions, context)
    }

    fn learn<'m>(&mut self, mentions: impl IntoIterator<Item = &'m Mention>) {
        let mut new = Vec::new();
        for mention in mentions {
            if !self.labels.contains_key(&mention.key) {
                self.labels.insert(mention.key.clone(), Vec::new());
                new.push(mention.key.clone());
            }
        }
        if new.is_empty() {
            return;
        }
        let mut found = self.scene.neighbours.labelled(&new);
        found.sort_by(|a, b| {
            (&a.concept.term, a.concept.number).cmp(&(&b.concept.term, b.concept.number))
        });
        for labelled in found {
            if let Some(place) = self.labels.get_mut(&labelled.key) {
                place.push(labelled);
            }
        }
    }

    /// The concepts that these mentions mean in a context.
    fn resolve(&self, mentions: &[Mention], context: &Context) -> Vec<Reference> {
        let mut references = Vec::new();
        let mut read_to = 0;
        for mention in mentions {
            let known = self.labels.get(&mention.key).map_or(&[][..], Vec::as_slice);
            let own = self.own.contains(&mention.key);
            if mention.words.start < read_to || (known.is_empty() && !own) {
                continue;
            }
            read_to = mention.words.end;
            let others = known.iter().map(|found| Some(&found.concept));
            let meant = others.chain(own.then_some(None)).map(|concept| {
                let other = concept.map_or(self.scene.subject.context, |concept| &concept.context);
                (context.nearness(other), concept)
            });
            let nearest = meant.clone().map(|(near, _)| near).max().unwrap_or(0);
            let meant = meant.filter(|(near, _)| *near > 0 && *near == nearest);
            references.extend(meant.map(|(_, concept)| Reference {
                words: mention.words.clone(),
                to: concept.map(Arc::clone),
            }));
        }
        references
    }
}

/// The circle through a concept that both sides came to.
fn circle(first: &[Reference], along: &Side, against: &Side, meeting: i64) -> Found {
    let mut path = along.way(meeting);
    path.reverse();
    path.extend(against.way(meeting).into_iter().skip(1));
    with_place(first, path)
}

fn with_place(first: &[Reference], path: Vec<Arc<Neighbour>>) -> Found {
    let number = path.first().map(|concept| concept.number);
    let words = first
        .iter()
        .find(|reference| reference.to.as_ref().map(|to| to.number) == number)
        .map_or(0..1, |reference| reference.words.clone());
    Found::Circle(words, path)
}
