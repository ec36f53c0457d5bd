//! Fifty judges at one instant, without and with a job of a thousand rows that the server works on: in turn within one
//! run, so that a busy machine slows both.
//!
//! ```text
//! BEGRIP_LOAD_S=1 cargo test --release --package begrip-server --test load beside_a_job -- --nocapture
//! ```

use std::sync::Arc;
use std::time::Duration;

use begrip_mock_model::Latency;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::arrivals::at_once;
use crate::scenarios::profile;
use crate::support::{Caller, wait_for};
use crate::told::{Process, Run, Sample, is_long, spread};
use crate::users::{Deed, World};

/// How every row of a job begins, and no question of a judge.
const ROW: &str = "gebiedsgebod";

/// Rows of a job that a node asks at one time, as a server is delivered.
const ROWS_AT_ONCE: usize = 4;

/// A file of terms that name nobody, others for each pair.
fn terms(pair: usize, rows: usize) -> Vec<String> {
    let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
    let word = |n: usize| [n, n / 26, n / 676].map(letter).iter().collect::<String>();
    (pair * rows..(pair + 1) * rows)
        .map(|number| format!("{ROW} {}", word(number)))
        .collect()
}

/// What is measured, and how.
struct Plan {
    judges: usize,
    /// Each is both ways, the one that goes first in turn.
    pairs: usize,
    /// Rounds of all judges, one way.
    rounds: usize,
    /// Between rounds nobody waits: then a job goes as fast as it may.
    pause: Duration,
    rows: usize,
}

impl Plan {
    /// The judges, so many rounds. Gives how many rows of a job were asked between the first and the last of each
    /// round too.
    async fn judges(&self, world: &Arc<World>, named: &str) -> (Vec<Sample>, Vec<usize>) {
        let (mut samples, mut between) = (Vec::new(), Vec::new());
        for round in 0..self.rounds {
            tokio::time::sleep(self.pause).await;
            let terms: Vec<String> = (0..self.judges)
                .map(|n| format!("{named} {round} {n}"))
                .collect();
            let before = world.models.first.log().len();
            samples.extend(at_once(world, &terms).await);
            let log = world.models.first.log().split_off(before);
            let is_row: Vec<bool> = log.iter().map(|call| call.term.starts_with(ROW)).collect();
            let last = is_row.iter().rposition(|row| !row).unwrap();
            let first = is_row.iter().position(|row| !row).unwrap();
            between.push(is_row[first..last].iter().filter(|row| **row).count());
            assert_eq!(is_row.iter().filter(|row| !**row).count(), self.judges);
        }
        (samples, between)
    }

    /// The same while the server works on a job, which is cancelled afterwards; and the rows that were done meanwhile.
    async fn beside(
        &self,
        world: &Arc<World>,
        named: &str,
        pair: usize,
    ) -> (Vec<Sample>, Vec<usize>, u64) {
        let caller = &world.users[0].caller;
        let asked = caller.request(Method::POST, "/v1/jobs");
        let made = asked.json(&terms(pair, self.rows)).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
        let job: Value = made.json().await.unwrap();
        let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
        wait_for("the job to be under way", || async {
            now(caller, &path).await["done"].as_u64() > Some(0)
        })
        .await;
        let (samples, between) = self.judges(world, named).await;
        let then = now(caller, &path).await;
        assert_eq!(then["state"], "running", "it ran all the while: {then}");
        let cancel = caller.request(Method::POST, &format!("{path}/cancel"));
        assert!(cancel.send().await.unwrap().status().is_success());
        wait_for("its rows to end", || async {
            now(caller, &path).await["running"] == 0
        })
        .await;
        (samples, between, then["done"].as_u64().unwrap())
    }
}

async fn now(caller: &Caller, path: &str) -> Value {
    caller.get(path).await.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn judges_beside_a_job_are_answered_as_without() {
    let (plan, latency) = match is_long() {
        true => {
            let plan = Plan {
                judges: 50,
                pairs: 6,
                rounds: 5,
                pause: Duration::from_secs(1),
                rows: 1_000,
            };
            (plan, Latency::demo())
        }
        false => {
            let plan = Plan {
                judges: 12,
                pairs: 1,
                rounds: 2,
                pause: Duration::ZERO,
                rows: 300,
            };
            let latency = Latency {
                first_ms: 150.0,
                ..Latency::default()
            };
            (plan, latency)
        }
    };
    let mut run = Run::of(
        "judges-50-job",
        6,
        json!({"judges": plan.judges, "pairs": plan.pairs, "rounds_each": plan.rounds,
            "arrivals": "judges all at one instant, each round; rows of a job as fast as they may",
            "known_keys": 0, "distribution": "each judge and each row another new question",
            "model": profile(latency), "rows": plan.rows, "rows_at_once": ROWS_AT_ONCE, "pause_s": plan.pause.as_secs_f64(),
            "order": "in turn, the one that goes first changes with each pair"}),
    );
    let world = World::new(plan.judges, latency).await;
    let pid = world.node.pid();
    let watching = Process::over_time(move || pid);
    // The first ones open connections and warm what is warmed once.
    plan.judges(&world, "eerst").await;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let (mut between, mut done) = (Vec::new(), Vec::new());
    for pair in 0..plan.pairs {
        for with_job in [pair % 2 == 1, pair % 2 == 0] {
            if with_job {
                let (samples, rows, ready) =
                    plan.beside(&world, &format!("naast {pair}"), pair).await;
                beside.extend(samples);
                between.extend(rows);
                done.push(ready);
            } else {
                let (samples, none) = plan.judges(&world, &format!("alleen {pair}")).await;
                assert!(none.iter().all(|rows| *rows == 0), "{none:?}");
                alone.extend(samples);
            }
        }
    }
    run.server(&watching.end().await);
    run.part("alone", &alone);
    run.part("beside a job", &beside);
    run.figure("rows_done_beside", json!(done));
    run.figure("rows_asked_while_judges_came", json!(between));
    // Whatever the machine: a job never stands still, and while judges wait its rows go one at a time.
    assert!(done.iter().all(|rows| *rows > 0), "{done:?}");
    let most = ROWS_AT_ONCE + plan.judges / 2;
    assert!(between.iter().all(|rows| *rows <= most), "{between:?}");
    let p95 = |samples: &[Sample]| spread(samples, Deed::New).p95;
    let ratio = p95(&beside) / p95(&alone);
    run.figure("p95_beside_over_alone", ratio);
    run.bar("p95 beside a job within 10 % of without", ratio <= 1.1);
    run.end();
}
