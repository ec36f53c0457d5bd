//! What a workstation finds in its own store while a user fills in a form: a page of a filtered list, the context, and
//! what may be the same or goes along. No model is asked.

use anyhow::{Context as _, Result, ensure};
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel};
use serde_json::{Value, json};

use super::look_up::Scan;
use crate::bench::{Bench, call, micros, open};
use crate::corpus;
use crate::question;
use crate::row::{Row, Unit};

/// Rows of a page, as a screen shows them.
const PAGE: usize = 50;

/// A list without its indexes takes so long that only one in this many is made without.
const WITHOUT: usize = 24;

/// What a list is filtered by, as a screen says it and as the store asks it. The last one lets nothing through: no page
/// is full before the end.
fn filters() -> [(Value, &'static str); 6] {
    const HOLDS: &str =
        "c.valid_from <= '2026-06-01' AND (c.valid_until = '' OR c.valid_until >= '2026-06-01')";
    let filter = |statuses: &[&str], origins: &[&str], category: Option<&str>, on: Option<&str>| json!({ "statuses": statuses, "origins": origins, "category": category, "text": "", "valid_on": on });
    let proposed = &["proposed"];
    let day = Some("2026-06-01");
    [
        (
            filter(proposed, &[], None, None),
            "c.status IN ('proposed')",
        ),
        (
            filter(&[], &["import"], None, None),
            "c.origin IN ('import')",
        ),
        (
            filter(&[], &[], Some("process"), None),
            "c.category IN ('process')",
        ),
        (filter(&[], &[], None, day), HOLDS),
        (
            filter(
                &["established", "in_preparation"],
                &["import"],
                Some("type"),
                None,
            ),
            "c.status IN ('established', 'in_preparation') AND c.origin IN ('import') AND c.category IN ('type')",
        ),
        (
            filter(proposed, &["statute"], None, None),
            "c.status IN ('proposed') AND c.origin IN ('statute')",
        ),
    ]
}

/// The orders of a list, likewise.
const ORDERS: [(&str, &str); 3] = [
    ("modified", "c.modified_at DESC, c.row DESC"),
    ("term", "c.folded, c.row"),
    ("status", "c.status_rank, c.modified_at DESC, c.row DESC"),
];

/// The list with and without its indexes in turn; then what goes along.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = vec![list(bench).await?];
    rows.extend(beside(bench).await?);
    Ok(rows)
}

async fn list(bench: &Bench) -> Result<Row> {
    let home = bench.generated()?;
    let app = open(home, None)?;
    let mut scan = Scan::start(bench, home, "list_scan", PAGE)?;
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    let mut slowest = (0.0, String::new());
    let kinds: Vec<_> = filters()
        .into_iter()
        .flat_map(|filter| ORDERS.map(|order| (filter.clone(), order)))
        .collect();
    // Whoever opens a list has the file in the cache and the statement ready from the second time on.
    for round in 0..bench.pick(60, 2) + 1 {
        for (number, ((filter, conditions), (sort, order))) in kinds.iter().enumerate() {
            let args = json!({ "filter": filter, "sort": sort, "offset": 0, "limit": PAGE });
            let began = std::time::Instant::now();
            let page = call(&app, "concept_list", args).await?;
            let us = micros(began);
            if round == 0 {
                continue;
            }
            ours.push(us);
            if us > slowest.0 {
                slowest = (us, format!("{conditions}, by {sort}"));
            }
            if (round + number) % bench.pick(WITHOUT, 6) == 0 {
                let (us, total) = scan.ask_for(&format!("{conditions}|{order}"))?;
                old.push(us);
                ensure!(
                    page["total"] == total,
                    "{conditions}: {} and {total}",
                    page["total"]
                );
            }
        }
    }
    let tail = Spread::of(&ours).map_or(0.0, |spread| spread.p99);
    let what = format!(
        "a page of a filtered list with how many pass, {} concepts",
        figures(bench.concepts as f64)
    );
    let row = Row::new(
        "list_filtered",
        &what,
        (Unit::Micros, Stat::P95),
        "the command `concept_list` from JSON to JSON: six filters, one of which lets nothing through, in three orders; \
         the index of the order holds all that is filtered by",
    );
    Ok(row
        .ours(ours)
        .against(
            "both statements of the same list `NOT INDEXED` on the same encrypted file, in turn with it; both must count \
             the same",
            old,
        )
        .must("p95 < 50 ms", |s| s.p95 < 50_000.0)
        .note(format!(
            "p99 {}. Slowest: {}, {}",
            Unit::Micros.show(tail),
            slowest.1,
            Unit::Micros.show(slowest.0)
        )))
}

/// What a form is filled in from, with a model at hand that must not be asked.
async fn beside(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig::default()).await?;
    let app = open(bench.generated()?, Some(&mock))?;
    let count = bench.pick(400, 20);
    let concepts = figures(bench.concepts as f64);
    let (mut labels, mut same, mut along) = (Vec::new(), Vec::new(), Vec::new());
    let (mut suggested, mut alike) = (0, 0);
    // The tokenizer is there before the clock runs.
    let warm = serde_json::to_value(question::draft("vonnis")?)?;
    call(&app, "preview", warm).await?;
    for number in 0..count {
        let term = corpus::term(number * 131);
        let query = ["o", "straf", "wetboek", ""][number % 4];
        let kind = ["organisation", "legal_area", "statutory_basis"][number % 3];
        let asked = [
            ("context_suggest", json!({ "kind": kind, "query": query })),
            (
                "duplicates",
                json!({ "term": term, "text": "beslissing van de rechter over een zaak" }),
            ),
            ("preview", serde_json::to_value(question::draft(&term)?)?),
        ];
        for ((command, args), samples) in
            asked.into_iter().zip([&mut labels, &mut same, &mut along])
        {
            let began = std::time::Instant::now();
            let found = call(&app, command, args).await?;
            samples.push(micros(began));
            match command {
                "context_suggest" => suggested += found.as_array().context("labels")?.len(),
                "duplicates" => alike += found.as_array().context("hits")?.len(),
                _ => ensure!(
                    found["tokens"].as_u64().is_some_and(|tokens| tokens > 0),
                    "no prompt"
                ),
            }
        }
    }
    ensure!(suggested > 0 && alike > 0, "nothing was found");
    let calls = mock.calls();
    let told = format!(
        "{count} terms: {suggested} labels and {alike} concepts that may be the same; a model was at hand, and its own log has \
         {calls} calls"
    );
    let none = calls == 0;
    let row = |id, what: String, does, samples| {
        Row::new(id, &what, (Unit::Micros, Stat::P95), does).ours(samples)
    };
    Ok(vec![
        row(
            "context_labels",
            "labels for a context while typing".to_owned(),
            "the command `context_suggest` from JSON to JSON",
            labels,
        )
        .must("p95 ≤ 1 ms, no call", |s| s.p95 <= 1_000.0 && none)
        .note(told),
        row(
            "may_be_same",
            format!("concepts that may be the same, {concepts} concepts"),
            "the command `duplicates` from JSON to JSON: by term, label and text",
            same,
        )
        .must("p95 < 50 ms, no call", |s| s.p95 < 50_000.0 && none),
        row(
            "goes_along",
            format!("what goes along with a question, {concepts} concepts"),
            "the command `preview` from JSON to JSON: related concepts, articles, category, and the prompt with all of it",
            along,
        )
        .must("p95 < 50 ms, no call", |s| s.p95 < 50_000.0 && none),
    ])
}
