//! The fixed texts of each version of the prompts.

mod one;
mod refine;
mod two;

use begrip_domain::Category;

use crate::PromptVersion;

pub(crate) use refine::REFINE;

/// The fixed texts of one version.
pub(crate) struct Wording {
    /// Opens every prompt: byte-identical whatever the term.
    pub(crate) head: &'static str,
    /// Stands above the blocking and serious rules.
    pub(crate) rules: &'static str,
    /// Stands above the rules of level advice.
    pub(crate) advice: &'static str,
    /// The tokens that the rules together aim at. Blocking and serious rules may go over it; advice
    /// is told as far as it fits, in the order of the pack. The choice depends on the pack and the
    /// category alone, so that the system message stays the same between terms, and it keeps a prompt
    /// with three passages under the 900 tokens of the design; what is not told beforehand is still
    /// checked afterwards.
    pub(crate) rules_aim: u32,
    /// Opens every prompt that asks to mend a definition.
    pub(crate) repair_head: &'static str,
    /// Stands above the rules that the faulty definition breaks.
    pub(crate) broken: &'static str,
    /// What the chosen category asks of the definition's head noun.
    pub(crate) category: fn(Category) -> &'static str,
}

const ONE: Wording = Wording {
    head: one::HEAD,
    rules: one::RULES,
    advice: one::ADVICE,
    rules_aim: 400,
    repair_head: one::REPAIR_HEAD,
    broken: one::BROKEN,
    category: one::category,
};

pub(crate) fn of(version: PromptVersion) -> &'static Wording {
    match version {
        PromptVersion::One => &ONE,
        PromptVersion::Two => &two::TEXTS,
    }
}
