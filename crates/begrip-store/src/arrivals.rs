//! Concepts that come in for the first time, hundreds at once: the first sync.
//!
//! What the tables hold of a concept follows from its text alone, and to work it out takes about as long as to
//! write it. So a thread works out the next while this one writes; both go through a page in its order.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::sync::mpsc::{Receiver, sync_channel};
use std::vec::IntoIter;

use begrip_domain::Concept;
use begrip_sync::{Effect, Item, replay};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::concepts::Change;
use crate::index::{Indexed, write_first};
use crate::review::told;
use crate::shared::{Told, author_of, first};
use crate::{StoreError, queries};

/// From so many on it is worth a thread.
const MANY: usize = 32;

/// So many are handed over at one time, and so many such portions may lie ready.
const PORTION: usize = 16;
const PORTIONS: usize = 8;

/// Whether so many concepts come that it is worth looking which of them are new.
pub(crate) fn are_many(effects: &[Effect]) -> bool {
    let take = |effect: &&Effect| matches!(effect, Effect::Take { .. });
    effects.iter().filter(take).count() >= MANY
}

/// Those of which nothing is known here, in order; none when only few come.
pub(crate) fn fresh<'a>(
    connection: &Connection,
    effects: &'a [Effect],
) -> Result<Vec<&'a Item>, StoreError> {
    let mut fresh = Vec::new();
    if !are_many(effects) {
        return Ok(fresh);
    }
    let mut known = connection.prepare_cached(queries::IS_KNOWN)?;
    let mut seen = BTreeSet::new();
    for effect in effects {
        match effect {
            Effect::Take { item, .. } => {
                // Told twice, the second goes over the first.
                if seen.insert(item.id)
                    && !known.query_row([item.id.0], |row| row.get::<_, bool>(0))?
                {
                    fresh.push(&**item);
                }
            }
            // What an answer leads to may be about one of them.
            Effect::Answered(_) => return Ok(Vec::new()),
            Effect::Gone(_) | Effect::Save(_) | Effect::Equal => {}
        }
    }
    Ok(fresh)
}

/// A concept with all that is written of it.
pub(crate) struct Arrival {
    /// What the server told.
    pub told: Told,
    concept: Concept,
    indexed: Indexed,
    author: String,
    reason: &'static str,
}

impl Arrival {
    /// Works it out; `None` for one that only the ordinary way can tell what is wrong with.
    fn of(item: &Item, at: Timestamp) -> Option<Self> {
        let (fields, status) = replay(Some(item), &[]).read()?;
        let (author, reason) = (author_of(item), told(None, item));
        let change = Change {
            author: &author,
            at,
            reason,
        };
        let concept = first(item.id, fields, status, &change);
        Some(Self {
            told: Told::of(item).ok()?,
            indexed: Indexed::of(&concept).ok()?,
            concept,
            author,
            reason,
        })
    }

    /// Writes the concept with its first revision.
    pub fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        write_first(
            connection,
            &self.concept,
            &self.indexed,
            &self.author,
            self.reason,
        )
    }
}

/// What is worked out meanwhile.
pub(crate) struct Arrivals<'a> {
    /// Of which, in order.
    of: Peekable<IntoIter<&'a Item>>,
    ready: IntoIter<Option<Arrival>>,
    coming: Receiver<Vec<Option<Arrival>>>,
}

impl Arrivals<'_> {
    /// The next one, when it is this item's.
    pub fn next_if(&mut self, item: &Item) -> Option<Arrival> {
        self.of.next_if(|next| std::ptr::eq(*next, item))?;
        if self.ready.len() == 0 {
            self.ready = self.coming.recv().ok()?.into_iter();
        }
        self.ready.next()?
    }
}

/// Does `work` while these are worked out.
pub(crate) fn worked_out<T>(
    fresh: &[&Item],
    at: Timestamp,
    work: impl FnOnce(Arrivals<'_>) -> T,
) -> T {
    let (ready, coming) = sync_channel(PORTIONS);
    let arrivals = Arrivals {
        of: Vec::from(fresh).into_iter().peekable(),
        ready: Vec::new().into_iter(),
        coming,
    };
    if fresh.is_empty() {
        return work(arrivals);
    }
    std::thread::scope(|scope| {
        let working = scope.spawn(move || {
            for portion in fresh.chunks(PORTION) {
                let portion = portion.iter().map(|item| Arrival::of(item, at)).collect();
                if ready.send(portion).is_err() {
                    // Whoever writes has stopped.
                    return;
                }
            }
        });
        let done = work(arrivals);
        // One that ended too soon left the rest to the ordinary way.
        let _ = working.join();
        done
    })
}
