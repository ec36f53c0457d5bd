//! What happens in the demonstration: one organisation has a definition drafted, another establishes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;
use begrip_postgres::Database;
use serde_json::Value;

use super::desk::Desk;

/// Not among the definitions that come with the program; the demonstration model knows it.
pub const TERM: &str = "reclasseringstoezicht";

/// Says the same in two languages.
pub fn say(dutch: &str, english: &str) {
    println!("  {dutch}\n    {english}");
}

/// Goes from a question to an established definition at both desks, and says each step once it happened.
///
/// Error: a step fails, or its effect never comes to the other desk.
pub fn tell(author: &Desk, reviewer: &Desk) -> Result<()> {
    author.begrip(&[
        "define",
        TERM,
        "--org",
        "OM",
        "--legal",
        "strafrecht",
        "--keep",
    ])?;
    let definition = author.comes(TERM, "in_preparation")?;
    say(
        &format!(
            "OM liet ‘{TERM}’ opstellen door het voorbeeldmodel, via de server:\n      {definition}"
        ),
        "OM had that term defined by the demonstration model, through the server.",
    );
    author.begrip(&["sync", "share", TERM])?;
    author.begrip(&["review", "propose", TERM])?;
    author.begrip(&["sync"])?;
    say(
        "OM deelde het met de keten en stelde voor het vast te stellen.",
        "OM shared it with the chain and proposed to establish it.",
    );
    reviewer.comes(TERM, "proposed")?;
    say(
        "Het kwam vanzelf op het bureau van de Rechtspraak.",
        "It came to the desk of Rechtspraak by itself.",
    );
    reviewer.begrip(&[
        "review",
        "accept",
        TERM,
        "--reason",
        "akkoord voor de keten",
    ])?;
    author.comes(TERM, "established")?;
    say(
        "Een beoordelaar van de Rechtspraak stelde het vast; zo staat het nu ook op het bureau van OM.",
        "A reviewer of Rechtspraak established it; so it stands at the desk of OM now.",
    );
    Ok(())
}

/// Says what others than the desks saw of it: the model by its own log, and the database of the server.
pub fn witnesses(model: &Path, database: &Database<'_>) -> Result<()> {
    let log = fs::read_to_string(model)?;
    // Each call stands there when it came and when it ended.
    let calls: BTreeSet<u64> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["sequence"].as_u64())
        .collect();
    let kept = database.sql("SELECT count(*) FROM model_call")?;
    let (asked, kept) = (calls.len(), kept.trim());
    say(
        &format!(
            "Vragen aan het model: {asked} volgens zijn eigen logboek, {kept} volgens de boeken van de server."
        ),
        "Questions to the model: by its own log, and by the books of the server.",
    );
    Ok(())
}
