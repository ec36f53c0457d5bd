//! One sentence that can be read at once.

use std::collections::HashMap;

use begrip_language::{Break, Class, Word, is_finite_verb};

use super::{Scene, Verdict, mend};

/// INT-01: more than one sentence, or too many clauses or brackets in each other.
pub(crate) fn check(scene: &Scene<'_>, max_clauses: u32, max_depth: u32) -> Verdict {
    let text = scene.text;
    if let [_, second, ..] = text.sentences() {
        return Verdict::fail(
            second.span,
            format!(
                "De definitie heeft {} zinnen. Houd één zin over; zet de rest in de toelichting.",
                text.sentences().len()
            ),
        )
        .with_fix(mend::keep_first_sentence(text));
    }
    let words = text.words();
    // *…; zij duurt drie dagen*: a sentence of its own.
    let second = (1..words.len().saturating_sub(1)).find(|at| {
        let subject = words[*at].is(Class::Pronoun) && !words[*at].is(Class::Relative);
        let verb = [Class::Finite, Class::Copula, Class::Modal];
        matches!(words[at - 1].after, Break::Semicolon | Break::Colon)
            && (subject || matches!(&*words[*at].lower, "dit" | "het"))
            && words[at + 1].classes.any(&verb)
            || words[at - 1].after == Break::Semicolon && opens_statement(words, *at)
    });
    if let Some(at) = second {
        return Verdict::fail(
            text.span_of(at..at + 2),
            "Hier begint een tweede zin. Houd één zin over; zet de rest in de toelichting.",
        )
        .with_fix(mend::keep_before(text, at));
    }
    if let Some(at) = words
        .iter()
        .position(|word| u32::from(word.depth) > max_depth)
    {
        return Verdict::fail(
            text.span_of(at..at + 1),
            "Er staan haakjes binnen haakjes. Schrijf de zin eenvoudiger.",
        );
    }
    let clauses: Vec<usize> = (0..words.len())
        .filter(|at| opens_clause(scene, *at))
        .collect();
    if clauses.len() > max_clauses as usize {
        let last = clauses.last().copied().unwrap_or_default();
        return Verdict::fail(
            text.span_of(last..last + 1),
            format!(
                "De zin heeft {} bijzinnen; {max_clauses} is het meeste dat in één keer te lezen is.",
                clauses.len()
            ),
        );
    }
    Verdict::pass()
}

/// *…; deelname is vrijwillig*, *…; de rechter beslist*: a noun with its verb right after it.
fn opens_statement(words: &[Word<'_>], at: usize) -> bool {
    let noun = at + usize::from(words[at].is(Class::Article));
    words.get(noun).is_some_and(|word| {
        word.after == Break::Space
            && word.is(Class::Noun)
            && !word.classes.any(&[Class::Preposition, Class::Finite])
    }) && words
        .get(noun + 1)
        .is_some_and(|word| is_finite_verb(&word.lower) && !word.is(Class::Participle))
}

/// Whether a subordinate clause begins at this word.
fn opens_clause(scene: &Scene<'_>, at: usize) -> bool {
    let words = scene.text.words();
    let Some(word) = words.get(at) else {
        return false;
    };
    if !word.classes.any(&[Class::Relative, Class::Subordinator]) {
        return false;
    }
    // *die straf*: a determiner; *de straf die*: opens a clause.
    let after_noun = at > 0
        && words.get(at - 1).is_some_and(|before| {
            before.after == Break::Comma
                || before.classes.any(&[
                    Class::Noun,
                    Class::Pronoun,
                    Class::AdjectivalNoun,
                    Class::Preposition,
                ])
                || before.classes.is_unknown()
        });
    // *een rechter voorstelt die een zaak behandelt*: the clause follows the verb.
    let after_verb = at > 0
        && words.get(at - 1).is_some_and(|before| {
            before.after == Break::Space
                && before
                    .classes
                    .any(&[Class::Finite, Class::Infinitive, Class::Participle])
        })
        && (words.get(at + 1).is_some_and(|next| {
            next.classes.any(&[
                Class::Article,
                Class::Pronoun,
                Class::Preposition,
                Class::Numeral,
            ])
        }) || verb_ends(words, at + 1));
    word.is(Class::Subordinator) && !word.classes.any(&[Class::Preposition, Class::Adverb])
        || after_noun
        || after_verb
}

/// *die misdrijven pleegt*: a verb within a few words, so that *die* is no determiner.
fn verb_ends(words: &[Word<'_>], from: usize) -> bool {
    const REACH: usize = 4;
    words
        .iter()
        .skip(from)
        .take(REACH)
        .take_while(|word| !word.classes.any(&[Class::Relative, Class::Conjunction]))
        .any(|word| word.is(Class::Finite) && !word.is(Class::Noun))
}

const CONTENT: [Class; 7] = [
    Class::Noun,
    Class::Adjective,
    Class::Inflected,
    Class::Participle,
    Class::PresentParticiple,
    Class::Infinitive,
    Class::AdjectivalNoun,
];
const CITING: [&str; 7] = [
    "artikel",
    "artikelen",
    "lid",
    "onderdeel",
    "wet",
    "wetboek",
    "bijlage",
];

/// STR-ORG-001: an overlong sentence, or a turn that stands twice.
pub(crate) fn overlong(scene: &Scene<'_>, max_words: u32, repeated: u32) -> Verdict {
    let text = scene.text;
    if let Some(sentence) = text
        .sentences()
        .iter()
        .find(|s| s.words.len() > max_words as usize)
    {
        return Verdict::fail(
            sentence.span,
            format!(
                "De zin heeft {} woorden; {max_words} is goed te lezen.",
                sentence.words.len()
            ),
        );
    }
    let words = text.words();
    let length = repeated.max(2) as usize;
    let mut seen: HashMap<Vec<&str>, usize> = HashMap::new();
    for (start, window) in words.windows(length).enumerate() {
        // *bedoeld in artikel 3* twice is exact, and *van de in het* says nothing.
        let content = window
            .iter()
            .filter(|word| word.classes.is_unknown() || word.classes.any(&CONTENT))
            .count();
        let cites = window.iter().any(|word| {
            word.lower.starts_with(|c: char| c.is_ascii_digit()) || CITING.contains(&&*word.lower)
        });
        if content < 2 || cites {
            continue;
        }
        let key: Vec<&str> = window.iter().map(|word| &*word.lower).collect();
        match seen.get(&key) {
            Some(earlier) if start >= earlier + length => {
                return Verdict::fail(
                    text.span_of(start..start + length),
                    format!("‘{}’ staat er twee keer.", key.join(" ")),
                );
            }
            Some(_) => {}
            None => {
                seen.insert(key, start);
            }
        }
    }
    Verdict::pass()
}
