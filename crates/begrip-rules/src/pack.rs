//! A pack: rules with a version, compiled once and then only read.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use begrip_domain::Category;
use begrip_language::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bounds::{self, Bounds, MOST_RULES};
use crate::checks::{Check, CheckError, CheckSpec, Scene, Verdict};
use crate::file::{Example, RuleFile, parse_facts, parse_rule};
use crate::report::{Finding, Fix, Level, Outcome, Report, RuleId};
use crate::subject::{Alone, Neighbours, Subject};

include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));

/// How often each version was compiled in this run of the program.
static READS: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// The longest version.
const VERSION_BYTES: usize = 64;

/// Texts with more words get no fix: to prove that one harms nothing, every rule is asked again.
const MOST_WORDS: usize = 1000;

/// How often one fix may mend on until its rule passes.
const MOST_STEPS: usize = 8;

/// A pack that cannot be used; names the rule or file and what is wrong, in Dutch, for whoever
/// writes rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// A file is no rule file.
    #[error("regel {file}: {fault}")]
    File {
        /// Name of the file, or id of the rule.
        file: String,
        /// What is wrong, with the line where known.
        fault: String,
    },
    /// A rule's check cannot be made.
    #[error("regel {rule}: {fault}")]
    Check {
        /// Id of the rule.
        rule: String,
        /// What is wrong.
        fault: CheckError,
    },
    /// An id stands twice; capitals do not count, as they do not in the names of files everywhere.
    #[error("regel {0} staat er twee keer in; hoofdletters maken geen verschil")]
    Twice(String),
    /// An id that cannot name a rule.
    #[error(
        "‘{0}’ kan geen nummer van een regel zijn: alleen letters, cijfers en streepjes, en niet de naam van een apparaat of ‘pack’"
    )]
    Id(String),
    /// Too few examples.
    #[error("regel {0} heeft minder dan drie goede of drie foute voorbeelden")]
    Examples(String),
    /// A version that cannot be one.
    #[error(
        "‘{0}’ kan geen versie zijn: ten hoogste 64 letters, cijfers, punten, streepjes en plustekens"
    )]
    Version(String),
    /// More than a pack may hold; says of what, Dutch.
    #[error("te veel: {0}")]
    TooMuch(String),
    /// No rule at all.
    #[error("er staan geen regels in")]
    Empty,
}

/// What a pack says of itself, as in `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackFacts {
    /// Names the pack: at most 64 letters, digits, `.`, `-`, `_` and `+`.
    pub version: String,
    /// When it was made.
    pub date: Date,
    /// What changed against the one before, Dutch, a line each.
    #[serde(default)]
    pub changelog: Vec<String>,
}

impl PackFacts {
    /// Whether the pack was made after the other one: by date, then by the numbers in the version.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        (self.date, numbers(&self.version)) > (other.date, numbers(&other.version))
    }
}

/// The numbers in a version, without what stands behind a `+`: 2026.10 comes after 2026.9.
fn numbers(version: &str) -> Vec<u64> {
    let version = version.split('+').next().unwrap_or_default();
    version
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

/// A pack as it is written and kept, before it is compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct PackBody {
    /// What it says of itself.
    pub facts: PackFacts,
    /// Its rules, in any order.
    pub rules: Vec<RuleFile>,
}

/// A rule, ready to be asked.
#[derive(Debug)]
pub struct Rule {
    file: RuleFile,
    check: Check,
}

impl Rule {
    /// The rule's id.
    pub fn id(&self) -> &RuleId {
        &self.file.id
    }

    /// How heavily a failure weighs.
    pub fn level(&self) -> Level {
        self.file.level
    }

    /// The line for the prompt, Dutch; empty for a rule that says nothing to a writer.
    pub fn instruction(&self) -> &str {
        &self.file.instruction
    }

    /// The rule as it stands in its file.
    pub fn file(&self) -> &RuleFile {
        &self.file
    }

    /// Whether the rule is about texts of this category.
    pub fn applies_to(&self, category: Option<Category>) -> bool {
        let only = &self.file.categories;
        only.is_empty() || category.is_some_and(|category| only.contains(&category))
    }

