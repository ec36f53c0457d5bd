//! How many ask at one time.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::Fault;
use crate::refusal::Refusal;
use crate::routes::Node;

/// Places for questions of callers that are under way. Those of jobs have none.
#[derive(Clone)]
pub struct Room {
    places: Arc<Semaphore>,
    most: usize,
    /// Told when one is given back.
    left: Arc<Notify>,
}

/// One of those places; taken before a question is read, and given back when it is dropped.
pub struct Place {
    place: Option<OwnedSemaphorePermit>,
    left: Arc<Notify>,
}

impl Drop for Place {
    fn drop(&mut self) {
        // Whoever waits for it looks only when it is free.
        drop(self.place.take());
        self.left.notify_one();
    }
}

impl Room {
    /// For so many questions that are under way on this node.
    pub fn new(most: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(most)),
            most,
            left: Arc::default(),
        }
    }

    /// Questions that are under way.
    pub fn asking(&self) -> usize {
        self.most - self.places.available_permits()
    }

    /// Until one of them has its answer.
    pub async fn left(&self) {
        self.left.notified().await;
    }
}

impl FromRequestParts<Arc<Node>> for Place {
    type Rejection = Fault;

    async fn from_request_parts(_: &mut Parts, node: &Arc<Node>) -> Result<Self, Fault> {
        let room = &node.gateway.room();
        let place = Arc::clone(&room.places).try_acquire_owned();
        let place = place.map_err(|_| Refusal::Busy)?;
        Ok(Self {
            place: Some(place),
            left: Arc::clone(&room.left),
        })
    }
}
