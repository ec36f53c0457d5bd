//! When people come: after thinking, at one instant, or at a rate whatever the server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::told::Sample;
use crate::users::{Deed, World, drawn};

/// How a result says of [`at_a_rate`] what it is.
pub const OPEN: &str = "open: exponential gaps, whether or not those before are ready; times count from when they were due";

/// The time until the next of people who know nothing of each other, `mean` seconds on average.
fn gap(rng: &mut Rng, mean: f64) -> Duration {
    Duration::from_secs_f64(-(1.0 - rng.f64()).ln() * mean)
}

/// Every user does something, thinks for a while, and does the next.
pub async fn thinking(world: &Arc<World>, think: f64, seconds: f64, seed: u64) -> Vec<Sample> {
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(seconds);
    let mut working = JoinSet::new();
    for (number, user) in world.users.iter().enumerate() {
        let (world, user) = (Arc::clone(world), Arc::clone(user));
        working.spawn(async move {
            let mut rng = Rng::with_seed(seed + number as u64);
            let mut samples = Vec::new();
            loop {
                let next = Instant::now() + gap(&mut rng, think);
                if next >= until {
                    return samples;
                }
                sleep_until(next).await;
                let (deed, asked) = (drawn(&mut rng), Instant::now());
                let became = world.does(&user, deed).await;
                samples.push(Sample::of(deed, begun, asked, became));
            }
        });
    }
    working.join_all().await.concat()
}

/// Somebody comes at random times, so many a second, whether or not those before are ready. Times count
/// from when they came.
pub async fn at_a_rate(world: &Arc<World>, rate: f64, seconds: f64, seed: u64) -> Vec<Sample> {
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(seconds);
    let (mut rng, mut due, mut working) = (Rng::with_seed(seed), begun, JoinSet::new());
    loop {
        due += gap(&mut rng, 1.0 / rate);
        if due >= until {
            break;
        }
        sleep_until(due).await;
        let user = Arc::clone(&world.users[rng.usize(..world.users.len())]);
        let (world, deed) = (Arc::clone(world), drawn(&mut rng));
        working.spawn(async move {
            let became = world.does(&user, deed).await;
            Sample::of(deed, begun, due, became)
        });
    }
    working.join_all().await
}

/// All of them at one instant, each about a term.
pub async fn at_once(world: &Arc<World>, terms: &[String]) -> Vec<Sample> {
    let ready = Arc::new(Barrier::new(terms.len()));
    let mut working = JoinSet::new();
    let begun = Instant::now();
    for (number, term) in terms.iter().cloned().enumerate() {
        let user = Arc::clone(&world.users[number % world.users.len()]);
        let (world, ready) = (Arc::clone(world), Arc::clone(&ready));
        working.spawn(async move {
            ready.wait().await;
            let asked = Instant::now();
            let became = world.asked(&user, term, "any").await;
            Sample::of(Deed::New, begun, asked, became)
        });
    }
    working.join_all().await
}

/// Looks at something every now and then until it is dropped.
pub struct Watching<T> {
    over: Arc<AtomicBool>,
    seen: tokio::task::JoinHandle<Vec<T>>,
}

impl<T: Send + 'static> Watching<T> {
    pub fn each(pause: Duration, mut look: impl FnMut() -> T + Send + 'static) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let seen = tokio::task::spawn_blocking(move || {
            let mut seen = vec![look()];
            while !ends.load(Ordering::SeqCst) {
                std::thread::sleep(pause);
                seen.push(look());
            }
            seen
        });
        Self { over, seen }
    }

    pub async fn end(self) -> Vec<T> {
        self.over.store(true, Ordering::SeqCst);
        self.seen.await.unwrap()
    }
}
