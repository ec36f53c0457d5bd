use begrip_privacy::Protected;

use crate::clean::as_data;
use crate::compose::{question, tagged};
use crate::sections::{Part, Worth, fit};
use crate::tokens::TokenCounter;
use crate::{Prompt, PromptError, PromptInput, reply_schema, wording};

/// The rounds of a conversation that go along at most, the one that the wish is about included.
pub const MOST_TURNS: usize = 3;

/// One round: what the user wished, and the definition that came of it.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The wish; empty for the first draft.
    pub wish: &'a Protected,
    /// The definition.
    pub definition: &'a Protected,
}

/// What another version is made from, beside the question itself.
#[derive(Clone, Copy, Debug)]
pub struct Refinement<'a> {
    /// The rounds so far, the oldest first: the wish is about the last one's definition.
    pub turns: &'a [Turn<'a>],
    /// What should be other about it.
    pub wish: &'a Protected,
}

/// Writes the question for another version: all of the question that gave the first one, to the letter
/// and first, so that a provider has it in its prefix cache; then the last [`MOST_TURNS`] rounds; then
/// the wish.
///
/// The question, the last version and the wish always go along. Earlier rounds go whole, the oldest
/// dropped first, and make passages and related concepts stay behind but no rule and no advice.
///
/// # Errors
/// As [`crate::compose`]; [`PromptError::NoWish`] for a wish without text, or with no version to be about.
pub fn compose_refine(
    input: &PromptInput<'_>,
    refinement: &Refinement<'_>,
    counter: &dyn TokenCounter,
) -> Result<Prompt, PromptError> {
    let Refinement { turns, wish } = refinement;
    let Some(last) = turns.last() else {
        return Err(PromptError::NoWish);
    };
    if [last.definition, wish].map(|text| as_data(text.as_str()).is_empty()) != [false; 2] {
        return Err(PromptError::NoWish);
    }
    let mut asked = question(input, counter)?;
    for part in asked.iter_mut().filter(|part| part.name == "notes") {
        part.worth = Worth::Mandatory;
    }
    let most = turns.len().min(MOST_TURNS);
    for along in (1..=most).rev() {
        let mut parts = asked.clone();
        for (number, turn) in (1..).zip(*turns) {
            let worth = match number + along > turns.len() {
                true => Worth::Mandatory,
                false => Worth::LeftOut,
            };
            parts.push(Part::user(&format!("turn_{number}"), worth, said(turn)));
        }
        let text = format!("{}\n{}", wording::REFINE, tagged("wens", wish.as_str()));
        parts.push(Part::user("wish", Worth::Mandatory, text));
        let prompt = fit(input.version, &parts, reply_schema(), input.budget, counter);
        let whole = match &prompt {
            Ok(prompt) => !prompt.dropped().any(|section| section.name == "advice"),
            Err(_) => false,
        };
        if whole || along == 1 {
            return prompt;
        }
    }
    Err(PromptError::NoWish)
}

fn said(turn: &Turn<'_>) -> String {
    let version = tagged("versie", turn.definition.as_str());
    match turn.wish.as_str().trim() {
        "" => version,
        wish => format!("{}\n{version}", tagged("wens", wish)),
    }
}
