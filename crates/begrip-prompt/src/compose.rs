use begrip_domain::{Category, Context, Label};
use begrip_privacy::{Nameless, Protected};
use begrip_rules::{Level, Rule, RulePack};

use crate::clean::as_data;
use crate::sections::{Part, Worth, fit};
use crate::tokens::TokenCounter;
use crate::wording::Wording;
use crate::{Budget, Prompt, PromptVersion, reply_schema, wording};

/// What a prompt is made from.
#[derive(Clone, Copy, Debug)]
pub struct PromptInput<'a> {
    /// The version of the fixed texts.
    pub version: PromptVersion,
    /// The term to be defined, which identifies nobody.
    pub term: &'a Nameless,
    /// The context in which it has its meaning.
    pub context: &'a Context,
    /// The category, when one was chosen.
    pub category: Option<Category>,
    /// The user's own words, with nobody named in them; may be empty.
    pub notes: &'a Protected,
    /// Related concepts, the nearest first.
    pub related: &'a [Related],
    /// Passages from the law, the best first.
    pub passages: &'a [Passage],
    /// The rules that the definition will be checked against.
    pub pack: &'a RulePack,
    /// The limit.
    pub budget: Budget,
}

/// A related concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its term.
    pub term: Nameless,
    /// Its definition.
    pub definition: Nameless,
}

/// A passage from a law or a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands, for instance `art. 67 Wetboek van Strafvordering`.
    pub citation: Nameless,
    /// What it says.
    pub text: Nameless,
}

/// Why there is no prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// No term was given.
    #[error("there is no term to define")]
    NoTerm,
    /// Another version was asked for without saying of what, or what should be other about it.
    #[error("there is no wish, or no version that it is about")]
    NoWish,
    /// What has to be in it does not fit.
    #[error("the prompt needs at least {tokens} tokens and may have {budget}; largest: {what}")]
    TooLarge {
        /// The tokens needed without anything that could be left out; a lower bound.
        tokens: u32,
        /// The tokens that it may have.
        budget: u32,
        /// The largest section that the user can make shorter: `term` or `context`, for a repair
        /// `text`, and for another version `notes`, `wish` or `turn_1`….
        what: String,
    },
}

/// Writes the question for a definition.
///
/// Takes well under 2 ms with a loaded tokeniser. The prompt's tokens, counted over all that is
/// sent, never exceed the budget.
///
/// # Errors
/// [`PromptError::NoTerm`] for an empty term; [`PromptError::TooLarge`] when instructions, rules,
/// context and term alone do not fit.
pub fn compose(input: &PromptInput<'_>, counter: &dyn TokenCounter) -> Result<Prompt, PromptError> {
    let parts = question(input, counter)?;
    fit(input.version, &parts, reply_schema(), input.budget, counter)
}

/// The parts of the question, in the order in which they stand: what differs most comes last.
pub(crate) fn question(
    input: &PromptInput<'_>,
    counter: &dyn TokenCounter,
) -> Result<Vec<Part>, PromptError> {
    let term = as_data(input.term.as_str());
    if term.is_empty() {
        return Err(PromptError::NoTerm);
    }
    let wording = wording::of(input.version);
    let mut parts = vec![Part::system(
        "head",
        Worth::Mandatory,
        wording.head.to_owned(),
    )];
    parts.extend(rule_parts(input, wording, counter));
    let (related_rank, passage_rank) = (1_000, 1_000_000);
    for (rank, passage) in (1..).zip(input.passages) {
        let text = tagged("bron", &format!("{}: {}", passage.citation, passage.text));
        let name = format!("passage_{rank}");
        parts.push(Part::user(
            &name,
            Worth::Optional(passage_rank + rank),
            text,
        ));
    }
    for (rank, related) in (1..).zip(input.related) {
        let text = tagged(
            "verwant",
            &format!("{}: {}", related.term, related.definition),
        );
        let name = format!("related_{rank}");
        parts.push(Part::user(
            &name,
            Worth::Optional(related_rank + rank),
            text,
        ));
    }
    if !input.context.is_empty() {
        let text = tagged("context", &context_line(input.context));
        parts.push(Part::user("context", Worth::Mandatory, text));
    }
    if let Some(category) = input.category {
        let text = tagged("categorie", (wording.category)(category));
        parts.push(Part::user("category", Worth::Mandatory, text));
    }
    if !as_data(input.notes.as_str()).is_empty() {
        let text = tagged("notities", input.notes.as_str());
        parts.push(Part::user("notes", Worth::Optional(0), text));
    }
    parts.push(Part::user("term", Worth::Mandatory, tagged("term", &term)));
    Ok(parts)
}

fn rule_parts(input: &PromptInput<'_>, wording: &Wording, counter: &dyn TokenCounter) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    let mut left = wording.rules_aim;
    let firm = rule_lines(input, |level| level != Level::Advice);
    if !firm.is_empty() {
        let text = format!("{}\n{}", wording.rules, firm.join("\n"));
        left = left.saturating_sub(counter.count(&text));
        told.extend(&firm);
        parts.push(Part::system("rules", Worth::Mandatory, text));
    }
    let (mut advice, mut rest) = (Vec::new(), Vec::new());
    left = left.saturating_sub(counter.count(wording.advice));
    for line in rule_lines(input, |level| level == Level::Advice) {
        let cost = counter.count(line) + 1;
        match left.checked_sub(cost) {
            _ if told.contains(&line) => {}
            Some(less) => {
                left = less;
                advice.push(line);
            }
            None => rest.push(line),
        }
    }
    if !advice.is_empty() {
        let text = format!("{}\n{}", wording.advice, advice.join("\n"));
        parts.push(Part::system("advice", Worth::Optional(1), text));
    }
    if !rest.is_empty() {
        parts.push(Part::system("advice_rest", Worth::LeftOut, rest.join("\n")));
    }
    parts
}

/// The lines of the rules that apply, each said once.
fn rule_lines<'a>(input: &PromptInput<'a>, level: impl Fn(Level) -> bool) -> Vec<&'a str> {
    let mut lines: Vec<&str> = Vec::new();
    for rule in input.pack.rules() {
        let line = rule.instruction().trim();
        let wanted = level(rule.level()) && rule.applies_to(input.category);
        if wanted && !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

pub(crate) fn instruction_of(rule: &Rule) -> &str {
    let line = rule.instruction().trim();
    // A rule that says nothing beforehand still has a question to mend a text by.
    if line.is_empty() {
        rule.file().question.trim()
    } else {
        line
    }
}

pub(crate) fn tagged(tag: &str, text: &str) -> String {
    format!("<{tag}>{}</{tag}>", as_data(text))
}

pub(crate) fn context_line(context: &Context) -> String {
    let named = |name: &str, labels: &std::collections::BTreeSet<Label>| {
        let labels: Vec<&str> = labels.iter().map(Label::as_str).collect();
        (!labels.is_empty()).then(|| format!("{name} {}", labels.join(", ")))
    };
    let parts = [
        named("organisatie", &context.organisations),
        named("rechtsgebied", &context.legal_areas),
        named("wet", &context.statutory_bases),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
