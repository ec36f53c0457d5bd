//! The circuit breaker: after several failures in a row nothing is sent for a while, and then one
//! question is let through to see.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// When the breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it; 1 or more.
    pub failures: u32,
    /// How long it stays open the first time; twice as long each time the try after it fails.
    pub cool_down: Duration,
    /// The longest that it stays open.
    pub longest: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            cool_down: Duration::from_secs(10),
            longest: Duration::from_secs(120),
        }
    }
}

impl BreakerSettings {
    /// The same for a gateway: it has a breaker of its own towards the model, and after a restart it is
    /// there again in a second. Two long waits on top of each other would keep somebody from an answer
    /// for minutes that was to be had at once.
    pub(crate) fn of_gateway(self) -> Self {
        Self {
            cool_down: self.cool_down.min(Duration::from_secs(1)),
            longest: self.longest.min(Duration::from_secs(10)),
            ..self
        }
    }
}

/// What the breaker does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Everything is sent.
    Closed {
        /// Failures in a row so far.
        failures: u32,
    },
    /// Nothing is sent.
    Open {
        /// From then on one question is let through.
        until: Timestamp,
    },
    /// One question is under way to see whether the server works again.
    HalfOpen,
}

/// How a call that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The server answered, if only to refuse.
    Good,
    /// The server is in trouble.
    Bad,
    /// Nothing is known of the server, for instance because the caller cancelled.
    Unknown,
}

#[derive(Debug)]
pub(crate) struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: BreakerState,
    trips: u32,
    until: Timestamp,
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings) -> Arc<Self> {
        let inner = Inner {
            state: BreakerState::Closed { failures: 0 },
            trips: 0,
            until: Timestamp::UNIX_EPOCH,
        };
        Arc::new(Self {
            settings,
            inner: Mutex::new(inner),
        })
    }

    pub(crate) fn state(&self) -> BreakerState {
        self.lock().state
    }

    /// Lets a call through, or tells until when not.
    pub(crate) fn admit(self: &Arc<Self>, now: Timestamp) -> Result<Permit, Timestamp> {
        let mut inner = self.lock();
        match inner.state {
            BreakerState::Closed { .. } => {}
            BreakerState::Open { until } if now < until => return Err(until),
            BreakerState::Open { .. } => inner.state = BreakerState::HalfOpen,
            BreakerState::HalfOpen => return Err(inner.until.max(now)),
        }
        let probing = inner.state == BreakerState::HalfOpen;
        Ok(Permit {
            breaker: Some(Arc::clone(self)),
            probing,
        })
    }

    fn settle(&self, probing: bool, verdict: Verdict, now: Timestamp) {
        let mut inner = self.lock();
        match (verdict, inner.state) {
            // The one that was let through says nothing: the next one may try at once.
            (Verdict::Unknown, BreakerState::HalfOpen) if probing => {
                let until = inner.until;
                inner.state = BreakerState::Open { until };
            }
            (Verdict::Good, BreakerState::Closed { .. }) => {
                inner.state = BreakerState::Closed { failures: 0 };
            }
            (Verdict::Good, BreakerState::HalfOpen) if probing => {
                inner.state = BreakerState::Closed { failures: 0 };
                inner.trips = 0;
            }
            (Verdict::Bad, BreakerState::HalfOpen) if probing => self.open(&mut inner, now),
            (Verdict::Bad, BreakerState::Closed { failures }) => {
                let failures = failures + 1;
                inner.state = BreakerState::Closed { failures };
                if failures >= self.settings.failures.max(1) {
                    self.open(&mut inner, now);
                }
            }
            // Calls that began before the breaker opened have no say any more.
            _ => {}
        }
    }

    fn open(&self, inner: &mut Inner, now: Timestamp) {
        let BreakerSettings {
            cool_down, longest, ..
        } = self.settings;
        let time = cool_down
            .saturating_mul(1 << inner.trips.min(16))
            .min(longest);
        inner.trips += 1;
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        inner.until = now.checked_add(time).unwrap_or(Timestamp::MAX);
        inner.state = BreakerState::Open { until: inner.until };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // Each change is complete in itself, so that a panic elsewhere leaves nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave for one call. Dropped without a verdict, the call counts as one that says nothing.
#[derive(Debug)]
pub(crate) struct Permit {
    breaker: Option<Arc<Breaker>>,
    probing: bool,
}

impl Permit {
    pub(crate) fn settle(mut self, verdict: Verdict, now: Timestamp) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.probing, verdict, now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.probing, Verdict::Unknown, Timestamp::UNIX_EPOCH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn breaker() -> Arc<Breaker> {
        Breaker::new(BreakerSettings {
            failures: 3,
            cool_down: Duration::from_secs(10),
            longest: Duration::from_secs(25),
        })
    }

    fn fail(breaker: &Arc<Breaker>, second: i64) {
        breaker
            .admit(at(second))
            .unwrap()
            .settle(Verdict::Bad, at(second));
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let breaker = breaker();
        fail(&breaker, 0);
        fail(&breaker, 0);
        breaker.admit(at(0)).unwrap().settle(Verdict::Good, at(0));
        fail(&breaker, 0);
        fail(&breaker, 0);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 2 });
        fail(&breaker, 1);
        assert_eq!(breaker.state(), BreakerState::Open { until: at(11) });
        assert_eq!(breaker.admit(at(10)).unwrap_err(), at(11));
    }

    #[test]
    fn after_the_cool_down_one_alone_is_let_through() {
        let breaker = breaker();
        (0..3).for_each(|_| fail(&breaker, 0));
        let probe = breaker.admit(at(10)).unwrap();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.admit(at(10)).is_err());
        probe.settle(Verdict::Good, at(11));
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    #[test]
    fn a_failed_try_doubles_the_wait_up_to_the_longest() {
        let breaker = breaker();
        (0..3).for_each(|_| fail(&breaker, 0));
        fail(&breaker, 10);
        assert_eq!(breaker.state(), BreakerState::Open { until: at(30) });
        fail(&breaker, 30);
        assert_eq!(breaker.state(), BreakerState::Open { until: at(55) });
    }

    #[test]
    fn a_try_that_was_dropped_or_cancelled_does_not_keep_it_half_open() {
        let breaker = breaker();
        (0..3).for_each(|_| fail(&breaker, 0));
        drop(breaker.admit(at(10)).unwrap());
        breaker
            .admit(at(10))
            .unwrap()
            .settle(Verdict::Unknown, at(10));
        breaker.admit(at(10)).unwrap().settle(Verdict::Good, at(10));
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    #[test]
    fn a_late_failure_of_an_earlier_call_does_not_lengthen_the_wait() {
        let breaker = breaker();
        let early = breaker.admit(at(0)).unwrap();
        (0..3).for_each(|_| fail(&breaker, 0));
        early.settle(Verdict::Bad, at(9));
        assert_eq!(breaker.state(), BreakerState::Open { until: at(10) });
    }
}
