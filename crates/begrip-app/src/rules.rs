//! Reading, trying and comparing rules, and what a version changes for the user's own concepts.

use std::collections::BTreeMap;

use begrip_domain::{Category, Concept, Origin, Status, limits};
use begrip_rules::{
    Example, Finding, Level, Rule, RuleFile, RuleId, RulePack, RuleView, Shelf, Subject,
};
use begrip_store::{Filter, Page, Sort};

use crate::history::words;
use crate::open::Core;
use crate::schema::{
    ConceptImpact, PackCompare, PackDiff, PackImpact, PackRef, RuleChange, RuleFieldChange, RuleTry,
};
use crate::{App, ErrorCode, UserError};

/// Concepts that are shown of those that get another outcome.
const SHOWN: usize = 200;

/// Concepts that are read at a time.
const AT_ONCE: u32 = 500;

impl App {
    /// Every rule of a version, blocking first.
    pub async fn rules_list(&self, request: PackRef) -> Result<Vec<RuleView>, UserError> {
        self.blocking(move |core| {
            let pack = core.packs.meant(&request)?;
            Ok(pack.rules().iter().map(RuleView::from).collect())
        })
        .await
    }

    /// Tries a text on one rule.
    ///
    /// Errors: no such version or rule, a text longer than [`limits::TEXT_CHARS`] characters.
    pub async fn rule_try(&self, request: RuleTry) -> Result<Finding, UserError> {
        self.blocking(move |core| {
            if request.text.chars().count() > limits::TEXT_CHARS {
                return Err(UserError::new(ErrorCode::TextTooLong, "text"));
            }
            let version = request.version.clone();
            let pack = core.packs.meant(&PackRef { version })?;
            let rule = pack
                .rule(&request.rule)
                .ok_or_else(|| UserError::new(ErrorCode::RuleUnknown, pack.version()))?;
            let attempt = Subject {
                term: &request.term,
                synonyms: &request.synonyms,
                text: &request.text,
                context: &request.context,
                category: request.category,
                has_source: request.has_source,
            };
            match request.others.is_empty() {
                true => core.judge_one(rule, &attempt),
                false => {
                    let others = Shelf::of(&request.others, &request.context);
                    Ok(rule.check_with(&attempt, &others))
                }
            }
        })
        .await
    }

    /// What differs between two versions.
    pub async fn pack_compare(&self, request: PackCompare) -> Result<PackDiff, UserError> {
        self.blocking(move |core| {
            let (from, to) = (core.packs.get(&request.from)?, core.packs.get(&request.to)?);
            Ok(difference(&from, &to))
        })
        .await
    }

    /// Which of the user's own concepts get another outcome from a version, against the one in force.
    pub async fn pack_impact(&self, request: PackRef) -> Result<PackImpact, UserError> {
        self.blocking(move |core| {
            let (now, then) = (core.pack(), core.packs.meant(&request)?);
            core.impact(&now, &then)
        })
        .await
    }
}

impl Core {
    fn impact(&self, now: &RulePack, then: &RulePack) -> Result<PackImpact, UserError> {
        let own = Filter {
            statuses: Status::ALL
                .into_iter()
                .filter(|status| *status != Status::Withdrawn)
                .collect(),
            origins: [Origin::Person, Origin::Model].into(),
            ..Filter::default()
        };
        let mut impact = PackImpact {
            version: then.version().to_owned(),
            checked: 0,
            changed: 0,
            concepts: Vec::new(),
        };
        for offset in (0..).step_by(AT_ONCE as usize) {
            let page = Page {
                offset,
                limit: AT_ONCE,
            };
            let listed = self.store.list(&own, Sort::Modified, page)?;
            let read = listed.rows.len();
            for listed in listed.rows {
                let Some(concept) = self.store.get(listed.id)? else {
                    continue;
                };
                impact.checked += 1;
                let failing = |pack| self.failing(pack, &concept);
                let (before, after) = (failing(now)?, failing(then)?);
                if before == after {
                    continue;
                }
                impact.changed += 1;
                if impact.concepts.len() < SHOWN {
                    let only = |these: &[RuleId], those: &[RuleId]| {
                        let only = these.iter().filter(|rule| !those.contains(rule));
                        only.cloned().collect()
                    };
                    impact.concepts.push(ConceptImpact {
                        row: self.listed(listed),
                        now_fails: only(&after, &before),
                        no_longer_fails: only(&before, &after),
                    });
                }
            }
            if read < AT_ONCE as usize {
                break;
            }
        }
        Ok(impact)
    }

