//! The scenarios. Each is one command, such as
//!
//! ```text
//! BEGRIP_LOAD_S=600 cargo test --release --package begrip-server --test load five_hundred -- --nocapture
//! ```
//!
//! `BEGRIP_LOAD_SERVER` names an optimised server for tests that are not; `BEGRIP_LOAD_RESULTS=results`
//! writes the file.

use begrip_measure::statistics::Spread;
use begrip_mock_model::Latency;
use serde_json::json;

use crate::arrivals::{OPEN, at_a_rate, at_once, thinking};
use crate::probes::Probes;
use crate::setting;
use crate::told::{Process, Run, Sample, first_words, is_long, spread};
use crate::users::{Deed, IN_TURN, KNOWN_KEYS, MIX, World};

const ONE_CALL: &str = "one call for each new question, and no other";

/// For everything that is drawn by chance.
const SEED: u64 = 1;

/// The time of a model in a long run, two to three seconds for any answer of forty tokens and more; else at once.
fn latency() -> Latency {
    match is_long() {
        true => Latency {
            first_ms: 500.0,
            per_prompt_token_ms: 0.15,
            per_output_token_ms: 40.0,
            longest_ms: Some(2_200.0),
        },
        false => Latency::default(),
    }
}

/// What must hold of new answers in a long run, and what the models themselves took.
fn new_answers(run: &mut Run, part: &str, world: &World, samples: &[Sample]) {
    let first = first_words(samples).p95;
    let whole = spread(samples, Deed::New).p95;
    run.bar(&format!("{part}first words p95 < 2 s"), first < 2_000.0);
    run.bar(&format!("{part}new answers p95 < 5 s"), whole < 5_000.0);
    let model = Spread::of(&world.model_times()).unwrap();
    run.figure("model_ms_median", model.p50.round());
    if is_long() {
        let declared = (2_000.0..=3_000.0).contains(&model.p50);
        run.bar(&format!("{part}a model took 2–3 s"), declared);
    }
}

fn mix() -> serde_json::Value {
    MIX.iter()
        .map(|(deed, part)| json!([deed.name(), part]))
        .collect()
}

fn model() -> serde_json::Value {
    profile(latency())
}

/// The time of a model as a result says it.
pub fn profile(latency: Latency) -> serde_json::Value {
    let Latency {
        first_ms,
        per_prompt_token_ms,
        per_output_token_ms,
        longest_ms,
    } = latency;
    json!({"first_ms": first_ms, "prompt_token_ms": per_prompt_token_ms,
        "output_token_ms": per_output_token_ms, "longest_ms": longest_ms})
}

/// How many of these the models were asked for: hits made no call, and new questions one each.
fn calls_of(samples: &[Sample]) -> usize {
    let new = samples.iter().filter(|sample| sample.deed == Deed::New);
    new.count()
}

