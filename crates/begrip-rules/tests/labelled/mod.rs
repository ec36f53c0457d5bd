//! Definitions with the rules that they must trip, and how well the engine agrees.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use begrip_domain::{Category, Context, Label};
use begrip_rules::{Outcome, Report, RulePack, Subject};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    definition: Vec<Row>,
}

/// A definition with what an experienced legislative lawyer says of it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub term: String,
    pub category: String,
    pub text: String,
    #[serde(default)]
    pub organisations: Vec<Label>,
    #[serde(default = "yes")]
    pub has_source: bool,
    /// The rules that must fail.
    #[serde(default)]
    pub fails: BTreeSet<String>,
    /// The rules that must ask for a person.
    #[serde(default)]
    pub asks: BTreeSet<String>,
}

fn yes() -> bool {
    true
}

impl Row {
    pub fn context(&self) -> Context {
        Context {
            organisations: self.organisations.iter().cloned().collect(),
            ..Context::default()
        }
    }

    /// The row as a subject; `context` is [`Row::context`].
    pub fn subject<'a>(&'a self, context: &'a Context) -> Subject<'a> {
        Subject {
            term: &self.term,
            synonyms: &[],
            text: &self.text,
            context,
            category: Some(Category::parse(&self.category).unwrap()),
            has_source: Some(self.has_source),
        }
    }

    pub fn is_clean(&self) -> bool {
        self.fails.is_empty() && self.asks.is_empty()
    }

    fn label(&self, rule: &str) -> Outcome {
        if self.fails.contains(rule) {
            Outcome::Fail
        } else if self.asks.contains(rule) {
            Outcome::NeedsPerson
        } else {
            Outcome::Pass
        }
    }
}

/// The rows of one file.
pub fn read(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let table: Table =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    table.definition
}

/// A file or folder of `tests/data`, every row of it in the order of the file names.
pub fn data(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    if path.is_file() {
        return read(&path);
    }
    let entries = std::fs::read_dir(path).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

/// How often a rule and its labels agree. An outcome `needs a person` is neither right nor wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Fails where it must.
    pub right: u32,
    /// Fails where it must not.
    pub wrong: u32,
    /// Passes where it must fail.
    pub missed: u32,
    /// Asks for a person where it must fail.
    pub asked: u32,
}

impl Counts {
    /// Of what it faults, the share that is at fault; 1 when it faults nothing.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Of what is at fault, the share that it faults; 1 when nothing is.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    fn add(&mut self, label: Outcome, said: Outcome) {
        match (label, said) {
            (Outcome::Fail, Outcome::Fail) => self.right += 1,
            (_, Outcome::Fail) => self.wrong += 1,
            (Outcome::Fail, Outcome::Pass) => self.missed += 1,
            (Outcome::Fail, Outcome::NeedsPerson) => self.asked += 1,
            _ => {}
        }
    }
}

fn share(part: u32, whole: u32) -> f64 {
    match whole {
        0 => 1.0,
        whole => f64::from(part) / f64::from(whole),
    }
}

/// Where a rule says something else than the label.
pub struct Difference {
    pub row: usize,
    pub rule: String,
    pub label: Outcome,
    pub said: Outcome,
    pub reason: String,
}

/// How well a pack agrees with rows.
pub struct Quality {
    pub rules: BTreeMap<String, Counts>,
    pub all: Counts,
    pub outcomes: u32,
    /// How many of the outcomes ask for a person.
    pub asks: u32,
    pub differences: Vec<Difference>,
}

impl Quality {
    pub fn of(pack: &RulePack, rows: &[Row]) -> Self {
        let mut quality = Self {
            rules: BTreeMap::new(),
            all: Counts::default(),
            outcomes: 0,
            asks: 0,
            differences: Vec::new(),
        };
        for (number, row) in rows.iter().enumerate() {
            let known = |id: &&String| pack.rule(id).is_none();
            let odd = row.fails.iter().chain(&row.asks).find(known);
            assert!(odd.is_none(), "{}: no rule {odd:?}", row.term);
            let context = row.context();
            quality.add(number, row, &pack.check(&row.subject(&context)));
        }
        quality
    }

    pub fn asking_share(&self) -> f64 {
        share(self.asks, self.outcomes)
    }

    fn add(&mut self, number: usize, row: &Row, report: &Report) {
        for finding in &report.findings {
            let rule = finding.rule.as_str();
            let label = row.label(rule);
            self.outcomes += 1;
            self.asks += u32::from(finding.outcome == Outcome::NeedsPerson);
            self.all.add(label, finding.outcome);
            let counts = self.rules.entry(rule.to_owned()).or_default();
            counts.add(label, finding.outcome);
            if label != finding.outcome {
                self.differences.push(Difference {
                    row: number,
                    rule: rule.to_owned(),
                    label,
                    said: finding.outcome,
                    reason: finding.reason.clone(),
                });
            }
        }
    }
}
