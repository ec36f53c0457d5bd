//! What is counted, for Prometheus and as JSON. A label holds only words of the program, so that no caller can
//! make rows without end or read a name in them.

use std::time::Duration;

use begrip_llm::Fate;
use begrip_sync::{Answer, Outcome};
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::{Metric, MetricFamily, MetricType};
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use serde_json::{Map, Value, json};

/// Upper bounds of the steps in which times are counted, in seconds.
const STEPS: [f64; 11] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0,
];

/// Every figure of this node.
pub struct Figures {
    registry: Registry,
    requests: HistogramVec,
    commands: IntCounterVec,
    model_answers: IntCounterVec,
    components: IntGaugeVec,
    job_rows: IntGaugeVec,
    job_ends: IntCounterVec,
    /// Seconds that the open job that waits the longest has seen no row end.
    pub job_waits: Gauge,
    /// Panics, wherever in the program.
    pub panics: IntCounter,
    /// Connections with callers.
    pub callers: IntGauge,
    /// Connections that came while there were as many as there may be.
    pub beyond: IntCounter,
    /// Connections with the database.
    pub connections: IntGauge,
    /// Requests that wait for a connection.
    pub waiting: IntGauge,
    /// Open lines of events.
    pub streams: IntGauge,
}

impl Figures {
    /// Nothing counted yet. Error: a name is no name or stands twice, a fault of this program.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let requests = HistogramOpts::new(
            "begrip_http_request_duration_seconds",
            "Time from a request to its answer.",
        );
        let requests = HistogramVec::new(
            requests.buckets(STEPS.to_vec()),
            &["method", "route", "status"],
        )?;
        let commands = Opts::new(
            "begrip_sync_commands_total",
            "Commands of workstations by what became of them; stale is a conflict.",
        );
        let model_answers = Opts::new(
            "begrip_model_answers_total",
            "Answers to questions for a model by where they came from; miss, revalidated and bypassed are calls.",
        );
        let components = Opts::new(
            "begrip_component_up",
            "1 for a part that works, 0 for one that does not.",
        );
        let job_rows = Opts::new(
            "begrip_job_rows",
            "Rows of jobs of all organisations that are kept, by state.",
        );
        let job_ends = Opts::new(
            "begrip_job_rows_total",
            "Rows of jobs that this node asked, by how that ended; later is a job that waits for what is away.",
        );
        let build = Opts::new("begrip_build_info", "1; the label tells the version.");
        let figures = Self {
            requests: kept(&registry, requests)?,
            commands: kept(&registry, IntCounterVec::new(commands, &["outcome"])?)?,
            model_answers: kept(&registry, IntCounterVec::new(model_answers, &["from"])?)?,
            components: kept(&registry, IntGaugeVec::new(components, &["component"])?)?,
            job_rows: kept(&registry, IntGaugeVec::new(job_rows, &["state"])?)?,
            job_ends: kept(&registry, IntCounterVec::new(job_ends, &["outcome"])?)?,
            job_waits: kept(
                &registry,
                Gauge::new(
                    "begrip_job_waiting_seconds",
                    "Seconds since the last end of a row, of the open job that waits the longest; 0 without one.",
                )?,
            )?,
            panics: kept(
                &registry,
                IntCounter::new(
                    "begrip_panics_total",
                    "Faults of this program that ended a request, a row of a job or a worker.",
                )?,
            )?,
            callers: gauge(
                &registry,
                "begrip_connections",
                "Open connections with callers.",
            )?,
            beyond: kept(
                &registry,
                IntCounter::new(
                    "begrip_connections_beyond_total",
                    "Connections that came while there were as many as there may be: told so, or hung up on.",
                )?,
            )?,
            connections: gauge(
                &registry,
                "begrip_database_connections",
                "Connections with the database.",
            )?,
            waiting: gauge(
                &registry,
                "begrip_database_waiting",
                "Requests that wait for a connection with the database.",
            )?,
            streams: gauge(&registry, "begrip_event_streams", "Open lines of events.")?,
            registry,
        };
        let build = kept(&figures.registry, IntGaugeVec::new(build, &["version"])?)?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        // What did not happen yet is 0 and not absent: a rule on it has something to look at.
        for outcome in OUTCOMES {
            figures.commands.with_label_values(&[outcome]);
        }
        for fate in Fate::ALL {
            figures.model_answers.with_label_values(&[fate.as_str()]);
        }
        figures.job_rows(|_| 0);
        for outcome in ["done", "failed", "later"] {
            figures.job_ends.with_label_values(&[outcome]);
        }
        // Processor, memory, open files and start of this process.
        let process = ProcessCollector::for_self();
        figures.registry.register(Box::new(process))?;
        Ok(figures)
    }

    /// Counts an answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .observe(took.as_secs_f64());
    }

    /// Counts what became of commands.
    pub fn commands(&self, answers: &[Answer]) {
        for answer in answers {
            let outcome = outcome(&answer.outcome);
            self.commands.with_label_values(&[outcome]).inc();
        }
    }

    /// Counts an answer to a question for a model.
    pub fn model_answer(&self, fate: Fate) {
        self.model_answers.with_label_values(&[fate.as_str()]).inc();
    }

    /// Counts the end of a row of a job.
    pub fn job_row(&self, outcome: &str) {
        self.job_ends.with_label_values(&[outcome]).inc();
    }

    /// How many rows of jobs there are in each state.
    pub fn job_rows(&self, of: impl Fn(&str) -> i64) {
        for state in ["queued", "running", "done", "failed"] {
            self.job_rows.with_label_values(&[state]).set(of(state));
        }
    }

    /// Whether a part works.
    pub fn component(&self, name: &str, up: bool) {
        self.components
            .with_label_values(&[name])
            .set(i64::from(up));
    }

    /// In the form that Prometheus reads.
    pub fn text(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }

    /// The same as JSON: by name, each row with its labels.
    pub fn json(&self) -> Value {
        let families = self.registry.gather();
        let families = families
            .iter()
            .map(|family| (family.name().to_owned(), rows(family)));
        Value::Object(families.collect())
    }
}