    /// What the rule says of one text, without asking the other rules about its fix. A rule that
    /// needs other concepts passes.
    pub fn check(&self, subject: &Subject<'_>) -> Finding {
        self.check_with(subject, &Alone)
    }

    /// The same, with what is known of other concepts.
    pub fn check_with(&self, subject: &Subject<'_>, neighbours: &dyn Neighbours) -> Finding {
        let text = Text::new(subject.text);
        self.finding(&Scene::new(subject, &text, neighbours))
    }

    /// Whether another text could keep the rule: what already exists stays so, whatever is written.
    pub fn is_mended_by_writing(&self) -> bool {
        !matches!(
            self.file.check,
            CheckSpec::Duplicate | CheckSpec::SynonymPreferred | CheckSpec::NoSource
        )
    }

    /// Whether the rule compares a text with other concepts.
    pub fn looks_beside(&self) -> bool {
        self.file.check.looks_beside()
    }

    fn finding(&self, scene: &Scene<'_>) -> Finding {
        let verdict = self.verdict(scene);
        let short = scene.text.words().len() <= MOST_WORDS;
        Finding {
            rule: self.file.id.clone(),
            level: self.file.level,
            outcome: verdict.outcome,
            span: verdict.span,
            reason: verdict.reason,
            fix: verdict
                .fix
                .filter(|_| short)
                .and_then(|fix| self.carry_out(fix, scene)),
        }
    }

    fn verdict(&self, scene: &Scene<'_>) -> Verdict {
        match self.applies_to(scene.subject.category) {
            true => self.check.run(scene),
            false => Verdict::pass(),
        }
    }

    /// Mends on until the rule passes; none when it does not come to that.
    fn carry_out(&self, mut fix: Fix, scene: &Scene<'_>) -> Option<Fix> {
        for _ in 0..MOST_STEPS {
            let subject = Subject {
                text: &fix.text,
                ..*scene.subject
            };
            let text = Text::new(subject.text);
            // A rule may put many words in the place of one, and each of those again.
            if text.words().is_empty() || text.words().len() > MOST_WORDS {
                return None;
            }
            let verdict = self.verdict(&Scene::new(&subject, &text, scene.neighbours));
            if verdict.outcome == Outcome::Pass {
                return Some(fix);
            }
            let next = verdict.fix.filter(|next| next.text != fix.text)?;
            let explanation: Vec<String> = [fix.explanation_add, next.explanation_add]
                .into_iter()
                .flatten()
                .collect();
            fix = Fix {
                text: next.text,
                explanation_add: (!explanation.is_empty()).then(|| explanation.join(" ")),
                label: fix.label,
            };
        }
        None
    }
}

/// A rule as the screens show it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleView {
    /// The id.
    pub id: RuleId,
    /// How heavily a failure weighs.
    pub level: Level,
    /// A few words.
    pub title: String,
    /// Why the rule is there.
    pub why: String,
    /// What a person asks of a text.
    pub question: String,
    /// The line for the prompt.
    pub instruction: String,
    /// Categories that the rule is about; empty for all.
    pub categories: Vec<Category>,
    /// Texts that keep the rule.
    pub good: Vec<Example>,
    /// Texts that break it.
    pub bad: Vec<Example>,
    /// Where the rule comes from.
    pub sources: Vec<String>,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let file = rule.file.clone();
        Self {
            id: file.id,
            level: file.level,
            title: file.title,
            why: file.why,
            question: file.question,
            instruction: file.instruction,
            categories: file.categories,
            good: file.good,
            bad: file.bad,
            sources: file.sources,
        }
    }
}

/// Rules with a version. Immutable; share it by [`Arc`].
#[derive(Debug)]
pub struct RulePack {
    facts: PackFacts,
    rules: Vec<Rule>,
}

