//! One report a line, written before the next definition is read.
//!
//! The form is relied upon from outside and stays stable: see `docs/opdrachtregel.md`.

use std::borrow::Cow;
use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::{Finding, Report};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Form;
use crate::definitions::{Definition, Faulty};

#[derive(Serialize)]
struct Row<'a> {
    id: Option<&'a RawValue>,
    findings: Vec<Out<'a>>,
}

/// What goes out for a definition that could not be read.
#[derive(Serialize)]
struct FaultyRow<'a> {
    id: Option<&'a RawValue>,
    line: usize,
    error: &'a UserError,
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

/// A definition's findings as one JSON object.
pub fn checked(
    out: &mut impl Write,
    definition: &Definition,
    report: &Report,
) -> serde_json::Result<()> {
    let id = on_one_line(definition.id.as_deref());
    let row = Row {
        id: id.as_deref(),
        findings: report.findings.iter().map(Out::from).collect(),
    };
    serde_json::to_writer(out, &row)
}

/// An id as it was written, but for line ends: within JSON these are only white space.
fn on_one_line(id: Option<&RawValue>) -> Option<Cow<'_, RawValue>> {
    let id = id?;
    if !id.get().contains(['\n', '\r']) {
        return Some(Cow::Borrowed(id));
    }
    let line = id.get().replace(['\n', '\r'], " ");
    RawValue::from_string(line).ok().map(Cow::Owned)
}

/// What is wrong with a definition as one JSON object.
pub fn faulty(out: &mut impl Write, faulty: &Faulty, error: &UserError) -> serde_json::Result<()> {
    let id = on_one_line(faulty.id.as_deref());
    let row = FaultyRow {
        id: id.as_deref(),
        line: faulty.line,
        error,
    };
    serde_json::to_writer(out, &row)
}

/// A report a line.
pub struct Lines<W> {
    out: W,
}

impl<W: Write> Lines<W> {
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// A program at the other end can answer at once.
    fn close(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

impl<W: Write> Form for Lines<W> {
    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        checked(&mut self.out, definition, report)?;
        self.close()
    }

    fn faulty(&mut self, told: &Faulty, error: &UserError) -> io::Result<()> {
        faulty(&mut self.out, told, error)?;
        self.close()
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
