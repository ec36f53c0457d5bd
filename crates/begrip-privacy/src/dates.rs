//! Dates of birth.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::kind::Kind;
use crate::protect::{Find, pattern};
use crate::view::View;

const MONTHS: [&str; 12] = [
    "jan", "feb", "maart", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
];

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?P<d>\d{1,2})\s?[-/.\s]\s?(?P<m>\d{1,2})\s?[-/.\s]\s?(?P<y>\d{4}|\d{2})\b|(?P<iy>(?:19|20)\d\d)\s?[-/.]?\s?(?P<im>[01]\d)\s?[-/.]?\s?(?P<id>[0-3]\d)\b|(?P<wd>\d{1,2})(?:e|ste|de)?[\s.-]{1,2}(?P<wm>jan(?:uari)?|feb(?:ruari)?|maart|mrt|apr(?:il)?|mei|jun[i]?|jul[i]?|aug(?:ustus)?|sep(?:t(?:ember)?)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?[\s.-]{1,2}(?P<wy>\d{4}|'?\d{2})\b)",
    )
});
static BORN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\bgeboren\b|\bgeb\b\.?|\bgeboortedatum\b|\bgeb\.?\s?datum\b|\bgeboortedag\b|\*|†|\bverjaart\b)[^.!?;\d]{0,50}$",
    )
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:geboren\s(?:in|anno)|geboortejaar[\s:]{0,2}(?:is|van)?|van het geboortejaar)\s?((?:19|20)\d\d)\b",
    )
});

/// A date with what it says, year month day.
struct Day {
    at: Range<usize>,
    key: String,
}

/// Dates that the text calls dates of birth, those that stand right after a name (`names`: where
/// names end), and the same dates elsewhere.
pub(crate) fn find(view: &View<'_>, names: &[usize], found: &mut Vec<Find>) {
    let days = days(view);
    let after_name = |day: &Day| {
        names.iter().any(|end| {
            *end < day.at.start
                && view.get(*end..day.at.start).len() <= 4
                && view
                    .get(*end..day.at.start)
                    .chars()
                    .all(|c| " ,(\n".contains(c))
                && view.get(*end..day.at.start).contains(['(', ','])
        })
    };
    let born: BTreeSet<&str> = days
        .iter()
        .filter(|day| BORN.is_match(view.before(day.at.start, 64)) || after_name(day))
        .map(|day| day.key.as_str())
        .collect();
    for day in days.iter().filter(|day| born.contains(day.key.as_str())) {
        found.push(Find::new(day.at.clone(), Kind::BirthDate, day.key.clone()));
    }
    for hit in YEAR.captures_iter(&view.text) {
        if let Some(year) = hit.get(1) {
            found.push(Find::new(
                year.range(),
                Kind::BirthDate,
                year.as_str().to_owned(),
            ));
        }
    }
}

fn days(view: &View<'_>) -> Vec<Day> {
    let mut days = Vec::new();
    for hit in DATE.captures_iter(&view.text) {
        let number = |name: &str| {
            let part = hit.name(name)?;
            part.as_str().trim_start_matches('\'').parse::<u32>().ok()
        };
        let month = |name: &str| {
            let word = hit.name(name)?.as_str().to_lowercase();
            let word = if word == "mrt" { "maart" } else { &word };
            let at = MONTHS.iter().position(|month| word.starts_with(month))?;
            u32::try_from(at + 1).ok()
        };
        let parts = match () {
            () if hit.name("d").is_some() => (number("y"), number("m"), number("d")),
            () if hit.name("iy").is_some() => (number("iy"), number("im"), number("id")),
            () => (number("wy"), month("wm"), number("wd")),
        };
        if let (Some(year), Some(month @ 1..=12), Some(day @ 1..=31)) = parts
            && let Some(whole) = hit.get(0)
        {
            // Of two digits, the years until 25 are of this century.
            let year = match year {
                0..=25 => 2000 + year,
                26..=99 => 1900 + year,
                year => year,
            };
            days.push(Day {
                at: whole.range(),
                key: format!("{year:04}{month:02}{day:02}"),
            });
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let view = View::of(text);
        let mut found = Vec::new();
        find(&view, &[], &mut found);
        found
            .iter()
            .map(|find| &text[view.span(&find.at).start as usize..view.span(&find.at).end as usize])
            .collect()
    }

    #[test]
    fn a_date_of_birth_is_found_in_every_form_and_wherever_it_comes_back() {
        for date in [
            "12-03-1980",
            "12/3/1980",
            "12.03.80",
            "12 maart 1980",
            "1980-03-12",
            "12 mrt. 1980",
            "12e maart 1980",
        ] {
            assert_eq!(found(&format!("geboren op {date} te Utrecht")), [date]);
            assert_eq!(found(&format!("Geboortedatum: {date}")), [date]);
        }
        assert_eq!(
            found("geboren te Utrecht op 12-03-1980; hij is van 12 maart 1980"),
            ["12-03-1980", "12 maart 1980"]
        );
        assert_eq!(found("geboren in 1980"), ["1980"]);
    }

    #[test]
    fn another_date_stays() {
        assert!(found("Op 12 maart 2020 is het vonnis gewezen.").is_empty());
        assert!(found("geboren. Op 12 maart 2020 is hij gehoord").is_empty());
    }
}
