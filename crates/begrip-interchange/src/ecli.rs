//! Decisions in the open-data XML of rechtspraak.nl.

use begrip_domain::Address;
use jiff::civil::Date;

use crate::ReadError;
use crate::bwb::label;
use crate::source::Decision;
use crate::xml::Node;

/// The shortest paragraph that is kept, in characters: shorter ones are names and headings.
const SHORTEST: usize = 40;

/// Reads a decision from the root of its file.
pub(crate) fn read(root: &Node) -> Result<Decision, ReadError> {
    let about = root
        .find("Description")
        .ok_or(ReadError::Incomplete("ECLI"))?;
    let text = |name: &str| {
        about
            .child(name)
            .map(Node::text)
            .filter(|text| !text.is_empty())
    };
    let ecli = match text("identifier").map(|text| Address::parse(&text)) {
        Some(Ok(Address::Ecli(ecli))) => ecli,
        _ => return Err(ReadError::Incomplete("ECLI")),
    };
    let date: Date = text("date")
        .and_then(|date| date.get(..10)?.parse().ok())
        .ok_or(ReadError::Incomplete("date"))?;
    let court = text("creator").ok_or(ReadError::Incomplete("court"))?;
    let mut passages = Vec::new();
    for (name, title) in [
        ("inhoudsindicatie", "Inhoudsindicatie"),
        ("uitspraak", "Uitspraak"),
        ("conclusie", "Conclusie"),
    ] {
        if let Some(part) = root.child(name) {
            collect(part, title, &mut passages);
        }
    }
    if passages.is_empty() {
        return Err(ReadError::Incomplete("text"));
    }
    Ok(Decision {
        ecli,
        court: label(&court)?,
        date,
        passages,
    })
}

fn collect(node: &Node, place: &str, out: &mut Vec<(String, String)>) {
    let mut place = place.to_owned();
    for child in node.nodes() {
        match child.name.as_str() {
            "title" | "bridgehead" => {
                let title = child.text();
                if !title.is_empty() {
                    place = title;
                }
            }
            "para" => {
                let text = child.text();
                if text.chars().count() >= SHORTEST {
                    out.push((place.clone(), text));
                }
            }
            "nr" => {}
            _ => collect(child, &place, out),
        }
    }
}