async fn work_and_think(scenario: &str, users: usize, think: f64) {
    let seconds = setting("BEGRIP_LOAD_S", 3.0);
    let users = setting("BEGRIP_LOAD_USERS", users as f64) as usize;
    let think = setting("BEGRIP_LOAD_THINK_S", think);
    let parameters = json!({"users": users, "think_s": think, "seconds": seconds, "mix": mix(),
        "arrivals": "closed: each user thinks, exponentially, and asks when the answer before is there",
        "known_keys": KNOWN_KEYS, "distribution": IN_TURN,
        "model": model(), "seeds": "the seed of the run and the number of the user"});
    let mut run = Run::of(scenario, SEED, parameters);
    let world = World::new(users, latency()).await;
    let before = world.calls();
    let pid = world.node.pid();
    let watching = Process::over_time(move || pid);
    let probes = Probes::begin(&world.users[0].caller);
    let samples = thinking(&world, think, seconds, SEED).await;
    let seen = watching.end().await;
    run.part("all", &samples);
    probes.end(&mut run).await;
    run.must(ONE_CALL, world.calls() - before == calls_of(&samples));
    run.figure("requests_a_second", samples.len() as f64 / seconds);
    run.server(&seen);
    let most = seen
        .iter()
        .map(|(_, server)| server.memory)
        .fold(0.0, f64::max);
    run.bar("memory of the server ≤ 150 MB", most <= 150.0);
    new_answers(&mut run, "", &world, &samples);
    run.bar(
        "known answers p95 < 100 ms",
        spread(&samples, Deed::Known).p95 < 100.0,
    );
    run.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_users_who_work_and_think() {
    match is_long() {
        true => work_and_think("users-500", 500, 30.0).await,
        false => work_and_think("users-500", 24, 0.3).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_users_at_one_time_each_busy() {
    match is_long() {
        true => work_and_think("users-100", 100, 5.0).await,
        false => work_and_think("users-100", 12, 0.1).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_judges_at_one_instant() {
    const JUDGES: usize = 50;
    let rounds = if is_long() { 10 } else { 1 };
    let parameters = json!({"judges": JUDGES, "rounds": rounds, "model": model(),
        "arrivals": "all at one instant, each round", "known_keys": 0,
        "distribution": "each another new question; then all the same new one"});
    let mut run = Run::of("judges-50", SEED, parameters);
    let world = World::new(if is_long() { JUDGES } else { 12 }, latency()).await;
    let pid = world.node.pid();
    let watching = Process::over_time(move || pid);
    let (mut distinct, mut same) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let before = world.calls();
        let terms: Vec<String> = (0..JUDGES).map(|n| format!("zaak {round} {n}")).collect();
        distinct.extend(at_once(&world, &terms).await);
        assert_eq!(world.calls() - before, JUDGES, "a call for each");
        // One for each organisation: none gets what another asked.
        let before = world.calls();
        let terms = vec![format!("zelfde zaak {round}"); JUDGES];
        same.extend(at_once(&world, &terms).await);
        assert_eq!(
            world.calls() - before,
            3,
            "one call for all of an organisation"
        );
    }
    run.server(&watching.end().await);
    run.part("distinct", &distinct);
    run.part("same", &same);
    for (name, samples) in [("distinct: ", &distinct), ("same: ", &same)] {
        new_answers(&mut run, name, &world, samples);
    }
    run.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_as_busy_and_back() {
    let seconds = setting("BEGRIP_LOAD_S", 2.0);
    let normal = setting("BEGRIP_LOAD_NORMAL", if is_long() { 1.5 } else { 6.0 });
    let parameters = json!({"normal_a_second": normal, "peak_a_second": normal * 10.0,
        "seconds_each": seconds, "mix": mix(), "model": model(),
        "arrivals": OPEN, "known_keys": KNOWN_KEYS, "distribution": IN_TURN,
        "seeds": "the seed of the run, plus 0, 1 and 2"});
    let mut run = Run::of("peak-10", SEED, parameters);
    let world = World::new(if is_long() { 100 } else { 12 }, latency()).await;
    let pid = world.node.pid();
    let watching = Process::over_time(move || pid);
    let probes = Probes::begin(&world.users[0].caller);
    let mut parts = Vec::new();
    for (name, times, seed) in [("before", 1.0, 0), ("peak", 10.0, 1), ("after", 1.0, 2)] {
        let samples = at_a_rate(&world, normal * times, seconds, SEED + seed).await;
        run.part(name, &samples);
        parts.push(samples);
    }
    probes.end(&mut run).await;
    run.server(&watching.end().await);
    if is_long() {
        let median = |part: usize| spread(&parts[part], Deed::Known).p50;
        let (before, after) = (median(0), median(2));
        run.bar(
            "afterwards as fast as before (median × 1.5 + 2 ms)",
            after <= before * 1.5 + 2.0,
        );
        new_answers(&mut run, "peak: ", &world, &parts[1]);
    }
    run.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_and_fifteen_a_second_for_as_long_as_it_takes() {
    let seconds = setting("BEGRIP_LOAD_S", 2.0);
    let rates = match is_long() {
        true => [10.0, 15.0],
        false => [20.0, 40.0],
    };
    let parameters = json!({"a_second": rates, "seconds_each": seconds, "mix": mix(),
        "arrivals": OPEN, "known_keys": KNOWN_KEYS, "distribution": IN_TURN,
        "model": model(), "seeds": "the seed of the run, plus 0 and 1"});
    let mut run = Run::of("sustained", SEED, parameters);
    let world = World::new(if is_long() { 100 } else { 12 }, latency()).await;
    let pid = world.node.pid();
    let watching = Process::over_time(move || pid);
    let probes = Probes::begin(&world.users[0].caller);
    for (rate, seed) in rates.into_iter().zip(SEED..) {
        let before = world.calls();
        let samples = at_a_rate(&world, rate, seconds, seed).await;
        run.part(&format!("{rate} a second"), &samples);
        let says = format!("{rate} a second: {ONE_CALL}");
        run.must(&says, world.calls() - before == calls_of(&samples));
        if is_long() {
            let known = spread(&samples, Deed::Known);
            new_answers(&mut run, &format!("{rate} a second: "), &world, &samples);
            run.bar(
                &format!("{rate} a second: known answers p95 < 100 ms"),
                known.p95 < 100.0,
            );
        }
    }
    probes.end(&mut run).await;
    run.server(&watching.end().await);
    run.end();
}
