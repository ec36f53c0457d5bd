//! `check --jsonl`: one definition a line in, one report a line out, in the same order.
//!
//! The form is relied upon from outside and stays stable: see `begrip check --help`.

use std::io::{BufRead, Write};

use begrip_app::{ErrorCode, UserError};
use begrip_domain::{Category, Context, Label};
use begrip_rules::{Finding, RulePack, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exit::Failure;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    term: String,
    text: String,
    #[serde(default)]
    org: OneOrMany,
    #[serde(default)]
    legal: OneOrMany,
    #[serde(default)]
    basis: OneOrMany,
    #[serde(default)]
    category: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// The labels; empty texts count as not given.
    fn labels<C: FromIterator<Label>>(self) -> C {
        let texts = match self {
            Self::None => Vec::new(),
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        };
        texts
            .iter()
            .filter_map(|text| Label::new(text).ok())
            .collect()
    }
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a Value,
    findings: Vec<Out<'a>>,
}

/// A finding as it goes out: the fix is the new text alone.
#[derive(Serialize)]
pub struct Out<'a> {
    rule: &'a str,
    outcome: begrip_rules::Outcome,
    level: begrip_rules::Level,
    span: Option<[u32; 2]>,
    reason: &'a str,
    fix: Option<&'a str>,
}

impl<'a> From<&'a Finding> for Out<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.as_str(),
            outcome: finding.outcome,
            level: finding.level,
            span: finding.span,
            reason: &finding.reason,
            fix: finding.fix.as_ref().map(|fix| fix.text.as_str()),
        }
    }
}

/// Checks every line of `input`; a line that cannot be read stops the run and is named.
///
/// Empty lines are passed over. Every line before a faulty one has been answered.
pub fn check(pack: &RulePack, input: impl BufRead, mut output: impl Write) -> Result<(), Failure> {
    for (number, line) in input.lines().enumerate() {
        let line = line.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => bad_line(number, "geen UTF-8"),
            _ => Failure::Io(error),
        })?;
        // A byte order mark comes along from Windows programs.
        let line = line.trim_start_matches('\u{FEFF}').trim();
        if line.is_empty() {
            continue;
        }
        let line: Line =
            serde_json::from_str(line).map_err(|error| bad_line(number, &error.to_string()))?;
        let context = Context {
            organisations: line.org.labels(),
            legal_areas: line.legal.labels(),
            statutory_bases: line.basis.labels(),
        };
        let report = pack.check(&Subject {
            term: &line.term,
            synonyms: &[],
            text: &line.text,
            context: &context,
            category: line.category.as_deref().and_then(Category::parse),
            has_source: None,
        });
        let row = Row {
            id: &line.id,
            findings: report.findings.iter().map(Out::from).collect(),
        };
        serde_json::to_writer(&mut output, &row).map_err(std::io::Error::from)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(())
}

fn bad_line(index: usize, fault: &str) -> Failure {
    UserError::new(
        ErrorCode::LineInvalid,
        format!("regel {}: {fault}", index + 1),
    )
    .into()
}
