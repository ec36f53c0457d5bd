//! What those who watch the server see of it while others work: whether it says that it is ready, and its figures, and how
//! long each takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use begrip_measure::scenario::kept;
use begrip_measure::statistics::Spread;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::support::Caller;
use crate::told::{Run, is_long};

/// How often is looked: much oftener than a balancer or Prometheus does, so that a short run tells something too.
const EACH: Duration = Duration::from_millis(200);

/// Somebody who looks until they are told to stop.
pub struct Probes {
    over: Arc<AtomicBool>,
    looking: tokio::task::JoinHandle<Seen>,
}

/// Milliseconds for each look, and what was wrong.
#[derive(Default)]
struct Seen {
    ready: Vec<f64>,
    figures: Vec<f64>,
    wrong: Vec<String>,
}

/// Asks once: how long until all of it was there, and what it says.
async fn look(caller: &Caller, path: &str) -> (f64, Result<String, String>) {
    let asked = Instant::now();
    let url = format!("{}{path}", caller.url);
    let answered = async {
        let response = caller.http.get(url).send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.text().await?))
    };
    let said = match answered.await {
        Ok((200, text)) => Ok(text),
        Ok((status, text)) => Err(format!("{path}: {status} {text}")),
        Err(error) => Err(format!("{path}: {error}")),
    };
    (asked.elapsed().as_secs_f64() * 1_000.0, said)
}

impl Probes {
    /// Begins to look at this server.
    pub fn begin(caller: &Caller) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, caller) = (Arc::clone(&over), caller.clone());
        let looking = tokio::spawn(async move {
            let mut seen = Seen::default();
            while !ends.load(Ordering::SeqCst) {
                let (took, said) = look(&caller, "/health/ready").await;
                seen.ready.push(took);
                let ready = said.and_then(|text| {
                    let told: Value =
                        serde_json::from_str(&text).map_err(|error| error.to_string())?;
                    match told["ready"] == true && told["components"]["database"] != "down" {
                        true => Ok(()),
                        false => Err(text),
                    }
                });
                let (took, said) = look(&caller, "/metrics").await;
                seen.figures.push(took);
                let figures = said.and_then(|text| {
                    match text.contains("begrip_http_request_duration_seconds_count") {
                        true => Ok(()),
                        false => Err("/metrics: no figures of requests".to_owned()),
                    }
                });
                seen.wrong
                    .extend([ready.err(), figures.err()].into_iter().flatten());
                sleep(EACH).await;
            }
            seen
        });
        Self { over, looking }
    }

    /// Stops looking and tells what was seen; what was wrong fails the run, a missed bar a long one alone.
    pub async fn end(self, run: &mut Run) {
        self.over.store(true, Ordering::SeqCst);
        let seen = self.looking.await.unwrap();
        let parts = [
            ("probe_ready", "/health/ready", &seen.ready, 10.0),
            ("probe_metrics", "/metrics", &seen.figures, 100.0),
        ];
        for (name, path, times, most) in parts {
            let spread = Spread::of(times).unwrap();
            println!(
                "{path:>14} {} looks, median {:.1} ms, p95 {:.1} ms, most {:.1} ms",
                spread.n, spread.p50, spread.p95, spread.max
            );
            run.quiet_figure(name, kept(times));
            run.bar(&format!("{path} p95 < {most} ms"), spread.p95 < most);
        }
        let says = match seen.wrong.first() {
            None => "each look found the server ready, with its figures".to_owned(),
            Some(wrong) => format!("each look found the server ready, with its figures: {wrong}"),
        };
        // A short run stands beside all other tests: a look may come late there.
        if is_long() {
            run.must(&says, seen.wrong.is_empty());
        }
    }
}
