use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The clock in the Netherlands as POSIX writes its rule, which holds since 1996: an hour ahead, two from the last
/// Sunday of March to that of October. So no database of time zones is needed, which not every system has.
const RULE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::posix(RULE).unwrap_or(TimeZone::UTC));

/// The day that it is in the Netherlands: a law begins to hold there at midnight, and not an hour or two later.
pub fn dutch_day(at: Timestamp) -> Date {
    ZONE.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn day(at: &str) -> String {
        dutch_day(at.parse().unwrap()).to_string()
    }

    #[test]
    fn a_day_begins_at_midnight_in_winter_and_in_summer() {
        assert_eq!(day("2026-01-15T22:59:59Z"), "2026-01-15");
        assert_eq!(day("2026-01-15T23:00:00Z"), "2026-01-16");
        assert_eq!(day("2026-06-30T21:59:59Z"), "2026-06-30");
        assert_eq!(day("2026-06-30T22:00:00Z"), "2026-07-01");
        assert_eq!(day("2026-12-31T23:00:00Z"), "2027-01-01");
    }

    #[test]
    fn the_days_on_which_the_clock_is_set_have_23_and_25_hours() {
        assert_eq!(day("2026-03-28T22:59:59Z"), "2026-03-28");
        assert_eq!(day("2026-03-28T23:00:00Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T21:59:59Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T22:00:00Z"), "2026-03-30");
        assert_eq!(day("2026-10-24T21:59:59Z"), "2026-10-24");
        assert_eq!(day("2026-10-24T22:00:00Z"), "2026-10-25");
        assert_eq!(day("2026-10-25T22:59:59Z"), "2026-10-25");
        assert_eq!(day("2026-10-25T23:00:00Z"), "2026-10-26");
    }
}
