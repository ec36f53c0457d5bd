//! What the command line parser says, in Dutch: help and faults of the command line.

use std::io::{self, IsTerminal, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::Exit;
use crate::print;

/// The parser's own words and what stands in their place. Longer phrases come first.
const WORDS: &[(&str, &str)] = &[
    (
        "Print this message or the help of the given subcommand(s)",
        "Toon de hulp van een opdracht",
    ),
    (
        "Print help (see a summary with '-h')",
        "Toon deze hulp (korter met ‘-h’)",
    ),
    (
        "Print help (see more with '--help')",
        "Toon deze hulp (langer met ‘--help’)",
    ),
    ("Print help", "Toon deze hulp"),
    ("Print version", "Toon de versie"),
    ("Usage:", "Gebruik:"),
    ("Options:", "Opties:"),
    ("Arguments:", "Argumenten:"),
    ("Commands:", "Opdrachten:"),
    ("[OPTIONS]", "[OPTIES]"),
    ("<COMMAND>", "<OPDRACHT>"),
    ("[COMMAND]...", "[OPDRACHT]..."),
    ("[COMMAND]", "[OPDRACHT]"),
    ("Possible values:", "Mogelijk:"),
    ("[possible values: ", "[mogelijk: "),
    ("[default: ", "[standaard: "),
];

fn dutch(text: &str) -> String {
    WORDS
        .iter()
        .fold(text.to_owned(), |text, (word, own)| text.replace(word, own))
}

/// Shows the help that was asked for, or tells what is wrong with the command line.
pub fn answer(error: &clap::Error) -> Exit {
    let styled = error.render();
    // Nobody is left to tell when the output is closed.
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = match io::stdout().is_terminal() && print::colours() {
                true => styled.ansi().to_string(),
                false => styled.to_string(),
            };
            let _ = io::stdout().lock().write_all(dutch(&text).as_bytes());
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = io::stderr()
                .lock()
                .write_all(dutch(&styled.to_string()).as_bytes());
            Exit::Usage
        }
        kind => {
            let usage = match error.get(ContextKind::Usage) {
                Some(ContextValue::StyledStr(usage)) => {
                    format!("\n\n{}", dutch(&usage.to_string()))
                }
                _ => String::new(),
            };
            let _ = writeln!(
                io::stderr().lock(),
                "fout: {}{usage}\n\nMeer hulp: begrip --help",
                fault(error, kind)
            );
            Exit::Usage
        }
    }
}

fn fault(error: &clap::Error, kind: ErrorKind) -> String {
    let said = |kind| error.get(kind).map(listed).unwrap_or_default();
    let argument = said(ContextKind::InvalidArg);
    let value = said(ContextKind::InvalidValue);
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .map(said)
    .find(|text| !text.is_empty())
    .map(|text| format!("; bedoelt u ‘{text}’?"))
    .unwrap_or_default();
    match kind {
        ErrorKind::UnknownArgument => format!("‘{argument}’ bestaat niet{suggested}"),
        ErrorKind::InvalidSubcommand => format!(
            "de opdracht ‘{}’ bestaat niet{suggested}",
            said(ContextKind::InvalidSubcommand)
        ),
        ErrorKind::MissingRequiredArgument => format!("er ontbreekt iets: {argument}"),
        ErrorKind::ArgumentConflict => format!(
            "‘{argument}’ gaat niet samen met ‘{}’",
            said(ContextKind::PriorArg)
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            format!("bij ‘{argument}’ ontbreekt een waarde")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = said(ContextKind::ValidValue);
            let valid = match valid.as_str() {
                "" => String::new(),
                valid => format!("; mogelijk zijn: {valid}"),
            };
            format!("‘{value}’ kan niet bij ‘{argument}’{valid}")
        }
        ErrorKind::InvalidUtf8 => "een argument is geen UTF-8".to_owned(),
        _ => "de opdrachtregel klopt niet".to_owned(),
    }
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        other => other.to_string(),
    }
}
