//! Which clauses of a sentence still wait for their verb: Dutch puts it at the end.

use std::ops::Range;

use begrip_language::{Break, Class, Word};

/// How far a sentence is searched, in words: keeps the search short for any text.
const NEAR: usize = 120;

/// How many clauses that began before the word at `place` still wait for their verb there.
pub(crate) fn waiting(words: &[Word<'_>], place: usize) -> u32 {
    let mut waiting = 0_u32;
    let mut after_verb = false;
    for word in &words[place.saturating_sub(NEAR)..place] {
        let verb = is_verb(word);
        // *die leidt en als aanklager optreedt*: the clause goes on after the conjunction.
        if opens(word) || (after_verb && word.is(Class::Conjunction)) {
            waiting += 1;
        } else if verb && !after_verb {
            waiting = waiting.saturating_sub(1);
        }
        after_verb = verb;
    }
    waiting
}

/// Whether a clause of its own begins with these words: no clause before waits for the verb that follows
/// (*persoon die als getuige optreedt*), nor does a later one take it (*als antwoord op een vraag die …*).
pub(crate) fn has_own_verb(words: &[Word<'_>], opener: &Range<usize>) -> bool {
    let before = waiting(words, opener.start);
    let mut open = before;
    // *heeft ondervonden*: verbs in a row are one.
    let mut after_verb = false;
    for word in words.iter().skip(opener.end).take(NEAR) {
        let verb = is_verb(word) && !std::mem::replace(&mut after_verb, is_verb(word));
        if opens(word) {
            open += 1;
        } else if verb {
            match open {
                0 => return true,
                _ => open -= 1,
            }
        }
        if word.after >= Break::Semicolon || (word.after == Break::Comma && open == before) {
            return false;
        }
    }
    false
}

/// Where the one comma before the verb that a clause waits for stands after `from`: the index of the word
/// after it. None when no verb follows, or more commas do.
pub(crate) fn only_comma_before_verb(words: &[Word<'_>], from: usize) -> Option<usize> {
    let mut comma = None;
    for (at, word) in words.iter().enumerate().skip(from).take(NEAR) {
        if is_verb(word) {
            return comma;
        }
        if opens(word) || word.after > Break::Comma {
            return None;
        }
        if word.after == Break::Comma && comma.replace(at + 1).is_some() {
            return None;
        }
    }
    None
}

fn opens(word: &Word<'_>) -> bool {
    word.is(Class::Relative)
        || word.is(Class::Subordinator) && !word.classes.any(&[Class::Preposition, Class::Adverb])
}

fn is_verb(word: &Word<'_>) -> bool {
    word.classes
        .any(&[Class::Finite, Class::Copula, Class::Modal])
        && !word.classes.any(&[
            Class::Noun,
            Class::Preposition,
            Class::Participle,
            Class::Inflected,
            Class::Infinitive,
        ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_language::Text;

    #[test]
    fn a_word_opens_a_clause_when_the_verb_after_it_is_its_own() {
        for (text, own) in [
            ("verlaging als een werkzoekende een plicht schendt", true),
            ("als een werknemer ziek is", true),
            ("straf die volgt als iemand niet betaalt", true),
            ("persoon die als getuige optreedt", false),
            (
                "degene die als gevolg daarvan nadeel heeft ondervonden",
                false,
            ),
            ("persoon die leidt en als aanklager optreedt", false),
            ("stuk als antwoord op een vraag die een partij stelt", false),
            ("betaling als een geheel", false),
        ] {
            let text = Text::new(text);
            let words = text.words();
            let at = words.iter().position(|word| word.lower == "als").unwrap();
            assert_eq!(has_own_verb(words, &(at..at + 1)), own, "{}", text.source());
        }
    }
}
