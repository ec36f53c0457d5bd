use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a rule, as the justice chain knows it: `STR-01`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[serde(transparent)]
pub struct RuleId(pub String);

impl RuleId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How heavily a failure weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Keeps a text from being established.
    Blocking,
    /// Should be mended.
    Serious,
    /// Worth a look.
    Advice,
}

/// What a rule says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The text keeps the rule, or the rule does not apply.
    Pass,
    /// The text breaks the rule.
    Fail,
    /// A machine cannot tell; never blocks.
    NeedsPerson,
}

/// A proposed text that keeps the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fix {
    /// The whole definition after the fix.
    pub text: String,
    /// What was taken out of the definition and belongs in the explanation.
    pub explanation_add: Option<String>,
    /// What the fix does, for a button, in Dutch.
    pub label: String,
}

/// The outcome of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// Its level.
    pub level: Level,
    /// What it says.
    pub outcome: Outcome,
    /// The characters (Unicode scalar values) that it is about: first, and one past the last.
    #[cfg_attr(feature = "typescript", ts(type = "[number, number] | null"))]
    pub span: Option<[u32; 2]>,
    /// Why, in Dutch; empty when the rule passes.
    pub reason: String,
    /// A way to mend it, where one can be given.
    pub fix: Option<Fix>,
}

/// What every rule of a pack says of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Report {
    /// The pack that was asked.
    pub pack_version: String,
    /// One finding for each rule, in the pack's order.
    pub findings: Vec<Finding>,
    /// 0 to 1: the share of rules that do not fail, weighed by level. 0 for an empty text, at most
    /// 0.5 while a blocking rule fails.
    pub score: f32,
}

impl Report {
    /// The rules that fail, whatever their level.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.outcome == Outcome::Fail)
    }

    /// The blocking rules that fail.
    pub fn blocking_failures(&self) -> impl Iterator<Item = &Finding> {
        self.failures()
            .filter(|finding| finding.level == Level::Blocking)
    }

    /// The score of these findings.
    pub(crate) fn score(findings: &[Finding], empty: bool) -> f32 {
        let weight = |finding: &Finding| match finding.level {
            Level::Blocking => 4.0,
            Level::Serious => 2.0,
            Level::Advice => 1.0,
        };
        let all: f32 = findings.iter().map(weight).sum();
        if empty || all == 0.0 {
            return 0.0;
        }
        let failed = || {
            findings
                .iter()
                .filter(|finding| finding.outcome == Outcome::Fail)
        };
        let share = 1.0 - failed().map(weight).sum::<f32>() / all;
        match failed().any(|finding| finding.level == Level::Blocking) {
            true => share.min(0.5),
            false => share,
        }
    }
}
