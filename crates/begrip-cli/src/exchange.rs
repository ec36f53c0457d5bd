//! `concepts exchange`: what was asked of a model for a concept, and what it answered.

use std::io::{self, Write};

use begrip_app::schema::{CacheSource, Exchange, ExchangeState, ExchangeTurn};

use crate::print;

/// The exchange as text, or why it is not there.
pub fn show(out: &mut impl Write, exchange: &Exchange) -> io::Result<()> {
    let why = match exchange.state {
        ExchangeState::Kept => "",
        ExchangeState::NoModel => "Deze tekst is hier niet door een taalmodel opgesteld.",
        ExchangeState::Unknown => "Niet bewaard: deze tekst is van een eerdere versie van Begrip.",
        ExchangeState::InMemory => {
            "Bij deze vraag gingen notities of woorden over een zaak mee. Daarom blijft dit alleen in het werkgeheugen, tot Begrip sluit."
        }
        ExchangeState::WithNotes => {
            "Niet bewaard: bij deze vraag gingen notities of woorden over een zaak mee. Zulke \
             vragen en antwoorden komen nooit op schijf."
        }
        ExchangeState::Removed => "Niet meer bewaard: dit is verwijderd.",
    };
    if !why.is_empty() {
        writeln!(out, "{why}")?;
    }
    let source = match exchange.source {
        None | Some(CacheSource::Miss) => None,
        Some(CacheSource::Memory | CacheSource::Disk) => Some("een bewaard antwoord"),
        Some(CacheSource::Stale) => Some("een bewaard, verouderd antwoord"),
    };
    if let Some(source) = source {
        writeln!(
            out,
            "De tekst komt uit {source}; hieronder staat de vraag van toen."
        )?;
    }
    exchange
        .turns
        .iter()
        .try_for_each(|turn| show_turn(out, turn))
}

fn show_turn(out: &mut impl Write, turn: &ExchangeTurn) -> io::Result<()> {
    let name = match turn.task.as_str() {
        "repair" => "Herstelvraag",
        "refine" => "Vraag om een andere versie",
        _ => "Vraag",
    };
    let when = turn.answered_at.map(print::moment);
    let when = when.map_or_else(|| "geen antwoord".to_owned(), |when| when.to_string());
    writeln!(
        out,
        "\n{} · {} · {when} · {} + {} tokens",
        print::bold(name),
        print::visible(&turn.model),
        turn.tokens_in,
        turn.tokens_out
    )?;
    writeln!(
        out,
        "opdracht {}, regels {}, nummer {}",
        turn.prompt_version, turn.pack_version, turn.request_id
    )?;
    for message in &turn.messages {
        writeln!(out, "--- {}", message.role.as_str())?;
        writeln!(out, "{}", print::seen(&message.content))?;
    }
    if let Some(answer) = &turn.answer {
        let unused = if turn.used { "" } else { ", niet gebruikt" };
        writeln!(out, "--- antwoord{unused}\n{}", print::seen(answer))?;
    }
    Ok(())
}
