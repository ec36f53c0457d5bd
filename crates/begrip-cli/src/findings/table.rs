//! What to look at, for a terminal: a line or more a finding, and the totals.

use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::Report;

use super::{About, Form, id, outcome, to_see};
use crate::definitions::{Definition, Faulty};
use crate::print::{self, level, visible};

/// From this width on the reasons stand beside the rules.
const WIDE: usize = 72;

/// Characters of the column with the rule and its level.
const RULE: usize = 30;

/// Findings, definition by definition.
pub struct Table<W> {
    out: W,
    width: usize,
    screen: bool,
    version: String,
    definitions: usize,
    blocked: usize,
    clean: usize,
    faulty: usize,
}

impl<W: Write> Table<W> {
    /// A table for lines of `width` characters.
    pub fn new(about: About<'_>, width: usize, out: W) -> Self {
        Self {
            out,
            width: width.max(20),
            screen: about.screen,
            version: about.pack.version().to_owned(),
            definitions: 0,
            blocked: 0,
            clean: 0,
            faulty: 0,
        }
    }

    fn bold(&self, text: &str) -> String {
        match self.screen {
            true => print::bold(text),
            false => text.to_owned(),
        }
    }

    /// A finding: the rule with its level, and the reason beside or below it.
    fn line(&mut self, rule: &str, kind: &str, reason: &str) -> io::Result<()> {
        let (indent, beside) = match self.width >= WIDE {
            true => (RULE + 2, true),
            false => (4, false),
        };
        let mut lines = wrapped(reason, self.width - indent).into_iter();
        let gap = RULE.saturating_sub(rule.chars().count() + kind.chars().count() + 1);
        let name = self.bold(rule);
        write!(self.out, "  {name} {kind}")?;
        match (beside, lines.next()) {
            (true, Some(first)) if gap > 0 => writeln!(self.out, "{}{first}", " ".repeat(gap))?,
            (_, Some(first)) => writeln!(self.out, "\n{}{first}", " ".repeat(indent))?,
            (_, None) => writeln!(self.out)?,
        }
        lines.try_for_each(|line| writeln!(self.out, "{}{line}", " ".repeat(indent)))
    }
}

impl<W: Write> Form for Table<W> {
    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        self.definitions += 1;
        self.blocked += usize::from(report.blocking_failures().next().is_some());
        let id = match id(definition) {
            id if id.is_empty() => String::new(),
            id => format!(" [{}]", visible(&id)),
        };
        let term = self.bold(&visible(&definition.term));
        write!(self.out, "regel {}{id}: {term}", definition.line)?;
        if to_see(report).next().is_none() {
            self.clean += 1;
            return writeln!(self.out, " — in orde");
        }
        writeln!(self.out)?;
        for finding in to_see(report) {
            let kind = match finding.outcome {
                begrip_rules::Outcome::NeedsPerson => outcome(finding.outcome),
                _ => level(finding.level),
            };
            self.line(finding.rule.as_str(), kind, &visible(&finding.reason))?;
        }
        Ok(())
    }

    fn faulty(&mut self, faulty: &Faulty, error: &UserError) -> io::Result<()> {
        self.faulty += 1;
        writeln!(self.out, "regel {}: niet te lezen", faulty.line)?;
        self.line(&error.code, "fout", &faulty.fault)
    }

    fn end(&mut self) -> io::Result<()> {
        let definitions = match self.definitions {
            1 => "1 definitie".to_owned(),
            many => format!("{many} definities"),
        };
        writeln!(
            self.out,
            "\n{definitions} getoetst (regels {}): {} met een blokkerende fout, {} helemaal in orde",
            self.version, self.blocked, self.clean
        )?;
        if self.faulty > 0 {
            writeln!(self.out, "{} niet te lezen", self.faulty)?;
        }
        self.out.flush()
    }
}

/// Lines of at most `width` characters; a word that is longer is broken.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut long = 0;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            if long > 0 && long + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                long = 0;
            }
            if long > 0 {
                line.push(' ');
                long += 1;
            }
            line.extend(piece);
            long += piece.len();
        }
    }
    if long > 0 {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_the_width_and_lose_no_letter() {
        let text =
            "De definitie begint met een lidwoord. Begin met arbeidsongeschiktheidsverzekering.";
        for width in [5, 16, 20, 40, 200] {
            let lines = wrapped(text, width);
            assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&lines.concat()), letters(text), "{width}");
        }
        assert_eq!(wrapped(text, 200), [text]);
        assert!(wrapped("", 10).is_empty());
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\nc\u{9b}d"), "a [2Jb c d");
    }
}