impl RulePack {
    /// What the pack that comes with the program says of itself, without reading its rules. Its version
    /// is that of `pack.toml`, and behind a `+` six digits that change with every rule file and with
    /// every version of the program: the same rules may judge otherwise in another program.
    pub fn built_in_facts() -> Result<PackFacts, PackError> {
        let facts = parse_facts(PACK)?;
        Ok(PackFacts {
            version: format!("{}+{}", facts.version, mark(env!("CARGO_PKG_VERSION"))),
            ..facts
        })
    }

    /// The pack that comes with the program, as it is written.
    pub fn built_in_body() -> Result<PackBody, PackError> {
        let rules = FILES
            .iter()
            .map(|(name, text)| parse_rule(name, text))
            .collect::<Result<_, _>>()?;
        Ok(PackBody {
            facts: Self::built_in_facts()?,
            rules,
        })
    }

    /// Reads and compiles the pack that comes with the program. Takes some milliseconds: call it
    /// once and keep the answer.
    pub fn built_in() -> Result<Arc<Self>, PackError> {
        Self::compile(Self::built_in_body()?).map(Arc::new)
    }

    /// How often this version was compiled in this run of the program: once is enough.
    pub fn times_read(version: &str) -> u32 {
        let reads = READS.lock().unwrap_or_else(PoisonError::into_inner);
        reads.get(version).copied().unwrap_or_default()
    }

    /// Compiles rules that are no published pack, such as the one that somebody is writing.
    pub fn from_rules(version: &str, rules: Vec<RuleFile>) -> Result<Self, PackError> {
        Self::compile(PackBody {
            facts: PackFacts {
                version: version.to_owned(),
                date: Date::ZERO,
                changelog: Vec::new(),
            },
            rules,
        })
    }

    /// Compiles a pack of any origin.
    ///
    /// Errors: a version or id that cannot be one, no rule, an id twice, fewer than three good or bad
    /// examples, more than a pack may hold, a check that cannot be made.
    pub fn compile(body: PackBody) -> Result<Self, PackError> {
        let PackBody {
            facts,
            rules: files,
        } = body;
        if !is_name(&facts.version, ".-_+") {
            return Err(PackError::Version(shown(&facts.version)));
        }
        if files.is_empty() {
            return Err(PackError::Empty);
        }
        bounds::changelog(&facts.changelog)?;
        if files.len() > MOST_RULES {
            return Err(PackError::TooMuch(format!("meer dan {MOST_RULES} regels")));
        }
        let mut seen = HashSet::new();
        let mut bounds = Bounds::default();
        let mut rules = Vec::with_capacity(files.len());
        for file in files {
            let id = file.id.as_str().to_ascii_lowercase();
            if !is_name(&id, "-") || is_taken(&id) {
                return Err(PackError::Id(shown(file.id.as_str())));
            }
            if !seen.insert(id) {
                return Err(PackError::Twice(file.id.0));
            }
            if file.good.len() < 3 || file.bad.len() < 3 {
                return Err(PackError::Examples(file.id.0));
            }
            bounds.take(&file)?;
            let check = Check::compile(&file.check).map_err(|fault| PackError::Check {
                rule: file.id.0.clone(),
                fault,
            })?;
            rules.push(Rule { file, check });
        }
        // Blocking first, then by id: the order in which a reader wants to see them.
        rules.sort_by(|a, b| (a.level(), a.id()).cmp(&(b.level(), b.id())));
        let mut reads = READS.lock().unwrap_or_else(PoisonError::into_inner);
        *reads.entry(facts.version.clone()).or_default() += 1;
        Ok(Self { facts, rules })
    }

    /// What the pack says of itself.
    pub fn facts(&self) -> &PackFacts {
        &self.facts
    }

    /// The version: part of every report and every cache key.
    pub fn version(&self) -> &str {
        &self.facts.version
    }

