//! `check --jsonl`: one definition a line in, one report a line out, in the same order.
//!
//! The form is relied upon from outside and stays stable: see `docs/opdrachtregel.md`.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use begrip_app::{ErrorCode, UserError};
use begrip_domain::{Category, Context, Label};
use begrip_rules::{Finding, RulePack, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::exit::{Failure, unreadable};

/// Bytes of one line. Far above any real definition; keeps a file without line ends out of memory.
const LONGEST_LINE: usize = 4_000_000;

/// Faulty lines that are named in the closing message; the others are counted.
const NAMED: usize = 5;

/// A line as JSON gives it; what is in the fields is judged by [`checked`].
#[derive(Deserialize)]
struct Line<'a> {
    // Given back as it was written: a number must not come back in another form.
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    term: Value,
    #[serde(default)]
    text: Value,
    #[serde(default)]
    org: Value,
    #[serde(default)]
    legal: Value,
    #[serde(default)]
    basis: Value,
    #[serde(default)]
    category: Value,
}

#[derive(Serialize)]
struct Row<'a> {
    id: Option<&'a RawValue>,
    findings: Vec<Out<'a>>,
}

/// What goes out for a line that could not be checked.
#[derive(Serialize)]
struct FaultyRow<'a> {
    id: Option<&'a RawValue>,
    line: usize,
    error: UserError,
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

/// Checks every line of `input`, which stands at `path`.
///
/// Each answer is written before the next line is read, so that a program at the other end can
/// answer back, and memory does not grow with the input. Empty lines are passed over. A line that
/// cannot be read gets an error in its place and the others are checked all the same; the run
/// then ends with an error that names the faulty lines. An input in another encoding stops the
/// run at once: none of its lines can be read.
pub fn check(
    pack: &RulePack,
    path: &Path,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<(), Failure> {
    let mut faults = Faults::default();
    let mut bytes = Vec::new();
    for number in 1.. {
        let whole = read_line(&mut input, &mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.is_empty() {
            break;
        }
        if number == 1 && is_wide(&bytes) {
            let fault = "dit lijkt UTF-16; bewaar het bestand als UTF-8";
            return Err(UserError::new(ErrorCode::FileUnreadable, fault).into());
        }
        let text = match (whole, std::str::from_utf8(&bytes)) {
            (false, _) => Err(format!("langer dan {} MB", LONGEST_LINE / 1_000_000)),
            (true, Err(error)) => {
                let at = error.valid_up_to() + 1;
                Err(format!("geen UTF-8 (byte {at})"))
            }
            // A byte order mark comes along from Windows programs.
            (true, Ok(text)) => Ok(text.trim_start_matches('\u{FEFF}').trim()),
        };
        if text == Ok("") {
            continue;
        }
        let line = text.and_then(parsed);
        let id = line.as_ref().ok().and_then(|line| line.id);
        match line.and_then(|line| checked(pack, &line)) {
            Ok(findings) => {
                let findings = findings.iter().map(Out::from).collect();
                write_row(&mut output, &Row { id, findings })?;
            }
            Err(fault) => {
                let fault = format!("regel {number}: {fault}");
                let error = UserError::new(ErrorCode::LineInvalid, fault.as_str());
                faults.add(fault);
                let line = number;
                write_row(&mut output, &FaultyRow { id, line, error })?;
            }
        }
    }
    faults.end()
}

/// Reads a line with its end into `bytes`; nothing at the end of the input. False when the line
/// is too long: `bytes` then holds its beginning, and the rest is passed over.
fn read_line(input: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    input
        .by_ref()
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', bytes)?;
    if bytes.len() < LONGEST_LINE || bytes.ends_with(b"\n") {
        return Ok(true);
    }
    loop {
        let ahead = input.fill_buf()?;
        let end = ahead.iter().position(|byte| *byte == b'\n');
        let (used, done) = match end {
            Some(at) => (at + 1, true),
            None => (ahead.len(), ahead.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(false);
        }
    }
}

/// Whether this is the beginning of a text in UTF-16 or UTF-32: a byte order mark, or a zero
/// byte, which JSON in UTF-8 never has.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0)
}

/// The line's fields, or what is wrong with it, in Dutch. Never repeats the text: it may be a case.
fn parsed(text: &str) -> Result<Line<'_>, String> {
    if !text.starts_with('{') {
        return Err("geen JSON-object".to_owned());
    }
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "de JSON houdt te vroeg op".to_owned(),
        serde_json::error::Category::Data => "een veld staat er twee keer in".to_owned(),
        _ => format!("geen geldige JSON (teken {})", error.column()),
    })
}

fn checked(pack: &RulePack, line: &Line<'_>) -> Result<Vec<Finding>, String> {
    let context = Context {
        organisations: labels("org", &line.org)?,
        legal_areas: labels("legal", &line.legal)?,
        statutory_bases: labels("basis", &line.basis)?,
    };
    let report = pack.check(&Subject {
        term: required("term", &line.term)?,
        synonyms: &[],
        text: required("text", &line.text)?,
        context: &context,
        category: line.category.as_str().and_then(Category::parse),
        has_source: None,
    });
    Ok(report.findings)
}

fn required<'v>(name: &str, value: &'v Value) -> Result<&'v str, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Err(format!("‘{name}’ ontbreekt")),
        _ => Err(format!("‘{name}’ is geen tekst")),
    }
}

/// The labels in a field that holds a text, a list of texts or nothing. Empty texts count as not
/// given.
fn labels(name: &str, value: &Value) -> Result<BTreeSet<Label>, String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut labels = BTreeSet::new();
    for value in values {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            _ => return Err(format!("‘{name}’ is geen tekst of lijst van teksten")),
        };
        match Label::new(text) {
            Ok(label) => drop(labels.insert(label)),
            Err(begrip_domain::LabelError::Empty) => {}
            Err(begrip_domain::LabelError::TooLong(_)) => {
                return Err(format!(
                    "‘{name}’ is langer dan {} tekens",
                    Label::MAX_CHARS
                ));
            }
        }
    }
    Ok(labels)
}

fn write_row(output: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, row)?;
    output.write_all(b"\n")?;
    output.flush()
}

/// The lines that could not be checked.
#[derive(Default)]
struct Faults {
    count: usize,
    first: Vec<String>,
}

impl Faults {
    fn add(&mut self, fault: String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(fault);
        }
    }

    fn end(self) -> Result<(), Failure> {
        let more = self.count - self.first.len();
        let mut detail = self.first.join("; ");
        if more > 0 {
            detail.push_str(&format!("; en nog {more}"));
        }
        match self.count {
            0 => Ok(()),
            _ => Err(UserError::new(ErrorCode::LineInvalid, detail).into()),
        }
    }
}
