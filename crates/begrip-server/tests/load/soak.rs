//! A long time at a steady rate: whether memory, handles or database grow, with the interval of each slope.
//!
//! ```text
//! BEGRIP_SOAK_MIN=60 cargo test --release --package begrip-server --test load soak -- --nocapture
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use begrip_mock_model::Latency;
use serde_json::json;

use crate::arrivals::{Watching, at_a_rate};
use crate::setting;
use crate::told::{Process, Run, is_long};
use crate::users::World;

/// A slope by least squares, an hour, with what lies within 95 % to either side.
#[derive(Clone, Copy, Debug)]
struct Slope {
    an_hour: f64,
    within: f64,
}

/// Of points (hours, value). Neighbours in time are alike, so that many readings are worth fewer: each
/// minute's mean counts once.
fn slope(points: &[(f64, f64)]) -> Slope {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let both: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let an_hour = both / spread;
    let left = |(x, y): &(f64, f64)| y - mean_y - an_hour * (x - mean_x);
    let squares: f64 = points.iter().map(|point| left(point).powi(2)).sum();
    let error = (squares / (count - 2.0) / spread).sqrt();
    Slope {
        an_hour,
        within: 1.96 * error,
    }
}

/// The mean of each stretch of so many seconds.
fn stretches(readings: &[(f64, f64)], seconds: f64) -> Vec<(f64, f64)> {
    let mut means: Vec<(f64, f64, f64)> = Vec::new();
    for (at, value) in readings {
        let stretch = (at / seconds).floor() * seconds / 3_600.0;
        match means.last_mut() {
            Some((last, sum, count)) if *last == stretch => {
                *sum += value;
                *count += 1.0;
            }
            _ => means.push((stretch, *value, 1.0)),
        }
    }
    means
        .iter()
        .map(|(at, sum, count)| (*at, sum / count))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_at_a_steady_rate() {
    let minutes = setting("BEGRIP_SOAK_MIN", 0.1);
    let rate = setting("BEGRIP_SOAK_RATE", 10.0);
    let users = if is_long() { 100 } else { 12 };
    let parameters = json!({"minutes": minutes, "a_second": rate, "users": users, "seed": 5,
        "left_out": "the first third, in which caches fill"});
    let mut run = Run::of("soak", parameters);
    let latency = Latency {
        first_ms: 20.0,
        ..Latency::default()
    };
    let world = World::new(users, latency).await;
    let (watched, begun, pid) = (Arc::clone(&world), Instant::now(), world.node.pid());
    let watching = Watching::each(Duration::from_millis(1_000), move || {
        let size = "SELECT pg_database_size(current_database())";
        let bytes = watched.models.site.database.sql(size).unwrap();
        let database = bytes.trim().parse::<f64>().unwrap() / 1e6;
        (begun.elapsed().as_secs_f64(), Process::of(pid), database)
    });
    let seconds = minutes * 60.0;
    let samples = at_a_rate(&world, rate, seconds, 5).await;
    let seen = watching.end().await;
    run.part("all", &samples);
    let later: Vec<_> = seen
        .iter()
        .filter(|(at, ..)| *at >= seconds / 3.0)
        .collect();
    let readings: [(&str, Vec<(f64, f64)>); 3] = [
        (
            "memory_mb",
            later.iter().map(|(at, p, _)| (*at, p.memory)).collect(),
        ),
        (
            "handles",
            later.iter().map(|(at, p, _)| (*at, p.handles)).collect(),
        ),
        (
            "database_mb",
            later.iter().map(|(at, _, mb)| (*at, *mb)).collect(),
        ),
    ];
    for (name, readings) in readings {
        let each = if minutes >= 15.0 { 60.0 } else { 1.0 };
        let Slope { an_hour, within } = slope(&stretches(&readings, each));
        let (first, last) = (readings[0].1, readings[readings.len() - 1].1);
        run.figure(
            name,
            json!({"first": first, "last": last, "slope_an_hour": an_hour, "within_95": within}),
        );
        // A database keeps what it is told; a process must not.
        if name != "database_mb" && minutes >= 15.0 {
            let bound = if name == "handles" { 5.0 } else { 3.0 };
            let flat = an_hour - within <= 0.0 || an_hour + within <= bound;
            run.bar(&format!("{name} does not grow (≤ {bound} an hour)"), flat);
        }
    }
    run.end();
}

#[test]
fn a_slope_has_the_known_interval() {
    // y = 3 x + noise of ±1 in turn.
    let points: Vec<(f64, f64)> = (0..100)
        .map(|n| {
            (
                f64::from(n),
                3.0 * f64::from(n) + if n % 2 == 0 { 1.0 } else { -1.0 },
            )
        })
        .collect();
    let Slope { an_hour, within } = slope(&points);
    assert!(
        (an_hour - 3.0).abs() < within && within < 0.01,
        "{an_hour} ± {within}"
    );
    let flat: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, y - 3.0 * x)).collect();
    let Slope { an_hour, within } = slope(&flat);
    assert!(an_hour.abs() < within, "{an_hour} ± {within}");
}
