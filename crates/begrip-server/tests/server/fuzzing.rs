//! Every address asked by schemathesis (PyPI), which makes questions up from the description: what fits it, what does not,
//! and what follows from an answer before.
//!
//! A short run of each part stands in the test command. By hand, for long, with its words kept in a file:
//!
//! ```text
//! BEGRIP_FUZZ_EXAMPLES=200 BEGRIP_FUZZ_RESULTS=results cargo test --package begrip-server --test server fuzzing -- --nocapture
//! ```
#![allow(
    clippy::print_stdout,
    reason = "a long run by hand tells what it found"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use begrip_measure::about::About;
use begrip_measure::scenario::write_beside;
use serde_json::Value;

use crate::foreign::python;
use crate::models::Models;
use crate::support::{Node, wait_for};

/// What no answer may be.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Lines of events stay open, on purpose.
const STAYS_OPEN: [&str; 2] = ["/v1/sync/events", "/v1/jobs/{job}/events"];

/// Addresses with one role: those that ask models, then all others, among which are bounds upon that.
const PARTS: [(&str, &str, &str); 2] = [
    ("models", "author", "--include-path-regex"),
    ("others", "administrator", "--exclude-path-regex"),
];

const MODELS: &str = "^/v1/(chat|embeddings|models|jobs)";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Keeps what it says in a folder that is named, or in one that goes with the build.
fn keep(about: &mut About, part: &str, said: &str) {
    about.end();
    let folder = match std::env::var_os("BEGRIP_FUZZ_RESULTS") {
        Some(named) => root().join(named),
        None => PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    };
    let kind = format!("fuzz-{part}");
    let name = about.file_name(&kind).replace(".json", ".txt");
    let head = about.sentence(&kind).replace(".json", ".txt");
    let path = write_beside(&folder, &name, &format!("{head}\n\n{said}")).unwrap();
    println!("written: {}", path.display());
}

/// Answers of the server by route and status, by its own count.
async fn answers(node: &Node) -> BTreeMap<(String, String), f64> {
    let text = node.caller("").get("/metrics").await.text().await.unwrap();
    let of = |line: &str| {
        let (labels, count) = line
            .strip_prefix("begrip_http_request_duration_seconds_count{")?
            .split_once("} ")?;
        let label = |name: &str| {
            let (_, rest) = labels.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        Some(((label("route")?, label("status")?), count.parse().ok()?))
    };
    let mut answers: BTreeMap<_, f64> = BTreeMap::new();
    for (key, count) in text.lines().filter_map(of) {
        let count: f64 = count;
        *answers.entry(key).or_default() += count;
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_fits_or_does_not_fit_the_description_brings_the_server_down() {
    let examples = std::env::var("BEGRIP_FUZZ_EXAMPLES").unwrap_or_else(|_| "4".to_owned());
    let models = Models::new().await;
    let node = models.node();
    let mut about = About::begin(&root(), !cfg!(debug_assertions), examples == "4", 1);
    for (part, role, choice) in PARTS {
        let token = models.site.token("OM", role);
        let mut asking = python("schemathesis");
        // It leaves notes where it stands.
        asking
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .args(["run", &format!("{}/v1/openapi.json", node.url)])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--header", "Begrip-Protocol: 1"])
            .args([
                "--checks",
                CHECKS,
                "--phases",
                "examples,coverage,fuzzing,stateful",
            ])
            .args(["--max-examples", &examples, "--seed", "1", "--no-color"])
            // These go by the clock and by luck.
            .args(["--suppress-health-check", "filter_too_much,too_slow"])
            .args(["--generation-database", "none", "--request-timeout", "60"])
            .args(["--continue-on-failure", "--no-shrink", "--warnings", "off"])
            .args([choice, MODELS]);
        for address in STAYS_OPEN {
            asking.args(["--exclude-path", address]);
        }
        let output = tokio::task::spawn_blocking(move || asking.output().unwrap());
        let output = output.await.unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        // The token is this run's own, and still nobody's to read.
        let said = said.replace(&token, "…");
        keep(&mut about, part, &said);
        assert!(output.status.success(), "{said}");
    }

    // By the server's own count: every address was asked, and what needs a right question got some.
    let answers = answers(&node).await;
    let count = |route: &str, good: fn(&str) -> bool| -> f64 {
        let of = answers
            .iter()
            .filter(|((at, status), _)| at == route && good(status));
        of.map(|(_, count)| count).sum()
    };
    let description = node.caller("").get("/v1/openapi.json").await;
    let description: Value = description.json().await.unwrap();
    for path in description["paths"].as_object().unwrap().keys() {
        if !STAYS_OPEN.contains(&path.as_str()) {
            assert!(count(path, |_| true) > 0.0, "{path} was not asked");
        }
        assert_eq!(
            count(path, |status| status.starts_with("500")),
            0.0,
            "{path}"
        );
    }
    for path in [
        "/v1/chat/completions",
        "/v1/embeddings",
        "/v1/jobs",
        "/v1/sync/commands",
        "/v1/admin/users",
    ] {
        assert!(
            count(path, |status| status.starts_with('2')) > 0.0,
            "{path}: nothing but refusals"
        );
    }
    assert!(models.calls() > 0);
    let figures = node.caller("").get("/metrics").await.text().await.unwrap();
    let panics = figures
        .lines()
        .find(|line| line.starts_with("begrip_panics_total"));
    assert!(
        panics.is_some_and(|line| line.ends_with(" 0")),
        "{panics:?}"
    );
    wait_for("the server to be ready", || async {
        node.caller("").get("/health/ready").await.status() == 200
    })
    .await;
}