fn gauge(registry: &Registry, name: &str, help: &str) -> prometheus::Result<IntGauge> {
    kept(registry, IntGauge::new(name, help)?)
}

/// Registers something that is counted.
fn kept<C: Collector + Clone + 'static>(registry: &Registry, counted: C) -> prometheus::Result<C> {
    registry.register(Box::new(counted.clone()))?;
    Ok(counted)
}

/// Every word of [`outcome`].
const OUTCOMES: [&str; 5] = ["accepted", "merged", "same", "stale", "refused"];

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { merged: false, .. } => "accepted",
        Outcome::Accepted { merged: true, .. } => "merged",
        Outcome::Same { .. } => "same",
        Outcome::Stale { .. } => "stale",
        Outcome::Refused { .. } => "refused",
    }
}

fn rows(family: &MetricFamily) -> Value {
    let kind = family.get_field_type();
    let rows = family.get_metric().iter();
    rows.map(|metric| row(kind, metric)).collect()
}

/// One row: its labels and its value, or count, sum and mean of times.
fn row(kind: MetricType, metric: &Metric) -> Value {
    let labels = metric.get_label().iter();
    let labels: Map<String, Value> = labels
        .map(|pair| (pair.name().to_owned(), pair.value().into()))
        .collect();
    let value = match kind {
        MetricType::HISTOGRAM => {
            let times = metric.get_histogram();
            let (count, sum) = (times.get_sample_count(), times.get_sample_sum());
            return json!({ "labels": labels, "count": count, "sum": sum, "mean": sum / count as f64 });
        }
        MetricType::COUNTER => metric.get_counter().get_value(),
        _ => metric.get_gauge().get_value(),
    };
    json!({ "labels": labels, "value": value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_once_in_every_step_above_its_time() {
        let figures = Figures::new().unwrap();
        figures.answered("GET", "/v1/x", 200, Duration::from_millis(30));
        figures.answered("GET", "/v1/x", 200, Duration::from_secs(600));
        let text = figures.text().unwrap();
        let labels = "method=\"GET\",route=\"/v1/x\",status=\"200\"";
        for line in [
            format!("_bucket{{{labels},le=\"0.025\"}} 0"),
            format!("_bucket{{{labels},le=\"0.05\"}} 1"),
            format!("_bucket{{{labels},le=\"+Inf\"}} 2"),
            format!("_count{{{labels}}} 2"),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
        let rows = &figures.json()["begrip_http_request_duration_seconds"];
        assert_eq!(rows[0]["count"], 2);
        assert_eq!(rows[0]["labels"]["route"], "/v1/x");
    }
}
