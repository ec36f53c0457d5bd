//! How often and when a failed call is tried again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often and when a failed call is tried again, as long as nothing of the answer has been
/// handed on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetrySettings {
    /// Attempts for one question, the first included; 1 means never again.
    pub attempts: u32,
    /// The wait before the second attempt is between nothing and this ("full jitter"); the bound
    /// doubles with each further attempt.
    pub base: Duration,
    /// The largest bound.
    pub longest: Duration,
    /// The longest `Retry-After` that is waited out; a longer one is told to the user instead.
    pub longest_retry_after: Duration,
    /// Further attempts that each question earns for all that come: of `n` questions in a row, however
    /// quiet it was before, come at most `reserve + share × n` further calls.
    pub share: f64,
    /// Further attempts that may be saved up, and that there are at the start.
    pub reserve: f64,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(500),
            longest: Duration::from_secs(8),
            longest_retry_after: Duration::from_secs(20),
            // A hundred questions or more make at most 1.1 × as many calls, what was saved up included. A
            // server that fails more often than one in twenty is not helped by being asked again.
            share: 0.05,
            reserve: 5.0,
        }
    }
}

impl RetrySettings {
    /// How long to wait before the next attempt, after `failed` attempts (1 or more); `None` when
    /// the server asks for more than is waited out. `random` is at least 0 and below 1.
    pub(crate) fn wait(
        &self,
        failed: u32,
        retry_after: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        let doubled = self
            .base
            .saturating_mul(1 << failed.saturating_sub(1).min(16));
        let jitter = doubled.min(self.longest).mul_f64(random);
        match retry_after {
            Some(time) if time > self.longest_retry_after => None,
            // Not before the server's time, and not all at that very moment.
            Some(time) => Some(time + jitter.min(time / 10)),
            None => Some(jitter),
        }
    }
}

/// Holds further attempts to a share of the questions, so that a server in trouble is not asked
/// more than one in health.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    left: Mutex<f64>,
    settings: RetrySettings,
}

impl RetryBudget {
    pub(crate) fn new(settings: RetrySettings) -> Self {
        Self {
            left: Mutex::new(settings.reserve),
            settings,
        }
    }

    /// A question begins.
    pub(crate) fn earn(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (*left + self.settings.share).min(self.settings.reserve.max(1.0));
    }

    /// Whether one further attempt may be made.
    pub(crate) fn spend(&self) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *left >= 1.0;
        if enough {
            *left -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_spread_from_nothing_to_a_bound_that_doubles() {
        let settings = RetrySettings::default();
        for (failed, random, millis) in [
            (1, 0.0, 0),
            (1, 0.5, 250),
            (2, 0.5, 500),
            (3, 0.5, 1_000),
            (9, 0.5, 4_000),
            (99, 0.5, 4_000),
        ] {
            let wait = settings.wait(failed, None, random);
            assert_eq!(
                wait,
                Some(Duration::from_millis(millis)),
                "{failed} {random}"
            );
        }
    }

    #[test]
    fn the_time_that_the_server_asks_is_kept_unless_it_is_too_long() {
        let settings = RetrySettings::default();
        let wait = |seconds, random| settings.wait(1, Some(Duration::from_secs(seconds)), random);
        assert_eq!(wait(3, 0.0), Some(Duration::from_secs(3)));
        assert_eq!(wait(3, 0.9), Some(Duration::from_millis(3_300)));
        assert_eq!(wait(21, 0.0), None);
    }

    /// How many of so many questions, each failing at every attempt, are tried further.
    fn further(budget: &RetryBudget, questions: u32) -> u32 {
        let wanted = (0..questions).map(|_| {
            budget.earn();
            // Each would like two more.
            u32::from(budget.spend()) + u32::from(budget.spend())
        });
        wanted.sum()
    }

    #[test]
    fn a_storm_of_a_hundred_questions_or_more_makes_at_most_a_tenth_more_calls() {
        for questions in [100, 200, 1_000, 10_000] {
            let settings = RetrySettings::default();
            let at_the_start = further(&RetryBudget::new(settings), questions);
            let calm = RetryBudget::new(settings);
            (0..10_000).for_each(|_| calm.earn());
            for more in [at_the_start, further(&calm, questions)] {
                assert!(more <= questions / 10, "{more} of {questions}");
                // Neither is nothing tried again: the reserve, and the share but for rounding.
                assert!(more >= 4 + questions / 20, "{more} of {questions}");
            }
        }
    }
}
