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

/// Whether these are all that comes: nothing that is there goes away or changes.
pub(crate) fn are_all(fresh: &[&Item], effects: &[Effect]) -> bool {
    let other = |effect: &&Effect| !matches!(effect, Effect::Save(_) | Effect::Equal);
    !fresh.is_empty() && effects.iter().filter(other).count() == fresh.len()
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

#[cfg(test)]
mod tests {
    use begrip_domain::ConceptId;
    use begrip_sync::Sharing;
    use uuid::Uuid;

    use super::*;
    use crate::Store;
    use crate::connection::Adding;

    fn page(numbers: std::ops::Range<u128>, version: u32) -> Vec<Effect> {
        let take = |number: u128| Effect::Take {
            item: Box::new(Item {
                id: ConceptId(Uuid::from_u128(number)),
                version,
                sequence: u64::from(version) * 1_000 + number as u64,
                owner: "OM".to_owned(),
                sharing: Sharing::Chain,
                deleted: false,
                texts: serde_json::from_value(serde_json::json!({
                    "term": format!("begrip {number}"),
                    "definition": format!("tekst {version}"),
                    "status": "established",
                }))
                .unwrap(),
                author: "Anna".to_owned(),
                organisation: "OM".to_owned(),
                at: Timestamp::UNIX_EPOCH,
                review: Default::default(),
                rest: Default::default(),
            }),
            forced: false,
        };
        numbers.map(take).collect()
    }

    fn pragma(connection: &Connection, name: &str) -> i64 {
        let read = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
        read.unwrap()
    }

    /// How the writer treated what went away, at each text that came; the last one is how it does now.
    fn treated(store: &Store, effects: &[Effect]) -> (bool, Vec<i64>) {
        let watch = "CREATE TEMP TABLE treated AS SELECT 0 AS how LIMIT 0; \
                     CREATE TEMP TRIGGER watch AFTER INSERT ON main.shared \
                     BEGIN INSERT INTO treated SELECT secure_delete FROM pragma_secure_delete; END";
        store.pool.write().execute_batch(watch).unwrap();
        let kept = store.keep_effects(effects, Timestamp::UNIX_EPOCH);
        let writer = store.pool.write();
        let mut query = writer.prepare("SELECT DISTINCT how FROM treated").unwrap();
        let found = query.query_map([], |row| row.get(0)).unwrap();
        let mut how: Vec<i64> = found.map(Result::unwrap).collect();
        how.push(pragma(&writer, "secure_delete"));
        writer
            .execute_batch("DROP TRIGGER watch; DROP TABLE treated")
            .unwrap();
        (kept.is_ok(), how)
    }

    const OVER: i64 = 1;
    const FAST: i64 = 2;

    #[test]
    fn what_goes_away_is_written_over_after_a_page_and_in_one_that_changes_a_text() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        let of = |effects: &[Effect]| treated(&store, effects);
        assert_eq!(of(&page(1..3, 1)), (true, vec![OVER, OVER]));
        assert_eq!(of(&page(10..90, 1)), (true, vec![FAST, OVER]));
        // One among many that is there already.
        assert_eq!(of(&page(80..180, 2)), (true, vec![OVER, OVER]));
        let full = "CREATE TRIGGER full BEFORE INSERT ON label WHEN NEW.label = 'begrip 250' \
                    BEGIN SELECT RAISE(ABORT, 'no room'); END";
        store.pool.write().execute_batch(full).unwrap();
        let (kept, how) = of(&page(200..280, 1));
        assert!(!kept);
        assert_eq!(how, [OVER], "and what was watched is undone with it");
        let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let writer = store.pool.write();
            let _adding = Adding::begin(&writer).unwrap();
            assert_eq!(pragma(&writer, "secure_delete"), FAST);
            panic!("in the middle");
        }));
        assert!(stopped.is_err());
        assert_eq!(pragma(&store.pool.write(), "secure_delete"), OVER);
    }

    #[test]
    fn a_journal_that_was_let_grow_is_folded() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        let usual = pragma(&store.pool.write(), "wal_autocheckpoint");
        store
            .keep_effects(&page(1..90, 1), Timestamp::UNIX_EPOCH)
            .unwrap();
        assert!(store.hurries());
        assert!(pragma(&store.pool.write(), "wal_autocheckpoint") > usual);
        store.take_time().unwrap();
        assert!(!store.hurries());
        let writer = store.pool.write();
        assert_eq!(pragma(&writer, "wal_autocheckpoint"), usual);
        let (pages, folded): (i64, i64) = writer
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
                Ok((row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!(folded, pages);
    }
}
