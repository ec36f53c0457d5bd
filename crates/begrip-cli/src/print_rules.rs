//! Rules and their versions as text for a terminal.

use std::io::{self, Write};

use begrip_app::schema::{DiffOp, DiffPart, PackDiff, PackImpact, PackView};
use begrip_rules::{Example, Finding, Outcome, RuleId, RuleView};

use crate::print::{bold, level};
use crate::rules::Tested;

/// Longest piece that is kept between two changes, in characters.
const KEPT: usize = 60;

/// Rules in one line each.
pub fn list(out: &mut impl Write, rules: &[RuleView]) -> io::Result<()> {
    for rule in rules {
        heading(out, rule)?;
    }
    writeln!(out, "{}", counted(rules.len(), "regel", "regels"))
}

/// What a rule is called.
fn heading(out: &mut impl Write, rule: &RuleView) -> io::Result<()> {
    let (id, level) = (bold(rule.id.as_str()), level(rule.level));
    writeln!(out, "{id} ({level}): {}", rule.title)
}

/// A rule with its examples.
pub fn rule(out: &mut impl Write, rule: &RuleView) -> io::Result<()> {
    heading(out, rule)?;
    writeln!(out, "{}\n", rule.why)?;
    writeln!(out, "Vraag: {}", rule.question)?;
    if !rule.instruction.is_empty() {
        writeln!(out, "Aanwijzing: {}", rule.instruction)?;
    }
    examples(out, "Goed", &rule.good)?;
    examples(out, "Fout", &rule.bad)?;
    match rule.sources.is_empty() {
        true => Ok(()),
        false => writeln!(out, "Herkomst: {}", rule.sources.join("; ")),
    }
}

fn examples(out: &mut impl Write, kind: &str, examples: &[Example]) -> io::Result<()> {
    for example in examples {
        let term = match example.term.as_str() {
            "" => String::new(),
            term => format!("{term}: "),
        };
        let note = match example.note.as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        writeln!(out, "{kind}: {term}{}{note}", example.text)?;
    }
    Ok(())
}

/// What one rule says of a text.
pub fn finding(out: &mut impl Write, finding: &Finding) -> io::Result<()> {
    let rule = bold(finding.rule.as_str());
    match finding.outcome {
        Outcome::Pass => writeln!(out, "{rule} in orde")?,
        Outcome::Fail => writeln!(
            out,
            "{rule} faalt ({}): {}",
            level(finding.level),
            finding.reason
        )?,
        Outcome::NeedsPerson => writeln!(out, "{rule} beoordeel zelf: {}", finding.reason)?,
    }
    match &finding.fix {
        Some(fix) => writeln!(out, "  voorstel: {}", fix.text),
        None => Ok(()),
    }
}

/// Which examples do not do what they should.
pub fn tested(out: &mut impl Write, tested: &Tested) -> io::Result<()> {
    for wrong in &tested.wrong {
        let what = match wrong.kind {
            "good" => format!("goed voorbeeld faalt: {}", wrong.reason),
            _ => "fout voorbeeld is in orde".to_owned(),
        };
        writeln!(out, "{} {what}\n  {}", bold(&wrong.rule), wrong.text)?;
    }
    let end = match tested.wrong.len() {
        0 => "alle voorbeelden kloppen".to_owned(),
        1 => "1 voorbeeld klopt niet".to_owned(),
        wrong => format!("{wrong} voorbeelden kloppen niet"),
    };
    writeln!(
        out,
        "{}, {}: {end} (regels {})",
        counted(tested.rules as usize, "regel", "regels"),
        counted(tested.examples as usize, "voorbeeld", "voorbeelden"),
        tested.version
    )
}

