use begrip_privacy::Nameless;
use begrip_rules::{Finding, Level, Rule};

use crate::clean::as_data;
use crate::compose::{instruction_of, tagged};
use crate::sections::{Part, Worth, fit};
use crate::tokens::TokenCounter;
use crate::{Budget, Prompt, PromptError, PromptVersion, Reply, repair_schema, wording};

/// What a repair is made from.
#[derive(Clone, Copy, Debug)]
pub struct RepairInput<'a> {
    /// The version of the fixed texts.
    pub version: PromptVersion,
    /// The term, which identifies nobody.
    pub term: &'a Nameless,
    /// The reply with the definition to be mended.
    pub faulty: &'a Reply,
    /// The rules that it breaks, each with what was found, as [`begrip_rules::RulePack::failing`]
    /// gives them. Advice is left out: it is not worth a call.
    pub failing: &'a [(&'a Rule, &'a Finding)],
    /// The limit.
    pub budget: Budget,
}

/// The most that a repair takes, in tokens. Its frame takes some 130 and all rules that block some 100, so
/// that a definition of fifty tokens can be mended that breaks them all, and one of a hundred that breaks a few.
pub const REPAIR_LIMIT: u32 = 300;

/// Writes the one question that mends a definition: the text, and only the rules that it breaks.
/// The answer holds the definition alone: see [`Reply::repaired_with`]. It takes [`REPAIR_LIMIT`] tokens at
/// most, and less where the budget is smaller.
///
/// # Errors
/// [`PromptError::NoTerm`] for an empty term; [`PromptError::TooLarge`] when the text and the
/// blocking rules do not fit: half a text would be mended into another one.
pub fn compose_repair(
    input: &RepairInput<'_>,
    counter: &dyn TokenCounter,
) -> Result<Prompt, PromptError> {
    if as_data(input.term.as_str()).is_empty() {
        return Err(PromptError::NoTerm);
    }
    let wording = wording::of(input.version);
    let mut parts = vec![Part::system(
        "head",
        Worth::Mandatory,
        wording.repair_head.to_owned(),
    )];
    let text = tagged("tekst", &input.faulty.definition);
    parts.push(Part::user("text", Worth::Mandatory, text));
    parts.push(Part::user(
        "term",
        Worth::Mandatory,
        tagged("term", input.term.as_str()),
    ));
    let lines = |level| {
        let of_level = input
            .failing
            .iter()
            .filter(move |(rule, _)| rule.level() == level);
        let mut lines: Vec<&str> = of_level.map(|(rule, _)| instruction_of(rule)).collect();
        lines.dedup();
        lines.join("\n")
    };
    let (blocking, serious) = (lines(Level::Blocking), lines(Level::Serious));
    if !blocking.is_empty() {
        let text = format!("{}\n{blocking}", wording.broken);
        parts.push(Part::user("rules", Worth::Mandatory, text));
    }
    if !serious.is_empty() {
        let heading = if blocking.is_empty() {
            wording.broken
        } else {
            wording.advice
        };
        let text = format!("{heading}\n{serious}");
        parts.push(Part::user("other_rules", Worth::Optional(0), text));
    }
    fit(
        input.version,
        &parts,
        repair_schema(),
        Budget {
            limit: input.budget.for_request().min(REPAIR_LIMIT),
            reserve_reply: 0,
        },
        counter,
    )
}
