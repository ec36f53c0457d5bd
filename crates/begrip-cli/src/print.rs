//! Text for a terminal, in Dutch. Bold only where the output is a terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use begrip_app::schema::{
    AssumedBy, AssumedCategory, CacheSource, CacheStats, ConceptPage, ConceptView, DefineEvent,
    DefineResult, DefineStage, DoctorReport, DraftTurn, HistoryEntry, Language, PreviewResponse,
    SearchHit,
};
use begrip_app::{field_name, status_name, validity_name};
use begrip_domain::{Category, Context, InForce, Origin, Status};
use begrip_rules::{Level, Outcome, Report};
use jiff::Timestamp;

use crate::findings;

/// Whether a terminal may be sent colours and bold.
pub fn colours() -> bool {
    // https://no-color.org: any value switches colours off.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    !plain && !dumb
}

/// Bold where the output is a terminal.
pub fn bold(text: &str) -> String {
    match io::stdout().is_terminal() && colours() {
        true => format!("\x1b[1m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

/// A text without signs that a terminal would obey: it may come from a file of someone else.
pub fn visible(text: &str) -> String {
    let seen = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(seen).collect()
}

/// The same over more lines.
pub fn seen(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

fn status(status: Status, origin: Origin) -> String {
    let status = status_name(status);
    match origin {
        Origin::StarterSet => format!("{status}, startset, niet vastgesteld"),
        _ => status.to_owned(),
    }
}

fn context(context: &Context) -> String {
    context
        .labels()
        .map(|label| label.as_str())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Search hits, best first.
pub fn hits(out: &mut impl Write, hits: &[SearchHit]) -> io::Result<()> {
    if hits.is_empty() {
        return writeln!(
            out,
            "Niets gevonden. Laat een definitie opstellen met ‘begrip define’."
        );
    }
    for hit in hits {
        let synonym = hit
            .synonym
            .as_ref()
            .map(|s| format!(" (synoniem: {s})"))
            .unwrap_or_default();
        writeln!(
            out,
            "{}{synonym}  [{}]",
            bold(hit.term.as_str()),
            status(hit.status, hit.origin)
        )?;
        writeln!(out, "  {}", hit.snippet)?;
        if !hit.context.is_empty() {
            writeln!(out, "  {}", context(&hit.context))?;
        }
        if hit.in_force != InForce::Now {
            writeln!(out, "  {}", validity_name(&hit.validity, hit.in_force))?;
        }
    }
    Ok(())
}

/// The versions of a draft in the order in which they were asked for.
pub fn versions(out: &mut impl Write, versions: &[DraftTurn]) -> io::Result<()> {
    for (number, DraftTurn { wish, definition }) in (1..).zip(versions) {
        let wish = match wish.trim() {
            "" => String::new(),
            wish => format!(" ({})", visible(wish)),
        };
        writeln!(out, "Versie {number}{wish}: {}", visible(definition))?;
    }
    writeln!(out)
}

/// A page of concepts.
pub fn page(out: &mut impl Write, page: &ConceptPage) -> io::Result<()> {
    for row in &page.rows {
        let validity = match row.in_force {
            InForce::Now => String::new(),
            other => format!("  {}", validity_name(&row.validity, other)),
        };
        writeln!(
            out,
            "{}  {}  [{}]{validity}",
            row.id,
            bold(row.term.as_str()),
            status(row.status, row.origin)
        )?;
    }
    writeln!(out, "{} van {} begrippen", page.rows.len(), page.total)
}

/// A concept, with its history when asked for.
pub fn concept(
    out: &mut impl Write,
    view: &ConceptView,
    history: &[HistoryEntry],
) -> io::Result<()> {
    let concept = &view.concept;
    let fields = &concept.fields;
    writeln!(
        out,
        "{}  [{}]",
        bold(fields.term.as_str()),
        status(concept.status, concept.provenance.origin)
    )?;
    writeln!(out, "{}\n", fields.definition)?;
    let mut line = |name: &str, text: &str| match text {
        "" => Ok(()),
        text => writeln!(out, "{name}: {text}"),
    };
    line("Toelichting", &fields.explanation)?;
    fields
        .examples
        .iter()
        .try_for_each(|text| line("Voorbeeld", text))?;
    fields
        .counter_examples
        .iter()
        .try_for_each(|text| line("Geen voorbeeld", text))?;
    fields
        .synonyms
        .iter()
        .try_for_each(|label| line("Synoniem", label.as_str()))?;
    fields
        .antonyms
        .iter()
        .try_for_each(|label| line("Tegengestelde", label.as_str()))?;
    fields
        .citations
        .iter()
        .try_for_each(|citation| line("Bron", &citation.to_string()))?;
    line("Context", &context(&fields.context))?;
    line(
        "Geldigheid",
        &validity_name(&fields.validity, view.in_force),
    )?;
    line("Nummer", &concept.id.to_string())?;
    line("Versie", &concept.version.to_string())?;
    for entry in history {
        let changed: Vec<&str> = entry
            .changes
            .iter()
            .map(|change| field_name(&change.field))
            .collect();
        let said = [entry.reason.as_str(), &changed.join(", ")]
            .into_iter()
            .filter(|text| !text.is_empty())
            .fold(String::new(), |said, text| format!("{said} · {text}"));
        let (at, author) = (moment(entry.at), &entry.author);
        writeln!(out, "  versie {}: {at} · {author}{said}", entry.version)?;
    }
    Ok(())
}

/// A moment for people, to the minute. In UTC: the same on every machine and in every log.
pub fn moment(at: Timestamp) -> impl Display {
    at.strftime("%d-%m-%Y %H:%M UTC")
}

/// How heavily a failure weighs, for people.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Blocking => "blokkerend",
        Level::Serious => "ernstig",
        Level::Advice => "advies",
    }
}

/// The outcome of the rules: what fails or needs a person, and how many pass.
pub fn report(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut passed = 0;
    for finding in &report.findings {
        if finding.outcome == Outcome::Pass {
            passed += 1;
            continue;
        }
        let word = findings::outcome(finding.outcome);
        writeln!(
            out,
            "{} {word} ({}): {}",
            bold(finding.rule.as_str()),
            level(finding.level),
            finding.reason
        )?;
        if let Some(fix) = &finding.fix {
            writeln!(out, "  voorstel: {}", fix.text)?;
        }
    }
    writeln!(
        out,
        "{passed} van {} regels in orde (regels {})",
        report.findings.len(),
        report.pack_version
    )
}

/// The category that nobody chose, and why it is assumed.
fn assumption(assumed: &AssumedCategory) -> String {
    let category = match assumed.category {
        Category::Type => "type",
        Category::Particular => "exemplaar",
        Category::Process => "proces",
        Category::Result => "resultaat",
    };
    let because = visible(&assumed.because);
    let why = match assumed.by {
        AssumedBy::Rule => format!("de term eindigt op ‘{because}’"),
        AssumedBy::Index => format!("‘{because}’ staat zo in de lijst"),
        AssumedBy::Model => format!("volgens {because}"),
    };
    format!("Categorie aangenomen: {category} ({why}). Kies zelf met --category.")
}

/// A drafted definition.
pub fn definition(
    out: &mut impl Write,
    term: &str,
    result: &DefineResult,
    kept: Option<&ConceptView>,
) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", bold(term), result.reply.definition)?;
    if !result.reply.explanation.is_empty() {
        writeln!(out, "Toelichting: {}", result.reply.explanation)?;
    }
    for example in &result.reply.examples {
        writeln!(out, "Voorbeeld: {example}")?;
    }
    for citation in &result.sources {
        writeln!(out, "Bron: {citation}")?;
    }
    for passage in &result.passages {
        writeln!(
            out,
            "Meegegeven: {}",
            visible(&passage.citation.to_string())
        )?;
    }
    for cited in result.cited.iter().filter(|cited| cited.citation.is_none()) {
        writeln!(out, "Niet gevonden: {}", visible(&cited.text))?;
    }
    writeln!(out)?;
    report(out, &result.report)?;
    let origin = match result.cache {
        CacheSource::Miss => "gevraagd aan het model".to_owned(),
        CacheSource::Memory | CacheSource::Disk => {
            format!("bewaard antwoord van {}", moment(result.answered_at))
        }
        CacheSource::Stale => format!("verouderd antwoord van {}", moment(result.answered_at)),
    };
    let demo = if result.demonstration {
        ", demonstratie"
    } else {
        ""
    };
    let calls = match result.calls {
        1 => "1 vraag".to_owned(),
        calls => format!("{calls} vragen"),
    };
    writeln!(
        out,
        "{} ({origin}{demo}) · {calls} · {} + {} tokens",
        result.model, result.tokens_in, result.tokens_out
    )?;
    if let Some(assumed) = &result.assumed {
        writeln!(out, "{}", assumption(assumed))?;
    }
    if !result.searched_with.is_empty() {
        let words = visible(&result.searched_with.join(", "));
        writeln!(out, "Artikelen gezocht met: {words}.")?;
    }
    if let Some(first) = &result.instead_of {
        writeln!(
            out,
            "Het model {} gaf geen antwoord; een ander is ingevallen.",
            visible(first)
        )?;
    }
    match kept {
        Some(view) => writeln!(
            out,
            "Bewaard als begrip in voorbereiding: {}",
            view.concept.id
        ),
        None => Ok(()),
    }
}

/// A definition that was asked for beforehand, in one line.
pub fn warmed(out: &mut impl Write, term: &str, result: &DefineResult) -> io::Result<()> {
    match result.cache {
        CacheSource::Miss => writeln!(
            out,
            "{}: gevraagd ({} + {} tokens)",
            bold(term),
            result.tokens_in,
            result.tokens_out
        ),
        _ => writeln!(out, "{}: stond al klaar", bold(term)),
    }
}

/// Shows on the terminal's error side how a draft goes on: its stages, and the text as it comes in.
#[derive(Default)]
pub struct Progress {
    /// The definition as far as it stands on the terminal.
    shown: String,
    /// Whether the latest line has no end yet.
    open: bool,
}

impl Progress {
    /// Tells of an event.
    pub fn tell(&mut self, event: &DefineEvent) {
        match event {
            DefineEvent::Stage { stage, .. } => match stage {
                DefineStage::Asking => self.line("Het model denkt na …"),
                DefineStage::Repairing => self.line("Het model verbetert …"),
                _ => {}
            },
            DefineEvent::Text { definition, .. } => {
                if let Some(new) = definition.strip_prefix(self.shown.as_str()) {
                    self.write(new);
                    self.open |= !new.is_empty();
                    self.shown.clone_from(definition);
                }
            }
        }
    }

    fn line(&mut self, text: &str) {
        let before = if self.open { "\n" } else { "" };
        self.write(&format!("{before}{text}\n"));
        self.open = false;
    }

    fn write(&self, text: &str) {
        let mut err = io::stderr().lock();
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(err, "{text}").and_then(|()| err.flush());
    }
}

impl Drop for Progress {
    /// Whatever comes next, an answer or an error, begins on a line of its own.
    fn drop(&mut self) {
        if self.open {
            self.write("\n\n");
        }
    }
}

/// What would leave the machine.
pub fn preview(out: &mut impl Write, preview: &PreviewResponse) -> io::Result<()> {
    if let Some(first) = &preview.first {
        writeln!(
            out,
            "Eerst een kleine vraag aan {} ({} tokens); het antwoord kan de vraag daarna nog veranderen.",
            visible(&first.model),
            first.tokens
        )?;
    }
    let first = preview.first.iter().flat_map(|first| &first.messages);
    for message in first.chain(&preview.messages) {
        let role = format!("{:?}", message.role).to_lowercase();
        writeln!(out, "--- {role}\n{}", message.content)?;
    }
    writeln!(out, "---\n{} van {} tokens", preview.tokens, preview.budget)?;
    if let Some(assumed) = &preview.assumed {
        writeln!(out, "{}", assumption(assumed))?;
    }
    for section in &preview.sections {
        let dropped = if section.dropped { " (weggelaten)" } else { "" };
        writeln!(out, "  {:>5}  {}{dropped}", section.tokens, section.name)?;
    }
    Ok(())
}

/// Figures of the response cache.
pub fn cache(out: &mut impl Write, stats: &CacheStats) -> io::Result<()> {
    writeln!(
        out,
        "Bewaarde antwoorden: {} ({:.0} kB)",
        stats.disk.entries,
        stats.disk.bytes / 1000.0
    )?;
    writeln!(
        out,
        "{:<24}{:>8}{:>8}{:>10}{:>10}{:>8}{:>11}",
        "sinds de start", "aantal", "kB", "hoogstens", "gevonden", "niet", "verdrongen"
    )?;
    for (name, cache) in [
        ("antwoorden op schijf", &stats.disk),
        ("in het werkgeheugen", &stats.memory),
        ("versies van de regels", &stats.packs),
        ("vragen met notities", &stats.case_exchanges),
        ("vergeleken begrippen", &stats.neighbours),
        ("getelde woorden", &stats.word_counts),
    ] {
        writeln!(
            out,
            "{name:<24}{:>8}{:>8.0}{:>10.0}{:>10}{:>8}{:>11}",
            cache.entries,
            cache.bytes / 1000.0,
            cache.limit / 1000.0,
            cache.hits,
            cache.misses,
            cache.evicted
        )?;
    }
    Ok(())
}

/// How many answers were removed.
pub fn removed(out: &mut impl Write, entries: u32) -> io::Result<()> {
    match entries {
        1 => writeln!(out, "1 antwoord verwijderd"),
        entries => writeln!(out, "{entries} antwoorden verwijderd"),
    }
}

/// What the workplace looks like, in the language of the report.
pub fn doctor(out: &mut impl Write, report: &DoctorReport) -> io::Result<()> {
    let say = |nl: &'static str, en: &'static str| match report.language {
        Language::Nl => nl,
        Language::En => en,
    };
    for check in &report.checks {
        let mark = if check.ok { "✓" } else { "✗" };
        let name = match check.name.as_str() {
            "store" => say("gegevens", "data"),
            "key" => say("sleutel", "key"),
            "rules" => say("regels", "rules"),
            "cache" => say("antwoorden", "answers"),
            "model" => say("taalmodel", "language model"),
            other => other,
        };
        writeln!(out, "{mark} {name}: {}", check.found)?;
        if let Some(error) = &check.error {
            let (message, action) = match report.language {
                Language::Nl => (&error.message.nl, &error.action.nl),
                Language::En => (&error.message.en, &error.action.en),
            };
            writeln!(out, "    {}: {message} {action}", error.code)?;
        }
    }
    let end = match report.healthy {
        true => say("Alles is in orde.", "All is well."),
        false => say(
            "Er is iets dat aandacht vraagt.",
            "Something needs attention.",
        ),
    };
    writeln!(out, "{end}")
}
