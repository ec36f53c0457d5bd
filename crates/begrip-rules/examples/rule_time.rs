//! Prints, as JSON, how long it takes to read the pack and to check one definition with every rule.
//!
//! `cargo run --release -p begrip-rules --example rule_time`
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example that shows its findings and may stop at the first surprise"
)]

#[path = "../tests/starter_set/mod.rs"]
mod starter_set;

use std::hint::black_box;
use std::time::Instant;

use begrip_rules::RulePack;

const ROUNDS: usize = 20;

fn main() {
    let concepts = starter_set::starter_set();
    let start = Instant::now();
    let pack = RulePack::built_in().unwrap();
    let parse_ms = start.elapsed().as_secs_f64() * 1e3;

    // The word lists are read on first use.
    let first = Instant::now();
    black_box(pack.check(&concepts[0].with(&concepts[0].text)));
    let first_check_ms = first.elapsed().as_secs_f64() * 1e3;

    let mut times = Vec::with_capacity(ROUNDS * concepts.len());
    for _ in 0..ROUNDS {
        for concept in &concepts {
            let subject = concept.with(&concept.text);
            let start = Instant::now();
            black_box(pack.check(black_box(&subject)));
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    // A text that is worse than any: every fix is tried as well.
    let mut spoiled = Vec::with_capacity(concepts.len());
    for concept in &concepts {
        let text = format!(
            "Een {} is een {}, zoals een geval. Zie de wet.",
            concept.term, concept.text
        );
        let start = Instant::now();
        black_box(pack.check(&concept.with(&text)));
        spoiled.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let long = |bytes: usize| {
        let sentence =
            "persoon die in een strafzaak een verklaring aflegt over zelf waargenomen feiten, ";
        let text = sentence.repeat(bytes / sentence.len());
        let start = Instant::now();
        black_box(pack.check(&concepts[0].with(&text)));
        start.elapsed().as_secs_f64() * 1e3
    };
    let (half, whole) = (long(500_000), long(1_000_000));
    let report = serde_json::json!({
        "rules": pack.rules().len(),
        "definitions": concepts.len(),
        "check_median_us": quantile(&mut times, 0.5),
        "check_p95_us": quantile(&mut times, 0.95),
        "check_spoiled_median_us": quantile(&mut spoiled, 0.5),
        "first_check_ms": rounded(first_check_ms),
        "pack_parse_ms": rounded(parse_ms),
        "pack_reads": RulePack::times_read(pack.version()),
        "half_megabyte_ms": rounded(half),
        "megabyte_ms": rounded(whole),
        "megabyte_to_half": rounded(whole / half),
    });
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}

fn quantile(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len() as f64 * share) as usize;
    rounded(times[at.min(times.len() - 1)])
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
