//! Numbers that prove themselves, or nearly: BSN, IBAN, telephone numbers, licence plates.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::kind::Kind;
use crate::protect::{Find, pattern};
use crate::view::{View, key};

/// What may stand between the digits of one number, and how much of it.
const BETWEEN: &[char] = &[' ', '\n', '.', '-', '_', '/', '(', ')'];
const MOST_BETWEEN: usize = 6;

static BSN_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:bsn|burger\s?service\s?-?\s?(?:nummer|nr)|sofi)\W*(?:(?:nummer|nr|is|luidt|van)\W*)*$",
    )
});
static EURO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(?:€|\beur(?:o)?)\s?$"));
static DATE_IN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|\D)(?:0?[1-9]|[12]\d|3[01])([-./ ])(?:0?[1-9]|1[0-2])([-./ ])(?:19|20)\d\d(?:\D|$)",
    )
});

pub(crate) fn find(view: &View<'_>, found: &mut Vec<Find>) {
    let groups = digit_groups(&view.text);
    bsn(view, &groups, found);
    iban(view, found);
    phone(view, found);
    plates(view, found);
}

fn digit_groups(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        match groups.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

fn joins(gap: &str) -> bool {
    gap.len() <= MOST_BETWEEN && gap.chars().all(|c| BETWEEN.contains(&c))
}

/// Nine digits that pass the eleven-test, however they are grouped; after the word BSN also eight,
/// and nine that do not pass: a slip of the pen is still somebody's number.
fn bsn(view: &View<'_>, groups: &[Range<usize>], found: &mut Vec<Find>) {
    for (first, group) in groups.iter().enumerate() {
        let mut digits = String::new();
        let mut end = group.start;
        for next in &groups[first..] {
            if !digits.is_empty() && !joins(view.get(end..next.start)) {
                break;
            }
            digits.push_str(view.get(next.clone()));
            end = next.end;
            if digits.len() > 9 {
                break;
            }
            if digits.len() < 8 {
                continue;
            }
            let range = group.start..end;
            let labelled = BSN_LABEL.is_match(view.before(group.start, 40));
            let number = format!("{digits:0>9}");
            let sure = match digits.len() {
                9 => labelled || (passes_eleven(&number) && !is_sum_or_date(view, &range)),
                _ => labelled,
            };
            if sure && number != "000000000" {
                found.push(Find::new(range, Kind::Bsn, number));
            }
        }
    }
}

/// The eleven-test of a citizen service number: nine digits, weights 9 to 2 and −1.
fn passes_eleven(digits: &str) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let values = digits.chars().filter_map(|c| c.to_digit(10));
    let sum: i32 = values
        .zip(weights)
        .map(|(digit, weight)| i32::try_from(digit).unwrap_or(0) * weight)
        .sum();
    sum % 11 == 0
}

/// A sum of money, or a date with a number beside it.
fn is_sum_or_date(view: &View<'_>, range: &Range<usize>) -> bool {
    EURO.is_match(view.before(range.start, 8)) || DATE_IN.is_match(view.get(range.clone()))
}

/// Lengths of account numbers by country.
const IBAN_LENGTHS: [(&str, usize); 44] = [
    ("NL", 18),
    ("BE", 16),
    ("DE", 22),
    ("FR", 27),
    ("GB", 22),
    ("ES", 24),
    ("IT", 27),
    ("PT", 25),
    ("LU", 20),
    ("AT", 20),
    ("CH", 21),
    ("LI", 21),
    ("IE", 22),
    ("DK", 18),
    ("SE", 24),
    ("NO", 15),
    ("FI", 18),
    ("IS", 26),
    ("EE", 20),
    ("LV", 21),
    ("LT", 20),
    ("PL", 28),
    ("CZ", 24),
    ("SK", 24),
    ("HU", 28),
    ("SI", 19),
    ("HR", 21),
    ("RO", 24),
    ("BG", 22),
    ("GR", 27),
    ("CY", 28),
    ("MT", 31),
    ("TR", 26),
    ("RS", 22),
    ("BA", 20),
    ("MK", 19),
    ("AL", 28),
    ("ME", 22),
    ("MD", 24),
    ("UA", 29),
    ("MC", 27),
    ("SM", 27),
    ("AD", 24),
    ("AE", 23),
];

/// Digits that every account number has at least; words alone may pass the test by chance.
const IBAN_DIGITS: usize = 8;

static IBAN_START: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)([a-z][\s.\-]{0,2}[a-z])[\s.\-]{0,3}\d[\s.\-]{0,2}\d"));

