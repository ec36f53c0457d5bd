//! Where drafts came from. Many that are made at one time share one commit: whoever comes while one is being
//! written is taken along by the next.
//!
//! Of a draft that a kept answer gave, nothing was paid and nothing that lasts tells yet: it need not wait for the disk.
//! It is written before anything that can name it.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use crate::{Store, StoreError, StoredExchange, documents, exchanges};

/// What waits for the writer.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    drafts: Mutex<VecDeque<Draft>>,
    /// How often writing panics from now on.
    #[cfg(test)]
    panics: std::sync::atomic::AtomicU32,
}

#[derive(Debug)]
struct Draft {
    key: String,
    content: String,
    at: Timestamp,
    exchange: Option<StoredExchange>,
    room: u64,
    /// Who waits for it; nobody for one that is written soon.
    done: Option<SyncSender<Result<(), StoreError>>>,
}

/// Drafts that may wait for a disk that takes none.
const MOST: usize = 1_000;

impl Waiting {
    fn all(&self) -> MutexGuard<'_, VecDeque<Draft>> {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, draft: Draft) {
        self.all().push_back(draft);
    }

    fn is_full(&self) -> bool {
        self.all().len() >= MOST
    }

    fn take(&self) -> InHand<'_> {
        let drafts = std::mem::take(&mut *self.all());
        InHand {
            waiting: self,
            drafts,
        }
    }
}

/// Drafts that are being written; those of which nobody said yet what became of them, also because of a panic, wait
/// again, before what came meanwhile.
struct InHand<'a> {
    waiting: &'a Waiting,
    drafts: VecDeque<Draft>,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        if !self.drafts.is_empty() {
            let mut waiting = self.waiting.all();
            self.drafts.append(&mut waiting);
            *waiting = std::mem::take(&mut self.drafts);
        }
    }
}

impl Store {
    /// Keeps an editor text that tells where a draft came from, and with it the exchange that gave the
    /// draft: both or neither, durably. An exchange that is there already stays as it is. Exchanges
    /// that no concept leads to may take `room` bytes; the oldest make room.
    ///
    /// Errors: those of [`Store::save_text`].
    pub fn keep_draft(
        &self,
        key: &str,
        content: &str,
        at: Timestamp,
        exchange: Option<&StoredExchange>,
        room: u64,
    ) -> Result<(), StoreError> {
        // What cannot be kept keeps nobody else's from being kept.
        documents::check_text(key, content)?;
        let (done, outcome) = sync_channel(1);
        self.drafts.add(Draft {
            key: key.to_owned(),
            content: content.to_owned(),
            at,
            exchange: exchange.cloned(),
            room,
            done: Some(done),
        });
        let mut writer = self.pool.write();
        if let Ok(outcome) = outcome.try_recv() {
            return outcome;
        }
        if let Err(error) = self.write_waiting(&mut writer) {
            tracing::warn!(%error, "drafts still wait to be written");
        }
        let gone = || StoreError::Other("the writer has stopped".to_owned());
        outcome.try_recv().map_err(|_| gone())?
    }

    /// Keeps such a text with the next write, without an exchange and without waiting for the disk: for one that nothing
    /// which lasts tells of yet. Before a text that may name it is kept ([`Store::save_text`]) it is written, and
    /// by [`Store::write_drafts`].
    ///
    /// Errors: those of [`Store::save_text`], and of a disk that has not taken very many of them.
    pub fn keep_draft_soon(
        &self,
        key: &str,
        content: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if self.drafts.is_full() {
            return self.keep_draft(key, content, at, None, 0);
        }
        documents::check_text(key, content)?;
        self.drafts.add(Draft {
            key: key.to_owned(),
            content: content.to_owned(),
            at,
            exchange: None,
            room: 0,
            done: None,
        });
        Ok(())
    }

    /// Writes the drafts that wait; durable when it returns.
    ///
    /// Errors: a disk that takes no writes; what could not be written goes on waiting.
    pub fn write_drafts(&self) -> Result<(), StoreError> {
        // Also when none waits: another thread may have them in hand, and has written them when this one has the writer.
        let mut writer = self.pool.write();
        self.write_waiting(&mut writer)
    }

