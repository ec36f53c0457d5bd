//! A definition checked beside all generated concepts: the rules that compare it with the others.

use anyhow::{Result, ensure};
use begrip_app::App;
use begrip_domain::Concept;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_rules::{Neighbour, RulePack, Shelf, Subject};
use fastrand::Rng;
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, call, micros, open, timed};
use crate::corpus;
use crate::row::{Row, Unit};

/// Measures over definitions that a person wrote, and over generated ones: those share most of their
/// words with thousands of others, as no real store has it.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let app = open(bench.generated()?, None)?;
    let at = Timestamp::UNIX_EPOCH;
    let written = begrip_app::starter::concepts(at)?;
    let mut generated =
        corpus::concepts(bench.concepts, bench.seed, at).collect::<Result<Vec<_>>>()?;
    Rng::with_seed(bench.seed).shuffle(&mut generated);
    let count = bench.pick(300, 20);
    let old = (0..bench.pick(3, 1))
        .map(|turn| without_index(&generated, &written[turn]))
        .collect::<Result<Vec<f64>>>()?;
    let sets = [
        ("check_beside", "a definition of the starter set", &written),
        (
            "check_beside_generated",
            "a generated definition",
            &generated,
        ),
    ];
    let mut rows = Vec::new();
    for (id, whose, concepts) in sets {
        let concepts = &concepts[..count.min(concepts.len())];
        // Whoever writes has nearly the same text checked again and again; how long it takes the first time is told beside.
        let first = Spread::of(&checked(&app, concepts).await?).map_or(0.0, |spread| spread.p95);
        let ours = checked(&app, concepts).await?;
        let tail = Spread::of(&ours).map_or(0.0, |spread| spread.max);
        rows.push(
            Row::new(
                id,
                &format!(
                    "all rules on {whose} beside {} concepts",
                    figures(bench.concepts as f64)
                ),
                (Unit::Micros, Stat::P95),
                "the command `check` from JSON to JSON, of texts that were checked before: the rules over the text and those over the store",
            )
            .ours(ours)
            .against(
                "puts every concept in memory for one check, and asks the same rules there",
                old.clone(),
            )
            .must("p95 ≤ 10 ms", |spread| spread.p95 <= 10_000.0)
            .note(format!(
                "The slowest took {}. Of a text that is checked for the first time, as of each in the round before: {} (p95)",
                Unit::Micros.show(tail),
                Unit::Micros.show(first)
            )),
        );
    }
    Ok(rows)
}

/// Microseconds for each.
async fn checked(app: &App, concepts: &[Concept]) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    for concept in concepts {
        let fields = &concept.fields;
        let args = json!({
            "term": fields.term,
            "synonyms": fields.synonyms,
            "text": fields.definition,
            "context": fields.context,
            "category": fields.category,
        });
        let began = std::time::Instant::now();
        let report = call(app, "check", args).await?;
        took.push(micros(began));
        ensure!(report["findings"].is_array(), "a check without findings");
    }
    Ok(took)
}

/// Microseconds for one definition where nothing is kept ready.
fn without_index(concepts: &[Concept], checked: &Concept) -> Result<f64> {
    let pack = RulePack::built_in()?;
    let (us, report) = timed(|| {
        let shelf: Shelf = concepts
            .iter()
            .map(|concept| Neighbour {
                term: concept.fields.term.to_string(),
                synonyms: concept
                    .fields
                    .synonyms
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                context: concept.fields.context.clone(),
                category: concept.fields.category,
                definition: concept.fields.definition.clone(),
                ..Neighbour::default()
            })
            .collect();
        let fields = &checked.fields;
        let subject = Subject {
            term: fields.term.as_str(),
            synonyms: &fields.synonyms,
            text: &fields.definition,
            context: &fields.context,
            category: fields.category,
            has_source: None,
        };
        pack.check_with(&subject, &shelf)
    });
    ensure!(!report.findings.is_empty(), "a check without findings");
    Ok(us)
}
