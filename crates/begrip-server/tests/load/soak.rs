//! A long time at a steady rate: whether memory, handles or database grow, with the interval of each slope.
//!
//! ```text
//! BEGRIP_SOAK_MIN=60 cargo test --release --package begrip-server --test load soak -- --nocapture
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use begrip_measure::slope::Slope;
use begrip_mock_model::Latency;
use serde_json::json;

use crate::arrivals::{OPEN, Watching, at_a_rate};
use crate::scenarios::profile;
use crate::setting;
use crate::told::{Process, Run, is_long};
use crate::users::{IN_TURN, KNOWN_KEYS, World};

/// The first part is left out of the slopes: caches are filling.
const WARMING: f64 = 1.0 / 3.0;

const SEED: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn soak_at_a_steady_rate() {
    let minutes = setting("BEGRIP_SOAK_MIN", 0.1);
    let rate = setting("BEGRIP_SOAK_RATE", 10.0);
    let users = if is_long() { 100 } else { 12 };
    let latency = Latency {
        first_ms: 20.0,
        ..Latency::default()
    };
    let parameters = json!({"minutes": minutes, "a_second": rate, "users": users,
        "left_out_of_slopes": WARMING, "kept_answers_mb": 1, "arrivals": OPEN,
        "known_keys": KNOWN_KEYS, "distribution": IN_TURN, "model": profile(latency)});
    let mut run = Run::of("soak", SEED, parameters);
    // Of kept answers a node remembers a megabyte, which is full before the slopes begin: an answer of a kilobyte each
    // third second would be a slope of its own until the usual 64 are.
    let world = World::with("memory_mb = 1", users, latency).await;
    let (watched, begun, pid) = (Arc::clone(&world), Instant::now(), world.node.pid());
    let server = Process::over_time(move || pid);
    let database = Watching::each(Duration::from_secs(10), move || {
        let size = "SELECT pg_database_size(current_database())";
        let bytes = watched.models.site.database.sql(size).unwrap();
        let megabytes = bytes.trim().parse::<f64>().unwrap() / 1e6;
        (begun.elapsed().as_secs_f64(), megabytes)
    });
    let samples = at_a_rate(&world, rate, minutes * 60.0, SEED).await;
    let (server, database) = (server.end().await, database.end().await);
    run.part("all", &samples);
    run.server(&server);
    let of = |what: fn(&Process) -> f64| server.iter().map(|(at, p)| (*at, what(p))).collect();
    let readings: [(&str, Vec<(f64, f64)>); 3] = [
        ("memory_mb", of(|process| process.memory)),
        ("handles", of(|process| process.handles)),
        ("database_mb", database),
    ];
    for (name, readings) in readings {
        let slope = Slope::of(&readings, WARMING);
        let (first, last) = (readings[0].1, readings[readings.len() - 1].1);
        run.figure(name, json!({"first": first, "last": last, "slope": slope}));
        // A database keeps what it is told; a process must not.
        if let (true, Some(slope)) = (name != "database_mb" && minutes >= 15.0, slope) {
            let bound = if name == "handles" { 5.0 } else { 3.0 };
            // The whole interval must lie below it: one that is wide says too little, and that is told.
            if slope.from <= bound && bound < slope.to {
                println!("{name}: not decided, run longer");
            }
            let says = format!("{name} does not grow (≤ {bound} an hour)");
            run.bar(&says, slope.to <= bound);
        }
    }
    run.end();
}
