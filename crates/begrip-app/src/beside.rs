//! The concepts of the store as neighbours of a text that is judged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use begrip_cache::Bounded;
use begrip_domain::ConceptId;
use begrip_language::{TermKey, Text};
use begrip_rules::{Finding, Labelled, Neighbour, Neighbours, Report, Rule, RulePack, Subject};
use begrip_store::{Beside, Store, StoreError};

use crate::UserError;
use crate::open::Core;

/// Concepts as they were read, by the number of the latest revision then and their row; none for one that is no longer
/// in use. Who types has each text looked at beside the same ones, and neither the file nor what a definition says is
/// worth reading again for that.
pub(crate) type KnownNeighbours = Bounded<(i64, i64), Option<Known>>;

/// A concept with what tells it from the one that is judged.
type Known = (ConceptId, Arc<Neighbour>);

/// Bytes that they may take: some two thousand concepts with a definition of 200 bytes.
const ROOM: u64 = 16_000_000;

/// What is worked out of a definition, to its own bytes.
const SAID: usize = 40;

pub(crate) fn known_neighbours() -> KnownNeighbours {
    Bounded::new(ROOM, |_, known| {
        let texts = |(_, neighbour): &Known| 500 + SAID * neighbour.definition.len();
        u32::try_from(100 + known.as_ref().map_or(0, texts)).unwrap_or(u32::MAX)
    })
}

impl Core {
    /// What every rule of a pack says of a text beside the concepts of the store. `own` is the
    /// concept that the text belongs to: it is no neighbour of itself, nor is the one that it replaces.
    ///
    /// Errors: the store cannot be read.
    pub(crate) fn judge(
        &self,
        pack: &RulePack,
        subject: &Subject<'_>,
        own: Option<ConceptId>,
    ) -> Result<Report, UserError> {
        let revised = self.store.revised()?;
        self.judge_as_of(revised, pack, subject, own)
    }

    /// The same for whoever has asked for the number of the latest revision.
    pub(crate) fn judge_as_of(
        &self,
        revised: i64,
        pack: &RulePack,
        subject: &Subject<'_>,
        own: Option<ConceptId>,
    ) -> Result<Report, UserError> {
        let replaces = own.map(|own| self.store.replaces(own)).transpose()?;
        let left_out = [own, replaces.flatten()];
        let neighbours = StoreNeighbours::new(self, revised, left_out);
        let report = pack.check_with(subject, &neighbours);
        tracing::debug!("judged");
        neighbours.failure().map_or(Ok(report), Err)
    }

    /// What one rule says of a text beside the concepts of the store.
    ///
    /// Errors: the store cannot be read.
    pub(crate) fn judge_one(
        &self,
        rule: &Rule,
        subject: &Subject<'_>,
    ) -> Result<Finding, UserError> {
        let neighbours = StoreNeighbours::new(self, self.store.revised()?, [None, None]);
        let finding = rule.check_with(subject, &neighbours);
        neighbours.failure().map_or(Ok(finding), Err)
    }
}

