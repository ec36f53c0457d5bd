//! The concepts of the store as neighbours of a text that is judged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use begrip_domain::ConceptId;
use begrip_language::{TermKey, Text};
use begrip_rules::{Finding, Labelled, Neighbour, Neighbours, Report, Rule, RulePack, Subject};
use begrip_store::{Beside, Store, StoreError};

use crate::UserError;
use crate::open::Core;

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
        let replaces = own.map(|own| self.store.replaces(own)).transpose()?;
        let left_out = [own, replaces.flatten()];
        let neighbours = StoreNeighbours::new(&self.store, left_out);
        let report = pack.check_with(subject, &neighbours);
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
        let neighbours = StoreNeighbours::new(&self.store, [None, None]);
        let finding = rule.check_with(subject, &neighbours);
        neighbours.failure().map_or(Ok(finding), Err)
    }
}

/// Asks the store each question once; made anew for each text that is judged.
struct StoreNeighbours<'a> {
    store: &'a Store,
    /// The concept itself, and the one whose place it is to take.
    left_out: [Option<ConceptId>; 2],
    labels: RefCell<HashMap<TermKey, Vec<Labelled>>>,
    alike: RefCell<HashMap<String, Vec<Arc<Neighbour>>>>,
    naming: RefCell<HashMap<String, Option<Vec<Arc<Neighbour>>>>>,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> StoreNeighbours<'a> {
    fn new(store: &'a Store, left_out: [Option<ConceptId>; 2]) -> Self {
        Self {
            store,
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

    fn others(&self, found: Vec<Beside>) -> Vec<Arc<Neighbour>> {
        found
            .into_iter()
            .filter_map(|beside| self.other(beside))
            .collect()
    }

    fn other(&self, beside: Beside) -> Option<Arc<Neighbour>> {
        (!self.left_out.contains(&Some(beside.id))).then(|| {
            Arc::new(Neighbour {
                number: beside.row,
                term: beside.term,
                synonyms: beside.synonyms,
                context: beside.context,
                category: beside.category,
                definition: beside.definition,
            })
        })
    }
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
            if let (Some(concept), Some(place)) = (self.other(beside), known.get_mut(&key)) {
                place.push(Labelled {
                    key,
                    preferred,
                    concept,
                });
            }
        }
        let found = keys.iter().filter_map(|key| known.get(key));
        found.flatten().cloned().collect()
    }

    fn alike(&self, text: &Text<'_>) -> Vec<Arc<Neighbour>> {
        if let Some(known) = self.alike.borrow().get(text.source()) {
            return known.clone();
        }
        let found = self.others(self.answer(self.store.beside_text(text)));
        let mut known = self.alike.borrow_mut();
        known.insert(text.source().to_owned(), found.clone());
        found
    }

    fn naming(&self, label: &str, most: usize) -> Option<Vec<Arc<Neighbour>>> {
        if let Some(known) = self.naming.borrow().get(label) {
            return known.clone();
        }
        let found = self.answer(self.store.beside_naming(label, most));
        let found = found.map(|found| self.others(found));
        let mut known = self.naming.borrow_mut();
        known.insert(label.to_owned(), found.clone());
        found
    }
}
