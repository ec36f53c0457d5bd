//! On which days a concept holds, in Dutch.

use begrip_domain::{InForce, Validity};
use jiff::civil::Date;

/// The month with this number, 1 to 12, in Dutch; empty for another number.
pub fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    let found = usize::try_from(month).ok().and_then(|month| {
        let before = month.checked_sub(1)?;
        NAMES.get(before)
    });
    found.copied().unwrap_or_default()
}

/// A day for people: `1 januari 2026`.
fn day_name(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// On which days a concept holds and how it stands now: ‘geldt niet meer sinds 1 januari 2026’. Empty
/// when it always holds.
pub fn validity_name(validity: &Validity, now: InForce) -> String {
    let from = validity.from.map(day_name);
    let until = validity.until.map(day_name);
    match (now, from, until) {
        (InForce::NoLonger, _, Some(until)) => match validity.ended() {
            Some(ended) => format!("geldt niet meer sinds {}", day_name(ended)),
            None => format!("gold tot en met {until}"),
        },
        (_, Some(from), Some(until)) => format!("geldt vanaf {from} tot en met {until}"),
        (_, Some(from), None) => format!("geldt vanaf {from}"),
        (_, None, Some(until)) => format!("geldt tot en met {until}"),
        (_, None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn it_says_in_words_how_a_concept_stands_on_a_day() {
        let said = |from, until, day| {
            let validity = Validity { from, until };
            validity_name(&validity, validity.on(day))
        };
        let (first, last) = (Some(date(2025, 2, 1)), Some(date(2025, 12, 31)));
        let (early, late) = (date(2024, 1, 1), date(2026, 1, 1));
        assert_eq!(said(None, None, early), "");
        assert_eq!(said(first, None, early), "geldt vanaf 1 februari 2025");
        assert_eq!(said(first, None, late), "geldt vanaf 1 februari 2025");
        let both = "geldt vanaf 1 februari 2025 tot en met 31 december 2025";
        assert_eq!(said(first, last, early), both);
        assert_eq!(said(None, last, early), "geldt tot en met 31 december 2025");
        let over = "geldt niet meer sinds 1 januari 2026";
        assert_eq!(said(first, last, late), over);
        assert_eq!(said(None, last, late), over);
    }
}
