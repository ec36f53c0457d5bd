//! What stands in `deploy/` for Prometheus and Grafana, run by a real Prometheus on a real server.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use begrip_sync::Sharing;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::homes::Running;
use crate::support::{Site, concept, new, put, wait_for};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// A program of Debian's package `prometheus`.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null());
    command
}

/// Runs `promtool`, which must find nothing wrong; what it says.
#[track_caller]
fn promtool(args: &[&str], input: &str) -> String {
    let mut child = program("promtool")
        .args(args)
        .current_dir(deploy().join("prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is not installed; on Debian and Ubuntu: apt-get install prometheus");
    let mut to = child.stdin.take().unwrap();
    to.write_all(input.as_bytes()).unwrap();
    drop(to);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "promtool {args:?}: {said}");
    said
}

#[test]
fn each_alert_fires_when_it_must_and_not_in_ordinary_use() {
    promtool(&["check", "rules", "begrip-server.rules.yml"], "");
    promtool(&["check", "config", "prometheus.yml"], "");
    promtool(&["test", "rules", "begrip-server.test.yml"], "");
    let tests =
        std::fs::read_to_string(deploy().join("prometheus/begrip-server.test.yml")).unwrap();
    for (name, _) in alerts() {
        assert!(tests.contains(&format!("\"{name}\"")), "{name} has no test");
    }
}

/// Each alert with its expression. The file is in a plain form, checked by `promtool` as YAML.
fn alerts() -> Vec<(String, String)> {
    let text =
        std::fs::read_to_string(deploy().join("prometheus/begrip-server.rules.yml")).unwrap();
    let rules = text.split("- alert: ").skip(1);
    let rules = rules.map(|rule| {
        let (name, rest) = rule.split_once('\n').unwrap();
        let (_, expression) = rest.split_once("expr: ").unwrap();
        let end = ["\n        for:", "\n        labels:"]
            .iter()
            .filter_map(|mark| expression.find(mark))
            .min();
        let expression = expression[..end.unwrap()].trim_start_matches('|');
        (name.to_owned(), expression.trim().to_owned())
    });
    rules.collect()
}

/// Each query of the dashboard, with the title of its panel.
fn panels() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(deploy().join("grafana/begrip-server.json")).unwrap();
    let board: Value = serde_json::from_str(&text).unwrap();
    let panels = board["panels"].as_array().unwrap().iter();
    let queries = panels.flat_map(|panel| {
        let title = panel["title"].as_str().unwrap();
        let targets = panel["targets"].as_array().unwrap().iter();
        // Grafana fills in a few times what lies between two looks.
        targets.map(move |target| {
            let query = target["expr"].as_str().unwrap();
            (title.to_owned(), query.replace("$__rate_interval", "10s"))
        })
    });
    queries.collect()
}

/// The names of figures in a query.
fn names(query: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    query
        .split(|c| !word(c))
        .filter(|name| name.starts_with("begrip_") || name.starts_with("process_") || *name == "up")
        .map(str::to_owned)
        .collect()
}

/// A running Prometheus that looks at a server five times a second.
struct Prometheus {
    _running: Running,
    _folder: TempDir,
    url: String,
    http: reqwest::Client,
}

impl Prometheus {
    fn of(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = std::fs::read_to_string(deploy().join("prometheus/prometheus.yml")).unwrap();
        let config = example
            .replace("15s", "200ms")
            .replace("127.0.0.1:8600", server.strip_prefix("http://").unwrap());
        assert!(config.contains("200ms") && !config.contains("8600"));
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let rules = "begrip-server.rules.yml";
        std::fs::copy(
            deploy().join("prometheus").join(rules),
            folder.path().join(rules),
        )
        .unwrap();
        // It takes a port and not a line that is open already.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let running = program("prometheus")
            .current_dir(folder.path())
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "prometheus is not installed; on Debian and Ubuntu: apt-get install prometheus",
            );
        Self {
            _running: Running(running),
            _folder: folder,
            url: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// What it answers; `None` while it does not.
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Option<Value> {
        let mut url = reqwest::Url::parse(&format!("{}{path}", self.url)).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        let response = self.http.get(url).send().await.ok()?;
        let status = response.status();
        let body: Value = response.json().await.ok()?;
        assert_eq!(status, StatusCode::OK, "{query:?}: {body}");
        Some(body["data"].clone())
    }

    /// The rows of a query.
    async fn rows(&self, query: &str) -> Vec<Value> {
        let data = self.ask("/api/v1/query", &[("query", query)]).await;
        let rows = data.and_then(|data| data["result"].as_array().cloned());
        rows.unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_reads_the_figures_and_every_panel_and_alert_asks_for_what_is_there() {
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    let prometheus = Prometheus::of(&node.url);
    wait_for("prometheus to look", || async {
        !prometheus.rows("up == 1").await.is_empty()
    })
    .await;
    let text = |from: &str, to: &str| json!({"definition": [from, to]});
    caller.push(&[new(1, "term", Sharing::Chain)]).await;
    caller
        .push(&[put(concept(1), 1, text("tekst", "een"), None)])
        .await;
    caller
        .push(&[put(concept(1), 1, text("tekst", "twee"), None)])
        .await;
    for _ in 0..7 {
        caller.get("/v1/sync/hello").await;
    }
    let exact =
        "begrip_http_request_duration_seconds_count{route=\"/v1/sync/hello\",status=\"200\"} == 7";
    wait_for("the seven requests", || async {
        !prometheus.rows(exact).await.is_empty()
    })
    .await;
    let stale = "begrip_sync_commands_total{outcome=\"stale\"} == 1";
    assert_eq!(prometheus.rows(stale).await.len(), 1);

    for (title, query) in panels() {
        wait_for(&format!("{title}: {query}"), || async {
            // Something goes on while it is looked at.
            caller.get("/v1/sync/hello").await;
            !prometheus.rows(&query).await.is_empty()
        })
        .await;
    }
    let known = prometheus
        .ask("/api/v1/label/__name__/values", &[])
        .await
        .unwrap();
    let known: BTreeSet<&str> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    for (name, query) in alerts() {
        let asked = names(&query);
        assert!(!asked.is_empty(), "{name}");
        for figure in asked {
            assert!(known.contains(figure.as_str()), "{name} asks for {figure}");
        }
        prometheus
            .ask("/api/v1/query", &[("query", &query)])
            .await
            .unwrap();
    }
    let rules = prometheus.ask("/api/v1/rules", &[]).await.unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
    assert_eq!(rules.len(), alerts().len());
    for rule in rules {
        assert_ne!(rule["health"], "err", "{rule}");
    }
    // Nothing is wrong with the form of what it read.
    let figures = caller.get("/metrics").await.text().await.unwrap();
    assert_eq!(promtool(&["check", "metrics"], &figures), "");
}
