//! What the rules say of a file of definitions, in the form that was asked for.
//!
//! | file | writes |
//! |---|---|
//! | `jsonl`, `json` | every finding, for programs |
//! | `csv` | a row a finding, for a spreadsheet |
//! | `table` | what to look at, for a terminal |
//! | `sarif` | SARIF 2.1.0, for tools that gather findings |
//! | `html` | one page to read and print |

mod csv;
mod html;
mod json;
mod jsonl;
mod sarif;
mod table;

use std::io::{self, Write};

use begrip_app::{ErrorCode, UserError};
use begrip_rules::{Finding, Outcome, Report, RulePack, Subject};
use clap::ValueEnum;
use jiff::Timestamp;

pub use self::jsonl::Out;
use crate::definitions::{Definition, Faulty, Source};
use crate::exit::Failure;

/// Faulty definitions that are named in the closing message; the others are counted.
const NAMED: usize = 5;

/// Characters of a line where no terminal tells its width.
const WIDTH: usize = 100;

/// The form of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Een overzicht voor de terminal
    Table,
    /// Eén JSON-lijst
    Json,
    /// Eén JSON-object op elke regel
    Jsonl,
    /// Een tabel voor een rekenblad
    Csv,
    /// SARIF 2.1.0, voor programma’s
    Sarif,
    /// Eén bladzijde om te lezen en af te drukken
    Html,
}

/// What the findings are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The rules that were asked.
    pub pack: &'a RulePack,
    /// The file as the user named it; `-` is standard input.
    pub file: &'a str,
    /// When the run began.
    pub at: Timestamp,
    /// Whether the findings go to a terminal.
    pub screen: bool,
}

/// A form that findings are written in, one definition after another.
trait Form {
    /// Before the first definition.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A definition and what the rules say of it.
    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()>;

    /// A definition that could not be read; `error` is what the user is told.
    fn faulty(&mut self, faulty: &Faulty, error: &UserError) -> io::Result<()>;

    /// After the last one.
    fn end(&mut self) -> io::Result<()>;
}

impl Format {
    fn form<'a>(self, about: About<'a>, out: impl Write + 'a) -> Box<dyn Form + 'a> {
        match self {
            Self::Table => Box::new(table::Table::new(about, width(about.screen), out)),
            Self::Json => Box::new(json::List::new(out)),
            Self::Jsonl => Box::new(jsonl::Lines::new(out)),
            Self::Csv => Box::new(csv::Sheet::new(about, out)),
            Self::Sarif => Box::new(sarif::Log::new(about, out)),
            Self::Html => Box::new(html::Page::new(about, out)),
        }
    }
}

/// Checks every definition of the source and writes what the rules say; true when a blocking rule
/// fails somewhere.
///
/// A definition that cannot be read is told in its place and the others are checked all the same;
/// the run then ends with an error that names the faulty ones.
pub fn write(
    source: &mut dyn Source,
    about: About<'_>,
    format: Format,
    out: impl Write,
) -> Result<(bool, Option<UserError>), Failure> {
    let mut form = format.form(about, out);
    let mut faults = Faults::default();
    let mut blocked = false;
    form.begin()?;
    while let Some(entry) = source.read()? {
        match entry {
            Ok(definition) => {
                let report = about.pack.check(&Subject {
                    term: &definition.term,
                    synonyms: &[],
                    text: &definition.text,
                    context: &definition.context,
                    category: definition.category,
                    has_source: None,
                });
                blocked |= report.blocking_failures().next().is_some();
                form.checked(&definition, &report)?;
            }
            Err(faulty) => {
                let told = format!("regel {}: {}", faulty.line, faulty.fault);
                form.faulty(
                    &faulty,
                    &UserError::new(ErrorCode::LineInvalid, told.as_str()),
                )?;
                faults.add(told);
            }
        }
    }
    form.end()?;
    Ok((blocked, faults.told()))
}

/// The definitions that could not be read.
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

    fn told(self) -> Option<UserError> {
        let more = self.count - self.first.len();
        let mut detail = self.first.join("; ");
        if more > 0 {
            detail.push_str(&format!("; en nog {more}"));
        }
        (self.count > 0).then(|| UserError::new(ErrorCode::LineInvalid, detail))
    }
}

/// The findings that ask for a look: those that fail first, each in the pack's order.
fn to_see(report: &Report) -> impl Iterator<Item = &Finding> {
    let of = |outcome| {
        let findings = report.findings.iter();
        findings.filter(move |finding| finding.outcome == outcome)
    };
    of(Outcome::Fail).chain(of(Outcome::NeedsPerson))
}

/// An outcome in Dutch.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "in orde",
        Outcome::Fail => "faalt",
        Outcome::NeedsPerson => "beoordeel zelf",
    }
}

/// The id for a reader: a text without its quotes.
fn id(definition: &Definition) -> String {
    let Some(raw) = &definition.id else {
        return String::new();
    };
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// The characters of a text from one place to another.
fn part(text: &str, [from, to]: [u32; 2]) -> String {
    let (from, to) = (from as usize, to as usize);
    text.chars()
        .skip(from)
        .take(to.saturating_sub(from))
        .collect()
}

/// Characters of a line of the terminal.
fn width(screen: bool) -> usize {
    match screen {
        true => terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0)),
        false => WIDTH,
    }
}
