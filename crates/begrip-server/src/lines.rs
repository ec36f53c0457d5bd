//! Lines of events: how many somebody may hold open, and for how long.
//!
//! A line is opened by a token and stays open for hours. So it is looked at again whether that token still holds:
//! every now and then, and at once when the database says that tokens or accounts have changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::pace::Who;
use crate::refusal::Refusal;
use crate::routes::Node;
use crate::token::{Holder, REMEMBERED};

/// Lines about jobs that are open on this node at one time: of one user, and of one organisation.
const OF_USER: usize = 32;
const OF_ORGANISATION: usize = 512;

/// After how many seconds it is worth asking again for one more.
const LATER: u32 = 5;

/// How many lines there are, by whose they are.
#[derive(Default)]
pub struct Lines {
    open: Mutex<HashMap<Who, usize>>,
}

/// One of those lines; it ends when this is dropped.
pub struct Place {
    lines: Arc<Lines>,
    whose: [Who; 2],
}

impl Lines {
    /// A line more. Error: the user or the organisation has as many as they may.
    pub fn place(self: &Arc<Self>, holder: &Holder) -> Result<Place, Refusal> {
        let whose = Who::of(holder);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (who, most) in whose.iter().zip([OF_USER, OF_ORGANISATION]) {
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

/// Tells when a line must end.
pub struct Watch {
    node: Arc<Node>,
    holder: Arc<Holder>,
    changed: watch::Receiver<u64>,
    next: Instant,
}

impl Watch {
    /// Over a line of this caller, from now on.
    pub fn new(node: &Arc<Node>, holder: &Arc<Holder>) -> Self {
        Self {
            node: Arc::clone(node),
            holder: Arc::clone(holder),
            changed: node.tokens.changes(),
            next: Instant::now() + REMEMBERED,
        }
    }

    /// Until the server stops or the caller may not ask any more what they asked. Can be dropped and called anew.
    pub async fn over(&mut self) {
        loop {
            tokio::select! {
                () = self.node.stop.cancelled() => return,
                () = tokio::time::sleep_until(self.next) => {}
                changed = self.changed.changed() => match changed {
                    Ok(()) => {
                        // Not all lines at one time. Written down, for whoever calls may leave off here.
                        let spread = u64::from(self.holder.account.as_bytes()[15]);
                        self.next = self.next.min(Instant::now() + Duration::from_millis(spread));
                        continue;
                    }
                    Err(_) => return,
                },
            }
            match self.node.tokens.still(&self.node.pool, &self.holder).await {
                Ok(true) => self.next = Instant::now() + REMEMBERED,
                Ok(false) => return,
                // Nobody knows: it is looked at again.
                Err(error) => {
                    tracing::warn!(?error, "whether a token still holds is not known");
                    self.next = Instant::now() + Duration::from_secs(5);
                }
            }
        }
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
        let mut places: Vec<Place> = (0..OF_ORGANISATION)
            .map(|line| lines.place(&holder(line / OF_USER, "OM")).unwrap())
            .collect();
        assert!(matches!(
            lines.place(&holder(99, "OM")),
            Err(Refusal::TooManyLines(_))
        ));
        assert!(lines.place(&holder(100, "DJI")).is_ok());
        places.pop();
        assert!(lines.place(&holder(99, "OM")).is_ok());
        places.clear();
        assert!(lines.open.lock().unwrap().is_empty());
    }
}
