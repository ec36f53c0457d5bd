//! Whether the window goes on while it works: a heart that beats every 10 ms in the page, while a
//! batch runs, a draft streams in and a text is checked key by key.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use begrip_mock_model::{Behaviour, Latency, MockConfig, MockModel, When};
use fantoccini::Client;
use serde_json::{Value, json};

use super::typing;
use super::window::{PATIENCE, SEARCH, appears};

/// The term whose draft streams in, slowly enough to be watched.
pub(super) const TERM: &str = "enkelband";

/// Notes the time between two beats. A page that is busy beats late.
const HEART: &str = "
    window.begripBeats = [];
    let last = performance.now();
    setInterval(() => {
        const now = performance.now();
        window.begripBeats.push(now - last);
        last = now;
    }, 10);
";

const DRAFT: &str = "
    const field = document.querySelector(\"[data-testid='compose-term']\");
    field.value = arguments[0];
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    requestAnimationFrame(() => document.querySelector(\"[data-testid='compose-start']\").click());
";

const CALL: &str = "
    const [command, args, done] = arguments;
    window.__TAURI_INTERNALS__.invoke('call', { command, args })
        .then((ok) => done({ ok }), (error) => done({ error }));
";

/// A model that keeps the batch going for as long as the rest takes.
pub(super) async fn model() -> Result<MockModel> {
    let model = MockModel::start(MockConfig {
        latency: Latency {
            first_ms: 50.0,
            per_output_token_ms: 2.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await?;
    let term = TERM.to_owned();
    model.set_behaviour(When::Term { term }, Behaviour::SlowDrip { delay_ms: 30 });
    Ok(model)
}

/// Milliseconds between beats from before the first of the work until after the last of it.
pub(super) async fn beats(client: &Client, rows: usize, keys: usize) -> Result<Vec<f64>> {
    client.execute(HEART, vec![]).await?;
    let mut table = String::from("term\n");
    for row in 0..rows {
        writeln!(table, "proefbegrip {row}")?;
    }
    // The page has the coding that files cross the border in; the table is plain ASCII.
    let content = client
        .execute("return btoa(arguments[0])", vec![json!(table)])
        .await?;
    let file = json!({ "name": "reeks.csv", "content": content });
    let job = call(client, "job_create", json!({ "file": file, "start": true })).await?;
    client
        .execute("location.hash = '#/opstellen'", vec![])
        .await?;
    appears(client, "[data-testid='compose-term']").await?;
    client.execute(DRAFT, vec![json!(TERM)]).await?;
    appears(client, "[data-testid='drafting-text']").await?;
    appears(client, "[data-testid='result']").await?;
    // The draft has a field of that name too: away from it first.
    client.execute("location.hash = '#/zoeken'", vec![]).await?;
    appears(client, SEARCH).await?;
    typing::keys(client, keys).await?;
    let begun = Instant::now();
    loop {
        let job = call(client, "job_get", json!({ "id": job["id"] })).await?;
        if job["state"] == "done" {
            break;
        }
        if begun.elapsed() > PATIENCE * 10 {
            bail!("the batch never ended: {job}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let beats = client.execute("return window.begripBeats", vec![]).await?;
    Ok(serde_json::from_value(beats)?)
}

async fn call(client: &Client, command: &str, request: Value) -> Result<Value> {
    let arguments = vec![json!(command), request];
    let answer = client.execute_async(CALL, arguments).await?;
    match answer["error"].is_null() {
        true => Ok(answer["ok"].clone()),
        false => bail!("{command}: {}", answer["error"]),
    }
}