/// Asks the store each question once; made anew for each text that is judged.
struct StoreNeighbours<'a> {
    store: &'a Store,
    known: &'a KnownNeighbours,
    /// The number of the latest revision when it was made.
    revised: i64,
    /// The concept itself, and the one whose place it is to take.
    left_out: [Option<ConceptId>; 2],
    labels: RefCell<HashMap<TermKey, Vec<Labelled>>>,
    alike: RefCell<HashMap<String, Vec<Arc<Neighbour>>>>,
    naming: RefCell<HashMap<String, Option<Vec<Arc<Neighbour>>>>>,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> StoreNeighbours<'a> {
    /// `revised` was read before anything else: what is read later is as new, or newer.
    fn new(core: &'a Core, revised: i64, left_out: [Option<ConceptId>; 2]) -> Self {
        Self {
            store: &core.store,
            known: &core.neighbours,
            revised,
            left_out,
            labels: RefCell::default(),
            alike: RefCell::default(),
            naming: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// The first failure of the store: rules that passed for want of an answer have said nothing.
    fn failure(self) -> Option<UserError> {
        self.failed.into_inner().map(UserError::from)
    }

    fn answer<T: Default>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            T::default()
        })
    }

    /// The concepts with these rows that are in use, in this order: from memory, and those that are not there by one
    /// statement.
    fn read(&self, rows: &[i64]) -> Result<Vec<Known>, StoreError> {
        let mut known: HashMap<i64, Option<Known>> = HashMap::with_capacity(rows.len());
        let mut unknown = Vec::new();
        for row in rows {
            match self.known.get(&(self.revised, *row)) {
                Some(one) => drop(known.insert(*row, one)),
                None => unknown.push(*row),
            }
        }
        for beside in self.store.beside(&unknown)? {
            known.insert(beside.row, Some(known_of(beside)));
        }
        for row in unknown {
            let one = known.entry(row).or_default().clone();
            self.known.put((self.revised, row), one);
        }
        let found = rows.iter().filter_map(|row| known.get(row).cloned()?);
        Ok(found.collect())
    }

    fn others(&self, found: Vec<Known>) -> Vec<Arc<Neighbour>> {
        let others = found
            .into_iter()
            .filter(|(id, _)| !self.left_out.contains(&Some(*id)));
        others.map(|(_, neighbour)| neighbour).collect()
    }
}

fn known_of(beside: Beside) -> Known {
    let neighbour = Neighbour {
        number: beside.row,
        term: beside.term,
        synonyms: beside.synonyms,
        context: beside.context,
        category: beside.category,
        definition: beside.definition,
        ..Neighbour::default()
    };
    (beside.id, Arc::new(neighbour))
}

impl Neighbours for StoreNeighbours<'_> {
    fn labelled(&self, keys: &[TermKey]) -> Vec<Labelled> {
        let mut known = self.labels.borrow_mut();
        let unknown: Vec<TermKey> = keys
            .iter()
            .filter(|key| !known.contains_key(*key))
            .cloned()
            .collect();
        for key in &unknown {
            known.insert(key.clone(), Vec::new());
        }
        for (key, preferred, beside) in self.answer(self.store.beside_labels(&unknown)) {
            let found = self.others(vec![known_of(beside)]);
            let Some(place) = known.get_mut(&key) else {
                continue;
            };
            place.extend(found.into_iter().map(|concept| Labelled {
                key: key.clone(),
                preferred,
                concept,
            }));
        }
        let found = keys.iter().filter_map(|key| known.get(key));
        found.flatten().cloned().collect()
    }

    fn alike(&self, text: &Text<'_>) -> Vec<Arc<Neighbour>> {
        if let Some(known) = self.alike.borrow().get(text.source()) {
            return known.clone();
        }
        let found = self.store.rows_beside_text(text);
        let found = self.answer(found.and_then(|rows| self.read(&rows)));
        let found = self.others(found);
        let mut known = self.alike.borrow_mut();
        known.insert(text.source().to_owned(), found.clone());
        found
    }

    fn naming(&self, label: &str, most: usize) -> Option<Vec<Arc<Neighbour>>> {
        if let Some(known) = self.naming.borrow().get(label) {
            return known.clone();
        }
        let found = self.store.rows_naming(label, most + 1);
        let found = self.answer(found.and_then(|rows| self.read(&rows)));
        let found = (found.len() <= most).then(|| self.others(found));
        let mut known = self.naming.borrow_mut();
        known.insert(label.to_owned(), found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_neighbours_keep_the_promises_of_a_cache() {
        let entry = |number: u32| {
            let neighbour = Neighbour {
                term: number.to_string(),
                // So long that the room is full after some hundred.
                definition: "woord ".repeat(200),
                ..Neighbour::default()
            };
            let id = ConceptId(uuid::Uuid::from_u128(number.into()));
            ((1, i64::from(number)), Some((id, Arc::new(neighbour))))
        };
        begrip_cache::contract::holds(&known_neighbours(), entry, |known| {
            known.as_ref().map(|(_, one)| one.term.clone()).unwrap()
        });
    }
}
