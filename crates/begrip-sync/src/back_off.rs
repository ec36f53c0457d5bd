//! How long a workstation waits after a failure.

use std::time::Duration;

/// The longest wait that a workstation chooses by itself.
const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after this many failures in a row (1 for the first): twice as long each time, to
/// five minutes, of which the last half is left to chance so that many workstations do not come
/// back at one moment. `chance` is drawn by the caller, 0 to 1. A wait that the server asked for is
/// kept to, up to an hour.
pub fn back_off(failures: u32, chance: f64, asked: Option<Duration>) -> Duration {
    const FIRST: Duration = Duration::from_secs(1);
    const MOST_ASKED: Duration = Duration::from_secs(3_600);
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(20));
    let whole = doubled.min(LONGEST);
    let own = whole / 2 + (whole / 2).mul_f64(chance.clamp(0.0, 1.0));
    own.max(asked.unwrap_or_default().min(MOST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_five_minutes_and_half_of_each_is_chance() {
        let seconds = |failures, chance| back_off(failures, chance, None).as_secs_f64();
        assert_eq!(seconds(1, 0.0), 0.5);
        assert_eq!(seconds(1, 1.0), 1.0);
        assert_eq!(seconds(4, 0.5), 6.0);
        assert_eq!(seconds(u32::MAX, 1.0), 300.0);
        assert_eq!(seconds(0, 1.0), 1.0);
    }

    #[test]
    fn a_wait_that_the_server_asks_for_is_kept_to_within_reason() {
        let asked = |seconds| back_off(1, 0.0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(7), Duration::from_secs(7));
        assert_eq!(asked(0), Duration::from_millis(500));
        assert_eq!(asked(1 << 40), Duration::from_secs(3_600));
    }
}
