use begrip_domain::{Category, Context};
use begrip_rules::{Finding, Level, Report, Rule, RulePack, Subject};

use crate::Reply;

/// What a definition was asked of: what its reply is checked as.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The term.
    pub term: &'a str,
    /// The context in which it has its meaning.
    pub context: &'a Context,
    /// The category, when one was chosen.
    pub category: Option<Category>,
}

impl<'a> About<'a> {
    /// What the rules look at of a reply.
    pub fn subject(&self, reply: &'a Reply) -> Subject<'a> {
        Subject {
            term: self.term,
            synonyms: &[],
            text: &reply.definition,
            context: self.context,
            category: self.category,
            has_source: None,
        }
    }
}

/// How many blocking rules fail that another text could keep: a call is not spent on what the model
/// cannot mend, as that the concept is there already.
pub fn mendable(pack: &RulePack, report: &Report) -> usize {
    to_mend(pack, report)
        .filter(|(rule, _)| rule.level() == Level::Blocking)
        .count()
}

/// What a repair is about: every rule that fails and that another text could keep.
pub fn to_mend<'a>(
    pack: &'a RulePack,
    report: &'a Report,
) -> impl Iterator<Item = (&'a Rule, &'a Finding)> {
    pack.failing(report)
        .filter(|(rule, _)| rule.is_mended_by_writing())
}
