//! STR-08 and STR-09: an *en* or *of* that leaves open how its parts relate.

use begrip_language::{Break, Class, Word};

use super::{CheckError, Scene, Verdict, matcher::Matcher};

/// One conjunction with the turns that make it clear.
#[derive(Debug)]
pub(crate) struct Coordination {
    word: String,
    clear: Matcher,
}

impl Coordination {
    pub fn new(word: &str, clear: &[String]) -> Result<Self, CheckError> {
        Ok(Self {
            word: word.to_lowercase(),
            clear: Matcher::new(clear)?,
        })
    }

    /// *en/of* fails; the word between two conditions needs a person; between two names for
    /// persons, things or acts it is clear.
    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        let own: Vec<usize> = (0..words.len())
            .filter(|at| words[*at].lower == self.word)
            .collect();
        for at in &own {
            let slash =
                |word: Option<&Word<'_>>| word.is_some_and(|word| word.after == Break::Slash);
            if slash(words.get(*at)) || (*at > 0 && slash(words.get(at - 1))) {
                return Verdict::fail(
                    scene.text.span_of(at.saturating_sub(1)..at + 2),
                    "‘en/of’ laat open wat bedoeld is. Kies ‘en’ of ‘of’, of schrijf ‘of beide’.",
                );
            }
        }
        if self.clear.all(words).next().is_some() {
            return Verdict::pass();
        }
        let joins_conditions = |at: usize| {
            if at < 3 {
                return false;
            }
            let opens = |next: Option<&Word<'_>>| {
                next.is_some_and(|next| {
                    next.is(Class::Relative)
                        || next.is(Class::Subordinator)
                            && !next.is(Class::Preposition)
                            && !next.is(Class::Pronoun)
                })
            };
            // *en met wie*; but *een afdeling of inrichting waar* joins two nouns.
            let preposition = words
                .get(at + 1)
                .is_some_and(|next| next.is(Class::Preposition) && !next.is(Class::Noun));
            // *de of die zaak*: a determiner, told by the noun after it.
            let determiner = words
                .get(at + 1)
                .is_some_and(|next| next.is(Class::Determiner))
                && words
                    .get(at + 2)
                    .is_some_and(|next| next.is(Class::Noun) && !next.is(Class::Finite));
            // *en die van hun kinderen*: stands for a noun.
            let stands_for_noun = words
                .get(at + 1)
                .is_some_and(|next| matches!(&*next.lower, "die" | "dat"))
                && words.get(at + 2).is_some_and(|after| after.lower == "van");
            // *noteert waar, hoe laat en voor wie*: what is asked, and no condition.
            let question = words[at - 2..at]
                .iter()
                .any(|word| is_question_word(&word.lower))
                || words
                    .get(at + 1)
                    .is_some_and(|next| matches!(&*next.lower, "hoe" | "waarom"));
            !question
                && !determiner
                && !stands_for_noun
                && (opens(words.get(at + 1)) || preposition && opens(words.get(at + 2)))
        };
        match own.iter().find(|at| joins_conditions(**at)) {
            Some(at) => Verdict::needs_person(
                scene.text.span_of(*at..at + 1),
                format!(
                    "‘{}’ verbindt twee kenmerken. Ga na of duidelijk is dat {}.",
                    self.word,
                    match &*self.word {
                        "of" => "één volstaat, of dat het ene het andere uitsluit",
                        _ => "beide nodig zijn",
                    }
                ),
            ),
            None => Verdict::pass(),
        }
    }
}

/// *wie, wat, waar, wanneer, hoe, welke*
pub(crate) fn is_question_word(word: &str) -> bool {
    matches!(
        word,
        "wie" | "wat" | "waar" | "wanneer" | "hoe" | "welk" | "welke" | "waarom"
    )
}
