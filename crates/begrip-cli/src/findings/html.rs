//! One page to read and print. It holds everything that it needs and runs no script.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::{Finding, Outcome, Report};

use super::{About, Form, id, outcome, to_see};
use crate::definitions::{Definition, Faulty};
use crate::print::level;

const STYLE: &str = include_str!("page.css");

/// The page; what stands below the totals is held until they are known.
pub struct Page<'a, W> {
    out: W,
    about: About<'a>,
    definitions: String,
    faults: String,
    count: usize,
    blocked: usize,
    clean: usize,
    faulty: usize,
    /// For each rule of the pack how often it fails and how often a person must look.
    rules: Vec<(usize, usize)>,
}

impl<'a, W: Write> Page<'a, W> {
    pub fn new(about: About<'a>, out: W) -> Self {
        Self {
            out,
            about,
            definitions: String::new(),
            faults: String::new(),
            count: 0,
            blocked: 0,
            clean: 0,
            faulty: 0,
            rules: vec![(0, 0); about.pack.rules().len()],
        }
    }

    fn definition(&mut self, definition: &Definition, report: &Report) -> fmt::Result {
        let findings: Vec<&Finding> = to_see(report).collect();
        let blocked = report.blocking_failures().next().is_some();
        let (class, verdict) = match (blocked, findings.as_slice()) {
            (true, _) => ("blocking", "blokkerende fout"),
            (_, []) => ("good", "in orde"),
            (_, some) if some.iter().all(|f| f.outcome == Outcome::NeedsPerson) => {
                ("person", "beoordeel zelf")
            }
            _ => ("serious", "opmerkingen"),
        };
        let page = &mut self.definitions;
        write!(
            page,
            "<article class=\"{class}\">\n<h3>{} <span class=\"tag {class}\">{verdict}</span></h3>\n<p class=\"where\">regel {}",
            Text(&definition.term),
            definition.line
        )?;
        for label in std::iter::once(id(definition))
            .filter(|id| !id.is_empty())
            .map(|id| format!("nummer {id}"))
            .chain(definition.context.labels().map(|label| label.to_string()))
        {
            write!(page, " · {}", Text(&label))?;
        }
        writeln!(
            page,
            "</p>\n<blockquote>{}</blockquote>",
            Marked(&definition.text, &findings)
        )?;
        if !findings.is_empty() {
            page.push_str("<ol>\n");
            for finding in findings {
                let (class, kind) = kind(finding);
                write!(
                    page,
                    "<li><span class=\"tag {class}\">{kind}</span> <strong>{}</strong> {}",
                    Text(finding.rule.as_str()),
                    Text(&finding.reason)
                )?;
                if let Some(fix) = &finding.fix {
                    write!(
                        page,
                        "<br><span class=\"fix\">Voorstel: {}</span>",
                        Text(&fix.text)
                    )?;
                }
                page.push_str("</li>\n");
            }
            page.push_str("</ol>\n");
        }
        page.push_str("</article>\n");
        Ok(())
    }

    fn head(&mut self) -> io::Result<()> {
        let file = match self.about.file {
            "-" => "standaardinvoer",
            file => file,
        };
        writeln!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>Toetsing van definities</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <header>\n<h1>Toetsing van definities</h1>\n\
             <p>Bestand: {}<br>Getoetst op {} met de regels {}.</p>\n</header>",
            Text(file),
            self.about.at.strftime("%d-%m-%Y %H:%M UTC"),
            Text(self.about.pack.version()),
        )
    }

    fn totals(&mut self) -> io::Result<()> {
        let rest = self.count - self.blocked - self.clean;
        let mut boxes = vec![
            ("", self.count, "definities getoetst"),
            ("blocking", self.blocked, "met een blokkerende fout"),
            ("serious", rest, "met alleen andere opmerkingen"),
            ("good", self.clean, "helemaal in orde"),
        ];
        if self.faulty > 0 {
            boxes.push(("blocking", self.faulty, "niet te lezen"));
        }
        writeln!(
            self.out,
            "<section aria-labelledby=\"samen\">\n<h2 id=\"samen\">Samenvatting</h2>\n<ul class=\"totals\">"
        )?;
        for (class, number, what) in boxes {
            writeln!(
                self.out,
                "<li class=\"{class}\"><strong>{number}</strong> {what}</li>"
            )?;
        }
        writeln!(
            self.out,
            "</ul>\n<p>Een tekst met een <em>blokkerende</em> fout kan zo niet worden vastgesteld. Bij \
             <em>beoordeel zelf</em> kan het programma niet beslissen: daar moet iemand naar kijken.</p>\n</section>"
        )?;
        self.rule_table()
    }

    fn rule_table(&mut self) -> io::Result<()> {
        let mut seen: Vec<_> = self.about.pack.rules().iter().zip(&self.rules).collect();
        seen.retain(|(_, (fails, looks))| fails + looks > 0);
        if seen.is_empty() {
            return Ok(());
        }
        seen.sort_by_key(|(rule, (fails, looks))| (rule.level(), usize::MAX - fails - looks));
        writeln!(
            self.out,
            "<section aria-labelledby=\"regels\">\n<h2 id=\"regels\">Per regel</h2>\n<table>\n<thead><tr>\
             <th scope=\"col\">Regel</th><th scope=\"col\">Waar het over gaat</th><th scope=\"col\">Niveau</th>\
             <th scope=\"col\" class=\"number\">Faalt</th><th scope=\"col\" class=\"number\">Beoordeel zelf</th></tr></thead>\n<tbody>"
        )?;
        for (rule, (fails, looks)) in seen {
            writeln!(
                self.out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>\
                 <td class=\"number\">{fails}</td><td class=\"number\">{looks}</td></tr>",
                Text(rule.id().as_str()),
                Text(&rule.file().title),
                level(rule.level()),
            )?;
        }
        writeln!(
            self.out,
            "</tbody>\n</table>\n<p>De andere regels zijn bij alle teksten in orde.</p>\n</section>"
        )
    }
}

