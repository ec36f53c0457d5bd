//! Measures how long a prompt takes to build and what it costs, for the five terms that prompts
//! are measured by, and writes JSON: median and 95th percentile in microseconds, tokens.
//!
//! `cargo run --release -p begrip-prompt --example prompt_time`
#![allow(
    clippy::print_stdout,
    reason = "a measurement that prints its result for a script"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

use begrip_domain::{Context, Label};
use begrip_prompt::{Budget, Passage, PromptInput, Tiktoken, TokenCounter, compose};
use begrip_rules::RulePack;
use serde_json::json;

const TERMS: [&str; 5] = [
    "voorlopige hechtenis",
    "verdachte",
    "vonnis",
    "reclasseringstoezicht",
    "biometrisch identiteitskenmerk",
];

const PASSAGES: [(&str, &str); 3] = [
    (
        "art. 27 Wetboek van Strafvordering",
        "Voordat de vervolging is begonnen, geldt als verdachte degene bij wie uit feiten \
         of omstandigheden een redelijk vermoeden van schuld aan een strafbaar feit \
         voortvloeit. Daarna is dat degene tegen wie de vervolging zich richt. De \
         verdachte wordt in alle gevallen behandeld als iemand van wie de schuld nog niet \
         vaststaat.",
    ),
    (
        "art. 67 Wetboek van Strafvordering",
        "Een bevel kan worden gegeven bij verdenking van een misdrijf waarop naar de \
         wettelijke omschrijving een gevangenisstraf van vier jaar of meer is gesteld, en \
         bij enkele met name genoemde andere misdrijven. Het bevel vereist dat uit feiten \
         of omstandigheden blijkt van ernstige bezwaren tegen de verdachte.",
    ),
    (
        "art. 138 Wetboek van Strafvordering",
        "Onder een einduitspraak wordt de beslissing verstaan waarmee de rechter na de \
         behandeling op de zitting de zaak bij zijn gerecht afsluit, met de gronden \
         waarop die beslissing steunt. Zij wordt uitgesproken in het openbaar, op een \
         zitting binnen veertien dagen na de sluiting van het onderzoek.",
    ),
];

const ROUNDS: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let counter = Tiktoken::for_model("gpt-4o");
    let began = Instant::now();
    counter.load();
    let load_ms = began.elapsed().as_secs_f64() * 1e3;
    let pack = RulePack::built_in()?;
    let one = |label: &str| Label::new(label).map(|label| BTreeSet::from([label]));
    let context = Context {
        organisations: one("OM")?,
        legal_areas: one("strafrecht")?,
        statutory_bases: one("Wetboek van Strafvordering")?,
    };
    let passages = PASSAGES.map(|(citation, text)| Passage {
        citation: citation.to_owned(),
        text: text.to_owned(),
    });
    let mut times_us = Vec::new();
    let mut tokens = serde_json::Map::new();
    let mut sections = serde_json::Map::new();
    let mut total = 0;
    for term in TERMS {
        let input = PromptInput {
            term,
            context: &context,
            category: None,
            notes: "",
            related: &[],
            passages: &passages,
            pack: &pack,
            budget: Budget::default(),
        };
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let prompt = compose(&input, &counter)?;
            times_us.push(began.elapsed().as_secs_f64() * 1e6);
            std::hint::black_box(prompt);
        }
        let prompt = compose(&input, &counter)?;
        total += prompt.tokens;
        tokens.insert(term.to_owned(), json!(prompt.tokens));
        let parts = prompt.sections.iter();
        sections = parts
            .map(|part| (part.name.clone(), json!(part.tokens)))
            .collect();
    }
    times_us.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times_us
            .get((times_us.len() as f64 * share) as usize)
            .copied()
    };
    let result = json!({
        "rounds": times_us.len(),
        "median_us": at(0.5),
        "p95_us": at(0.95),
        "tokenizer_load_ms": load_ms,
        "encoding": counter.encoding(),
        "rules": pack.rules().len(),
        "pack_version": pack.version(),
        "tokens": tokens,
        "sections_of_last": sections,
        "tokens_mean": f64::from(total) / TERMS.len() as f64,
    });
    println!("{result:#}");
    Ok(())
}
