//! Concepts in memory, as neighbours of one that is checked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use begrip_language::{TermKey, Text, start_of, term_key};

use crate::subject::{Labelled, Neighbour, Neighbours};

/// Concepts in memory, found by label and by the words of their definition; for a file of concepts,
/// a rule's examples and tests.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    concepts: Vec<Arc<Neighbour>>,
    /// Key → concept, and whether it is the key of its term.
    labels: HashMap<TermKey, Vec<(usize, bool)>>,
    /// Stem of a content word → concepts with it in their definition, in order.
    words: HashMap<String, Vec<usize>>,
    /// Beginning of a definition → concepts.
    starts: HashMap<String, Vec<usize>>,
}

/// A shelf beside one of its own concepts, which is left out.
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    shelf: &'a Shelf,
    left_out: Option<usize>,
}

/// A definition is looked at from this share of the text's content words on.
const SHARED: f64 = 0.7;

impl Shelf {
    /// Adds a concept; its number becomes its place on the shelf, which is given back.
    pub fn add(&mut self, concept: Neighbour) -> usize {
        let place = self.concepts.len();
        let synonyms = concept.synonyms.iter().map(|synonym| (synonym, false));
        for (label, preferred) in std::iter::once((&concept.term, true)).chain(synonyms) {
            let labels = self.labels.entry(term_key(label)).or_default();
            labels.push((place, preferred));
        }
        let content = Text::new(&concept.definition).content_words();
        if let Some(start) = start_of(&content) {
            self.starts.entry(start).or_default().push(place);
        }
        let stems: HashSet<String> = content.into_iter().map(|word| word.stem).collect();
        for stem in stems {
            self.words.entry(stem).or_default().push(place);
        }
        self.concepts.push(Arc::new(Neighbour {
            number: i64::try_from(place).unwrap_or(i64::MAX),
            ..concept
        }));
        place
    }

    /// What stands beside the concept at `place`.
    pub fn without(&self, place: usize) -> Others<'_> {
        Others {
            shelf: self,
            left_out: Some(place),
        }
    }

    fn all(&self) -> Others<'_> {
        Others {
            shelf: self,
            left_out: None,
        }
    }

    /// How many concepts there are.
    pub fn len(&self) -> usize {
        self.concepts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.concepts.is_empty()
    }
}

impl FromIterator<Neighbour> for Shelf {
    fn from_iter<I: IntoIterator<Item = Neighbour>>(concepts: I) -> Self {
        let mut shelf = Self::default();
        for concept in concepts {
            shelf.add(concept);
        }
        shelf
    }
}

impl Neighbours for Shelf {
    fn labelled(&self, keys: &[TermKey]) -> Vec<Labelled> {
        self.all().labelled(keys)
    }

    fn alike(&self, text: &Text<'_>) -> Vec<Arc<Neighbour>> {
        self.all().alike(text)
    }

    fn naming(&self, label: &str, most: usize) -> Option<Vec<Arc<Neighbour>>> {
        self.all().naming(label, most)
    }
}

impl Others<'_> {
    fn get(&self, place: usize) -> Option<Arc<Neighbour>> {
        let concept = self.shelf.concepts.get(place)?;
        (self.left_out != Some(place)).then(|| Arc::clone(concept))
    }

    fn with_word(&self, stem: &str) -> &[usize] {
        self.shelf.words.get(stem).map_or(&[], Vec::as_slice)
    }
}

impl Neighbours for Others<'_> {
    fn labelled(&self, keys: &[TermKey]) -> Vec<Labelled> {
        let found = keys.iter().flat_map(|key| {
            let places = self.shelf.labels.get(key).into_iter().flatten();
            places.map(move |place| (key, *place))
        });
        found
            .filter_map(|(key, (place, preferred))| {
                Some(Labelled {
                    key: key.clone(),
                    preferred,
                    concept: self.get(place)?,
                })
            })
            .collect()
    }

    fn alike(&self, text: &Text<'_>) -> Vec<Arc<Neighbour>> {
        let content = text.content_words();
        let stems: HashSet<&str> = content.iter().map(|word| word.stem.as_str()).collect();
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for stem in &stems {
            for place in self.with_word(stem) {
                *shared.entry(*place).or_default() += 1;
            }
        }
        let enough = (stems.len() as f64 * SHARED).ceil() as usize;
        let mut found: HashSet<usize> = shared
            .into_iter()
            .filter(|(_, count)| *count >= enough)
            .map(|(place, _)| place)
            .collect();
        for at in 0..content.len() {
            let start = start_of(content.get(at..).unwrap_or_default());
            let places = start.and_then(|start| self.shelf.starts.get(&start));
            found.extend(places.into_iter().flatten());
        }
        let mut found: Vec<usize> = found.into_iter().collect();
        found.sort_unstable();
        found
            .into_iter()
            .filter_map(|place| self.get(place))
            .collect()
    }

    fn naming(&self, label: &str, most: usize) -> Option<Vec<Arc<Neighbour>>> {
        let stems: Vec<String> = Text::new(label)
            .content_words()
            .into_iter()
            .map(|word| word.stem)
            .collect();
        let rarest = stems
            .iter()
            .map(|stem| self.with_word(stem))
            .min_by_key(|places| places.len());
        let places = rarest.unwrap_or_default().iter().filter(|place| {
            stems
                .iter()
                .all(|stem| self.with_word(stem).binary_search(place).is_ok())
        });
        let found: Vec<_> = places
            .filter_map(|place| self.get(*place))
            .take(most + 1)
            .collect();
        (found.len() <= most).then_some(found)
    }
}
