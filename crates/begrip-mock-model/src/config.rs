//! What a server is started with: port, key, latency, capacity, log file.

use std::path::PathBuf;
use std::time::Duration;

/// How a mock model server is set up. [`Default`] answers at once, without limits and without key.
#[derive(Clone, Debug, Default)]
pub struct MockConfig {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The time that answers take.
    pub latency: Latency,
    /// How many requests are answered at one time; `None` sets no limit.
    pub capacity: Option<Capacity>,
    /// When set, requests without this key (as `Authorization: Bearer …` or `api-key: …`) get 401.
    pub api_key: Option<String>,
    /// Each call is also appended to this file, one JSON object a line: once when it arrives and
    /// once when it ends, under the same `sequence`. Of two lines the later one holds.
    pub log_file: Option<PathBuf>,
    /// Leaves the request's body out of the log, for runs with very many calls.
    pub forget_bodies: bool,
}

/// Time to first token = `first_ms` + `per_prompt_token_ms` × prompt tokens; each token after that
/// takes `per_output_token_ms`. All in milliseconds, all 0 by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// The part of the time to the first token that does not depend on the prompt.
    pub first_ms: f64,
    /// The time that each prompt token adds to the time to the first token.
    pub per_prompt_token_ms: f64,
    /// The time between two tokens of the answer.
    pub per_output_token_ms: f64,
    /// The longest that all tokens of an answer together may take; `None` sets no limit.
    pub longest_ms: Option<f64>,
}

impl Latency {
    /// About as fast as a hosted model: 0.6 s to the first token of an answer to a 700-token
    /// prompt, 25 ms for each token, at most 6 s in all.
    pub fn demo() -> Self {
        Self {
            first_ms: 500.0,
            per_prompt_token_ms: 0.15,
            per_output_token_ms: 25.0,
            longest_ms: Some(6_000.0),
        }
    }

    pub(crate) fn until_first_token(&self, prompt_tokens: u32) -> Duration {
        millis(self.first_ms + self.per_prompt_token_ms * f64::from(prompt_tokens))
    }

    pub(crate) fn per_token(&self, output_tokens: u32) -> Duration {
        let fair = self.longest_ms.map_or(self.per_output_token_ms, |longest| {
            let share = longest / f64::from(output_tokens.max(1));
            share.min(self.per_output_token_ms)
        });
        millis(fair)
    }
}

fn millis(ms: f64) -> Duration {
    // Negative, infinite and not-a-number settings mean "no wait" instead of a panic.
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default()
}

/// A limit to the requests that are answered at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// How many are answered at one time, 1 or more (0 is read as 1).
    pub at_once: u32,
    /// What happens to the others.
    pub excess: Excess,
}

/// What happens to requests over the [`Capacity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// They wait for their turn.
    Wait,
    /// They get 429 with `Retry-After: 1`.
    Refuse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_shows_its_first_token_after_about_six_tenths_of_a_second() {
        let first = Latency::demo().until_first_token(700);
        assert_eq!(first, Duration::from_millis(605));
        assert_eq!(Latency::demo().per_token(100), Duration::from_millis(25));
    }

    #[test]
    fn a_long_answer_stays_under_the_longest_time() {
        let each = Latency::demo().per_token(1_000);
        assert_eq!(each * 1_000, Duration::from_secs(6));
    }

    #[test]
    fn senseless_times_mean_no_wait() {
        for first_ms in [f64::NAN, f64::INFINITY, -5.0] {
            let latency = Latency {
                first_ms,
                ..Latency::default()
            };
            assert_eq!(latency.until_first_token(10), Duration::ZERO);
        }
    }
}
