//! Single flight: one question that is asked by many at one time is one call.
//!
//! The call runs in a task of its own. Everyone who asks, the first one included, only follows it:
//! sees each piece as it arrives, late ones first what was there already. Who leaves, leaves; when
//! the last one has left, the call is cancelled. A task that dies, by a panic or because the
//! program ends, lands its flight with an error, so that nobody waits for ever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::LlmError;
use crate::key::Key;

/// The flights under way. `T` is what a good one lands with.
pub(crate) struct Flights<T> {
    running: Mutex<HashMap<Key, Arc<Flight<T>>>>,
}

struct Flight<T> {
    key: Key,
    progress: Mutex<Progress<T>>,
    changed: watch::Sender<()>,
    cancel: CancellationToken,
}

struct Progress<T> {
    text: String,
    ends: Vec<usize>,
    /// True when the pieces were kept by another program.
    replayed: bool,
    outcome: Option<Result<Arc<T>, LlmError>>,
    participants: usize,
}

/// What joining gives.
pub(crate) enum Joined<T, H> {
    /// The answer came in just before: no flight is needed.
    Landed(H),
    /// The first to ask: the pilot is for the task that makes the call.
    Lead(Seat<T>, Pilot<T>),
    /// The call is under way.
    Follow(Seat<T>),
}

impl<T> Flights<T> {
    pub(crate) fn new() -> Arc<Self> {
        let running = Mutex::default();
        Arc::new(Self { running })
    }

    /// Joins the flight of this key, or begins it unless `landed` finds that an earlier one has
    /// brought the answer meanwhile.
    pub(crate) fn join<H>(
        self: &Arc<Self>,
        key: Key,
        landed: impl FnOnce() -> Option<H>,
    ) -> Joined<T, H> {
        let mut running = lock(&self.running);
        if let Some(flight) = running.get(&key) {
            lock(&flight.progress).participants += 1;
            return Joined::Follow(self.seat(flight));
        }
        // A flight leaves the list only after its answer is in the cache. So an answer that is
        // not there now is not under way either.
        if let Some(hit) = landed() {
            return Joined::Landed(hit);
        }
        let flight = Arc::new(Flight {
            key,
            progress: Mutex::new(Progress {
                text: String::new(),
                ends: Vec::new(),
                replayed: false,
                outcome: None,
                participants: 1,
            }),
            changed: watch::Sender::new(()),
            cancel: CancellationToken::new(),
        });
        running.insert(key, Arc::clone(&flight));
        let seat = self.seat(&flight);
        let flights = Arc::clone(self);
        Joined::Lead(seat, Pilot { flights, flight })
    }

    /// How many flights are under way.
    pub(crate) fn len(&self) -> usize {
        lock(&self.running).len()
    }

    fn seat(self: &Arc<Self>, flight: &Arc<Flight<T>>) -> Seat<T> {
        Seat {
            flights: Arc::clone(self),
            flight: Arc::clone(flight),
        }
    }

    fn remove(running: &mut HashMap<Key, Arc<Flight<T>>>, flight: &Arc<Flight<T>>) {
        // Under the same key another flight may have begun after this one was given up.
        if running
            .get(&flight.key)
            .is_some_and(|listed| Arc::ptr_eq(listed, flight))
        {
            running.remove(&flight.key);
        }
    }
}

/// The side of the task that makes the call. Dropped before it has landed, it lands with
/// [`LlmError::Interrupted`].
pub(crate) struct Pilot<T> {
    flights: Arc<Flights<T>>,
    flight: Arc<Flight<T>>,
}

impl<T> Pilot<T> {
    /// Is cancelled when everyone has left.
    pub(crate) fn cancel(&self) -> CancellationToken {
        self.flight.cancel.clone()
    }

    /// The pieces that come were kept by another program.
    pub(crate) fn replays(&self) {
        lock(&self.flight.progress).replayed = true;
    }

    /// Hands a piece on to everyone.
    pub(crate) fn piece(&self, text: &str) {
        let mut progress = lock(&self.flight.progress);
        progress.text.push_str(text);
        let end = progress.text.len();
        progress.ends.push(end);
        drop(progress);
        self.flight.changed.send_replace(());
    }

    /// Ends the flight. What the outcome leaves in the cache must be there already.
    pub(crate) fn land(self, outcome: Result<T, LlmError>) {
        self.end(outcome.map(Arc::new));
    }

    fn end(&self, outcome: Result<Arc<T>, LlmError>) {
        Flights::remove(&mut lock(&self.flights.running), &self.flight);
        lock(&self.flight.progress).outcome.get_or_insert(outcome);
        self.flight.changed.send_replace(());
    }
}

impl<T> Drop for Pilot<T> {
    fn drop(&mut self) {
        // Without effect after a landing.
        self.end(Err(LlmError::Interrupted));
    }
}