    /// Writes what waits and tells those who do. Error: what nobody waits for could not be written.
    pub(crate) fn write_waiting(&self, writer: &mut Connection) -> Result<(), StoreError> {
        let mut hand = self.drafts.take();
        let count = hand.drafts.len();
        if count == 0 {
            return Ok(());
        }
        #[cfg(test)]
        self.drafts.fall();
        let together = write(writer, hand.drafts.make_contiguous());
        let mut left = Ok(());
        for _ in 0..count {
            let Some(draft) = hand.drafts.front() else {
                break;
            };
            let alone = match (&together, count) {
                (Ok(()), _) => Ok(()),
                (Err(error), 1) => Err(error.again()),
                // Nobody's fault: each by itself would wait as long again, and hold up every other write.
                (Err(error @ (StoreError::Busy | StoreError::Full | StoreError::Denied(_))), _) => {
                    Err(error.again())
                }
                // Whose fault it was shows when each is written by itself.
                (Err(_), _) => write(writer, std::slice::from_ref(draft)),
            };
            let Some(draft) = hand.drafts.pop_front() else {
                break;
            };
            if let Some(done) = &draft.done {
                // Whoever waited may be gone; what was written stays.
                let _ = done.send(alone);
            } else if let Err(error) = alone {
                left = Err(error);
                // It stays in hand: what came meanwhile under its key is newer, and is written after it.
                hand.drafts.push_back(draft);
            }
        }
        left
    }

    /// Removes what tells where drafts about a case came from, the model's first text in it, provably. Such a draft can
    /// still be kept as a concept, without it. Tells how many there were.
    ///
    /// `about_a_case` is the path in the caller's JSON to what is true of those; `prefix` begins the keys of all.
    pub fn remove_drafts(&self, prefix: &str, about_a_case: &str) -> Result<u64, StoreError> {
        const WHICH: &str = "FROM buffer WHERE substr(key, 1, length(?1)) = ?1 \
                             AND CASE WHEN json_valid(content) THEN json_extract(content, ?2) END = 1";
        let values = [prefix, about_a_case];
        // What waits would come after.
        self.write_drafts()?;
        self.remove_provably(
            |backup| {
                let any = format!("SELECT EXISTS (SELECT 1 {WHICH})");
                Ok(backup.query_row(&any, values, |row| row.get(0))?)
            },
            |connection| Ok(connection.execute(&format!("DELETE {WHICH}"), values)? as u64),
        )
    }
}