    /// The rules that fail on a concept, in order of their ids.
    fn failing(&self, pack: &RulePack, concept: &Concept) -> Result<Vec<RuleId>, UserError> {
        let report = self.judge(pack, &Subject::of(&concept.fields), Some(concept.id))?;
        let mut failing: Vec<RuleId> = report
            .failures()
            .map(|finding| finding.rule.clone())
            .collect();
        failing.sort();
        Ok(failing)
    }
}

/// What differs between two packs, rule by rule and word by word.
fn difference(from: &RulePack, to: &RulePack) -> PackDiff {
    let by_id = |pack: &RulePack| -> BTreeMap<RuleId, RuleFile> {
        let rules = pack.rules().iter();
        rules
            .map(|rule| (rule.id().clone(), rule.file().clone()))
            .collect()
    };
    let (before, after) = (by_id(from), by_id(to));
    let only = |pack: &RulePack, other: &BTreeMap<RuleId, RuleFile>| {
        let alone = |rule: &&Rule| !other.contains_key(rule.id());
        pack.rules()
            .iter()
            .filter(alone)
            .map(RuleView::from)
            .collect()
    };
    let changed = before.iter().filter_map(|(id, before)| {
        let after = after.get(id)?;
        (before != after).then(|| RuleChange {
            id: id.clone(),
            title: after.title.clone(),
            fields: changes(before, after),
        })
    });
    PackDiff {
        from: from.version().to_owned(),
        to: to.version().to_owned(),
        added: only(to, &before),
        removed: only(from, &after),
        changed: changed.collect(),
    }
}

fn changes(before: &RuleFile, after: &RuleFile) -> Vec<RuleFieldChange> {
    texts(before)
        .into_iter()
        .zip(texts(after))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| RuleFieldChange {
            field: field.to_owned(),
            parts: words(&before, &after),
        })
        .collect()
}

/// Every field of a rule as one text, in the order in which a page shows them.
fn texts(rule: &RuleFile) -> [(&'static str, String); 10] {
    [
        ("level", level(rule.level).to_owned()),
        ("title", rule.title.clone()),
        ("why", rule.why.clone()),
        ("question", rule.question.clone()),
        ("instruction", rule.instruction.clone()),
        ("categories", categories(&rule.categories)),
        ("sources", rule.sources.join("\n")),
        // As it stands in the rule file: the words and numbers that a writer of rules knows.
        (
            "check",
            toml::to_string_pretty(&rule.check).unwrap_or_default(),
        ),
        ("good", examples(&rule.good)),
        ("bad", examples(&rule.bad)),
    ]
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Blocking => "blokkerend",
        Level::Serious => "ernstig",
        Level::Advice => "advies",
    }
}

fn categories(categories: &[Category]) -> String {
    let names = categories.iter().map(|category| match category {
        Category::Type => "soort",
        Category::Particular => "exemplaar",
        Category::Process => "proces",
        Category::Result => "resultaat",
    });
    names.collect::<Vec<_>>().join(", ")
}

fn examples(examples: &[Example]) -> String {
    let lines = examples.iter().map(|example| {
        let labels: Vec<&str> = [
            &example.organisations,
            &example.legal_areas,
            &example.statutory_bases,
        ]
        .into_iter()
        .flatten()
        .map(|label| label.as_str())
        .collect();
        let mut line = match example.term.as_str() {
            "" => example.text.clone(),
            term => format!("{term}: {}", example.text),
        };
        let category = example.category.map(|category| categories(&[category]));
        let source = example.has_source.map(|there| match there {
            true => "met bron".to_owned(),
            false => "zonder bron".to_owned(),
        });
        let more = labels
            .iter()
            .map(|label| (*label).to_owned())
            .chain(category)
            .chain(source);
        let synonyms = example
            .synonyms
            .iter()
            .map(|synonym| format!("ook {synonym}"));
        let others = example
            .others
            .iter()
            .map(|other| format!("naast {}: {}", other.term, other.definition));
        let more: Vec<String> = more
            .chain(synonyms)
            .chain(others)
            .chain(Some(example.note.clone()).filter(|note| !note.is_empty()))
            .collect();
        if !more.is_empty() {
            line.push_str(&format!(" ({})", more.join("; ")));
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}
