//! LiteLLM's proxy beside the gateway: the same questions, the same model server, one run.
//!
//! ```text
//! python3 -m venv /tmp/litellm && /tmp/litellm/bin/pip install 'litellm[proxy]'
//! BEGRIP_LITELLM=/tmp/litellm/bin/litellm BEGRIP_LOAD_S=10 \
//!   cargo test --release --package begrip-server --test load litellm -- --nocapture
//! ```

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use begrip_mock_model::{MockConfig, MockModel};
use serde_json::{Value, json};

use crate::known::{CLOSED, load, wire};
use crate::models::{Models, asking, question};
use crate::setting;
use crate::told::Run;

/// Ends with the test.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What its users sign in with; it refuses to start with a short one.
const TOKEN: &str = "sk-belasting-4f0c9be27d51a8e36b90";

fn start(program: &std::ffi::OsStr, mock: &MockModel, folder: &std::path::Path) -> (Proxy, String) {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = format!(
        "model_list:\n  - model_name: groot\n    litellm_params:\n      model: openai/groot\n      \
         api_base: {}/v1\n      api_key: x\nlitellm_settings:\n  cache: true\n  cache_params:\n    \
         type: local\n  telemetry: false\ngeneral_settings:\n  master_key: {TOKEN}\n",
        mock.url()
    );
    let path = folder.join("litellm.yaml");
    std::fs::write(&path, config).unwrap();
    let child = Command::new(program)
        .arg("--config")
        .arg(&path)
        .args([
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--num_workers",
            "1",
        ])
        .current_dir(folder)
        .env("LITELLM_LOG", "ERROR")
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (Proxy(child), format!("127.0.0.1:{port}"))
}

/// The text of an answer.
fn content(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(
        body["choices"][0]["message"]["content"]
            .as_str()?
            .to_owned(),
    )
}

async fn asked(address: &str, token: &str) -> Option<String> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/v1/chat/completions");
    let sent = http
        .post(url)
        .bearer_auth(token)
        .json(&question("vonnis"))
        .send();
    content(&sent.await.ok()?.bytes().await.ok()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn litellm_beside_the_gateway() {
    let Some(program) = std::env::var_os("BEGRIP_LITELLM") else {
        println!(
            "skipped: BEGRIP_LITELLM names no LiteLLM proxy; it comes from PyPI and is not part of this project"
        );
        return;
    };
    let connections = setting("BEGRIP_LOAD_CONNECTIONS", 50.0) as usize;
    let seconds = setting("BEGRIP_LOAD_S", 1.0);
    let mut run = Run::of(
        "litellm",
        0,
        json!({"connections": connections, "seconds_each": seconds, "arrivals": CLOSED,
            "known_keys": 1, "distribution": "the one known question", "model": "answers at once",
            "litellm": "one worker, cache in memory, master key"}),
    );
    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    });
    let mock = mock.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_proxy, there) = start(&program, &mock, folder.path());
    let mut right = None;
    for _ in 0..600 {
        right = asked(&there, TOKEN).await;
        if right.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let right = right.expect("LiteLLM does not come up");
    let models = Models::new().await;
    let node = models.node();
    let token = models.site.token("OM", "author");
    let first = asking(&node.caller(&token), &question("vonnis"))
        .send()
        .await
        .unwrap();
    let first = first.bytes().await.unwrap();
    assert_eq!(
        content(&first).as_ref(),
        Some(&right),
        "both ask the same model"
    );
    let here = node.url.trim_start_matches("http://").to_owned();
    // It keeps the first answer a moment later.
    asked(&there, TOKEN).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let same = move |_: usize, body: &[u8]| content(body).as_ref() == Some(&right);
    let before = mock.calls();
    let theirs = load(&there, &[wire(&there, TOKEN)], connections, same.clone()).await;
    let asked_again = mock.calls() - before;
    let ours = load(&here, &[wire(&here, &token)], connections, same).await;
    println!("LiteLLM: {theirs}");
    println!("gateway: {ours}");
    run.figure("litellm", theirs.told());
    run.figure("litellm_calls_for_known", asked_again);
    run.figure("gateway", ours.told());
    run.figure("ratio", ours.rate / theirs.rate);
    assert_eq!((ours.wrong, models.calls()), (0, 1));
    run.bar(
        "at least ten times as many",
        ours.rate >= 10.0 * theirs.rate,
    );
    run.end();
}
