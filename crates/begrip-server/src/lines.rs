//! Lines of events: how many somebody may hold open, and for how long.
//!
//! A line is opened by a token and stays open for hours. So it is looked at again whether that token still holds:
//! every now and then, and at once when the database says that tokens or accounts have changed. For all lines of a
//! node that is one question: thousands of them would keep others from the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::pace::Who;
use crate::refusal::Refusal;
use crate::routes::Node;
use crate::token::{Holder, REMEMBERED};

/// Lines of a kind that are open on this node at one time: of one user, whoever they are.
const OF_USER: usize = 32;

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Changes of concepts: one for each program that is open.
    Changes,
    /// A job.
    Job,
}

impl Kind {
    /// Lines of one organisation. Everybody who works has one for changes, and few follow a job.
    fn of_organisation(self) -> usize {
        match self {
            Self::Changes => 20_000,
            Self::Job => 512,
        }
    }
}

/// After how many seconds it is worth asking again for one more.
const LATER: u32 = 5;

/// How long changes are gathered before lines are looked at.
const GATHER: Duration = Duration::from_millis(100);

/// After how long is looked again when the database was away.
const AGAIN: Duration = Duration::from_secs(5);

/// A line that is open: whose it is, and what ends it.
type Open = (Arc<Holder>, CancellationToken);

/// How many lines there are, by kind and whose they are; and every line that is open.
#[derive(Default)]
pub struct Lines {
    open: Mutex<HashMap<(Kind, Who), usize>>,
    /// By their number.
    watched: Mutex<HashMap<u64, Open>>,
    count: AtomicU64,
}

/// One of those lines; it ends when this is dropped.
pub struct Place {
    lines: Arc<Lines>,
    whose: [(Kind, Who); 2],
}

impl Lines {
    fn watched(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line more. Error: the user or the organisation has as many as they may.
    pub fn place(self: &Arc<Self>, kind: Kind, holder: &Holder) -> Result<Place, Refusal> {
        let whose = Who::of(holder).map(|who| (kind, who));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (who, most) in whose.iter().zip([OF_USER, kind.of_organisation()]) {
            if open.get(who).is_some_and(|many| *many >= most) {
                return Err(Refusal::TooManyLines(LATER));
            }
        }
        for who in &whose {
            *open.entry(who.clone()).or_default() += 1;
        }
        drop(open);
        Ok(Place {
            lines: Arc::clone(self),
            whose,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self
            .lines
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for who in &self.whose {
            if let Some(many) = open.get_mut(who) {
                *many -= 1;
                if *many == 0 {
                    open.remove(who);
                }
            }
        }
    }
}

/// A line that is open, looked after by [`keep`].
pub struct Watch {
    lines: Arc<Lines>,
    number: u64,
    ended: CancellationToken,
}

impl Watch {
    /// Over a line of this caller, from now on.
    pub fn new(node: &Node, holder: &Arc<Holder>) -> Self {
        let lines = &node.lines;
        let number = lines.count.fetch_add(1, Ordering::Relaxed);
        let ended = node.stop.child_token();
        let watched = (Arc::clone(holder), ended.clone());
        lines.watched().insert(number, watched);
        Self {
            lines: Arc::clone(lines),
            number,
            ended,
        }
    }

    /// Until the server stops or the caller may not ask any more what they asked.
    pub async fn over(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.lines.watched().remove(&self.number);
    }
}

/// Ends lines whose token does not hold any more, until the server stops. All of them are looked at by one question.
pub async fn keep(node: Arc<Node>) {
    let mut changes = node.tokens.changes();
    let mut pause = REMEMBERED;
    loop {
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            // What changes with it is looked at with it.
            _ = changes.changed() => tokio::time::sleep(GATHER).await,
        }
        changes.mark_unchanged();
        let open: Vec<_> = node.lines.watched().values().cloned().collect();
        pause = match node
            .tokens
            .still(&node.pool, open.iter().map(|(holder, _)| &**holder))
            .await
        {
            Ok(still) => {
                let over = open.iter().zip(still).filter(|(_, still)| !still);
                over.for_each(|((_, ended), _)| ended.cancel());
                REMEMBERED
            }
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "whether tokens of open lines still hold is not known"
                );
                AGAIN
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::By;
    use begrip_sync::Role;
    use uuid::Uuid;

    fn holder(number: usize, organisation: &str) -> Holder {
        Holder {
            account: Uuid::from_u128(number as u128),
            name: "x".to_owned(),
            organisation: organisation.to_owned(),
            role: Role::Author,
            by: By::Token(Uuid::nil()),
        }
    }

    #[test]
    fn an_organisation_has_its_own_bound_and_what_ended_leaves_nothing_behind() {
        let lines = Arc::new(Lines::default());
        let most = Kind::Job.of_organisation();
        let mut places: Vec<Place> = (0..most)
            .map(|line| {
                let holder = holder(line / OF_USER, "OM");
                lines.place(Kind::Job, &holder).unwrap()
            })
            .collect();
        assert!(matches!(
            lines.place(Kind::Job, &holder(99, "OM")),
            Err(Refusal::TooManyLines(_))
        ));
        assert!(lines.place(Kind::Job, &holder(100, "DJI")).is_ok());
        // Who follows jobs keeps nobody from hearing of changes.
        assert!(lines.place(Kind::Changes, &holder(99, "OM")).is_ok());
        places.pop();
        assert!(lines.place(Kind::Job, &holder(99, "OM")).is_ok());
        places.clear();
        assert!(lines.open.lock().unwrap().is_empty());
    }
}
