//! Where drafts came from. Many that are made at one time share one commit: whoever comes while one is being
//! written is taken along by the next.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use crate::{Store, StoreError, StoredExchange, documents, exchanges};

/// What waits for the writer.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<Vec<Draft>>);

#[derive(Debug)]
struct Draft {
    key: String,
    content: String,
    at: Timestamp,
    exchange: Option<StoredExchange>,
    room: u64,
    done: SyncSender<Result<(), StoreError>>,
}

impl Waiting {
    fn add(&self, draft: Draft) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(draft);
    }

    fn take(&self) -> Vec<Draft> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
            done,
        });
        let mut writer = self.pool.write();
        if let Ok(outcome) = outcome.try_recv() {
            return outcome;
        }
        let drafts = self.drafts.take();
        let together = write(&mut writer, &drafts);
        for draft in &drafts {
            let alone = match (&together, drafts.len()) {
                (Ok(()), _) => Ok(()),
                (Err(error), 1) => Err(error.again()),
                // Nobody's fault: each by itself would wait as long again, and hold up every other write.
                (Err(error @ (StoreError::Busy | StoreError::Full | StoreError::Denied(_))), _) => {
                    Err(error.again())
                }
                // Whose fault it was shows when each is written by itself.
                (Err(_), _) => write(&mut writer, std::slice::from_ref(draft)),
            };
            // Whoever waited may be gone; what was written stays.
            let _ = draft.done.send(alone);
        }
        let gone = || StoreError::Other("the writer has stopped".to_owned());
        outcome.try_recv().map_err(|_| gone())?
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
    use super::*;

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
            while store.drafts.0.lock().unwrap().len() < 19 {
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
}