impl<W: Write> Form for Page<'_, W> {
    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        self.count += 1;
        self.blocked += usize::from(report.blocking_failures().next().is_some());
        self.clean += usize::from(to_see(report).next().is_none());
        // The report has a finding for each rule, in the pack's order.
        for (finding, (fails, looks)) in report.findings.iter().zip(&mut self.rules) {
            *fails += usize::from(finding.outcome == Outcome::Fail);
            *looks += usize::from(finding.outcome == Outcome::NeedsPerson);
        }
        self.definition(definition, report)
            .map_err(io::Error::other)
    }

    fn faulty(&mut self, faulty: &Faulty, _: &UserError) -> io::Result<()> {
        self.faulty += 1;
        writeln!(
            self.faults,
            "<li>regel {}: {}</li>",
            faulty.line,
            Text(&faulty.fault)
        )
        .map_err(io::Error::other)
    }

    fn end(&mut self) -> io::Result<()> {
        self.head()?;
        self.totals()?;
        if !self.faults.is_empty() {
            writeln!(
                self.out,
                "<section aria-labelledby=\"fouten\">\n<h2 id=\"fouten\">Niet te lezen</h2>\n<ul>\n{}</ul>\n</section>",
                self.faults
            )?;
        }
        if !self.definitions.is_empty() {
            writeln!(
                self.out,
                "<section class=\"definitions\" aria-labelledby=\"definities\">\n<h2 id=\"definities\">Definities</h2>\n{}</section>",
                self.definitions
            )?;
        }
        writeln!(
            self.out,
            "</main>\n<footer><p>Gemaakt met Begrip {}.</p></footer>\n</body>\n</html>",
            env!("CARGO_PKG_VERSION")
        )?;
        self.out.flush()
    }
}

/// Class and name of a finding.
fn kind(finding: &Finding) -> (&'static str, &'static str) {
    use begrip_rules::Level;
    match (finding.outcome, finding.level) {
        (Outcome::NeedsPerson, _) => ("person", outcome(finding.outcome)),
        (_, Level::Blocking) => ("blocking", level(finding.level)),
        (_, Level::Serious) => ("serious", level(finding.level)),
        (_, Level::Advice) => ("advice", level(finding.level)),
    }
}

/// A text in which no sign means anything to a browser.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| escaped(f, c))
    }
}

fn escaped(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        '\n' | '\t' => f.write_char(' '),
        c if c.is_control() => f.write_char('\u{FFFD}'),
        // Signs that turn the direction of reading could hide what a text says.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{FFFD}'),
        c => f.write_char(c),
    }
}

/// A definition in which the places of its findings are marked, each with the findings' numbers in
/// the list below it.
struct Marked<'a>(&'a str, &'a [&'a Finding]);

impl Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, findings) = self;
        let mut open: Option<&str> = None;
        for (at, c) in (0u32..).zip(text.chars()) {
            let covers = |f: &&&Finding| f.span.is_some_and(|[from, to]| from <= at && at < to);
            // What fails stands before what a person must look at; each in order of weight.
            let class = findings.iter().find(covers).map(|f| kind(f).0);
            if class != open {
                if open.is_some() {
                    f.write_str("</mark>")?;
                }
                if let Some(class) = class {
                    write!(f, "<mark class=\"{class}\">")?;
                }
                open = class;
            }
            escaped(f, c)?;
            let ends: Vec<String> = (1..)
                .zip(findings.iter())
                .filter(|(_, finding)| finding.span.is_some_and(|[_, to]| to == at + 1))
                .map(|(number, _): (u32, _)| number.to_string())
                .collect();
            if !ends.is_empty() {
                write!(f, "<sup>{}</sup>", ends.join(","))?;
            }
        }
        match open {
            Some(_) => f.write_str("</mark>"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_rules::{Level, RuleId};

    fn finding(span: [u32; 2], level: Level) -> Finding {
        Finding {
            rule: RuleId("X".to_owned()),
            level,
            outcome: Outcome::Fail,
            span: Some(span),
            reason: String::new(),
            fix: None,
        }
    }

    #[test]
    fn overlapping_places_are_marked_without_crossing_tags() {
        let (a, b) = (
            finding([0, 4], Level::Blocking),
            finding([2, 6], Level::Advice),
        );
        assert_eq!(
            Marked("é<cdefg", &[&a, &b]).to_string(),
            "<mark class=\"blocking\">é&lt;cd<sup>1</sup></mark><mark class=\"advice\">ef<sup>2</sup></mark>g"
        );
        assert_eq!(Marked("ab", &[]).to_string(), "ab");
        let whole = finding([0, 2], Level::Serious);
        assert_eq!(
            Marked("ab", &[&whole, &whole]).to_string(),
            "<mark class=\"serious\">ab<sup>1,2</sup></mark>"
        );
    }

    #[test]
    fn a_text_cannot_become_markup() {
        let text = Text("<script>'\"&\u{202E}\u{0}").to_string();
        assert_eq!(text, "&lt;script&gt;&#39;&quot;&amp;\u{FFFD}\u{FFFD}");
    }
}
