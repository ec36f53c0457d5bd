//! INT-08 and STR-07: saying what a thing is not.

use std::collections::HashSet;

use begrip_language::{Break, Class, Word, is_finite_verb};

use super::{Scene, Verdict};

/// INT-08: a negation of the broader concept fails; one inside a later clause needs a person.
///
/// Negation within a word (*onherroepelijk*, *onbetaald*) is a word.
pub(crate) fn check(scene: &Scene<'_>, negations: &HashSet<String>) -> Verdict {
    let words = scene.text.words();
    let Some(at) = (0..words.len())
        .find(|at| negations.contains(&*words[*at].lower) && !is_harmless(words, *at))
    else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(at..at + 1);
    let found = words.get(at).map_or("", |word| word.raw);
    let head = scene.text.opening().head.unwrap_or(0);
    // *persoon die geen Nederlander is*: the first clause after the head is negated as a whole.
    // *beslissing waartegen geen rechtsmiddel openstaat*: only what the clause says of another thing.
    let between = words.get(head + 1..at).unwrap_or_default();
    let only_clause = !between.iter().any(|word| {
        word.classes
            .any(&[Class::Finite, Class::Participle, Class::Infinitive])
            || word.is(Class::Noun)
            || word.lower.starts_with("waar")
            || (word.is(Class::Preposition) && !word.is(Class::Relative))
    });
    // *nog niet onherroepelijke beslissing*: a quality of the broader concept.
    let quality = at < head
        && words.get(at + 1..head).is_some_and(|rest| {
            rest.iter().any(|word| {
                word.classes
                    .any(&[Class::Inflected, Class::Adjective, Class::Participle])
            })
        });
    // *regel, niet zijnde een wet*: an exception set apart.
    let exception = at > head
        && words
            .get(at - 1)
            .is_some_and(|before| before.after == Break::Comma);
    // *besluit niet te vervolgen*: what is decided, *om* left out.
    let content = at == head + 1
        && words
            .get(at - 1)
            .is_some_and(|before| before.after == Break::Space)
        && names_act(words, at + 1);
    let denies = (at <= head && !quality) || (at > head && only_clause && !exception);
    match denies && !content {
        true => Verdict::fail(
            span,
            format!("De definitie zegt met ‘{found}’ wat het begrip niet is. Zeg wat het wel is."),
        ),
        false => Verdict::needs_person(
            span,
            format!(
                "‘{found}’ beperkt een deel van de zin. Ga na of het begrip ook zonder ontkenning te omschrijven is."
            ),
        ),
    }
}

/// Whether *te* with an infinitive comes before any clause or finite verb.
fn names_act(words: &[Word<'_>], from: usize) -> bool {
    const REACH: usize = 10;
    words
        .iter()
        .zip(words.iter().skip(1))
        .skip(from)
        .take(REACH)
        .take_while(|(word, _)| {
            !is_finite_verb(&word.lower) && !matches!(&*word.lower, "die" | "dat" | "om")
        })
        .any(|(word, next)| word.lower == "te" && next.is(Class::Infinitive))
}

/// A turn that denies nothing: *al dan niet*, *niet alleen … maar ook*, *niet langer dan acht weken*,
/// *anders dan om niet*, and *niet-ontvankelijk*, which is one word.
fn is_harmless(words: &[Word<'_>], at: usize) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).map(|word| &*word.lower);
    let next = word(Some(at + 1));
    let one_word = words[at].raw.contains('-') && words.len() > 1;
    let either_way =
        word(at.checked_sub(1)) == Some("dan") && word(at.checked_sub(2)) == Some("al");
    let for_free = words[at].lower == "niet"
        && word(at.checked_sub(1)) == Some("om")
        && next.is_none_or(|next| next != "te");
    let as_well = matches!(next, Some("alleen" | "slechts" | "uitsluitend" | "enkel"));
    let measure = words.get(at + 1).is_some_and(|next| {
        word(Some(at + 2)) == Some("dan")
            && (next.lower.ends_with("er") || matches!(&*next.lower, "meer" | "anders"))
    });
    one_word || either_way || for_free || as_well || measure
}

/// STR-07: two negations close to each other.
#[derive(Debug)]
pub(crate) struct Double {
    pub words: HashSet<String>,
    pub prefixes: Vec<String>,
    pub not: HashSet<String>,
}

impl Double {
    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        for (at, word) in words.iter().enumerate() {
            if !self.words.contains(&*word.lower) || is_harmless(words, at) {
                continue;
            }
            // *niet zonder*, *niet onmogelijk*, *geen enkele onbekende*: within reach of three words.
            let reach = words
                .get(at + 1..(at + 4).min(words.len()))
                .unwrap_or_default();
            // *geen begin en geen einde*, *niet hier, niet daar*: two things denied, each once.
            let joined = (0..reach.len())
                .find(|next| {
                    reach[*next].is(Class::Conjunction)
                        || words
                            .get(at + next)
                            .is_some_and(|before| before.after >= Break::Comma)
                })
                .unwrap_or(reach.len());
            let together = reach.get(..joined).unwrap_or_default();
            if let Some(second) = together.iter().position(|next| self.negates(&next.lower)) {
                return Verdict::fail(
                    scene.text.span_of(at..at + 2 + second),
                    "Hier staan twee ontkenningen bij elkaar. Schrijf het zonder ontkenning.",
                );
            }
        }
        Verdict::pass()
    }

    fn negates(&self, word: &str) -> bool {
        self.words.contains(word)
            || (!self.not.contains(word)
                && self.prefixes.iter().any(|prefix| {
                    word.strip_prefix(prefix.as_str()).is_some_and(|rest| {
                        rest.chars().count() >= 4
                            && !self
                                .not
                                .iter()
                                .any(|other| word.starts_with(other.as_str()))
                    })
                }))
    }
}
