//! INT-07: an abbreviation that is not written out, told by capitals and shape.

use std::collections::HashSet;

use begrip_language::abbreviation_shape;

use super::{Scene, Verdict};

pub(crate) fn check(scene: &Scene<'_>, known: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let mut found: Vec<usize> = Vec::new();
    // *ECLI:NL:HR:2019:123* is the number of a judgment.
    let mut in_number = false;
    for (at, word) in words.iter().enumerate() {
        in_number |= word.raw.starts_with("ECLI");
        let number = in_number;
        in_number &= scene.text.gap_after(at) == ":";
        // *DNA-profiel*: as well known as its first part.
        let is_known = known.contains(word.raw)
            || word
                .raw
                .split('-')
                .all(|part| known.contains(part) || !has_shape(part));
        let again = found.iter().any(|earlier| words[*earlier].raw == word.raw);
        if number || !has_shape(word.raw) || is_known || again || is_written_out(scene, at) {
            continue;
        }
        found.push(at);
    }
    let Some(first) = found.first() else {
        return Verdict::pass();
    };
    let names: Vec<String> = found
        .iter()
        .map(|at| format!("‘{}’", words[*at].raw))
        .collect();
    let reason = match names.split_last() {
        Some((last, [])) => format!("De afkorting {last} is niet voluit geschreven."),
        Some((last, others)) => format!(
            "De afkortingen {} en {last} zijn niet voluit geschreven.",
            others.join(", ")
        ),
        None => String::new(),
    };
    Verdict::fail(scene.text.span_of(*first..first + 1), reason)
}

fn has_shape(word: &str) -> bool {
    abbreviation_shape(word) || is_dotted(word)
}

/// *m.b.t.*, *i.v.m.*: letters, each with its full stop.
fn is_dotted(word: &str) -> bool {
    let mut letters = word.strip_suffix('.').unwrap_or_default().split('.');
    let short = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
    letters.clone().count() >= 2 && letters.all(short)
}

/// The most letters of an abbreviation.
const LONGEST: usize = 12;

/// *Openbaar Ministerie (OM)* or *OM (Openbaar Ministerie)*: the letters begin words beside it.
fn is_written_out(scene: &Scene<'_>, at: usize) -> bool {
    let words = scene.text.words();
    let Some(word) = words.get(at) else {
        return false;
    };
    let letters: Vec<char> = word
        .raw
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    // What is longer abbreviates nothing, and would take for ever to compare.
    if letters.len() > LONGEST {
        return false;
    }
    let spells = |start: usize, end: usize| {
        let Some(stretch) = words.get(start..end) else {
            return false;
        };
        let mut wanted = letters.iter().peekable();
        for word in stretch {
            // A word may give several letters (*Wvggz*: Wet verplichte geestelijke gezondheidszorg).
            for c in word.lower.chars() {
                if wanted.peek() == Some(&&c) {
                    wanted.next();
                }
            }
        }
        let begins =
            stretch.first().and_then(|w| w.lower.chars().next()) == letters.first().copied();
        begins && wanted.peek().is_none()
    };
    let reach = letters.len() + 3;
    let beside = word.depth > 0
        || words
            .get(at + 1)
            .is_some_and(|next| next.depth > word.depth);
    beside
        && ((at.saturating_sub(reach)..at).any(|start| spells(start, at))
            || (at + 2..=at + 1 + reach).any(|end| spells(at + 1, end)))
}