/// All in one commit.
fn write(writer: &mut Connection, drafts: &[Draft]) -> Result<(), StoreError> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for draft in drafts {
        documents::write_text(&transaction, &draft.key, &draft.content, draft.at)?;
        if let Some(exchange) = &draft.exchange {
            exchanges::keep(&transaction, exchange, draft.room)?;
        }
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::Ordering;

    use super::*;

    impl Waiting {
        /// Panics as often as a test wants it.
        pub fn fall(&self) {
            let left = |left: u32| left.checked_sub(1);
            let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
            let fallen = self.panics.fetch_update(set, fetch, left);
            assert!(fallen.is_err(), "as a test wants it");
        }
    }

    #[test]
    fn what_could_not_be_written_never_takes_the_place_of_what_came_later() {
        const REFUSE: &str =
            "CREATE TRIGGER refuse BEFORE INSERT ON buffer WHEN NEW.content = 'ouder'
                              BEGIN SELECT RAISE(ABORT, 'as a test wants it'); END";
        let home = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let (store, _) = Store::open(home.path(), false, at).unwrap();
        store.pool.write().execute_batch(REFUSE).unwrap();
        for number in 0..2 {
            let key = format!("draft:{number}");
            store.keep_draft_soon(&key, "ouder", at).unwrap();
        }
        assert!(store.write_drafts().is_err());
        store.keep_draft_soon("draft:1", "nieuwer", at).unwrap();
        assert!(store.write_drafts().is_err(), "the other one still waits");
        store.keep_draft_soon("draft:1", "nieuwst", at).unwrap();
        let drop = "DROP TRIGGER refuse";
        store.pool.write().execute_batch(drop).unwrap();
        store.write_drafts().unwrap();
        let text = |number: u8| store.text(&format!("draft:{number}")).unwrap();
        assert_eq!(text(0).unwrap().content, "ouder");
        assert_eq!(text(1).unwrap().content, "nieuwst");
    }

    #[test]
    fn drafts_outlive_a_writer_that_panics() {
        let home = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let (store, _) = Store::open(home.path(), false, at).unwrap();
        for number in 0..3 {
            let key = format!("draft:{number}");
            store.keep_draft_soon(&key, "herkomst", at).unwrap();
        }
        store.drafts.panics.store(1, Ordering::SeqCst);
        assert!(catch_unwind(AssertUnwindSafe(|| store.write_drafts())).is_err());
        // What came after it goes behind: a later text of one editor is the one that stays.
        store.keep_draft_soon("draft:2", "later", at).unwrap();
        store.write_drafts().unwrap();
        let kept = |number: u32| store.text(&format!("draft:{number}")).unwrap().unwrap();
        assert_eq!(kept(0).content, "herkomst");
        assert_eq!(kept(2).content, "later");

        // Whoever waits for another's panic has it written by the next turn, which may be its own.
        store.drafts.panics.store(1, Ordering::SeqCst);
        let keep = |number: u32| {
            let key = format!("draft:{number}");
            store.keep_draft(&key, "herkomst", at, None, 1_000)
        };
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let writer = store.pool.write();
            let threads: Vec<_> = (10..14)
                .map(|number| scope.spawn(move || catch_unwind(AssertUnwindSafe(|| keep(number)))))
                .collect();
            while store.drafts.all().len() < 4 {
                std::thread::yield_now();
            }
            drop(writer);
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let fell = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(fell, 1);
        assert!(outcomes.iter().flatten().all(Result::is_ok));
        for number in 10..14 {
            kept(number);
        }
    }

    #[test]
    fn drafts_that_come_while_the_writer_is_held_are_kept_in_one_commit() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        // Each commit adds a page to the journal at least.
        assert!(crate::connection::sweep(&store.pool.write()).unwrap());
        std::thread::scope(|scope| {
            let writer = store.pool.write();
            let keep = |number: u32| {
                let key = match number {
                    // A name that cannot be one, among those that can.
                    7 => "geen naam".to_owned(),
                    other => format!("draft:{other}"),
                };
                store.keep_draft(&key, "herkomst", Timestamp::UNIX_EPOCH, None, 1_000)
            };
            let threads: Vec<_> = (0..20)
                .map(|number| scope.spawn(move || keep(number)))
                .collect();
            while store.drafts.all().len() < 19 {
                std::thread::yield_now();
            }
            drop(writer);
            for (number, thread) in threads.into_iter().enumerate() {
                assert_eq!(thread.join().unwrap().is_ok(), number != 7, "{number}");
            }
        });
        let pages: i64 = store
            .pool
            .write()
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
            .unwrap();
        assert!((1..19).contains(&pages), "{pages} pages for 19 drafts");
        for number in (0..20).filter(|number| *number != 7) {
            assert!(store.text(&format!("draft:{number}")).unwrap().is_some());
        }
    }

    #[test]
    fn a_draft_that_is_written_soon_is_on_the_disk_before_anything_that_can_name_it() {
        let home = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let (store, _) = Store::open(home.path(), false, at).unwrap();
        // Another program: it sees what is in the file alone.
        let (other, _) = Store::open(home.path(), false, at).unwrap();
        let there = |key: &str| other.text(key).unwrap().is_some();
        store.keep_draft_soon("draft:1", "herkomst", at).unwrap();
        assert!(!there("draft:1"), "nothing was written for it");
        store.save_text("compose", "draft:1", at).unwrap();
        assert!(there("draft:1") && there("compose"));

        store.keep_draft_soon("draft:2", "herkomst", at).unwrap();
        store.write_drafts().unwrap();
        assert!(there("draft:2"));
        // One that waits for the disk takes along what does not.
        store.keep_draft_soon("draft:3", "herkomst", at).unwrap();
        store
            .keep_draft("draft:4", "herkomst", at, None, 1_000)
            .unwrap();
        assert!(there("draft:3") && there("draft:4"));
        assert!(store.keep_draft_soon("geen naam", "herkomst", at).is_err());
    }

    #[test]
    fn what_the_disk_does_not_take_goes_on_waiting_until_it_does() {
        let home = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let (store, _) = Store::open(home.path(), false, at).unwrap();
        store
            .pool
            .write()
            .execute_batch("PRAGMA query_only = ON")
            .unwrap();
        store.keep_draft_soon("draft:1", "herkomst", at).unwrap();
        assert!(store.write_drafts().is_err());
        assert!(store.save_text("compose", "draft:1", at).is_err());
        store
            .pool
            .write()
            .execute_batch("PRAGMA query_only = OFF")
            .unwrap();
        store.save_text("compose", "draft:1", at).unwrap();
        assert!(store.text("draft:1").unwrap().is_some());
        // So many that nobody may count on the disk any more: then it is waited for, and told.
        store
            .pool
            .write()
            .execute_batch("PRAGMA query_only = ON")
            .unwrap();
        let outcomes = (0..=MOST).map(|number| {
            let key = format!("draft:many-{number}");
            store.keep_draft_soon(&key, "herkomst", at).is_ok()
        });
        assert_eq!(outcomes.filter(|kept| *kept).count(), MOST);
    }
}
