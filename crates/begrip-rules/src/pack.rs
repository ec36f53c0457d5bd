//! A pack: rules with a version, compiled once and then only read.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use begrip_domain::Category;
use begrip_language::Text;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::checks::{Check, CheckError, Scene, Verdict};
use crate::file::{Example, RuleFile};
use crate::report::{Finding, Fix, Level, Outcome, Report, RuleId};
use crate::subject::{Alone, Neighbours, Subject};

include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));

/// Version of the built-in pack; goes up with every change of a rule.
const BUILT_IN_VERSION: &str = "2026.1";

/// How often the built-in pack was read in this run of the program.
static READS: AtomicU32 = AtomicU32::new(0);

/// Texts with more words get no fix: to prove that one harms nothing, every rule is asked again.
const MOST_WORDS: usize = 1000;

/// How often one fix may mend on until its rule passes.
const MOST_STEPS: usize = 8;

/// A pack that cannot be used; names the rule or file and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// A file is no rule file.
    #[error("rule file {file}: {fault}")]
    File {
        /// Name of the file.
        file: String,
        /// What is wrong, with the line where known.
        fault: String,
    },
    /// A rule's check cannot be made.
    #[error("rule {rule}: {fault}")]
    Check {
        /// Id of the rule.
        rule: String,
        /// What is wrong.
        fault: CheckError,
    },
    /// An id stands twice.
    #[error("rule {0} stands twice in the pack")]
    Twice(String),
    /// Too few examples.
    #[error("rule {0} has fewer than three good or three bad examples")]
    Examples(String),
    /// No rule at all.
    #[error("the pack holds no rule")]
    Empty,
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

    /// What the rule says of one text, without asking the other rules about its fix.
    pub fn check(&self, subject: &Subject<'_>) -> Finding {
        let text = Text::new(subject.text);
        self.finding(&Scene::new(subject, &text, &Alone))
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
            if text.words().is_empty() {
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
            good: file.good,
            bad: file.bad,
            sources: file.sources,
        }
    }
}

/// Rules with a version. Immutable; share it by [`Arc`].
#[derive(Debug)]
pub struct RulePack {
    version: String,
    digest: [u8; 32],
    rules: Vec<Rule>,
}

impl RulePack {
    /// Reads and compiles the pack that comes with the program. Takes some milliseconds: call it
    /// once and keep the answer.
    pub fn built_in() -> Result<Arc<Self>, PackError> {
        READS.fetch_add(1, Ordering::Relaxed);
        let mut files = Vec::with_capacity(FILES.len());
        let mut digest = Sha256::new();
        for (name, text) in FILES {
            let file: RuleFile = toml::from_str(text).map_err(|error| PackError::File {
                file: (*name).to_owned(),
                fault: error.to_string(),
            })?;
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
            files.push(file);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let short: String = digest
            .iter()
            .take(3)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self::compile(format!("{BUILT_IN_VERSION}+{short}"), digest, files).map(Arc::new)
    }

    /// How often [`RulePack::built_in`] was called in this run of the program: once is enough.
    pub fn times_read() -> u32 {
        READS.load(Ordering::Relaxed)
    }

    /// Compiles rules of any origin.
    pub fn from_rules(version: &str, rules: Vec<RuleFile>) -> Result<Self, PackError> {
        let mut digest = Sha256::new();
        for rule in &rules {
            let text = toml::to_string(rule).map_err(|error| PackError::File {
                file: rule.id.0.clone(),
                fault: error.to_string(),
            })?;
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
        Self::compile(version.to_owned(), digest.finalize().into(), rules)
    }

    fn compile(version: String, digest: [u8; 32], files: Vec<RuleFile>) -> Result<Self, PackError> {
        if files.is_empty() {
            return Err(PackError::Empty);
        }
        let mut seen = HashSet::new();
        let mut rules = Vec::with_capacity(files.len());
        for file in files {
            if !seen.insert(file.id.clone()) {
                return Err(PackError::Twice(file.id.0));
            }
            if file.good.len() < 3 || file.bad.len() < 3 {
                return Err(PackError::Examples(file.id.0));
            }
            let check = Check::compile(&file.check).map_err(|fault| PackError::Check {
                rule: file.id.0.clone(),
                fault,
            })?;
            rules.push(Rule { file, check });
        }
        // Blocking first, then by id: the order in which a reader wants to see them.
        rules.sort_by(|a, b| (a.level(), a.id()).cmp(&(b.level(), b.id())));
        Ok(Self {
            version,
            digest,
            rules,
        })
    }

    /// The version: part of every report and every cache key.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 over the rule files.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
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
        let text = Text::new(subject.text);
        let scene = Scene::new(subject, &text, neighbours);
        let mut findings: Vec<Finding> =
            self.rules.iter().map(|rule| rule.finding(&scene)).collect();
        self.drop_harmful_fixes(&mut findings, subject, neighbours);
        let score = Report::score(&findings, text.words().is_empty());
        Report {
            pack_version: self.version.clone(),
            findings,
            score,
        }
    }

    /// Takes a fix away that would break a rule which now holds.
    fn drop_harmful_fixes(
        &self,
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
                    let harmful = self.rules.iter().zip(&fails).any(|(rule, failed)| {
                        !failed && rule.verdict(&scene).outcome == Outcome::Fail
                    });
                    judged.push((fix.text.clone(), harmful));
                    harmful
                }
            };
            if harmful {
                finding.fix = None;
            }
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
