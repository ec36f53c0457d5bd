use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// On which days a concept holds (`dcterms:valid`): from the first up to and including the last.
/// A day that is left out is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Validity {
    /// The first day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "typescript",
        ts(as = "Option<String>", optional = nullable)
    )]
    pub from: Option<Date>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "typescript",
        ts(as = "Option<String>", optional = nullable)
    )]
    pub until: Option<Date>,
}

/// How a concept stands on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InForce {
    /// It holds.
    #[default]
    Now,
    /// Its first day is still to come.
    NotYet,
    /// Its last day is over.
    NoLonger,
}

impl Validity {
    /// True without any bound: it holds on every day.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when its last day lies before its first: no day is left.
    pub fn is_reversed(&self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until < from)
    }

    /// How it stands on a day.
    pub fn on(&self, day: Date) -> InForce {
        match () {
            () if self.until.is_some_and(|until| until < day) => InForce::NoLonger,
            () if self.from.is_some_and(|from| day < from) => InForce::NotYet,
            () => InForce::Now,
        }
    }

    /// The days of a text that was `earlier` the same: from where that began, when this one follows it
    /// without a day between.
    pub fn going_on_from(self, earlier: Self) -> Self {
        let follows = match (earlier.ended(), self.from) {
            (Some(ended), Some(from)) => from <= ended,
            _ => true,
        };
        match (earlier.from, self.from) {
            (Some(began), Some(from)) if follows && began < from => Self {
                from: Some(began),
                ..self
            },
            _ => self,
        }
    }

    /// The first day on which it no longer holds; none when it has no end.
    pub fn ended(&self) -> Option<Date> {
        self.until.and_then(|until| until.tomorrow().ok())
    }
}

/// An interval of ISO 8601-2, `2026-01-01/2026-12-31`, with `..` for a bound that is not there;
/// nothing at all without any.
impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        let day = |day: Option<Date>| day.map_or_else(|| "..".to_owned(), |day| day.to_string());
        write!(f, "{}/{}", day(self.from), day(self.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn validity(text: &str) -> Validity {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn both_days_are_included() {
        let year = validity(r#"{"from":"2026-01-01","until":"2026-12-31"}"#);
        let on = [
            (date(2025, 12, 31), InForce::NotYet),
            (date(2026, 1, 1), InForce::Now),
            (date(2026, 12, 31), InForce::Now),
            (date(2027, 1, 1), InForce::NoLonger),
        ];
        for (day, expected) in on {
            assert_eq!(year.on(day), expected, "{day}");
        }
        assert_eq!(year.ended(), Some(date(2027, 1, 1)));
    }

    #[test]
    fn a_bound_that_is_left_out_is_none() {
        let (first, last) = (date(-9999, 1, 1), date(9999, 12, 31));
        for day in [first, last] {
            assert_eq!(Validity::default().on(day), InForce::Now);
        }
        assert_eq!(validity(r#"{"from":"2026-01-01"}"#).on(last), InForce::Now);
        let until = validity(r#"{"until":"2026-01-01"}"#);
        assert_eq!(until.on(first), InForce::Now);
        assert_eq!(until.on(last), InForce::NoLonger);
        assert_eq!(validity(r#"{"until":"9999-12-31"}"#).ended(), None);
    }

    #[test]
    fn it_reads_back_and_an_absent_day_is_not_written() {
        for text in [
            "{}",
            r#"{"from":"2026-01-01"}"#,
            r#"{"until":"2026-12-31"}"#,
            r#"{"from":"2026-01-01","until":"2026-12-31"}"#,
        ] {
            assert_eq!(serde_json::to_string(&validity(text)).unwrap(), text);
        }
        assert!(serde_json::from_str::<Validity>(r#"{"from":"1 januari"}"#).is_err());
    }

    #[test]
    fn a_text_that_goes_on_without_a_day_between_holds_from_where_it_began() {
        let later = validity(r#"{"from":"2026-01-01","until":"2026-12-31"}"#);
        let on = |earlier| later.going_on_from(validity(earlier)).to_string();
        let whole = "2025-01-01/2026-12-31";
        assert_eq!(on(r#"{"from":"2025-01-01","until":"2025-12-31"}"#), whole);
        assert_eq!(on(r#"{"from":"2025-01-01"}"#), whole);
        let own = later.to_string();
        assert_eq!(on(r#"{"from":"2025-01-01","until":"2025-12-30"}"#), own);
        assert_eq!(on(r#"{"until":"2025-12-31"}"#), own);
        assert_eq!(on(r#"{"from":"2026-06-01"}"#), own);
        assert_eq!(on("{}"), own);
    }

    #[test]
    fn it_shows_as_an_interval() {
        let shown = |text| validity(text).to_string();
        assert_eq!(shown("{}"), "");
        assert_eq!(shown(r#"{"from":"2026-01-01"}"#), "2026-01-01/..");
        assert_eq!(shown(r#"{"until":"2026-12-31"}"#), "../2026-12-31");
    }
}
