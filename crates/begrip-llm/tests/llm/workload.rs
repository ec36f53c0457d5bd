//! Questions as people ask them: few terms very often, most of them hardly ever.

use begrip_mock_model::{MockConfig, workload};

use crate::support::{Bench, ask, question};

const REQUESTS: usize = 10_000;
const KEYS: usize = 1_000;
const EXPONENT: f64 = 1.0;
const SEED: u64 = 20_261_121;

#[tokio::test(flavor = "multi_thread")]
#[allow(
    clippy::print_stdout,
    reason = "a rate says nothing without what it was measured on"
)]
async fn of_ten_thousand_questions_as_people_ask_them_85_in_100_make_no_call() {
    println!("{REQUESTS} questions, {KEYS} keys, Zipf's law with exponent {EXPONENT}, seed {SEED}");
    let config = MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    };
    let bench = Bench::with(config, |_| {}, |_| {}).await;
    let mut model = bench.model.clone();
    let asked = workload::zipf(KEYS, EXPONENT, REQUESTS, SEED);
    for (number, key) in asked.iter().enumerate() {
        // Half-way the program starts anew: what is kept outlives it.
        if number == REQUESTS / 2 {
            model = bench.restarted();
        }
        ask(&model, question(&format!("begrip {key}")))
            .await
            .unwrap();
    }
    let calls = bench.mock.calls();
    let hits = REQUESTS - calls;
    println!("{calls} calls by the model's own log, {hits} answers without one");
    assert!(hits * 100 >= REQUESTS * 85, "{hits} of {REQUESTS}");
    // No question was asked of the model twice, also not after the new start.
    let mut terms: Vec<String> = bench.mock.log().into_iter().map(|call| call.term).collect();
    terms.sort();
    terms.dedup();
    assert_eq!(terms.len(), calls);
}