/// What differs between two versions.
pub fn diff(out: &mut impl Write, diff: &PackDiff) -> io::Result<()> {
    writeln!(out, "Van {} naar {}", bold(&diff.from), bold(&diff.to))?;
    for (what, rules) in [("Nieuw", &diff.added), ("Weg", &diff.removed)] {
        for rule in rules {
            writeln!(out, "{what}: {} {}", bold(rule.id.as_str()), rule.title)?;
        }
    }
    for change in &diff.changed {
        writeln!(
            out,
            "Gewijzigd: {} {}",
            bold(change.id.as_str()),
            change.title
        )?;
        for field in &change.fields {
            writeln!(out, "  {}: {}", name(&field.field), parts(&field.parts))?;
        }
    }
    match diff.added.len() + diff.removed.len() + diff.changed.len() {
        0 => writeln!(out, "Geen verschil"),
        n => writeln!(
            out,
            "{}",
            counted(n, "regel verschilt", "regels verschillen")
        ),
    }
}

/// Name of a rule's field for people.
fn name(field: &str) -> &str {
    match field {
        "level" => "zwaarte",
        "title" => "titel",
        "why" => "waarom",
        "question" => "vraag",
        "instruction" => "aanwijzing",
        "categories" => "categorieën",
        "sources" => "herkomst",
        "check" => "toets",
        "good" => "goede voorbeelden",
        "bad" => "foute voorbeelden",
        other => other,
    }
}

/// A difference in one line: `[-weg-]` and `[+nieuw+]`, long kept pieces shortened.
fn parts(parts: &[DiffPart]) -> String {
    let mut line = String::new();
    for part in parts {
        let text = part.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let piece = match part.op {
            DiffOp::Same => shortened(&text),
            DiffOp::Removed => format!("[-{text}-]"),
            DiffOp::Added => format!("[+{text}+]"),
        };
        if !line.is_empty() && !piece.is_empty() {
            line.push(' ');
        }
        line.push_str(&piece);
    }
    line
}

fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= KEPT {
        return text.to_owned();
    }
    let first: String = text.chars().take(KEPT / 2).collect();
    let last: String = text.chars().skip(count - KEPT / 2).collect();
    format!("{first} … {last}")
}

/// The versions on this computer.
pub fn versions(out: &mut impl Write, packs: &[PackView]) -> io::Result<()> {
    for pack in packs {
        let origin = match pack.origin.as_str() {
            "built_in" => "van Begrip".to_owned(),
            "published" => format!("van de server, ondertekend door {}", pack.signer),
            _ => format!("ingelezen, ondertekend door {}", pack.signer),
        };
        let state = match (pack.damaged, pack.active) {
            (true, _) => ", beschadigd",
            (false, true) => ", geldt nu",
            (false, false) => "",
        };
        let rules = counted(pack.rules as usize, "regel", "regels");
        writeln!(
            out,
            "{}  {}  {rules}, {origin}{state}",
            bold(&pack.version),
            pack.date
        )?;
        for line in &pack.changelog {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// A version that was read in.
pub fn imported(out: &mut impl Write, pack: &PackView) -> io::Result<()> {
    writeln!(
        out,
        "Ingelezen: {} ({} regels), ondertekend door {}",
        bold(&pack.version),
        pack.rules,
        pack.signer
    )?;
    match pack.active {
        true => writeln!(out, "Deze regels gelden al."),
        false => writeln!(
            out,
            "Deze regels gelden nog niet. Kies ze met: begrip rules activate {}",
            pack.version
        ),
    }
}

/// Which own concepts get another outcome.
pub fn impact(out: &mut impl Write, impact: &PackImpact) -> io::Result<()> {
    for concept in &impact.concepts {
        let ids = |rules: &[RuleId]| {
            let ids: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
            ids.join(", ")
        };
        writeln!(out, "{}", bold(concept.row.term.as_str()))?;
        if !concept.now_fails.is_empty() {
            writeln!(out, "  faalt straks: {}", ids(&concept.now_fails))?;
        }
        if !concept.no_longer_fails.is_empty() {
            writeln!(out, "  faalt niet meer: {}", ids(&concept.no_longer_fails))?;
        }
    }
    let verb = match impact.changed {
        1 => "krijgt",
        _ => "krijgen",
    };
    writeln!(
        out,
        "{} van uw {} {verb} een andere uitkomst",
        impact.changed,
        counted(impact.checked as usize, "begrip", "begrippen")
    )
}

fn counted(n: usize, one: &str, more: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {more}"),
    }
}
