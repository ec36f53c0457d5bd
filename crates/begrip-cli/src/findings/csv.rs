//! A row a finding, as a Dutch spreadsheet opens it: semicolons, and UTF-8 with a byte order mark.

use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::{Finding, Report};
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::{About, Form, id, outcome, part, to_see};
use crate::definitions::{Definition, Faulty};
use crate::print::level;

const HEADER: [&str; 12] = [
    "regel",
    "id",
    "term",
    "definitie",
    "toetsregel",
    "niveau",
    "uitkomst",
    "begin",
    "einde",
    "plek",
    "reden",
    "voorstel",
];

/// The signs with which a spreadsheet takes a cell for a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// The findings that ask for a look; a definition without any has a row of its own.
pub struct Sheet<W: Write> {
    out: Writer<Marked<W>>,
    version: String,
}

/// Begins with a byte order mark: a spreadsheet takes a file without it for Windows-1252.
struct Marked<W> {
    out: W,
    begun: bool,
}

impl<W: Write> Write for Marked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.begun {
            self.out.write_all("\u{FEFF}".as_bytes())?;
            self.begun = true;
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Sheet<W> {
    pub fn new(about: About<'_>, out: W) -> Self {
        let out = WriterBuilder::new()
            .delimiter(b';')
            // A spreadsheet that splits on commas must not find a cell of its own in a text.
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(Marked { out, begun: false });
        Self {
            out,
            version: about.pack.version().to_owned(),
        }
    }

    fn row(&mut self, cells: [&str; 12]) -> io::Result<()> {
        let cells = cells.into_iter().chain([self.version.as_str()]);
        let safe: Vec<String> = cells.map(harmless).collect();
        Ok(self.out.write_record(&safe)?)
    }

    fn finding(&mut self, definition: &Definition, finding: Option<&Finding>) -> io::Result<()> {
        let line = definition.line.to_string();
        let id = id(definition);
        let span = finding.and_then(|finding| finding.span);
        let place = |at: usize| span.map(|span| span[at].to_string()).unwrap_or_default();
        let (from, to) = (place(0), place(1));
        let marked = span.map(|span| part(&definition.text, span));
        let said = |text: fn(&Finding) -> &str| finding.map(text).unwrap_or_default();
        self.row([
            &line,
            &id,
            &definition.term,
            &definition.text,
            said(|finding| finding.rule.as_str()),
            said(|finding| level(finding.level)),
            finding.map_or("in orde", |finding| outcome(finding.outcome)),
            &from,
            &to,
            marked.as_deref().unwrap_or_default(),
            said(|finding| &finding.reason),
            said(|finding| finding.fix.as_ref().map_or("", |fix| fix.text.as_str())),
        ])
    }
}

impl<W: Write> Form for Sheet<W> {
    fn begin(&mut self) -> io::Result<()> {
        let names = HEADER.into_iter().chain(["regelversie"]);
        Ok(self.out.write_record(names)?)
    }

    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        let mut any = false;
        for finding in to_see(report) {
            any = true;
            self.finding(definition, Some(finding))?;
        }
        match any {
            true => Ok(()),
            false => self.finding(definition, None),
        }
    }

    fn faulty(&mut self, faulty: &Faulty, error: &UserError) -> io::Result<()> {
        let line = faulty.line.to_string();
        let reason = format!("{}: {}", error.code, faulty.fault);
        let mut cells = [""; 12];
        cells[0] = &line;
        cells[6] = "fout";
        cells[10] = &reason;
        self.row(cells)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The text, with an apostrophe before what a spreadsheet would calculate.
fn harmless(text: &str) -> String {
    match text.starts_with(FORMULA) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