fn iban(view: &View<'_>, found: &mut Vec<Find>) {
    let mut from = 0;
    while let Some(start) = IBAN_START.captures_at(&view.text, from) {
        let Some(country) = start.get(1) else { break };
        let at = country.start();
        from = at + 1;
        if view.char_before(at).is_some_and(char::is_alphanumeric) {
            continue;
        }
        let code = key(country.as_str()).to_uppercase();
        let Some((_, length)) = IBAN_LENGTHS.iter().find(|(name, _)| *name == code) else {
            continue;
        };
        let Some((range, signs)) = take_signs(view, at, *length) else {
            continue;
        };
        let dutch = code == "NL" && is_dutch_account(&signs);
        let digits = signs.chars().filter(char::is_ascii_digit).count();
        if dutch || (digits >= IBAN_DIGITS && passes_97(&signs)) {
            found.push(Find::new(range, Kind::Iban, signs));
        }
    }
}

/// The next `count` letters and digits from a byte, over what may stand between them.
fn take_signs(view: &View<'_>, at: usize, count: usize) -> Option<(Range<usize>, String)> {
    let mut signs = String::new();
    let mut between = 0;
    for (offset, c) in view.get(at..view.text.len()).char_indices() {
        if c.is_ascii_alphanumeric() {
            between = 0;
            signs.push(c.to_ascii_uppercase());
            if signs.len() == count {
                return Some((at..at + offset + 1, signs));
            }
        } else {
            between += 1;
            if between > MOST_BETWEEN || !BETWEEN.contains(&c) {
                return None;
            }
        }
    }
    None
}

/// The form of every Dutch account: not much else looks so, right or mistyped.
fn is_dutch_account(signs: &str) -> bool {
    let of = |range: Range<usize>, test: fn(&char) -> bool| {
        signs
            .get(range)
            .is_some_and(|part| part.chars().all(|c| test(&c)))
    };
    of(2..4, char::is_ascii_digit)
        && of(4..8, char::is_ascii_alphabetic)
        && of(8..18, char::is_ascii_digit)
}

fn passes_97(signs: &str) -> bool {
    let (head, rest) = signs.split_at(4);
    let mut remainder = 0;
    for value in rest
        .chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
    {
        remainder = match value {
            0..10 => remainder * 10 + value,
            _ => remainder * 100 + value,
        } % 97;
    }
    remainder == 1
}

/// Dutch numbers of ten digits, and any number with a country's code.
fn phone(view: &View<'_>, found: &mut Vec<Find>) {
    let text = &view.text;
    let mut until = 0;
    for (at, c) in text.char_indices() {
        let free = at >= until
            && matches!(c, '+' | '0' | '(')
            && !view
                .char_before(at)
                .is_some_and(|before| before.is_alphanumeric() || ".,/+-".contains(before));
        if let Some((range, number)) = free.then(|| read_phone(view, at)).flatten() {
            until = range.end;
            found.push(Find::new(range, Kind::Phone, number));
        }
    }
}

fn read_phone(view: &View<'_>, at: usize) -> Option<(Range<usize>, String)> {
    let mut digits = String::new();
    let mut plus = false;
    let mut between = 0;
    for (offset, c) in view.get(at..view.text.len()).char_indices() {
        if c == '+' && digits.is_empty() {
            plus = true;
        } else if c.is_ascii_digit() {
            between = 0;
            digits.push(c);
            let local = |prefix: &str| {
                digits
                    .strip_prefix(prefix)
                    .map(|rest| (rest, rest.strip_prefix('0')))
            };
            let wanted = match () {
                () if plus => local("31").map(|(rest, zero)| (zero.unwrap_or(rest), 9)),
                () if digits.starts_with("0031") => {
                    local("0031").map(|(rest, zero)| (zero.unwrap_or(rest), 9))
                }
                () if digits.starts_with("00") => None,
                () => local("0").map(|(rest, _)| (rest, 9)),
            };
            let range = || at..at + offset + 1;
            let ends = !view
                .char_at(range().end)
                .is_some_and(|c| c.is_ascii_digit());
            if let Some((rest, length)) = wanted {
                if rest.len() == length {
                    return ends.then(|| (range(), rest.to_owned()));
                }
            } else if (plus && digits.len() >= 9 || digits.len() >= 11) && digits.len() <= 15 {
                // How long another country's number is, its own writing says.
                let goes_on = view
                    .get(range().end..view.text.len())
                    .chars()
                    .find(|c| !matches!(c, ' ' | '-' | '.'))
                    .is_some_and(|c| c.is_ascii_digit());
                if !goes_on {
                    return Some((range(), digits));
                }
            }
        } else {
            between += 1;
            if between > 4 || !" \n.-()/".contains(c) {
                return None;
            }
        }
    }
    None
}

static PLATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)([a-z]{1,3}|\d{1,3})([- ]?)([a-z]{1,3}|\d{1,3})([- ]?)([a-z]{1,3}|\d{1,3})")
});
static PLATE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:kenteken|kentekens|kentekennummer|kentekenplaat|kentekenhoudende?)\W{0,4}(?:\w+\W+){0,6}$",
    )
});

/// The forms in which the RDW gave out plates: letters and digits in three groups.
const SIDECODES: [&str; 14] = [
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99",
    "XX-999-X", "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
];

fn plates(view: &View<'_>, found: &mut Vec<Find>) {
    let mut from = 0;
    while let Some(hit) = PLATE.captures_at(&view.text, from) {
        let Some(whole) = hit.get(0) else { break };
        from = whole.start() + 1;
        let range = whole.range();
        let beside = [view.char_before(range.start), view.char_at(range.end)];
        let inside = beside
            .iter()
            .flatten()
            .any(|c| c.is_alphanumeric() || *c == '-');
        let groups: Vec<&str> = [1, 3, 5]
            .iter()
            .filter_map(|at| hit.get(*at).map(|group| group.as_str()))
            .collect();
        let form: Vec<String> = groups.iter().map(|group| form_of(group)).collect();
        if inside || !SIDECODES.contains(&form.join("-").as_str()) {
            continue;
        }
        let gaps = [2, 4].map(|at| hit.get(at).map_or("", |gap| gap.as_str()));
        let capitals = !whole.as_str().chars().any(char::is_lowercase);
        let sure = match gaps {
            ["-", "-"] => true,
            ["", ""] if capitals => true,
            _ => PLATE_LABEL.is_match(view.before(range.start, 60)),
        };
        if sure {
            from = range.end;
            let number = key(whole.as_str());
            found.push(Find::new(range, Kind::Plate, number));
        }
    }
}

fn form_of(group: &str) -> String {
    let sign = |c: char| if c.is_ascii_digit() { '9' } else { 'X' };
    group.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, String)> {
        let view = View::of(text);
        let mut found = Vec::new();
        find(&view, &mut found);
        let words = |find: Find| (find.kind, view.original(view.span(&find.at)).to_owned());
        found.into_iter().map(words).collect()
    }

    #[test]
    fn a_number_that_proves_itself_is_found_in_every_form() {
        for (kind, forms) in [
            (
                Kind::Bsn,
                &[
                    "111222333",
                    "111.222.333",
                    "1112 22 333",
                    "111-222-333",
                    "1 1 1 2 2 2 3 3 3",
                    "111\n222\r\n  333",
                    "１１１２２２３３３",
                    "1\u{200B}1122\u{2009}2333",
                    "111 - 222 - 333",
                    "123456782",
                    "010464554",
                ][..],
            ),
            (
                Kind::Iban,
                &[
                    "NL91ABNA0417164300",
                    "NL91 ABNA 0417 1643 00",
                    "nl91abna0417164300",
                    "NL91-ABNA-0417-1643-00",
                    "NL 91 ABNA 0417 1643 00",
                    "DE89 3704 0044 0532 0130 00",
                    "BE68539007547034",
                ],
            ),
            (
                Kind::Phone,
                &[
                    "06-12345678",
                    "06 12 34 56 78",
                    "0612345678",
                    "+31 6 12345678",
                    "+31 (0)6 12 34 56 78",
                    "0031612345678",
                    "(020) 123 45 67",
                    "020-1234567",
                    "+32 470 12 34 56",
                ],
            ),
            (
                Kind::Plate,
                &["AB-12-34", "12-ab-34", "GXR-01-K", "1-ABC-23", "GXR01K"],
            ),
        ] {
            for form in forms {
                let all = found(&format!("Het is {form}, zegt hij."));
                assert!(all.contains(&(kind, (*form).to_owned())), "{form}: {all:?}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_number_stays() {
        for text in [
            "000000000",
            "000.000.000",
            "123456789",
            "€ 111.222.333",
            "op 12-03-2020 2 getuigen",
            "artikel 310, 311 en 312 Sr",
            "NL12 is geen rekening",
            "van 2016 tot 2020",
            "Stb. 2020, 123",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn after_its_label_a_mistyped_number_is_found_too() {
        assert_eq!(found("BSN: 123456789")[0].0, Kind::Bsn);
        assert_eq!(found("burgerservicenummer 12345678")[0].0, Kind::Bsn);
        assert_eq!(found("het kenteken is ab 12 34")[0].0, Kind::Plate);
        assert_eq!(found("NL00ABNA0417164300")[0].0, Kind::Iban);
    }
}
