//! The definitions of a batch as a table for people: a row for each term.

use begrip_domain::{Category, Context, Label};
use serde_json::Value;

use crate::{Cell, Sheet};

const HEADINGS: [&str; 19] = [
    "rij",
    "term",
    "organisaties",
    "rechtsgebieden",
    "wetten",
    "categorie",
    "stand",
    "definitie",
    "toelichting",
    "voorbeelden",
    "tegenvoorbeelden",
    "synoniemen",
    "tegengestelden",
    "blokkerende bevindingen",
    "andere bevindingen",
    "fout",
    "herkomst",
    "model",
    "opgesteld op",
];

/// What became of a term.
#[derive(Clone, Debug)]
pub struct ResultRow<'a> {
    /// The number of its row in the file that it came from.
    pub number: u32,
    /// The term.
    pub term: &'a str,
    /// The context in which it has its meaning.
    pub context: &'a Context,
    /// Its category, where one was given.
    pub category: Option<Category>,
    /// How it stands, in Dutch.
    pub state: &'a str,
    /// An object with the reply (`reply`) and what the rules say of it (`report`); null when there is
    /// no definition.
    pub draft: &'a Value,
    /// Why there is none.
    pub error: String,
    /// Where the answer comes from, in Dutch.
    pub origin: String,
    /// The model that gave it.
    pub model: &'a Value,
    /// When.
    pub answered_at: &'a Value,
    /// Cells under further headings.
    pub more: Vec<Cell>,
}

/// The table, with further headings after those that every batch has.
pub fn results<'a>(rows: impl Iterator<Item = ResultRow<'a>>, more: &[&str]) -> Sheet {
    let headings = HEADINGS.iter().chain(more);
    Sheet {
        name: "Resultaat".to_owned(),
        headings: headings.map(|&heading| heading.to_owned()).collect(),
        rows: rows.map(row).collect(),
    }
}

fn row(row: ResultRow<'_>) -> Vec<Cell> {
    let reply = &row.draft["reply"];
    let mut cells = vec![
        Cell::Number(f64::from(row.number)),
        row.term.into(),
        labels(row.context.organisations.iter()),
        labels(row.context.legal_areas.iter()),
        labels(row.context.statutory_bases.iter()),
        row.category.map_or("", category).into(),
        row.state.into(),
        text(&reply["definition"]),
        text(&reply["explanation"]),
        lines(&reply["examples"]),
        lines(&reply["counter_examples"]),
        lines(&reply["synonyms"]),
        lines(&reply["antonyms"]),
        findings(row.draft, true),
        findings(row.draft, false),
        row.error.into(),
        row.origin.into(),
        text(row.model),
        text(row.answered_at),
    ];
    cells.extend(row.more);
    cells
}

fn text(value: &Value) -> Cell {
    value.as_str().unwrap_or_default().into()
}

fn lines(value: &Value) -> Cell {
    let texts = value.as_array().into_iter().flatten();
    let texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
    texts.join("\n").into()
}

fn labels<'a>(labels: impl Iterator<Item = &'a Label>) -> Cell {
    labels
        .map(Label::as_str)
        .collect::<Vec<_>>()
        .join(" | ")
        .into()
}

/// What the rules found, a line each: those that block, or the others.
fn findings(draft: &Value, blocking: bool) -> Cell {
    let all = draft["report"]["findings"].as_array().into_iter().flatten();
    let lines: Vec<String> = all
        .filter(|finding| finding["outcome"] == "fail")
        .filter(|finding| (finding["level"] == "blocking") == blocking)
        .map(|finding| {
            let said = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", said("rule"), said("reason"))
        })
        .collect();
    lines.join("\n").into()
}

fn category(category: Category) -> &'static str {
    match category {
        Category::Type => "type",
        Category::Particular => "exemplaar",
        Category::Process => "proces",
        Category::Result => "resultaat",
    }
}