/// The side of one who asked. Dropping it is leaving.
pub(crate) struct Seat<T> {
    flights: Arc<Flights<T>>,
    flight: Arc<Flight<T>>,
}

impl<T> Seat<T> {
    /// Gives each piece to `sink`, from the first one on, with whether it was kept by another, until the flight has landed or `cancel`
    /// says that this one no longer wants to know. Tells whether any piece was given.
    pub(crate) async fn follow(
        &self,
        mut sink: impl FnMut(&str, bool),
        cancel: &CancellationToken,
    ) -> (bool, Result<Arc<T>, LlmError>) {
        let mut changes = self.flight.changed.subscribe();
        let (mut pieces, mut bytes) = (0, 0);
        loop {
            changes.mark_unchanged();
            // Copied, so that a slow sink does not hold the others up.
            let (text, ends, replayed, outcome) = {
                let progress = lock(&self.flight.progress);
                let text = progress.text[bytes..].to_owned();
                let ends = progress.ends[pieces..].to_vec();
                (text, ends, progress.replayed, progress.outcome.clone())
            };
            let begin = bytes;
            for end in &ends {
                sink(&text[bytes - begin..end - begin], replayed);
                bytes = *end;
            }
            pieces += ends.len();
            if let Some(outcome) = outcome {
                return (pieces > 0, outcome);
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return (pieces > 0, Err(LlmError::Cancelled)),
                // The sender lives as long as the flight, which this seat holds.
                _ = changes.changed() => {}
            }
        }
    }
}

impl<T> Drop for Seat<T> {
    fn drop(&mut self) {
        // In the same order as in joining: nobody can join a flight that is being given up.
        let mut running = lock(&self.flights.running);
        let mut progress = lock(&self.flight.progress);
        progress.participants -= 1;
        if progress.participants == 0 && progress.outcome.is_none() {
            drop(progress);
            Flights::remove(&mut running, &self.flight);
            self.flight.cancel.cancel();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic runs while one of these is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [7; 32];

    fn none() -> Option<()> {
        None
    }

    #[test]
    fn an_answer_that_came_in_just_before_needs_no_flight() {
        let flights = Flights::<u8>::new();
        assert!(matches!(flights.join(KEY, || Some(9)), Joined::Landed(9)));
        assert_eq!(flights.len(), 0);
    }

    #[test]
    fn a_flight_under_way_is_joined_without_a_look_at_the_cache() {
        let flights = Flights::<u8>::new();
        let Joined::Lead(_seat, _pilot) = flights.join(KEY, none) else {
            panic!("the first leads");
        };
        let joined = flights.join(KEY, || -> Option<()> { panic!("not looked at") });
        assert!(matches!(joined, Joined::Follow(_)));
        assert!(
            matches!(flights.join([8; 32], none), Joined::Lead(..)),
            "another question"
        );
    }

    #[test]
    fn it_is_cancelled_by_the_last_to_leave_and_then_not_joined_any_more() {
        let flights = Flights::<u8>::new();
        let Joined::Lead(first, pilot) = flights.join(KEY, none) else {
            panic!("the first leads");
        };
        let Joined::Follow(second) = flights.join(KEY, none) else {
            panic!("the second follows");
        };
        drop(first);
        assert!(!pilot.cancel().is_cancelled());
        drop(second);
        assert!(pilot.cancel().is_cancelled());
        let Joined::Lead(_seat, _new) = flights.join(KEY, none) else {
            panic!("a flight that is given up is not joined");
        };
        // The old pilot ends without taking the new flight off the list.
        drop(pilot);
        assert_eq!(flights.len(), 1);
    }

    #[tokio::test]
    async fn after_the_landing_a_seat_still_sees_every_piece() {
        let flights = Flights::<u8>::new();
        let Joined::Lead(seat, pilot) = flights.join(KEY, none) else {
            panic!("the first leads");
        };
        pilot.piece("é");
        pilot.piece("én");
        pilot.land(Ok(1));
        assert_eq!(flights.len(), 0);
        let mut pieces = Vec::new();
        let sink = |piece: &str, _| pieces.push(piece.to_owned());
        let (any, outcome) = seat.follow(sink, &CancellationToken::new()).await;
        assert!(any && *outcome.unwrap() == 1);
        assert_eq!(pieces, ["é", "én"]);
    }

    #[tokio::test]
    async fn a_pilot_that_is_dropped_lands_with_an_error() {
        let flights = Flights::<u8>::new();
        let Joined::Lead(seat, pilot) = flights.join(KEY, none) else {
            panic!("the first leads");
        };
        drop(pilot);
        let (_, outcome) = seat.follow(|_, _| {}, &CancellationToken::new()).await;
        assert_eq!(outcome, Err(LlmError::Interrupted));
        assert_eq!(flights.len(), 0);
    }
}
