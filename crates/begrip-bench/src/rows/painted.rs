//! From a click to the painted page: drafts in the real window, timed by the page itself.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use begrip_mock_model::{MockConfig, MockModel};
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::open_loop::model_time;
use super::window::{PATIENCE, appears};
use crate::bench::Bench;

const START: &str = "[data-testid='compose-start']";
/// What stands on the screen with and without a draft.
const EITHER: &str = "[data-testid='compose-start'], [data-testid='compose-clear']";
const CLEAR: &str = "[data-testid='compose-clear']";
const SURE: &str = "[data-testid='clear-sure']";

const FILL: &str = "
    const field = document.querySelector(\"[data-testid='compose-term']\");
    field.value = arguments[0];
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
";

/// Times the next click on the button from its event: until the first words and until the whole
/// definition with its findings stand in the page, and until the frame that shows them was made: a
/// timer that is set within a frame fires after its painting. (A message through a channel would too, but
/// it goes by way of the web view's network process, which is busy with the program's answers just then.)
const PROBE: &str = "
    const painted = (then) => requestAnimationFrame(() => {
        setTimeout(() => then(performance.now()));
    });
    const seen = { first: null, there: null, whole: null };
    window.begripPainted = seen;
    let pressed = null, words = false;
    document.querySelector(\"[data-testid='compose-start']\").addEventListener('click', () => {
        pressed = performance.now();
    }, { capture: true, once: true });
    const watch = new MutationObserver(() => {
        if (pressed === null) return;
        const draft = document.querySelector(\"[data-testid='drafting-text'] .definition\")?.textContent ?? '';
        const field = document.querySelector(\"[data-testid='result'] [data-testid='definition']\");
        if (!words && (draft.trim() || field?.value)) {
            words = true;
            painted((at) => { seen.first = at - pressed; });
        }
        if (field?.value && document.querySelector(\"[data-testid='result'] [data-testid='finding']\")) {
            watch.disconnect();
            seen.there = performance.now() - pressed;
            painted((at) => { seen.whole = at - pressed; });
        }
    });
    watch.observe(document.querySelector('main'), { childList: true, characterData: true, subtree: true });
";

/// A button that does nothing but change its word, and when that was painted.
const BARE: &str = "
    const button = document.createElement('button');
    button.id = 'begrip-bare';
    button.style = 'position:fixed;left:0;bottom:0;z-index:9';
    button.textContent = '0';
    document.body.append(button);
    window.begripBare = [];
    button.addEventListener('click', () => {
        const pressed = performance.now();
        button.textContent = Number(button.textContent) + 1;
        requestAnimationFrame(() => {
            setTimeout(() => window.begripBare.push(performance.now() - pressed));
        });
    }, true);
";

/// Milliseconds from the click.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Seen {
    /// Until the first words were painted.
    first: f64,
    /// Until the whole stood in the page, before its frame.
    there: f64,
    /// Until the whole was painted.
    whole: f64,
}

/// What was measured, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Painted {
    /// Drafts that the model makes: first words, and the whole.
    pub first: Vec<f64>,
    pub whole: Vec<f64>,
    /// Kept answers: painted, and before the frame.
    pub cached: Vec<f64>,
    pub cached_there: Vec<f64>,
    /// A click that changes one word: what drawing takes by itself.
    pub bare: Vec<f64>,
}

/// A model with its declared time.
pub(super) async fn model(bench: &Bench) -> Result<MockModel> {
    MockModel::start(MockConfig {
        latency: model_time(bench),
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await
}

/// Drafts each term once by the model and then `again` times from what is kept. The terms are such whose
/// answers are kept.
pub(super) async fn drafts(
    client: &Client,
    mock: &MockModel,
    terms: &[&str],
    again: usize,
) -> Result<Painted> {
    let mut painted = Painted::default();
    for term in terms {
        let seen = draft(client, term, "outgoing-details").await?;
        painted.first.push(seen.first);
        painted.whole.push(seen.whole);
    }
    ensure!(mock.calls() == terms.len(), "{} calls", mock.calls());
    for _ in 0..again {
        for term in terms {
            let seen = draft(client, term, "outgoing-cached").await?;
            painted.cached.push(seen.whole);
            painted.cached_there.push(seen.there);
        }
    }
    ensure!(mock.calls() == terms.len(), "a kept answer made a call");
    painted.bare = bare(client, terms.len() * again).await?;
    Ok(painted)
}

/// So many clicks that change one word of the page as it stands.
async fn bare(client: &Client, clicks: usize) -> Result<Vec<f64>> {
    client.execute(BARE, vec![]).await?;
    let mut painted = Vec::new();
    for click in 0..clicks {
        client
            .find(Locator::Css("#begrip-bare"))
            .await?
            .click()
            .await?;
        let begun = Instant::now();
        while painted.len() <= click {
            if begun.elapsed() > PATIENCE {
                bail!("click {click} was never painted");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let answer = client.execute("return window.begripBare", vec![]).await?;
            painted = serde_json::from_value(answer)?;
        }
    }
    Ok(painted)
}

/// Until the button has stood still for a moment: what is told of the term comes above it, and a click would
/// land where it was.
async fn at_rest(client: &Client) -> Result<()> {
    let place = "return document.querySelector(arguments[0]).getBoundingClientRect().top";
    let begun = Instant::now();
    let (mut before, mut still) = (Value::Null, 0);
    while still < 3 {
        let now = client.execute(place, vec![json!(START)]).await?;
        still = if now == before { still + 1 } else { 0 };
        before = now;
        if begun.elapsed() > PATIENCE {
            bail!("the page does not come to rest");
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    Ok(())
}

/// One draft, on an empty form; `shown` is what the page has to show before the click.
async fn draft(client: &Client, term: &str, shown: &str) -> Result<Seen> {
    client
        .execute("location.hash = '#/opstellen'", vec![])
        .await?;
    appears(client, EITHER).await?;
    if client.find(Locator::Css(CLEAR)).await.is_ok() {
        client.find(Locator::Css(CLEAR)).await?.click().await?;
        until(client, "clear-sure").await?;
        client.find(Locator::Css(SURE)).await?.click().await?;
        appears(client, START).await?;
    }
    client.execute(FILL, vec![json!(term)]).await?;
    until(client, shown).await?;
    at_rest(client).await?;
    client.execute(PROBE, vec![]).await?;
    client.find(Locator::Css(START)).await?.click().await?;
    let begun = Instant::now();
    loop {
        let seen: Value = client
            .execute("return window.begripPainted", vec![])
            .await?;
        if !seen["whole"].is_null() && !seen["first"].is_null() {
            return Ok(serde_json::from_value(seen)?);
        }
        if begun.elapsed() > PATIENCE {
            bail!("{term} was never painted: {seen}");
        }
        // Whoever asks the page how far it is takes its time.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until what has this mark is shown: it may stand in a dialog that is not open yet.
async fn until(client: &Client, mark: &str) -> Result<()> {
    let begun = Instant::now();
    let look = format!(
        "return (document.querySelector(\"[data-testid='{mark}']\")?.getClientRects().length ?? 0) > 0"
    );
    while client.execute(&look, vec![]).await? != Value::Bool(true) {
        if begun.elapsed() > PATIENCE {
            bail!("`{mark}` was never shown");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