    /// Every rule: blocking first, then by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id().as_str() == id)
    }

    /// Asks every rule. Rules that need other concepts pass.
    pub fn check(&self, subject: &Subject<'_>) -> Report {
        self.check_with(subject, &Alone)
    }

    /// Asks every rule, with what is known of other concepts.
    pub fn check_with(&self, subject: &Subject<'_>, neighbours: &dyn Neighbours) -> Report {
        let rules: Vec<&Rule> = self.rules.iter().collect();
        self.ask(&rules, subject, neighbours)
    }

    /// Asks the rules that look at the text alone; the report leaves the others out.
    pub fn check_text(&self, subject: &Subject<'_>) -> Report {
        let rules = self.rules.iter().filter(|rule| !rule.looks_beside());
        let rules: Vec<&Rule> = rules.collect();
        self.ask(&rules, subject, &Alone)
    }

    fn ask(&self, rules: &[&Rule], subject: &Subject<'_>, neighbours: &dyn Neighbours) -> Report {
        let text = Text::new(subject.text);
        let scene = Scene::new(subject, &text, neighbours);
        let mut findings: Vec<Finding> = rules.iter().map(|rule| rule.finding(&scene)).collect();
        drop_harmful_fixes(rules, &mut findings, subject, neighbours);
        let score = Report::score(&findings, text.words().is_empty());
        Report {
            pack_version: self.facts.version.clone(),
            findings,
            score,
        }
    }

    /// The failing rules of a report, with their rule.
    pub fn failing<'a>(
        &'a self,
        report: &'a Report,
    ) -> impl Iterator<Item = (&'a Rule, &'a Finding)> {
        report
            .findings
            .iter()
            .filter(|finding| finding.outcome == Outcome::Fail)
            .filter_map(|finding| Some((self.rule(finding.rule.as_str())?, finding)))
    }
}

/// Whether a version or id can also name a file: letters, digits and `others`, not too long.
fn is_name(name: &str, others: &str) -> bool {
    (1..=VERSION_BYTES).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Whether a file with this name, in small letters, is another one: `pack.toml`, or on Windows a device.
fn is_taken(id: &str) -> bool {
    let port = |name: &str| {
        let number = id.strip_prefix(name).unwrap_or_default();
        number.len() == 1 && number.bytes().all(|digit| digit.is_ascii_digit())
    };
    matches!(id, "pack" | "con" | "prn" | "aux" | "nul") || port("com") || port("lpt")
}

/// Six digits that stand for the built-in rule files, as this version of the program reads them.
fn mark(program: &str) -> String {
    let mut digest = Sha256::new();
    let files = FILES.iter().map(|(_, text)| *text);
    for text in files.chain([PACK, program]) {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    let digest = digest.finalize();
    digest.iter().take(3).map(|b| format!("{b:02x}")).collect()
}

/// The beginning of what stands where a name should.
fn shown(name: &str) -> String {
    name.chars().take(VERSION_BYTES).collect()
}

/// Takes a fix away that would break a rule which now holds.
fn drop_harmful_fixes(
    rules: &[&Rule],
    findings: &mut [Finding],
    subject: &Subject<'_>,
    neighbours: &dyn Neighbours,
) {
    let fails: Vec<bool> = findings
        .iter()
        .map(|finding| finding.outcome == Outcome::Fail)
        .collect();
    // Rules about the same words often give the same fix: *is een …*
    let mut judged: Vec<(String, bool)> = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else {
            continue;
        };
        let known = judged.iter().find(|(text, _)| *text == fix.text);
        let harmful = match known {
            Some((_, harmful)) => *harmful,
            None => {
                let after = Subject {
                    text: &fix.text,
                    ..*subject
                };
                let text = Text::new(after.text);
                let scene = Scene::new(&after, &text, neighbours);
                let harmful = rules
                    .iter()
                    .zip(&fails)
                    .any(|(rule, failed)| !failed && rule.verdict(&scene).outcome == Outcome::Fail);
                judged.push((fix.text.clone(), harmful));
                harmful
            }
        };
        if harmful {
            finding.fix = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_gives_the_built_in_rules_another_version() {
        let own = RulePack::built_in_facts().unwrap().version;
        assert!(own.ends_with(&mark(env!("CARGO_PKG_VERSION"))));
        assert_ne!(mark("1.0.0"), mark("1.0.1"));
    }
}
