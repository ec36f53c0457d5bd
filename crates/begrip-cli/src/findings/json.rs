//! The lines of [`super::jsonl`] as one list, an entry a line.

use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::Report;

use super::{Form, jsonl};
use crate::definitions::{Definition, Faulty};

/// One list.
pub struct List<W> {
    out: W,
    separator: &'static [u8],
}

impl<W: Write> List<W> {
    pub fn new(out: W) -> Self {
        Self {
            out,
            separator: b"\n",
        }
    }

    fn next(&mut self) -> io::Result<()> {
        self.out.write_all(self.separator)?;
        self.separator = b",\n";
        Ok(())
    }
}

impl<W: Write> Form for List<W> {
    fn begin(&mut self) -> io::Result<()> {
        self.out.write_all(b"[")
    }

    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        self.next()?;
        Ok(jsonl::checked(&mut self.out, definition, report)?)
    }

    fn faulty(&mut self, faulty: &Faulty, error: &UserError) -> io::Result<()> {
        self.next()?;
        Ok(jsonl::faulty(&mut self.out, faulty, error)?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}
